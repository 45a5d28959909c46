"""Start QEMU, talk over its serial port, and know when and how it ended.

    Machine ---command()---> argv ---Qemu()---> process
                                                  | stdout: the serial port
      run()     until it ends, is silent, or      |
                takes too long                    +--> text, and the log file
      expect()  until a pattern is seen           |
      settle()  until it waits for more           |
      hmp()     QEMU's own monitor: keys, screen  +--> a socket beside the log

All seconds here are QEMU's own (owntime.py): a busy host makes none of them
pass.
"""
import json
import os
import re
import select
import shlex
import socket
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from owntime import LOOK, OwnTime

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 40   # seconds of its own, without what is waited for: a hang
EXIT_DEVICE = ['-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04']
ANSI = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]')


LOGGED = re.compile(r'\[ *\d+\.\d{6}\] ')
GOES_ON = ' ' * 17     # how a row begins in which the log's line above goes on


def unwrap(text):
    """What the kernel broke into rows of 80 columns, as lines again."""
    lines = []
    for line in text.split('\n'):
        if lines and LOGGED.match(lines[-1]) and line.startswith(GOES_ON) and \
                line[len(GOES_ON):len(GOES_ON) + 1].strip():
            lines[-1] += ' ' + line[len(GOES_ON):]
        else:
            lines.append(line)
    return '\n'.join(lines)


class Machine(NamedTuple):
    image: str             # below the root: an ELF file, or an ISO
    cpu: str = 'qemu32'
    memory: int = 128      # MiB
    options: tuple = ()    # more for QEMU
    append: str = ''       # always on the kernel's command line
    serial: str = 'stdio'

    def command(self, append=''):
        """argv; append is the kernel's command line (an ISO has its own)."""
        argv = ['qemu-system-i386', '-accel', 'tcg', '-cpu', self.cpu,
                '-m', str(self.memory), '-display', 'none', '-serial',
                self.serial, '-no-reboot', '-nic', 'none', *EXIT_DEVICE,
                *self.options]
        if self.image.endswith('.iso'):
            return argv + ['-cdrom', self.image]
        append = f'{self.append} {append}'.strip()
        return argv + ['-kernel', self.image, '-append', append]


class Unexpected(Exception):
    """The machine did not do what was expected of it."""


class Qemu:
    """One running QEMU, or with family=True any program and those it starts; as
    a context manager it never outlives the block."""

    def __init__(self, argv, log, monitor=False, on_text=None, family=False):
        log = Path(log)
        log.parent.mkdir(parents=True, exist_ok=True)
        self.socket_path = os.path.relpath(log.with_suffix('.qmp'), ROOT)
        if monitor:
            Path(ROOT, self.socket_path).unlink(missing_ok=True)
            argv = argv + ['-qmp',
                           f'unix:{self.socket_path},server=on,wait=off']
        self.log = open(log, 'wb')
        self.log.write(f'$ {shlex.join(argv)}\n'.encode())
        self.text = ''       # everything said so far, without "\r"
        self.seen = 0        # expect() looks from here on
        self.on_text = on_text
        self.qmp = None
        self.proc = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT)
        self.time = OwnTime(self.proc.pid, family)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        if self.status is None:
            self.time.kill()
        self.proc.wait()
        self.proc.stdin.close()
        self.proc.stdout.close()
        self.log.close()
        if self.qmp:
            self.qmp.close()
        Path(ROOT, self.socket_path).unlink(missing_ok=True)

    def read(self, seconds=LOOK):
        """Take what comes, if it comes soon: '' for nothing, None at the end.
        """
        fd = self.proc.stdout.fileno()
        if not select.select([fd], [], [], seconds)[0]:
            return ''
        data = os.read(fd, 65536)
        if not data:
            return None
        self.log.write(data)
        self.log.flush()
        text = data.decode('ascii', 'replace')
        self.text += text.replace('\r', '')
        if self.on_text:
            self.on_text(text)
        return text

    def run(self, silence=PATIENCE, limit=600):
        """Until the end. => what was wrong with that, or None"""
        start = heard = self.time.now()
        while True:
            text = self.read()
            now = self.time.now()
            if text is None:
                self.proc.wait()
                return None
            if text:
                heard = now
            if now - start > limit:
                return f'hang: not done after {limit} s'
            if now - heard > silence:
                return f'hang: silent for {silence} s'

    @property
    def status(self):
        return self.proc.poll()

    def send(self, text):
        """Type on the serial line, a byte a character; not too fast, since
        the kernel drops what it cannot keep."""
        for char in text:
            self.proc.stdin.write(char.encode('latin-1'))
            self.proc.stdin.flush()
            time.sleep(0.001)

    def wait_for(self, what, condition):
        """Something else than text."""
        start = self.time.now()
        while not condition():
            self.read()
            if self.time.now() - start > PATIENCE:
                raise Unexpected(f'{what}: not seen in {PATIENCE} s')

    def expect(self, pattern, patience=PATIENCE):
        """Wait for a pattern after the last one that was found."""
        start = self.time.now()
        pattern = re.compile(pattern, re.M)
        while True:
            match = pattern.search(self.text, self.seen)
            if match:
                self.seen = match.end()
                return match
            if self.time.now() - start > patience:
                raise Unexpected(f'{pattern.pattern!r} expected, not seen in '
                                 f'{patience} s; seen '
                                 f'{self.text[self.seen:][-2000:]!r}')
            if self.read() is None:
                self.proc.wait()
                raise Unexpected(f'{pattern.pattern!r} expected, but QEMU '
                                 f'ended, status {self.status}')

    def settle(self):
        """Until the machine halts, and waits: all that was typed so far is
        taken, and done."""
        self.time.settle(lambda: self.read(LOOK / 3))

    def hmp(self, line):
        """A command of QEMU's monitor; returns its answer."""
        if not self.qmp:
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(os.path.relpath(Path(ROOT, self.socket_path)))
            self.qmp = connection.makefile('rw')
            connection.close()
            self.qmp.readline()
            self.execute('qmp_capabilities')
        return self.execute('human-monitor-command', {'command-line': line})

    def execute(self, name, arguments=None):
        request = {'execute': name, 'arguments': arguments or {}}
        self.qmp.write(json.dumps(request) + '\n')
        self.qmp.flush()
        while True:
            line = self.qmp.readline()
            if not line:
                raise Unexpected(f'{name}: QEMU has ended')
            answer = json.loads(line)
            if 'return' in answer:
                return answer['return']
            if 'error' in answer:
                raise Unexpected(f'{name}: {answer["error"]["desc"]}')


def tail(text, lines=25):
    """The end of a log, for a failure report."""
    return '\n'.join(ANSI.sub('', text).splitlines()[-lines:])
