"""memoir.py - what gdb learns about the kernel; debug.sh has gdb load it.

   session.py    QEMU's beginning and end; `type`
   unwind.py     backtraces through traps and assembly
   trapframe.py  how those look; `ptregs`
   memory.py     `pt`
   klog.py       `dmesg`
   replay.py     a recorded run: `rwatch`, `seek`, reverse-stepi ...
"""
import os
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import klog       # noqa: E402,F401 (they are found only now)
import memory     # noqa: E402,F401
import replay     # noqa: E402
import session    # noqa: E402,F401
import trapframe  # noqa: E402,F401


class Memoir(gdb.Command):
    """memoir: the commands that this kernel adds to gdb.

  pt ADDR       how the CPU translates an address: the page-table walk
  ptregs        the registers that a trap saved, decoded
  dmesg         the kernel's log
  type TEXT     type a line on the serial line

In a recorded run (make debug-reverse):
  rwatch EXPR   who wrote this? Back to the last change before now
  seek N        go to the moment after N instructions, earlier or later
  reverse-stepi, reverse-continue    backwards

`bt` goes on through traps. `help NAME` tells more about each."""

    def __init__(self):
        super().__init__('memoir', gdb.COMMAND_SUPPORT)

    def invoke(self, _arg, _from_tty):
        gdb.execute('help memoir')


Memoir()
gdb.execute('set confirm off')
gdb.execute('set disassembly-flavor intel')  # what NASM writes
gdb.execute('memoir-start')
if replay.recorded():
    replay.start()
else:
    gdb.write('The serial line is shown here; `type` types on it.\n')
