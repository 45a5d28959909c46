"""Screen and keyboard, as a person has them: type, and read the picture.

    QEMU: sendkey --> PS/2 keyboard --> kernel --> VGA memory --> screendump
                                                      |               |
    xp (what the kernel wrote) -----------------------+    picture ---+
                                                                      |
    font.bin: 16 bytes a character, a bit a pixel --> read_text() <---+

Without a BIOS the kernel has to program mode 3 and load the font itself; then
every cell of the picture must be a glyph of build/font.bin, pixel for pixel.
With a BIOS the font is the BIOS's: equal characters must look equal, different
ones different.
"""
import re
from collections import Counter

from qemu import ANSI, ROOT, Machine, Qemu, Unexpected

COLUMNS, ROWS, HEIGHT = 80, 25, 16
UNKNOWN = '\ufffd'
NO_BIOS = ('-vga', 'none', '-device', 'VGA,romfile=')
PROMPT = 'memoir> '
MORE = '-- more --'
TYPED = PROMPT + 'peeK'   # at the end: the line that was not finished
VGA_MEMORY, CRTC = 0xb8000, 0x3d4

KEYS = {' ': 'spc', '\n': 'ret', '-': 'minus', '"': 'shift-apostrophe',
        '.': 'dot', ';': 'semicolon', '+': 'shift-equal', '*': 'shift-8',
        '_': 'shift-minus', '?': 'shift-slash'}


def require(condition, problem):
    if not condition:
        raise Unexpected(problem)


def read_ppm(ppm):
    """A picture as QEMU dumps it. => width, height, pixels"""
    header = re.match(rb'P6\s+(\d+)\s+(\d+)\s+255\s', ppm)
    require(header, 'the screendump is no picture')
    return int(header[1]), int(header[2]), ppm[header.end():]


def cells(ppm):
    """The picture as ROWS x COLUMNS glyphs: 16 bytes each, as in the font."""
    width, height, pixels = read_ppm(ppm)
    require(height == ROWS * HEIGHT and width in (640, 720),
            f'the picture has {width}x{height} pixels: not mode 3')
    cell = width // COLUMNS   # 9 wide: the last column is a gap
    colours = Counter(pixels[i:i + 3] for i in range(0, len(pixels), 3))
    background = colours.most_common(1)[0][0]
    for row in range(ROWS):
        line = []
        for column in range(COLUMNS):
            glyph = bytearray(HEIGHT)
            for y in range(HEIGHT):
                at = ((row * HEIGHT + y) * width + column * cell) * 3
                for x in range(8):
                    if pixels[at + x * 3:at + x * 3 + 3] != background:
                        glyph[y] |= 128 >> x
            line.append(bytes(glyph))
        yield line


def read_text(ppm, font):
    """The lines of the screen; what is no glyph of the font is UNKNOWN."""
    glyphs = {font[code * HEIGHT:(code + 1) * HEIGHT]: chr(code)
              for code in range(126, 31, -1)}
    return [''.join(glyphs.get(glyph, UNKNOWN) for glyph in line)
            for line in cells(ppm)]


def screendump(qemu, log):
    path = log.with_suffix('.ppm')
    qemu.hmp(f'screendump {path}')
    return path.read_bytes()


def port(qemu, number):
    return int(qemu.hmp(f'i /b {number:#x}').split('=')[1], 16)


def first_cell(qemu):
    """The CRT controller's start address: where in VGA memory the screen is.
    The kernel's own choice of a register is put back."""
    chosen = port(qemu, CRTC)
    start = 0
    for register in (0x0c, 0x0d):
        qemu.hmp(f'o /b {CRTC:#x} {register:#x}')
        start = start << 8 | port(qemu, CRTC + 1)
    qemu.hmp(f'o /b {CRTC:#x} {chosen:#x}')
    return start


def vga_words(qemu):
    """What the kernel wrote: the part of VGA memory that shows, by lines; in
    each word a colour and a character."""
    qemu.settle()  # the serial line has it first
    qemu.hmp('stop')
    dump = qemu.hmp(f'xp /{COLUMNS * ROWS}hx '
                    f'{VGA_MEMORY + 2 * first_cell(qemu):#x}')
    qemu.hmp('cont')
    words = [int(word, 16)
             for line in dump.splitlines()
             for word in line.split(':', 1)[1].split()]
    require(len(words) == COLUMNS * ROWS, f'xp gave {len(words)} words')
    return [words[i:i + COLUMNS] for i in range(0, len(words), COLUMNS)]


def vga_memory(qemu):
    return [''.join(chr(word & 0xff) for word in line)
            for line in vga_words(qemu)]


def type_keys(qemu, text):
    for char in text:
        if char.isupper():
            press(qemu, f'shift-{char.lower()}')
        else:
            press(qemu, KEYS.get(char, char))


def press(qemu, key):
    qemu.hmp(f'sendkey {key} 20')
    qemu.settle()  # the key has to come up again before the next


def page(qemu):
    """More than a screenful: the screen waits for a key, and says so."""
    type_keys(qemu, 'help; crash; help; crash; help\n')
    pages = 0

    def turn_page():
        nonlocal pages
        if any(line.startswith(MORE) for line in vga_memory(qemu)):
            pages += 1
            press(qemu, 'spc')
        return re.search(f'^{PROMPT}', qemu.text[qemu.seen:], re.M)

    qemu.wait_for('the end of the pager', turn_page)
    require(pages >= 2, f'{pages} stops in a long output')
    require(MORE not in qemu.text, 'the serial line has the pager, too')
    qemu.expect(f'^{PROMPT}')


def stop_at_more(qemu):
    """Ctrl-C where the pager asks: the command ends, not only its output."""
    type_keys(qemu, 'sym c*; sym kmain\n')
    qemu.wait_for('the pager', lambda: any(
        line.startswith(MORE) for line in vga_memory(qemu)))
    press(qemu, 'ctrl-c')
    qemu.expect(rf'\^C\n{PROMPT}')
    require('c01' not in qemu.text.rpartition('^C')[2], 'the rest is run')


def without_prompts(lines):
    """Answers only: a line that was edited differs between the two."""
    return [line.rstrip(' \0') for line in lines
            if line.strip(' \0') and not line.startswith(PROMPT)]


def same_as_serial(qemu, lines):
    """The screen must show the end of what the serial line said."""
    said = []
    for line in ANSI.sub('', qemu.text).split('\n'):
        said += re.findall(f'.{{1,{COLUMNS}}}', line)
    said, seen = without_prompts(said), without_prompts(lines)
    require(len(seen) >= 15, f'the screen shows {len(seen)} lines only')
    for one, other in zip(reversed(said), reversed(seen)):
        require(one == other, f'said {one!r}, on the screen {other!r}')


def scroll(qemu):
    """Far past the end of VGA memory. Typed on the serial line: no pager."""
    for _ in range(20):
        qemu.send('crash\r')
        qemu.expect(f'^{PROMPT}')
        same_as_serial(qemu, vga_memory(qemu))


def page_map(qemu):
    """The map of page frames is the same picture on the screen, in colour:
    0xBF, B the background, F the foreground."""
    looks = {'R': 0x70, 'K': 0x1f, 'M': 0x30, '.': 0x08, 'A': 0xa0}
    type_keys(qemu, 'map\n')
    qemu.expect('a cell: .*\n.*\n.*\n' + PROMPT)
    same_as_serial(qemu, vga_memory(qemu))
    seen = Counter()
    for line in vga_words(qemu):
        if bytes(word & 0xff for word in line).startswith(b'0x0'):
            seen.update(line[11:75])
    for letter, colour in looks.items():
        found = {word >> 8 for word in seen if word & 0xff == ord(letter)}
        require(found == {colour}, f'{letter} in the map looks like {found}')


def converse(qemu):
    """Use every kind of key; the answers come on the serial line, too."""
    qemu.expect(f'^{PROMPT}')
    page(qemu)
    page_map(qemu)
    stop_at_more(qemu)
    scroll(qemu)
    type_keys(qemu, 'rubbish')
    press(qemu, 'ctrl-u')
    type_keys(qemu, 'sym kmaim')
    press(qemu, 'backspace')
    type_keys(qemu, 'n\n')
    qemu.expect(r'0xc0\w{6}.*kmain|kmain.*0xc0\w{6}')
    qemu.expect(PROMPT)
    type_keys(qemu, 'X_Y?\n')
    qemu.expect(r'There is no command "X_Y\?"')
    qemu.expect(PROMPT)
    press(qemu, 'up')
    press(qemu, 'up')
    press(qemu, 'ret')
    qemu.expect(r'0xc0\w{6}.*kmain|kmain.*0xc0\w{6}')
    qemu.expect(PROMPT)
    type_keys(qemu, 'peeK')
    qemu.expect('peeK')


def last_line(lines):
    return [line for line in lines if line.strip(' \0')][-1].rstrip(' \0')


def without_a_bios(log):
    """We program the mode and load the font: the picture is exactly that."""
    machine = Machine('build/memoir.elf', options=NO_BIOS)
    font = (ROOT / 'build/font.bin').read_bytes()
    with Qemu(machine.command(), log, monitor=True) as qemu:
        converse(qemu)
        memory = vga_memory(qemu)
        lines = read_text(screendump(qemu, log), font)
        same_as_serial(qemu, lines)
        require(last_line(lines).rstrip(' ' + UNKNOWN) == TYPED,
                f'the last line is {last_line(lines)!r}')
        for written, seen in zip(memory, lines):
            pairs = [(w, s) for w, s in zip(written, seen) if s != UNKNOWN]
            require(all(w.replace('\0', ' ') == s for w, s in pairs),
                    f'written {written!r}, seen {seen!r}')
        unknown = ''.join(lines).count(UNKNOWN)
        require(unknown <= 1, f'{unknown} cells show no glyph of the font '
                '(the cursor may hide one)')
    return 1


def with_a_bios(log):
    """The BIOS's font: one look a character, one character a look."""
    machine = Machine('build/memoir.elf', cpu='max')
    with Qemu(machine.command(), log, monitor=True) as qemu:
        converse(qemu)
        memory = vga_memory(qemu)
        same_as_serial(qemu, memory)
        require(last_line(memory) == TYPED,
                f'the last line is {last_line(memory)!r}')
        looks = {}
        for written, line in zip(memory, cells(screendump(qemu, log))):
            for char, glyph in zip(written, line):
                looks.setdefault(char, Counter())[glyph] += 1
        common = {char: seen.most_common(1)[0][0]
                  for char, seen in looks.items() if char.strip('\0')}
        odd = sum(sum(seen.values()) - seen.most_common(1)[0][1]
                  for seen in looks.values())
        require(odd <= 1, f'{odd} cells look unlike others with the same '
                'character (the cursor may hide one)')
        require(len(set(common.values())) == len(common),
                'different characters look the same')
        require(common[' '] == bytes(HEIGHT), 'a blank is not blank')
    return 1


SCRIPTS = [('without-bios', without_a_bios), ('with-bios', with_a_bios)]
