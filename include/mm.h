/* mm.h - a program's address space: areas, and the pages behind them.
 *
 *   mm_struct --- areas (tree, by address)
 *      |            [text r-x file][data rw- file][heap rw-] ... [stack rw-]
 *      |                 |
 *      `- pgd            |  nothing is mapped before it is touched:
 *          `- tables <---+--- mm_fault: zero page, new page, copy, file page
 *
 * An area says what may be where; a page table entry exists once somebody was
 * there. Linux's names where it has them.
 *
 * Contexts: process, all of it, unless said otherwise. Functions that take an
 * address space lock it themselves. Addresses and lengths are in bytes and
 * come as the program gave them: nothing is believed.
 */
#ifndef MM_H
#define MM_H

#include "mmzone.h"
#include "mutex.h"
#include "pgtable.h"
#include "rbtree.h"
#include "types.h"

/* Rights and kinds; Linux's values. */
#define PROT_READ  1u
#define PROT_WRITE 2u
#define PROT_EXEC  4u

#define MAP_SHARED          0x01u
#define MAP_PRIVATE         0x02u
#define MAP_FIXED           0x10u
#define MAP_ANONYMOUS       0x20u
#define MAP_GROWSDOWN       0x100u
#define MAP_FIXED_NOREPLACE 0x100000u

#define MREMAP_MAYMOVE 1u
#define MREMAP_FIXED   2u

#define VM_READ      PROT_READ
#define VM_WRITE     PROT_WRITE
#define VM_EXEC      PROT_EXEC
#define VM_ACCESS    (VM_READ | VM_WRITE | VM_EXEC)
#define VM_SHARED    0x08u
#define VM_MAYWRITE  0x20u  /* mprotect may add VM_WRITE */
#define VM_GROWSDOWN 0x100u /* a stack */
#define VM_ANON      0x200u /* has had pages of its own: see mm_copy */

#define STACK_GUARD_GAP 0x100000u /* 1 MiB that a stack leaves below it */
#define MAX_MAP_COUNT   65530u    /* areas of one address space */

struct account;
struct vm_area_struct;

/* What is behind an area that is not anonymous; of a file, mostly.
 * get_page: page number `index` of it, with a reference for the caller.
 *   => ERR_PTR(-EFAULT) past its end, ERR_PTR(-ENOMEM); may sleep
 * open, close: one more, one less area has it as its object (a split, a fork,
 * an end). They cannot fail; close may sleep. */
struct vm_operations {
	struct page *(*get_page)(struct vm_area_struct *area,
				 unsigned long index);
	void (*open)(struct vm_area_struct *area);
	void (*close)(struct vm_area_struct *area);
};

/* (M) mm->lock (C) constant */
struct vm_area_struct {
	struct rb_node node;   /* in mm->areas, but for young (M) */
	struct list_head list; /* in mm->list (M) */
	uintptr_t start, end;  /* pages from, to (M) */
	size_t gap;            /* room for others below, in the tree (M) */
	size_t max_gap;        /* the largest in this subtree (M) */
	struct mm_struct *mm;  /* (C) */
	u32 flags;             /* VM_* (M) */
	const struct vm_operations *ops; /* NULL: anonymous (C) */
	void *object;                    /* for ops: a reference is ours (C) */
	unsigned long pgoff; /* the first page's number in the object, or
			its address / PAGE_SIZE when it was mapped (M) */
};

enum {
	RSS_FILE,
	RSS_ANON
};

struct mm_struct {
	pde_t *pgd;                   /* (C) */
	struct mutex lock;            /* (M) */
	struct rb_root areas;         /* all but the youngest (M) */
	struct list_head list;        /* all areas, by address (M) */
	struct vm_area_struct *young; /* not in the tree yet, or NULL (M) */
	struct vm_area_struct *last;  /* found the last time (M) */
	unsigned int nr_areas;        /* (M) */
	unsigned long total_vm;       /* pages in areas (M) */
	unsigned long rss[2];         /* pages mapped: RSS_FILE, RSS_ANON (M) */
	unsigned long limit_as;       /* most total_vm, in pages (M) */
	size_t limit_stack;           /* bytes that a stack may have (M) */
	uintptr_t start_brk, brk;     /* the heap (M) */
	uintptr_t start_stack;        /* where exec put argc (M) */
	uintptr_t arg_start, arg_end, env_start, env_end; /* (M) */

	struct account *account; /* for areas and tables; NULL: no limit (C) */
	u32 charged;             /* bytes, to it (M) */
	int credit;              /* of them not in use (M) */

	u32 users;                  /* (R) */
	struct anon_family *family; /* who may share anonymous pages (C) */
	struct list_head siblings;  /* in family->members (R) */
	struct list_head all;       /* in the list of all of them (R) */
};

/* --- vm/vma.c: the areas ---------------------------------------------------- */

/* mm_create: an empty address space, with one user; its areas and tables are
 * charged to the account, if there is one. mm_get: one more.
 * mm_put: one less; the last gives everything back.
 * => NULL if there is no memory; mm_put may sleep, and the CPU must not be
 *    using its directory when the last user goes */
struct mm_struct *mm_create_for(struct account *account);
static inline struct mm_struct *
mm_create(void)
{
	return mm_create_for(NULL);
}
void mm_get(struct mm_struct *mm);
void mm_put(struct mm_struct *mm);

/* find_vma: the first area that ends above addr; it need not contain it.
 * => mm->lock held; NULL if there is none */
struct vm_area_struct *find_vma(struct mm_struct *mm, uintptr_t addr);

/* first_vma, next_vma: all of them, by address; NULL at the end.
 * => mm->lock held */
struct vm_area_struct *first_vma(struct mm_struct *mm);
struct vm_area_struct *next_vma(struct vm_area_struct *area);

/* mm_mmap: len bytes of something. flags: MAP_*, one of shared and private.
 * ops NULL: anonymous memory. may_write: mprotect may make a shared mapping
 * writable later.
 * => where, or -EINVAL, -ENOMEM, -EEXIST (MAP_FIXED_NOREPLACE) as Linux; on
 *    failure nothing has changed
 * => ops->open is called for what it keeps: the caller's reference stays his */
struct mmap_request {
	uintptr_t addr;
	size_t len;
	u32 prot, flags;
	const struct vm_operations *ops;
	void *object;
	unsigned long pgoff;
	bool may_write;
};
long mm_mmap(struct mm_struct *mm, const struct mmap_request *request);

/* mm_munmap: nothing is there any more. mm_protect: other rights, -ENOMEM
 * where there is a hole, -EACCES if they may not be had.
 * => 0 or -E; on failure nothing has changed */
int mm_munmap(struct mm_struct *mm, uintptr_t addr, size_t len);
int mm_protect(struct mm_struct *mm, uintptr_t addr, size_t len, u32 prot);

/* mm_remap: grow, shrink or move; old_len 0: a second view of a shared area.
 * => where, or -E; nothing has changed */
long mm_remap(struct mm_struct *mm, uintptr_t addr, size_t old_len,
	      size_t new_len, u32 flags, uintptr_t new_addr);

/* mm_brk: the heap's end; 0 asks. => the end, the old one if it cannot be */
uintptr_t mm_brk(struct mm_struct *mm, uintptr_t brk);

/* mm_limit_stack: so many bytes a stack may have from now on; room is kept for
 * them, as far as there is some. */
void mm_limit_stack(struct mm_struct *mm, size_t limit);

/* mm_discard: forget the pages' contents, keep the areas (MADV_DONTNEED).
 * => 0; -ENOMEM: there is a hole, and all around it is done; -EINVAL */
int mm_discard(struct mm_struct *mm, uintptr_t addr, size_t len);

/* mm_copy: what fork needs: the same areas; private pages are shared until
 * somebody writes. => NULL if there is no memory: nothing has changed */
struct mm_struct *mm_copy_for(struct mm_struct *mm, struct account *account);
static inline struct mm_struct *
mm_copy(struct mm_struct *mm)
{
	return mm_copy_for(mm, mm->account);
}

/* mm_check: walk everything; the page tables too.
 * => how much is wrong */
unsigned int mm_check(struct mm_struct *mm);

/* --- vm/fault.c: the pages -------------------------------------------------- */

enum fault_result {
	FAULT_DONE,
	FAULT_SEGV_MAPERR, /* there is no area */
	FAULT_SEGV_ACCERR, /* there is, but not for this */
	FAULT_BUS,         /* past the end of the file */
	FAULT_OOM          /* no memory for the page */
};

/* mm_fault: somebody touched addr; code is PF_WRITE or 0. */
enum fault_result mm_fault(struct mm_struct *mm, uintptr_t addr, u32 code);

/* pin_user_page: the page behind an address, brought in if need be, ready to
 * be written to if `write`. It stays until put_page, whatever the program does
 * to its mapping. => ERR_PTR(-EFAULT) or ERR_PTR(-ENOMEM) */
struct page *pin_user_page(struct mm_struct *mm, uintptr_t addr, bool write);

/* The page of zeroes that is behind all memory that was only read. */
extern struct page *zero_page;

/* user_memory_init: caches, the zero page. => boot */
void user_memory_init(void);

/* --- vm/rmap.c: from a page to its mappings -------------------------------- */

/* rmap_walk: call fn for every place where a user page is mapped.
 * => process context, no mm->lock held; fn is called with that of its mm
 * => how many there are */
unsigned int rmap_walk(struct page *page,
		       void (*fn)(struct mm_struct *mm, uintptr_t va,
				  void *arg),
		       void *arg);

/* rmap_unmap_object: no area shows page number `first` of the object any more,
 * or one behind it, or a private copy of one. A fault that has got such a page
 * already, and has yet to map it, is waited for.
 * => process context, no mm->lock held */
void rmap_unmap_object(const void *object, unsigned long first);

#endif
