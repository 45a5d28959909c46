#!/bin/bash
# debug.sh - gdb on the kernel in QEMU: what `make debug` and
# `make debug-reverse` run.
#
#   debug:          gdb <--- pipe ---> QEMU, stopped at the first instruction
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

reverse='' script='' show=''
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
base=${MEMOIR_BASE:-$(dirname "$kernel")/debug}

# One session at a time for each base. A QEMU whose gdb was killed may be left.
stop_qemu() {
	pid=$(cat "$base.pid" 2>/dev/null) &&
		grep -qaF -e "$base.pid" "/proc/$pid/cmdline" 2>/dev/null &&
		kill -KILL "$pid"
	rm -f "$base.pid"
}
stop_qemu

# -no-reboot makes a triple fault or a reboot end QEMU.
qemu=("$@" -no-reboot -display none -pidfile "$base.pid")
disk=(-drive "file=$base.qcow2,if=none,id=snapshots")
icount="shift=3,rrfile=$base.rr,rrsnapshot=start"

# Each job becomes a process group: Ctrl-C is for gdb (or for the recording)
# alone, not for make.
set -m

if [ -n "$reverse" ]; then
	rm -f "$base.rr" "$base.qcow2"
	qemu-img create -q -f qcow2 "$base.qcow2" 1M || exit 1
	echo "Recording. It ends with Ctrl-C, or when the kernel leaves QEMU."
	# Not mon:stdio: what is typed through that cannot be replayed.
	"${qemu[@]}" "${disk[@]}" -icount "$icount,rr=record" -serial stdio
	stop_qemu
	echo "Recorded. Now the replay:"
	qemu+=("${disk[@]}" -icount "$icount,rr=replay" -serial null)
else
	rm -f "$base-serial.in"
	: >"$base-serial.out"
	mkfifo "$base-serial.in" || exit 1
	qemu+=(-serial chardev:serial
		-chardev "pipe,id=serial,path=$base-serial")
	[ -n "$script" ] || show=$base-serial.out
fi

# -no-shutdown: what would end QEMU stops it, so that gdb can look around.
qemu+=(-no-shutdown -S -gdb stdio)

# gdb starts QEMU through sh; the bash in between takes the quotes off again.
MEMOIR_QEMU=$(printf '%q ' "${qemu[@]}")
export MEMOIR_QEMU MEMOIR_BASE=$base
gdb=(gdb -q -x "$(dirname "$0")/gdb/memoir.py" "$kernel")
if [ -n "$script" ]; then
	"${gdb[@]}" -nx -batch -x "$script" </dev/null
else
	[ -z "$show" ] || { tail -f "$show" & disown; }
	"${gdb[@]}"
fi
status=$?
[ -z "$show" ] || kill $!
stop_qemu
rm -f "$base-serial.in"
exit $status
