/* ring3.c - see ring3.h.
 *
 *   [ELF header][program header][code ...]   one segment, at RING3_BASE
 */
#include "../../linux/fs.h"
#include "ring3.h"
#include "string.h"

struct ring3_elf
ring3_elf(size_t len)
{
	return (struct ring3_elf){
		.ident = {0x7F, 'E', 'L', 'F', 1, 1, 1},
		.type = 2,
		.machine = 3,
		.version = 1,
		.entry = RING3_BASE + sizeof(struct ring3_elf),
		.phoff = offsetof(struct ring3_elf, ph),
		.ehsize = 52,
		.phentsize = 32,
		.phnum = 1,
		.ph = {.type = 1,
		       .vaddr = RING3_BASE,
		       .filesz = sizeof(struct ring3_elf) + len,
		       .memsz = sizeof(struct ring3_elf) + len,
		       .flags = 5},
	};
}

int
ring3_install(const char *path, const struct ring3_elf *elf, const char *code,
	      size_t len)
{
	struct inode *inode;
	ssize_t n;

	ring3_remove(path);
	inode = fs_create(path, S_IFREG | 0755, NULL);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	n = inode_write(inode, elf, sizeof(*elf), 0);
	if (n == sizeof(*elf))
		n = inode_write(inode, code, len, sizeof(*elf));
	inode_put(inode);
	return n == (ssize_t)len ? 0 : -ENOMEM;
}

void
ring3_remove(const char *path)
{
	struct path p;

	mutex_lock(&fs_lock);
	if (!path_walk(&p, AT_FDCWD, path, 0)) {
		if (p.inode)
			entry_remove(p.dir, entry_find(p.dir, p.name, p.len));
		path_end(&p);
	}
	mutex_unlock(&fs_lock);
}
