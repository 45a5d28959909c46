#!/bin/bash
# debug.sh - gdb on the kernel in QEMU: what `make debug` and
# `make debug-reverse` run.
#
#   debug:          gdb <--- pipe ---> QEMU, stopped before the first instruction
#
#   debug-reverse:  terminal <-------> QEMU rr=record --+
#                                                       | build/debug.rr
#                   gdb <--- pipe ---> QEMU rr=replay <-+ build/debug.qcow2
#
# gdb starts QEMU and talks to it through a pipe: no port to be taken, and when
# one of the two ends, so does the other. The serial line is two files beside
# the kernel, debug-serial.out (shown here, too) and debug-serial.in (a FIFO).
#
# usage: debug.sh [--reverse] [--script FILE] KERNEL.elf -- QEMU OPTION...
#   --script FILE   no terminal: gdb runs FILE at the first instruction and ends
set -u

reverse= script=
while :; do
	case ${1-} in
	--reverse) reverse=1 ;;
	--script) script=$2 && shift ;;
	*) break ;;
	esac
	shift
done
if [ $# -lt 3 ] || [ "$2" != -- ]; then
	sed -n 's/^# usage: /usage: /p' "$0" >&2
	exit 2
fi
kernel=$1
shift 2
here=$(dirname "$0")
base=$(dirname "$kernel")/debug

# Off: -no-reboot ends a triple fault or reboot, -no-shutdown makes that end a
# stop that gdb sees.
qemu=("$@" -no-reboot -display none -pidfile "$base.pid")
serial=(-chardev "pipe,id=serial,path=$base-serial" -serial chardev:serial)

# One QEMU at a time: the last may still be there if its gdb was killed.
stop_qemu() {
	[ -e "$base.pid" ] && kill -KILL "$(cat "$base.pid")" 2>/dev/null
	rm -f "$base.pid"
}
stop_qemu

# The shell makes each job a process group: Ctrl-C goes to gdb (or to the
# recording) alone, not to make.
set -m

if [ -n "$reverse" ]; then
	rr=(-drive "file=$base.qcow2,if=none,id=snapshots"
		-icount "shift=3,rrfile=$base.rr,rrsnapshot=start")
	rm -f "$base.rr" "$base.qcow2"
	qemu-img create -q -f qcow2 "$base.qcow2" 1M || exit 1
	echo "Recording. End it with 'poweroff' or a crash, or with Ctrl-C."
	"${qemu[@]}" "${rr[@]/rrfile/rr=record,rrfile}" -serial stdio
	rm -f "$base.pid"
	echo "Recorded. Replaying it under gdb."
	qemu+=("${rr[@]/rrfile/rr=replay,rrfile}")
fi

: >"$base-serial.out"
rm -f "$base-serial.in"
mkfifo "$base-serial.in" || exit 1
qemu+=("${serial[@]}" -no-shutdown -S -gdb stdio)

# gdb hands the command to sh, which must not take it apart: %q quotes it once
# more, for the bash that runs it in the end.
MEMOIR_QEMU=$(printf '%q ' "${qemu[@]}")
export MEMOIR_QEMU MEMOIR_BASE=$base
start=(-x "$here/gdb/memoir.py"
	-ex 'target remote | exec bash -c "exec $MEMOIR_QEMU"'
	-ex 'memoir-start')
if [ -n "$script" ]; then
	gdb -q -nx -batch "$kernel" "${start[@]}" -x "$script" </dev/null
	status=$?
else
	tail -f "$base-serial.out" &
	gdb -q "$kernel" "${start[@]}"
	status=$?
	kill %tail 2>/dev/null
fi
stop_qemu
rm -f "$base-serial.in"
exit $status
