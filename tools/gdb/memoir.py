"""memoir.py - what gdb learns about the kernel; debug.sh loads it.

   memoir.py     the session: where it starts, how it ends, `type`
   trapframe.py  backtraces through traps; `ptregs`
   memory.py     `pt`
   klog.py       `dmesg`
   replay.py     a recorded run: `rwatch`, `seek`, reverse-stepi ...

`help memoir` lists the commands.
"""
import os
import signal
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

BASE = os.environ.get('MEMOIR_BASE', 'build/debug')

HELLO = """
This is the first instruction of the kernel; paging is still off. `help memoir`
lists what this gdb can do beyond the usual; docs/debugging.md has examples.
The serial line's output is shown here and kept in {base}-serial.out.
"""


class Prefix(gdb.Command):
    """memoir: the commands that this kernel adds to gdb.

  pt ADDR       how the CPU translates an address: the page-table walk
  ptregs        the registers that a trap saved, decoded
  dmesg         the kernel's log
  type TEXT     type a line on the serial line (it is read when you continue)

In a recorded run (make debug-reverse):
  rwatch EXPR   who wrote this? The last write before now
  seek N        go to the moment after N instructions, earlier or later
  reverse-stepi, reverse-continue    backwards

`bt` goes on through traps. `help NAME` tells more about each."""

    def __init__(self):
        super().__init__('memoir', gdb.COMMAND_SUPPORT)

    def invoke(self, _arg, _from_tty):
        gdb.execute('help memoir')


class Start(gdb.Command):
    """Run to the kernel's first instruction; debug.sh calls this once.

QEMU stops before its BIOS. The BIOS would find an ordinary breakpoint's byte
overwritten when it loads the kernel, on any machine but QEMU: so hbreak."""

    def __init__(self):
        super().__init__('memoir-start', gdb.COMMAND_SUPPORT)

    def invoke(self, _arg, _from_tty):
        gdb.execute('thbreak boot_entry')
        gdb.execute('continue')
        if replay.recorded():
            replay.start()
        gdb.write(HELLO.format(base=BASE))


class Type(gdb.Command):
    """type TEXT: type TEXT and Enter on the kernel's serial line.

The kernel reads it once it runs: `continue`. Not in a replay, where all input
is what was typed while recording."""

    def __init__(self):
        super().__init__('type', gdb.COMMAND_SUPPORT)

    def invoke(self, arg, _from_tty):
        if replay.recorded():
            raise gdb.GdbError('A replay hears only what was recorded.')
        with open(BASE + '-serial.in', 'w') as line:
            line.write(arg + '\r')


def kill_qemu(_event):
    """A stuck QEMU 7.2 ignores gdb's SIGTERM, and gdb would wait for it."""
    try:
        os.kill(int(open(BASE + '.pid').read()), signal.SIGKILL)
    except (OSError, ValueError):
        pass


gdb.execute('set confirm off')
gdb.execute('set disassembly-flavor intel')
gdb.events.gdb_exiting.connect(kill_qemu)

import klog       # noqa: E402 (they need the path and the settings above)
import memory     # noqa: E402
import replay     # noqa: E402
import trapframe  # noqa: E402

Prefix()
Start()
Type()
