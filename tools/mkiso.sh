#!/bin/sh
# mkiso.sh - a bootable ISO of the kernel, with GRUB and only the modules of it
# that the menu needs.
#
# usage: mkiso.sh OUT.iso memoir.elf grub.cfg DEFAULT-ENTRY objcopy
set -e
out=$1 kernel=$2 menu=$3 default=$4 objcopy=$5

tree=$(mktemp -d)
trap 'rm -rf "$tree" "$tree.log"' EXIT
mkdir -p "$tree/boot/grub"
"$objcopy" --strip-debug "$kernel" "$tree/boot/memoir.elf"
sed "s/@DEFAULT@/$default/" "$menu" >"$tree/boot/grub/grub.cfg"

# The name stays out of the file's dates, so that equal inputs give equal ISOs.
if ! grub-mkrescue -d /usr/lib/grub/i386-pc -o "$out" \
	--install-modules='normal multiboot serial terminal' \
	--modules='' --fonts='' --locales='' --themes='' \
	"$tree" >"$tree.log" 2>&1; then
	cat "$tree.log" >&2
	exit 1
fi
