"""Which suites reach a function; and one suite run until its first failure.

    QEMU -d in_asm, once a suite --> the addresses that were executed
    nm                           --> whose they are
                                     {function: [(suite, CPU seconds), ...]}

Cheapest first.  QEMU's CPU time is what bounds a run, never the clock: how busy
the host is decides nothing.
"""
import bisect
import json
import os
import re
import subprocess
import time

from owntime import cpu_seconds
from qemu import EXIT_DEVICE

EXIT_PASS = 33
ALL_SECONDS = 20   # CPU time that all suites take, about
SLOWER = 5         # a mutant may take so many times what the kernel takes ...
SPARE = 10         # ... and so many seconds more
ASLEEP = 15        # seconds without any CPU time: nobody will wake it
PATIENCE = 900     # the clock is asked at last, if QEMU itself is stuck
HOST_SECONDS = 120
KERNEL_START = 0xC0000000


def command(kernel, cpu, memory, initrd, glob):
    return ['qemu-system-i386', '-accel', 'tcg', '-cpu', cpu, '-m',
            str(memory), '-display', 'none', '-serial', 'stdio', '-no-reboot',
            '-nic', 'none', *EXIT_DEVICE, '-icount', 'shift=3,sleep=off',
            '-rtc', 'clock=vm', '-kernel', str(kernel), '-initrd', str(initrd),
            '-append', f'test={glob} panic=exit']


class Watch:
    """Reads a log as it grows; knows where it is, and what failed first."""

    def __init__(self):
        self.failure = None
        self.suite = self.last = self.panic = ''
        self.totals = False

    def line(self, text):
        subtest = re.match(r'  # Subtest: (\w+)', text)
        case = re.match(r'  (ok|not ok) \d+ (\w+)', text)
        if subtest:
            self.suite, self.last = subtest[1], ''
        elif case:
            self.last = case[2]
            if case[1] == 'not ok':
                self.failure = f'{self.suite}.{case[2]}'
        elif re.search(r'\*\*\* (kernel panic|.*exception)|while reporting',
                       text):
            self.panic = self.panic or text.split('*** ')[-1].strip()
        elif text.startswith('# Totals'):
            self.totals = True

    def place(self):
        after = f'{self.suite}.{self.last}' if self.last else self.suite
        return f'after {after}' if after else 'while booting'

    def verdict(self, status, stuck):
        if self.failure:
            return self.failure
        if self.panic:
            return f'panic {self.place()}: {self.panic}'
        if stuck:
            return f'hang {self.place()}'
        if status != EXIT_PASS or not self.totals:
            return f'end {self.place()}, status {status}'
        return None


def first_failure(kernel, cpu, memory, initrd, glob, seconds):
    """Run the suites; => the first thing that went wrong, or None."""
    qemu = subprocess.Popen(command(kernel, cpu, memory, initrd, glob),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT)
    watch, stuck = Watch(), False
    os.set_blocking(qemu.stdout.fileno(), False)
    rest, began = '', time.monotonic()
    moved, moved_at = 0.0, began
    try:
        while not watch.failure and not stuck:
            data = qemu.stdout.read()
            if data:
                *lines, rest = (rest + data.decode('ascii', 'replace')
                                ).replace('\r', '').split('\n')
                for text in lines:
                    watch.line(text)
                continue
            if qemu.poll() is not None:
                break
            used, now = cpu_seconds(qemu.pid), time.monotonic()
            if used > moved + 0.05:
                moved, moved_at = used, now
            stuck = (used > seconds * SLOWER + SPARE or
                     now - moved_at > ASLEEP or now - began > PATIENCE)
            time.sleep(0.02)
    finally:
        qemu.kill()
        qemu.wait()
    return watch.verdict(qemu.returncode, stuck)


def first_host_failure(program):
    """=> its first case that is not ok, or None"""
    try:
        done = subprocess.run([str(program)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=PATIENCE,
                              preexec_fn=bounded)
    except subprocess.TimeoutExpired:
        return f'hang in {program.name}'
    failed = re.search(rb'^not ok \d+(?: -)? (\S+)', done.stdout, re.M)
    if failed:
        return f'{program.name}.{failed[1].decode()}'
    return f'{program.name}, status {done.returncode}' if done.returncode \
        else None


def bounded():
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, (HOST_SECONDS, HOST_SECONDS))


def symbols(kernel):
    table = subprocess.run(['nm', str(kernel)], stdout=subprocess.PIPE,
                           check=True).stdout.decode()
    found = sorted((int(value, 16), name) for value, kind, name in
                   (line.split() for line in table.splitlines()
                    if len(line.split()) == 3) if kind in 'tT')
    return [value for value, _ in found], [name for _, name in found]


def executed(argv, log):
    """Run it; => (the kernel's addresses that were executed, CPU seconds)"""
    before = os.times().children_user
    done = subprocess.run([*argv, '-d', 'in_asm', '-D', str(log)],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    seconds = os.times().children_user - before
    found = set()
    with open(log, encoding='ascii', errors='replace') as lines:
        for line in lines:
            if line.startswith('0x') and line[:3] != '0x0':
                address = int(line[2:10], 16)
                if address >= KERNEL_START:
                    found.add(address)
    log.unlink()
    return done.stdout.decode('ascii', 'replace'), found, seconds


def suites_of_functions(tree, home, fingerprint, machine):
    """{function: [(suite, seconds)]}, cheapest first; kept in a file."""
    kept = home / f'{fingerprint}-reach.json'
    if kept.exists():
        return json.loads(kept.read_text())
    kernel, initrd = tree / 'build/memoir.elf', tree / 'build/initramfs.cpio'
    starts, names = symbols(kernel)
    run = subprocess.run(command(kernel, *machine, initrd, '*'),
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    suites = re.findall(r'^  # Subtest: (\w+)',
                        run.stdout.decode('ascii', 'replace'), re.M)
    reached = {}
    for suite in suites:
        _, addresses, seconds = executed(
            command(kernel, *machine, initrd, f'{suite}.*'), home / 'in_asm')
        print(f'  {suite}: {seconds:.1f} s', flush=True)
        for index in {bisect.bisect_right(starts, address) - 1
                      for address in addresses}:
            # What the compiler cut out of a function is still its own.
            name = names[index].split('.')[0]
            reached.setdefault(name, {})[suite] = seconds
    table = {name: sorted(found.items(), key=lambda item: item[1])
             for name, found in reached.items()}
    kept.write_text(json.dumps(table))
    return table
