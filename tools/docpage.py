"""A page of the documentation as docrun.py sees it: commands, and what they
print.

    <!-- machine: make run -->           a fresh one, for what follows
    <!-- type: frag whole -->            typed, its answer not shown
    <!-- type 26 times: alloc 10 -->
    ```                                  a block with prompts says itself what
    memoir> alloc 0                      is typed; one without needs before it
      $1 ...                               <!-- shows: alloc 0; buddy -->
    ...                                  a line of dots: lines left out
    ```
    <!-- shows: the same -->             more of the last answer
    <!-- may differ: numbers -->         MASKS, or "expressions" (not what their
                                         first group matches), before a block
    | question | try | code |            what stands in `...` in a column "try",
                                         not in brackets, is typed, too
    <!-- not run: a picture -->          a block that nobody can run: the reason
    <!-- file: ../extra/hello.c -->      the block is that file, in the machine

They are comments, so a reader of the rendered page sees none of them. Blocks
with a language (```c) are source. What always may differ, as it does between
two builds, is written down in ALWAYS.
"""
import difflib
import re

PROMPTS = ('memoir> ', '(gdb) ', '(qemu) ', '$ ')
DOTS = '...'
THE_SAME = 'the same'
DIRECTIVE = re.compile(r'<!--\s*(machine|type(?: \d+ times)?|shows|may differ|'
                       r'not run|file|picture):\s*(.*?)\s*-->', re.S)

ALWAYS = [
    r'\[ *\d+\.\d{6}\]',                       # a time stamp
    r'\+0x[0-9a-f]+/0x[0-9a-f]+',              # where in a function
    r'\b(?:0x)?c0[12](?!0{5})[0-9a-f]{5}\b',     # an address of the image,
    r'\b0x00[12](?!0{5})[0-9a-f]{5}\b',        # a physical one
    r'\btick \d+',
]
MASKS = {
    'numbers': [r'\b\d+\b'],
    'addresses': [r'\b(?:0x)?[0-9a-f]{8}\b'],
    'costs': [r'\d+(?= (?:instructions|cycles))'],
    'times': [r'\d+\.\d+'],
}
NO_STAMPS = 'time stamps left out'
STAMP = re.compile(r'^\[ *\d+\.\d{6}\] ')


def kept(match):
    """What a mask leaves of a line: its first group, if it has one."""
    return (match[1] if match.re.groups else '') + '~'


class Block:
    """A fenced block: what is typed, and the lines that come."""

    def __init__(self, line, text, directives):
        self.line = line            # of its first line of text, from 1
        self.text = text            # its lines
        self.reason = directives.get('not run')
        self.file = directives.get('file')
        self.masks = list(ALWAYS)
        self.no_stamps = False
        for word in re.findall(r'"[^"]*"|[^,"]+', directives.get('may differ',
                                                                 '')):
            self.add_mask(word.strip())
        self.shows = directives.get('shows')
        self.parts = self.split()   # [(commands, first line, end)]

    def add_mask(self, word):
        if word == NO_STAMPS:
            self.no_stamps = True
        elif word.startswith('"'):
            self.masks.append(word.strip('"'))
        elif word:
            self.masks += MASKS[word]

    def split(self):
        if self.reason or self.file:
            return []
        if self.shows:
            return [(self.shows.split('; '), 0, len(self.text))]
        starts = [i for i, line in enumerate(self.text)
                  if line.startswith(PROMPTS)]
        return [([self.text[start]], start + 1, end) for start, end in
                zip(starts, starts[1:] + [len(self.text)])]

    def wanted(self, part):
        """The lines of a part: of the last answer, some in the middle."""
        lines = [line.rstrip() for line in self.text[part[1]:part[2]]]
        return [DOTS, *lines, DOTS] if self.shows == THE_SAME else lines

    def plain(self, line):
        """The line as it is compared."""
        line = line.rstrip()
        if self.no_stamps:
            line = STAMP.sub('', line)
        masked = line
        for mask in self.masks:
            masked = re.sub(mask, kept, masked)
        return ' '.join(masked.split()) if masked != line else masked


class Page:
    """steps: ('machine', spec), ('type', command), ('block', Block), each with
    its line."""

    def __init__(self, text):
        self.lines = text.split('\n')
        self.problems = []
        self.steps = []
        self.blocks = []
        self.read()

    def read(self):
        directives, i, tried = {}, 0, None
        while i < len(self.lines):
            line = self.lines[i]
            tried = self.read_row(i, tried)
            if line.startswith('<!--'):
                i = self.read_comment(i, directives)
            elif line.startswith('```'):
                end = self.find(i + 1, lambda text: text == '```')
                if line == '```' or 'file' in directives:
                    self.add_block(i + 1, end, directives)
                directives = {}
                i = end
            i += 1

    def read_row(self, i, tried):
        """=> the column "try" of the table that this line is in, or None"""
        cells = [cell.strip() for cell in self.lines[i].split('|')]
        if len(cells) < 3:
            return None
        if 'try' in cells:
            return cells.index('try')
        if tried:
            text = re.sub(r'\([^)]*\)', '', cells[tried])
            self.steps += [(i + 1, 'type', span)
                           for span in re.findall('`([^`]*)`', text)
                           if not re.search('[A-Z]{2}', span)]
        return tried

    def find(self, start, is_end):
        """=> the line where something ends"""
        end = next((i for i in range(start, len(self.lines))
                    if is_end(self.lines[i])), None)
        if end is None:
            self.problems.append((start, 'what begins here has no end'))
        return len(self.lines) - 1 if end is None else end

    def read_comment(self, i, directives):
        """=> its last line"""
        end = self.find(i, lambda line: '-->' in line)
        text = ' '.join(self.lines[i:end + 1])
        match = DIRECTIVE.fullmatch(text)
        if not match:
            self.problems.append((i + 1, f'not understood: {text}'))
            return end
        word, value = match.groups()
        if word == 'machine':
            self.steps.append((i + 1, 'machine', value))
        elif word == 'picture':
            self.steps.append((i + 1, 'picture', value))
        elif word.startswith('type'):
            times = int((word + ' 1 1').split()[1])
            self.steps += [(i + 1, 'type', value)] * times
        else:
            directives[word] = value
        return end

    def add_block(self, start, end, directives):
        try:
            block = Block(start + 1, self.lines[start:end], directives)
        except KeyError as mask:
            self.problems.append((start, f'there is no mask {mask}'))
            return
        self.blocks.append(block)
        if not (block.parts or block.reason or block.file):
            self.problems.append((start, 'the block has no command, and no '
                                  '"not run: REASON"'))
        self.steps.append((start, 'block', block))

    def run_lines(self):
        """The lines of blocks that are run, from 0."""
        return self.lines_of(lambda block: block.parts)

    def lines_of(self, wanted):
        """Those of such blocks, from 0."""
        return {i for block in self.blocks if wanted(block)
                for i in range(block.line - 1,
                               block.line - 1 + len(block.text))}

    def code(self):
        """What stands there: where numbers come from."""
        return '\n'.join(self.lines[i] for i in sorted(self.run_lines()))


def segments(lines):
    """The lines between the dots: [[...], [...]], one more than dots."""
    found = [[]]
    for line in lines:
        if line.strip() == DOTS:
            found.append([])
        else:
            found[-1].append(line)
    return found


def matches(block, wanted, said, at):
    return at + len(wanted) <= len(said) and all(
        block.plain(one) == block.plain(other)
        for one, other in zip(wanted, said[at:]))


def difference(block, wanted, said):
    """=> None, or what is wrong: the first line that is not as it came."""
    parts, at = segments(wanted), 0
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        starts = [at] if number == 0 else range(at, len(said) + 1)
        if last and number > 0:
            starts = [max(len(said) - len(part), at)]
        found = next((s for s in starts if matches(block, part, said, s)), None)
        if found is None:
            return explain(block, part, said, starts)
        at = found + len(part)
    if at < len(said):
        return f'a line more came: {said[at]!r}'
    return None


def explain(block, part, said, starts):
    """Where the part comes nearest to what was said."""
    def equal(start):
        n = 0
        while n < len(part) and matches(block, part[n:n + 1], said, start + n):
            n += 1
        return n
    start = max(starts, key=equal, default=0)
    n = equal(start)
    wanted = part[n] if n < len(part) else 'no more'
    came = said[start + n] if start + n < len(said) else 'nothing'
    return f'the page has  {wanted!r},\n  what came is {came!r}'


def best(block, part, said, low):
    """Where in said[low:] the part was meant to be: as it is masked, if there
    is such a place, and where it looks most alike."""
    def alike(start):
        return (matches(block, part, said, start),
                sum(difflib.SequenceMatcher(None, a, b).ratio()
                    for a, b in zip(part, said[start:])))
    return max(range(low, max(len(said) - len(part), low) + 1), key=alike)


def renewed(block, wanted, said):
    """The lines of the page, as they came now; dots stay where they are."""
    if block.no_stamps:
        said = [STAMP.sub('', line) for line in said]
    if difference(block, wanted, said) and DOTS not in ''.join(wanted):
        return said
    parts, result, at = segments(wanted), [], 0
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if last and number == 0:
            return said
        if last:
            start = max(len(said) - len(part), at)
        elif number == 0:
            start = 0
        else:
            start = best(block, part, said, at)
        if number:
            result.append(next(line for line in wanted
                               if line.strip() == DOTS))
        result += said[start:start + len(part)]
        at = start + len(part)
    return result
