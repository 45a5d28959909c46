"""The commands of virtual memory, over the serial line: vmap, vmalloc, vfree,
pt, compare; what docs/vmalloc.md shows, and what people mistype.

    SESSION: as in test_monitor_heap.py
    compare: read column by column, and its numbers held against each other
"""
import re

from qemu import Machine, Qemu
from test_monitor import PROMPT, RELEASE, ask, require
from test_monitor_heap import session

USAGE = r'^usage: '
AREA = r'^0xf\w{7}-0xf\w{7} +'
# Only the stacks of the kernel's own threads, and nothing that vfree keeps.
EMPTY = (r'^vmap\n(0xf\S+ +\d+ task_create\S* pages=\d vmalloc\n)*'
         r'0xf\w{7} \[[#.]\.{63}\]\na cell: .*\n'
         r'\d+ areas? with \d+ pages take \d+ of \d+ KiB; 0 of them, 0 KiB, '
         r'are L\.$')
SESSION = [
    ('vmap', EMPTY),
    ('vmap all', USAGE),
    ('vmalloc 8k', r'^__vmalloc\(8192, GFP_KERNEL\|__GFP_HIGHMEM\)\n  \$1  '
     r'virtual 0xf\w{4}000  physical 0x\w{5}000 \.\.\.  2 pages in [12] runs?'),
    ('vmap', AREA + r'12288 cmd_vmalloc\+0x\S+ pages=2 vmalloc\n'
     r'0xf\w{7} \[#\.{63}\]\n.*\n\d+ areas? with \d+ pages take '),
    ('vmalloc 1 kernel,zero', r'^__vmalloc\(1, GFP_KERNEL\|__GFP_ZERO\)\n  \$2 '
     r' virtual 0xf\w{4}000  physical 0x\w{5}000  1 page$'),
    ('vmalloc', r'^  \$1 .*\n  \$2 '),
    ('peek {1} 16', r'( 24){8}  24( 24){7} '),   # dollars
    ('peek {1}+0x1ff8 16', r'^f\w{7}  24.*\nNothing is mapped at 0xf\w{4}000'),
    ('peek {2} 16', r'( 00){8}  00( 00){7} '),
    ('poke {2}+0xffc 5', r'0x00000005 was 0x00000000'),
    ('poke {2}+0x1000 5', r'Nothing is mapped at'),
    ('pt {1}', r'vmalloc window(.*\n)+.*present rw .*: a page'),
    ('pt {1} {1}+0x1fff', r'^  0xf\w{7} - 0xf\w{4}fff +8 KiB  rw .*4K +vmalloc '
     r'window\n8 KiB are mapped in pages of 4 KiB, 0 KiB in pages of 4 MiB\.$'),
    ('pt {1}+0x2000 {1}+0x2fff', r'^Nothing is mapped from 0xf'),
    # What is not to be freed.
    ('vfree {1}+0x1000', r'BUG vfree: bad free of (.*\n)+0 areas freed\.$'),
    ('vfree {1}+1', r'BUG vfree: bad free of (.*\n)+0 areas freed\.$'),
    ('vfree kmain', r'BUG vfree: bad free of .*\n(.*\n)+0 areas freed\.$'),
    ('vfree 0xfffffff0', r'BUG vfree: bad free'),
    ('kfree {1}', r'use vfree'),
    ('vfree 0', r'^0 areas freed\.$'),
    ('vfree $1', r'^1 area freed\.$'),
    ('vfree $1', r'^There is no \$1: vmalloc lists'),
    ('vfree {1}', r'double free'),
    ('vmap', AREA + r'12288 \S+ pages=2 vmalloc freed\n(.*\n)+\d+ areas with '
     r'\d+ pages take .*; 1 of them, 12 KiB, are L\.$'),
    ('peek {1}', r'Nothing is mapped|( 24){8}'),   # a stale TLB entry may
    ('vmalloc 4k', r'1 page'),                     # serve, until the next one
    ('peek {1}+0x1000', r'Nothing is mapped'),     # needs room: flushed
    ('vfree all', r'^2 areas freed\.$'),
    ('vmap', r' vmalloc freed\n(.*\n)+.* of them, \d+ KiB, are L\.$'),
    # Nonsense.
    ('vmalloc 0', r'vmalloc: allocation failure: 0 bytes.*\n  = NULL$'),
    ('vmalloc 4000M', r'allocation failure: 4194304000 bytes.*\n  = NULL$'),
    ('vmalloc 0xffffffff', r'= NULL$'),
    ('vmalloc -1', r'^SIZE is a number'),
    ('vmalloc 8 sometimes', r'There is no flag "sometimes"'),
    ('vmalloc 1 zero 3', USAGE),
    ('vfree', USAGE),
    ('vfree $0', r'^There is no \$0'),
    ('vfree $33', r'^There is no \$33'),
    ('pt', r'^  0xc\w{7} - 0xc\w{7} +\d+ KiB  r- .*4K +\.text\n'
     r'  0xc.* r- .*4K +\.rodata\n  0xc.* rw .*4K +\.data\n'),
    ('pt 0 0xbfffffff', r'^Nothing is mapped from 0x00000000 to 0xbfffffff\.$'),
    ('pt 0xfffff000 0xffffffff', r'^Nothing is mapped'),
    ('pt 0x50000 0x20000', r'^0x00050000 lies behind 0x00020000'),
    ('pt 1 2 3', USAGE),
    ('compare', USAGE),
    ('compare 0', r'^N .* is a number from 1 to \d+'),
    ('compare 2G', r'^N .* is a number from 1 to \d+'),
    ('compare -1', r'^N .* is a number from 1'),
    ('compare x', r'^N .* is a number from 1'),
    # In pieces: kmalloc cannot, vmalloc can.
    ('frag keep', r'stays until'),
    ('kmalloc 100k nowait', r'= NULL$'),
    ('vmalloc 1M', r'  256 pages in 256 runs'),
    ('compare 100k', r'^memory in pieces NULL +NULL +works, 25 runs$'),
    ('vfree all', r'^[12] areas? '),   # its array may be one, too
    ('frag undo', r'^Giving back the rest'),
]
SESSION += [('vmalloc 1', r'^  \$\d+')] * 32 + [
    ('vmalloc 1', r'^\$1 to \$32 are all in use'),
    ('vfree all', r'^32 areas freed'),
]

LABEL, COLUMN = 17, 21   # widths on the screen
WAYS = ('kmalloc', '__get_free_pages', 'vmalloc')


def columns(text):
    """{label: [three cells]}; the rows of physical addresses, without a label,
    go to the row above."""
    rows, label = {}, None
    for line in text.splitlines():
        cells = [line[LABEL + i * COLUMN:LABEL + (i + 1) * COLUMN].strip()
                 for i in range(2)] + [line[LABEL + 2 * COLUMN:].strip()]
        label = line[:LABEL].strip() or label
        rows.setdefault(label, []).append(cells)
    return rows


def compare(qemu, size, unit):
    """One comparison; each cell must say what the others make of it."""
    answer = ask(qemu, f'compare {size}', r'^(\d+ bytes +kmalloc(.*\n)+)'
                 r'The report is in dmesg\.$')[1]
    lines = answer.splitlines()
    require(len(lines) < 22 and all(len(line) <= 80 for line in lines),
            f'it does not fit a screen: {answer}')
    rows = columns(answer)
    row = {label: cells[0] for label, cells in rows.items()}
    for i, way in enumerate(WAYS):
        if row['gives'][i] == 'NULL':
            require(i < 2 and size > 4 << 20 and not row['virtual'][i],
                    f'{way}: {answer}')
            continue
        room = int(row['gives'][i].split()[0])
        physical = [int(cells[i], 16) for cells in rows['physical']
                    if cells[i]]
        pages, how = row['pages'][i].split(' ', 1)
        require(room >= size and physical, f'{way}: room: {answer}')
        require(i == 0 or int(pages) * 4096 == room, f'{way}: {answer}')
        entries = f'{pages if i == 2 else 0} written'
        require(row['table entries'][i] == entries, f'{way}: {answer}')
        if i < 2:
            require(how == 'contiguous' and int(row['virtual'][i], 16) -
                    physical[0] == int(row['virtual - phys.'][i], 16) ==
                    0xc0000000, f'{way}: where? {answer}')
        require(re.fullmatch(rf'[1-9]\d* {unit}', row['taking costs'][i]) and
                re.fullmatch(rf'[1-9]\d* {unit}', row['giving back'][i]),
                f'{way}: {answer}')
        require(row['in an interrupt'][i] == ('a BUG report, NULL' if i == 2
                                              else 'works, GFP_ATOMIC'),
                f'{way}: {answer}')
        works = f'works, {pages} run' if i == 2 or room <= 4096 else 'NULL'
        require(row['memory in pieces'][i].startswith(works),
                f'{way}: {answer}')
    return row


def compares(memory, options, unit, sizes):
    def run(log):
        machine = Machine(RELEASE, memory=memory, options=options)
        with Qemu(machine.command(), log) as qemu:
            qemu.expect(f'^{PROMPT}')
            for again in False, True:
                if again:
                    free = ask(qemu, 'mem', r'of which (\d+) KiB')[1]
                for size in sizes:
                    row = compare(qemu, size, unit)
                    zone = 'HighMem' if memory > 896 else 'Normal'
                    require(zone in row['zone'][2] or memory == 16,
                            f'zone {row["zone"]}')
            ask(qemu, 'mem', f'of which {free} KiB')
            ask(qemu, 'vmap', EMPTY)
            ask(qemu, 'dmesg', r'BUG: sleeping function called from invalid '
                r'context at mm/vmalloc')
        return 2 * len(sizes)
    return run


ICOUNT = ('-icount', 'shift=0,sleep=off')
SIZES = (100, 16384, 102400, 1 << 20, 4 << 20, 5 << 20)
SCRIPTS = [(f'vm-{memory}M', session(SESSION, memory))
           for memory in (16, 128, 1024)]
SCRIPTS += [('compare-128M', compares(128, (), 'cycles', SIZES)),
            ('compare-1024M', compares(1024, (), 'cycles', SIZES)),
            ('compare-16M', compares(16, (), 'cycles', SIZES[:3])),
            ('compare-icount', compares(128, ICOUNT, 'instructions', SIZES))]
