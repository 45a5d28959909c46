"""check.py - for the scripts that gdb runs: say what was right, go on anyway.

    CHECK ok NAME: / CHECK not ok NAME: what was seen instead
"""
import re

import gdb


def report(fine, name, seen=''):
    text = ' '.join(str(seen).split())
    print(f'CHECK {"ok" if fine else "not ok"} {name}: {text}', flush=True)


def run(command):
    """A command of gdb: what it printed."""
    return gdb.execute(command, to_string=True)


def number(expression):
    return int(gdb.parse_and_eval(expression)) & 0xFFFFFFFF


def place():
    """'file:line' of the present frame, and that line's text."""
    sal = gdb.selected_frame().find_sal()
    if not sal.symtab:
        return '?', ''
    line = open(sal.symtab.fullname()).read().splitlines()[sal.line - 1]
    return f'{sal.symtab.filename}:{sal.line}', line.strip()


def functions():
    """The names that `bt` shows, newest first."""
    return re.findall(r'^#\d+ +(?:0x[0-9a-f]+ in )?(\S+)', run('bt'), re.M)


def paging():
    return bool(number('$cr0') & 1 << 31)
