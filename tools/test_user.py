"""Programs of ring 3: started at the monitor, and the same on this host.

    PROGRAMS: (typed after `run`, pattern of what is printed)

They are ordinary programs for Linux: where this host runs 32-bit ones, the
tests of tests/user must pass here too, or it is they that are wrong.
"""
import re
import subprocess

from qemu import ANSI, ROOT, Machine, Qemu, Unexpected
from test_monitor import CTRL_C, PROMPT, RELEASE, ask, require

ROOTFS = ROOT / 'build/user/root'
INITRAMFS = ('-initrd', 'build/initramfs.cpio')
# Not here: what takes all memory, all processes, or anything it can get.
NOT_ON_HOST = {'full', 'fuzz', 'jobs', 'many', 'mmap_hint', 'oom_others',
               'refused', 'sigpending'}
PROGRAMS = [
    ('/bin/hello_asm', r'^hello from ring 3, without a library$'),
    ('/bin/hello one two', r'^hello from ring 3, with glibc\n'
     r'  argv\[1\] = "one"\n  argv\[2\] = "two"$'),
    ('/bin/stack', r'child ended with SIGSEGV\n(.*\n)*SIGSEGV below the stack,'
     r' after \d+ KiB: handled$'),
    ('/bin/forktree', r'^7 of 7 processes see what they must$'),
    ('/bin/mapdump', r'^08048000-\w+ r--p 0+ 00:01 \d+ +/bin/box\n(.*box\n)+'
     r'.* \[heap\]\n.* \[stack\]$'),
    ('/bin/badptr', r'^badptr: \d{4} calls with hostile pointers, 0 not as'),
    ('/bin/oom 8', r'^enough at 8 MiB$'),
    ('/bin/nothing', r'nothing'),
    ('/bin', r'.'),
    ('/bin/sh -c "echo one; exit 3"', r'^one\n(.*\n)*.*\b3\b'),
    ('/bin/sh -c "echo a b | cat | cat >/tmp/x; cat </tmp/x"', '^a b$'),
]
MEMDEMO = [  # step, KiB more than at the start: at least, at most
    ('malloc: nothing happens', 0, 400),
    ('read: the page of zeros', 0, 400),
    ('write to half: pages arrive', 8192, 8700),
    ('write to all', 16384, 16900),
    ("the parent's are unchanged", 16384, 16900),
    ('free', 0, 500),
]


def on_host(log):
    """=> how many tests passed; 0 where 32-bit programs do not run"""
    passed = 0
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, 'w', encoding='utf-8') as out:
        try:
            subprocess.run([ROOTFS / 'bin/hello_asm'], stdout=out, check=True)
        except (OSError, subprocess.CalledProcessError):
            return 0
        for test in sorted(ROOTFS.glob('test/*')):
            if test.name in NOT_ON_HOST:
                continue
            with Qemu([str(test)], log.with_suffix(f'.{test.name}.log'),
                      family=True) as program:
                problem = program.run()
                status = program.status
                out.write(program.text)
            require(status == 0, f'{test.name}: {problem or "status"} {status} '
                    f'on this host')
            passed += 1
    return passed


def boot(log, **machine):
    return Qemu(Machine(RELEASE, options=INITRAMFS, **machine).command(), log)


def memdemo(qemu):
    """Resident pages are those that were written to."""
    said = ask(qemu, 'run /bin/memdemo 16', r'(?:.*RSS.*\n)+')[0]
    rss = {step.strip(): int(kib) for step, kib in
           re.findall(r'^(.+?) +RSS +(\d+) KiB$', said, re.M)}
    for step, least, most in MEMDEMO:
        more = rss.get(step, -1) - rss.get('start', 0)
        require(least <= more <= most, f'memdemo: "{step}": {more} KiB more '
                f'than at the start, not {least} to {most}')


def programs(log):
    with boot(log, cpu='max') as qemu:
        qemu.expect(f'^{PROMPT}')
        for typed, pattern in PROGRAMS:
            ask(qemu, f'run {typed}', pattern)
        memdemo(qemu)
        ask(qemu, 'ls', r'Did you mean "run /bin/ls"\?')
    return len(PROGRAMS) + 1


def type_to_cat(qemu, word):
    """The echo, and what cat says: so it runs, or will when it finds this."""
    qemu.send(f'{word}\r')
    qemu.expect(rf'^{word}\n(.*\n)*?{word}\n')


def start_cat(qemu):
    qemu.send('run /bin/cat\r')
    qemu.settle()
    type_to_cat(qemu, 'typed')


def keys(log):
    """Ctrl-D ends a program's input, Ctrl-C the program; Ctrl-\\ leaves it."""
    with boot(log) as qemu:
        qemu.expect(f'^{PROMPT}')
        for key in '\x04', CTRL_C, '\x1c':
            start_cat(qemu)
            qemu.send(key)
            qemu.expect(f'^{PROMPT}')
        pid = ask(qemu, 'ps', r'^ *(\d+) .* S .* cat$')[1]
        ask(qemu, f'maps {pid}', r'^08048000-.* /bin/box\n(.*\n)+.* \[stack\]$')
        ask(qemu, 'run /bin/hello', 'with glibc')
    return 5


def init(log):
    """init= has the terminal, and Ctrl-\\ or its end gives it back."""
    with boot(log, append='init=/init') as qemu:
        qemu.expect(r'^\$ ')
        qemu.send('echo $\r')
        qemu.expect(r'^\$\n')
        qemu.send('\x1c')
        qemu.expect(f'^{PROMPT}')
        ask(qemu, 'ps', r'^ *1 +0 +1 .* init\n(.*\n)*.* 1 .* sh\n')
        ask(qemu, 'run /bin/hello', 'with glibc')
    for path, how in (('/bin/hello', 'init has ended, status 0'),
                      ('/bin/nothing', r'init: /bin/nothing: no such file .*\(ENOENT\)')):
        with boot(log, append=f'init={path}') as qemu:
            qemu.expect(how)
            qemu.send('run /bin/hello_asm\r')
            qemu.expect('ring 3, without a library')
    return 3


def jobs(log):
    """Ctrl-Z stops what the shell has started, fg lets it go on. What is in the
    background gets nothing that is typed, and ends with the shell."""
    with boot(log) as qemu:
        qemu.expect(f'^{PROMPT}')
        qemu.send('run /bin/sh\r')
        qemu.expect(r'^\$ ')
        qemu.send('cat\r')
        type_to_cat(qemu, 'typed')
        qemu.send('\x1a')
        qemu.expect(r'\[\d+\] stopped\n\$ ')
        qemu.send('fg\r')
        type_to_cat(qemu, 'again')
        qemu.send('\x04')
        qemu.expect(r'^\$ ')
        qemu.send('cat &\r')
        qemu.expect(r'^\[\d+\]\n')
        qemu.settle()
        for word in 'one', 'two':
            qemu.send(f'echo {word}\r')
            qemu.expect(f'^(?:\\$ )?{word}\n')  # a prompt may come late
        qemu.send('exit\r')
        qemu.expect(f'^{PROMPT}')
        ps = ask(qemu, 'ps', r'(?s).*')[0]
        require(' cat ' not in ps, f'still there: {ps}')
    return 2


def like_the_host(log):
    """The same binary prints the same on both."""
    program = ROOTFS / 'test/glibc_all'
    try:
        expected = subprocess.run([program], stdout=subprocess.PIPE,
                                  check=True).stdout.decode()
    except OSError:
        return 0  # no 32-bit programs here
    with boot(log) as qemu:
        qemu.expect(f'^{PROMPT}')
        start = qemu.seen
        qemu.send('run /test/glibc_all\r')
        qemu.expect(f'\n{PROMPT}')
        said = ANSI.sub('', qemu.text[start:qemu.seen])
    require(expected in said, f'not as on this host: {said!r}')
    return 1


def out_of_memory(log):
    """One program takes everything, and is killed; the machine goes on."""
    with boot(log, memory=32) as qemu:
        qemu.expect(f'^{PROMPT}')
        qemu.send('run /bin/oom\r')
        qemu.expect(f'(?i)(refused at|out of memory)(.*\n)*?{PROMPT}')
        ask(qemu, 'run /bin/hello', 'with glibc')
    return 1


def fuzz(log):
    """More calls than the suite makes, and other ones; without failures of
    allocations and with; then all is there."""
    for args in '100000,7,5', '20000,8,5,2':
        with boot(log, cpu='max', append=f'fuzz={args} quiet') as qemu:
            qemu.expect(f'^{PROMPT}')
            qemu.send('test user.fuzz\r')
            qemu.expect(r'^fuzz: \d+ calls', 600)
            qemu.expect(r'Totals: pass:1 fail:0')
            qemu.expect(f'\n{PROMPT}')
            ask(qemu, 'run /bin/hello', 'with glibc')
            ask(qemu, 'test mm.*', r'Totals: pass:\d\d fail:0')
    return 2


def without_cmov(log):
    """What was compiled for an i686 is refused, with a reason; the rest runs."""
    for cpu, name in ('486', 'i486'), ('pentium', 'i586'):
        with boot(log, cpu=cpu) as qemu:
            qemu.expect(f'^{PROMPT}')
            ask(qemu, 'run /bin/hello_asm', '^hello from ring 3, without')
            ask(qemu, 'run /bin/hello', r'exec: /bin/hello needs an i686: '
                rf'this {name} has no CMOV\n/bin/hello: ')
    with boot(log, cpu='pentium', append='init=/init') as qemu:
        qemu.expect('^init: /bin/sh is not for this processor')
    return 5


SCRIPTS = [('programs', programs), ('without-cmov', without_cmov), ('keys', keys), ('init', init), ('jobs', jobs),
           ('like-the-host', like_the_host), ('out-of-memory', out_of_memory),
           ('fuzz', fuzz)]
