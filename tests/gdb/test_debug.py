#!/usr/bin/env python3
"""test_debug.py - `make debug`: what works without a terminal. Prints TAP."""
from tap import Tap, script

tap = Tap()
script(tap, 'debug', 'panic=exit', [
    'stops_at_the_first_instruction',
    'breakpoint_before_paging_has_a_line',
    'bt_of_assembly_is_right',
    'pt_knows_that_paging_is_off',
    'breakpoint_after_paging_has_a_line',
    'pt_finds_kmain',
    'pt_finds_nothing_at_0',
    'pt_of_a_variable_takes_its_address', 'break_at___kmalloc_works',
    'bt_of_an_interrupted_prologue_is_right',
    'bt_of_an_irq_handler_shows_the_interrupted_function',
    'ptregs_decodes_the_trap',
    'bt_is_right_at_every_instruction_of_a_trap',
    'bt_of_a_fault_shows_who_did_it',
    'dmesg_reads_the_log',
    'gdb_survives_the_end_of_qemu'])
script(tap, 'not_multiboot', 'panic=exit', ['not_multiboot_says_so'])
tap.end()
