"""trapframe.py - what a trap looks like: in `bt`, and in `ptregs`.

   #2  trap_dispatch (regs=0xc0123f1c)
   #3  trap_common (vector=14, error=2)      <-- TrapFrame
   #4  crash_wild_write                      <-- InterruptedFrame
   #5  cmd_crash

unwind.py finds the frames; here they get the right name, line and arguments.
"""
import gdb
from gdb.FrameDecorator import FrameDecorator

from unwind import (FIELDS, INTERRUPTS, OFFSET, PUSHED, UNWINDER, in_assembly,
                    register, register_name, routine, starts_function, symbol,
                    trap_regs)

FLAGS = {0: 'carry', 2: 'parity', 6: 'zero', 7: 'sign', 8: 'trap',
         9: 'interrupts', 10: 'down', 11: 'overflow'}


class Argument:
    def __init__(self, name, value):
        self.name, self.content = name, value

    def symbol(self):
        return self.name

    def value(self):
        return self.content


class AssemblyFrame(FrameDecorator):
    """Its name without the label, and something for none at all."""

    def function(self):
        return routine(self.inferior_frame().pc()) or '??'


class TrapFrame(AssemblyFrame):
    """#3 trap_common (vector=14, error=2)"""

    def frame_args(self):
        frame = self.inferior_frame()
        regs = trap_regs(frame)
        return [Argument(name, regs[name]) for name in ('vector', 'error')
                if int(regs) + OFFSET[name] >= register(frame, 'esp')]


class InterruptedFrame(FrameDecorator):
    """Function and place of pc, where those of the instruction before it, for
    which gdb looks, are wrong: at a function's beginning, and for a fault."""

    def __init__(self, decorator, vector):
        super().__init__(decorator)
        pc = self.inferior_frame().pc()
        self.name = symbol(pc) if starts_function(pc) else None
        if in_assembly(pc):
            self.name = routine(pc)
        self.place = gdb.find_pc_line(pc)
        self.exact = self.place.symtab and (self.name or vector < INTERRUPTS)

    def function(self):
        return self.name or super().function() or '??'

    def filename(self):
        return self.place.symtab.filename if self.exact else super().filename()

    def line(self):
        return self.place.line if self.exact else super().line()


class TrapFilter:
    """What `bt` prints of these; and not that 0 called kmain."""

    def __init__(self):
        self.name, self.priority, self.enabled = 'memoir', 100, True
        gdb.frame_filters[self.name] = self

    def filter(self, frames):
        for decorator in frames:
            frame = decorator.inferior_frame()
            vector = UNWINDER.interrupted.get(
                (register(frame, 'esp'), frame.pc()))
            if trap_regs(frame):
                yield TrapFrame(decorator)
            elif vector is not None and frame.newer():
                yield InterruptedFrame(decorator, vector)
            elif frame.pc() == 0 and frame.newer():
                return
            elif in_assembly(frame.pc()) or not frame.name():
                yield AssemblyFrame(decorator)
            else:
                yield decorator


class PtRegs(gdb.Command):
    """ptregs [REGS]: the registers that a trap saved, decoded.

REGS is a struct pt_regs * (`ptregs regs` in trap_dispatch); without it, those
of the newest trap on the stack."""

    def __init__(self):
        super().__init__('ptregs', gdb.COMMAND_STACK)

    def invoke(self, arg, _from_tty):
        try:
            regs = gdb.parse_and_eval(arg) if arg else self.newest()
            get = {name: int(regs[name]) for name in FIELDS}
        except gdb.error as error:
            raise gdb.GdbError(f'{arg} is no struct pt_regs: {error}')
        name = 'interrupt'
        if get['vector'] < INTERRUPTS:
            text = gdb.parse_and_eval(f"'trap.c'::names[{get['vector']}]")
            name = text.string() if text else 'reserved exception'
        ring = get['cs'] & 3
        flags = [flag for bit, flag in FLAGS.items()
                 if get['flags'] >> bit & 1]
        gdb.write(f"{name} (vector {get['vector']}), error {get['error']:#x}, "
                  f"in ring {ring}\n"
                  f"at   {get['ip']:08x}  {symbol(get['ip']) or '?'}\n"
                  f"eflags {get['flags']:08x}: {', '.join(flags)}\n")
        shown = PUSHED + (('sp', 'ss') if ring else ()) + ('cs',)
        for i in range(0, len(shown), 4):
            gdb.write('  '.join(f'{register_name(name):>3} {get[name]:08x}'
                                for name in shown[i:i + 4]) + '\n')

    @staticmethod
    def newest():
        frame = gdb.newest_frame()
        while frame:
            regs = trap_regs(frame)
            if regs:
                return regs.dereference()
            frame = frame.older()
        raise gdb.GdbError('There is no trap on this stack. (After a double '
                           'fault: frame function trap_fatal, ptregs regs.)')


TrapFilter()
PtRegs()
