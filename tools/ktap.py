"""Read KTAP 1 as tests/kernel/ktap.c prints it, and believe nothing.

    KTAP version 1                      one header
    1..2                                one plan: so many suites follow
      KTAP version 1                    each suite: header, name, plan,
      # Subtest: list
      1..2
      # Case: an_emptied_list_is_empty  (which one begins, if test= asked)
      ok 1 an_emptied_list_is_empty     and its cases, counted from 1
      # lib/list.c:7: expected ...      (notes on the case that follows)
      not ok 2 moving_keeps_the_order
    not ok 1 list                       then its result: that of its cases
    ...
    # Totals: pass:1 fail:1 skip:0      the end: what comes before must add up

Other lines are what the kernel had to say in between.  Whatever deviates is
an error, in words: a log that stops early must never look like a success.  It
is one error all the same, and names the case that was under way: whatever else
is missing then has the same reason.
"""
import re
from typing import NamedTuple

EXIT_PASS, EXIT_FAIL, EXIT_PANIC = 33, 35, 37
STATUS_MEANS = {EXIT_PASS: 'tests passed', EXIT_FAIL: 'tests failed',
                EXIT_PANIC: 'kernel panic', 0: 'power off or reboot'}

HEADER = re.compile(r'( *)KTAP version 1')
SUBTEST = re.compile(r'  # Subtest: (\w+)')
PLAN = re.compile(r'( *)1\.\.(\d+)')
RESULT = re.compile(r'( *)(ok|not ok) (\d+) (\w+)(?:( # SKIP)(?: (.+))?)?')
TOTALS = re.compile(r'# Totals: pass:(\d+) fail:(\d+) skip:(\d+)')
CASE = re.compile(r'  # Case: (\w+)')
BAIL_OUT = re.compile(r'Bail out! (.*)')
NO_MATCH = re.compile(r'No test matches "(.*)": .*')
NOTE = re.compile(r' *# (.*)')
SUSPECT = re.compile(r'\s*(KTAP|1\.\.|ok\b|not ok\b|# Totals)')
PANIC = re.compile(r'\*\*\* (kernel panic|.*exception \d+)|while reporting')


class Case(NamedTuple):
    name: str
    result: str  # pass, fail, skip
    notes: list  # why


class Suite:
    def __init__(self):
        self.name = self.plan = None
        self.running = None   # the case that has begun
        self.cases = []

    def label(self):
        return f'suite {self.name or "without a name"}'


class Parser:
    """Feed it line() by line; then end() gives the cases and the errors."""

    def __init__(self):
        self.cases = []
        self.errors = []
        self.headers = 0
        self.plan = None
        self.suites = []     # names of those that ended
        self.suite = None    # the one under way
        self.notes = []
        self.totals = None
        self.cut = None      # why there is no more: it gave up, or a panic

    def error(self, text):
        self.errors.append(text)

    def line(self, text):
        for pattern, handle in ((HEADER, self.header), (SUBTEST, self.subtest),
                                (PLAN, self.plan_line), (RESULT, self.result),
                                (TOTALS, self.totals_line), (CASE, self.case),
                                (BAIL_OUT, self.bail_out),
                                (NO_MATCH, self.no_match), (NOTE, self.note)):
            match = pattern.fullmatch(text)
            if match:
                handle(match)
                return
        if PANIC.search(text):
            self.cut = self.cut or f'panic: {text.strip()}'
        elif SUSPECT.match(text):
            self.error(f'malformed line: {text!r}')

    def header(self, match):
        if not match[1]:
            self.headers += 1
            if self.headers > 1:
                self.error('a second header')
            return
        if self.suite:
            self.error(f'{self.suite.label()}: another suite begins inside')
        elif self.plan is None:
            self.error('a suite before the plan')
        self.suite = Suite()

    def subtest(self, match):
        if not self.suite or self.suite.name:
            self.error(f'stray name of a suite: {match[1]}')
        else:
            self.suite.name = match[1]

    def plan_line(self, match):
        owner = self.suite if match[1] else self
        label = self.suite.label() + ': ' if match[1] and self.suite else ''
        if owner is None:
            self.error('a plan outside a suite')
        elif owner.plan is not None:
            self.error(f'{label}a second plan')
        elif self.suites and owner is self or match[1] and self.suite.cases:
            self.error(f'{label}the plan comes late')
        else:
            owner.plan = int(match[2])

    def case(self, match):
        if self.suite:
            self.suite.running = match[1]

    def bail_out(self, match):
        self.cut = self.cut or match[1]

    def no_match(self, match):
        if not self.headers:
            self.cut = f'no test matches "{match[1]}"'

    def note(self, match):
        """Three blanks: the one before goes on."""
        if self.notes and match[1].startswith('  '):
            self.notes[-1] += ' ' + match[1].strip()
        else:
            self.notes.append(match[1])

    def result(self, match):
        indent, verdict, number, name, skip, reason = match.groups()
        if self.totals:
            self.error(f'a result after the totals: {name}')
        elif indent:
            self.case_result(verdict, int(number), name, skip and
                             ([reason] if reason else self.notes))
        else:
            self.suite_result(verdict, int(number), name)
        self.notes = []

    def case_result(self, verdict, number, name, skipped):
        suite = self.suite
        if not suite:
            self.error(f'a case outside a suite: {name}')
            return
        full = f'{suite.name}.{name}'
        suite.running = None
        if number != len(suite.cases) + 1:
            self.error(f'{full} is number {number}, '
                       f'not {len(suite.cases) + 1}')
        if any(full == case.name for case in suite.cases):
            self.error(f'{full} comes twice')
        if verdict == 'not ok':
            result = 'fail'
        else:
            result = 'pass' if skipped is None else 'skip'
        notes = skipped if result == 'skip' else self.notes
        suite.cases.append(Case(full, result, notes))
        self.cases.append(suite.cases[-1])

    def suite_result(self, verdict, number, name):
        suite, self.suite = self.suite, None
        if not suite:
            self.error(f'a result without a suite: {name}')
            return
        if number != len(self.suites) + 1:
            self.error(f'suite {name} is number {number}, '
                       f'not {len(self.suites) + 1}')
        if name != suite.name:
            self.error(f'{suite.label()} ends as {name}')
        if name in self.suites:
            self.error(f'suite {name} comes twice')
        self.check_plan(suite)
        failed = any(case.result == 'fail' for case in suite.cases)
        if failed != (verdict == 'not ok'):
            self.error(f'{suite.label()} is "{verdict}", its cases are not')
        self.suites.append(name)

    def check_plan(self, suite):
        if suite.plan is None:
            self.error(f'{suite.label()} has no plan')
        elif suite.plan != len(suite.cases):
            self.error(f'{suite.label()}: {suite.plan} cases planned, '
                       f'{len(suite.cases)} ran')

    def totals_line(self, match):
        if self.totals:
            self.error('totals twice')
        self.totals = tuple(int(n) for n in match.groups())

    def count(self, result):
        return sum(case.result == result for case in self.cases)

    def end(self, status, problem=None):
        """The log is over: QEMU ended with status, or there was a problem."""
        why = self.cut or problem
        if self.suite and not why:
            why = f'the log ends, exit status {describe(status)}'
        if why:
            self.error(self.where() + why)
        elif not self.headers:
            self.error('no tests: the log has no KTAP header')
        else:
            self.check_end(status)
        return self

    def where(self):
        """What was under way, for a log that is cut off there."""
        suite = self.suite
        if not suite:
            return ''
        if suite.running:
            return f'{suite.name}.{suite.running}: '
        return (f'{suite.label()} did not end: {len(suite.cases)} of '
                f'{suite.plan} cases ran: ')

    def check_end(self, status):
        if self.plan is None:
            self.error('no plan')
        elif self.plan != len(self.suites):
            self.error(f'{self.plan} suites planned, {len(self.suites)} ended')
        if self.plan == 0:
            self.error('nothing was run')
        self.check_totals()
        self.check_status(status)

    def check_totals(self):
        counted = tuple(self.count(r) for r in ('pass', 'fail', 'skip'))
        if self.totals is None:
            self.error('no totals: the log is cut off')
        elif self.totals != counted:
            self.error(f'totals say {self.totals}, the lines {counted} '
                       '(pass, fail, skip)')

    def check_status(self, status):
        expected = EXIT_FAIL if self.count('fail') else EXIT_PASS
        if status != expected:
            self.error(f'exit status {describe(status)} instead of '
                       f'{describe(expected)}')


def describe(status):
    return f'{status} ({STATUS_MEANS.get(status, "unknown")})'


def parse(text, status, problem=None):
    """Parse a whole log."""
    parser = Parser()
    for line in text.splitlines():
        parser.line(line.rstrip('\r'))
    return parser.end(status, problem)


def parse_tap(text, status, problem=None):
    """Plain TAP of a program on the host: its cases and what is wrong."""
    cases, errors, notes, plans = [], [], [], []
    for line in text.splitlines():
        result = re.fullmatch(r'(ok|not ok) (\d+)(?: -)? (\S+)'
                              r'(?: # SKIP (.+))?', line)
        if result:
            if int(result[2]) != len(cases) + 1:
                errors.append(f'{result[3]} is number {result[2]}, '
                              f'not {len(cases) + 1}')
            verdict = 'fail' if result[1] == 'not ok' else \
                'skip' if result[4] else 'pass'
            cases.append(Case(result[3], verdict, notes))
            notes = []
        elif re.fullmatch(r'1\.\.\d+', line):
            plans.append(int(line[3:]))
        elif line.startswith('# '):
            notes.append(line[2:])
        elif SUSPECT.match(line) or line.startswith('Bail out!'):
            errors.append(line)
    if problem:
        after = f', after {cases[-1].name}' if cases else ''
        return cases, errors + [problem + after]
    if len(plans) != 1:
        errors.append(f'{len(plans)} plans instead of one')
    elif plans[0] != len(cases) or not cases:
        errors.append(f'{plans[0]} cases planned, {len(cases)} ran')
    failed = any(case.result == 'fail' for case in cases)
    if status != (1 if failed else 0):
        errors.append(f'exit status {status}')
    return cases, errors
