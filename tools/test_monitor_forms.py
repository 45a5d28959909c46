"""The forms of commands: what is typed wrong, and what the Tab key offers.

    REFUSED  (typed, pattern of the answer)
    sweep    every command that help lists, with no argument, a wrong one, too
             many, huge and negative ones: an answer that fits the screen, with
             a reason, and no number of an error in it
    TAB      (typed, pattern of the line that a Tab makes of it)
"""
import re

from qemu import Machine, Qemu
from test_monitor import CTRL_C, CTRL_U, PROMPT, RELEASE, ask, require

INITRAMFS = ('-initrd', 'build/initramfs.cpio')
REFUSED = [
    ('arena 100000', r'^N is a number from 1 to 10000, not "100000"\.$'),
    ('arena 0', r'^N is a number from 1 to 10000'),
    ('run', r'^usage: run PROGRAM'),
    ('run /bin/nosuch', r'^/bin/nosuch: no such file or directory \(ENOENT\)'),
    ('run /bin', r'^/bin is a directory'),
    ('run hello', r'^hello: no such file .*\. There is /bin/hello\.$'),
    ('run /bin/hello/x', r'^/bin/hello/x: not a directory \(ENOTDIR\)'),
    ('run ""', r'no such file or directory'),
    ('run /proc/meminfo', r'^/proc/meminfo is not executable'),
    ('run /bin/faults', r'.'),
    ('run /bin/sh -c "kill -SEGV $$"', r'.'),
    ('compare 5M', r'^gives +NULL +NULL +5242880 bytes\n(.*\n)+'
     r'^NULL: more than 4194304 bytes are never had in one run'),
    ('compare 0', r'^N .* is a number from 1 to \d+, not "0"'),
    ('peek kmain 0', r'^COUNT is a number from 1 to 65536, not "0"'),
    ('peek kmain 65537', r'^COUNT is a number from 1 to 65536'),
    ('peek kmain kmain', r'^COUNT is a number'),
    ('peek kmain -1', r'^COUNT is a number'),
    ('poke kmain 5 3', r'^1, 2 or 4 bytes at once, not 3'),
    ('poke kmain 256 1', r'^0x100 does not fit 1 byte\.$'),
    ('maps', r'^usage: maps PID'),
    ('maps 0', r'^0 is a thread of the kernel.s own'),
    ('maps -1', r'^"-1" is no number of a program: ps lists them'),
    ('maps 4294967296', r'is no number of a program'),
    ('vmas x', r'^"x" is no number of a program'),
    ('vmas kmain', r'^"kmain" is no number of a program'),
    ('vmas 31999', r'^There is no program 31999: ps lists them'),
    ('pt 31999 0', r'^There is no program 31999'),
    ('kill', r'^usage: kill PID \| -SIGNAL PID$'),
    ('kill x', r'^"x" is no number of a program'),
    ('kill -9', r'^usage: kill'),
    ('kill 9 9', r'^usage: kill'),
    ('kill -NOSUCH 5', r'^There is no signal "NOSUCH"'),
    ('kill -65 5', r'^There is no signal "65"'),
    ('kill 31999', r'^There is no program 31999'),
    ('kill 4', r'^4 is a thread of the kernel.s own'),
    ('free all all', r'^ORDER is a number from 0 to 10, not "all"'),
    ('free kmain 11', r'^ORDER is a number from 0 to 10, not "11"'),
    ('alloc all', r'^ORDER is a number from 0 to'),
    ('alloc 0', r'^  \$1 '),
    ('free $1', r'^1 page came back\.$'),
    ('kmalloc kmain', r'^SIZE is a number from 0 to'),
    ('page 0x07f40000', r'frame +0x7f40 = 32576 \(a physical address was given'),
    ('page 0xf7400000', r'\(a mapped address was given\)(.*\n)+.*owner'),
    ('page 0xf7500000', r'^0xf7500000 is neither a page frame'),
    ('kfree 12345', r'kmalloc never returned this\n.*  tried at tick \d+ by '
     r'cmd_kfree(.*\n)+^0 objects and 0 pages came back\.$'),
    ('kfree all', r'^0 objects and 0 pages'),
    ('kmalloc 100', r'^  \$1 '),
    ('kfree $1', r'^1 object and 0 pages came back\.$'),
    ('leaks plant', r'forgotten'),
    ('leaks', r'^1 object that nobody points to$'),
    ('bench', r'^Benchmarks \(bench NAME, bench \*\):\n  boot_to_monitor$'),
    ('test', r'^Suites \(.*\n(  \w+ +\d+ cases?\n)+'),
    ('crash', r'^Kinds of crashes .*\n(.*\n)*  vmalloc-underrun a read of'),
    ('crash use-after-free', r'did not crash'),
    ('buddy', r'^blocks of 2\^n pages, n = +0( +\d+){10}$'),
    ('help fuzz', r'^  fuzz=CALLS.*\n\n    how many random'),
    ('help mem', r'^  mem\n(.*\n)+^  mem=SIZE on the kernel'),
    ('help boot', r'^  fuzz=CALLS\S+\n +how many'),
    ('kwho kmain', r'is not in the heap'),
    ('slab nosuch', r'^There is no cache "nosuch": slabs all lists them'),
    ('locks', r'Boot with `lockdep`'),
    ('reserve', r'^Nothing is set aside: boot with reserve=SIZE\.$'),
    ('owners', r'boot with page_owner'),
    ('frag undo', r'nothing to undo: neither frag'),
    ('sym 0', r'^0x0+ is in no symbol \(user space below'),
    ('x' * 60, r'^"x{60}"\. "help" lists$'),
    ('peek ' + 'y' * 60, r'is neither a\snumber'),
    ('run ' + 'z' * 60, r'no such file'),
]
# Those that would end the session, or take long; and those of a program.
NOT_SWEPT = {'poweroff', 'reboot', 'run'}
WRONG = ['nosuch', '-1', '0', '4294967295', '0xffffffffff', '""', '%s%n',
         '1 2 3 4 5', 'nosuch nosuch', '-1 -1', '0 0', '$0', '$99', '*x*',
         '4294967295 4294967295', 'kmain -1', '99999']
ONE_OF = re.compile(r'(?<![\w.,])1 (pages|objects|areas|cases|slabs|bytes|runs|'
                    r'times|blocks|programs|threads|tables)\b')
TAB = [
    ('pow', 'poweroff '), ('help pow', 'help poweroff '),
    ('help slab_d', 'help slab_debug '), ('sym kmai', 'sym kmain '),
    ('sym kmain; peek jiffi', 'sym kmain; peek jiffies '),
    ('pt monitor_ru', 'pt monitor_run '), ('run /bi', 'run /bin/'),
    ('run /bin/hello_', 'run /bin/hello_asm '), ('run bin/hello_',
                                                 'run bin/hello_asm '),
    ('run /bin/cat /test/vfork_', 'run /bin/cat /test/vfork_order '),
    ('run /bin/cat x /test/vfork_', 'run /bin/cat x /test/vfork_order '),
    ('crash spin-i', 'crash spin-in-irq '), ('test symb', 'test symbols '),
    ('test user.vfork_', 'test user.vfork_order '),
    ('bench boot_us', 'bench boot_used_kb '),
    ('slab vmap_', 'slab vmap_area '), ('kmalloc 8 dma,ze', 'kmalloc 8 dma,zero '),
    ('alloc 0 ato', 'alloc 0 atomic '), ('frag ke', 'frag keep '),
    ('leaks ', 'leaks plant '), ('slabs al', 'slabs all '),
    ('kill -KI', 'kill -KILL '), ('mem ', 'mem '), ('nosuch kmai',
                                                    'nosuch kmai'),
]


def refused(log):
    with Qemu(Machine(RELEASE, options=INITRAMFS).command(), log) as qemu:
        qemu.expect(f'^{PROMPT}')
        for typed, pattern in REFUSED:
            ask(qemu, typed, pattern)
    return len(REFUSED)


def commands_there(qemu):
    return re.findall(r'^  ([a-z]\w*)(?= |$)',
                      ask(qemu, 'help', r'(?s).*')[0], re.M)


def check_answer(typed, answer):
    """What no answer may be. (The first line is the echo, the last the
    prompt.)"""
    lines = answer.split('\n')[1:-1]
    require(lines, f'{typed!r}: no answer')
    for line in lines:
        if not line.startswith('['):  # the log's have their own form
            require(not re.search(r'error -?\d', line), f'{typed!r}: {line!r}')
            require(not ONE_OF.search(line), f'{typed!r}: {line!r}')
        require(line == line.rstrip() or '\033' in line or not line.strip() or
                'CPU0' in line or '|' in line, f'{typed!r}: a blank at the end '
                f'of {line!r}')


def sweep(memory):
    def run(log):
        machine = Machine(RELEASE, memory=memory, options=INITRAMFS)
        with Qemu(machine.command(), log) as qemu:
            qemu.expect(f'^{PROMPT}')
            n = 0
            for command in commands_there(qemu):
                ask(qemu, f'help {command}', rf'^  {command}\b.*\n\n    \w')
                if command in NOT_SWEPT:
                    continue
                for words in [''] + WRONG:
                    typed = f'{command} {words}'.strip()
                    answer = ask(qemu, typed, r'(?s).*')[0]
                    check_answer(typed, answer)
                    n += 1
        return n
    return run


def press_tab(qemu, typed, wanted):
    start = len(qemu.text)
    qemu.send(typed + '\t')
    qemu.expect(re.escape(wanted.rstrip()), 5)
    qemu.send('|')   # where the cursor is
    qemu.expect(r'\|', 5)
    line = qemu.text[start:].rstrip('|').replace('\a', '')
    require(line.rpartition(PROMPT)[2] == wanted,
            f'{typed!r} Tab gives {line!r}, not {wanted!r}')
    qemu.send(CTRL_C)
    qemu.expect(f'\n{PROMPT}')


def tab(log):
    with Qemu(Machine(RELEASE, options=INITRAMFS).command(), log) as qemu:
        qemu.expect(f'^{PROMPT}')
        for typed, wanted in TAB:
            press_tab(qemu, typed, wanted)
        qemu.send('run /bin/cat\r')
        qemu.expect('run /bin/cat\n')
        qemu.send('\x1c')
        qemu.expect(f'^{PROMPT}')
        pid = ask(qemu, 'ps', r'^ *(\d+) .* cat$')[1]
        press_tab(qemu, 'maps ', f'maps {pid} ')
        press_tab(qemu, 'kill -KILL ', f'kill -KILL {pid} ')
        ask(qemu, f'kill -STOP {pid}', rf'^{pid} is stopped: kill -CONT')
        ask(qemu, f'kill -CONT {pid}', rf'^{pid} has got SIGCONT, and goes on')
        ask(qemu, f'kill {pid}', rf'^{pid} has ended\.$')
        ask(qemu, f'kill {pid}', rf'^There is no program {pid}')
        # All symbols: in rows, and not without end.
        qemu.send('sym \t\t')
        qemu.expect(r'\n\.\.\. and more\n')
        rows = qemu.text[:qemu.seen].rsplit('\a', 1)[1].split('\n')
        require(max(map(len, rows)) <= 80, f'{rows}')
        qemu.send(CTRL_U)
    return len(TAB) + 7


SCRIPTS = [('refused', refused), ('forms-64M', sweep(64)),
           ('forms-1100M', sweep(1100)), ('tab', tab)]
