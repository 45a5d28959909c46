/* cmd_contexts.c - contexts: what may be called where, found by calling it there.
 *
 *   names[]                    process  spinlock  interrupt  tasklet  timer
 *     kmalloc(GFP_KERNEL)  --> try()    try()     try()      try()    try()
 *     ...                        |
 *                   might_sleep_count() before and after; did it work?
 *
 * Each call cleans up after itself. What is reported is counted, not printed,
 * and the optional checks are on, so that what happened not to sleep this time
 * is told from what never does.
 */
#include "../debug/page_owner.h"
#include "command.h"
#include "console.h"
#include "drivers.h"
#include "errno.h"
#include "highmem.h"
#include "interrupt.h"
#include "jiffies.h"
#include "mempool.h"
#include "mutex.h"
#include "semaphore.h"
#include "string.h"
#include "tick.h"
#include "uaccess.h"
#include "util.h"
#include "vmalloc.h"
#include "workqueue.h"

enum context {
	PROCESS,
	SPINLOCK,
	INTERRUPT,
	TASKLET,
	TIMER,
	NR_CONTEXTS
};

enum call {
	KMALLOC_KERNEL,
	KMALLOC_ATOMIC,
	KFREE,
	PAGES_KERNEL,
	PAGES_ATOMIC,
	FREE_PAGES,
	VMALLOC,
	VFREE,
	KMAP,
	KMAP_LOCAL,
	POOL_KERNEL,
	POOL_ATOMIC,
	POOL_FREE,
	USER_COPY,
	MUTEX_LOCK,
	DOWN,
	DOWN_TRYLOCK,
	UP,
	WAIT_EVENT,
	WAKE_UP,
	MSLEEP,
	SPIN_LOCK,
	MOD_TIMER,
	TASKLET_SCHEDULE,
	SCHEDULE_WORK,
	NR_CALLS
};

static const char *const names[NR_CALLS] = {
	[KMALLOC_KERNEL] = "kmalloc(GFP_KERNEL)",
	[KMALLOC_ATOMIC] = "kmalloc(GFP_ATOMIC)",
	[KFREE] = "kfree",
	[PAGES_KERNEL] = "alloc_pages(GFP_KERNEL)",
	[PAGES_ATOMIC] = "alloc_pages(GFP_ATOMIC)",
	[FREE_PAGES] = "__free_pages",
	[VMALLOC] = "vmalloc",
	[VFREE] = "vfree",
	[KMAP] = "kmap",
	[KMAP_LOCAL] = "kmap_local_page",
	[POOL_KERNEL] = "mempool_alloc(GFP_KERNEL)",
	[POOL_ATOMIC] = "mempool_alloc(GFP_ATOMIC)",
	[POOL_FREE] = "mempool_free",
	[USER_COPY] = "copy_to_user",
	[MUTEX_LOCK] = "mutex_lock",
	[DOWN] = "down",
	[DOWN_TRYLOCK] = "down_trylock",
	[UP] = "up",
	[WAIT_EVENT] = "wait_event",
	[WAKE_UP] = "wake_up, complete",
	[MSLEEP] = "msleep",
	[SPIN_LOCK] = "spin_lock",
	[MOD_TIMER] = "mod_timer",
	[TASKLET_SCHEDULE] = "tasklet_schedule",
	[SCHEDULE_WORK] = "schedule_work",
};

/* What the calls need, made in process context. Of the locks one for each
 * context: lockdep would rightly object to one that is taken in all of them. */
static struct {
	void *object[NR_CONTEXTS], *area[NR_CONTEXTS], *element[NR_CONTEXTS];
	void *pages[NR_CONTEXTS];
	struct page *page;
	mempool_t *pool;
	struct mutex mutex[NR_CONTEXTS];
	struct semaphore sem[NR_CONTEXTS];
	wait_queue_head_t queue;
	struct timer_list victim; /* armed, never goes off */
	struct tasklet_struct tasklet;
	struct work_struct work;

	u8 cells[NR_CALLS][NR_CONTEXTS];
	unsigned int done; /* contexts */
} box;

#define WORKS   1u
#define REPORTS 2u

/* --- One call ----------------------------------------------------------------- */

static void *
take(void **place)
{
	void *p = *place;

	*place = NULL;
	return p;
}

static bool
give_back(void *p)
{
	kfree(p);
	return p != NULL;
}

static bool
give_page_back(struct page *page)
{
	if (page)
		__free_page(page);
	return page != NULL;
}

static bool
give_element_back(void *element)
{
	mempool_free(element, box.pool);
	return element != NULL;
}

/* => did it do what it is for? */
static bool
try_memory(enum call call, enum context here)
{
	void *p;

	switch (call) {
	case KMALLOC_KERNEL:
		return give_back(kmalloc(100, GFP_KERNEL));
	case KMALLOC_ATOMIC:
		return give_back(kmalloc(100, GFP_ATOMIC));
	case KFREE:
		return give_back(take(&box.object[here]));
	case PAGES_KERNEL:
		return give_page_back(alloc_pages(GFP_KERNEL, 0));
	case PAGES_ATOMIC:
		return give_page_back(alloc_pages(GFP_ATOMIC, 0));
	case FREE_PAGES:
		return give_page_back(take(&box.pages[here]));
	case VMALLOC:
		p = vmalloc(PAGE_SIZE);
		vfree(p);
		return p != NULL;
	case VFREE:
		vfree(take(&box.area[here]));
		return true;
	case KMAP:
		p = kmap(box.page);
		if (p)
			kunmap(box.page);
		return p != NULL;
	case KMAP_LOCAL:
		p = kmap_local_page(box.page);
		kunmap_local(p);
		return true;
	case POOL_KERNEL:
		return give_element_back(mempool_alloc(box.pool, GFP_KERNEL));
	case POOL_ATOMIC:
		return give_element_back(mempool_alloc(box.pool, GFP_ATOMIC));
	default:
		return give_element_back(take(&box.element[here]));
	}
}

static bool
try_others(enum call call, enum context here)
{
	static spinlock_t locks[NR_CONTEXTS];
	struct mutex *mutex = &box.mutex[here];
	struct semaphore *sem = &box.sem[here];

	switch (call) {
	case USER_COPY:
		return copy_to_user((void __user *)PAGE_SIZE, "", 1) == 1;
	case MUTEX_LOCK:
		mutex_lock(mutex);
		mutex_unlock(mutex);
		return true;
	case DOWN:
		down(sem);
		up(sem);
		return true;
	case DOWN_TRYLOCK:
		if (down_trylock(sem))
			return false;
		up(sem);
		return true;
	case UP:
		up(sem);
		return true;
	case WAIT_EVENT:
		wait_event(box.queue, true);
		return true;
	case WAKE_UP:
		wake_up(&box.queue);
		return true;
	case MSLEEP:
		msleep(1);
		return true;
	case SPIN_LOCK:
		spin_lock(&locks[here]);
		spin_unlock(&locks[here]);
		return true;
	case MOD_TIMER:
		mod_timer(&box.victim, jiffies + 3600 * HZ);
		return true;
	case TASKLET_SCHEDULE:
		tasklet_schedule(&box.tasklet);
		return true;
	default:
		schedule_work(&box.work);
		return true;
	}
}

static void
try_all(enum context here)
{
	unsigned int before;
	enum call call;
	bool works;

	for (call = 0; call < NR_CALLS; call++) {
		before = might_sleep_count();
		works = call < USER_COPY ? try_memory(call, here)
					 : try_others(call, here);
		box.cells[call][here] =
			(works ? WORKS : 0) |
			(might_sleep_count() != before ? REPORTS : 0);
	}
	WRITE_ONCE(box.done, box.done + 1);
}

/* --- The contexts --------------------------------------------------------------- */

static void
try_in_interrupt(void)
{
	tick_set_hook(NULL);
	try_all(INTERRUPT);
}

static void
try_in_tasklet(struct tasklet_struct *t __maybe_unused)
{
	try_all(TASKLET);
}

static void
try_in_timer(struct timer_list *t __maybe_unused)
{
	try_all(TIMER);
}

static void
nothing_to_do(struct tasklet_struct *t __maybe_unused)
{
}

static void
no_timer(struct timer_list *t __maybe_unused)
{
}

static void
no_work(struct work_struct *work __maybe_unused)
{
}

static void
try_everywhere(void)
{
	static DEFINE_SPINLOCK(lock);
	static DECLARE_TASKLET(tasklet, try_in_tasklet);
	static DEFINE_TIMER(timer, try_in_timer);

	box.done = 0;
	try_all(PROCESS);
	spin_lock(&lock);
	try_all(SPINLOCK);
	spin_unlock(&lock);
	tick_set_hook(try_in_interrupt);
	tasklet_schedule(&tasklet);
	mod_timer(&timer, jiffies + 1);
	while (READ_ONCE(box.done) < NR_CONTEXTS)
		msleep(1);
}

/* --- The command ------------------------------------------------------------------ */

static bool
prepare(void)
{
	bool ok = true;
	unsigned int i;

	memset(&box, 0, sizeof(box));
	box.pool = mempool_create_kmalloc_pool(1, 100);
	if (!box.pool)
		return false;
	box.page = alloc_page(GFP_HIGHUSER);
	init_waitqueue_head(&box.queue);
	timer_setup(&box.victim, no_timer, 0);
	tasklet_setup(&box.tasklet, nothing_to_do);
	INIT_WORK(&box.work, no_work);
	for (i = 0; i < NR_CONTEXTS; i++) {
		mutex_init(&box.mutex[i]);
		box.mutex[i].class = NULL; /* each of its own */
		sema_init(&box.sem[i], 1);
		box.object[i] = kmalloc(100, GFP_KERNEL);
		box.pages[i] = alloc_page(GFP_KERNEL);
		box.area[i] = vmalloc(PAGE_SIZE);
		box.element[i] = mempool_alloc(box.pool, GFP_KERNEL);
		ok = ok && box.object[i] && box.pages[i] && box.area[i];
	}
	return ok && box.page;
}

/* What prepare has got, as far as it came, and nobody has given back. */
static void
clean_up(void)
{
	unsigned int i;

	for (i = 0; i < NR_CONTEXTS && box.pool; i++) {
		kfree(box.object[i]);
		vfree(box.area[i]);
		give_page_back(box.pages[i]);
		give_element_back(box.element[i]);
	}
	give_page_back(box.page);
	mempool_destroy(box.pool);
}

static int
cmd_contexts(int argc __maybe_unused, char **argv __maybe_unused)
{
	static const char *const cells[] = {"fails", "yes", "BUG, fails",
					    "BUG"};
	unsigned int call, i;

	if (!prepare()) {
		clean_up();
		return command_refuse(-ENOMEM, "There is not enough memory.");
	}
	might_sleep_quiet = true;
	sleep_check_set(true);
	try_everywhere();
	sleep_check_set(false);
	might_sleep_quiet = false;
	del_timer_sync(&box.victim);
	cancel_work_sync(&box.work);
	clean_up();

	console_printf("%-25s %-10s %-10s %-10s %-10s %s\n", "", "process",
		       "spinlock", "interrupt", "tasklet", "timer");
	for (call = 0; call < NR_CALLS; call++) {
		console_printf("%-25s", names[call]);
		for (i = 0; i < NR_CONTEXTS - 1; i++)
			console_printf(" %-10s", cells[box.cells[call][i]]);
		console_printf(" %s\n", cells[box.cells[call][i]]);
	}
	console_printf("yes: allowed; BUG: it may sleep, and that is reported "
		       "here;\nfails: and it did not work\n");
	return 0;
}
COMMAND(contexts, "",
	"tries what may be called where\n"
	"A table of calls against contexts: a process, one that holds a\n"
	"spinlock, an interrupt, a tasklet, a timer. Each cell is found by\n"
	"making the call there.");
