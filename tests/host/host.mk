# host.mk - the tests that run on the PC; the top Makefile includes this.
#
#   make host-tests                     builds build/host/test_*
#   build/host/test_list [GLOB]         runs one and prints TAP
#
# HOST_KERNEL lists the kernel files that run here, compiled unchanged; every
# program is linked with all of them. The compiler is the kernel's, with its
# 32-bit C library, which a 64-bit PC runs as it is.

HOSTCC := i686-linux-gnu-gcc
HOST_LIBC := /usr/i686-linux-gnu/lib

HOST_KERNEL := lib/string.c lib/printf.c lib/rbtree.c lib/bitmap.c lib/sort.c \
	boot/multiboot.c mm/memblock.c monitor/lineedit.c
HOST_SUITES := string printf list rbtree bitmap sort multiboot memblock \
	lineedit

HOST_TESTS := $(HOST_SUITES:%=build/host/test_%)
HOST_COMMON := $(HOST_KERNEL:%.c=build/host/%.o) \
	build/host/tests/host/glue.o build/host/tests/host/host.o

# -iquote, not -I: "string.h" is the kernel's, <string.h> the host's.
HOSTCC_FLAGS := -std=gnu11 -g -O1 -fsanitize=address,undefined \
	-fno-sanitize-recover=all -fno-omit-frame-pointer \
	-fno-strict-aliasing -iquote include -DDEBUG \
	-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	$(if $(WERROR),-Werror)
# Old-style rpath: the newer kind does not reach the libraries of libraries.
HOSTLD_FLAGS := -fsanitize=address,undefined \
	-Wl,-dynamic-linker=$(HOST_LIBC)/ld-linux.so.2 \
	-Wl,-rpath=$(HOST_LIBC) -Wl,--disable-new-dtags

.PHONY: host-tests
host-tests: $(HOST_TESTS)

$(HOST_TESTS): build/host/%: build/host/tests/host/%.o $(HOST_COMMON)
	@echo "  LINK  $@"
	@$(HOSTCC) $(HOSTLD_FLAGS) $^ -o $@

# All but host.c call the kernel's memcpy and friends k_memcpy: see rename.h.
HOST_RENAME := -include tests/host/rename.h
build/host/tests/host/host.o: HOST_RENAME :=

build/host/%.o: %.c tests/host/host.mk | setup
	@mkdir -p $(@D)
	@echo "  CC    $< (host)"
	@$(HOSTCC) $(HOSTCC_FLAGS) $(HOST_RENAME) -MMD -MP -c $< -o $@

# Keep these between runs, though only pattern rules name them.
.SECONDARY: $(HOST_TESTS:build/host/%=build/host/tests/host/%.o)
-include $(HOST_COMMON:.o=.d) \
	$(HOST_TESTS:build/host/%=build/host/tests/host/%.d)
