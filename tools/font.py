#!/usr/bin/env python3
"""Turn a Linux console font into the font of a VGA text screen.

usage: font.py font.bin [font.psf[.gz]]

    PSF 1 or 2: glyphs, and for each      font.bin: 256 glyphs of 16 bytes,
    the characters that it shows          a byte a row, in the order of the
                                          PC's code page 437
    [A][a][...]  {A}{a,..}{...}   --->    [ ][smiley]...[A]...[a]...[blank]

The default font is Spleen, from Debian's fonts-spleen: free to use and copy
under the BSD licence. A character that the font lacks is left blank.
"""
import gzip
import struct
import sys

DEFAULT = '/usr/share/consolefonts/spleen-8x16.psfu.gz'
HEIGHT = 16

# What code page 437 shows where ASCII has control characters.
LOW = '\0☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼'
CP437 = LOW + bytes(range(32, 127)).decode('ascii') + '⌂' + \
    bytes(range(128, 256)).decode('cp437')


def parse_psf1(data):
    """Glyphs, and the table as text: entries end in U+FFFF."""
    mode, size = data[2], data[3]
    count = 512 if mode & 1 else 256
    end = 4 + count * size
    if not mode & 6:
        sys.exit('font.py: the font has no Unicode table')
    glyphs = [data[i:i + size] for i in range(4, end, size)]
    entries = data[end:].decode('utf-16-le').split('\uffff')
    return 8, glyphs, [e.split('\ufffe')[0] for e in entries]


def parse_psf2(data):
    """Glyphs, and the table as text: entries end in byte 0xFF."""
    header, flags, count, size, height, width = struct.unpack_from(
        '<6I', data, 8)
    end = header + count * size
    if not flags & 1:
        sys.exit('font.py: the font has no Unicode table')
    if height != size // ((width + 7) // 8):
        sys.exit('font.py: the header contradicts itself')
    glyphs = [data[i:i + size] for i in range(header, end, size)]
    entries = data[end:].split(b'\xff')
    return width, glyphs, [e.split(b'\xfe')[0].decode() for e in entries]


def parse(data):
    """{character: 16 bytes}"""
    if data[:2] == b'\x1f\x8b':
        data = gzip.decompress(data)
    if data[:2] == b'\x36\x04':
        width, glyphs, entries = parse_psf1(data)
    elif data[:4] == b'\x72\xb5\x4a\x86':
        width, glyphs, entries = parse_psf2(data)
    else:
        sys.exit('font.py: not a PSF font')
    if width != 8 or any(len(glyph) != HEIGHT for glyph in glyphs):
        sys.exit('font.py: the font is not 8 x 16')
    return {char: glyph for glyph, chars in zip(glyphs, entries)
            for char in chars}


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with open((sys.argv + [DEFAULT])[2], 'rb') as file:
        font = parse(file.read())
    lost = [c for c in CP437[32:127] if c not in font]
    if lost:
        sys.exit('font.py: the font lacks ' + ''.join(lost))
    with open(sys.argv[1], 'wb') as file:
        for char in CP437:
            file.write(font.get(char, bytes(HEIGHT)))


if __name__ == '__main__':
    main()
