#!/usr/bin/env python3
"""test_reverse.py - `make debug-reverse`: what works without a terminal: a
recording whose truth is known, and the questions about it. Prints TAP."""
from tap import Tap, script

tap = Tap()
script(tap, 'reverse', 'run="poke boot_tsc 7; poke boot_tsc 8; '
       'poke boot_tsc 9; crash wild-write" panic=exit', [
           'the_replay_stops_at_the_panic',
           'reverse_stepi_with_a_count_goes_back_that_many',
           'reverse_stepi_goes_back_by_one_instruction',
           'seek_goes_forward_again',
           'rwatch_finds_the_last_writer',
           'rwatch_stops_just_before_the_write',
           'rwatch_sees_a_write_by_the_last_instruction',
           'rwatch_again_finds_the_one_before',
           'rwatch_is_not_misled_by_its_neighbours',
           'reverse_continue_finds_the_last_stop',
           'seek_stops_at_the_end',
           'reverse_continue_goes_back_to_a_breakpoint',
           'rwatch_finds_a_write_before_paging',
           'rwatch_says_when_there_is_none'], reverse=True)
tap.end()
