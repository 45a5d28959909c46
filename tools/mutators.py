"""One thing changed in one function: which changes there are.

    source --functions()--> bodies --sites()--> Mutant(file, function, line ...)
                                                  | applied(text, mutant)
                                                  v
                                                the source with that change

A change has a name that stays while other lines move, since the list of the
equivalent ones goes by it:   mm/buddy.c: buddy_free: order < MAX -> order <= MAX
(the whole line, and " #2" when the function has that line twice).

What is changed: operators and bounds, constants, conditions, a call that takes
or gives a lock, a reference or switches interrupts or flushes, any other
statement that is left out, an early return.  Not changed: assertions and what
is printed.  Comments, strings and preprocessor lines are never looked at.
"""
import re
from collections import defaultdict
from typing import NamedTuple

from qemu import ROOT

FILES = ('mm/*.c', 'mm/x86/*.c', 'vm/*.c', 'kernel/*.c', 'kernel/x86/*.c',
         'drivers/pic.c', 'drivers/pit.c', 'drivers/rtc.c',
         'drivers/keyboard.c', 'drivers/serial_input.c', 'linux/fork.c',
         'linux/exit.c', 'linux/mmap.c', 'boot/memblock.c',
         'kernel/x86/uaccess.asm')

# Pattern -> what it becomes. A name: the kind. All must match whole tokens.
SWAPS = [
    ('bound', r'(?<![<>=!-])<(?![<=])', ('<=',)),
    ('bound', r'(?<![<>-])>(?![>=])', ('>=',)),
    ('bound', r'(?<![<>])<=', ('<',)),
    ('bound', r'(?<![<>])>=', ('>',)),
    ('operator', r'==', ('!=',)),
    ('operator', r'!=', ('==',)),
    ('operator', r'&&', ('||',)),
    ('operator', r'\|\|', ('&&',)),
    ('operator', r'(?<=[\w)\]] )\+(?= [\w(*&-])', ('-',)),
    ('operator', r'(?<=[\w)\]] )-(?= [\w(*&-])', ('+',)),
    ('operator', r'(?<=[\w)\]] )\*(?= [\w(])', ('+',)),
    ('operator', r'(?<=[\w)\]] )/(?= [\w(])', ('*',)),
    ('operator', r'(?<=[\w)\]] )%(?= [\w(])', ('/',)),
    ('operator', r'<<(?!=)', ('>>',)),
    ('operator', r'>>(?!=)', ('<<',)),
    ('operator', r'(?<=[\w)\]] )&(?= [\w(~])', ('|',)),
    ('operator', r'(?<=[\w)\]] )\|(?= [\w(~])', ('&',)),
    ('operator', r'\+\+', ('--',)),
    ('operator', r'(?<!-)--(?!-)', ('++',)),
    ('operator', r'\+=', ('-=',)),
    ('operator', r'-=', ('+=',)),
    ('operator', r'\|=', ('&=', '=')),
    ('operator', r'&= ~', ('|= ',)),
    ('operator', r'(?<=[(& |])!(?=[\w(*])', ('',)),
    ('constant', r'(?<![\w.])0(?![\w.])', ('1',)),
    ('constant', r'(?<![\w.])1(?![\w.])', ('0', '2')),
    ('constant', r'(?<![\w.])([2-9]|[1-9]\d+)(?![\w.])', ('+1', '-1')),
    ('constant', r'\btrue\b', ('false',)),
    ('constant', r'\bfalse\b', ('true',)),
]
CONDITION = re.compile(r'\b(if|while) \((.*)\)( \{)?$')
GUARD = re.compile(r'^\s*[\w>.-]*(lock|irq|preempt|flush|invlpg|get|put|ref|'
                   r'wake|dirty|enter|leave)\w*\(.*\);$')
STATEMENT = re.compile(r'^\s*(?!return|goto|break|continue|case|default|'
                       r'static|struct|const|unsigned|else|do\b|if|for|while)'
                       r'[\w*(][^;]*(\(|=|\+\+|--)[^;]*;$')
JUMP = re.compile(r'^\s*(return\b.*|goto \w+|break|continue);$')
LEAVE_ALONE = re.compile(r'\b(assert\w*|static_assert|printk|panic|'
                         r'pr_\w+|console_printf|__asm__|asm|case)\b')

ASM_SWAPS = [('jump', r'\bja\b', ('jae',)), ('jump', r'\bjae\b', ('ja',)),
             ('jump', r'\bjb\b', ('jbe',)), ('jump', r'\bjbe\b', ('jb',)),
             ('jump', r'\bj[ez]\b', ('jnz',)), ('jump', r'\bjn[ez]\b', ('jz',)),
             ('operator', r'\badd\b', ('sub',)),
             ('operator', r'\bsub\b', ('add',)),
             ('operator', r'\bshr\b', ('shl',)),
             ('constant', r'(?<=[ ,])([1-9]\d*)(?=\s*(;|$))', ('+1', '-1'))]


class Mutant(NamedTuple):
    file: str
    function: str
    kind: str
    line: int      # counted from 0
    column: int
    old: str
    new: str
    ident: str


def blanked(text, asm=False):
    """Comments, strings and directives as blanks: each place stays."""
    pattern = r';.*' if asm else \
        r'/\*.*?\*/|//.*?$|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])+\'|^#.*?(?<!\\)$'
    return re.sub(pattern, lambda m: re.sub(r'[^\n]', ' ', m[0]), text,
                  flags=re.M | (0 if asm else re.S))


def functions(lines):
    """=> (name, first line of the body, line of its end)"""
    start = name = None  # a name stands at the start of a line, its type above
    for number, line in enumerate(lines):
        head = re.match(r'(?:SYSCALL\w*\(\d+, )?(\w+)[(,]', line)
        if head and not line.endswith(';'):
            name = head[1]
        if line == '{':
            start = number + 1
        elif line == '}' and start is not None:
            if name:
                yield name, start, number
            start = name = None


def asm_functions(lines):
    start = name = None
    for number, line in enumerate([*lines, 'end:']):
        label = re.match(r'(\w+):', line)
        if label:
            if name:
                yield name, start, number
            name, start = label[1], number + 1


def replacement(old, new):
    if new in ('+1', '-1'):
        return str(int(old) + int(new))
    return new


def line_sites(line, asm):
    """=> (kind, column, old, new) of all that can be changed in a line"""
    if asm:
        if re.match(r'\s+[a-z]', line) and not re.match(r'\s+(dd|db|ret)', line):
            yield 'statement', 0, line, ''
    elif LEAVE_ALONE.search(line):
        return
    for kind, pattern, results in ASM_SWAPS if asm else SWAPS:
        for match in re.finditer(pattern, line):
            for new in results:
                yield kind, match.start(), match[0], replacement(match[0], new)
    if asm:
        return
    condition = CONDITION.search(line)
    if condition and condition[2].count('(') == condition[2].count(')'):
        for new in ('1', '0') if condition[1] == 'if' else ('0',):
            yield 'condition', condition.start(2), condition[2], new
    if GUARD.match(line):
        yield 'guard', 0, line, ';'
    elif STATEMENT.match(line):
        yield 'statement', 0, line, ';'
    elif JUMP.match(line):
        yield 'jump', 0, line, ';'


def body_sites(lines, start, end, asm):
    void = not asm and any(re.search(r'\bvoid$|\bvoid \w', line)
                           for line in lines[max(start - 5, 0):start])
    early = not asm
    before = '{'
    for number in range(start, end):
        line = lines[number].rstrip()
        begins = asm or re.search(r'[;{}:]$|\b(if|for|while) \(.*\)$|else$',
                                  before)
        for site in line_sites(line, asm):
            if begins or site[1]:
                yield (number, *site)
        if early and begins and not LEAVE_ALONE.search(line) and \
                re.match(r'\t[\w.>-]+\(.*\);$', line):
            early = False
            yield (number, 'early return', 1, '',
                   'return; ' if void else 'return 0; ')
        before = line or before


def mutants_of(name):
    text = (ROOT / name).read_text()
    asm = name.endswith('.asm')
    lines = blanked(text, asm).split('\n')
    shown = text.split('\n')
    seen = defaultdict(int)
    found = asm_functions(lines) if asm else functions(lines)
    for function, start, end in found:
        for number, kind, column, old, new in body_sites(lines, start, end,
                                                         asm):
            before = shown[number]
            after = before[:column] + new + before[column + len(old):]
            ident = f'{name}: {function}: {before.strip()} -> {after.strip()}'
            seen[ident] += 1
            if seen[ident] > 1:
                ident += f' #{seen[ident]}'
            yield Mutant(name, function, kind, number, column, old, new, ident)


def all_of(root):
    names = sorted(str(path.relative_to(root)) for pattern in FILES
                   for path in root.glob(pattern))
    return [mutant for name in names for mutant in mutants_of(name)]


def drawn(rng):
    """All, in an order drawn by rng: a round takes one of each function, and
    in a function the kinds take turns, whatever there is most of."""
    by_function = defaultdict(lambda: defaultdict(list))
    for mutant in all_of(ROOT):
        by_function[mutant.file, mutant.function][mutant.kind].append(mutant)
    queues = []
    for kinds in by_function.values():
        for mutants in kinds.values():
            rng.shuffle(mutants)
        queue = []
        while kinds:
            turn = sorted(kinds)
            rng.shuffle(turn)
            for kind in turn:
                queue.append(kinds[kind].pop())
                if not kinds[kind]:
                    del kinds[kind]
        queues.append(queue)
    order = []
    while queues:
        rng.shuffle(queues)
        order += [queue.pop(0) for queue in queues]
        queues = [queue for queue in queues if queue]
    return order


def applied(text, mutant):
    lines = text.split('\n')
    line = lines[mutant.line]
    lines[mutant.line] = (line[:mutant.column] + mutant.new +
                          line[mutant.column + len(mutant.old):])
    return '\n'.join(lines)
