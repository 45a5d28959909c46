"""klog.py - `dmesg`: the kernel's log, read from its memory.

   log.buf   | header | text | header | text |  free / overwritten  |
               ^ log.first                     ^ log.next

Positions count bytes since boot; the place in the ring is the position modulo
its size (kernel/printk.c). Works when the kernel has stopped for good, and for
messages that `quiet` kept from the console.
"""
import gdb


class Dmesg(gdb.Command):
    """dmesg [COUNT]: the kernel's log, or its last COUNT lines."""

    def __init__(self):
        super().__init__('dmesg', gdb.COMMAND_STATUS)

    def invoke(self, arg, _from_tty):
        lines = list(self.records())
        for line in lines[-int(arg, 0):] if arg else lines:
            gdb.write(line + '\n')

    @staticmethod
    def records():
        block = gdb.lookup_global_symbol('printk').symtab.static_block()
        log = gdb.lookup_symbol('log', block)[0].value()
        kind = gdb.lookup_type('struct record', block)
        size = log['buf'].type.sizeof
        ring = gdb.selected_inferior().read_memory(log['buf'].address, size) \
            .tobytes()
        first, end = int(log['first']), int(log['next'])
        if end - first > size:
            raise gdb.GdbError('The log is damaged: more is kept than fits.')

        def read(position, count):
            at = position % size
            return (ring + ring)[at:at + count]

        while first < end:
            record = gdb.Value(read(first, kind.sizeof), kind)
            us, length = int(record['us']), int(record['len'])
            text = read(first + kind.sizeof, length)
            yield (f'[{us // 1000000:5}.{us % 1000000:06}] '
                   + text.decode('latin-1'))
            first += kind.sizeof + length


Dmesg()
