"""A clock that stands still while the host is busy with others.

    a look every LOOK seconds at the threads     what has passed
    one runs, or waits for a processor           the CPU time it was given
    all of them sleep, by their own will         the time between the looks

So a machine that computes, or waits for its timer or for a key, gets older as
fast as on a host of its own; one that is kept waiting does not.  Limits in this
time say "it hangs", never "there is much to do here".
"""
import os
import signal
import time
from pathlib import Path

LOOK = 0.05
KNOWN = 0.5   # seconds for which a family is taken to be the same
TICK = 1 / os.sysconf('SC_CLK_TCK')
WORKS = (['R'], ['D'])   # runs, or would; waits for the disk


def stat(path):
    """The fields of a stat file of /proc behind the name; [] without one."""
    try:
        return path.read_text().rpartition(')')[2].split()
    except OSError:   # it has ended
        return []


def cpu_seconds(pid):
    """What a process that has not been waited for has used so far."""
    fields = stat(Path(f'/proc/{pid}/stat'))
    return (int(fields[11]) + int(fields[12])) * TICK


def numbered(folder):
    """The processes or threads in a folder of /proc; one may end meanwhile."""
    try:
        return [folder / name for name in os.listdir(folder)
                if name.isdigit()]
    except OSError:
        return []


class OwnTime:
    """Of a process, with family: and of all that descend from it."""

    def __init__(self, pid, family=False):
        self.pid, self.family = pid, family
        self.age = self.cpu = 0
        self.looked = time.monotonic()
        self.known, self.known_until = [], 0

    def pids(self):
        parents = {int(path.name): int(fields[1])
                   for path in numbered(Path('/proc'))
                   if self.family and (fields := stat(path / 'stat'))}
        found = [self.pid]
        for pid in found:   # which gets longer
            found += [child for child, of in parents.items() if of == pid]
        return found

    def look(self):
        cpu, working = 0, False
        if time.monotonic() > self.known_until:
            self.known = self.pids()
            self.known_until = time.monotonic() + KNOWN
        for pid in self.known:
            folder = Path('/proc', str(pid))
            fields = stat(folder / 'stat')
            cpu += sum(map(int, fields[11:15])) * TICK  # and its dead children
            working |= any(stat(task / 'stat')[:1] in WORKS
                           for task in numbered(folder / 'task'))
        return cpu, working

    def now(self):
        """Seconds of its own. To be asked often: what passes between two
        questions is never more than a look, and what was computed."""
        now = time.monotonic()
        if now - self.looked < LOOK:
            return self.age
        self.looked = now
        cpu, working = self.look()
        self.age += max(cpu - self.cpu, 0)
        if not working:
            self.age += LOOK
        self.cpu = max(cpu, self.cpu)
        return self.age

    def settle(self, meanwhile):
        """Until it sleeps: it has done all that it was asked for. `meanwhile`
        takes what it says, so that it need not wait for us; true: it did.
        Three looks, since one takes a moment; not three in a row, since its
        timer wakes it now and then, and on a busy host for long."""
        quiet = 0
        while quiet < 3:
            if meanwhile():
                quiet = 0
            elif not self.look()[1]:
                quiet += 1

    def kill(self):
        """It must not have been waited for: a number may become another's."""
        for pid in self.pids():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
