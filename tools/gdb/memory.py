"""memory.py - `pt`: what the CPU makes of an address.

   cr3 --> PDE[addr 31..22] --> PTE[addr 21..12] --> page
                 |
                 +-- large: a 4 MiB page

Reads physical memory through QEMU's monitor, so that it shows what the CPU
sees whatever state the kernel is in. (The kernel's own `pt` is a monitor
command; this one works when the kernel no longer does.)
"""
import re

import gdb

CR0_PG = 1 << 31
PRESENT, LARGE = 1 << 0, 1 << 7
NAMES = {0: 'present', 1: 'rw', 2: 'user', 3: 'write-through', 4: 'uncached',
         5: 'accessed', 6: 'dirty', 7: 'large', 8: 'global'}


def phys_word(address):
    """0000000000124c00: 0x0011f027"""
    text = gdb.execute(f'monitor xp /1xw {address:#x}', to_string=True)
    return int(text.split(':')[1], 16)


def control(name):
    return int(gdb.parse_and_eval('$' + name)) & 0xFFFFFFFF


def address_of(text):
    """An expression's value. The name of a variable of the kernel's stands for
    its address, with `+ N` or without, as at the monitor; a local one's value
    may be an address, and so may a register's."""
    name, plus, offset = text.partition('+')
    if re.fullmatch(r'[A-Za-z_]\w*', name.strip()):
        try:
            symbol = gdb.lookup_symbol(name.strip())[0]
        except gdb.error:          # no frame: no locals either
            symbol = gdb.lookup_global_symbol(name.strip())
        if not symbol or not symbol.needs_frame:
            text = f'(unsigned int) &{name}{plus}{offset}'
    return int(gdb.parse_and_eval(f'(unsigned int) ({text})'))


class PageTable(gdb.Command):
    """pt ADDR: walk the page tables for ADDR, as the CPU would now.

A variable or function of the kernel's is its address: `pt jiffies`."""

    def __init__(self):
        super().__init__('pt', gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, arg, _from_tty):
        if not arg:
            raise gdb.GdbError('pt needs an address.')
        address = address_of(arg)
        if not control('cr0') & CR0_PG:
            gdb.write(f'Paging is off: {address:#x} is physical.\n')
            return
        cr3 = control('cr3') & ~0xFFF
        gdb.write(f'cr3 {cr3:#010x}\n')
        pde = self.entry('PDE', cr3, address >> 22)
        if not pde & PRESENT:
            return
        if pde & LARGE:
            self.result(address, pde & 0xFFC00000, address & 0x3FFFFF)
            return
        pte = self.entry('PTE', pde & ~0xFFF, address >> 12 & 0x3FF)
        if pte & PRESENT:
            self.result(address, pte & ~0xFFF, address & 0xFFF)

    @staticmethod
    def entry(kind, table, index):
        value = phys_word(table + 4 * index)
        names = [name for bit, name in NAMES.items() if value >> bit & 1]
        gdb.write(f'{kind}[{index}] at {table + 4 * index:#010x} = '
                  f'{value:#010x}  {" ".join(names) or "not present"}\n')
        return value

    @staticmethod
    def result(address, page, offset):
        gdb.write(f'{address:#010x} is physical {page + offset:#010x}\n')


PageTable()
