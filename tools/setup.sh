#!/bin/sh
# setup.sh - install what Memoir is built, run and tested with, from Debian's
# packages. Says nothing and takes a few milliseconds when nothing is missing.
#
# A package counts as present when the file that we need of it is there, so
# that tools from elsewhere (an i686-elf-gcc, a newer QEMU) serve as well.

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

need make make
need gcc-i686-linux-gnu "${CROSS_COMPILE:-i686-elf-}gcc" i686-linux-gnu-gcc
need libc6-dev-i386-cross /usr/i686-linux-gnu/include/stdio.h
need nasm nasm
need grub-pc-bin /usr/lib/grub/i386-pc/multiboot.mod
need grub-common grub-mkrescue
need xorriso xorriso
need mtools mformat
need qemu-system-x86 qemu-system-i386
need qemu-utils qemu-img
need gdb gdb
need python3 python3
need sparse sparse
need clang clang
need libclang-rt-14-dev /usr/lib/llvm-14/lib/clang/14*/lib/linux/libclang_rt.fuzzer-i386.a
need clang-format clang-format
need clang-tidy clang-tidy
need cppcheck cppcheck
need fonts-spleen /usr/share/consolefonts/spleen-8x16.psfu.gz

[ -z "$missing" ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
	as_root=
elif command -v sudo >/dev/null 2>&1; then
	as_root=sudo
else
	as_root=none
fi
if [ "$as_root" = none ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "Memoir needs these Debian packages (or what they hold):" >&2
	printf '   %s\n' $missing >&2
	echo "Install them and try again." >&2
	exit 1
fi

echo "Installing:$missing"
log=$(mktemp)
for try in 1 2 3; do
	if { $as_root apt-get update -q &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get install \
			-q -y --no-install-recommends $missing; } >"$log" 2>&1; then
		rm -f "$log"
		exit 0
	fi
	echo "Installing failed (try $try of 3)." >&2
	sleep $((try * 5))
done
tail -n 20 "$log" >&2
rm -f "$log"
exit 1
