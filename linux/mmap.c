/* mmap.c - an address space as programs see it: system calls over mm.h, and
 * files as what is behind an area.
 *
 *   mmap2(file)  area --object--> inode --inode_get_page--> its cached pages
 *   mmap2(MAP_SHARED | MAP_ANONYMOUS)   the same, of a file without a name
 *   mmap2(MAP_PRIVATE | MAP_ANONYMOUS)  no object: vm/fault.c makes the pages
 *   mmap2(/dev/zero)                    as if MAP_ANONYMOUS
 */
#include "errno.h"
#include "process.h"
#include "slab.h"
#include "syscall.h"
#include "uaccess.h"
#include "util.h"

#define MADV_DONTNEED 4
#define MADV_FREE     8
#define MADV_HINTS    0x3BF80Fu /* bit n: advice n changes nothing one can see */
#define MS_ASYNC      1u
#define MS_INVALIDATE 2u
#define MS_SYNC       4u
#define MCL_FLAGS     7u /* CURRENT, FUTURE, ONFAULT */

static struct page *
file_get_page(struct vm_area_struct *area, unsigned long index)
{
	return inode_get_page(area->object, index);
}

static void
file_area_open(struct vm_area_struct *area)
{
	inode_get(area->object);
}

static void
file_area_close(struct vm_area_struct *area)
{
	inode_put(area->object);
}

const struct vm_operations file_vm_ops = {
	.get_page = file_get_page,
	.open = file_area_open,
	.close = file_area_close,
};

/* May this file be mapped so? The area's object is its inode. */
static int
request_file(struct mmap_request *r, const struct file *file)
{
	u32 access = file->flags & O_ACCMODE;

	if (file->ops != &ramfs_file_ops) /* nor what /proc makes up */
		return -ENODEV;
	if (access == O_WRONLY)
		return -EACCES;
	r->may_write = access == O_RDWR;
	if ((r->flags & MAP_SHARED) && (r->prot & PROT_WRITE) && !r->may_write)
		return -EACCES;
	r->ops = &file_vm_ops;
	r->object = file->inode;
	return 0;
}

static long
map_shared(struct mmap_request *r)
{
	struct inode *inode;
	long result;

	if (r->len > TASK_SIZE)
		return -ENOMEM;
	inode = anon_shared_object(PAGE_ALIGN(r->len));
	if (IS_ERR(inode))
		return -ENOMEM;
	r->ops = &file_vm_ops;
	r->object = inode;
	r->pgoff = 0;
	r->may_write = true;
	result = mm_mmap(current->process->mm, r);
	inode_put(inode);
	return result;
}

static long
map_anonymous(struct mmap_request *r)
{
	r->pgoff = 0;
	if (r->flags & MAP_SHARED)
		return map_shared(r);
	return mm_mmap(current->process->mm, r);
}

static long
map_file(struct mmap_request *r, unsigned int fd)
{
	struct file *file = fd_get(fd);
	long result;

	if (!file)
		return -EBADF;
	if (S_ISCHR(file->inode->mode) && file->inode->rdev == DEV_ZERO) {
		file_put(file);
		return map_anonymous(r);
	}
	result = request_file(r, file);
	if (!result)
		result = mm_mmap(current->process->mm, r);
	file_put(file);
	return result;
}

/* Bits of prot that are nobody's are let pass, as on Linux. */
static long __syscall
sys_mmap2(u32 addr, u32 len, u32 prot, u32 flags, u32 fd, u32 pgoff)
{
	struct mmap_request r = {
		.addr = addr,
		.len = len,
		.prot = prot & (PROT_READ | PROT_WRITE | PROT_EXEC),
		.flags = flags,
		.pgoff = pgoff,
	};

	return flags & MAP_ANONYMOUS ? map_anonymous(&r) : map_file(&r, fd);
}
SYSCALL(192, mmap2, sys_mmap2, 6);

static long __syscall
sys_munmap(u32 addr, u32 len)
{
	return mm_munmap(current->process->mm, addr, len);
}
SYSCALL(91, munmap, sys_munmap, 2);

static long __syscall
sys_mprotect(u32 addr, u32 len, u32 prot)
{
	return mm_protect(current->process->mm, addr, len, prot);
}
SYSCALL(125, mprotect, sys_mprotect, 3);

static long __syscall
sys_mremap(u32 addr, u32 old_len, u32 new_len, u32 flags, u32 new_addr)
{
	return mm_remap(current->process->mm, addr, old_len, new_len, flags,
			new_addr);
}
SYSCALL(163, mremap, sys_mremap, 5);

static long __syscall
sys_brk(u32 brk)
{
	return mm_brk(current->process->mm, brk);
}
SYSCALL(45, brk, sys_brk, 1);

/* Is every page of the range in some area? */
static bool
is_mapped(struct mm_struct *mm, u32 addr, u32 len)
{
	struct vm_area_struct *area = find_vma(mm, addr);
	u32 at = addr;

	while (area && area->start <= at && at - addr < len) {
		at = area->end;
		area = next_vma(area);
	}
	return at - addr >= len;
}

static long
check_range(struct mm_struct *mm, u32 addr, u32 len)
{
	bool mapped;

	if (addr % PAGE_SIZE)
		return -EINVAL;
	if (!access_ok((void __user *)addr, len))
		return -ENOMEM;
	mutex_lock(&mm->lock);
	mapped = is_mapped(mm, addr, PAGE_ALIGN(len));
	mutex_unlock(&mm->lock);
	return mapped ? 0 : -ENOMEM;
}

static long __syscall
sys_madvise(u32 addr, u32 len, u32 advice)
{
	bool discard = advice == MADV_DONTNEED || advice == MADV_FREE;

	if (addr % PAGE_SIZE)
		return -EINVAL;
	if (!discard && (advice >= 32 || !(MADV_HINTS >> advice & 1)))
		return -EINVAL;
	if (!len)
		return 0;
	return discard ? mm_discard(current->process->mm, addr, len)
		       : check_range(current->process->mm, addr, len);
}
SYSCALL(219, madvise, sys_madvise, 3);

/* There is no disk to write to. */
static long __syscall
sys_msync(u32 addr, u32 len, u32 flags)
{
	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	return check_range(current->process->mm, addr, len);
}
SYSCALL(144, msync, sys_msync, 3);

/* Nothing is ever swapped out: what is there stays. */
static long __syscall
sys_mlock(u32 addr, u32 len)
{
	u32 start = addr & PAGE_MASK, whole = len + (addr - start);

	if (whole < len)
		return -EINVAL;
	return check_range(current->process->mm, start, whole);
}
SYSCALL(150, mlock, sys_mlock, 2);

static long __syscall
sys_munlock(u32 addr, u32 len)
{
	return sys_mlock(addr, len);
}
SYSCALL(151, munlock, sys_munlock, 2);

static long __syscall
sys_mlockall(u32 flags)
{
	return flags && !(flags & ~MCL_FLAGS) ? 0 : -EINVAL;
}
SYSCALL(152, mlockall, sys_mlockall, 1);

static long __syscall
sys_munlockall(void)
{
	return 0;
}
SYSCALL(153, munlockall, sys_munlockall, 0);

/* Is the page of a file that would be there cached? => mm->lock */
static bool
is_cached(struct mm_struct *mm, u32 addr)
{
	const struct vm_area_struct *area = find_vma(mm, addr);
	struct page *page;

	if (!area || area->start > addr || area->ops != &file_vm_ops)
		return false;
	page = inode_page(area->object,
			  area->pgoff + (addr - area->start) / PAGE_SIZE,
			  false);
	if (page)
		put_page(page);
	return page;
}

static bool
is_present(struct mm_struct *mm, u32 addr)
{
	const pte_t *entry;
	bool present;

	mutex_lock(&mm->lock);
	entry = pgtable_lookup(mm->pgd, addr);
	present = (entry && pte_has_page(*entry)) || is_cached(mm, addr);
	mutex_unlock(&mm->lock);
	return present;
}

static long __syscall
sys_mincore(u32 addr, u32 len, u8 __user *vec)
{
	struct mm_struct *mm = current->process->mm;
	long err = check_range(mm, addr, len);
	u32 offset;

	for (offset = 0; !err && offset < PAGE_ALIGN(len); offset += PAGE_SIZE)
		if (fatal_signal_pending())
			err = -ERESTARTNOINTR;
		else if (put_user((u8)is_present(mm, addr + offset),
				  vec + offset / PAGE_SIZE))
			err = -EFAULT;
	return err;
}
SYSCALL(218, mincore, sys_mincore, 3);
