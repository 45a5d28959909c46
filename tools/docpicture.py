"""Pictures of the screen: taken by QEMU, written as PNG with their text.

    screendump (PPM) --write()--> PNG [ IHDR | tEXt screen=... | IDAT | IEND ]
                                           ^
    VGA memory --take()--> text --difference()

A picture is compared by its text, line by line, with what may always differ.
"""
import struct
import zlib

import test_screen
from docpage import Block, difference as lines_differ

KEY = b'Screen'
# What booting says, and where it has put things: the map's first and last line.
BOOTED = {'may differ': r'"^(0x0[017]\w{6}) [\dA-Zxp.]+$", "^(~).*"',
          'shows': 'map'}


def take(qemu, log):
    """=> the text on the screen, and its picture"""
    lines = [line.rstrip(' \0') for line in test_screen.vga_memory(qemu)]
    return '\n'.join(lines).rstrip('\n'), test_screen.screendump(qemu, log)


def chunk(kind, data):
    body = kind + data
    return (struct.pack('>I', len(data)) + body +
            struct.pack('>I', zlib.crc32(body)))


def write(path, text, ppm):
    width, height, pixels = test_screen.read_ppm(ppm)
    rows = b''.join(b'\0' + pixels[y * width * 3:(y + 1) * width * 3]
                    for y in range(height))
    path.write_bytes(
        b'\x89PNG\r\n\x1a\n' +
        chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)) +
        chunk(b'tEXt', KEY + b'\0' + text.encode('latin-1')) +
        chunk(b'IDAT', zlib.compress(rows, 9)) + chunk(b'IEND', b''))


def text_of(path):
    """The text that was on the screen; '' if the picture has none."""
    data, at = path.read_bytes(), 8
    while at < len(data):
        size, kind = struct.unpack('>I4s', data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b'tEXt' and body.startswith(KEY + b'\0'):
            return body[len(KEY) + 1:].decode('latin-1')
        at += size + 12
    return ''


def difference(path, text):
    """=> None, or what is not on the picture"""
    block = Block(1, [], BOOTED)
    return lines_differ(block, text_of(path).split('\n'), text.split('\n'))
