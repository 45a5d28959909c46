"""The monitor, over the serial line: what is typed, and what must come back.

    COMMANDS: (typed, pattern of the answer), each ends with a new prompt

What a person mistypes must get an answer and never a crash: RUBBISH is typed
at the prompt, and the machine must still work afterwards.
"""
import random
import re

from qemu import Machine, Qemu, Unexpected

RELEASE = 'build/memoir.elf'
PROMPT = 'memoir> '
COMMANDS = [
    ('help', r'^  crash .*(\n.*)+^  sym '),
    ('help sym', r'^  sym '),
    ('help nonsense', r'There is no command "nonsense"'),
    ('hepl', r'There is no command "hepl"\. Did you mean "help"\?'),
    ('zzzzzzzz', r'There is no command "zzzzzzzz"\. "help" lists'),
    ('sym kmain', r'0xc01\w{5}'),
    ('sym no_such_symbol', 'no_such_symbol'),
    ('peek kmain', r'\b55\b'),   # push ebp
    ('peek 0', r'0x00000000'),
    ('peek 0xfffffffff', r'does not fit 32 bits'),
    ('peek', r'usage: peek'),
    ('poke kmain 0', 'kmain|0xc01'),
    ('pt kmain', 'PDE'),
    ('pt 0', 'not present'),
    ('cpu', 'PAE|pae'),
    ('mem', r'\.rodata'),
    ('dmesg', 'Memoir'),
    ('crash', 'null-read'),
    ('crash nonsense', 'There is no crash "nonsense"'),
    ('test', r'^  symbols +\d+ cases'),
    ('test symbols', r'^# Totals: pass:[1-9]\d* fail:0'),
    ('test nonsense', 'No test matches "nonsense"'),
    ('test selftest_leak', r'leaked: selftest objects went from 0 to (2|-1)$'),
    ('bench', 'boot_to_monitor'),
    ('bench boot*', r'^bench: boot_to_monitor [1-9]\d+ '),
    ('bench nonsense', 'No benchmark matches "nonsense"'),
    ('sym kmain; hepl', r'0xc01\w{5}(.*\n)+There is no command'),
    ('"sym" \'kmain\'', r'0xc01\w{5}'),
    ('sym "kmain', 'is not closed'),
    (' '.join('abcdefghijklmnopqrstuvw'), 'Too many words'),
]

CTRL_C, CTRL_U, UP, LEFT = '\x03', '\x15', '\x1b[A', '\x1b[D'


def ask(qemu, typed, pattern):
    """Type a line; the answer, up to the next prompt, must match."""
    start = qemu.seen
    qemu.send(typed if typed.endswith(CTRL_C) else typed + '\r')
    qemu.expect(f'\n{PROMPT}', 40)
    answer = qemu.text[start:qemu.seen]
    if not re.search(pattern, answer, re.M):
        raise Unexpected(f'{typed!r}: {pattern!r} expected, got {answer!r}')


def commands(log):
    with Qemu(Machine(RELEASE, cpu='max').command(), log) as qemu:
        qemu.expect(f'^{PROMPT}')
        for typed, pattern in COMMANDS:
            ask(qemu, typed, pattern)
    return len(COMMANDS)


def editing(log):
    with Qemu(Machine(RELEASE).command(), log) as qemu:
        qemu.expect(f'^{PROMPT}')
        ask(qemu, f'rubbish{CTRL_U}sym kmain', r'0xc01\w{5}')
        ask(qemu, f'rubbish{CTRL_C}', r'\n')
        ask(qemu, f'sym kmaim\x7fn', r'0xc01\w{5}')
        ask(qemu, f'ym kmain{LEFT * 8}s', r'0xc01\w{5}')
        ask(qemu, 'nonsense', 'no command')
        ask(qemu, UP + UP, r'0xc01\w{5}')
        ask(qemu, 'pow\t' + CTRL_C, 'poweroff')
    return 7


def rubbish(log):
    """Every byte there is, then noise, then lines without end."""
    noise = random.Random(2)
    lines = [bytes(range(1, 256))]
    lines += [bytes(noise.choices(range(1, 256), k=60)) for _ in range(40)]
    lines += [b'x' * 1000, b'"' * 301, b';' * 200, b'\x1b[' * 50,
              b'peek ' + b'9' * 100, b'help ' + b'%s%n' * 20]
    with Qemu(Machine(RELEASE).command('panic=exit'), log) as qemu:
        qemu.expect(f'^{PROMPT}')
        for line in lines:
            qemu.send(line.decode('latin-1') + '\r')
        qemu.send(CTRL_C + CTRL_U + 'the-end\r')
        qemu.expect('There is no command "the-end".*\n' + PROMPT)
        ask(qemu, 'sym kmain', r'0xc01\w{5}')
    return 1


def run_option(log):
    """`run=` types for you; poweroff ends the machine."""
    options = 'run="sym kmain; hepl; poweroff"'
    with Qemu(Machine(RELEASE).command(options), log) as qemu:
        qemu.expect(f'^{PROMPT}sym kmain\n(.*\n)*?.*0xc01')
        qemu.expect(f'^{PROMPT}hepl\nThere is no command "hepl"')
        qemu.expect(f'^{PROMPT}poweroff\n')
        problem = qemu.run(20, 30)
        if problem or qemu.status != 0:
            raise Unexpected(f'poweroff: {problem}, status {qemu.status}')
    return 1


SCRIPTS = [('commands', commands), ('editing', editing), ('rubbish', rubbish),
           ('run-option', run_option)]
