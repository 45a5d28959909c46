#!/usr/bin/env python3
"""test_terminal.py - `make debug` and `make debug-reverse` as a person has
them: on a terminal, with Ctrl-C. Prints TAP."""
from pathlib import Path

from tap import ROOT, Tap, Terminal, Unexpected, base

PROMPT = r'^\(gdb\) '
INITIAL_JIFFIES = 2**32 - 300 * 250  # include/jiffies.h
CTRL_C = '\x03'


def qemu_is_gone(name):
    if (ROOT / (base(name) + '.pid')).exists():
        raise Unexpected('QEMU was not ended')
    for line in Path('/proc').glob('[0-9]*/cmdline'):
        try:
            if f'{base(name)}.pid'.encode() in line.read_bytes():
                raise Unexpected(f'QEMU is still there: {line}')
        except OSError:
            pass  # a process that has ended meanwhile


def leave(gdb):
    gdb.send('quit\n', slowly=False)
    status = gdb.wait()
    if status != 0:
        raise Unexpected(f'make ended with status {status}')
    qemu_is_gone(gdb.name)


def start(gdb):
    gdb.expect(PROMPT)
    gdb.gdb('set pagination off')


def interrupt():
    """Ctrl-C in a running kernel, twice: gdb gets it, and nobody else."""
    with Terminal(['make', 'debug', 'APPEND=panic=exit'], 'interrupt') as gdb:
        start(gdb)
        gdb.send('continue\n')
        gdb.expect('^memoir> ')
        for _ in range(2):
            gdb.send(CTRL_C)
            gdb.expect('SIGINT')
            gdb.expect(PROMPT)
            gdb.gdb('bt', r'^#\d+ .*(thread_start|kmain)')
            gdb.gdb('type sym kmain')
            gdb.send('continue\n')
            gdb.expect(r'0xc01\w+ .* kmain\nmemoir> ')
        gdb.send(CTRL_C)
        gdb.expect(PROMPT)
        leave(gdb)


def qemu_ends():
    """The machine is switched off: gdb is still there."""
    with Terminal(['make', 'debug', 'APPEND=panic=exit'], 'ends') as gdb:
        start(gdb)
        gdb.gdb('monitor quit')
        gdb.gdb('continue', 'closed|disconnected|not being run')
        leave(gdb)


def recorded_crash():
    """Typed while recording; and the clock has ticked, which is what makes
    going backwards hard."""
    argv = ['make', 'debug-reverse', 'APPEND=panic=exit']
    with Terminal(argv, 'crash') as gdb:
        gdb.expect('^memoir> ')
        gdb.send('sym kmain\r')
        gdb.expect('^memoir> ')
        gdb.send('crash wild-write\r')
        gdb.expect('Recorded')
        start(gdb)
        gdb.gdb('continue', r'panic_enter')
        ticks = int(gdb.gdb('print jiffies', r'^\$\d+ = (\d+)$')[1])
        found = gdb.gdb('rwatch jiffies', r'changed (\d+) times.*\n +old +(\d+)'
                        r'\n +new +(\d+)\n(?:.*\n)*?.*tick\.c')
        if [int(n) for n in found.groups()] != [ticks - INITIAL_JIFFIES,
                                               ticks - 1, ticks] \
                or ticks <= INITIAL_JIFFIES:
            raise Unexpected(f'{ticks} ticks, but {found[0]}')
        gdb.gdb('reverse-stepi', r'tick\.c')
        here = gdb.gdb('seek', r'^(\d+) instr')[1]
        gdb.send('rwatch jiffies\n', slowly=False)
        gdb.work(0.3)
        gdb.send(CTRL_C)
        gdb.expect('Interrupted')
        gdb.expect(PROMPT)
        gdb.gdb('seek', f'^{here} instr')
        gdb.gdb('rwatch jiffies', f' new +{ticks - 1}\n')
        leave(gdb)


def recorded_until_ctrl_c():
    with Terminal(['make', 'debug-reverse'], 'ctrl-c') as gdb:
        gdb.expect('^memoir> ')
        gdb.send(CTRL_C)
        gdb.expect('Recorded')
        start(gdb)
        gdb.gdb('continue', 'SIGQUIT')
        here = gdb.gdb('seek', r'^(\d+) instr')[1]
        gdb.gdb('rwatch log.next', r'log\.next \+= need')
        gdb.gdb(f'seek {here}', '^#0')
        gdb.gdb('bt', r'^#\d+ .*(thread_start|kmain)')
        leave(gdb)


tap = Tap()
for name, test in [('ctrl_c_stops_a_running_kernel', interrupt),
                   ('the_end_of_qemu_does_not_hang_gdb', qemu_ends),
                   ('what_was_typed_is_replayed_and_searched', recorded_crash),
                   ('ctrl_c_ends_a_recording', recorded_until_ctrl_c)]:
    try:
        test()
        tap.result(True, name)
    except Unexpected as problem:
        tap.result(False, name, problem)
tap.end()
