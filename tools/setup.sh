#!/bin/sh
# setup.sh - install what a goal of make is built and run with, from Debian's
# packages. Says nothing and takes a few milliseconds when nothing is missing.
#
#   goal --> its packages --> those of which a file is missing --> apt-get
#
# A package counts as present when the file that we need of it is there, so
# that tools from elsewhere (an i686-elf-gcc, a newer QEMU) serve as well.
#
# usage: [CC=...] [CROSS_COMPILE=...] setup.sh GOAL...

missing=
need() { # PACKAGE FILE-OR-COMMAND...: any one of them will do
	package=$1
	shift
	for thing; do
		case $thing in
		/*) [ -e "$thing" ] && return ;;
		*) command -v "$thing" >/dev/null 2>&1 && return ;;
		esac
	done
	missing="$missing $package"
}

kernel() {
	need make make
	need gcc-i686-linux-gnu "${CROSS_COMPILE:-i686-elf-}gcc" i686-linux-gnu-gcc
	case ${CC:-} in *clang*) need clang "${CC%% *}" ;; esac
	need nasm nasm
	need python3 python3
	need fonts-spleen /usr/share/consolefonts/spleen-8x16.psfu.gz
}
programs() { # for ring 3, and the tests on the PC
	kernel
	need gcc-i686-linux-gnu i686-linux-gnu-gcc
	need libc6-dev-i386-cross /usr/i686-linux-gnu/include/stdio.h
}
iso() {
	programs
	need grub-pc-bin /usr/lib/grub/i386-pc/multiboot.mod
	need grub-common grub-mkrescue
	need xorriso xorriso
	need mtools mformat
}
qemu() { need qemu-system-x86 qemu-system-i386; }
debugger() {
	programs
	qemu
	need gdb gdb
}
replay() {
	debugger
	need qemu-utils qemu-img
}
fuzzer() {
	programs
	need clang clang
	need libclang-rt-14-dev /usr/lib/llvm-14/lib/clang/14*/lib/linux/libclang_rt.fuzzer-i386.a
}
checkers() {
	kernel
	need sparse sparse
	need clang clang
	need clang-format clang-format
	need cppcheck cppcheck
}

for goal; do
	case $goal in
	iso | *.iso) iso ;;
	run) iso && qemu ;;
	test) iso && replay ;;
	bench | fuzz-calls | mutants) programs && qemu ;;
	soak) kernel && qemu ;;
	debug) debugger ;;
	debug-reverse) replay ;;
	host-tests | build/host/* | build/user/* | *.cpio) programs ;;
	fuzz) fuzzer ;;
	lint) checkers ;;
	setup) iso && replay && fuzzer && checkers ;;
	*) kernel ;;
	esac
done
missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
[ -z "${missing% }" ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1; then
	as_root=sudo
else
	as_root=none
fi
if [ "$as_root" = none ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "\`make $*' needs these Debian packages (or what they hold):" >&2
	printf '   %s\n' $missing >&2
	echo "Install them and try again." >&2
	exit 1
fi

# What apt says of the size, then how far it is: on a terminal one line that
# changes, elsewhere a line each ten per cent.
#
#   Need to get 82.3 MB of archives.               -->  the same
#   pmstatus:gcc-12:41.6:Unpacking gcc-12 (amd64)  -->  41 %  Unpacking gcc-12 ...
progress() {
	last=
	while IFS=: read -r kind _ percent text; do
		case $kind in
		'Need to get'* | 'After this operation'*) echo "$kind" ;;
		dlstatus | pmstatus)
			percent=${percent%.*}
			if [ -t 1 ]; then
				printf '\r\033[K  %3d %%  %.65s' "$percent" "$text"
			elif [ "$kind$((percent / 10))" != "$last" ]; then
				printf '  %3d %%  %s\n' "$percent" "$text"
				last=$kind$((percent / 10))
			fi
			;;
		esac
	done
	[ ! -t 1 ] || printf '\r\033[K'
}

apt_get='env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get -q
	--no-install-recommends'
installed() {
	for package in $missing; do
		dpkg -s "$package" >/dev/null 2>&1 || return 1
	done
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "\`make $*' needs packages that are not here: $missing"
for try in 1 2 3; do
	$as_root $apt_get update >"$log" 2>&1
	# The status goes to descriptor 3: inside of sudo, which would close it.
	$as_root sh -c 'exec "$@" 3>&1 2>&1' install $apt_get install -y \
		-o APT::Status-Fd=3 $missing | tee "$log" | progress
	installed && exit 0
	echo "Installing failed (try $try of 3)." >&2
	sleep $((try * 5))
done
tail -n 20 "$log" >&2
exit 1
