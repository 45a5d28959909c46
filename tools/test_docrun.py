"""Tests of docrun.py: a page that is right passes; one thing spoilt is named.

    DOC -- one thing spoilt --> Run, at a machine of ours --> that very problem

Run by test_selftest.py.
"""
import re
import sys
import tempfile
from pathlib import Path

import docmachine
import docnumbers
import docpicture
import docrun


class Pretended:
    """A machine that answers what it is told to; None: it hangs."""

    def __init__(self, answers):
        self.answers = answers

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        pass

    def ask(self, _prompt, text):
        if self.answers.get(text) is None:
            raise docmachine.Hang('silent')
        return self.answers[text].split('\n')


ANSWERS = {'one': 'a 1\nb 2\nc 3', 'two': 'at tick 17: 0xc0123456',
           'none': 'There is no command "none".', 'hang': None}
MACHINE = '<!-- machine: make run -->\n'
DOC = MACHINE + """
<!-- type: two -->
```
memoir> one
a 1
b 2
c 3
memoir> two
at tick 4: 0xc0111111
```
<!-- shows: one -->
```
a 1
...
c 3
```
<!-- shows: the same -->
<!-- may differ: numbers -->
```
b 9
```
<!-- not run: a picture -->
```
0x07f40000
```
"""

# (what is spoilt, page, what must be among the problems)
BAD_PAGES = [
    ('a wrong output', DOC.replace('b 2', 'b 3'), r"has  'b 3',\n.*is 'b 2'"),
    ('a missing line', DOC.replace('b 2\n', ''), r"has  'c 3',\n.*is 'b 2'"),
    ('a missing last line', DOC.replace('c 3\nmemoir', 'memoir'),
     "a line more came: 'c 3'"),
    ('a line too many', DOC.replace('c 3\nmemoir', 'c 3\nd 4\nmemoir'),
     "has  'd 4',\n.*is 'nothing'"),
    ('a wrong line behind dots', DOC.replace('...\nc 3', '...\nc 4'), 'c 4'),
    ('a mask that is not enough', DOC.replace('b 9', 'x 9'), "has  'x 9'"),
    ('a command that hangs', DOC.replace('type: two', 'type: hang'),
     'the rest of this machine is left out: silent'),
    ('a command that hangs in a block', DOC.replace('memoir> two',
                                                    'memoir> hang'), 'silent'),
    ('a command that there is not', DOC.replace('type: two', 'type: none'),
     "'none': There is no command"),
    ('no machine', DOC.replace(MACHINE, ''), 'typed at which machine'),
    ('a block without a command', DOC.replace('<!-- shows: one -->\n', ''),
     'no command, and no "not run: REASON"'),
    ('a mask that there is not', DOC.replace('differ: numbers', 'differ: all'),
     "there is no mask 'all'"),
    ('a comment misspelt', DOC.replace('not run:', 'not-run:'),
     'not understood'),
    ('a comment without an end', DOC + '<!-- type: one\n', 'has no end'),
    ('a block without an end', DOC + '```\nmemoir> one\n', 'has no end'),
    ('an old address', DOC + 'at 0x07f41234\n', '0x07f41234 is in no block'),
    ('an old number', DOC + '99<!-- seen --> pages\n', '99 is in no block'),
    ('an old copy', DOC.replace('not run: a picture', 'not run: numbers of it')
     .replace('0x07f40000', '77 1'), '77 is in no block'),
    ('a cost of yesterday', DOC + '1<!-- = page_pair_0 -->\n',
     'benchmarks say otherwise'),
    ('a cost of nothing', DOC + '1<!-- = page_pear_0 -->\n',
     "no benchmark 'page_pear_0'"),
    ('a table of yesterday', DOC + '| row | now |\n|---|---|\n'
     '| page_pair_0: both | 1 |\n', 'should be .* page_pair_0: both . [^1]'),
]


def run_doc(text):
    run = docrun.Run('PAGE.md', Path(tempfile.gettempdir()) / 'PAGE', text=text)
    run.machine_of = lambda spec, log: (Pretended(ANSWERS), None)
    return run.run()


def good_page_passes():
    run = run_doc(DOC)
    assert not run.compare(), run.problems
    blocks, left = run.counts()
    assert (blocks, len(left)) == (3, 1), (blocks, left)


def bad_page(text, problem):
    def test():
        found = run_doc(text).compare()
        assert any(re.search(problem, one) for one in found), found
    return test


def updated_page_passes():
    """Whatever is spoilt in its blocks; the sentences follow."""
    old = (DOC.replace('b 2\n', 'B\n').replace('a 1\n...', 'a 17\n...') +
           'at 0xc0111111: 1,<!-- = page_pair_0 -->\n')
    new = run_doc(old).updated()
    assert run_doc(new).compare() == [], (new, run_doc(new).compare())
    assert '\n...\n' in new and 'b 2\n```\n<!-- not' in new, new
    assert 'at 0xc0123456: ' in new, new
    assert run_doc(new).updated() == new


def is_a_hang(then):
    """A real process: a prompt, and then that."""
    machine = docmachine.Monitor.__new__(docmachine.Monitor)
    limits = docmachine.PATIENCE, docmachine.FOR_EVER
    docmachine.PATIENCE, docmachine.FOR_EVER = 0.3, 3
    machine.qemu, machine.log = None, Path(tempfile.mkdtemp()) / 'log'
    machine.argv = [sys.executable, '-c', 'import time\n'
                    f'print("memoir> ", end="", flush=True)\n{then}']
    try:
        with machine:
            machine.ask('', 'help')
    except docmachine.Hang:
        return
    finally:
        docmachine.PATIENCE, docmachine.FOR_EVER = limits
    raise AssertionError('no hang')


def dead_machine_is_a_hang():
    is_a_hang('time.sleep(60)')


def busy_machine_is_a_hang():
    is_a_hang('while True: pass')


def ended_machine_is_a_hang():
    is_a_hang('')


def picture_keeps_its_text():
    text = '[    0.000001] said 1\nmemoir> map\n0x00000000 RR66\n0x02000000 AAAA'
    path = Path(tempfile.mkdtemp()) / 'picture.png'
    docpicture.write(path, text, b'P6\n2 1\n255\n' + bytes(6))
    assert docpicture.text_of(path) == text
    assert docpicture.difference(path, text) is None
    for one, other in ('RR66', 'RRRR'), ('said 1', 'said 2'):
        assert not docpicture.difference(path, text.replace(one, other))
    assert docpicture.difference(path, text.replace('AAAA', 'AAAx'))


def numbers_are_written_as_before():
    assert docnumbers.written(12345.6, '9,999') == '12,346'
    assert docnumbers.written(12345.6, '9999') == '12346'
    assert docnumbers.written(2546321, '2.35', True) == '2.55'


TESTS = [good_page_passes, updated_page_passes, dead_machine_is_a_hang,
         busy_machine_is_a_hang, ended_machine_is_a_hang,
         picture_keeps_its_text, numbers_are_written_as_before]
