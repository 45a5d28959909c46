# host.mk - the tests that run on the PC; the top Makefile includes this.
#
#   make host-tests                     builds build/host/test_*
#   build/host/test_list [GLOB]         runs one and prints TAP
#   make fuzz [FUZZ_SECONDS=60]         looks for bytes that break mm/buddy.c
#
# HOST_KERNEL lists the kernel files that run here, compiled unchanged; every
# program is linked with all of them. The compiler is the kernel's, with its
# 32-bit C library, which a 64-bit PC runs as it is.

HOSTCC := i686-linux-gnu-gcc
HOST_LIBC := /usr/i686-linux-gnu/lib

HOST_KERNEL := lib/string.c lib/printf.c lib/rbtree.c lib/sort.c \
	boot/multiboot.c boot/memblock.c debug/memblock_debug.c \
	monitor/lineedit.c kernel/param.c \
	kernel/preempt.c kernel/runqueue.c debug/sched_debug.c \
	kernel/lock.c kernel/softirq.c kernel/timer.c kernel/hrtimer.c debug/timer_check.c \
	mm/buddy.c debug/zone_check.c mm/pcp.c debug/pcp_check.c \
	mm/highmem.c debug/page_debug.c debug/init_on.c debug/page_report.c \
	mm/page_alloc.c mm/page_ref.c mm/page_init.c mm/page_bulk.c \
	mm/slab.c mm/slab_alloc.c mm/slab_cache.c debug/slab_debug.c debug/cache_check.c \
	mm/kmalloc.c mm/pgtable.c mm/x86/tlb.c debug/pgtable_range.c \
	mm/vmap_area.c mm/vmalloc.c mm/ioremap.c mm/kmap.c debug/vmap_debug.c \
	linux/cpio.c
HOST_SUITES := string printf list rbtree bitmap sort multiboot memblock \
	lineedit buddy pages page_debug heap trace arena pgtable timer hrtimer runqueue \
	vmap vmalloc cpio

HOST_UNLISTED := $(filter-out $(HOST_SUITES),$(patsubst tests/host/test_%.c,%, \
	$(wildcard tests/host/test_*.c)))
ifneq ($(HOST_UNLISTED),)
$(error $(HOST_UNLISTED:%=tests/host/test_%.c): in no HOST_SUITES of host.mk)
endif

HOST_TESTS := $(HOST_SUITES:%=build/host/test_%)
HOST_COMMON := $(HOST_KERNEL:%.c=build/host/%.o) \
	build/host/tests/host/glue.o build/host/tests/host/host.o

# Where the kernel's boot-only sections would end: 256 KiB after KERNEL_PHYS.
HOST_INIT_END := 0xC0140000

# -iquote, not -I: "string.h" is the kernel's, <string.h> the host's.
HOST_INCLUDES := $(INCLUDES:-I%=-iquote %)
HOSTCC_FLAGS := -std=gnu11 -g -O1 -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer \
	-fno-strict-aliasing -fno-pie $(HOST_INCLUDES) -DDEBUG -DMEMOIR_HOST \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	$(if $(filter 1,$(WERROR)),-Werror)
# Old-style rpath: the newer kind does not reach the libraries of libraries.
HOSTLD_FLAGS := -fsanitize=address,undefined -no-pie \
	-Wl,--defsym=__init_end=$(HOST_INIT_END) \
	-Wl,-dynamic-linker=$(HOST_LIBC)/ld-linux.so.2 \
	-Wl,-rpath=$(HOST_LIBC) -Wl,--disable-new-dtags

.PHONY: host-tests
host-tests: $(HOST_TESTS)

$(HOST_TESTS): build/host/%: build/host/tests/host/%.o $(HOST_COMMON)
	@echo "  LINK  $@"
	@$(HOSTCC) $(HOSTLD_FLAGS) $^ -o $@

build/host/test_buddy: build/host/tests/host/buddy_model.o
build/host/test_pages build/host/test_page_debug \
build/host/test_pgtable: build/host/tests/host/pages.o

# The heap's programs; replay has a main and a verdict of its own, not host.o.
HOST_HEAP := $(addprefix build/host/tests/host/,pages.o heap_glue.o trace.o \
	trace_replay.o)
build/host/test_trace: | build/host/replay
build/host/test_vmalloc: build/host/tests/host/vm_glue.o \
	$(filter-out %/trace.o %/trace_replay.o,$(HOST_HEAP))
build/host/test_heap build/host/test_trace: $(HOST_HEAP)
build/host/replay: build/host/tests/host/replay.o $(HOST_HEAP) \
		$(filter-out %/host.o,$(HOST_COMMON))
	@echo "  LINK  $@"
	@$(HOSTCC) $(HOSTLD_FLAGS) $^ -o $@

# All but what includes the host's headers call the kernel's memcpy and friends k_memcpy: see rename.h.
HOST_RENAME := -include tests/host/rename.h
build/host/tests/host/host.o build/host/tests/host/trace.o \
build/host/tests/host/replay.o: HOST_RENAME :=

build/host/%.o: %.c tests/host/host.mk | setup
	@mkdir -p $(@D)
	@echo "  CC    $< (host)"
	@$(HOSTCC) $(HOSTCC_FLAGS) $(HOST_RENAME) -MMD -MP -c $< -o $@

# The fuzzer, by clang and its libFuzzer, 32-bit like everything else. The
# library is named by hand, since -fsanitize=fuzzer asks for a C++ library under
# a name that only C++ developers have. What was found stays in fuzz_NAME.corpus.
FUZZ_buddy := tests/host/buddy_model.c tests/host/glue.c mm/buddy.c \
	debug/zone_check.c boot/memblock.c kernel/preempt.c kernel/lock.c \
	lib/printf.c lib/string.c
FUZZ_heap := tests/host/heap_glue.c tests/host/pages.c tests/host/glue.c \
	$(HOST_KERNEL)
FUZZ_FLAGS := -m32 -O1 -g -std=gnu11 \
	-fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all -fno-strict-aliasing -fno-pie \
	$(HOST_INCLUDES) \
	-DDEBUG -DMEMOIR_HOST -Werror $(HOST_RENAME) \
	-no-pie -Wl,--defsym=__init_end=$(HOST_INIT_END)
build/host/fuzz_buddy: FUZZ_FLAGS += -DFRAMES=4096
FUZZ_LIBS = $(shell clang -print-runtime-dir)/libclang_rt.fuzzer-i386.a \
	-l:libstdc++.so.6 -lm -lpthread

.PHONY: fuzz
fuzz: build/host/fuzz_buddy build/host/fuzz_heap
	@for program in $^; do mkdir -p $$program.corpus; \
		$$program -max_total_time=$(FUZZ_SECONDS) -max_len=2000 \
			-verbosity=1 -print_final_stats=1 \
			-artifact_prefix=build/host/ $$program.corpus || exit 1; \
	done

build/host/fuzz_%: tests/host/fuzz_%.c tests/host/host.mk \
		$(wildcard include/*.h tests/host/*.[ch] mm/*.c debug/*.c) | setup
	@mkdir -p $(@D)
	@[ -e $(firstword $(FUZZ_LIBS)) ] || { echo "make fuzz needs clang's" \
		"32-bit runtime: Debian's libclang-rt-14-dev" >&2; exit 1; }
	@echo "  FUZZ  $@"
	@clang $(FUZZ_FLAGS) $< $(FUZZ_$*) $(FUZZ_LIBS) -o $@

# Here the page allocator's hooks are off until a test asks for them, as in a
# release: with them the short path would never run.
build/host/debug/page_debug.o: HOSTCC_FLAGS += -UDEBUG

# Keep these between runs, though only pattern rules name them.
.SECONDARY: $(HOST_TESTS:build/host/%=build/host/tests/host/%.o)
-include $(HOST_COMMON:.o=.d) $(HOST_HEAP:.o=.d) \
	$(HOST_TESTS:build/host/%=build/host/tests/host/%.d)
