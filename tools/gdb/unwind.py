"""unwind.py - backtraces through traps, and through assembly.

   #0  pit_irq
   #1  handle_irq
   #2  trap_dispatch
   #3  trap_common (vector=32, error=0)   <-- assembly: we tell gdb what the
   #4  monitor_run                            registers were before it

The compiler tells gdb how to undo each function; NASM does not. But our
routines leave as they came, so the way out tells: follow the code up to its
end, and count.

   pos   instruction                 pos: from esp now to esp there
    0    pop ebx                     its caller's ebx is at esp + 0
    4    pop ebp                     its caller's ebp is at esp + 4
    8    ret                         the return address is at esp + 8

A pop below 0 is of something that was not pushed yet: the register has it. At
the end of trap_common there is an iret: then a struct pt_regs is on the stack.
"""
import re

import gdb
from gdb.unwinder import Unwinder

# struct pt_regs (include/trap.h).
FIELDS = ('bx', 'cx', 'dx', 'si', 'di', 'bp', 'ax', 'ds', 'es', 'fs', 'gs',
          'vector', 'error', 'ip', 'cs', 'flags', 'sp', 'ss')
OFFSET = {name: 4 * i for i, name in enumerate(FIELDS)}
PUSHED = FIELDS[:FIELDS.index('vector')]

INTERRUPTS = 32  # vectors from here on: pc is the instruction after
RET, PUSH_EBP = 0xC3, 0x55
KEPT = ('ebx', 'esi', 'edi', 'ebp', 'eflags', 'cs', 'ss', 'ds', 'es', 'fs',
        'gs')  # by a function; and by the CPU, all others too
ALL = KEPT + ('eax', 'ecx', 'edx')
LONGEST = 100  # instructions to an end


def register_name(field):
    """gdb's name for what a field holds."""
    if field == 'flags':
        return 'eflags'
    return field if field.endswith('s') else 'e' + field


def u32(number):
    return gdb.Value(number).cast(gdb.lookup_type('unsigned int'))


def register(frame, name):
    return int(frame.read_register(name)) & 0xFFFFFFFF


def word(address):
    memory = gdb.selected_inferior().read_memory(address, 4)
    return int.from_bytes(memory.tobytes(), 'little')


def byte(address):
    return gdb.selected_inferior().read_memory(address, 1)[0][0]


def symbol(address):
    """"name + 4", "name", or None."""
    text = gdb.execute(f'info symbol {address:#x}', to_string=True)
    name, found, _ = text.partition(' in section ')
    return name if found else None


def starts_function(pc):
    return ' + ' not in (symbol(pc) or ' + ')


def routine(pc):
    """The function's name; gdb shows a label in assembly as name[label]."""
    return re.match(r'[^ .[]*', symbol(pc) or '')[0]


def in_assembly(pc):
    file = gdb.find_pc_line(pc).symtab
    return file is not None and file.filename.endswith('.asm')


class WayOut:
    """From an instruction in assembly to the end of its routine."""

    cache = {}

    def __init__(self, pc):
        self.pos, self.saved, self.end = 0, {}, None
        arch = gdb.selected_inferior().architecture()
        for _ in range(LONGEST):
            if not in_assembly(pc):
                return  # boot code: it goes on in C, and never comes back
            insn = arch.disassemble(pc)[0]
            op, _, operand = insn['asm'].strip().partition(' ')
            operand = operand.strip()
            pc += insn['length']
            if op in ('ret', 'iret'):
                self.end = op
                return
            if op == 'jmp':
                if not operand.startswith('0x'):
                    return
                pc = int(operand.split()[0], 16)
            else:
                self.count(op, operand)

    def count(self, op, operand):
        if op.startswith('push'):
            self.pos -= 4
        elif op.startswith('pop'):
            name = 'eflags' if op.startswith('popf') else operand
            if self.pos >= 0:
                self.saved.setdefault(name, self.pos)
            self.pos += 4
        elif op == 'add' and operand.startswith('esp,'):
            self.pos += int(operand[4:], 0)

    @classmethod
    def of(cls, pc):
        """None if pc is not in assembly."""
        if pc not in cls.cache:
            cls.cache[pc] = cls(pc) if in_assembly(pc) else None
        return cls.cache[pc]


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = u32(sp), u32(pc)


class MemoirUnwinder(Unwinder):
    """What was below a frame: of assembly, and of what a trap interrupted."""

    def __init__(self):
        super().__init__('memoir')
        self.interrupted = {}  # (esp, eip) where an iret leads: vector

    def __call__(self, frame):
        pc, sp = register(frame, 'eip'), register(frame, 'esp')
        try:
            way = WayOut.of(pc)
            if way and way.end == 'iret':
                return self.trap(frame, way, sp)
            if way:
                return self.assembly(frame, way, sp, pc)
            if (sp, pc) in self.interrupted:
                return self.half_built(frame, sp, pc)
        except gdb.MemoryError:
            pass  # a stack that is not there: gdb's guess is as good
        return None

    @staticmethod
    def answer(frame, frame_id, same, changed):
        """The registers below: some are as in this frame, some are not."""
        info = frame.create_unwind_info(frame_id)
        for name in same:
            if name not in changed:
                info.add_saved_register(name, frame.read_register(name))
        for name, value in changed.items():
            info.add_saved_register(name, u32(value))
        return info

    def trap(self, frame, way, sp):
        regs = sp + way.pos - OFFSET['ip']
        below = {name: word(sp + pos) for name, pos in way.saved.items()}
        for field in ('ip', 'cs', 'flags'):
            below[register_name(field)] = word(regs + OFFSET[field])
        # From ring 0 the CPU pushes no sp and ss: the stack goes on.
        below['esp'] = regs + OFFSET['sp']
        if below['cs'] & 3:
            below['esp'] = word(regs + OFFSET['sp'])
            below['ss'] = word(regs + OFFSET['ss'])
        # A call of NULL. gdb ends a backtrace at 0: show who called.
        if below['eip'] == 0:
            below['eip'] = word(below['esp'])
            below['esp'] += 4
        else:
            vector = regs + OFFSET['vector']
            self.interrupted[below['esp'], below['eip']] = \
                word(vector) if vector >= sp else INTERRUPTS
        return self.answer(frame, FrameId(regs, 0), ALL, below)

    def assembly(self, frame, way, sp, pc):
        if not way.end:  # nobody has called it
            start = gdb.parse_and_eval(f"&'{routine(pc)}'")
            return self.answer(frame, FrameId(0, int(start)), KEPT, {'eip': 0})
        below = {name: word(sp + pos) for name, pos in way.saved.items()}
        below['eip'] = word(sp + way.pos)
        below['esp'] = sp + way.pos + 4
        return self.answer(frame, FrameId(sp + way.pos, 0), KEPT, below)

    def half_built(self, frame, sp, pc):
        """gdb takes any frame but the first for a caller, and looks at the
        instruction before its pc: the call. In an interrupted function pc
        itself is meant, which makes a difference in three places:

           push ebp        <-- here: the return address is on top of the stack
           mov ebp, esp    <-- here: the old ebp is, and the return address next
           ...
           ret             <-- here: the return address is on top again"""
        below = {}
        if not starts_function(pc) and byte(pc) != RET:
            if not starts_function(pc - 1) or byte(pc - 1) != PUSH_EBP:
                return None
            below['ebp'] = word(sp)
            sp += 4
        below['eip'] = word(sp)
        below['esp'] = sp + 4
        return self.answer(frame, FrameId(sp, pc), KEPT, below)


def trap_regs(frame):
    """The struct pt_regs of a frame that ends in an iret, or None."""
    way = WayOut.of(frame.pc()) if frame else None
    if not way or way.end != 'iret':
        return None
    kind = gdb.lookup_type('struct pt_regs').pointer()
    return u32(register(frame, 'esp') + way.pos - OFFSET['ip']).cast(kind)


UNWINDER = MemoirUnwinder()
gdb.unwinder.register_unwinder(None, UNWINDER)
