#!/usr/bin/env python3
"""How many deliberate bugs do the tests notice?

    usage: mutate.py [-n N] [--seed SEED] [--shard K/N] [--jobs J]
           mutate.py --list [FILE]      every change that could be made
           mutate.py --only ID          one of them again, with its log

A mutant is the kernel with one thing changed in one function.  Per mutant:

    mutators.py      the source, changed in one place
        |
      make           does not compile, or to the same object code: drawn anew
        |
      the suites that reach the function, cheapest first    (reach.py)
        |            the host's tests, if they have the file
        |            all suites and ring 3's programs, release build
        v            the same, debug build; the reports of crashes
      killed by the first that fails; survived, if none does

Survivors that tools/mutants.txt lists change nothing that anybody could see
(equivalent), each with its reason.  Each job has a tree of its own below
build/mutants.  What is known is kept there too, so that an interrupted run goes
on where it stopped, as long as the sources are the same.  A shard is a part of
the same mutants: eight machines with --shard 1/8 ... 8/8 do what one would do.

Last line: `killed K of N (E equivalent, S survived)`.
"""
import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import mutators
import reach
from qemu import ROOT

HOME = ROOT / 'build/mutants'
EQUIVALENT = ROOT / 'tools/mutants.txt'
LATEST = 3      # suites that are tried one by one before all are
RELEASE, DEBUG = 'build/memoir.elf', 'build/debug/memoir.elf'
# High memory with one, little memory with the other.
MACHINES = {RELEASE: ('qemu32', 1100), DEBUG: ('max', 64)}


def tracked():
    names = subprocess.run(['git', 'ls-files', '-z'], cwd=ROOT, check=True,
                           stdout=subprocess.PIPE).stdout.decode()
    return [name for name in names.split('\0') if (ROOT / name).is_file()]


def fingerprint():
    """What was tested: all sources but the list of equivalents."""
    digest = hashlib.sha256()
    for name in tracked():
        if name != 'tools/mutants.txt':
            digest.update(name.encode() + (ROOT / name).read_bytes())
    return digest.hexdigest()[:16]


class Tree:
    """A copy of the sources in which one job builds its mutants."""

    def __init__(self, number):
        self.path = HOME / f'tree{number}'
        names = tracked()
        for path in self.path.glob('*/**/*.[ch]'):
            name = str(path.relative_to(self.path))
            if not name.startswith('build/') and name not in names:
                path.unlink()
        for name in names:
            source, copy = ROOT / name, self.path / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not copy.exists() or copy.read_bytes() != source.read_bytes():
                shutil.copy2(source, copy)
                os.utime(copy)
        self.make('build/memoir.elf', 'build/initramfs.cpio')
        self.make('DEBUG=1', 'build/debug/memoir.elf')
        self.make('host-tests')
        self.before = {}

    def make(self, *what):
        """=> None, or what the compiler said"""
        done = subprocess.run(
            ['make', '--no-print-directory', 'WERROR=0', *what], cwd=self.path,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.decode() if done.returncode else None

    def objects(self, name):
        """The object code, without its debug lines, of both builds."""
        stem = name.rsplit('.', 1)[0]
        code = []
        for build in ('build/obj', 'build/debug/obj'):
            stripped = self.path / 'build/stripped.o'
            subprocess.run(['objcopy', '-g', f'{build}/{stem}.o',
                            str(stripped)], cwd=self.path, check=True)
            code.append(stripped.read_bytes())
        return code

    def apply(self, mutant):
        path = self.path / mutant.file
        path.write_text(mutators.applied(path.read_text(), mutant))

    def restore(self, mutant):
        shutil.copy2(ROOT / mutant.file, self.path / mutant.file)
        os.utime(self.path / mutant.file)

    def is_another(self, mutant):
        """Compile; is it another kernel?"""
        stem = mutant.file.rsplit('.', 1)[0]
        targets = [f'build/obj/{stem}.o', f'build/debug/obj/{stem}.o']
        if mutant.file not in self.before:
            self.before[mutant.file] = self.objects(mutant.file)
        self.apply(mutant)
        if self.make(targets[0]) or self.make('DEBUG=1', targets[1]):
            return False
        return self.objects(mutant.file) != self.before[mutant.file]

    def verdict(self, mutant, suites):
        """=> by what it is killed, or None. suites: [(name, seconds)]"""
        if self.make(RELEASE):
            return 'link'
        for suite, seconds in suites[:LATEST]:
            killer = self.boot(RELEASE, f'{suite}.*', seconds)
            if killer:
                return f'release {killer}'
        if (self.path / 'build/host' / mutant.file).with_suffix('.o').exists():
            killer = self.host_tests()
            if killer:
                return f'host {killer}'
        for image, label in (RELEASE, 'release'), (DEBUG, 'debug'):
            if image == DEBUG and self.make('DEBUG=1', DEBUG):
                return 'link'
            killer = self.boot(image, '*', reach.ALL_SECONDS)
            if killer:
                return f'{label} {killer}'
        return self.crash_reports()

    def crash_reports(self):
        done = subprocess.run(
            ['python3', 'tools/test.py', '--only', 'crash', '--jobs', '1'],
            cwd=self.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if not done.returncode:
            return None
        failed = re.search(r'FAIL\S*\s+(.*)', done.stdout.decode())
        return f'crash {failed[1] if failed else "reports"}'

    def boot(self, image, glob, seconds):
        cpu, memory = MACHINES[image]
        return reach.first_failure(self.path / image, cpu, memory,
                                   self.path / 'build/initramfs.cpio', glob,
                                   seconds)

    def host_tests(self):
        problem = self.make('host-tests')
        if problem:
            return 'link'
        for program in sorted((self.path / 'build/host').glob('test_*')):
            if not program.is_file() or not os.access(program, os.X_OK):
                continue
            killer = reach.first_host_failure(program)
            if killer:
                return killer
        return None


class Run:
    """N slots; slot i tries the mutants i, i + N, ... until one compiles to
    another kernel, and finds out what notices that one."""

    def __init__(self, options):
        self.count = options.n
        self.known = {}
        self.lock = threading.Lock()
        self.order = mutators.drawn(random.Random(options.seed))
        self.ledger = HOME / f'{fingerprint()}-{options.n}-{options.seed}.jsonl'
        if self.ledger.exists():
            for line in self.ledger.read_text().splitlines():
                slot, ident, killer = json.loads(line)
                self.known[slot] = (ident, killer)
        part, parts = (int(word) for word in options.shard.split('/'))
        self.slots = [slot for slot in range(self.count)
                      if slot % parts == part - 1]
        self.equivalent = equivalents()

    def slot(self, slot, tree, suites):
        if slot not in self.known:
            for mutant in islice(self.order, slot, None, self.count):
                try:
                    if not tree.is_another(mutant):
                        continue
                    killer = tree.verdict(
                        mutant, suites.get(mutant.function, []))
                    break
                finally:
                    tree.restore(mutant)
            else:
                raise SystemExit('there are not so many mutants')
            with self.lock:
                self.known[slot] = (mutant.ident, killer)
                with self.ledger.open('a') as ledger:
                    ledger.write(json.dumps([slot, mutant.ident, killer]))
                    ledger.write('\n')
        self.tell(slot)

    def verdict(self, slot):
        ident, killer = self.known[slot]
        if killer:
            return f'killed    {ident}\n          by {killer}'
        if ident in self.equivalent:
            return f'equal     {ident}\n          {self.equivalent[ident]}'
        return f'SURVIVED  {ident}'

    def tell(self, slot):
        with self.lock:
            done = sum(slot in self.known for slot in self.slots)
            print(f'[{done}/{len(self.slots)}] {self.verdict(slot)}',
                  flush=True)

    def summary(self):
        killed = survived = equal = 0
        for slot in self.slots:
            word = self.verdict(slot).split()[0]
            killed += word == 'killed'
            equal += word == 'equal'
            survived += word == 'SURVIVED'
            if word == 'SURVIVED':
                print(self.verdict(slot))
        print(f'killed {killed} of {len(self.slots)} ({equal} equivalent, '
              f'{survived} survived)')


def equivalents():
    """tools/mutants.txt: the change as it is printed, then its reason."""
    found, ident = {}, None
    for line in EQUIVALENT.read_text().splitlines():
        if line.startswith(' ') and ident:
            found[ident] = f'{found[ident]} {line.strip()}'.strip()
        elif line and not line.startswith('#'):
            ident = line
            found[ident] = ''
    bad = [ident for ident, reason in found.items() if not reason]
    if bad:
        raise SystemExit(f'tools/mutants.txt: no reason: {bad[0]}')
    return found


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('-n', type=int, default=200)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--shard', default='1/1', metavar='K/N')
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('--list', nargs='?', const='*', metavar='FILE')
    parser.add_argument('--only', metavar='ID')
    options = parser.parse_args()
    if options.list:
        for mutant in mutators.all_of(ROOT):
            if options.list in ('*', mutant.file):
                print(mutant.ident)
        return 0
    HOME.mkdir(parents=True, exist_ok=True)
    if options.only:
        return one(options.only)
    run = Run(options)
    trees = [Tree(number) for number in range(options.jobs)]
    suites = reach.suites_of_functions(trees[0].path, HOME, fingerprint(),
                                       MACHINES[RELEASE])
    free = list(trees)

    def work(slot):
        tree = free.pop()
        try:
            run.slot(slot, tree, suites)
        finally:
            free.append(tree)
    with ThreadPoolExecutor(options.jobs) as pool:
        for _ in pool.map(work, run.slots):
            pass
    run.summary()
    return 0


def one(ident):
    mutant = next((m for m in mutators.all_of(ROOT) if m.ident == ident), None)
    if not mutant:
        raise SystemExit(f'no such mutant: {ident} (see --list)')
    tree = Tree(0)
    try:
        another = tree.is_another(mutant)
        print(tree.verdict(mutant, []) or 'SURVIVED' if another else
              'does not compile, or to the same code')
    finally:
        tree.restore(mutant)
    return 0


if __name__ == '__main__':
    sys.exit(main())
