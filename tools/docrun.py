#!/usr/bin/env python3
"""Do what the documentation says, and see whether it comes out so.

    usage: docrun.py [--update] [--as-it-is] [PAGE.md ...]

    page --Page()--> machine, type, block, block, machine ...
                        |       |      |
                     Monitor   ask()  ask() --> lines --difference()--> problems
                     Shell, gdb                       --renewed()-----> --update

How a page names its machines and what may differ: docpage.py. Without --update
a page whose text is not what comes is a problem; with it the page is rewritten,
its pictures too, and whoever runs it reads the diff. What stands in the prose
between blocks is changed along: an address that has become another in the
blocks does in the sentences about them. Machines run by the steady clock, so
that each run is like the others; --as-it-is: as `make run` does, through GRUB.
"""
import argparse
import re
import shutil
import sys
from pathlib import Path

import docmachine
import docnumbers
import docpicture
from docpage import PROMPTS, THE_SAME, Page, difference, renewed
from qemu import ROOT, Unexpected

PAGES = ['README.md', *sorted(str(path.relative_to(ROOT))
                              for path in ROOT.glob('docs/*.md')),
         'user/README.md']
NOT_KNOWN = ('There is no command', 'usage: ')


class Run:
    """One page, once."""

    def __init__(self, name, log, as_it_is=False, text=None):
        self.name = name
        self.page = Page((ROOT / name).read_text() if text is None else text)
        self.log = log
        self.as_it_is = as_it_is
        self.problems = [self.problem(*p) for p in self.page.problems]
        self.answers = []       # [(block, part, lines)]
        self.pictures = []      # [(path, text, ppm)]
        self.segments = 0
        self.last = []

    def problem(self, line, text):
        return f'{self.name}:{line}: {text}'

    def note(self, line, text):
        self.problems.append(self.problem(line, text))

    def commands(self, kind, what):
        """[(block or None, part, prompt, text)] of a step"""
        if kind == 'type':
            return [(None, None, '', what)]
        if kind != 'block':
            return []
        found = []
        for part in what.parts:
            for text in part[0]:
                prompt = next((p for p in PROMPTS if text.startswith(p)), '')
                found.append((what, part, prompt, text[len(prompt):]))
        return found

    def run(self):
        """Machine after machine. => self"""
        shutil.rmtree(self.log.with_suffix('.tree'), ignore_errors=True)
        segment = []
        for step in self.page.steps + [(0, 'machine', None)]:
            if step[1] == 'machine' and segment:
                self.run_segment(segment)
                segment = []
            segment.append(step)
        return self

    def run_segment(self, steps):
        line, kind, spec = steps[0]
        if kind != 'machine':
            wanted = [step for step in steps if self.commands(*step[1:])]
            if wanted:
                self.note(wanted[0][0], 'typed at which machine? There is no '
                          '"machine:" before it')
            return
        self.segments += 1
        log = self.log.with_suffix(f'.{self.segments}.log')
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            if re.match('make debug', spec):
                self.run_gdb(spec, steps[1:], log)
            else:
                self.run_machine(spec, steps[1:], log)
        except (Unexpected, OSError, docmachine.Hang) as problem:
            self.note(line, f'{spec}: {problem}')

    def run_machine(self, spec, steps, log):
        machine, tree = self.machine_of(spec, log)
        for _, kind, what in steps:
            if kind == 'block' and what.file and tree:
                path = tree / what.file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text('\n'.join(what.text) + '\n')
        with machine as there:
            for line, kind, what in steps:
                try:
                    self.run_step(there, line, kind, what)
                except docmachine.Hang as problem:
                    self.note(line, f'no answer to what is typed here; the rest'
                              f' of this machine is left out: {problem}')
                    return

    def machine_of(self, spec, log):
        """=> the machine, and its copy of the tree, if it has one"""
        tree = docmachine.tree_for(spec, self.log)
        kind = docmachine.Shell if spec == 'shell' else docmachine.Monitor
        return kind(spec, log, self.as_it_is, tree), tree

    def run_step(self, there, line, kind, what):
        if kind == 'picture':
            self.pictures.append((line, what, *docpicture.take(there.qemu,
                                                               self.log)))
        said = {}
        for block, part, prompt, text in self.commands(kind, what):
            lines = self.last
            if text != THE_SAME:
                self.last = lines = there.ask(prompt, text)
            wrong = next((s for s in lines if s.startswith(NOT_KNOWN)), None)
            if wrong and not block:
                self.note(line, f'{text!r}: {wrong}')
            said.setdefault((block, part and part[1]), []).extend(lines)
        self.keep(said)

    def keep(self, said):
        for (block, start), lines in said.items():
            if block:
                part = next(p for p in block.parts if p[1] == start)
                self.answers.append((block, part, lines))

    def run_gdb(self, spec, steps, log):
        typed = [(line, *command) for line, kind, what in steps
                 for command in self.commands(kind, what)]
        answers = docmachine.gdb_session(spec, [text for *_, text in typed],
                                         log)
        for i, (line, block, part, _, text) in enumerate(typed):
            if i >= len(answers):
                self.note(line, f'gdb has ended before {text!r}')
            elif block:
                self.answers.append((block, part, answers[i]))

    def compare(self):
        """=> problems, this run's and those of the text"""
        for block, part, lines in self.answers:
            wrong = difference(block, block.wanted(part), lines)
            if wrong:
                self.note(block.line + part[1], f'{"; ".join(part[0])}\n'
                          f'  {wrong}')
        for line, path, text, _ in self.pictures:
            wrong = docpicture.difference(ROOT / path, text)
            if wrong:
                self.note(line, f'{path}: {wrong}')
        for line, wrong in docnumbers.check(self.page):
            self.note(line, wrong)
        return self.problems

    def updated(self):
        """=> the page as it came"""
        lines, renames = list(self.page.lines), docnumbers.Renames()
        for block, part, said in sorted(self.answers, reverse=True,
                                        key=lambda a: (a[0].line, a[1][1])):
            old = block.text[part[1]:part[2]]
            new = renewed(block, block.wanted(part), said)
            if block.shows == THE_SAME:
                new = new[1:-1]
            start = block.line - 1 + part[1]
            lines[start:start + len(old)] = new
            renames.learn(block, old, new)
        page = Page('\n'.join(renames.apply(lines)))
        return '\n'.join(docnumbers.renewed(page))

    def update(self):
        """Write the page as it came. => problems that remain"""
        (ROOT / self.name).write_text(self.updated())
        for _, path, screen, ppm in self.pictures:
            docpicture.write(ROOT / path, screen, ppm)
        return self.problems

    def counts(self):
        """=> blocks that were run, those that are not, with their reason"""
        run = {block.line for block, _, _ in self.answers}
        return len(run), [block for block in self.page.blocks if block.reason]


def run_page(name, log, update=False, as_it_is=False):
    """=> the Run, its problems"""
    run = Run(name, log, as_it_is).run()
    return run, run.update() if update else run.compare()


def main():
    parser = argparse.ArgumentParser(description='Run the documentation.')
    parser.add_argument('--update', action='store_true',
                        help='write into the pages what came')
    parser.add_argument('--as-it-is', action='store_true',
                        help='start `make run` as it is: GRUB, the real clock')
    parser.add_argument('pages', nargs='*', default=PAGES)
    args = parser.parse_args()
    bad = 0
    for name in args.pages:
        name = str(Path(name).resolve().relative_to(ROOT))
        log = docmachine.FOLDER / name.replace('/', '-')
        run, problems = run_page(name, log, args.update, args.as_it_is)
        blocks, left = run.counts()
        print(f'{name}: {blocks} blocks run, {len(left)} not, '
              f'{len(problems)} problems', flush=True)
        for problem in problems:
            print('  ' + problem.replace('\n', '\n  '), flush=True)
        bad += len(problems)
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
