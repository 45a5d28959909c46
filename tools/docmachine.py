"""The machines that docrun.py types at, each as its page says it.

    make run MEM=2G        QEMU as the Makefile starts it (make -n), but with
                           the kernel beside GRUB, and the steady clock
    make debug APPEND=...  gdb; all commands at once, by a script
    shell                  bash, in a copy of the tree that may be changed
    make EXTRA=d run       make run, in that copy

Commands: [(prompt, text)]. Answers: a list of lines each, or Hang.
"""
import os
import re
import shlex
import subprocess
import time
from pathlib import Path

from owntime import cpu_seconds
from qemu import ANSI, ROOT, Qemu, Unexpected

STEADY = ['-icount', 'shift=0,sleep=off', '-rtc', 'clock=vm']
PATIENCE = 60      # seconds of the processor's for an answer
FOR_EVER = 600     # seconds for one that takes no time of the processor
PROMPT = 'memoir> '
HALTED = 'the machine is halted\n'
FOLDER = ROOT / 'build' / 'docrun'
NOT_COPIED = ('.git', 'build')
NOT_BUILT = ('test', 'docrun', 'debug', 'mutants')   # of what is in build


class Hang(Exception):
    """No answer."""


def clean(text):
    lines = [line.rstrip() for line in ANSI.sub('', text).split('\n')]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def environment():
    """Of a make that somebody types, not of one inside `make test`."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(('MAKE', 'MFLAGS')) and
            name not in ('T', 'EXTRA', 'MEM', 'CPU', 'APPEND', 'VIEW')}


def make(arguments, folder=ROOT):
    """What make would do or does. => its output"""
    done = subprocess.run(['make', '--no-print-directory', *arguments],
                          cwd=folder, env=environment(), text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise Unexpected(f'make {" ".join(arguments)}: {done.stdout}')
    return done.stdout


def command_of(arguments, word, folder=ROOT):
    """argv of the line of `make -n` that begins with this word."""
    text = make(['-n', *arguments], folder).replace('\\\n', ' ')
    line = next((line for line in text.splitlines() if line.startswith(word)),
                None)
    if not line:
        raise Unexpected(f'make {" ".join(arguments)} starts no {word}')
    return shlex.split(line.split('||')[0])


def steady(argv, as_it_is):
    """The command of `make run`, for us; without GRUB, unless as it is."""
    i = argv.index('-serial')
    argv = argv[:i] + ['-serial', 'stdio'] + argv[i + 2:]
    if as_it_is:
        return argv
    if '-cdrom' in argv:
        i = argv.index('-cdrom')
        folder = os.path.dirname(argv[i + 1])
        argv[i:i + 2] = ['-kernel', f'{folder}/memoir.elf', '-initrd',
                         'build/initramfs.cpio']
    return argv + STEADY


def tree_for(spec, log):
    """The page's copy of the tree, with what has been built, if this machine
    needs one. => its folder, or None"""
    if spec != 'shell' and 'EXTRA=' not in spec:
        return None
    tree = log.with_suffix('.tree') / 'memoir'
    if tree.exists():
        return tree
    (tree / 'build').mkdir(parents=True)
    for folder, left in (ROOT, NOT_COPIED), (ROOT / 'build', NOT_BUILT):
        names = [name for name in os.listdir(folder) if name not in left]
        subprocess.run(['cp', '-a', *names, tree / folder.relative_to(ROOT)],
                       cwd=folder, check=True)
    return tree


class Monitor:
    """A kernel and its prompt."""

    def __init__(self, spec, log, as_it_is, tree):
        arguments = shlex.split(spec)[1:]
        if tree:
            make([*arguments[:-1], 'build/memoir.elf', 'build/memoir.iso'],
                 tree)
        argv = steady(command_of(arguments, 'qemu', tree or ROOT), as_it_is)
        if tree:
            argv = [word.replace('build/', f'{tree}/build/') for word in argv]
        self.argv, self.log, self.qemu = argv, log, None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        if self.qemu:
            self.qemu.__exit__()

    def start(self):
        """Boot, or boot again."""
        self.__exit__()
        self.halted = False
        self.qemu = Qemu(self.argv, self.log, monitor=True)
        self.expect(f'^{PROMPT}')

    def expect(self, pattern):
        start, cpu = time.monotonic(), cpu_seconds(self.qemu.proc.pid)
        while True:
            try:
                return self.qemu.expect(pattern, min(2, PATIENCE))[0]
            except Unexpected as problem:
                if (self.qemu.status is not None or
                        cpu_seconds(self.qemu.proc.pid) - cpu > PATIENCE or
                        time.monotonic() - start > FOR_EVER):
                    raise Hang(str(problem)) from None

    def ask(self, prompt, text):
        if self.halted:
            self.start()   # a crash was shown: go on with another machine
        if prompt == '(qemu) ':
            return clean(self.qemu.hmp(text).replace('\r', ''))
        start = self.qemu.seen
        try:
            self.qemu.send(text + '\r')
        except BrokenPipeError:
            raise Hang('it has ended') from None
        self.halted = self.expect(f'\n{PROMPT}$|{HALTED}') == HALTED
        answer = self.qemu.text[start:self.qemu.seen]
        return clean(answer.split('\n', 1)[1].removesuffix(PROMPT))


class Shell:
    """Commands of the page's reader, in the copy."""

    def __init__(self, _spec, log, _as_it_is, tree):
        self.log, self.tree = log, tree

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def ask(self, _prompt, text):
        try:
            done = subprocess.run(['bash', '-c', text], cwd=self.tree,
                                  env=environment(), text=True,
                                  stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=3 * FOR_EVER)
        except subprocess.TimeoutExpired as late:
            raise Hang(f'not done after {late.timeout} s') from None
        self.log.write_text(done.stdout)
        return clean(done.stdout)


GDB_SCRIPT = """\
set pagination off
set confirm off
set width 80
python
import gdb
for number, command in enumerate({commands!r}):
    print('@@', number, flush=True)
    try:
        gdb.execute(command)
    except gdb.error as error:
        print(error)
    gdb.flush()
print('@@ end')
end
"""


def kill_qemu(pidfile):
    """The one that a killed gdb has left."""
    if pidfile.exists():
        os.kill(int(pidfile.read_text()), 9)


def gdb_session(spec, commands, log):
    """All at once. => the answers"""
    argv = command_of(shlex.split(spec)[1:], 'tools/debug.sh')
    script = log.with_suffix('.gdb')
    script.write_text(GDB_SCRIPT.format(commands=commands))
    argv[1:1] = ['--script', str(script)]
    if '--reverse' not in argv:
        argv += STEADY
    env = environment() | {'MEMOIR_BASE': str(log.with_suffix('.debug'))}
    with subprocess.Popen(argv, cwd=ROOT, env=env, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT,
                          start_new_session=True) as proc:
        try:
            text, _ = proc.communicate(timeout=FOR_EVER)
        except subprocess.TimeoutExpired:
            os.killpg(proc.pid, 9)
            kill_qemu(Path(env['MEMOIR_BASE'] + '.pid'))
            raise Hang(f'gdb is not done after {FOR_EVER} s') from None
    log.write_text(text)
    answers = re.split(r'^@@ .*\n', text, flags=re.M)[1:]
    return [clean(answer) for answer in answers[:len(commands)]]
