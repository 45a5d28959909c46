"""Tests of the test tools: bad logs, machines that hang, worse benchmarks.

    GOOD log -- one thing spoilt --> parser --> must name that very thing

A tool that misses one of these would let a broken kernel pass.  Run by
tools/test.py (group `tools`), or alone: python3 tools/test_selftest.py
"""
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import bench
import ktap
import test_docrun
import test_mutate
import test_screen
from qemu import Qemu, Unexpected, unwrap

GOOD = """\
[    0.000000] Memoir: a kernel you can read, about memory
KTAP version 1
1..2
  KTAP version 1
  # Subtest: list
  1..3
  ok 1 an_emptied_list_is_empty
[    0.100000] a message in between
  ok 2 moving_keeps_the_order
  ok 3 needs_highmem # SKIP no RAM above 896 MiB
ok 1 list
  KTAP version 1
  # Subtest: printf
  1..2
  ok 1 widths_pad
  ok 2 hex_has_a_prefix
ok 2 printf
# Totals: pass:4 fail:0 skip:1
"""

CASE_2 = '  ok 2 moving_keeps_the_order\n'
FAILED = (GOOD.replace(CASE_2, '  # lib/list.c:7: expected a == b\n'
                       '  not ok 2 moving_keeps_the_order\n')
          .replace('ok 1 list', 'not ok 1 list')
          .replace('pass:4 fail:0', 'pass:3 fail:1'))
BEGUN = (GOOD[:GOOD.index(CASE_2)] + '  # Case: moving_keeps_the_order\n')
TAIL = GOOD[GOOD.index('ok 1 list'):]
# Rows of 80 columns: a note goes on, and a reason stands above its case.
IN_ROWS = (FAILED.replace('expected a == b\n', 'expected a\n  #   == b\n')
           .replace('  ok 3 needs_highmem # SKIP no RAM above 896 MiB',
                    '  # no RAM above\n  #   896 MiB\n'
                    '  ok 3 needs_highmem # SKIP'))
WRAPPED = ('[    0.100000] one and\n' + 17 * ' ' + 'two\n  three\n' +
           17 * ' ' + 'four')
PANIC = '[    0.2] *** kernel panic: out of memory, at boot/memblock.c:7\n'
FAULT = '[    0.2] *** page fault (exception 14): read of 0x00000014\n'

# (what is spoilt, log, exit status, what must be among the errors)
BAD_LOGS = [
    ('an empty log', '', 33, 'no tests'),
    ('no header', GOOD.replace('KTAP version 1\n1..2', '1..2'), 33, 'no tests'),
    ('two headers', 'KTAP version 1\n' + GOOD, 33, 'a second header'),
    ('no plan', GOOD.replace('\n1..2\n', '\n', 1), 33, 'no plan'),
    ('a plan that is too long', GOOD.replace('\n1..2\n', '\n1..3\n', 1), 33,
     '3 suites planned, 2 ended'),
    ('a plan that is too short', GOOD.replace('\n1..2\n', '\n1..1\n', 1), 33,
     '1 suites planned, 2 ended'),
    ('a plan twice', GOOD.replace('\n1..2\n', '\n1..2\n1..2\n', 1), 33,
     'a second plan'),
    ('a plan at the end', GOOD.replace('\n1..2\n', '\n', 1) + '1..2\n', 33,
     'the plan comes late'),
    ('a plan of nothing', 'KTAP version 1\n1..0\n# Totals: pass:0 fail:0 '
     'skip:0\n', 33, 'nothing was run'),
    ('a suite without a plan', GOOD.replace('  1..3\n', ''), 33,
     'suite list has no plan'),
    ('a suite with two plans', GOOD.replace('  1..3\n', '  1..3\n' * 2), 33,
     'suite list: a second plan'),
    ('a suite whose plan comes late', GOOD.replace('  1..3\n', '').replace(
        CASE_2, CASE_2 + '  1..3\n'), 33, 'suite list: the plan comes late'),
    ('a missing case', GOOD.replace(CASE_2, ''), 33,
     'suite list: 3 cases planned, 2 ran'),
    ('a case misnumbered', GOOD.replace('ok 2 moving', 'ok 4 moving'), 33,
     r'list\.moving_keeps_the_order is number 4, not 2'),
    ('a case twice', GOOD.replace(CASE_2, '  ok 2 an_emptied_list_is_empty\n'),
     33, r'list\.an_emptied_list_is_empty comes twice'),
    ('a case outside a suite', GOOD.replace('# Totals', '  ok 3 lost\n# Totals',
                                            1), 33,
     'a case outside a suite: lost'),
    ('a suite without a header', GOOD.replace('  KTAP version 1\n  # Subtest: '
                                              'printf\n', ''), 33,
     'a plan outside a suite'),
    ('a suite inside another', GOOD.replace('ok 1 list\n', ''), 33,
     'suite list: another suite begins inside'),
    ('a suite without a name', GOOD.replace('  # Subtest: list\n', ''), 33,
     'suite without a name ends as list'),
    ('a suite with another name', GOOD.replace('ok 1 list', 'ok 1 tree'), 33,
     'suite list ends as tree'),
    ('a suite misnumbered', GOOD.replace('ok 2 printf', 'ok 3 printf'), 33,
     'suite printf is number 3, not 2'),
    ('a suite that hides a failed case', FAILED.replace('not ok 1 list',
                                                        'ok 1 list'), 35,
     'suite list is "ok", its cases are not'),
    ('a suite that fails without a case', GOOD.replace('ok 1 list',
                                                       'not ok 1 list'), 35,
     'suite list is "not ok", its cases are not'),
    ('no totals', GOOD[:GOOD.index('# Totals')], 33, 'no totals'),
    ('totals twice', GOOD + GOOD[GOOD.index('# Totals'):], 33, 'totals twice'),
    ('totals that hide a failure', FAILED.replace('pass:3 fail:1',
                                                  'pass:4 fail:0'), 35,
     r'totals say \(4, 0, 1\), the lines \(3, 1, 1\)'),
    ('a result after the totals', GOOD + 'ok 3 late\n', 33,
     'a result after the totals: late'),
    ('a line cut short', GOOD.replace('  ok 2 moving_keeps_the_order',
                                      '  ok 2'), 33,
     "malformed line: '  ok 2'"),
    ('two lines in one', GOOD.replace('ok 1 widths_pad\n', 'ok 1 widths_pad'),
     33, 'malformed line'),
    ('a log cut in a case', GOOD[:GOOD.index('keeps_the')], None,
     'suite list did not end: 2 of 3 cases ran'),
    ('a log cut between suites', GOOD[:GOOD.index('  KTAP version 1\n  # '
                                                  'Subtest: printf')], None,
     '2 suites planned, 1 ended'),
    ('a log cut in a case that is known', BEGUN, 0,
     r'^list\.moving_keeps_the_order: the log ends, exit status 0 '),
    ('a panic in a case', BEGUN + PANIC, 37,
     r'^list\.moving_keeps_the_order: panic: .*out of memory'),
    ('a case that never ends', BEGUN + 'Bail out! not done after 9 s\n', 35,
     r'^list\.moving_keeps_the_order: not done after 9 s'),
    ('a glob without a match', 'No test matches "x*": test lists the suites.\n', 35,
     r'^no test matches "x\*"$'),
    ('a panic', GOOD.replace(TAIL, PANIC), 37, 'panic: .*out of memory'),
    ('a panic after the tests', GOOD + PANIC, 33, 'panic: .*out of memory'),
    ('a fault', GOOD.replace(TAIL, FAULT), 37, 'panic: .*read of 0x00000014'),
    ('an early exit', GOOD.replace(TAIL, ''), 33,
     'suite list did not end: 3 of 3 cases ran: the log ends'),
    ('a reboot', GOOD, 0, r'exit status 0 \(power off or reboot\)'),
    ('a panic\'s exit status', GOOD, 37, r'exit status 37 \(kernel panic\)'),
    ('success although a case failed', FAILED, 33, 'exit status 33 .* of 35'),
    ('failure although all passed', GOOD, 35, 'exit status 35 .* of 33'),
]

TAP = '1..2\nok 1 - a.b\n# note\nnot ok 2 - a.c\n'
BAD_TAP = [
    ('no plan', TAP[5:], 1, '0 plans'),
    ('a missing result', TAP.replace('1..2', '1..3'), 1, '3 cases planned'),
    ('a wrong number', TAP.replace('ok 1', 'ok 3'), 1, 'is number 3'),
    ('a wrong exit status', TAP, 0, 'exit status 0'),
    ('a crash', TAP, -6, 'exit status -6'),
    ('giving up', TAP + 'Bail out! panic\n', 1, 'Bail out!'),
    ('nothing', '1..0\n', 0, '0 cases planned'),
]


def errors_of(text, status):
    return ktap.parse(text, status).errors


def good_log_passes():
    parsed = ktap.parse(GOOD.replace('\n', '\r\n'), 33)
    assert parsed.errors == [], parsed.errors
    results = [(case.name, case.result) for case in parsed.cases]
    assert results[1:3] == [('list.moving_keeps_the_order', 'pass'),
                            ('list.needs_highmem', 'skip')], results
    assert parsed.cases[2].notes == ['no RAM above 896 MiB']


def failed_case_is_a_failure_with_its_reason():
    parsed = ktap.parse(FAILED, 35)
    assert parsed.errors == [], parsed.errors
    failed = [case for case in parsed.cases if case.result == 'fail']
    assert failed == [('list.moving_keeps_the_order', 'fail',
                       ['lib/list.c:7: expected a == b'])], failed


def rows_of_a_log_are_joined():
    parsed = ktap.parse(IN_ROWS, 35)
    assert parsed.errors == [], parsed.errors
    notes = [case.notes for case in parsed.cases if case.notes]
    assert notes == [['lib/list.c:7: expected a == b'],
                     ['no RAM above 896 MiB']], notes
    assert unwrap(WRAPPED) == ('[    0.100000] one and two\n  three\n' +
                               17 * ' ' + 'four'), unwrap(WRAPPED)


def bad_log(text, status, reason):
    def check():
        errors = errors_of(text, status)
        assert any(re.search(reason, error) for error in errors), errors
    return check


def what_ends_a_log_counts_once():
    for name, text, status, _ in BAD_LOGS:
        if text.startswith((BEGUN, 'No test')) or not text:
            assert len(errors_of(text, status)) == 1, name


def bad_tap(text, status, reason):
    def check():
        _, errors = ktap.parse_tap(text, status)
        assert any(re.search(reason, error) for error in errors), errors
    return check


def good_tap_passes():
    cases, errors = ktap.parse_tap(TAP, 1)
    assert errors == [], errors
    assert cases == [('a.b', 'pass', []), ('a.c', 'fail', ['note'])], cases


def fake(script, silence=1, limit=2, answer=None):
    """Let Qemu watch a Python script instead. => problem, status, text"""
    with tempfile.TemporaryDirectory() as folder:
        with Qemu([sys.executable, '-uc', script],
                  Path(folder, 'fake.log')) as process:
            if answer:
                answer(process)
            return process.run(silence, limit), process.status, process.text


def ended_machine_gives_its_status():
    assert fake('print("hi"); exit(35)', 20, 20) == (None, 35, 'hi\n')


def carriage_return_is_no_silence():
    script = ('import time\nfor char in "a\\r\\nb\\r\\n":\n'
              '    print(char, end=""); time.sleep(.1)')
    assert fake(script, 20, 20) == (None, 0, 'a\nb\n')


def silence_is_a_hang():
    for script in 'import time; time.sleep(600)', 'while 1: pass':
        problem, _, text = fake('print("hi")\n' + script, 1, 20)
        assert (problem, text) == ('hang: silent for 1 s', 'hi\n'), problem


def endless_talk_is_a_hang():
    for pause in '; time.sleep(.1)', '':
        problem, _, _ = fake(f'import time\nwhile 1: print(1){pause}')
        assert problem == 'hang: not done after 2 s', problem


def conversation_is_held():
    def talk(process):
        process.expect('name')
        process.send('you\n')
        assert process.expect(r'hello (\w+)')[1] == 'you'
    fake('print("name"); print("hello", input())', 20, 20, talk)


def missing_answer_is_noticed():
    for script, reason in (('print("a"); exit(3)', 'status 3'),
                           ('while True: pass', 'not seen in 1 s'),
                           ('import time; time.sleep(600)', 'not seen in 1 s')):
        try:
            fake(script, answer=lambda process: process.expect('b', 1))
        except Unexpected as problem:
            assert reason in str(problem), problem
        else:
            raise AssertionError('not noticed')


def time_stands_still_for_who_is_not_let_run():
    """The others get nearly all of three seconds."""
    script = 'print("up")\nwhile 1: pass'
    with tempfile.TemporaryDirectory() as folder:
        with Qemu(['nice', '-n', '19', sys.executable, '-uc', script],
                  Path(folder, 'fake.log')) as process:
            process.expect('up')
            start, wall = process.time.now(), time.monotonic()
            rivals = [subprocess.Popen([sys.executable, '-c', 'while 1: pass'])
                      for _ in range(2 * os.cpu_count())]
            while time.monotonic() - wall < 3:
                time.sleep(0.01)
                process.time.now()
            for rival in rivals:
                rival.kill()
                rival.wait()
            passed = process.time.now() - start
    assert 0 < passed < 1.5, passed


def it_settles_when_all_is_said():
    script = ('import time\nfor i in range(3):\n    input()\n'
              '    for j in range(3000000): pass\n    print("done")')
    def talk(process):
        for i in range(3):
            process.send('\n')
            process.settle()
            assert process.text == 'done\n' * (i + 1), process.text
    fake(script, 20, 20, talk)


def dearer_row_fails():
    for now, bad in ((103, False), (104, True), (50, False)):
        _, failures = bench.judge({'row': now}, {'row': 100}, {})
        assert bool(failures) == bad, (now, failures)


def row_above_its_goal_fails():
    for now, bad in ((100, False), (101, True)):
        _, failures = bench.judge({'row': now}, {'row': now},
                                  {'row': (100, 200)})
        assert bool(failures) == bad, (now, failures)


def missing_and_new_rows_fail():
    _, failures = bench.judge({'new': 1}, {'old': 1}, {})
    assert len(failures) == 2, failures


def bench_log_is_read_strictly():
    calibration = ('# calibration: rdtsc pair 3 (subtracted), 1000 turns of '
                   'an empty loop 3003 (not subtracted)\n')
    rows = bench.parse(calibration + 'bench: a 10 12 9\n', 33)
    assert rows == {'a': 12}, rows  # the dearer of median and mean
    for text, status in (('bench: a 10 12 9\n', 33),
                         (calibration, 33),
                         (calibration + 'bench: a 10 12 9\n', 37),
                         (calibration + 'bench: a 10\n', 33),
                         (calibration + 'bench: a 1 1 1\n' * 2, 33),
                         (calibration.replace('pair 3', 'pair 30') +
                          'bench: a 10 12 9\n', 33)):
        try:
            bench.parse(text, status)
        except bench.BadRun:
            continue
        raise AssertionError(f'accepted: {text!r}, status {status}')


def picture_of(text, font, width):
    """What a screen with this text looks like: grey on black."""
    lines = [line.ljust(80) for line in text.splitlines()]
    lines += [' ' * 80] * (25 - len(lines))
    pixels = []
    for line in lines:
        for y in range(16):
            for char in line:
                bits = font[ord(char) * 16 + y]
                pixels += [b'\xaa\xaa\xaa' if x < 8 and bits << x & 128
                           else b'\0\0\0' for x in range(width)]
    return b'P6\n%d 400\n255\n' % (80 * width) + b''.join(pixels)


def text_is_read_from_a_picture():
    font = bytes((code * 7 + y * 31) % 256 if code > 32 else 0
                 for code in range(256) for y in range(16))
    text = 'memoir> peek 0x10\n~@#\n\nx'
    for width in (8, 9):
        ppm = bytearray(picture_of(text, font, width))
        lines = test_screen.read_text(bytes(ppm), font)
        read = '\n'.join(line.rstrip() for line in lines).rstrip()
        assert read == text, lines
        pixel = len(ppm) - 80 * width * 400 * 3   # the first one, in the "m"
        ppm[pixel:pixel + 3] = bytes(3)
        lines = test_screen.read_text(bytes(ppm), font)
        assert lines[0][:2] == test_screen.UNKNOWN + 'e', lines[0]


def all_tests():
    tests = [good_log_passes, what_ends_a_log_counts_once,
             failed_case_is_a_failure_with_its_reason,
             rows_of_a_log_are_joined,
             good_tap_passes, ended_machine_gives_its_status,
             carriage_return_is_no_silence, silence_is_a_hang,
             endless_talk_is_a_hang, conversation_is_held,
             missing_answer_is_noticed,
             time_stands_still_for_who_is_not_let_run,
             it_settles_when_all_is_said, dearer_row_fails,
             row_above_its_goal_fails, missing_and_new_rows_fail,
             bench_log_is_read_strictly, text_is_read_from_a_picture,
             *test_mutate.TESTS, *test_docrun.TESTS]
    named = [(test.__name__, test) for test in tests]
    named += [(f'log with {name}', bad_log(*rest)) for name, *rest in BAD_LOGS]
    named += [(f'TAP with {name}', bad_tap(*rest)) for name, *rest in BAD_TAP]
    named += [(f'page with {name}', test_docrun.bad_page(*rest))
              for name, *rest in test_docrun.BAD_PAGES]
    return named


def run():
    """=> [(name, None or what was wrong)]"""
    results = []
    for name, test in all_tests():
        try:
            test()
            results.append((name, None))
        except Exception as problem:  # any: one bad test must not hide others
            results.append((name, f'{type(problem).__name__}: {problem}'))
    return results


if __name__ == '__main__':
    outcome = run()
    for test_name, why in outcome:
        print(f'{"not ok" if why else "ok"} - {test_name}'
              f'{": " + why if why else ""}')
    sys.exit(any(why for _, why in outcome))
