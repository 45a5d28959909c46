#!/bin/sh
# lint.sh - everything that reads the code without running it. `make lint`
# calls it with LAYERS: the objects, "+" between layers.
#
#   format, sparse (__user, gfp_t), clang -Wthread-safety, cppcheck, layers,
#   inline assembly only where it belongs, each system call in the fuzzer's table,
#   each error number in words,
#   docs that point at code that exists, sizes within the budget, and how long
#   the walks through the docs are
cd "$(dirname "$0")/.." || exit 1
failed=0
check() { # NAME COMMAND...: run it, show what it says if it fails
	name=$1
	shift
	if "$@" >build/lint.log 2>&1; then
		echo "  ok    $name"
	else
		echo "  FAIL  $name"
		cat build/lint.log
		failed=1
	fi
}

INCLUDES='-Iinclude -Idebug -Imonitor -Itests'
PROPER='boot include lib kernel mm drivers'
BESIDE='vm linux debug monitor' # the kernel proper
KERNEL=$(find boot lib kernel mm drivers $BESIDE tests/kernel -name '*.c' | sort)
FORMATTED=$(find $PROPER $BESIDE tests user -name '*.[ch]' | sort)
GCC=$(command -v i686-linux-gnu-gcc || command -v i686-elf-gcc)

each() { # COMMAND... -- FILE...: the command for each file, all of them
	command= bad=0
	while [ "$1" != -- ]; do command="$command $1"; shift; done
	shift
	for file; do $command "$file" || bad=1; done
	return $bad
}

inline_asm() { # where it may stand; the reasons are in the files
	! grep -nE '\b(__asm__|asm|__asm)\b *(volatile)? *\(' \
		$KERNEL include/*.h |
		grep -vE '^(include/(x86|compiler|util|patch|uaccess)|mm/x86/\w+)\.h:'
}

fuzzed() { # all but those that end the caller
	bad=0
	for call in $(sed -n 's/^SYSCALL([0-9]*, \([a-z0-9_]*\),.*/\1/p' linux/*.c |
		grep -vxE 'exit|exit_group|sigreturn|rt_sigreturn'); do
		grep -q "{SYS_$call, \"" tests/user/fuzz_calls.h && continue
		echo "tests/user/fuzz_calls.h lacks $call"
		bad=1
	done
	return $bad
}

# Lines of code, comments and blanks not counted: what each part may have, and
# what the kernel proper may. include/linux and include/asm are Linux's names.
PROPER_LINES=16000 THIN_LINES=3000
LINES='mm 4200 vm 2200 linux 14000 debug 4500 monitor 5000'
# Over 500 lines, and why; four at most.
#   vm/vma.c     areas: find, cut, put together; one lock and one set of rules
#   linux/tty.c  line discipline and sessions, which share the terminal's lock
LONG='vm/vma.c linux/tty.c'

c_lines() { # FILE...
	for file; do
		"$GCC" -fpreprocessed -dD -E -P -x c "$file" 2>/dev/null
	done | grep -c .
}

asm_lines() { # FILE...
	cat /dev/null "$@" | grep -cvE '^[[:space:]]*(;|$)'
}

sources() { # FOLDER...: C, without Linux's thin headers
	find "$@" -name '*.[ch]' ! -path 'include/linux/*' ! -path 'include/asm/*'
}

within() { # WHAT LINES BUDGET
	printf '%s %s of %s; ' "$1" "$2" "$3"
	[ "$2" -le "$3" ] || over="$over $1"
}

budget() {
	over=
	printf '  lines '
	within 'kernel proper' $(($(c_lines $(sources $PROPER)) + \
		$(asm_lines $(find $PROPER -name '*.asm')))) $PROPER_LINES
	set -- $LINES
	while [ $# -gt 0 ]; do
		within "$1" "$(c_lines $(sources "$1"))" "$2"
		shift 2
	done
	within thin "$(c_lines $(find include/linux include/asm -name '*.h' \
		2>/dev/null))" $THIN_LINES
	echo
	long=$(find $PROPER $BESIDE -name '*.[ch]' -o -name '*.asm' |
		xargs wc -l | awk '$2 != "total" && $1 > 500 { print $2 }')
	for file in $long; do
		echo " $LONG " | grep -q " $file " || over="$over $file"
	done
	[ "$(echo $LONG | wc -w)" -le 4 ] || over="$over long-files"
	[ -z "$over" ] || echo "  FAIL  over the budget:$over"
	[ -z "$over" ]
}

# What a reader of a page of docs/ has before him: the lines of the files of
# the kernel that the page leads through.
walks() {
	printf '  walks '
	for page in pages heap vmalloc user uaccess; do
		files=$(grep -oE '`[a-z0-9_/]+\.(c|h|asm):/' docs/$page.md |
			tr -d '`:' | sed 's|/$||' | grep -v '^tests/' | sort -u)
		printf '%s %s in %s files; ' $page "$(cat $files | wc -l)" \
			"$(echo $files | wc -w)"
	done
	echo
}

errors_named() { # each error number has its words
	bad=0
	for error in $(sed -n 's/^#define \(E[A-Z0-9]*\) .*/\1/p' include/errno.h); do
		grep -q "\[$error\] = " lib/error.c && continue
		echo "lib/error.c lacks $error"
		bad=1
	done
	return $bad
}

check format clang-format --dry-run -Werror $FORMATTED
check sparse each sparse -Wsparse-error -m32 -std=gnu11 -ffreestanding \
	-D__float128=double -nostdinc -I"$("$GCC" -print-file-name=include)" \
	$INCLUDES -Waddress-space -Wbitwise -Wcontext -- $KERNEL
check thread-safety each clang -target i386-pc-none-elf -std=gnu11 \
	-ffreestanding -fsyntax-only -Wthread-safety -Werror \
	$INCLUDES -- $KERNEL
check cppcheck cppcheck -q --error-exitcode=1 --inline-suppr \
	--enable=warning,performance,portability --std=c11 \
	--suppressions-list=tools/cppcheck.txt -D__i386__ $INCLUDES \
	boot lib kernel mm drivers $BESIDE
check layers python3 tools/layers.py docs/layers.md $LAYERS
check inline-asm inline_asm
check fuzzed fuzzed
check errors-named errors_named
check docref python3 tools/docref.py README.md docs/*.md
budget || failed=1
walks
exit $failed
