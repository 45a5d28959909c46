"""session.py - gdb and its QEMU: from the first instruction to the end.

   debug.sh --> gdb --> memoir-start --> QEMU, a child of gdb
                 |                          |
                 +-- gdb exits ------------>| is killed
                 |<- "connection closed" ---+ exits
"""
import os
import signal

import gdb

BASE = os.environ['MEMOIR_BASE']  # of file names: debug.sh sets it
QEMU = 'target remote | exec bash -c "exec $MEMOIR_QEMU"'  # and this

HELLO = """
This is the first instruction of the kernel; paging is still off. `help memoir`
lists what this gdb can do beyond the usual; docs/debugging.md has examples.
"""


def stop():
    """End QEMU. Asked politely, it would only stop (-no-shutdown), or not
    answer if it is stuck, and gdb would wait for it for ever."""
    try:
        os.kill(int(open(BASE + '.pid').read()), signal.SIGKILL)
        os.unlink(BASE + '.pid')
    except (OSError, ValueError):
        pass  # it has ended
    try:
        gdb.execute('disconnect', to_string=True)
    except gdb.error:
        pass  # "connection closed": just so


def restart(why):
    """Another QEMU, which has not run yet."""
    gdb.write(f'{why} Starting it anew.\n')
    stop()
    gdb.execute(QEMU, to_string=True)


class Start(gdb.Command):
    """memoir-start: run QEMU up to the kernel's first instruction.

It begins in the BIOS, where the kernel is not loaded yet. A hardware breakpoint
does not care; one written into memory would be overwritten."""

    def __init__(self):
        super().__init__('memoir-start', gdb.COMMAND_SUPPORT)

    def invoke(self, _arg, _from_tty):
        gdb.execute(QEMU)
        gdb.execute('thbreak boot_entry')
        gdb.execute('continue')
        gdb.write(HELLO)


class Type(gdb.Command):
    """type TEXT: type TEXT and Enter on the kernel's serial line.

The kernel reads it once it runs: `continue`. Not in a replay, where all input
is what was typed while recording."""

    def __init__(self):
        super().__init__('type', gdb.COMMAND_SUPPORT)

    def invoke(self, arg, _from_tty):
        # Non-blocking: with QEMU gone, that is an error and not a wait.
        try:
            line = os.open(BASE + '-serial.in', os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            raise gdb.GdbError('Nobody hears that: this is a replay, or QEMU '
                               'has ended.')
        os.write(line, (arg + '\r').encode())
        os.close(line)


gdb.events.gdb_exiting.connect(lambda _event: stop())
Start()
Type()
