"""The serial line as `make run` has it, shared with QEMU's monitor: typed at in
bursts, and more of it than anybody can take.

    what is typed --> QEMU --> UART, 16 characters --> ring, 1024 --> a line, 255
                      waits                            drops: told    drops: told

There (and not with plain stdio) the next character comes while the last one is
being read, and the interrupt that it raises finds its work done already.
"""
import os
import re
import select

from qemu import Machine, Qemu, Unexpected
from test_monitor import CTRL_C, CTRL_U, PROMPT, RELEASE, UP, ask, require

BURSTS = 2000
PASTE = 100 * 1000
BUSY = 'run /bin/sh -c "cat </dev/zero >/dev/null"'
TTY = 4095   # characters that wait for a program, and the end of their line
LOST = r'^(\d+) characters typed did not fit.*, and are lost\.$'


def boot(log):
    machine = Machine(RELEASE, cpu='max', serial='mon:stdio',
                      options=('-initrd', 'build/initramfs.cpio'))
    return Qemu(machine.command(), log)


def paste(qemu, data, burst):
    """As a terminal does: as fast as QEMU takes it, while it is being read."""
    fd = qemu.proc.stdin.fileno()
    while data:
        qemu.read(0)
        if select.select([], [fd], [], 1)[1]:
            data = data[os.write(fd, data[:burst]):]


def still_answers(qemu):
    """=> what it said before"""
    qemu.settle()
    qemu.send(CTRL_U)
    start = qemu.seen
    qemu.send('sym kmain\r')
    qemu.expect(r'0xc01\w{5}.*kmain\n(?:.*\n)*' + PROMPT + r'\Z')
    said = qemu.text[start:]
    require('nobody cared' not in qemu.text, 'the line is taken for a stuck one')
    return said


def bursts(log):
    """Arrows, three characters each, while nothing else runs, and while the
    machine has something to do."""
    with boot(log) as qemu:
        qemu.expect(f'^{PROMPT}')
        for typed, end in ('', ''), ('pressure\r', r'^All is given back'):
            qemu.send(typed)
            for _ in range(BURSTS):
                paste(qemu, UP.encode(), len(UP))
            qemu.expect(end)
            said = still_answers(qemu)
            require(not typed or re.search(LOST, said, re.M), 'nothing lost?')
    return 2


def pasted(text):
    """A paste of 100 KB, at the prompt."""
    def run(log):
        data = (text * (PASTE // len(text))).encode()
        with boot(log) as qemu:
            qemu.expect(f'^{PROMPT}')
            for burst in 7, 4096:
                paste(qemu, data + b'\r', burst)
                said = still_answers(qemu)
                lost = sum(int(n) for n in re.findall(LOST, said, re.M))
                require(lost <= len(data), f'{lost} lost')
                if '\r' not in text:
                    require(lost >= len(data) - 255, f'{lost} said to be lost')
        return 2
    return run


def busy(log):
    """While a program runs that reads nothing: what it has no room for is told
    when the prompt is back, to the last character."""
    with boot(log) as qemu:
        qemu.expect(f'^{PROMPT}')
        for burst in 7, 4096:
            qemu.send(BUSY + '\r')
            qemu.expect('null"\n')
            paste(qemu, b'x' * PASTE, burst)
            qemu.expect('\a' * 1000)
            qemu.send(CTRL_C)
            lost = int(qemu.expect(LOST + f'\n{PROMPT}')[1])
            require(lost == PASTE - TTY, f'{lost} lost, not {PASTE - TTY}')
            still_answers(qemu)
    return 2


SCRIPTS = [('bursts', bursts), ('paste-line', pasted('0123456789')),
           ('paste-lines', pasted('sym kmain\r')), ('busy', busy)]
