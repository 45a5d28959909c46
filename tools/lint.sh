#!/bin/sh
# lint.sh - everything that reads the code without running it. `make lint`
# calls it with LAYERS: the objects, "+" between layers.
#
#   format, sparse (__user, gfp_t), clang -Wthread-safety, cppcheck, layers,
#   inline assembly only where it belongs, each system call in the fuzzer's table,
#   docs that point at code that exists, sizes within the budget
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

budget() {
	count() {
		for file in $(find "$@" -name '*.[ch]'); do
			"$GCC" -fpreprocessed -dD -E -P -x c "$file" 2>/dev/null
		done | grep -c .
	}
	asm=$(find $PROPER -name '*.asm' -exec cat {} + |
		grep -cvE '^[[:space:]]*(;|$)')
	all=$(($(count $PROPER) + asm)) mm=$(count mm)
	echo "  lines the kernel proper has $all of 12000, mm $mm of 4000; beside" \
		"it" $(for dir in $BESIDE; do echo "$dir $(count "$dir")"; done)
	[ "$all" -lt 12000 ] && [ "$mm" -lt 4000 ]
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
check docref python3 tools/docref.py README.md docs/*.md
budget || failed=1
exit $failed
