"""The Makefile: what it takes from whom, what it rebuilds, what it installs.

    make -n   what would be done: compared, nothing is changed
    a copy    of the tree with its objects: files are added, and it is built
    apt-get   one of ours, first in PATH, that says what the real one says
"""
import os
import re
import shutil
import subprocess

from qemu import ROOT, Machine, Qemu, Unexpected

SOURCES = ('boot include lib kernel mm drivers vm linux debug monitor tests '
           'tools user docs Makefile linker.ld README.md').split()
BUILT = 'flags objects obj layout.inc linker.ld font.bin'.split()
ALIEN = {'CPU': 'x86_64', 'VIEW': 'vim', 'MEM': '', 'T': '1', 'DEBUG': '1',
         'EXTRA': '/nowhere', 'APPEND': 'quiet', 'CROSS_COMPILE': 'none-',
         'SMALL': '-O0', 'WERROR': '1', 'SEED': 'x', 'CALLS': 'x', 'SOAK': 'x'}
INITCALL = '''#include "init.h"
#include "printk.h"
#include "syscall.h"
#ifndef SYSCALL
#error it is not the kernel syscall.h
#endif
static int __init works(void) { pr_info("works: %d\\n", 1); return 0; }
static int __init fails(void) { return -5; }
module_init(works);
late_initcall(fails);
'''
APT = '''#!/bin/sh
echo "$*" >>"$LOG"
case $* in
*Status-Fd*) echo "Need to get 12.3 MB of archives."
	echo "After this operation, 99 MB of additional disk space will be used."
	echo pmstatus:nasm:50.0:Unpacking nasm >&3
	touch "$LOG.installed" ;;
esac
'''


def make(*arguments, cwd=ROOT, env=None):
    """=> status, all that it said"""
    clean = {name: value for name, value in os.environ.items()
             if name not in ('MAKEFLAGS', 'MAKELEVEL', 'MFLAGS', 'CI')}
    done = subprocess.run(['make', *arguments], cwd=cwd, text=True,
                          env={**clean, **(env or {})}, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def require(fine, what):
    if not fine:
        raise Unexpected(what)


def compiled(said):
    """The sources of "  CC    mm/slab.c"; also from what make -n prints."""
    return sorted(re.findall(r'^(?:echo ")?  (?:CC|NASM)    ([^\s"]+)',
                             said, re.M))


def knobs(_log):
    """From the command line, not from the environment."""
    for goal in 'run', 'test', 'debug', 'fuzz-calls', 'soak', 'lint':
        require(make('-n', goal, env=ALIEN) == make('-n', goal),
                f'make {goal} listens to the environment')
    said = make('-n', 'run', 'MEM=', 'CPU=486', 'VIEW=vnc')[1]
    require('-m 128M -cpu 486' in said and '-display vnc=:0' in said, said)
    said = make('-n', 'run', 'MEM=1M')[1]
    require('needs a machine with 4M' in said, said)
    said = make('-n', 'debug', "APPEND=run='x'")[1]
    require(r"'run='\''x'\'''" in said and '-initrd build/init' in said, said)
    return 4


def dry_run(_log):
    """make -n changes nothing, and knows what CC= would."""
    before = {path: path.stat().st_mtime_ns
              for path in (ROOT / 'build').glob('*') if path.is_file()}
    require(len(compiled(make('-n', 'CC=gcc')[1])) > 150, 'CC= rebuilds all')
    for path, when in before.items():
        require(path.stat().st_mtime_ns == when, f'make -n wrote {path}')
    return 2


def copy_of_the_tree(log):
    tree = log.with_suffix('.tree')
    shutil.rmtree(tree, ignore_errors=True)
    (tree / 'build').mkdir(parents=True)
    for name in SOURCES + [f'build/{name}' for name in BUILT]:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, symlinks=True)
        else:
            shutil.copy2(ROOT / name, tree / name)
    return tree


def extra(log):
    """Switched on and off it compiles itself alone; its initcalls run."""
    tree = copy_of_the_tree(log)
    folder = log.with_suffix('.extra')
    folder.mkdir(exist_ok=True)
    (folder / 'init.c').write_text(INITCALL)
    # With the flags that the tree was built with: CI has -Werror.
    env = {name: os.environ[name] for name in ('CI',) if name in os.environ}
    status, said = make(f'EXTRA={folder}/', 'kernel', cwd=tree, env=env)
    require(status == 0 and compiled(said) == [f'{folder}/init.c'], said)
    image = str(tree / 'build/memoir.elf')
    with Qemu(Machine(image).command(), log) as qemu:
        qemu.expect('works: 1')
        qemu.expect('initcall fails.*: error 5')
        qemu.expect('^memoir> ')
    status, said = make('kernel', cwd=tree, env=env)
    require(status == 0 and compiled(said) == [] and 'LD' in said, said)
    require(b'initcall_works' not in (tree / 'build/memoir.elf').read_bytes(),
            'the extra folder is still in')
    shutil.rmtree(tree)
    return 3


def extra_wrong(log):
    """What is wrong with the folder is said; so is a header that is none."""
    folder = log.with_suffix('.wrong')
    shutil.rmtree(folder, ignore_errors=True)
    (folder / 'a b').mkdir(parents=True)
    (folder / 'libc').mkdir()
    (folder / 'libc/x.c').write_text('#include <stdlib.h>\n')
    for name, reason in (('nowhere', 'there is no such folder'),
                         ('', r'there is no \.c file in it'),
                         ('a b', 'with a blank in a name'),
                         ('libc/x.c', 'there is no such folder')):
        status, said = make('-n', f'EXTRA={folder}/{name}')
        require(status and re.search(reason, said), f'{name}: {said}')
    status, said = make(f'EXTRA={folder}/libc', 'B=' + str(folder / 'build'),
                        f'{folder}/build/extra/' +
                        f'{folder}/libc'.replace('/', '_') + '/x.o')
    require(status and 'stdlib.h: No such file' in said, said)
    return 5


def unlisted(log):
    """A file in no list is named, not ignored."""
    tree = copy_of_the_tree(log)
    for name in ('monitor/cmd_answer.c', 'mm/x86/new.asm',
                 'tests/host/test_new.c', 'tests/kernel/helpers.c'):
        (tree / name).write_text('\n')
        for goal in 'all', 'lint':
            status, said = make('-n', goal, cwd=tree)
            require(status and f'{name}: in no' in said, f'{name}: {said}')
        (tree / name).unlink()
    require(make('-n', cwd=tree)[0] == 0, 'something else is wrong')
    shutil.rmtree(tree)
    return 4


def setup(log):
    """Only what the goal needs; how large; how far; nothing when it is there."""
    folder = log.with_suffix('.bin')
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for tool in 'sh env id sort tr tee sleep mktemp rm tail touch'.split():
        (folder / tool).symlink_to(shutil.which(tool))
    for name, text in (('apt-get', APT), ('dpkg', '#!/bin/sh\n'
                       '[ -e "$LOG.installed" ]\n'), ('sudo', '#!/bin/sh\n'
                       'exec "$@"\n')):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    for goal, needed, not_needed in (
            ('run', 'nasm|qemu-system-x86|grub-common', 'gdb|clang|sparse'),
            ('lint', 'nasm|sparse|clang-format', 'gdb|qemu|xorriso'),
            ('kernel', 'nasm|python3', 'qemu|gdb|xorriso|sparse')):
        (folder / 'log.installed').unlink(missing_ok=True)
        said = subprocess.run(
            [str(ROOT / 'tools/setup.sh'), goal], text=True, check=True,
            env={'PATH': str(folder), 'LOG': str(folder / 'log')},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
        for package in needed.split('|'):
            require(f' {package} ' in said, f'{goal} lacks {package}: {said}')
        require(not re.search(not_needed, said), f'{goal}: {said}')
        require('get 12.3 MB' in said and '  50 %  Unpacking nasm' in said, said)
    for name in 'make', 'setup', 'run', 'lint':
        require('installing' not in make('-n', name)[1].lower(), name)
    return 3


def help_(_log):
    """All goals of README.md, all knobs, in 80 columns."""
    said = make('help')[1]
    goals = re.findall(r'^\.PHONY: ((?:.*\\\n)*.*)',
                       (ROOT / 'Makefile').read_text(), re.M)[0].split()
    for goal in set(goals) - {'\\', 'all', 'setup', 'kernel'}:
        require(re.search(rf'^  make {goal}\b', said, re.M), f'{goal}: {said}')
    for knob in set(ALIEN) - {'SMALL'}:
        require(re.search(rf'^  {knob}=', said, re.M), f'{knob}: {said}')
    require(max(map(len, said.splitlines())) <= 80, said)
    return 2


def logged(script):
    """The runner shows the log of what fails, and here all is in the reason."""
    def run(log):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch()
        return script(log)
    return run


SCRIPTS = [(script.__name__.strip('_').replace('_', '-'), logged(script))
           for script in (knobs, dry_run, extra, extra_wrong, unlisted, setup,
                          help_)]
