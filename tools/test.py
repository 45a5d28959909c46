#!/usr/bin/env python3
"""Run the tests: on the host, in the kernel on many machines, and of the tools.

    usage: test.py [-v] [-T GLOB] [--jobs N] [--only GROUP,...]

    group    what runs                                      where it stands
    tools    the tests of the test tools, and suites that   test_selftest.py
             must fail, run in the kernel: do we notice?    test_selftest.c
    host     programs that print TAP                        tests/host
    kernel   `test=*` on every machine of MACHINES          tests/kernel
    crash    one boot a crash; the report must explain it   tests/crash
    make     what it rebuilds, takes, installs               test_make.py
    boot     how it starts, and how it stops                test_boot.py
    monitor  commands typed on the serial line              test_monitor.py
    screen   keys typed, and the picture read back          test_screen.py
    gdb      scripted sessions that print TAP               tests/gdb
    user     programs in ring 3: on this host, on machines  tests/user
             with an initramfs, started from the monitor    test_user.py
    docs     what README.md and docs/ tell one to type, and docrun.py
             whether it comes out so

How busy the host is changes how long all this takes, and nothing else: limits
are in the time of the machine (see STEADY; tests/kernel/ktap.c watches each
case) or of its QEMU (owntime.py).

Jobs run two at a time, since that is what the smallest build machine has.  Each
keeps its serial log as build/test/NAME.log.  The last line is "N passed, N
failed"; the exit status is 1 if anything failed.
"""
import argparse
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import docrun
import ktap
import test_boot
import test_make
import test_monitor
import test_monitor_contexts
import test_monitor_forms
import test_monitor_heap
import test_monitor_stop
import test_monitor_vm
import test_screen
import test_selftest
import test_serial
import test_user
from owntime import OwnTime
from qemu import PATIENCE, ROOT, Machine, Qemu, Unexpected, tail, unwrap
from test_monitor import COLUMNS

GROUPS = ('tools', 'make', 'host', 'kernel', 'crash', 'boot', 'monitor',
          'screen', 'gdb', 'user', 'docs')
SCRIPTS = {'boot': test_boot.SCRIPTS,
           'make': test_make.SCRIPTS,
           'monitor': (test_monitor.SCRIPTS + test_monitor_heap.SCRIPTS +
                       test_monitor_vm.SCRIPTS +
                       test_monitor_contexts.SCRIPTS + test_serial.SCRIPTS +
                       test_monitor_stop.SCRIPTS +
                       test_monitor_forms.SCRIPTS),
           'screen': test_screen.SCRIPTS}

RELEASE, DEBUG = 'build/memoir.elf', 'build/debug/memoir.elf'
ISO = 'build/test.iso'   # like memoir.iso, but boots `test=*`
OLD_PAGING = 'qemu32,-pse,-pge,-fxsr,-sse,-sse2'

# Time that follows the instructions (8 ns each), not the host's clock: a test
# that waits has the same outcome, whatever else keeps the host busy.
STEADY = ('-icount', 'shift=3,sleep=off', '-rtc', 'clock=vm')

# Every build with every processor with every amount of RAM, since a boot is a
# fraction of a second; through GRUB, which is slower, and reads no CD in steady
# time, two. They go by the host's clock, and show what a steady one hides.
MACHINES = [Machine(image, cpu, memory, STEADY)
            for image in (RELEASE, DEBUG)
            for cpu in ('qemu32', 'max', 'pentium3', OLD_PAGING)
            for memory in (16, 128, 1024, 3583, 4096)]
MACHINES += [Machine(image, cpu, 128, STEADY) for image in (RELEASE, DEBUG)
             for cpu in ('486', 'pentium')]
MACHINES += [Machine(ISO, 'max', 16), Machine(ISO, OLD_PAGING, 4096)]
MACHINES += [Machine(RELEASE, 'max', 128, STEADY, append='lockdep'),
             Machine(RELEASE, 'max', 1024, STEADY,
                     append='mem=917508K')]   # one page of high memory

# With programs: each size, and each build, with both kinds of processors.
INITRAMFS = 'build/initramfs.cpio'
USER_MACHINES = [Machine(image, cpu, memory, ('-initrd', INITRAMFS, *STEADY))
                 for image, cpu, memory in (
                     (RELEASE, 'qemu32', 64), (RELEASE, 'max', 128),
                     (RELEASE, OLD_PAGING, 1100), (DEBUG, 'max', 64),
                     (DEBUG, 'qemu32', 128), (DEBUG, 'max', 1100))]

# Suites that fail on purpose, and what must be noticed: (result or 'error',
# where, the reason).  One entry more or less than these is a failure, too.
# (Compilers differ in the order in which they place the cases of a file.)
SELFTESTS = {
    'selftest_fail': [
        ('fail', 'a_false_condition',
         r'test_selftest\.c:\d+: expected sum == 3'),
        ('fail', 'two_values_that_differ', r'expected three == 4, but three is '
         r'3 \(0x3\) and 4 is 4 \(0x4\)\n.*expected -three >= 0, but -three is '
         r'-3 \(0xf+d\) and .*\n.*do_nothing is \d+ \(0xc0\w+\) and .* is 0 '
         r'\(0\)$'),
        ('fail', 'two_strings_that_differ',
         r'to be "tr\?ie", but it is "tree"'),
        ('fail', 'a_trap_that_does_not_come', r'expected exception 14 '
         r'\(page fault\) from do_nothing\(NULL\), but it returned'),
        ('fail', 'a_trap_that_is_another', r'^[^\n]*expected exception '
         r'14 \(page fault\).*, but exception 6 \(invalid opcode\) came$'),
        ('fail', 'an_assert_leaves_the_case', r'^[^\n]*expected one == 2.*$'),
        ('fail', 'many_failures_are_cut', r'(.*expected i < 0\n){10}'
         r'and 990 more$'),
        ('fail', 'interrupts_left_off', 'left interrupts off'),
    ],
    'selftest_leak': [
        ('fail', 'two_objects_are_taken',
         '^leaked: selftest objects went from (0 to 2|-1 to 1)$'),
        ('fail', 'one_object_too_many_is_given_back',
         '^leaked: selftest objects went from (2 to 1|0 to -1)$'),
    ],
    'selftest_skip': [
        ('skip', 'on_any_machine', 'no machine can show this'),
        ('fail', 'after_a_failure', 'expected false'),
    ],
    'selftest_panic': [
        ('error', '', r'^selftest_panic\.in_it: panic: .*kernel panic: '
         'selftest$'),
    ],
    'selftest_hang': [
        ('error', '', r'^selftest_hang\.for_ever: it is not done after 120 s$'),
    ],
    'selftest_spin': [
        ('error', '', r'^selftest_spin\.for_ever: hang: silent for 4 s$'),
    ],
    'selftest_short': [
        ('error', '', r'^selftest_short\.the_exit: the log ends, exit status 33'
         r' \(tests passed\)$'),
    ],
    'selftest_*.no_such_case': [
        ('error', '', r'^no test matches "selftest_\*\.no_such_case"$'),
    ],
}


class Outcome:
    """What became of one job."""

    def __init__(self, passed=0, skipped=0, failures=(), log=''):
        self.passed = passed
        self.skipped = skipped
        self.failures = list(failures)  # a line or more each
        self.log = log                  # shown when something failed


def machine_name(machine):
    build = {RELEASE: 'release', DEBUG: 'debug', ISO: 'iso'}[machine.image]
    cpu = 'qemu32-pse-pge' if machine.cpu == OLD_PAGING else machine.cpu
    name = f'{build}-{cpu}-{machine.memory}M'
    return f'{name}-{machine.append}' if machine.append else name


def log_path(name):
    return ROOT / 'build' / 'test' / (re.sub(r'[^\w.-]', '_', name) + '.log')


def count_cases(cases, errors, log):
    failures = [f'{case.name}\n' + '\n'.join(case.notes)
                for case in cases if case.result == 'fail']
    return Outcome(sum(case.result == 'pass' for case in cases),
                   sum(case.result == 'skip' for case in cases),
                   failures + errors, log)


def boot(name, machine, append, silence=PATIENCE, on_text=None):
    """Boot until it ends. => what it said, exit status, what was wrong"""
    with Qemu(machine.command(append), log_path(name),
              on_text=on_text) as qemu:
        problem = qemu.run(silence)
        return qemu.text, qemu.status, problem


def run_kernel(name, machine, glob='*', on_text=None):
    report = boot(name, machine, f'test={glob} panic=exit', on_text=on_text)
    parsed = ktap.parse(*report)
    return count_cases(parsed.cases, parsed.errors, report[0])


def run_user(name, machine):
    """Here nothing has a reason to be skipped."""
    outcome = run_kernel(name, machine, 'user.*')
    if outcome.skipped:
        outcome.failures.append(f'{outcome.skipped} cases were skipped')
    return outcome


def run_selftest(name, glob):
    """The harness must report exactly what SELFTESTS lists, no less."""
    text, status, problem = boot(name, Machine(RELEASE, options=STEADY),
                                 f'test={glob} panic=exit', silence=4)
    parsed = ktap.parse(text, status, problem)
    suite = glob.split('.')[0]
    found = [(case.result, case.name, '\n'.join(case.notes))
             for case in parsed.cases if case.result != 'pass']
    found += [('error', '', error) for error in parsed.errors]
    expected = [(result, f'{suite}.{where}' if where else '', reason)
                for result, where, reason in SELFTESTS[glob]]
    failures = []
    for result, where, reason in expected:
        match = next((f for f in found if f[:2] == (result, where) and
                      re.search(reason, f[2])), None)
        if match:
            found.remove(match)
        else:
            failures.append(f'not noticed: {result} {where}: {reason}')
    failures += [f'noticed, but should not be: {f}' for f in found]
    return Outcome(0 if failures else 1, 0, failures, text)


def crash_reports():
    """tests/crash/reports.txt: {"kind words": [pattern, ...]}"""
    reports = {}
    for line in (ROOT / 'tests/crash/reports.txt').read_text().splitlines():
        if line.startswith('['):
            patterns = reports.setdefault(line.strip('[]'), [])
        elif line and not line.startswith('#'):
            patterns.append(line)
    return reports


def check_report(text, patterns):
    """Each pattern on a line of its own, in this order; `!`: on none."""
    text = unwrap(text)
    lines = iter(text.splitlines())
    for pattern in patterns:
        if pattern.startswith('!'):
            if re.search(pattern[1:], text):
                return f'the report has: {pattern[1:]}'
        elif not any(re.search(pattern, line) for line in lines):
            return f'the report has no (or not here): {pattern}'
    return None


def run_crash(name, what, patterns):
    kind, *words = what.split()
    cpu = [word[4:] for word in words if word.startswith('cpu=')]
    options = [word for word in words if not word.startswith('cpu=')]
    text, status, problem = boot(
        name, Machine(RELEASE, *cpu),
        ' '.join([f'run="crash {kind}" panic=exit', *options]))
    report = text[text.rfind(f'crash {kind}\n'):]
    if not problem and status != ktap.EXIT_PANIC:
        problem = f'exit status {status} instead of {ktap.EXIT_PANIC}'
    wide = [line for line in report.splitlines() if len(line) > COLUMNS]
    if not problem and wide:
        problem = f'more than {COLUMNS} columns: {wide[0]}'
    failure = problem or check_report(report, patterns)
    return Outcome(0 if failure else 1, 0, [failure] if failure else [], text)


def run_tap(name, argv):
    """A program that prints TAP."""
    with Qemu(argv, log_path(name), family=True) as program:
        problem = program.run(200)
        text, status = program.text, program.status
    return count_cases(*ktap.parse_tap(text, status, problem), text)


def run_script(name, script):
    """A conversation with a machine: a function that raises Unexpected."""
    try:
        return Outcome(script(log_path(name)))
    except Unexpected as problem:
        log = log_path(name).read_text(errors='replace')
        return Outcome(0, 0, [str(problem)], log)


def run_tool_tests(_name):
    results = test_selftest.run()
    return Outcome(sum(not reason for _, reason in results), 0,
                   [f'{name}: {why}' for name, why in results if why])


def run_docs(name, page):
    """Blocks that are not run are counted, as the skipped ones that they are."""
    run, problems = docrun.run_page(page, log_path(name).with_suffix(''))
    blocks, left = run.counts()
    return Outcome(max(blocks - len(problems), int(not problems)), len(left),
                   problems)


def programs(folder, pattern):
    found = sorted(path for path in (ROOT / folder).glob(pattern)
                   if os.access(path, os.X_OK) and path.is_file())
    return [(path.stem, [str(path)]) for path in found]


def jobs_of(group):
    """[(name, function, arguments)]"""
    if group == 'tools':
        return [('parser', run_tool_tests, ())] + [
            (glob, run_selftest, (glob,)) for glob in SELFTESTS]
    if group == 'host':
        return [(name, run_tap, (argv,)) for name, argv in
                programs('build/host', 'test_*')]
    if group == 'kernel':
        return [(machine_name(m), run_kernel, (m,)) for m in MACHINES]
    if group == 'crash':
        return [(what, run_crash, (what, patterns))
                for what, patterns in crash_reports().items()]
    if group == 'gdb':
        return [(name, run_tap, (argv,)) for name, argv in
                programs('tests/gdb', 'test_*')]
    if group == 'user':
        return [('host', run_script, (test_user.on_host,))] + [
            (machine_name(m), run_user, (m,)) for m in USER_MACHINES] + [
            (name, run_script, (script,)) for name, script in test_user.SCRIPTS]
    if group == 'docs':
        return [(page, run_docs, (page,)) for page in docrun.PAGES]
    return [(name, run_script, (script,)) for name, script in SCRIPTS[group]]


def run_job(name, function, arguments):
    start = time.monotonic()
    try:
        outcome = function(name, *arguments)
    except OSError as error:
        outcome = Outcome(failures=[f'cannot run: {error}'])
    return outcome, time.monotonic() - start


def show(group, name, outcome, seconds):
    counts = f'{outcome.passed} passed'
    if outcome.failures:
        counts += f', {len(outcome.failures)} failed'
    if outcome.skipped:
        counts += f', {outcome.skipped} skipped'
    verdict = 'FAIL' if outcome.failures else 'ok'
    print(f'  {verdict:5}{group:8} {name:30} {counts}  ({seconds:.1f} s)')
    for failure in outcome.failures:
        print('        ' + failure.strip().replace('\n', '\n          '))
    # What a case has to say is said; the rest may stand in a report.
    if outcome.failures and outcome.log and (
            group not in ('kernel', 'host') or 'panic: ' in
            outcome.failures[-1]):
        print(f'        the end of {log_path(name).relative_to(ROOT)}:')
        print('        | ' + tail(outcome.log).replace('\n', '\n        | '))
    sys.stdout.flush()


def run_groups(groups, nr_jobs, verbose):
    total = Outcome()
    with ThreadPoolExecutor(nr_jobs) as pool:
        running = {}
        for group in groups:
            jobs = jobs_of(group)
            if not jobs:
                show(group, '-', Outcome(failures=['there are none']), 0)
                total.failures.append(group)
            for name, function, arguments in jobs:
                job_name = name if group == 'kernel' else f'{group}-{name}'
                future = pool.submit(run_job, job_name, function, arguments)
                running[future] = group, job_name
        for future in as_completed(running):
            outcome, seconds = future.result()
            show(*running[future], outcome, seconds)
            if verbose and not outcome.failures and outcome.log:
                print(outcome.log)
            total.passed += outcome.passed
            total.skipped += outcome.skipped
            total.failures += outcome.failures
    return total


def run_glob(glob, image):
    """Only the suites that match, on one machine, shown as they run."""
    machine = Machine(image, options=('-initrd', INITRAMFS, *STEADY))
    outcome = run_kernel('only', machine, glob,
                         on_text=lambda text: print(text, end='', flush=True))
    print()
    outcome.log = ''
    show('kernel', 'only', outcome, 0)
    return outcome


def main():
    parser = argparse.ArgumentParser(description='Run the tests.')
    parser.add_argument('-v', '--verbose', action='store_true',
                        help='show what every job said')
    parser.add_argument('-T', metavar='GLOB',
                        help='only the in-kernel tests that match')
    parser.add_argument('--kernel', default=RELEASE, metavar='ELF',
                        help='with -T: the kernel that runs them')
    parser.add_argument('--jobs', type=int, default=2, metavar='N')
    parser.add_argument('--only', metavar='GROUP,...', default=','.join(GROUPS))
    args = parser.parse_args()
    groups = args.only.split(',')
    unknown = set(groups) - set(GROUPS)
    if unknown:
        parser.error(f'no such group: {", ".join(sorted(unknown))} '
                     f'(there are {", ".join(GROUPS)})')

    start = time.monotonic()
    if args.T:
        total = run_glob(args.T, args.kernel)
    else:
        total = run_groups(groups, args.jobs, args.verbose)
    print(f'{time.monotonic() - start:.0f} s')
    skipped = f', {total.skipped} skipped' if total.skipped else ''
    print(f'{total.passed} passed, {len(total.failures)} failed{skipped}')
    return 1 if total.failures or not total.passed else 0


if __name__ == '__main__':
    sys.exit(main())
