/* ring3.h - small programs of our own, as files that can be run. */
#ifndef RING3_H
#define RING3_H

#include "types.h"

/* The smallest ELF file: its headers, and one segment that is all of it. */
struct ring3_elf {
	u8 ident[16];
	u16 type, machine;
	u32 version, entry, phoff, shoff, flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
	struct {
		u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
	} ph;
};

#define RING3_BASE 0x08048000u

/* ring3_elf: headers for so many bytes of code, which begin right behind. */
struct ring3_elf ring3_elf(size_t len);

/* ring3_install: an executable file of that name. => 0 or -E */
int ring3_install(const char *path, const struct ring3_elf *elf,
		  const char *code, size_t len);

/* ring3_remove: and no longer. */
void ring3_remove(const char *path);

#endif
