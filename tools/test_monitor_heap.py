"""The heap's commands, over the serial line: what docs/heap.md shows, and what
people mistype.

    SESSION: (typed, pattern of the answer), in this order, on a fresh boot.
             {1} in what is typed: the address that $1 had
"""
import re

from qemu import Machine, Qemu
from test_monitor import PROMPT, RELEASE, ask

USAGE = r'^usage: '
SESSION = [
    ('slabs', r'^name +active_objs num_objs objsize objperslab pagesperslab '
     r'+waste$'),
    ('slabs all', r'^kmalloc-112 +0 +0 +112 +36 +1 +0\n(.*\n)*'
     r'dma-kmalloc-8192 +0 +0 +8192 +4 +8 +0$'),
    ('slabs none', USAGE),
    # $1: the first object of a fresh slab; the rest goes to the magazine.
    ('kmalloc 100', r'^kmalloc\(100, GFP_KERNEL\)\n  \$1  virtual 0x\w(\w+)  '
     r'physical 0x\w\1  kmalloc-112, 12 B unused$'),
    ('slabs', r'^kmalloc-112 +1 +36 +112 +36 +1 +64$'),
    ('slab kmalloc-112', r'^36 objects of 112 bytes in a slab of 4 KiB\n'
     r"this CPU's magazine: 35 of 128\n0x\w+ xp{35}\n +free list: \(0\)$"),
    ('kwho $1', r'^  cache    kmalloc-112, objects of 112 bytes\n'
     r'  slab     0x\w+, order 0, 1 of 36 objects in use\n'
     r'  object   number 0, at 0x\w+; offset 0\n  state    in use$'),
    ('kwho {1}+0x71', r'number 1, at 0x\w+; offset 1\n  state    free, in '
     r"this CPU's magazine$"),
    ('kwho {1}+0xfff', r'none: the unused end of the slab'),
    ('kfree {1}+1', r'is not where an object begins'),
    ('kfree {1}+0x70', r'BUG kmalloc-112: bad free of .*: double free'),
    ('kfree $1', r'^1 object and 0 pages came back\.$'),
    ('kfree $1', r'^There is no \$1'),
    ('kfree {1}', r'BUG kmalloc-112: bad free of 0x'),  # on top: noticed
    ('slab kmalloc-112', r'^0x\w+ p{36}$'),
    ('kmalloc 8', r'kmalloc-8, 0 B unused'),
    ('slab kmalloc-8', r'^0x\w+ (?=[xp]{64}\n)x+p+\n0x\w+ p{64}\n'
     r'(0x\w+ \.{64}\n){6} +free list: 128 129 .* \.\.\. \(384\)$'),
    # Whole pages.
    ('kmalloc 100000 atomic,zero', r'^kmalloc\(100000, GFP_ATOMIC\|__GFP_ZERO'
     r'\)\n.*32 pages, 31072 B unused$'),
    ('kwho {2}+0x12345', r'^  pages    128 KiB at 0x\w+; offset 74565$'),
    ('kfree {2}+0x1000', r'BUG kfree: bad free'),
    ('kmalloc', r'^  \$1 .*\n  \$2 '),
    ('kfree all', r'^1 object and 32 pages came back\.$'),
    ('kmalloc 100 dma', r'physical 0x00\w+  dma-kmalloc-112,'),
    ('kfree all', r'^1 object '),
    # Leaks.
    ('leaks', r'^0 objects that nobody points to$'),
    ('leaks plant', r'forgotten'),
    ('leaks', r'^  0x\w+ +112 bytes  kmalloc-112.*\n1 object that'),
    ('leaks', r'^1 object that nobody points to$'),
    ('leaks x', USAGE),
    # Nonsense.
    ('kmalloc 0', r'= ZERO_SIZE_PTR'),
    ('kmalloc 5M', r'bytes are more than 4194304\n  = NULL$'),
    ('kmalloc -1', r'^SIZE is a number from 0'),
    ('kmalloc 0x100000000', r'^SIZE is a number from 0 to 4294967295, not "0x1'),
    ('kmalloc 8 sometimes', r'There is no flag "sometimes"'),
    ('kmalloc 8 dma,', r'There is no flag ""'),
    ('kmalloc 1 zero 3', USAGE),
    ('kfree', USAGE),
    ('kfree $0', r'^There is no \$0'),
    ('kfree $33', r'^There is no \$33'),
    ('kfree $$', r'^There is no \$\$'),
    ('kfree 0', r'^0 objects and 0 pages'),
    ('kfree kmain', r'BUG kfree: bad free'),
    ('kfree 0xfffffff0', r'BUG kfree: bad free'),
    ('kwho', USAGE),
    ('kwho 0', r'is not in the heap'),
    ('kwho kmain', r'is not in the heap'),
    ('kwho 0xffffffff', r'is not in the heap'),
    ('slab', USAGE),
    ('slab nonsense', r'There is no cache "nonsense"'),
    ('slab ""', r'There is no cache ""'),
]
SESSION += [('kmalloc 1', r'^  \$\d+')] * 32 + [
    ('kmalloc 1', r'^\$1 to \$32 are all in use'),
    ('kfree all', r'^32 objects'),
]

# A cache that remembers: what the others cannot know, it says.
DEBUG_OPTION = 'slab_debug=FZPU,kmalloc-112'
DEBUG_SESSION = [
    ('kmalloc 100', r'kmalloc-112, 12 B unused$'),
    ('slab kmalloc-112', r'^0x\w+ x\.+\n +free list: 1 2 3'),
    ('kwho $1', r'state    in use\n.*allocated at tick \d+ by cmd_kmalloc'),
    ('kfree {1}+1', r'BUG kmalloc-112: bad free of .* not where an object'),
    ('leaks plant', r'forgotten'),
    ('leaks', r'kmalloc-112\n.*allocated at tick \d+ by cmd_leaks(.*\n)+1 obj'),
    ('kfree $1', r'^1 object '),
    ('kfree {1}', r'BUG kmalloc-112: bad free of .*: double free'),
    ('kwho {1}', r'state    free, in its slab(.*\n)+.* freed .*cmd_kfree'),
]


def session(lines, memory, option=''):
    def run(log):
        kept = {}
        command = Machine(RELEASE, memory=memory).command(option)
        with Qemu(command, log) as qemu:
            qemu.expect(f'^{PROMPT}')
            for typed, pattern in lines:
                start = qemu.seen
                typed = re.sub(r'\{(\d)\}', lambda m: kept[m[1]], typed)
                ask(qemu, add(typed), pattern)
                kept.update(re.findall(r'^  \$(\d)  virtual (0x\w+)',
                                       qemu.text[start:qemu.seen], re.M))
        return len(lines)
    return run


def add(typed):
    """0x10+0x2 as a number: the monitor adds to symbols only."""
    return re.sub(r'(0x\w+)\+(\w+)',
                  lambda m: hex(int(m[1], 16) + int(m[2], 0)), typed)


SCRIPTS = [(f'heap-{memory}M', session(SESSION, memory))
           for memory in (16, 128, 1024)]
SCRIPTS += [('heap-debug', session(DEBUG_SESSION, 128, DEBUG_OPTION))]
