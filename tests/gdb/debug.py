"""debug.py - inside gdb, a session of `make debug`."""
import os
import re
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check import functions, number, paging, place, report, run  # noqa: E402

PAGE_OFFSET = 0xC0000000


def first_instruction():
    where, text = place()
    report(number('$pc') == number('&boot_entry') and not paging()
           and 'boot/boot.asm:' in where and text == 'cli',
           'stops_at_the_first_instruction', f'{where} {text}')


def before_paging():
    run('tbreak read_tsc')
    run('continue')
    where, text = place()
    report(number('$pc') == number('&read_tsc') and not paging()
           and 'boot/boot.asm:' in where and text == 'pushfd',
           'breakpoint_before_paging_has_a_line', f'{where} {text}')
    report(functions() == ['read_tsc', 'boot_entry'], 'bt_of_assembly_is_right',
           functions())
    try:
        report('is off' in run('pt 0x1234'), 'pt_knows_that_paging_is_off')
    except gdb.error as error:
        report(False, 'pt_knows_that_paging_is_off', error)


def after_paging():
    run('tbreak kmain')
    run('continue')
    where, text = place()
    report(paging() and 'kernel/main.c:' in where and text == 'trap_init();'
           and functions() == ['kmain'],
           'breakpoint_after_paging_has_a_line',
           f'{where} {text} {functions()}')


def page_tables():
    address = number('&kmain')
    report(f'is physical {address - PAGE_OFFSET:#010x}' in run('pt &kmain')
           and 'present' in run('pt &kmain'), 'pt_finds_kmain',
           run('pt &kmain'))
    report('not present' in run('pt 0') and 'physical' not in run('pt 0'),
           'pt_finds_nothing_at_0', run('pt 0'))
    report(all(run(f'pt {name}') == run(f'pt &{name}') for name in
               ('jiffies', 'mem_map', 'kmain', 'boot_tsc')) and
           run('pt jiffies+8').endswith(f'{number("&jiffies") + 8 - PAGE_OFFSET:#010x}\n')
           and run('pt $esp').splitlines()[-1].startswith(f'{number("$esp"):#x}'),
           'pt_of_a_variable_takes_its_address', run('pt jiffies'))


def interrupt():
    """bt below a timer interrupt, at a C handler."""
    run('tbreak pit_irq')
    run('continue')
    names = functions()
    frame = gdb.newest_frame()
    while frame.name() != 'trap_common':
        frame = frame.older()
    frame.older().select()
    was_at = number('$pc')
    gdb.newest_frame().select()
    report(names[:4] == ['pit_irq', 'handle_irq', 'trap_dispatch',
                         'trap_common'] and
           names[-1] in ('kmain', 'thread_start'),
           'bt_of_an_irq_handler_shows_the_interrupted_function', names)
    regs = run('ptregs')
    report('interrupt (vector 32)' in regs and f'{was_at:08x}' in regs,
           'ptregs_decodes_the_trap', f'{was_at:x} {regs}')


def fake_trap(stub):
    """What the CPU does for an interrupt, here and now."""
    sp = number('$esp') - 12
    for i, value in enumerate(('$eip', '$cs', '$eflags')):
        run(f'set *(unsigned int *) {sp + 4 * i:#x} = {value}')
    run(f'set $esp = {sp:#x}')
    run(f'set $eip = {stub:#x}')


def entry_code():
    """From a stub to its iret: at each instruction bt must be right."""
    stub = number('((unsigned int *) &trap_stubs)[32]')
    run(f'tbreak *{stub:#x}')
    run('continue')
    interrupted = number('*(unsigned int *) $esp')
    wrong, steps = [], 0
    while number('$pc') != interrupted and steps < 60:
        caller = gdb.newest_frame().older()
        if not caller or caller.pc() != interrupted or \
                functions()[-1] not in ('kmain', 'thread_start'):
            wrong.append(run('info symbol $pc').split(' in ')[0])
        run('nexti')
        steps += 1
    report(not wrong and 25 < steps < 60,
           'bt_is_right_at_every_instruction_of_a_trap', f'{steps} {wrong}')


def linux_names():
    run('tbreak __kmalloc')
    run('continue')
    report(functions()[0] == '__kmalloc', 'break_at___kmalloc_works',
           functions())


def half_built_frames():
    """Interrupted as a function begins, after its push, and at its ret."""
    run('tbreak *memcpy')
    run('continue')
    stub = number('((unsigned int *) &trap_stubs)[32]')
    code = run('disassemble memcpy')
    stops = [number('&memcpy'), number('&memcpy') + 1,
             int(re.search(r'(0x\w+) <.*\tret', code)[1], 16)]
    wrong = []
    for stop in stops:
        if number('$pc') != stop:
            run(f'tbreak *{stop:#x}')
            run('continue')
        before, sp = functions(), number('$esp')
        fake_trap(stub)
        after = functions()
        if after[1:] != before or before[0] != 'memcpy':
            wrong.append(f'{stop:#x}: {before} became {after}')
        run(f'set $esp = {sp:#x}')
        run(f'set $eip = {stop:#x}')
    report(not wrong, 'bt_of_an_interrupted_prologue_is_right', wrong)


def fault():
    """Type a command that jumps to NULL; QEMU ends with it (panic=exit)."""
    run('type crash null-call')
    run('tbreak panic_enter')
    run('continue')
    names = functions()
    below = names[names.index('trap_common') + 1:]
    report(below[0] == 'crash_null_call' and below[-1] == 'kmain',
           'bt_of_a_fault_shows_who_did_it', names)
    serial = open(os.environ['MEMOIR_BASE'] + '-serial.out').read()
    said = re.findall(r'^\[ *\d+\.\d+\] .*', serial.replace('\r', ''), re.M)
    report(len(said) > 5 and run('dmesg').splitlines() == said
           and run('dmesg 1').splitlines() == said[-1:],
           'dmesg_reads_the_log', run('dmesg'))


def the_end():
    run('delete')
    try:
        run('continue')
        report(False, 'gdb_survives_the_end_of_qemu', 'it goes on')
    except gdb.error as error:
        report('closed' in str(error), 'gdb_survives_the_end_of_qemu', error)


first_instruction()
before_paging()
after_paging()
page_tables()
linux_names()
half_built_frames()
interrupt()
entry_code()
fault()
the_end()
