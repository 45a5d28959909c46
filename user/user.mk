# user.mk - the programs of ring 3 and their archive; the top Makefile includes
# this.
#
#   user/*.c, tests/user/*.c --> box: one binary with glibc, by argv[0] this
#   user/tiny/*.c, *.asm     --> a few small ones without any library, which run
#                                on a 486, too (glibc's need an i686)
#   user/files.txt           --> build/initramfs.cpio, a Multiboot module
#
# Programs are ordinary ones for Linux on i386: build/user/root/bin/hello runs
# on a PC as well. Each is main() of a file of its own, renamed by the compiler
# so that all fit into one binary, which is mostly glibc.

USER_CC := i686-linux-gnu-gcc
USER_CFLAGS := -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -m32 \
	-march=i686 -Os -g -fno-pie -ffunction-sections -fdata-sections \
	-fno-stack-protector -Wall -Wextra -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes $(if $(filter 1,$(WERROR)),-Werror)
USER_LDFLAGS := -static -no-pie -Wl,--gc-sections -Wl,-z,norelro -s
TINY_FLAGS := $(patsubst -march=%,-march=i486,$(USER_CFLAGS)) -ffreestanding -fcf-protection=none -nostdlib \
	-static -no-pie -fno-asynchronous-unwind-tables -Wl,--build-id=none \
	-Wl,-z,noseparate-code -s

USER_TESTS := $(sort $(patsubst tests/user/%.c,%,$(wildcard tests/user/*.c)))
USER_BOX := $(sort $(patsubst user/%.c,%,$(filter-out user/box.c, \
	$(wildcard user/*.c)))) $(USER_TESTS)
# Programs of user/ that say by themselves whether all is right.
USER_ALSO := badptr forktree stack
USER_TINY := $(sort $(basename $(notdir $(wildcard user/tiny/*.c \
	user/tiny/*.asm))))
ROOTFS := build/user/root
vpath %.c user tests/user

# The names, for box.c: APPLET(hello) ...
build/user/applets.h: Makefile user/user.mk $(wildcard user tests/user)
	@mkdir -p $(@D)
	@printf 'APPLET(%s)\n' $(USER_BOX) >$@

build/user/box.o: build/user/applets.h
build/user/%.o: %.c user/user.mk | setup
	@mkdir -p $(@D)
	@echo "  CC    $< (user)"
	@$(USER_CC) $(USER_CFLAGS) -Ibuild/user -Iuser $(if $(filter box,$*),, \
		-Dmain=main_$* -Wno-missing-prototypes) -MMD -MP -c -o $@ $<

$(ROOTFS)/bin/box: $(patsubst %,build/user/%.o,box $(USER_BOX))
	@rm -rf $(ROOTFS)/test # no link to a test that is gone
	@mkdir -p $(@D) $(ROOTFS)/test
	@echo "  LD    $@"
	@$(USER_CC) $(USER_LDFLAGS) -o $@ $^ -lm
	@for name in $(USER_BOX); do ln -sf box $(@D)/$$name; done
	@for name in $(USER_TESTS) $(USER_ALSO); do \
		ln -sf ../bin/box $(ROOTFS)/test/$$name; done

$(ROOTFS)/bin/%: user/tiny/%.c user/tiny/tiny.h user/user.mk | setup
	@mkdir -p $(@D)
	@echo "  CC    $< (user)"
	@$(USER_CC) $(TINY_FLAGS) -o $@ $<

$(ROOTFS)/bin/%: user/tiny/%.asm | setup
	@mkdir -p $(@D)
	@echo "  NASM  $< (user)"
	@$(NASM) -f elf32 -o build/user/$*.o $<
	@$(LD) -m elf_i386 -s -z noseparate-code -o $@ build/user/$*.o

build/initramfs.cpio: user/files.txt tools/mkcpio.py \
		tests/kernel/test_user.c user/motd $(ROOTFS)/bin/box \
		$(USER_TINY:%=$(ROOTFS)/bin/%)
	@for test in $(USER_TESTS) $(USER_ALSO); do \
		grep -qE "^(USER_TEST\(|TEST\(user, )$$test[,)]" \
			tests/kernel/test_user.c || \
		{ echo "tests/kernel/test_user.c lacks $$test" >&2; exit 1; }; \
	done
	@for tiny in $(USER_TINY); do \
		grep -q "/bin/$$tiny$$" $< || \
		{ echo "$< lacks user/tiny/$$tiny" >&2; exit 1; }; \
	done
	@echo "  CPIO  $@"
	@python3 tools/mkcpio.py $< $@ \
		$(patsubst %,/test/%=../bin/box,$(USER_TESTS) $(USER_ALSO)) \
		$(patsubst %,/bin/%=box,$(filter-out $(USER_TESTS),$(USER_BOX)))

-include $(patsubst %,build/user/%.d,box $(USER_BOX))
