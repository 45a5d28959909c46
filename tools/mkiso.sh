#!/bin/sh
# mkiso.sh - a bootable ISO of the kernel and its programs, with GRUB and only
# the modules of it that the menu needs. GRUB unpacks what is gzip'ed; the whole
# must stay below 2 MB.
#
# usage: mkiso.sh OUT.iso memoir.elf initramfs.cpio grub.cfg DEFAULT-ENTRY objcopy
set -e
out=$1 kernel=$2 initramfs=$3 menu=$4 default=$5 objcopy=$6

tree=$(mktemp -d)
trap 'rm -rf "$tree" "$tree.log"' EXIT
mkdir -p "$tree/boot/grub"
"$objcopy" --strip-debug "$kernel" "$tree/memoir.elf"
gzip -9n <"$tree/memoir.elf" >"$tree/boot/memoir.elf"
rm "$tree/memoir.elf"
gzip -9n <"$initramfs" >"$tree/boot/initramfs.gz"
sed "s/@DEFAULT@/$default/" "$menu" >"$tree/boot/grub/grub.cfg"

# The name stays out of the file's dates, so that equal inputs give equal ISOs.
if ! grub-mkrescue -d /usr/lib/grub/i386-pc -o "$out" \
	--install-modules='normal multiboot serial terminal gzio' \
	--modules='' --fonts='' --locales='' --themes='' \
	"$tree" >"$tree.log" 2>&1; then
	cat "$tree.log" >&2
	exit 1
fi
if [ "$(stat -c %s "$out")" -ge 2000000 ]; then
	echo "$out has $(stat -c %s "$out") bytes, 2 MB or more" >&2
	exit 1
fi
