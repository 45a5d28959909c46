"""not_multiboot.py - inside gdb: as if another loader had started us."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from check import number, place, report, run  # noqa: E402

run('set $eax = 0')
run('tbreak *&\'not_multiboot.stop\'')
run('continue')
said = open(os.environ['MEMOIR_BASE'] + '-serial.out').read()
report('must be started by a Multiboot 1 loader' in said
       and 'Memoir: a kernel' not in said and place()[1].endswith('cli')
       and not number('$cr0') >> 31, 'not_multiboot_says_so', said)
