#!/usr/bin/env python3
"""Count instructions per operation; compare with what was and what should be.

    usage: bench.py [--update] [--no-goals] [GLOB]

    QEMU -icount, bench=GLOB --> "bench: NAME MEDIAN MEAN MIN" --+
    tests/bench/baseline.csv    what it was: name,instructions --+--> table,
    tests/bench/goals.csv       what it should be -------------- +    verdict

One tick of the time stamp counter is one instruction there, and a run repeats
to the digit: the numbers are the same on every PC.  A row's value is the
dearer of its median and its mean, so that nothing is gained by putting work
off.  It fails when it rose by more than 3 % or lies above its goal.  Written to
build/bench.csv (name,instructions); --update makes that the baseline.

One row is no count: heap_waste_pct, from build/host/replay on the host.
"""
import argparse
import csv
import fnmatch
import re
import subprocess
import sys

from qemu import EXIT_DEVICE, ROOT, Qemu, tail

TOLERANCE = 1.03
KERNEL = 'build/memoir.elf'
RESULT = ROOT / 'build/bench.csv'
BASELINE = ROOT / 'tests/bench/baseline.csv'
GOALS = ROOT / 'tests/bench/goals.csv'
LIMIT = 600   # seconds of QEMU's own (owntime.py)
MAX_PAIR = 4   # instructions: rdtsc itself, and saving what it gave

EXIT_PASS = 33
SMALL, LARGE = 512, 3583   # MiB, for the growth of booting with RAM
PAGES_PER_MIB = 256
REPLAY, WASTE_ROW = 'build/host/replay', 'heap_waste_pct'
BOOT_ROW, GROWTH_ROW = 'boot_to_monitor', 'boot_per_page'

# Counted, not timed: see docs of -icount. The rest makes a run repeat itself.
COUNTING = ['-accel', 'tcg', '-icount', 'shift=0,sleep=off', '-cpu', 'qemu32',
            '-seed', '1', '-rtc', 'base=2020-01-01T00:00:00,clock=vm']


class BadRun(Exception):
    """A run that measured nothing that could be trusted."""


def parse(text, status):
    """=> {row: instructions}"""
    pair = re.search(r'^# calibration: rdtsc pair (\d+) ', text, re.M)
    if status != EXIT_PASS:
        raise BadRun(f'exit status {status} instead of {EXIT_PASS}')
    if not pair:
        raise BadRun('no calibration')
    if int(pair[1]) > MAX_PAIR:
        raise BadRun(f'two rdtsc in a row cost {pair[1]}, not {MAX_PAIR} at '
                     'most: this TSC does not count instructions')
    rows = {}
    for line in re.findall(r'^bench: .*$', text, re.M):
        row = re.fullmatch(r'bench: (\w+) (\d+) (\d+) (\d+)', line)
        if not row or row[1] in rows:
            raise BadRun(f'malformed, or a second time: {line}')
        rows[row[1]] = max(int(row[2]), int(row[3]))
    if not rows:
        raise BadRun('no rows')
    return rows


def measure(glob, memory):
    argv = ['qemu-system-i386', *COUNTING, '-m', str(memory), '-kernel',
            KERNEL, '-append', f'bench={glob} panic=exit', '-display', 'none',
            '-serial', 'stdio', '-no-reboot', '-nic', 'none', *EXIT_DEVICE]
    with Qemu(argv, ROOT / f'build/test/bench-{memory}M.log') as qemu:
        problem = qemu.run(LIMIT, LIMIT)
        try:
            if problem:
                raise BadRun(problem)
            return parse(qemu.text.replace('\r', ''), qemu.status)
        except BadRun as bad:
            raise BadRun(f'-m {memory}: {bad}\n{tail(qemu.text)}') from None


def measure_waste():
    """=> what the heap loses of its memory on our traces, in percent"""
    run = subprocess.run([ROOT / REPLAY, '--waste'], capture_output=True,
                         text=True, check=False)
    if run.returncode or not run.stdout.strip().isdigit():
        raise BadRun(f'{REPLAY}: {run.stdout}{run.stderr}')
    return int(run.stdout)


def measure_all(glob):
    if glob == WASTE_ROW:
        return {WASTE_ROW: measure_waste()}
    rows = measure(glob, SMALL)
    if fnmatch.fnmatchcase(WASTE_ROW, glob):
        rows[WASTE_ROW] = measure_waste()
    if BOOT_ROW in rows:
        more = measure(BOOT_ROW, LARGE)[BOOT_ROW] - rows[BOOT_ROW]
        pages = (LARGE - SMALL) * PAGES_PER_MIB
        rows[GROWTH_ROW] = max(0, round(more / pages))
    return rows


def read_table(path):
    """A CSV file with a header. => {name: [number, ...]}"""
    if not path.exists():
        return {}
    with open(path, newline='') as file:
        rows = list(csv.reader(file))[1:]
    return {name: [int(n) if n else None for n in numbers]
            for name, *numbers in rows}


def write_rows(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'w', newline='') as file:
        writer = csv.writer(file, lineterminator='\n')
        writer.writerow(['name', 'instructions'])
        writer.writerows(sorted(rows.items()))


def judge(rows, baseline, goals):
    """Compare. => (lines of the table, what fails)

    rows, baseline: {name: instructions}; goals: {name: (goal, linux)}"""
    lines, failures = [], []
    for name, now in sorted(rows.items()):
        goal, linux = goals.get(name, (None, None))
        old = baseline.get(name)
        change = f'{100 * (now - old) / old:+.1f} %' if old else '-'
        marks = []
        if old is None:
            marks.append('not in the baseline')
        elif now > old * TOLERANCE:
            marks.append('dearer than the baseline')
        if goal is not None and now > goal:
            marks.append('above its goal')
        failures += [f'{name}: {mark}' for mark in marks]
        lines.append((name, now, goal, linux, old, change, ', '.join(marks)))
    failures += [f'{name}: in the baseline, but was not measured'
                 for name in sorted(baseline.keys() - rows.keys())]
    return lines, failures


def number(value):
    return '-' if value is None else f'{value:,}'


def print_table(lines):
    heads = ('row', 'now', 'goal', 'Linux', 'baseline', 'change', '')
    table = [heads] + [(name, *map(number, (now, goal, linux, old)), *rest)
                       for name, now, goal, linux, old, *rest in lines]
    widths = [max(len(row[i]) for row in table) for i in range(len(heads))]
    for row in table:
        cells = [row[0].ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:])]
        print('  '.join(cells + [row[-1]]).rstrip())


def main():
    parser = argparse.ArgumentParser(description='Count instructions.')
    parser.add_argument('glob', nargs='?', default='*', metavar='GLOB')
    parser.add_argument('--update', action='store_true',
                        help='make the result the baseline')
    parser.add_argument('--no-goals', action='store_true',
                        help='a row above its goal does not fail')
    args = parser.parse_args()
    if args.update and args.glob != '*':
        parser.error('--update wants all rows: no GLOB')

    try:
        rows = measure_all(args.glob)
    except BadRun as bad:
        print(bad)
        return 1
    baseline = {name: old for name, (old,) in read_table(BASELINE).items()}
    if args.glob != '*':
        baseline = {name: old for name, old in baseline.items() if name in rows}
    lines, failures = judge(rows, baseline, read_table(GOALS))
    print_table(lines)
    write_rows(RESULT, rows)
    if args.no_goals:
        failures = [f for f in failures if not f.endswith('above its goal')]
    if args.update:
        write_rows(BASELINE, rows)
        failures = [f for f in failures if f.endswith('above its goal')]
    for failure in failures:
        print(failure)
    return 1 if failures else 0


if __name__ == '__main__':
    sys.exit(main())
