"""Numbers in the sentences of a page: none may be older than what it is about.

    38<!-- = kmalloc_const_100 -->     a row of the benchmarks, or what they
    2.5 million<!-- = a + b / 3 -->    make, rounded as it is here
    19,814<!-- = linux a -->           Linux' column; goal: the goal

    | row | now | goal | Linux |       a table with these words at its top: its
    |---|---|---|---|                  rows are compared by name, and with
    | row_a, row_b: two | 1, 2 | 3 | | tests/bench/*.csv

    26624<!-- seen --> pages           stands in a block that is run, too; and
    0x07f40000                         so has to each address in small letters,
                                       unless <!-- computed --> follows, and
    <!-- not run: numbers of ... -->   each number in this block
"""
import csv
import difflib
import re

from docpage import Page
from qemu import ROOT

BENCH = ROOT / 'tests' / 'bench'
REFERENCE = re.compile(r'`[^`]*:/[^`]*/`')
SEEN = re.compile(r'([\d,]+)<!-- seen -->')
QUOTED = re.compile(r'([\d,]+(?:\.\d+)?)( million)?(<!-- = ([^>]+?) -->)')
ADDRESS = re.compile(r'\b0x(?![0-9a-f]*0{4}\b)[0-9a-f]{6,8}\b(?!<!-- computed)')
WORD = re.compile(r'\b\w*\d\w*\b')
TOKEN = re.compile(r'\b(?:0x[0-9a-f]{4,8}|[0-9a-f]{8}|\d{4,})\b')
COLUMNS = {'now': 'instructions', 'instructions': 'instructions',
           'goal': 'goal', 'Linux': 'linux'}


def rows():
    """{name: {'instructions': ..., 'goal': ..., 'linux': ...}}"""
    found = {}
    for name in ('baseline.csv', 'goals.csv'):
        with open(BENCH / name, newline='') as file:
            for row in csv.DictReader(file):
                found.setdefault(row.pop('name'), {}).update(row)
    return found


def value(expression, bench):
    """Of names of rows, numbers and + - * / ( )."""
    def number(match):
        return bench[match[2]][(match[1] or 'instructions').strip()]
    text = re.sub(r'\b(linux |goal )?([a-z]\w*)', number, expression)
    if not re.fullmatch(r'[\d+\-*/(). ]+', text):
        raise KeyError(expression)
    return eval(text)  # digits and operators: see the line above


def written(number, like, million=False):
    """A number, with as many digits behind the point and commas as that one."""
    digits = len(like.partition('.')[2])
    text = f'{number / 1e6 if million else number:,.{digits}f}'
    return text if ',' in like or number < 10000 and ',' not in text else \
        text.replace(',', '')


def same(one, other):
    return one.replace(',', '') == other.replace(',', '')


# --- Numbers with an expression behind them -----------------------------------


def quoted(line, bench):
    """The line as it should be."""
    def right(match):
        new = written(value(match[4], bench), match[1], match[2])
        return ((match[1] if same(match[1], new) else new) + (match[2] or '') +
                match[3])
    return QUOTED.sub(right, line)


# --- Tables -------------------------------------------------------------------


def cells(line):
    return [cell.strip() for cell in line.strip().strip('|').split('|')]


def names_of(cell, bench):
    """The rows that a cell is about: "a, b: some words"; * stands for all."""
    names = []
    for word in re.split(r'[,/]', cell.strip('`').split(':')[0]):
        word = word.strip().strip('`')
        pattern = re.escape(word).replace(r'\*', r'\w+')
        found = [name for name in bench if re.fullmatch(pattern, name)]
        if not found:
            raise KeyError(word)
        names.append(found)
    return names


def table_row(line, header, bench):
    """The line of a table as it should be."""
    row = cells(line)
    names = names_of(row[0], bench)
    for i, title in enumerate(header[1:len(row)], 1):
        column = COLUMNS.get(title)
        old = re.split(r' / |, ', row[i]) if row[i] else []
        if not column or not old:
            continue
        if len(old) == 1:
            old *= len(names)
        new = []
        for name_list, text in zip(names, old):
            values = {bench[name].get(column) or '' for name in name_list}
            if not any(same(text, one) for one in values):
                text = written(int(max(values, key=int)), text)
            new.append(text)
        separator = ' / ' if ' / ' in row[i] else ', '
        row[i] = (new[0] if len(set(new)) == 1 and separator not in row[i]
                  else separator.join(new))
    return ('| ' + ' | '.join(row) + ' |').replace('|  |', '| |')


def table_lines(lines):
    """(number, line, header) of each row of a table about benchmarks."""
    header = None
    for i, line in enumerate(lines):
        if not line.startswith('|'):
            header = None
        elif header is None:
            header = cells(line)
        elif header[0] == 'row' and not line.startswith('|---'):
            yield i, line, header


# --- A page -------------------------------------------------------------------


def wanted(page, bench):
    """(line number, as it is, as it should be or a KeyError)"""
    for i, line in enumerate(page.lines):
        if QUOTED.search(line):
            try:
                yield i, line, quoted(line, bench)
            except KeyError as name:
                yield i, line, name
    for i, line, header in table_lines(page.lines):
        try:
            yield i, line, table_row(line, header, bench)
        except KeyError as name:
            yield i, line, name


def squeezed(line):
    return re.sub(r' *\| *', '|', line.strip())


def check(page):
    """=> [(line, what is wrong)]"""
    bad = []
    for i, line, new in wanted(page, rows()):
        if isinstance(new, KeyError):
            bad.append((i + 1, f'there is no benchmark {new}'))
        elif squeezed(new) != squeezed(line):
            bad.append((i + 1, 'benchmarks say otherwise:\n'
                        f'  is        {line}\n'
                        f'  should be {new}'))
    return bad + addresses(page)


def is_copy(block):
    """A block of numbers that others show."""
    return (block.reason or '').startswith('numbers of')


def addresses(page):
    """Addresses in sentences, and pictures of something, that no block has."""
    run = page.run_lines()
    numbers = page.lines_of(is_copy)
    run |= page.lines_of(lambda block: not re.search(r'\bof\b',
                                                     block.reason or 'of'))
    known = set(re.findall(r'\w+', page.code()))

    def found(i, line):
        if i in numbers:
            return re.findall(r'\b\d{2,}\b', line)
        return ADDRESS.findall(REFERENCE.sub('', line)) + SEEN.findall(line)
    return [(i + 1, f'{number} is in no block that is run')
            for i, line in enumerate(page.lines) if known and i not in run
            for number in found(i, line)
            if number.replace(',', '').lower() not in known]


def renewed(page):
    """The lines, with the numbers of today."""
    lines = list(page.lines)
    for i, line, new in wanted(page, rows()):
        if not isinstance(new, KeyError) and squeezed(new) != squeezed(line):
            lines[i] = new
    return lines


class Renames:
    """What was called so in the blocks is called otherwise now."""

    def __init__(self):
        self.new = {}

    def learn(self, block, old, new):
        plain = [[block.plain(line) for line in lines] for lines in (old, new)]
        pairs = list(zip(old, new))
        if len(old) != len(new):
            pairs = [(old[at + i], new[to + i]) for at, to, n in
                     difflib.SequenceMatcher(None, *plain).get_matching_blocks()
                     for i in range(n)]
        for before, after in pairs:
            one, other = WORD.findall(before), WORD.findall(after)
            if len(one) != len(other):
                continue
            for a, b in zip(one, other):
                self.new.setdefault(a, set()).add(b)

    def apply(self, lines):
        """In sentences and pictures; not where it is no longer one thing."""
        sure = {a: min(b) for a, b in self.new.items()
                if len(b) == 1 and a not in b}
        page = Page('\n'.join(lines))
        run, copies = page.run_lines(), page.lines_of(is_copy)

        def renamed(match):
            return sure.get(match[0], match[0])
        result = []
        for i, line in enumerate(lines):
            if i not in run:
                line = (WORD if i in copies else TOKEN).sub(renamed, line)
                line = SEEN.sub(lambda match: WORD.sub(renamed, match[0]), line)
            result.append(line)
        return result
