"""contexts and pressure, over the serial line: the table is that of
docs/contexts.md, and memory that was short is all there again.
"""
import re
from pathlib import Path

from qemu import Machine, Qemu
from test_monitor import PROMPT, RELEASE, ask, require

DOC = Path(__file__).parent.parent / 'docs/contexts.md'


def documented():
    text = DOC.read_text()
    return re.search(r'^memoir> contexts\n(.*?)^yes: ', text, re.M | re.S)[1]


def contexts(memory):
    table = documented()
    if memory > 896:  # there is high memory: kmap needs a slot
        table = re.sub(r'(?m)^(kmap +yes  ).*$',
                       lambda m: m[1] + '      BUG, fails' +
                       3 * ' BUG, fails', table)

    def run(log):
        machine = Machine(RELEASE, memory=memory)
        with Qemu(machine.command(), log) as qemu:
            qemu.expect(f'^{PROMPT}')
            for _ in range(2):
                answer = ask(qemu, 'contexts', r'(?s)^( +process .*?)^yes: ')
                require(answer[1] == table, f'{answer[1]}\nnot\n{table}')
            ask(qemu, 'dmesg', r'(?s)\A(?!.*BUG)')
            ask(qemu, 'leaks', '^0 objects')
        return 4
    return run


def pressure(memory):
    def run(log):
        machine = Machine(RELEASE, memory=memory)
        with Qemu(machine.command(), log) as qemu:
            qemu.expect(f'^{PROMPT}')
            for again in False, True:
                if again:  # with what the first time keeps: a stack
                    free = ask(qemu, 'mem', r'of which (\d+) KiB')[1]
                answer = ask(qemu, 'pressure', r'(?s)^min .*All is given back')
                for word in 'sleeps +eats', 'shrinks', 'waits', 'fails':
                    require(re.search(word, answer[0]), answer[0])
                require(', none' not in answer[0], answer[0])
            ask(qemu, 'mem', f'of which {free} KiB')
            ask(qemu, 'ps', r'reclaimer +D +4 ')
        return 4
    return run


SCRIPTS = [(f'contexts-{memory}M', contexts(memory)) for memory in (16, 1024)]
SCRIPTS += [(f'pressure-{memory}M', pressure(memory)) for memory in (16, 1024)]
