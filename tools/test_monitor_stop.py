"""Ctrl-C at the monitor: every command ends soon, and what it took is back.

    LONGEST: command -> what keeps it busy for longest; none: it is done at once

A command that is not in LONGEST fails: whoever adds one says here how it is
stopped, or that it need not be.
"""
import re
import time

from qemu import Machine, Qemu, Unexpected
from test_monitor import CTRL_C, PROMPT, RELEASE, ask, require

INITRAMFS = ('-initrd', 'build/initramfs.cpio')
EMPTY_SLABS = 256  # KiB that caches may keep
SECONDS = 20   # of the host's, for what takes one or two of the machine's
LONGEST = {
    'alloc': None, 'arena': 'arena 10000', 'bench': 'bench *',
    'buddy': None, 'compare': 'compare 100M', 'contexts': 'contexts',
    'cpu': None, 'crash': None, 'dmesg': 'dmesg', 'drain': None,
    'frag': 'frag keep',
    'free': None, 'help': 'help', 'irqs': None, 'kfree': None, 'kill': None,
    'kmalloc': None, 'kwho': None, 'leaks': 'leaks', 'locks': 'locks',
    'map': 'map', 'maps': None, 'mem': None, 'mempool': 'mempool',
    'owners': None, 'page': None, 'peek': 'peek kmain 64k', 'poke': None,
    'poweroff': None, 'pressure': 'pressure', 'ps': 'ps', 'pt': 'pt 0 0xffffffff',
    'reboot': None, 'reserve': None, 'run': 'run /bin/cat',
    'slab': 'slab kmalloc-8', 'slabs': 'slabs all', 'sym': 'sym *',
    'test': 'test *', 'timers': None, 'uptime': None, 'vfree': None, 'vmalloc': None,
    'vmap': 'vmap', 'vmas': None, 'zones': None,
}
# More of those with many parts: each must look.
MORE = ['test stress.*', 'test user.m*', 'bench user*', 'sym 0xc*; sym *',
        'frag; frag; frag', 'pressure; test *']


def free_kib(qemu):
    """With what caches keep given back."""
    ask(qemu, 'frag', 'Giving back the rest')
    return int(ask(qemu, 'mem', r'of which (\d+) KiB are free')[1])


def listen(qemu, seconds):
    """Unread output would stop the line."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        qemu.read(end - time.monotonic())


def stop(qemu, typed, after):
    """Ctrl-C, `after` seconds after the line was typed."""
    qemu.send(typed + '\r')
    qemu.expect(re.escape(typed) + '\n')
    listen(qemu, after)
    qemu.send(CTRL_C)
    try:
        qemu.expect(rf'(?:^|\n|\^C){PROMPT}', SECONDS)
        qemu.send('sym kmain\r')
        qemu.expect(rf'0xc01\w{{5}} .* kmain\n{PROMPT}', SECONDS)
    except Unexpected as problem:
        raise Unexpected(f'{typed!r} does not stop: {problem}') from None
    require('It does not stop' not in qemu.text,
            f'{typed!r} does not look at command_stopped()')


def commands_there(qemu):
    return re.findall(r'^  ([a-z]\w*)(?= |$)',
                      ask(qemu, 'help', r'(?s).*')[0], re.M)


def every_command(memory):
    def run(log):
        machine = Machine(RELEASE, memory=memory, options=INITRAMFS)
        with Qemu(machine.command('soak=3600'), log) as qemu:
            qemu.expect(f'^{PROMPT}')
            there = commands_there(qemu)
            require(len(there) > 30, f'help lists {there}')
            unknown = set(there) - set(LONGEST)
            require(not unknown, f'how is Ctrl-C tested of {unknown}? Say it '
                    f'in {__file__}')
            lines = [line for line in LONGEST.values() if line] + MORE
            for again in False, True:
                if again:
                    free = free_kib(qemu)
                for line in lines:
                    stop(qemu, line, 0.05 if again else 0.5)
            ask(qemu, 'frag undo', 'nothing to undo')
            ask(qemu, 'leaks', '^0 objects')
            now = free_kib(qemu)
            require(now >= free - EMPTY_SLABS,
                    f'{free} KiB were free, now {now} KiB')
        return 2 * len(lines)
    return run


def left_behind(log):
    """What looks at nothing is left behind, and the prompt works on."""
    with Qemu(Machine(RELEASE, memory=32).command(), log) as qemu:
        qemu.expect(f'^{PROMPT}')
        for _ in range(3):
            qemu.send('crash endless-loop\r')
            listen(qemu, 0.3)
            qemu.send(CTRL_C)
            qemu.expect(rf'It does not stop: .* thread \d+\.\n{PROMPT}', SECONDS)
            ask(qemu, 'sym kmain; ps', r'0xc01\w{5}(.*\n)+.* monitor ')
        qemu.send('typed ahead\r')
        qemu.expect('There is no command "typed"')
    return 3


def run_list(log):
    """run= is stopped as a whole, and what was typed ahead is dropped."""
    option = 'run="test *; sym kmain; poweroff"'
    with Qemu(Machine(RELEASE).command(option), log) as qemu:
        qemu.expect('KTAP')
        qemu.send('poweroff\r' + CTRL_C)
        qemu.expect(rf'\^C\n{PROMPT}', SECONDS)
        ask(qemu, 'sym kmain', r'0xc01\w{5}')
    return 1


SCRIPTS = [(f'stop-{memory}M', every_command(memory)) for memory in (64, 1100)]
SCRIPTS += [('stop-left-behind', left_behind), ('stop-run-list', run_list)]
