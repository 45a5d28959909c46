"""tap.py - run gdb on the kernel as a user would, and tell what was right.

   test_*.py  --Script-->  tools/debug.sh --script IN_GDB.py --> gdb --> QEMU
                           (no terminal; IN_GDB.py uses check.py)
              --Terminal-> make debug, on a terminal of its own, typed at

The logs are build/test/gdb-*.log.
"""
import atexit
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / 'tools'))
from owntime import LOOK, OwnTime  # noqa: E402

PATIENCE = 60   # seconds of the session's own, gdb's and QEMU's: owntime.py
KERNEL = 'build/memoir.elf'
QEMU = ['qemu-system-i386', '-accel', 'tcg', '-m', '128M', '-cpu', 'max',
        '-nic', 'none', '-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04',
        '-kernel', KERNEL, '-append']
LOGS = ROOT / 'build' / 'test'
LOGS.mkdir(parents=True, exist_ok=True)
FOLDER = Path(tempfile.mkdtemp(prefix='gdb-', dir=LOGS))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


class Tap:
    """Counts, prints, and at the end says how many there were."""

    def __init__(self):
        self.count = self.failed = 0

    def result(self, fine, name, why=''):
        self.count += 1
        self.failed += not fine
        for line in [] if fine else str(why).splitlines():
            print(f'# {line}')
        print(f'{"ok" if fine else "not ok"} {self.count} - gdb.{name}',
              flush=True)

    def end(self):
        print(f'1..{self.count}')
        sys.exit(1 if self.failed else 0)


def base(name):
    """Of a session's file names. Each run of the tests has a folder, since a
    session ends the last one of the same base."""
    return str((FOLDER / name).relative_to(ROOT))


def log(name, text):
    (LOGS / f'gdb-{name}.log').write_text(text)


def kill_session(name):
    """What may be left of a session that hangs: QEMU is not gdb's group."""
    try:
        pid = int((ROOT / (base(name) + '.pid')).read_text())
        if base(name).encode() in Path(f'/proc/{pid}/cmdline').read_bytes():
            os.kill(pid, signal.SIGKILL)
    except (OSError, ValueError):
        pass


def script(tap, name, append, names, reverse=False):
    """Run in_gdb NAME.py in a session. `names`: what it must report on."""
    argv = ['tools/debug.sh'] + ['--reverse'] * reverse + \
        ['--script', f'tests/gdb/{name}.py', KERNEL, '--'] + QEMU + [append]
    gdb = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           env={**os.environ, 'MEMOIR_BASE': base(name)},
                           start_new_session=True)
    age, data = OwnTime(gdb.pid, family=True), b'starts'
    heard, text = age.now(), ''
    while data and age.now() - heard < PATIENCE:
        if select.select([gdb.stdout], [], [], LOOK)[0]:
            data = os.read(gdb.stdout.fileno(), 65536)
            text += data.decode('latin-1')
            heard = age.now()
    if data:
        ending = f'the session was silent for {PATIENCE} s'
        os.killpg(gdb.pid, signal.SIGKILL)
        kill_session(name)
    else:
        ending = f'the session ended early, status {gdb.wait()}'
    log(name, text)
    seen = {m[2]: (m[1], m[3]) for m in
            re.finditer(r'^CHECK (ok|not ok) (\w+): (.*)$', text, re.M)}
    ending += '\n' + '\n'.join(text.splitlines()[-15:])
    for check in names:
        verdict, why = seen.get(check, ('missing', ending))
        tap.result(verdict == 'ok', check, why)
        if verdict == 'missing':
            ending = 'likewise'
    for check in set(seen) - set(names):
        tap.result(False, check, 'nobody expected this check')


class Unexpected(Exception):
    pass


class Terminal:
    """A program on a terminal of its own, as a person has it."""

    def __init__(self, argv, name):
        self.name, self.text, self.seen = name, '', 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.environ.update(MEMOIR_BASE=base(name), TERM='dumb')
            os.execvp(argv[0], argv)
        self.time = OwnTime(self.pid, family=True)

    def __enter__(self):
        return self

    def __exit__(self, *_exc):
        log(self.name, self.text)
        os.close(self.fd)  # and with it their terminal: all get a SIGHUP
        kill_session(self.name)
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)

    def read(self):
        """False at the end."""
        if not select.select([self.fd], [], [], LOOK)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # what Linux says when the last of them has gone
            return False
        self.text += data.decode('latin-1').replace('\r', '')
        return bool(data)

    def expect(self, pattern):
        start = self.time.now()
        while True:
            match = re.compile(pattern, re.M).search(self.text, self.seen)
            if match:
                self.seen = match.end()
                return match
            rest = self.text[self.seen:][-600:]
            if self.time.now() - start > PATIENCE:
                raise Unexpected(f'no {pattern!r} in {PATIENCE} s, but '
                                 f'{rest!r}')
            if not self.read():
                raise Unexpected(f'no {pattern!r}, but the end, after {rest!r}')

    def send(self, text, slowly=True):
        """QEMU takes 16 characters at once at most."""
        piece = 8 if slowly else len(text)
        for i in range(0, len(text), piece):
            os.write(self.fd, text[i:i + piece].encode())
            if slowly:
                self.settle()

    def settle(self):
        """Until it has taken all that was typed."""
        def heard():
            before = len(self.text)
            self.read()
            return len(self.text) > before
        self.time.settle(heard)

    def work(self, seconds):
        """Until it has computed for so long."""
        start = self.time.now()
        while self.time.now() - start < seconds:
            self.read()

    def gdb(self, command, pattern=r''):
        """A command of gdb, its answer, and the next prompt."""
        self.send(command + '\n', slowly=False)
        found = self.expect(pattern)
        self.expect(r'^\(gdb\) ')
        return found

    def wait(self):
        """Until it ends by itself: its status."""
        start = self.time.now()
        while self.read():
            if self.time.now() - start > PATIENCE:
                raise Unexpected(f'still there after {PATIENCE} s')
        pid, self.pid = self.pid, 0
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
