"""replay.py - backwards in a recorded run, by going forwards again.

   start                                              now
     |----x--------x-------x----------x----------------|   x: EXPR changes
     |                                ^
     +--> replay up to now, note -----+   the last one before now:
     +--> replay again, up to there       that is who wrote it

A moment in a recorded run has a number: how many instructions ran before it
(QEMU's `info replay`). A replay is exact, so the same number is the same
moment, to the bit.

QEMU 7.2 offers gdb to go back by itself, but hangs in it now and then: gdb
changes breakpoints, QEMU's processor thread wakes up to take note of it, and if
the main thread loads its snapshot just then, the two wait for each other. Here
the same is done one thing at a time, with a pause before the snapshot.
"""
import functools
import time

import gdb

import session

SETTLE = 0.02             # seconds; QEMU's processor thread needs below 1 ms
MAX_SIZE = 4096           # bytes that rwatch watches
CR0_PG = 1 << 31
PAGE_OFFSET, LOWMEM_LIMIT = 0xC0000000, 0x38000000  # include/layout.h

HELLO = """
A recorded run. `continue` stops where the kernel panics or leaves QEMU;
`rwatch EXPR` then tells who wrote EXPR last.
"""


def evaluate(expression):
    try:
        return gdb.parse_and_eval(expression)
    except gdb.error as error:
        raise gdb.GdbError(str(error))


def monitor(command):
    return gdb.execute('monitor ' + command, to_string=True)


def recorded():
    return 'Replaying' in monitor('info replay')


def now():
    """How many instructions ran before this moment."""
    return int(monitor('info replay').split()[-1])


def send(packet):
    """A packet of gdb's remote protocol, and QEMU's answer, however long that
    takes. gdb does not notice."""
    with gdb.with_parameter('remotetimeout', 100000):
        return gdb.selected_inferior().connection.send_packet(packet).decode()


def forget():
    """What gdb knows of registers and memory is from another moment."""
    gdb.execute('maintenance flush register-cache', to_string=True)
    gdb.execute('maintenance flush dcache', to_string=True)


def rewind():
    """To the start; after the recording's end only a new QEMU can do that."""
    if 'shutdown' in monitor('info status'):
        session.restart('The recording has ended here.')
        return
    time.sleep(SETTLE)
    monitor('loadvm start')
    forget()


def paging():
    forget()
    return bool(int(gdb.parse_and_eval('$cr0')) & CR0_PG)


class Code:
    """Stops before the instruction at an address."""

    def __init__(self, address):
        self.packet = f'1,{address & 0xFFFFFFFF:x},1'

    def insert(self):
        send('Z' + self.packet)

    def remove(self):
        send('z' + self.packet)


def go(moment):
    """Be at this moment."""
    if moment < now():
        rewind()
    if moment > now():
        end = Code(int(gdb.parse_and_eval('(unsigned int) &qemu_exit')))
        end.insert()
        monitor(f'replay_break {moment}')
        send('c')
        end.remove()
    forget()
    if now() != moment:
        raise gdb.GdbError(f'The recording ends before {moment}; this is '
                           f'moment {now()}.')


def interruptible(invoke):
    """For a command that replays: Ctrl-C leaves QEMU running, unknown to gdb,
    with watchpoints set. A new one takes its place."""
    @functools.wraps(invoke)
    def guarded(self, arg, from_tty):
        here = now()
        try:
            invoke(self, arg, from_tty)
        except KeyboardInterrupt:
            session.restart('Interrupted.')
            go(here)
            gdb.execute('frame')
    return guarded


def go_and_show(moment):
    go(moment)
    gdb.execute('frame')


class Memory:
    """Stops after an instruction that wrote to a variable.

QEMU also stops for nothing: for an unaligned write to a higher address in the
same page. So what counts is that the contents changed.

Before paging is on, the kernel writes its variables at their physical
addresses: until then we watch, and look, there."""

    def __init__(self, expression):
        value = evaluate(expression)
        self.type, self.size = value.type, value.type.sizeof
        if value.address is None or not 0 < self.size <= MAX_SIZE:
            raise gdb.GdbError(f'{expression} is not something in memory of at '
                               f'most {MAX_SIZE} bytes.')
        self.address = int(value.address) & 0xFFFFFFFF
        self.places = [self.address]
        if 0 <= self.address - PAGE_OFFSET < LOWMEM_LIMIT:
            self.places.append(self.address - PAGE_OFFSET)

    def insert(self):
        self.paging = False
        self.contents = self.read()
        for place in self.places:
            if send(f'Z2,{place:x},{self.size:x}') != 'OK':
                raise gdb.GdbError('QEMU cannot watch this.')

    def remove(self):
        for place in self.places:
            send(f'z2,{place:x},{self.size:x}')

    def read(self):
        """The contents, as a number in hexadecimal; E.. if nothing is there."""
        place = self.places[0 if self.paging else -1]
        return send(f'm{place:x},{self.size:x}')

    def changed(self):
        self.paging = self.paging or paging()
        before, self.contents = self.contents, self.read()
        return self.contents != before

    def show(self, contents):
        if contents.startswith('E'):
            return 'not there yet'
        value = gdb.Value(bytes.fromhex(contents), self.type)
        return value.format_string(max_elements=16)


def last_stop(codes, memories, end):
    """Replay to the moment end. How many stops there were before it, and the
    moment before the last one's instruction."""
    count, last = 0, None
    rewind()
    for stop in codes + memories:
        stop.insert()
    monitor(f'replay_break {end}')
    step = False  # off an instruction that has stopped us already
    while now() < end:
        answer = send('s' if step else 'c')
        moment = now()
        # At the end QEMU may say nothing of the last instruction's write.
        if 'watch' in answer or moment == end:
            for memory in memories:
                if memory.changed():
                    count, last = count + 1, moment - 1
            step = False
        elif not step:
            count, last = count + 1, moment
            step = True
        else:
            step = False
    for stop in codes + memories:
        stop.remove()
    # ... but it remembers it, and dies at the next watchpoint unless it has
    # stopped once more without any. Here, at the start, that costs nothing.
    rewind()
    send('s')
    return count, last


class Seek(gdb.Command):
    """seek [N]: go to the moment before which N instructions ran.

Earlier or later; without N: which moment this is."""

    def __init__(self):
        super().__init__('seek', gdb.COMMAND_RUNNING)

    @interruptible
    def invoke(self, arg, _from_tty):
        if arg:
            go_and_show(int(evaluate(arg)))
        else:
            gdb.write(f'{now()} instructions ran before this moment.\n')


class ReverseStep(gdb.Command):
    """reverse-stepi [N]: back by one instruction, or by N."""

    def __init__(self, name):
        super().__init__(name, gdb.COMMAND_RUNNING)

    @interruptible
    def invoke(self, arg, _from_tty):
        count = int(evaluate(arg)) if arg else 1
        go_and_show(max(now() - count, 0))


class ReverseContinue(gdb.Command):
    """reverse-continue: back to the last breakpoint or watchpoint before now.

It stops before the instruction, also before one that writes what is watched.
Conditions and counts of breakpoints are not looked at."""

    def __init__(self, name):
        super().__init__(name, gdb.COMMAND_RUNNING)

    @interruptible
    def invoke(self, _arg, _from_tty):
        here, codes, memories = now(), [], []
        for point in gdb.breakpoints():
            if not point.enabled:
                continue
            if point.type == gdb.BP_HARDWARE_WATCHPOINT:
                memories.append(Memory(point.expression))
            for place in point.locations or ():
                if place.enabled:
                    codes.append(Code(place.address))
        _, last = last_stop(codes, memories, here)
        if last is None:
            gdb.write('No breakpoint or watchpoint before this.\n')
        go_and_show(here if last is None else last)


class WhoWrote(gdb.Command):
    """rwatch EXPR: who wrote this?

Goes back to the last instruction before now that changed EXPR, and stops before
it; repeated, to the one before that. EXPR must be in memory: a variable, a
field, *(int *) 0xc0123456.

(gdb's own rwatch, which stops at reads, is there in `make debug`.)"""

    def __init__(self):
        super().__init__('rwatch', gdb.COMMAND_RUNNING, gdb.COMPLETE_EXPRESSION)

    @interruptible
    def invoke(self, arg, _from_tty):
        here, memory = now(), Memory(arg)
        what = f'{arg} ({memory.size} bytes at {memory.address:#x})'
        count, last = last_stop([], [memory], here)
        if last is None:
            go(here)
            raise gdb.GdbError(f'Nothing changed {what} before this.')
        after = memory.contents
        go(last)
        memory.paging = paging()
        before = memory.read()
        gdb.write(f'{what} changed {count} times before {here}, the last time '
                  f'{here - last} instructions before:\n'
                  f'  old  {memory.show(before)}\n'
                  f'  new  {memory.show(after)}\n'
                  f'by what comes next. `stepi` does it; `seek {here}` goes '
                  f'back to where you were.\n')
        gdb.execute('frame')


def start():
    """In a replay: our commands, and stops before QEMU is gone."""
    Seek()
    WhoWrote()
    for name in 'reverse-stepi', 'rsi':
        ReverseStep(name)
    for name in 'reverse-continue', 'rc':
        ReverseContinue(name)
    gdb.execute('break panic_enter')
    gdb.execute('break qemu_exit')
    gdb.write(HELLO)
