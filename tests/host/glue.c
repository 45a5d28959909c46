/* glue.c - what kernel code calls that the host has not got: see glue.h.
 *
 * panic ends the program: a test that comes here has found a bug. printk
 * formats, so that a wrong format or argument is found, and keeps the text,
 * for tests that expect a report.
 */
#include "glue.h"
#include "drivers.h"
#include "host.h"
#include "memblock.h"
#include "page.h"
#include "panic.h"
#include "patch.h"
#include "pgtable.h"
#include "preempt.h"
#include "printf.h"
#include "printk.h"
#include "sched.h"
#include "sections.h"
#include "string.h"
#include "trap.h"
#include "util.h"
#include "wait.h"
#include "x86.h"

#define LOG_SIZE  65536
#define HIGH_MOST (64 * SZ_1M)
#define GARBAGE   0x5A

/* The host's mmap, as Linux on i386 has it. */
void *libc_mmap(void *at, size_t size, int prot, int flags, int fd,
		long offset) __asm__("mmap");
#define MMAP_READ_WRITE 3
#define MMAP_ANYWHERE   0x4022   /* private, anonymous, no swap set aside */
#define MMAP_AT         0x100000 /* there, and over nothing else */
#define MMAP_FAILED     ((void *)-1)

unsigned long host_eflags = EFLAGS_FIXED | EFLAGS_IF;
void *high_memory;
phys_addr_t lowmem_limit = LOWMEM_LIMIT;
bool page_guard;
bool initmem_freed;
char boot_stack[1];
bool patch_on[NR_PATCH_KEYS];
void (*host_irq)(void);
struct symbol host_symbol;
struct host_cpu host_cpu;
void (*host_forget)(uintptr_t va, bool all);
pde_t swapper_pg_dir[PTRS_PER_TABLE] __aligned(PAGE_SIZE);
uintptr_t vmalloc_start = VMALLOC_END - VMALLOC_SPACE;
u32 page_global = _PAGE_GLOBAL;
pte_t pkmap_table[PTRS_PER_TABLE];

static struct {
	char *low, *high; /* RAM; NULL: not mapped yet */
	unsigned int windows;
	phys_addr_t window[FIXMAP_SLOTS];
	size_t log_length;
	char log[LOG_SIZE];
} machine;

/* --- The log ---------------------------------------------------------------- */

void
panic(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	host_fail_hard(text);
}

/* What does not fit any more is formatted and dropped. */
int
printk(const char *fmt, ...)
{
	size_t room = LOG_SIZE - machine.log_length;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(machine.log + machine.log_length, room, fmt, ap);
	va_end(ap);
	machine.log_length += min((size_t)len, room - 1);
	return len;
}

ktime_t host_now;

ktime_t
ktime_get(void)
{
	return host_now;
}

ktime_t
ktime_get_real(void)
{
	return host_now + (ktime_t)1600000000 * NSEC_PER_SEC;
}

struct task_struct *
task_next(struct task_struct *task __maybe_unused)
{
	return NULL;
}

void
host_log_clear(void)
{
	machine.log_length = 0;
	machine.log[0] = '\0';
}

unsigned int
host_logged(const char *text)
{
	const char *at = machine.log;
	unsigned int times = 0;

	while ((at = strstr(at, text))) {
		times++;
		at += strlen(text);
	}
	return times;
}

void
report_backtrace(u32 ip, u32 caller, u32 bp)
{
	printk("  backtrace: %pS %pS %08x\n", (void *)ip, (void *)caller, bp);
}

bool
symbol_find(u32 address, struct symbol *sym)
{
	*sym = host_symbol;
	return address - sym->address < sym->size;
}

/* --- Interrupts, the clock, patched code --------------------------------------- */

void
host_tick(void)
{
	assert(!irqs_disabled());
	jiffies++;
	if (!host_irq)
		return;
	local_irq_disable();
	irq_enter();
	host_irq();
	irq_exit();
	local_irq_enable();
}

void
patch_set(enum patch_key key, bool on)
{
	patch_on[key] = on;
}

bool
patch_is_on(enum patch_key key)
{
	return patch_on[key];
}

/* --- Sleeping: nobody else is there who could wake ------------------------------- */

void
prepare_to_wait(wait_queue_head_t *queue __maybe_unused,
		struct wait_queue_entry *wait __maybe_unused,
		u32 state __maybe_unused)
{
}

void
leave_queue(wait_queue_head_t *queue __maybe_unused,
	    struct wait_queue_entry *wait __maybe_unused)
{
}

void
wake_up_nr(wait_queue_head_t *queue __maybe_unused,
	   unsigned int nr __maybe_unused)
{
}

long
schedule_timeout(long ticks)
{
	for (; ticks; ticks--)
		host_tick();
	return 0;
}

/* --- The TLB ------------------------------------------------------------------- */

unsigned long
read_cr3(void)
{
	return host_cpu.cr3;
}

void
write_cr3(unsigned long value)
{
	host_cpu.cr3 = value;
	host_cpu.cr3_writes++;
	if (host_forget && !(host_cpu.cr4 & CR4_PGE))
		host_forget(0, true);
}

unsigned long
read_cr4(void)
{
	return host_cpu.cr4;
}

void
write_cr4(unsigned long value)
{
	bool flip = (host_cpu.cr4 ^ value) & CR4_PGE;

	host_cpu.pge_flips += flip;
	host_cpu.cr4 = value;
	if (host_forget && flip)
		host_forget(0, true);
}

void
invlpg(const void *va)
{
	if (host_cpu.invlpgs < ARRAY_SIZE(host_cpu.invlpg_pages))
		host_cpu.invlpg_pages[host_cpu.invlpgs] =
			(uintptr_t)va & PAGE_MASK;
	host_cpu.invlpgs++;
	if (host_forget)
		host_forget((uintptr_t)va, false);
}

/* --- Memory ------------------------------------------------------------------------ */

/* Slots are a stack: the next one to be set is the number of those in use. */
void *
fixmap_set(unsigned int slot, phys_addr_t pa)
{
	assert_op(slot, ==, machine.windows);
	machine.window[machine.windows++] = pa;
	return host_high_page(pa);
}

void
fixmap_clear(unsigned int slot)
{
	assert_op(slot + 1, ==, machine.windows);
	machine.windows--;
}

unsigned int
host_windows(void)
{
	return machine.windows;
}

void *
host_high_page(phys_addr_t pa)
{
	assert_op(pa - LOWMEM_LIMIT, <, HIGH_MOST);
	return machine.high + (pa - LOWMEM_LIMIT);
}

int
copy_from_kernel_nofault(void *dst, const void *src, size_t n)
{
	memcpy(dst, src, n);
	return 0;
}

static char *
map(void *at, size_t size)
{
	char *p = libc_mmap(at, size, MMAP_READ_WRITE,
			    MMAP_ANYWHERE | (at ? MMAP_AT : 0), -1, 0);

	if (p == MMAP_FAILED || (at && p != at))
		host_fail_hard("no room for the machine's RAM");
	return p;
}

void
host_machine(phys_addr_t low, phys_addr_t high)
{
	static const struct memblock empty;

	if (!machine.low) {
		machine.low = map((void *)PAGE_OFFSET, BOOT_MAP_SIZE * 8);
		machine.high = map(NULL, HIGH_MOST);
	}
	assert(low <= BOOT_MAP_SIZE * 8 && high <= HIGH_MOST);
	libc_memset(machine.low, GARBAGE, low);
	libc_memset(machine.high, GARBAGE, high);
	high_memory = machine.low + low;
	memblock = empty;
	if (memblock_add(&memblock, 0, low) ||
	    memblock_add(&memblock, LOWMEM_LIMIT, high))
		host_fail_hard("no room in memblock");
	host_eflags = EFLAGS_FIXED | EFLAGS_IF;
	host_irq = NULL;
	system_running = true;
	initmem_freed = false;
	host_log_clear();
}
