#!/usr/bin/env python3
"""Write the kernel's symbol table as assembly, from `nm` of a linked kernel.

usage: symbols.py nm-command kernel.elf > symbols.asm
       symbols.py --empty > symbols.asm      for the first link

Why three links: the table lies inside the image, so its size moves what comes
after it. Link 1 has an empty table, link 2 one of the right size with a few
addresses off, link 3 is right. The Makefile checks that a fourth would be the
same.
"""
import re
import subprocess
import sys

# What linker.ld puts behind the last byte of a section: no symbol reaches
# beyond one. They go into the table without a name.
ENDS = {'__boot_end', '__init_end', '_etext', '__end_rodata', '_edata', '_end'}

REGISTERED = re.compile(r'\w+_entry_|(case|row|syscall|command)_')


def symbols(nm, kernel):
    """(address, name), sorted; one name an address: global, no underscore."""
    out = subprocess.run([nm, kernel], capture_output=True, text=True,
                         check=True).stdout
    best = {}
    for line in out.splitlines():
        address, kind, name = line.split()
        address = int(address, 16)
        # Not the kernel's: assembler constants, labels of assembler macros. And
        # what only a registration names (include/table.h) nobody asks for.
        if kind in 'aA' or name.startswith('..@') or \
                kind == 'r' and REGISTERED.match(name):
            continue
        name = '' if name in ENDS else name
        rank = (not name, kind.islower(), name.startswith('_'), name)
        if address not in best or rank < best[address]:
            best[address] = rank
    return [(address, rank[-1]) for address, rank in sorted(best.items())]


def main():
    table = [] if sys.argv[1:] == ['--empty'] else symbols(*sys.argv[1:])
    print('global symbol_count, symbol_entries, symbol_names')
    print('section .symbols progbits alloc noexec nowrite align=4')
    print(f'symbol_count: dd {len(table)}\nsymbol_entries:')
    offset = 0
    for address, name in table:
        print(f'dd 0x{address:08x}, {offset}')
        offset += len(name) + 1
    end = table[-1][0] if table else 0
    print(f'dd 0x{end:08x}, {offset}\nsymbol_names:')
    for _, name in table:
        print(f'db "{name}", 0')
    print('db 0')


if __name__ == '__main__':
    main()
