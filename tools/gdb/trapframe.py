"""trapframe.py - a trap, as gdb sees it: `bt` goes on into what it interrupted.

   #0  pit_irq                                       <-- C: gdb can do that
   #1  handle_irq
   #2  trap_dispatch
   #3  trap_common (vector=32, error=0)              <-- entry.asm: TrapUnwinder
   #4  halt                                          <-- and how the registers
   #5  monitor_run                                       were: InterruptedUnwinder

entry.asm pushes a struct pt_regs piece by piece and pops it again. Where it
lies, as a distance from esp, is found by following the code from trap_common:

   at trap_common   esp -> | vector | error | ip ...     the struct began here:
                           ^------------------------     distance VECTOR
   each push -4, each pop +4, "add esp, 8" +8;  0: esp is at the struct

so that a breakpoint, or stepi, anywhere in it shows the right backtrace.
"""
import re

import gdb
from gdb.FrameDecorator import FrameDecorator
from gdb.unwinder import Unwinder

# struct pt_regs (include/trap.h), and gdb's names for the same.
FIELDS = ('bx', 'cx', 'dx', 'si', 'di', 'bp', 'ax', 'ds', 'es', 'fs', 'gs',
          'vector', 'error', 'ip', 'cs', 'flags', 'sp', 'ss')
GENERAL = {'ebx': 'bx', 'ecx': 'cx', 'edx': 'dx', 'esi': 'si', 'edi': 'di',
           'ebp': 'bp', 'eax': 'ax', 'ds': 'ds', 'es': 'es', 'fs': 'fs',
           'gs': 'gs'}
OFFSET = {name: 4 * i for i, name in enumerate(FIELDS)}

RET, PUSH_EBP = 0xC3, 0x55


def address_of(symbol):
    return int(gdb.parse_and_eval(f"(unsigned int) &'{symbol}'"))


def word(address):
    memory = gdb.selected_inferior().read_memory(address, 4)
    return int.from_bytes(memory.tobytes(), 'little')


def byte(address):
    return gdb.selected_inferior().read_memory(address, 1)[0][0]


def function_start(pc):
    """Where the function begins that pc is in, or None."""
    where = gdb.execute(f'info symbol {pc:#x}', to_string=True)
    match = re.match(r'\S+(?: \+ (\d+))? in section', where)
    return pc - int(match[1] or 0) if match else None


class EntryCode:
    """The distance of esp from struct pt_regs, for each instruction."""

    def __init__(self):
        self.common = address_of('trap_common')
        self.end = address_of('trap_probe_enter')
        self.stubs = word(address_of('trap_stubs'))
        self.arch = gdb.selected_inferior().architecture()
        self.distance = {}
        distance = OFFSET['vector']
        for at, op in self.instructions(self.common, self.end):
            self.distance[at] = distance
            distance += self.moves(op)

    def instructions(self, start, end):
        for insn in self.arch.disassemble(start, end - 1):
            yield insn['addr'], insn['asm']

    @staticmethod
    def moves(op):
        """By how much an instruction moves esp."""
        if op.startswith('push'):
            return -4
        if op.startswith('pop'):
            return 4
        match = re.match(r'add +esp,0x([0-9a-f]+)$', op)
        return int(match[1], 16) if match else 0

    def find(self, pc):
        """None: pc is not ours. A stub still has to push one or two words."""
        if not self.stubs <= pc < self.common:
            return self.distance.get(pc)
        distance = OFFSET['vector']
        for _, op in self.instructions(pc, self.common):
            if op.startswith('jmp'):
                return distance
            distance -= self.moves(op)
        return None


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


class TrapUnwinder(Unwinder):
    """From inside entry.asm to the interrupted code."""

    def __init__(self):
        super().__init__('memoir trap')
        self.code = None
        self.interrupted = set()  # (sp, pc) that we returned, see below

    def __call__(self, frame):
        pc = int(frame.read_register('eip')) & 0xFFFFFFFF
        if not address_of('trap_stubs') - 0x100000 < pc < 0xFFFFFFFF:
            return None
        if self.code is None:
            try:
                self.code = EntryCode()
            except gdb.MemoryError:  # paging is off: there was no trap yet
                return None
        distance = self.code.find(pc)
        if distance is None:
            return None
        esp = int(frame.read_register('esp')) & 0xFFFFFFFF
        return self.unwind(frame, esp - distance, distance)

    def unwind(self, frame, regs, distance):
        info = frame.create_unwind_info(FrameId(regs, self.code.common))
        saved = {name: gdb.Value(word(regs + OFFSET[name]))
                 for name in FIELDS[:OFFSET['sp'] // 4]}
        # Not pushed yet, or popped already: still what it was.
        for register, name in GENERAL.items():
            info.add_saved_register(
                register, saved[name] if OFFSET[name] >= distance
                else frame.read_register(register))
        # From ring 0 the CPU pushes neither sp nor ss: the stack goes on.
        sp = gdb.Value(regs + OFFSET['sp'])
        ss = frame.read_register('ss')
        if int(saved['cs']) & 3:
            sp = gdb.Value(word(regs + OFFSET['sp']))
            ss = gdb.Value(word(regs + OFFSET['ss']))
        for register, value in (('eip', saved['ip']), ('cs', saved['cs']),
                                ('eflags', saved['flags']), ('esp', sp),
                                ('ss', ss)):
            info.add_saved_register(register, value)
        self.interrupted.add((int(sp), int(saved['ip'])))
        return info


class InterruptedUnwinder(Unwinder):
    """An interrupted function whose stack frame is half built.

gdb takes the frame below another for a caller, and looks at the instruction
before its pc (the call). In an interrupted function pc itself counts, and that
makes a difference in three places:

   f: push ebp         <-- pc: the return address is on top of the stack
      mov ebp, esp     <-- pc: ebp is, the return address below it
      ...
      ret              <-- pc: the return address is on top again"""

    def __init__(self, traps):
        super().__init__('memoir interrupted')
        self.traps = traps

    def __call__(self, frame):
        pc = int(frame.read_register('eip')) & 0xFFFFFFFF
        sp = int(frame.read_register('esp')) & 0xFFFFFFFF
        if (sp, pc) not in self.traps.interrupted:
            return None
        start = function_start(pc)
        try:
            if start is None:
                return None
            if pc == start or byte(pc) == RET:
                return self.unwind(frame, start, sp, None)
            if pc == start + 1 and byte(start) == PUSH_EBP:
                return self.unwind(frame, start, sp + 4, word(sp))
        except gdb.MemoryError:
            pass
        return None

    @staticmethod
    def unwind(frame, start, at, ebp):
        """The return address is `at`; ebp is its saved value, if it was."""
        info = frame.create_unwind_info(FrameId(at, start))
        for register in ('ebx', 'esi', 'edi', 'ebp', 'eflags', 'cs', 'ss',
                         'ds', 'es', 'fs', 'gs'):
            info.add_saved_register(register, frame.read_register(register))
        if ebp is not None:
            info.add_saved_register('ebp', gdb.Value(ebp))
        info.add_saved_register('eip', gdb.Value(word(at)))
        info.add_saved_register('esp', gdb.Value(at + 4))
        return info


def is_trap(frame):
    return frame is not None and frame.name() == 'trap_common'


def trap_regs(frame):
    """The struct pt_regs of a frame in trap_common: &regs.sp is where the
    stack of the interrupted ring 0 code ends; from ring 3 it is on top."""
    code = TRAPS.code
    esp = int(frame.read_register('esp')) & 0xFFFFFFFF
    regs = esp - code.find(frame.pc())
    return gdb.Value(regs).cast(gdb.lookup_type('struct pt_regs').pointer())


class Argument:
    def __init__(self, name, value):
        self.name, self.content = name, value

    def symbol(self):
        return self.name

    def value(self):
        return self.content


class TrapDecorator(FrameDecorator):
    """trap_common (vector=14, error=2)"""

    def frame_args(self):
        regs = trap_regs(self.inferior_frame())
        return [Argument(name, regs[name]) for name in ('vector', 'error')]


class InterruptedDecorator(FrameDecorator):
    """Name and line of pc itself, not of the instruction before it."""

    def function(self):
        frame = self.inferior_frame()
        if function_start(frame.pc()) != frame.pc():
            return super().function()
        where = gdb.execute(f'info symbol {frame.pc():#x}', to_string=True)
        return where.split()[0]

    def line(self):
        return gdb.find_pc_line(self.inferior_frame().pc()).line or None


class TrapFilter:
    """What `bt` prints for these two kinds of frames."""

    def __init__(self):
        self.name, self.priority, self.enabled = 'memoir', 100, True
        gdb.frame_filters[self.name] = self

    @staticmethod
    def decorate(decorator):
        frame = decorator.inferior_frame()
        if is_trap(frame):
            return TrapDecorator(decorator)
        if is_trap(frame.newer()):
            return InterruptedDecorator(decorator)
        return decorator

    def filter(self, frames):
        return map(self.decorate, frames)


EFLAGS = {0: 'CF', 2: 'PF', 4: 'AF', 6: 'ZF', 7: 'SF', 8: 'TF', 9: 'IF',
          10: 'DF', 11: 'OF', 14: 'NT', 16: 'RF', 17: 'VM', 18: 'AC'}


def eflags_names(flags):
    return ' '.join(name for bit, name in EFLAGS.items() if flags >> bit & 1)


def show_regs(regs):
    """What it was, where, and the registers, as in the kernel's own report."""
    value = {name: int(regs[name]) for name in FIELDS[:OFFSET['sp'] // 4]}
    name = gdb.parse_and_eval('trap_name')(value['vector']) \
        if False else vector_name(value['vector'])
    where = gdb.execute(f"info symbol {value['ip']:#x}", to_string=True)
    gdb.write(f"vector {value['vector']}: {name}, error {value['error']:#x}, "
              f"from ring {value['cs'] & 3}\n")
    gdb.write(f"eip {value['ip']:08x}  {where.split(' in section')[0].strip()}\n")
