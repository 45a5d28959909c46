# Makefile - Memoir, built, run, tested and measured.
#
#   make          build/memoir.elf           make test    every test
#   make run      boot the ISO in QEMU       make bench   instructions per call
#   make debug    gdb, first instruction     make lint    style and checkers
#
# OBJS is the table of contents: what the kernel is made of, lowest layer first.
# That is also the reading order, and tools/layers.py holds the code to it.

# --- What can be set: make NAME=value ----------------------------------------

DEBUG  ?=	# 1: debug build, in build/debug
EXTRA  ?=	# a folder outside the tree whose .c files join the kernel
MEM    ?= 128M	# RAM of `make run` and `make debug`
CPU    ?= max	# its processor
APPEND ?=	# its kernel command line
VIEW   ?= none	# its screen: none, vnc, gtk (needs qemu-system-gui)
T      ?=	# `make test T=GLOB`: only these in-kernel tests
SOAK   ?= 120	# seconds that each machine of `make soak` runs, of its time
CALLS  ?= 1000000	# system calls that `make fuzz-calls` makes
SEED   ?= 1	# and which ones
FAILS  ?= 0	# one of so many while allocations fail; 0: none
N      ?= 200	# deliberate bugs that `make mutants` plants, drawn by SEED
SHARD  ?= 1/1	# and which part of them: 2/8
WERROR ?= $(if $(CI),1)

override DEBUG := $(strip $(DEBUG))
override EXTRA := $(strip $(EXTRA))
override MEM := $(strip $(MEM))
override CPU := $(strip $(CPU))
override VIEW := $(patsubst vnc,vnc=:0,$(strip $(VIEW)))
override T := $(strip $(T))
override SOAK := $(strip $(SOAK))
override CALLS := $(strip $(CALLS))
override SEED := $(strip $(SEED))
override FAILS := $(strip $(FAILS))
override N := $(strip $(N))
override SHARD := $(strip $(SHARD))

ifeq ($(origin CROSS_COMPILE),undefined)
CROSS_COMPILE := $(if $(shell command -v i686-elf-gcc),i686-elf-,i686-linux-gnu-)
endif
ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
ifeq ($(origin LD),default)
LD := $(CROSS_COMPILE)ld
endif
NM      := $(CROSS_COMPILE)nm
OBJCOPY := $(CROSS_COMPILE)objcopy
NASM    := nasm
B       := build$(if $(filter 1,$(DEBUG)),/debug)

# --- The kernel, layer by layer ----------------------------------------------

LAYER0 := lib/string lib/printf lib/rbtree lib/sort
LAYER1 := drivers/serial drivers/vga drivers/vga_mode drivers/font \
	  drivers/power kernel/console kernel/printk kernel/sections \
	  debug/symbols kernel/param kernel/panic
LAYER2 := kernel/x86/load kernel/x86/gdt kernel/x86/entry kernel/x86/extable \
	  kernel/x86/trap kernel/x86/cpu kernel/x86/fpu debug/walk \
	  debug/report debug/probe debug/probe_enter drivers/pic
LAYER2 += kernel/x86/patch kernel/preempt kernel/lock kernel/x86/uaccess kernel/uaccess \
	  debug/lockdep_report debug/lockdep kernel/softirq
LAYER3 := boot/boot boot/multiboot debug/boot_report boot/memblock \
	  debug/memblock_debug boot/meminit mm/x86/paging mm/x86/tlb
LAYER4 := mm/buddy debug/zone_check mm/pcp debug/pcp_check mm/highmem \
	  debug/page_debug debug/page_report mm/page_alloc mm/page_bulk \
	  mm/page_ref mm/page_init
LAYER5 := debug/slab_debug mm/slab mm/slab_cache debug/cache_check \
	  mm/kmalloc mm/arena mm/pgtable debug/pgtable_range
LAYER6 := mm/vmap_area mm/vmalloc mm/ioremap debug/vmap_debug
LAYER7 := kernel/irq drivers/rtc kernel/time kernel/hrtimer kernel/timer \
	  drivers/pit kernel/tick \
	  drivers/keyboard drivers/serial_input kernel/x86/switch \
	  kernel/runqueue kernel/sched kernel/task debug/sched_debug \
	  kernel/wait kernel/sleeplock kernel/kthread kernel/workqueue
LAYER8 := mm/reclaim mm/mempool mm/kmap vm/vma vm/fault vm/rmap
LAYER9 := debug/leak debug/pgtable_check debug/timer_check debug/mm_check
LINUX  := kernel/x86/syscall kernel/x86/vdso linux/vdso linux/syscall linux/task linux/tls linux/elf \
	  linux/exec_args linux/exec linux/exit linux/fork linux/ids \
	  linux/jobs linux/run linux/signal linux/sigtake linux/sigframe \
	  linux/sigcalls linux/sigold linux/systime linux/usage linux/futex \
	  linux/futex_op linux/robust \
	  linux/misc linux/fault linux/mmap linux/inode linux/entry linux/path linux/dir \
	  linux/file linux/rw linux/poll linux/open linux/namei linux/stat \
	  linux/statfs linux/pipe linux/dev linux/tty linux/seq linux/proc \
	  linux/procmem linux/procpid linux/cpio linux/initramfs
LAYER9 += $(LINUX)
LAYER10 := monitor/kept monitor/lineedit monitor/pager monitor/monitor monitor/cmd_memory \
	  monitor/cmd_pt monitor/cmd_pages monitor/cmd_frag \
	  monitor/cmd_system monitor/cmd_heap monitor/cmd_vm monitor/cmd_compare \
	  monitor/cmd_pools monitor/cmd_locks \
	  monitor/cmd_irqs monitor/cmd_threads monitor/cmd_run \
	  monitor/cmd_contexts monitor/cmd_pressure \
	  tests/bench/user_rows tests/kernel/ring3 tests/kernel/ring3_code \
	  tests/kernel/user_helpers \
	  tests/kernel/crash_stack tests/kernel/crash tests/kernel/ktap \
	  tests/kernel/bench kernel/main
TESTS  := $(patsubst %.c,%,$(wildcard tests/kernel/test_*.c tests/bench/*.c))

LAYERS := LAYER0 LAYER1 LAYER2 LAYER3 LAYER4 LAYER5 LAYER6 LAYER7 \
	  LAYER8 LAYER9 LAYER10 TESTS
NAMES  := $(foreach layer,$(LAYERS),$($(layer)))
EXTRA_SRC := $(if $(EXTRA),$(wildcard $(EXTRA)/*.c))
OBJS   := $(NAMES:%=$(B)/obj/%.o) \
	  $(patsubst $(EXTRA)/%.c,$(B)/extra/%.o,$(EXTRA_SRC))

# --- Flags -------------------------------------------------------------------

WARN := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wvla \
	-Wimplicit-fallthrough -Wshadow -Wundef -Wpointer-arith \
	-Wwrite-strings -Wframe-larger-than=1024 $(if $(WERROR),-Werror)
IS_CLANG := $(findstring clang,$(shell $(CC) --version 2>/dev/null))
TARGET := $(if $(IS_CLANG),-target i386-pc-none-elf -mstack-alignment=4,\
	-mpreferred-stack-boundary=2)
# Contracts: the kernel's; then what stands beside it has its own.
INCLUDES := -Iinclude -Idebug -Imonitor -Itests
CFLAGS := $(strip -std=gnu11 -m32 -march=i586 -mtune=generic -O2 -g $(TARGET) -ffreestanding \
	-fno-pic -fno-pie -fno-strict-aliasing -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fcf-protection=none \
	-mgeneral-regs-only -mregparm=3 -fno-omit-frame-pointer \
	$(INCLUDES) $(WARN) $(if $(filter 1,$(DEBUG)),-DDEBUG))
ASFLAGS := -f elf32 -g -F dwarf -I$(B)/ -w+error=all -w-reloc-abs
# No libgcc: a stray 64-bit division fails here (see docs/decisions.md).
LDFLAGS := -m elf_i386 -nostdlib --no-warn-rwx-segments -z noexecstack \
	-z max-page-size=4096

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all iso run test soak fuzz-calls mutants bench debug debug-reverse lint clean setup kernel \
	compdb host-tests
all: $(B)/memoir.elf $(B)/compile_commands.json

setup:
	@tools/setup.sh

# --- Compile and link --------------------------------------------------------

# Objects depend on the flags, so that CC= or EXTRA= rebuild what they change.
FLAGS := $(CC) $(CFLAGS) $(NASM) $(ASFLAGS) $(EXTRA)
ifneq ($(FLAGS),$(file <$(B)/flags))
$(shell mkdir -p $(B))
$(file >$(B)/flags,$(FLAGS))
endif

# Small, where speed is of no use: it stays in memory all the same.
QUICK := $(addprefix linux/,exit fault file fork futex inode mmap pipe rw \
	 syscall task)
$(B)/obj/tests/kernel/%.o $(B)/obj/monitor/%.o $(B)/obj/debug/%.o \
$(patsubst %,$(B)/obj/%.o,$(filter-out $(QUICK),$(filter linux/%,$(LINUX)))): \
	SMALL := -Os

define compile
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(CFLAGS) $(SMALL) -MMD -MP -c -o $@ $<
endef

$(B)/obj/%.o: %.c $(B)/flags | setup
	$(compile)

$(B)/extra/%.o: $(EXTRA)/%.c $(B)/flags | setup
	$(compile)

$(B)/obj/%.o: %.asm $(B)/layout.inc $(B)/flags | setup
	@mkdir -p $(@D)
	@echo "  NASM  $<"
	@$(NASM) $(ASFLAGS) -MD $(@:.o=.d) -MP -o $@ $<

# NASM's view of include/layout.h: each #define a %define, comments dropped.
$(B)/layout.inc: include/layout.h
	@mkdir -p $(@D)
	@sed -n 's|/\*.*||; s|^#define \([A-Z][A-Z0-9_]* \)|%define \1|p' $< >$@

$(B)/linker.ld: linker.ld include/layout.h | setup
	@mkdir -p $(@D)
	@$(CC) -E -P -undef -x c -Iinclude -o $@ $<

$(B)/font.bin: tools/font.py | setup
	@mkdir -p $(@D)
	@python3 tools/font.py $@

$(B)/obj/drivers/font.o: $(B)/font.bin

# The vDSO: a shared object for ring 3, and where its symbols are.
VDSO := user/vdso/clock.c user/vdso/entry.S
$(B)/vdso.so: $(VDSO) user/vdso/vdso.h user/vdso/vdso.ld | setup
	@mkdir -p $(@D)
	@echo "  VDSO  $@"
	@$(USER_CC) -m32 -march=i586 -O2 -fpic -ffreestanding -fcf-protection=none \
		-fno-stack-protector -fomit-frame-pointer -Wall -Wextra -shared \
		-nostdlib -Wl,-T,user/vdso/vdso.ld,-soname,linux-gate.so.1 \
		-Wl,--hash-style=sysv,--eh-frame-hdr,--build-id=none,-Bsymbolic \
		-Wl,-z,max-page-size=4096 -o $@.sym $(VDSO)
	@$(OBJCOPY) --strip-all $@.sym $@

$(B)/vdso.inc: $(B)/vdso.so
	@$(NM) $<.sym | sed -n \
		's/^\([0-9a-f]*\) [Tt] \(\w*\)$$/%define VDSO_\2 0x\1/p' >$@

$(B)/obj/kernel/x86/vdso.o $(B)/obj/tests/bench/user_rows.o: $(B)/vdso.inc

# Three links, since the symbol table is part of what it describes: see
# tools/symbols.py. $(1): the table's source, $(2): the output.
define link
	@$(NASM) $(ASFLAGS) -o $(B)/symbols.o $(1)
	@$(LD) $(LDFLAGS) -T $(B)/linker.ld -o $(2) $(OBJS) $(B)/symbols.o
endef

$(B)/memoir.elf: $(OBJS) $(B)/linker.ld tools/symbols.py
	@echo "  LD    $@"
	@python3 tools/symbols.py --empty >$(B)/symbols0.asm
	$(call link,$(B)/symbols0.asm,$(B)/link1.elf)
	@python3 tools/symbols.py $(NM) $(B)/link1.elf >$(B)/symbols1.asm
	$(call link,$(B)/symbols1.asm,$(B)/link2.elf)
	@python3 tools/symbols.py $(NM) $(B)/link2.elf >$(B)/symbols2.asm
	$(call link,$(B)/symbols2.asm,$@)
	@python3 tools/symbols.py $(NM) $@ | cmp -s - $(B)/symbols2.asm || \
		{ echo "the symbol table moved between links" >&2; exit 1; }

kernel: $(B)/memoir.elf

# For clangd: how each file is compiled.
$(B)/compile_commands.json: Makefile $(B)/flags tools/compdb.py
	@python3 tools/compdb.py "$(CC) $(CFLAGS)" \
		$(wildcard $(NAMES:%=%.c)) >$@

-include $(OBJS:.o=.d)

# --- The ISO -----------------------------------------------------------------

iso: $(B)/memoir.iso

$(B)/memoir.iso: GRUB_DEFAULT = monitor
$(B)/test.iso: GRUB_DEFAULT = test
$(B)/%.iso: $(B)/memoir.elf build/initramfs.cpio boot/grub.cfg tools/mkiso.sh
	@echo "  ISO   $@"
	@tools/mkiso.sh $@ $(B)/memoir.elf build/initramfs.cpio boot/grub.cfg \
		$(GRUB_DEFAULT) $(OBJCOPY)

# --- Run ---------------------------------------------------------------------

QEMU := qemu-system-i386 -accel tcg -m $(MEM) -cpu $(CPU) -nic none \
	-device isa-debug-exit,iobase=0xf4,iosize=0x04

ifneq ($(strip $(APPEND)),)
RUN_IMAGE = -kernel $(B)/memoir.elf -append '$(strip $(APPEND))' \
	-initrd build/initramfs.cpio
else
RUN_IMAGE = -cdrom $(B)/memoir.iso
endif

run: $(B)/memoir.iso build/initramfs.cpio
	@echo "  QEMU  leave with 'poweroff', or Ctrl-A X"
	@$(QEMU) $(RUN_IMAGE) -serial mon:stdio -display $(VIEW) || \
		[ $$? -eq 33 ]

debug: $(B)/memoir.elf
	@tools/debug.sh $< -- $(QEMU) -kernel $< -append '$(strip $(APPEND))'

debug-reverse: $(B)/memoir.elf
	@tools/debug.sh --reverse $< -- $(QEMU) -kernel $< \
		-append '$(strip $(APPEND))'

# --- Prove and measure -------------------------------------------------------

include tests/host/host.mk
include user/user.mk

test: export WERROR := $(WERROR)
test: $(B)/memoir.elf build/initramfs.cpio
ifeq ($(T),)
	@$(MAKE) --no-print-directory DEBUG=1 build/debug/memoir.elf
	@$(MAKE) --no-print-directory host-tests build/memoir.iso build/test.iso
	@python3 tools/test.py
else
	@python3 tools/test.py -T '$(T)' --kernel $<
endif

bench: $(B)/memoir.elf build/host/replay
	@python3 tools/bench.py

# With little memory, and with high memory; exit code 33 says that all went well.
soak: $(B)/memoir.elf
	@for mem in 32 1024; do \
		$(filter-out -m $(MEM),$(QEMU)) -m $$mem -display none \
			-serial stdio -kernel $< -append \
			'test=stress.* soak=$(SOAK) panic=exit'; \
		[ $$? -eq 33 ] || exit 1; \
	done

# Then everything is as it was before: the case counts what there is.
fuzz-calls: $(B)/memoir.elf build/initramfs.cpio
	@$(QEMU) -display none -serial stdio -kernel $< \
		-initrd build/initramfs.cpio -append 'test=user.fuzz \
		fuzz=$(CALLS),$(SEED),6,$(FAILS) panic=exit $(APPEND)'; [ $$? -eq 33 ]

mutants: | setup
	@python3 tools/mutate.py -n $(N) --seed $(SEED) --shard $(SHARD)

lint: $(OBJS) | setup
	@LAYERS='$(foreach l,$(LAYERS),$($(l):%=$(B)/obj/%.o) +)' tools/lint.sh

clean:
	rm -rf build
