#!/usr/bin/env python3
"""Write an initramfs: a cpio archive in the format "newc".

    usage: mkcpio.py LIST OUT [/PATH=TARGET ...]

Each PATH=TARGET is a symbolic link. Equal inputs give equal archives: inodes
are counted, owners and dates are 0. An entry is

    "070701", 13 numbers in hex | name\\0 | to 4 bytes | data | to 4 bytes

and the last one has the name TRAILER!!!.
"""
import sys

TYPES = {'dir': 0o040000, 'file': 0o100000, 'link': 0o120000}


def padded(data):
    return data + bytes(-len(data) % 4)


def entry(inode, name, mode, data=b''):
    links = 2 if mode & 0o170000 == TYPES['dir'] else 1
    numbers = (inode, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0,
               len(name) + 1, 0)
    header = b'070701' + b''.join(b'%08x' % number for number in numbers)
    return padded(header + name.encode() + b'\0') + padded(data)


def entries(lines, links):
    """=> (name, mode, data) in the order of the list"""
    for line in lines:
        words = line.partition('#')[0].split()
        if not words:
            continue
        kind, path, rights, *source = words
        data = b''
        if kind == 'file':
            with open(source[0], 'rb') as file:
                data = file.read()
        yield path, TYPES[kind] | int(rights, 8), data
    for link in links:
        path, _, target = link.partition('=')
        yield path, TYPES['link'] | 0o777, target.encode()


def main():
    listing, out, *links = sys.argv[1:]
    with open(listing, encoding='ascii') as lines:
        archive = b''.join(
            entry(inode, path.lstrip('/'), mode, data) for
            inode, (path, mode, data) in enumerate(entries(lines, links), 1))
    archive += entry(0, 'TRAILER!!!', 0)
    with open(out, 'wb') as file:
        file.write(archive + bytes(-len(archive) % 512))


if __name__ == '__main__':
    main()
