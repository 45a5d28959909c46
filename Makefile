# Makefile - Memoir, built, run, tested and measured.
#
#   make          build/memoir.elf           make test    every test
#   make run      boot the ISO in QEMU       make bench   instructions per call
#   make debug    gdb, first instruction     make lint    style and checkers
#
# OBJS is the table of contents: what the kernel is made of, lowest layer first.
# That is also the reading order, and tools/layers.py holds the code to it.

# --- What can be set: make NAME=value ----------------------------------------

# From the command line alone: what the environment has may be meant for others.
# Empty is the default. `make help` reads these lines.
knob = $(eval override $1 := \
	$$(or $$(strip $$(if $$(filter command,$$(origin $1)),$$($1))),$$(strip $2)))

FOUND := $(if $(shell command -v i686-elf-gcc),i686-elf-,i686-linux-gnu-)

$(call knob,DEBUG,,1: the debug build, in build/debug)
$(call knob,EXTRA,,a folder outside the tree whose .c files join the kernel)
$(call knob,MEM,128M,RAM of run and debug)
$(call knob,CPU,max,its processor)
$(call knob,APPEND,,its kernel command line; then GRUB is left out)
$(call knob,VIEW,none,its screen: none or vnc or gtk (needs qemu-system-gui))
$(call knob,T,,a pattern: test runs only these in-kernel tests)
$(call knob,SOAK,120,seconds that each machine of soak runs)
$(call knob,CALLS,1000000,system calls that fuzz-calls makes)
$(call knob,SEED,1,and which ones)
$(call knob,FAILS,0,one of so many while allocations fail; 0: none)
$(call knob,N,200,deliberate bugs that mutants plants: drawn by SEED)
$(call knob,SHARD,1/1,and which part of them: 2/8)
$(call knob,FUZZ_SECONDS,60,how long fuzz looks for bytes that break an allocator)
$(call knob,WERROR,$(if $(CI),1),1: warnings are errors; the default where CI is set)
$(call knob,CROSS_COMPILE,$(FOUND),what the names of gcc and ld begin with)

override VIEW := $(VIEW:vnc=vnc=:0)
quote = '$(subst ','\'',$1)'
ifneq ($(filter 0 1 2 3,$(patsubst %M,%,$(MEM:m=M))),)
$(error MEM=$(MEM): the kernel lies at 1 MiB, and needs a machine with 4M)
endif

# All processors, unless -j says otherwise; several goals come one by one.
ifeq ($(MAKELEVEL)$(word 2,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(shell nproc)
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

LAYER0 := lib/string lib/error lib/printf lib/rbtree lib/sort
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
	  debug/page_debug debug/init_on debug/page_report mm/page_alloc mm/page_bulk \
	  mm/page_ref mm/page_init
LAYER5 := debug/slab_debug mm/slab mm/slab_alloc mm/slab_cache debug/cache_check \
	  mm/kmalloc mm/arena mm/pgtable debug/pgtable_range
LAYER6 := mm/vmap_area mm/vmalloc mm/ioremap debug/vmap_debug
LAYER7 := kernel/irq drivers/rtc kernel/time kernel/hrtimer kernel/timer \
	  drivers/pit kernel/tick \
	  drivers/keyboard drivers/serial_input kernel/x86/switch \
	  kernel/runqueue kernel/sched kernel/task debug/sched_debug \
	  kernel/wait kernel/sleeplock kernel/kthread kernel/workqueue
LAYER8 := mm/reclaim mm/mempool mm/kmap vm/account vm/vma vm/fault vm/rmap
LAYER9 := debug/leak debug/pgtable_check debug/timer_check debug/mm_check
LINUX  := kernel/x86/syscall kernel/x86/vdso linux/vdso linux/syscall linux/task linux/tls linux/elf \
	  linux/exec_args linux/exec linux/exit linux/fork linux/ids \
	  linux/jobs linux/run linux/sigqueue linux/signal linux/signame linux/sigtake \
	  linux/sigframe linux/sigcalls linux/sigold linux/systime linux/usage \
	  linux/futex linux/futex_op linux/robust linux/misc linux/oom \
	  linux/fault linux/mmap linux/fscost \
	  linux/pagetree linux/writers linux/inode linux/entry linux/path linux/dir linux/lock \
	  linux/file linux/rw linux/poll linux/open linux/flock linux/fcntl linux/namei linux/cwd linux/stat \
	  linux/utimes linux/oldcalls linux/fallocate linux/sendfile \
	  linux/statfs linux/pipe_open linux/pipe linux/dev linux/tty linux/seq linux/proc \
	  linux/procmem linux/procpid linux/cpio linux/initramfs
LAYER9 += $(LINUX)
LAYER10 := monitor/arguments monitor/complete monitor/kept monitor/lineedit monitor/pager monitor/stop monitor/monitor monitor/cmd_memory \
	  monitor/cmd_pt monitor/cmd_pages monitor/cmd_frag \
	  monitor/cmd_system monitor/cmd_heap monitor/cmd_vm monitor/cmd_compare \
	  monitor/cmd_pools monitor/cmd_locks \
	  monitor/cmd_irqs monitor/cmd_threads monitor/cmd_run \
	  monitor/cmd_contexts monitor/cmd_pressure \
	  tests/bench/user_rows tests/kernel/ring3 tests/kernel/ring3_code \
	  tests/kernel/user_helpers \
	  tests/kernel/crash_stack tests/kernel/crash tests/kernel/step \
	  tests/kernel/ktap \
	  tests/kernel/bench kernel/main
TESTS  := $(patsubst %.c,%,$(wildcard tests/kernel/test_*.c tests/bench/*.c))

LAYERS := LAYER0 LAYER1 LAYER2 LAYER3 LAYER4 LAYER5 LAYER6 LAYER7 \
	  LAYER8 LAYER9 LAYER10 TESTS
NAMES  := $(foreach layer,$(LAYERS),$($(layer)))
SOURCES := $(shell find boot lib kernel mm drivers vm linux debug monitor \
	tests/kernel tests/bench -name '*.c' -o -name '*.asm')
UNLISTED := $(filter-out $(NAMES:%=%.c) $(NAMES:%=%.asm),$(SOURCES))

# A folder of your own: ~ is understood, the slash at its end may be there.
EXTRA_DIR := $(patsubst %/,%,$(wildcard $(EXTRA)))
EXTRA_SRC := $(if $(EXTRA),$(wildcard $(EXTRA_DIR)/*.c))
EXTRA_OBJ := $(B)/extra/$(subst /,_,$(EXTRA_DIR))
OBJS   := $(NAMES:%=$(B)/obj/%.o) \
	  $(patsubst $(EXTRA_DIR)/%.c,$(EXTRA_OBJ)/%.o,$(EXTRA_SRC))

ifneq ($(filter-out clean help setup,$(or $(MAKECMDGOALS),all)),)
ifneq ($(UNLISTED),)
$(error $(UNLISTED): in no list of the Makefile: see docs/adding.md)
endif
ifneq ($(word 2,$(EXTRA)),)
$(error EXTRA=$(EXTRA): make cannot work with a blank in a name. Rename the \
	folder, or give it another name: ln -s)
endif
ifneq ($(EXTRA),)
ifeq ($(wildcard $(EXTRA)/.),)
$(error EXTRA=$(EXTRA): there is no such folder)
endif
ifeq ($(EXTRA_SRC),)
$(error EXTRA=$(EXTRA): there is no .c file in it)
endif
ifneq ($(filter-out %.c,$(EXTRA_SRC)),)
$(error EXTRA=$(EXTRA): a file in it has a blank in its name)
endif
endif
endif

# --- Flags -------------------------------------------------------------------

WARN := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wvla \
	-Wimplicit-fallthrough -Wshadow -Wundef -Wpointer-arith \
	-Wwrite-strings -Wframe-larger-than=1024 $(if $(filter 1,$(WERROR)),-Werror)
IS_CLANG := $(findstring clang,$(shell $(CC) --version 2>/dev/null))
TARGET := $(if $(IS_CLANG),-target i386-pc-none-elf -mstack-alignment=4,\
	-mpreferred-stack-boundary=2)
# Contracts: the kernel's; then what stands beside it has its own.
# Of the C library, nothing: of the compiler, its own folder (stdarg.h).
INCLUDES := -Iinclude -Idebug -Imonitor -Itests
NOSTDINC := -nostdinc -isystem $(shell $(CC) -print-file-name=include)
CFLAGS := $(strip -std=gnu11 -m32 -march=i586 -mtune=generic -O2 -g $(TARGET) -ffreestanding \
	-fno-pic -fno-pie -fno-strict-aliasing -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fcf-protection=none \
	-mgeneral-regs-only -mregparm=3 -fno-omit-frame-pointer \
	$(NOSTDINC) $(INCLUDES) $(WARN) $(if $(filter 1,$(DEBUG)),-DDEBUG))
ASFLAGS := -f elf32 -g -F dwarf -I$(B)/ -w+error=all -w-reloc-abs
# No libgcc: a stray 64-bit division fails here (see docs/decisions.md).
LDFLAGS := -m elf_i386 -nostdlib --no-warn-rwx-segments -z noexecstack \
	-z max-page-size=4096

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all iso run test soak fuzz-calls mutants bench debug debug-reverse lint clean \
	setup help kernel
all: $(B)/memoir.elf $(B)/compile_commands.json

setup:
	@CC=$(call quote,$(CC)) CROSS_COMPILE=$(CROSS_COMPILE) tools/setup.sh \
		$(or $(MAKECMDGOALS),all)

help:
	@tools/help.sh

# --- Compile and link --------------------------------------------------------

# Objects depend on the flags and the kernel on the list of its objects, so that
# CC= or EXTRA= rebuild what they change. These two files say how it was last time.
FLAGS := $(CC) $(CFLAGS) $(NASM) $(ASFLAGS)
differs = $(if $(findstring x$(strip $2)x,x$(strip $(file <$1))x),,$1)
.PHONY: $(call differs,$(B)/flags,$(FLAGS)) $(call differs,$(B)/objects,$(OBJS))
$(B)/flags: NOTE = $(FLAGS)
$(B)/objects: NOTE = $(OBJS)
$(B)/flags $(B)/objects:
	@mkdir -p $(@D)
	@printf '%s\n' $(call quote,$(NOTE)) >$@

# Small, where speed is of no use: it stays in memory all the same.
SMALL :=
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

$(EXTRA_OBJ)/%.o: CFLAGS += -Ilinux -I$(EXTRA_DIR)
$(EXTRA_OBJ)/%.o: $(EXTRA_DIR)/%.c $(B)/flags | setup
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

$(B)/memoir.elf: $(OBJS) $(B)/objects $(B)/linker.ld tools/symbols.py
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

RUN_KERNEL := -kernel $(B)/memoir.elf -append $(call quote,$(APPEND)) \
	-initrd build/initramfs.cpio
ifneq ($(APPEND),)
RUN_IMAGE = $(RUN_KERNEL)
else
RUN_IMAGE = -cdrom $(B)/memoir.iso
endif

run: $(B)/memoir.iso build/initramfs.cpio
	@echo "  QEMU  leave with 'poweroff', or Ctrl-A X"
	@$(QEMU) $(RUN_IMAGE) -serial mon:stdio -display $(VIEW) || \
		[ $$? -eq 33 ]

debug: $(B)/memoir.elf build/initramfs.cpio
	@tools/debug.sh $< -- $(QEMU) $(RUN_KERNEL)

debug-reverse: $(B)/memoir.elf build/initramfs.cpio
	@tools/debug.sh --reverse $< -- $(QEMU) $(RUN_KERNEL)

# --- Prove and measure -------------------------------------------------------

include tests/host/host.mk
include user/user.mk

# What they start may call make: not as a part of this one.
ALONE := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL

test: $(B)/memoir.elf build/initramfs.cpio
ifeq ($(T),)
	@$(MAKE) --no-print-directory DEBUG=1 build/debug/memoir.elf
	@$(MAKE) --no-print-directory host-tests build/memoir.iso build/test.iso
	@$(ALONE) python3 tools/test.py
else
	@$(ALONE) python3 tools/test.py -T $(call quote,$(T)) --kernel $<
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
	@$(ALONE) python3 tools/mutate.py -n $(N) --seed $(SEED) --shard $(SHARD)

lint: $(OBJS) | setup
	@LAYERS='$(foreach l,$(LAYERS),$($(l):%=$(B)/obj/%.o) +)' tools/lint.sh

clean:
	rm -rf build
