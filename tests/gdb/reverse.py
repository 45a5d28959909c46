"""reverse.py - inside gdb, a session of `make debug-reverse`.

The recording typed: poke boot_tsc 7, then 8, then 9; then crash wild-write.
"""
import os
import re
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check import functions, number, place, report, run  # noqa: E402

LOW = '*(unsigned int *) &boot_tsc'


def moment():
    return int(run('seek').split()[0])


def state():
    return [moment()] + [number(r) for r in ('$eip', '$esp', '$eax', '$eflags')]


def written(text):
    """What rwatch says that was there, and is."""
    found = re.search(r'old +(\S+)\n +new +(\S+)\n', text)
    return found and [int(n) for n in found.groups()]


def at_the_panic():
    run('continue')
    names = functions()
    report(names[0] == 'panic_enter' and 'crash_wild_write' in names
           and names[-1] == 'kmain', 'the_replay_stops_at_the_panic', names)


def steps_back():
    """Forwards to see the truth, then backwards along it."""
    end = state()
    run('reverse-stepi 8')
    trail = []
    while moment() < end[0]:
        trail.append(state())
        run('stepi')
    report(len(trail) == 8 and state() == end,
           'reverse_stepi_with_a_count_goes_back_that_many', (trail, end))
    wrong = []
    for before in reversed(trail):
        run('rsi')
        if state() != before:
            wrong.append((state(), before))
    report(trail and not wrong, 'reverse_stepi_goes_back_by_one_instruction',
           wrong)
    run(f'seek {end[0]}')
    report(state() == end, 'seek_goes_forward_again', (state(), end))


def who_poked():
    """The last to write, then the one before; whatever has changed nothing
    (poke first writes back what is there) does not count."""
    here = moment()
    first = run(f'rwatch {LOW}')
    names, when = functions(), moment()
    report(written(first) == [8, 9] and names[0] == 'copy_from_kernel_nofault'
           and 'cmd_poke' in names and when < here,
           'rwatch_finds_the_last_writer', f'{first} {names}')
    before = number(LOW)
    run('stepi')
    report((before, number(LOW)) == (8, 9) and moment() == when + 1,
           'rwatch_stops_just_before_the_write', (before, number(LOW)))
    again = run(f'rwatch {LOW}')
    report(moment() == when and written(again) == [8, 9],
           'rwatch_sees_a_write_by_the_last_instruction', again)
    second = run(f'rwatch {LOW}')
    report(written(second) == [7, 8], 'rwatch_again_finds_the_one_before',
           second)
    run(f'seek {here}')


def who_logged():
    """A variable that is written all the time, unlike its page."""
    here, value = moment(), number('log.next')
    text = run('rwatch log.next')
    old, new = written(text) or (0, 0)
    report(new == value and 0 < value - old < 500 and functions()[0] == 'store'
           and place()[1] == 'log.next += need;',
           'rwatch_is_not_misled_by_its_neighbours', f'{text} {place()}')
    run(f'seek {here}')


def who_booted():
    """Written before paging was on, at the physical address."""
    run('delete')
    run('tbreak *&kmain')
    run('reverse-continue')
    report(number('$pc') == number('&kmain'),
           'reverse_continue_goes_back_to_a_breakpoint', run('info symbol $pc'))
    run(f'rwatch {LOW}')
    where, text = place()
    report('boot/boot.asm:' in where and text.startswith('mov [PHYS(boot_tsc)'),
           'rwatch_finds_a_write_before_paging', f'{where} {text}')
    try:
        run('seek 3')
        run('rwatch jiffies')
        report(False, 'rwatch_says_when_there_is_none', 'found one')
    except gdb.error as error:
        report('Nothing changed' in str(error) and moment() == 3,
               'rwatch_says_when_there_is_none', error)


def last_poke():
    """reverse-continue to the last of three."""
    run('delete')
    run('break cmd_poke')
    seen = []
    for _ in range(2):
        run('reverse-continue')
        seen.append(gdb.parse_and_eval('argv[2]').string())
    report(seen == ['9', '8'], 'reverse_continue_finds_the_last_stop', seen)


def beyond_the_end():
    try:
        run('seek 99999999999')
        report(False, 'seek_stops_at_the_end', 'no error')
    except gdb.error as error:
        report('ends before' in str(error) and 'qemu_exit' in functions(),
               'seek_stops_at_the_end', f'{error} {functions()}')


at_the_panic()
steps_back()
who_poked()
who_logged()
last_poke()
beyond_the_end()
who_booted()
