"""The first and the last moments: how the kernel is started, and how it stops.

    gdb's protocol, spoken here: a breakpoint, a register, continue

      $Z1,ADDR,1#xx     -->     $OK#9a       a hardware breakpoint
      $c#63             -->     $T05..       stopped there
      $g#67             -->     $02b0ad2b..  all registers; first eax, which
      $G00000000..#xx   -->     $OK#9a       says who loaded us
"""
import os
import re
import socket
import struct

import ktap
from qemu import ROOT, Machine, Qemu, Unexpected

RELEASE, DEBUG = 'build/memoir.elf', 'build/debug/memoir.elf'
ISO = 'build/memoir.iso'
ISO_LIMIT = 2400 * 1000   # bytes
PROMPT = '^memoir> '


def entry_point():
    """Where the ELF header says that the kernel begins."""
    header = (ROOT / RELEASE).read_bytes()[:28]
    return struct.unpack_from('<I', header, 24)[0]


class Stub:
    """QEMU's gdb stub."""

    def __init__(self, qemu, path):
        self.socket = socket.socket(socket.AF_UNIX)
        qemu.wait_for('a socket for gdb', lambda: self.socket.connect_ex(
            os.path.relpath(path)) == 0)

    def send(self, text):
        self.socket.sendall(b'$%s#%02x' % (text.encode(),
                                           sum(text.encode()) & 0xff))

    def ask(self, text):
        """Send a packet and return the answer to it."""
        self.send(text)
        answer = b''
        while answer[-3:-2] != b'#':
            part = self.socket.recv(1024)
            if not part:
                raise Unexpected(f'{text}: gdb stub closed the connection')
            answer += part
        self.socket.sendall(b'+')
        return answer[answer.index(b'$') + 1:-3].decode()


def ends_with(qemu, status):
    problem = qemu.run()
    if problem or qemu.status != status:
        raise Unexpected(f'{problem or "it ended"}, status {qemu.status} '
                         f'instead of {status}')


def not_by_multiboot(log):
    """Whoever jumps in without the magic number is told, and that is all."""
    path = log.with_suffix('.gdb')
    path.unlink(missing_ok=True)
    machine = Machine(RELEASE, options=(
        '-S', '-gdb', f'unix:{path.relative_to(ROOT)},server=on,wait=off'))
    with Qemu(machine.command(), log, monitor=True) as qemu:
        stub = Stub(qemu, path)
        stub.ask(f'Z1,{entry_point():x},1')
        stub.ask('c')
        registers = stub.ask('g')
        if stub.ask('G' + '00000000' + registers[8:]) != 'OK':
            raise Unexpected('the gdb stub cannot set eax')
        stub.ask(f'z1,{entry_point():x},1')
        stub.send('c')
        said = qemu.expect('.*Multiboot.*')[0].strip()
        qemu.settle()
        if 'HLT=1' not in qemu.hmp('info registers'):
            raise Unexpected('the CPU is not halted')
        cells = qemu.hmp('xp /2000hx 0xb8000').split()
        screen = ''.join(chr(int(cell, 16) & 0xff) for cell in cells
                         if cell.startswith('0x'))
        if said not in screen:
            raise Unexpected(f'on the serial line, not on screen: {said!r}')
    path.unlink(missing_ok=True)
    return 1


def no_bios(log):
    """Where none has left its data, as under UEFI, that is said."""
    path = log.with_suffix('.gdb')
    path.unlink(missing_ok=True)
    machine = Machine(RELEASE, options=(
        '-S', '-gdb', f'unix:{path.relative_to(ROOT)},server=on,wait=off'))
    with Qemu(machine.command(), log) as qemu:
        stub = Stub(qemu, path)
        stub.ask(f'Z1,{entry_point():x},1')
        stub.ask('c')
        stub.ask(f'z1,{entry_point():x},1')
        if stub.ask('M413,2:0000') != 'OK':
            raise Unexpected('the gdb stub cannot write memory')
        stub.send('c')
        qemu.expect(r'no BIOS here \(UEFI\?\): only the serial line')
        qemu.expect(PROMPT)
    path.unlink(missing_ok=True)
    return 1


def too_little_memory(log):
    machine = Machine(RELEASE, memory=2)
    with Qemu(machine.command('panic=exit'), log) as qemu:
        qemu.expect(r'kernel panic: no memory: .* has 1532 KiB of\s+'
                    r'RAM, 3072 are needed')
        ends_with(qemu, ktap.EXIT_PANIC)
    return 1


def four_mib_are_enough(log):
    """With mem=4M of a large machine, and of one that has no more."""
    for memory, options in ((128, 'mem=4M'), (4, '')):
        for image in RELEASE, DEBUG:
            machine = Machine(image, cpu='max', memory=memory)
            with Qemu(machine.command(options), log) as qemu:
                qemu.expect(PROMPT)
                qemu.send('alloc 8\r')
                qemu.expect('^(?!.*fail).*0xc0.*')
    return 2


def option_that_is_none(log):
    options = 'frobnicate=9 mem=lots vmalloc=1K'
    with Qemu(Machine(RELEASE).command(options), log) as qemu:
        qemu.expect("unknown option 'frobnicate'")
        qemu.expect("mem='lots' makes no sense; it is mem=SIZE")
        qemu.expect("vmalloc='1K' makes no sense; it is vmalloc=SIZE")
        qemu.expect(PROMPT)
    return 1


def vmalloc_takes_low_memory(log):
    machine = Machine(RELEASE, memory=1024)
    with Qemu(machine.command('vmalloc=512M'), log) as qemu:
        qemu.expect('direct map of 492 MiB')
        qemu.expect('vmalloc window of 512 MiB at 0xdf400000')
        qemu.expect(PROMPT)
    return 1


def panic_can_reboot(log):
    options = 'run="crash ud2" panic=reboot'   # -no-reboot: QEMU ends instead
    with Qemu(Machine(RELEASE).command(options), log) as qemu:
        qemu.expect(r'\*\*\* invalid opcode')
        ends_with(qemu, 0)
    return 1


def panic_halts(log):
    with Qemu(Machine(RELEASE).command('run="crash ud2"'), log,
              monitor=True) as qemu:
        qemu.expect(r'\*\*\* invalid opcode')
        qemu.expect('the machine is halted')
        qemu.settle()
        if 'HLT=1' not in qemu.hmp('info registers'):
            raise Unexpected('the CPU is not halted')
    return 1


def iso_shows_map_and_prompt(log):
    """What a newcomer sees: `make run` boots this image, at once."""
    size = (ROOT / ISO).stat().st_size
    if size >= ISO_LIMIT:
        raise Unexpected(f'{ISO} has {size} bytes: not below {ISO_LIMIT}')
    with Qemu(Machine(ISO, cpu='max').command(), log) as qemu:
        qemu.expect(r'loader: GRUB')
        qemu.expect(r'0000100000-0007fd?\w+ +\d+ KiB +usable')
        qemu.expect(PROMPT)
    return 1


def no_interrupts(log):
    machine = Machine(RELEASE, options=('-M', 'pc,pic=off'))
    with Qemu(machine.command(), log) as qemu:
        qemu.expect('pic: no interrupt controller: no timer')
        qemu.expect(PROMPT)
    return 1


def timer_that_does_not_tick(log):
    """It is said, and something else ticks; with a TSC and without."""
    for cpu in 'max', 'qemu32,-tsc':
        machine = Machine(RELEASE, cpu=cpu, options=(
            '-M', 'pc,pit=off', '-initrd', 'build/initramfs.cpio'))
        with Qemu(machine.command('panic=exit'), log) as qemu:
            qemu.expect('pit: the timer does not count: the clock chip')
            qemu.expect(PROMPT)
            for typed in 'frag', 'run /test/time', 'test time*':
                qemu.send(typed + '\r')
                qemu.expect(f'\n{PROMPT}')
            said = 'no TSC' if '-tsc' in cpu else 'MHz'
            if not re.search(rf'cpu: .*{said}', qemu.text):
                raise Unexpected('the clock is not measured')
            if not re.search(r'Totals: pass:\d+ fail:0', qemu.text):
                raise Unexpected('a test has failed')
    return 2


SCRIPTS = [('not-by-multiboot', not_by_multiboot),
           ('no-bios', no_bios),
           ('too-little-memory', too_little_memory),
           ('four-mib-are-enough', four_mib_are_enough),
           ('option-that-is-none', option_that_is_none),
           ('vmalloc-takes-low-memory', vmalloc_takes_low_memory),
           ('no-interrupts', no_interrupts),
           ('timer-that-does-not-tick', timer_that_does_not_tick),
           ('panic-can-reboot', panic_can_reboot),
           ('panic-halts', panic_halts),
           ('iso-shows-map-and-prompt', iso_shows_map_and_prompt)]
