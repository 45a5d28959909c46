/* elf.c - a static program's file into an address space.
 *
 *   file      [ELF header][program headers] ... [segment  ] ...
 *                                               |<-filesz->|
 *   memory           ...    [page  |page  |page :zero |zero ]
 *                           ^vaddr, a page's start    ^ memsz
 *
 * Whole pages that hold bytes of the file are mapped from it, privately; what is
 * behind them is anonymous. The rest of the last file page belongs to memsz, too:
 * exec clears it, once it works in the new address space (image->zero).
 *
 * Nothing in the header is believed: sums are checked by subtraction, segments
 * come in order and share no page, and lie in the file and in user space. What
 * does not fit is ENOEXEC.
 *
 * A processor without CMOV refuses what was compiled for others, instead of
 * letting it die in its first hundred instructions.
 *
 * Limits: no dynamic linking (PT_INTERP); position-independent programs all go
 * to PIE_BASE.
 */
#include "cpu.h"
#include "errno.h"
#include "printk.h"
#include "process.h"
#include "slab.h"
#include "string.h"
#include "util.h"

#define PIE_BASE  0x00400000u
#define MAX_PHDRS 64u
#define ET_EXEC   2
#define ET_DYN    3
#define EM_386    3
#define PT_LOAD   1u
#define PT_INTERP 3u
#define PF_X      1u
#define PF_W      2u
#define PF_R      4u

struct elf_header {
	u8 ident[16];
	u16 type, machine;
	u32 version, entry, phoff, shoff, flags;
	u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
static_assert(sizeof(struct elf_header) == 52, "ELF's format");

struct elf_phdr {
	u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
};
static_assert(sizeof(struct elf_phdr) == 32, "ELF's format");

/* What loading knows so far. */
struct loader {
	struct file *file;
	const char *name; /* for the log */
	struct mm_struct *mm;
	struct elf_image *image;
	u32 bias;       /* added to all addresses */
	u32 end;        /* of the last segment, a whole page */
	bool have_load; /* there was one */
};

static int
check_header(const struct elf_header *h)
{
	static const u8 ident[7] = {0x7F, 'E', 'L', 'F', 1, 1, 1};

	if (memcmp(h->ident, ident, sizeof(ident)) != 0 ||
	    (h->type != ET_EXEC && h->type != ET_DYN) || h->machine != EM_386 ||
	    h->version != 1 || h->phentsize != sizeof(struct elf_phdr) ||
	    !h->phnum || h->phnum > MAX_PHDRS)
		return -ENOEXEC;
	return 0;
}

/* => 0 if the segment may be as it says */
static int
check_segment(const struct loader *l, const struct elf_phdr *ph, u32 vaddr)
{
	u32 size = l->file->inode->size;

	if (ph->filesz > ph->memsz || ph->offset > size ||
	    ph->filesz > size - ph->offset ||
	    (vaddr - ph->offset) % PAGE_SIZE != 0)
		return -ENOEXEC;
	if (vaddr < MMAP_MIN || vaddr > TASK_SIZE - PAGE_SIZE ||
	    ph->memsz > TASK_SIZE - PAGE_SIZE - vaddr)
		return -ENOEXEC;
	if (l->have_load && (vaddr & PAGE_MASK) < l->end)
		return -ENOEXEC;
	return 0;
}

static int
map(struct loader *l, struct mmap_request *r)
{
	long at;

	if (!r->len)
		return 0;
	r->flags = MAP_PRIVATE | MAP_FIXED_NOREPLACE;
	at = mm_mmap(l->mm, r);
	if (IS_ERR_VALUE(at))
		return at == -ENOMEM ? -ENOMEM : -ENOEXEC;
	return 0;
}

static int
map_segment(struct loader *l, const struct elf_phdr *ph)
{
	u32 vaddr = ph->vaddr + l->bias, start = vaddr & PAGE_MASK;
	u32 file_end = vaddr + ph->filesz, end = vaddr + ph->memsz;
	struct mmap_request r = {
		.addr = start,
		.prot = (ph->flags & PF_R ? PROT_READ : 0) |
			(ph->flags & PF_W ? PROT_WRITE : 0) |
			(ph->flags & PF_X ? PROT_EXEC : 0),
	};
	int err = check_segment(l, ph, vaddr);

	if (err || !ph->memsz)
		return err;
	if (ph->filesz) {
		r.len = PAGE_ALIGN(file_end) - start;
		r.ops = &file_vm_ops;
		r.object = l->file->inode;
		r.pgoff = ph->offset / PAGE_SIZE;
		err = map(l, &r);
		if (!err && ph->memsz > ph->filesz && file_end % PAGE_SIZE) {
			if (!(ph->flags & PF_W) || l->image->zero_len)
				return -ENOEXEC;
			l->image->zero = file_end;
			l->image->zero_len = -file_end % PAGE_SIZE;
		}
	}
	if (err)
		return err;
	r.addr = ph->filesz ? PAGE_ALIGN(file_end) : start;
	r.len = PAGE_ALIGN(end) - min_t(u32, r.addr, PAGE_ALIGN(end));
	r.ops = NULL;
	r.object = NULL;
	r.pgoff = 0;
	l->end = PAGE_ALIGN(end);
	return map(l, &r);
}

/* Code for an i686, and glibc's is, has one of these in each few KiB; for an i586,
 * none:
 *
 *	test or cmp  85, 39, 3B   C0 + two registers
 *	cmov..       0F 4x
 */
static bool
uses_cmov(struct file *file, u32 offset, u32 size)
{
	u8 code[256];
	ssize_t n;

	for (; size >= 4 && !signal_ending(); offset += n - 3, size -= n - 3) {
		n = kernel_read(file, code, min_t(u32, size, sizeof(code)),
				offset);
		if (n < 4)
			break;
		for (const u8 *c = code; c <= code + n - 4; c++)
			if ((c[0] == 0x85 || c[0] == 0x39 || c[0] == 0x3B) &&
			    c[1] >= 0xC0 && c[2] == 0x0F && c[3] >> 4 == 4)
				return true;
	}
	return false;
}

static int
load_segments(struct loader *l, const struct elf_header *h,
	      const struct elf_phdr *phdrs)
{
	const struct elf_phdr *ph;
	int err;

	for (ph = phdrs; ph < phdrs + h->phnum; ph++) {
		if (ph->type == PT_INTERP)
			return -ENOEXEC;
		if (ph->type != PT_LOAD)
			continue;
		err = map_segment(l, ph);
		if (err)
			return err;
		if (ph->flags & PF_X && !cpu_has(X86_FEATURE_CMOV) &&
		    uses_cmov(l->file, ph->offset, ph->filesz)) {
			pr_warn("exec: %s needs an i686: this %s has no CMOV\n",
				l->name, boot_cpu.platform);
			return -ENOEXEC;
		}
		/* Where the program itself can see its headers. */
		if (h->phoff >= ph->offset &&
		    h->phoff - ph->offset < ph->filesz)
			l->image->phdr =
				ph->vaddr + l->bias + h->phoff - ph->offset;
		l->have_load = true;
	}
	return l->have_load ? 0 : -ENOEXEC;
}

int
elf_load(struct file *file, const char *name, struct mm_struct *mm,
	 struct elf_image *image)
{
	struct loader l = {.file = file,
			   .name = name,
			   .mm = mm,
			   .image = image};
	struct elf_phdr *phdrs;
	struct elf_header h;
	ssize_t size;
	int err;

	*image = (struct elf_image){0};
	if (kernel_read(file, &h, sizeof(h), 0) != sizeof(h) ||
	    check_header(&h))
		return -ENOEXEC;
	size = h.phnum * sizeof(*phdrs);
	phdrs = kmalloc(size, GFP_KERNEL);
	if (!phdrs)
		return -ENOMEM;
	if (h.type == ET_DYN)
		l.bias = PIE_BASE;
	err = kernel_read(file, phdrs, size, h.phoff) == size
		      ? load_segments(&l, &h, phdrs)
		      : -ENOEXEC;
	kfree(phdrs);
	image->entry = h.entry + l.bias;
	image->phnum = h.phnum;
	if (!err && image->entry >= TASK_SIZE)
		err = -ENOEXEC;
	mm->start_brk = mm->brk = l.end;
	return err;
}
