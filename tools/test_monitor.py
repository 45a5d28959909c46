"""The monitor, over the serial line: what is typed, and what must come back.

    COMMANDS: (typed, pattern of the answer), each ends with a new prompt

What a person mistypes must get an answer and never a crash: RUBBISH is typed
at the prompt, and the machine must still work afterwards.
"""
import random
import re
from collections import Counter

from qemu import ANSI, Machine, Qemu, Unexpected, unwrap

RELEASE = 'build/memoir.elf'
PROMPT = 'memoir> '
COLUMNS = 80
COMMANDS = [
    ('help', r'^  crash .*(\n.*)+^  sym '),
    ('help sym', r'^  sym '),
    ('?', r'^  crash .*(\n.*)+^  sym '),
    ('HELP sym', r'^  sym '),
    ('help exit', r'^  poweroff'),
    ('uptime', r'^up 0:00:\d\d$'),
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
    ('mem', r'\.rodata(.*\n)+^RAM: \d+ KiB, of which \d+ KiB are free\.'),
    ('mem 1', r'^usage: mem$'),
    ('buddy', r'^blocks of 2\^n pages, n =( +\d+){11}\nNode 0, zone +DMA( +\d+){11}\n.*pages free \[[\dA]{57}\]\n'
     r'Node 0, zone +Normal( +\d+){11}\n +\d+ pages free \[[\dA]{56}A\]\n'),
    ('zones', r'^DMA +4096( +\d+){6}\n +protection: \(0, \d+, \d+\)  '
     r'now: above high\n(.*\n)+.*now: empty'),
    ('page 3', r'its number(.*\n)+.*0xc0003000(.*\n)+.*reserved \(first 64 K'),
    ('page 0xb8', r'no RAM \(BIOS and video memory\)'),
    ('page kmain', r'an address(.*\n)+.*kernel \(kernel image\)'),
    ('page 0x2001', r'free, in .*\n.*order 10, frames 0x2000 to 0x23ff'),
    ('page 0xc2001000', r'frame +0x2001 = 8193'),
    ('page 0x10000', r'frame +0x10 = 16 \(a physical address was given\)'),
    ('page 0xf0000000', r'is neither a page frame \(there are 0x7fe0\) nor'),
    ('page', 'usage: page'),
    ('owners', 'boot with page_owner'),
    ('alloc 11', r'impossible page allocation: order:11(.*\n)+  = NULL'),
    ('alloc 0 dma,highuser', r'impossible page allocation(.*\n)+  = NULL'),
    ('alloc 0 nonsense', 'There is no flag "nonsense"'),
    ('free $1', r'There is no \$1'),
    ('free $4294967296', 'There is no '),
    ('free 0 0', '^0 pages came back'),
    ('free 0x1000 0', r'BUG: bad page free .* not in the direct map(.*\n)+'
     '0 pages came back'),
    ('free 0xc0003000 0', r'BUG: bad page free .*: the page is reserved(.*\n)+'
     '0 pages came back'),
    ('frag nonsense', r'usage: frag'),
    ('frag undo', 'nothing to undo'),
    ('peek $', r'"\$" is neither a number'),   # nothing was shown yet
    ('drain', r'^\d+ pages came back to their zones\.$'),
    ('drain', r'^0 pages came back'),
    ('drain all', r'^usage: drain$'),
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


def require(condition, problem):
    if not condition:
        raise Unexpected(problem)


def check_width(text):
    for line in ANSI.sub('', text).split('\n'):
        require(len(line) <= COLUMNS,
                f'{len(line)} columns: {line!r}')


def ask(qemu, typed, pattern):
    """Type a line; the answer, up to the next prompt and without its colours,
    must match, and fit the screen. => the match"""
    start = qemu.seen
    qemu.send(typed if typed.endswith(CTRL_C) else typed + '\r')
    qemu.expect(f'\n{PROMPT}')
    check_width(qemu.text[start:qemu.seen].partition('\n')[2])
    answer = unwrap(ANSI.sub('', qemu.text[start:qemu.seen]))
    match = re.search(pattern, answer, re.M)
    if not match:
        raise Unexpected(f'{typed!r}: {pattern!r} expected, got {answer!r}')
    return match


def numbers(qemu, typed, pattern):
    return [int(group) for group in ask(qemu, typed, pattern).groups()]


def commands(log):
    with Qemu(Machine(RELEASE, cpu='max').command(), log) as qemu:
        qemu.expect(f'^{PROMPT}')
        for typed, pattern in COMMANDS:
            ask(qemu, typed, pattern)
    return len(COMMANDS)


def free_kib(qemu):
    return numbers(qemu, 'mem', r'of which (\d+) KiB are free')[0]


def alloc_and_free(qemu):
    """Round trips, and the mistakes that can be made on the way."""
    before = free_kib(qemu)
    got = ask(qemu, 'alloc 3 atomic', r'^alloc_pages\(GFP_ATOMIC, 3\)\n  \$1  '
              r'order 3  frame (0x\w+)  physical (0x\w+)  virtual (0x\w+)  ')
    frame, physical, virtual = (int(text, 16) for text in got.groups())
    require(physical == frame * 4096 and virtual == physical + 0xc0000000 and
            frame % 8 == 0, f'alloc 3: {got[0]}')
    require(free_kib(qemu) == before - 32, 'alloc 3 did not take 32 KiB')
    ask(qemu, 'alloc 2 comp', r'^  \$2  order 2 ')
    ask(qemu, 'alloc', r'^  \$1 .*\n  \$2 ')
    ask(qemu, f'page {frame + 1}', r'allocated\n.*order 3, frames '
        rf'{frame:#x} to {frame + 7:#x}\n.*allocated by cmd_alloc')
    ask(qemu, 'owners', r'^ +12 +2  cmd_alloc')
    wrong = r'BUG: bad page free at cmd_free\S*: .*{}(.*\n)+0 pages came back'
    ask(qemu, f'free {virtual} 2', wrong.format('with another order'))
    ask(qemu, f'free {virtual + 1} 3', wrong.format('not that of a page'))
    ask(qemu, f'free {virtual + 4096} 0', wrong.format('middle of a block'))
    ask(qemu, f'free {virtual} 3', '^8 pages came back')
    ask(qemu, f'free {virtual} 3', wrong.format('free already'))
    ask(qemu, 'free $1', r'There is no \$1')
    ask(qemu, 'free $2', '^4 pages came back')
    address = ask(qemu, 'alloc 0 dma,zero',
                  r'__GFP_ZERO, 0\)\n  \$1 .* virtual (0xc0\w+)  DMA$')[1]
    ask(qemu, f'peek {address} 16', '( 00){8}  00( 00){7} ')
    ask(qemu, 'free all', '^1 page came back')
    require(free_kib(qemu) == before, 'alloc and free leave less than before')


def fragment(qemu):
    """Half of the memory is free, in single pages; then all as before."""
    zones = ask(qemu, 'buddy', r'(.*\n)+')[0].count('Node')
    before, taken, given, half, rest, after = numbers(qemu, 'frag', (
        r'^Free: (\d+) pages\. Taking all, page by page: (\d+) pages\.\n'
        r'Giving back every other one: (\d+) pages\.\n\n'
        rf'blocks of .*\n(?:Node 0, zone +\w+ +\d+(?: +0){{10}}\n +\d+ pages free '
        rf'\[0{{57}}\]\n){{{zones}}}\n'
        r'Free: (\d+) pages, .*\n.* 4 KiB: works\n.* 8 KiB: fails.*\n'
        r'Giving back the rest: (\d+) pages\. Free: (\d+) pages\.$'))
    require(before == taken == after == given + rest and given == half and
            abs(before - 2 * half) <= 0.02 * before, 'the numbers of frag do '
            f'not fit: {(before, taken, given, half, rest, after)}')
    whole = ask(qemu, 'buddy', r'(.*\n)+')[0]
    ask(qemu, 'frag keep', 'stays until frag undo')
    ask(qemu, 'frag', 'in pieces already')
    ask(qemu, 'alloc 1 nowait',
        r'page allocation failure: order:1(.*\n)+  = NULL')
    ask(qemu, 'frag undo', rf'Free: {before} pages')
    again = ask(qemu, 'buddy', r'(.*\n)+')[0]
    require(whole == again, f'not as before: {whole!r}, {again!r}')


def whole(qemu):
    """frag whole: the same state, whatever was taken and freed before; what
    has been split and given back is whole again after a drain."""
    before = free_kib(qemu)
    one_order = r'^Node 0, zone +DMA( +0){10} +(\d+)\n'
    ask(qemu, 'frag whole', r'^\d+ pages are set aside until frag undo')
    state = ask(qemu, 'buddy', one_order + r'(.*\n)*')[0]
    ask(qemu, 'frag whole', 'frag undo mends it')
    ask(qemu, 'frag', r' 8 KiB: fails')
    got = ask(qemu, 'alloc 0 dma', r'^  \$1 .*frame (0x\w+) .* virtual (\S+)')
    require(int(got[1], 16) % 1024 == 0, f'not a whole block: {got[0]}')
    ask(qemu, 'page $', rf'^  frame +{int(got[1], 16):#x} (.*\n)+  direct map '
        rf'+{got[2]}$')
    ask(qemu, 'peek $+0x10 1', f'^{int(got[2], 16) + 16:08x} ')
    ask(qemu, 'free $ 0', r'^1 page came back')
    ask(qemu, 'free $', r'^There is no \$')
    ask(qemu, 'drain', r'^[1-9]\d* pages came back')
    again = ask(qemu, 'buddy', one_order + r'(.*\n)*')[0]
    require(state == again, f'not whole: {state!r}, {again!r}')
    ask(qemu, 'frag undo', r'^Giving back the rest')
    require(free_kib(qemu) == before, 'frag whole keeps pages')


def cells(qemu):
    """The map: KiB a cell, and how many there are of each letter."""
    picture = ask(qemu, 'map', r'((?:^0x\w{8} \S{1,64}\n)+)a cell: (\d+) KiB')
    rows = [line.split()[1] for line in picture[1].splitlines()]
    require(len(rows) <= 20 and all(len(row) == 64 for row in rows[:-1]),
            f'{len(rows)} rows of odd lengths')
    return int(picture[2]), Counter(''.join(rows))


def draw(qemu):
    """A block shows in as many cells as it fills, and not in a larger one."""
    kib, before = cells(qemu)
    for order, size in ((6, 256), (10, 4096)):
        ask(qemu, f'alloc {order}', rf'^  \$1  order {order} ')
        taken = cells(qemu)[1]['x'] - before['x']
        # A small one may be just what makes a cell mostly allocated.
        require(taken in ([size // kib] if size >= kib else [0, 1]),
                f'{size} KiB are {taken} cells of {kib} KiB')
        ask(qemu, 'free all', f'^{size // 4} pages came back')
        require(cells(qemu)[1]['x'] == before['x'], 'they are still shown')


def pages(log):
    """The page allocator, by hand, on small and large machines."""
    sizes = (16, 128, 1024, 4096)
    for memory in sizes:
        machine = Machine(RELEASE, memory=memory)
        with Qemu(machine.command('page_owner'),
                  log.with_suffix(f'.{memory}.log')) as qemu:
            qemu.expect(f'^{PROMPT}')
            alloc_and_free(qemu)
            whole(qemu)
            fragment(qemu)
            draw(qemu)
    return 4 * len(sizes)


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
        problem = qemu.run()
        if problem or qemu.status != 0:
            raise Unexpected(f'poweroff: {problem}, status {qemu.status}')
    return 1


SCRIPTS = [('commands', commands), ('pages', pages), ('editing', editing),
           ('rubbish', rubbish), ('run-option', run_option)]
