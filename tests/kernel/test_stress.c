/* test_stress.c - everybody allocates and frees, by every way there is, in every
 * context that allows it, while memory is short.
 *
 *   6 threads     GFP_KERNEL: heap, pages, vmalloc, pool, cache, kmap; sleep
 *   a work item   the same, in the workqueue
 *   a timer       GFP_ATOMIC: heap, pages, pool, cache
 *   a tasklet     the same              | each has its slots; now and then what
 *   the tick      the same, in hardirq  | is in one is put on the market, where
 *                                         somebody else takes and frees it
 *   the grocer    hoards what is free above high, in a cache that a shrinker
 *                 gives back, slowly
 *
 * Whatever one has is marked at both ends, and looked at before it is freed.
 * `soak=SECONDS` makes it longer than a second (of the machine's time).
 */
#include "../../mm/internal.h"
#include "command.h"
#include "drivers.h"
#include "errno.h"
#include "heap_helpers.h"
#include "highmem.h"
#include "interrupt.h"
#include "jiffies.h"
#include "kthread.h"
#include "mempool.h"
#include "mutex.h"
#include "page_helpers.h"
#include "param.h"
#include "tick.h"
#include "timer_check.h"
#include "util.h"
#include "vmalloc.h"
#include "vmap_debug.h"
#include "workqueue.h"

#define NR_THREADS  6
#define NR_SLOTS    24
#define MARKET      16
#define LEFT_FREE   128 /* pages above high, when it begins */
#define GIVEN       4   /* pages a tick that the shrinker gives */
#define OBJECT_SIZE 200

enum kind {
	NOTHING,
	HEAP,
	CACHE,
	POOL,
	PAGES,
	HIGH_PAGE,
	AREA,
	NR_KINDS
};

struct thing {
	enum kind kind;
	void *p;
	size_t size;
	u32 mark;
};

/* One who has things. */
struct holder {
	u32 random;
	struct thing slots[NR_SLOTS];
	unsigned long rounds, failed;
};

static u32 soak_seconds = 1;

static struct {
	struct holder threads[NR_THREADS], work, timer, tasklet, tick;
	struct thing market[MARKET];
	spinlock_t market_lock;
	struct kmem_cache *cache;
	mempool_t *pool, *quick_pool; /* of the latter nobody keeps any */
	struct pile hoard, groceries;
	struct mutex groceries_lock;
	unsigned long scans, lowest; /* calls; free pages then */
	unsigned long broken; /* marks that were not what they should be */
	bool on, shrinks;
	struct timer_list timer_list;
	struct tasklet_struct tasklet_struct;
	struct work_struct work_struct;
} all;

static int
set_soak(const char *value)
{
	return kstrtou32(value, 10, &soak_seconds);
}
BOOT_PARAM(soak, "SECONDS", "how long the test stress.* runs", set_soak);

static u32
random(struct holder *h)
{
	h->random = h->random * 1664525 + 1013904223;
	return h->random >> 8;
}

/* --- Things ------------------------------------------------------------------- */

/* Its first and last word, wherever they are. */
static void
mark(const struct thing *t, bool check)
{
	u32 *first = t->p, *last;

	if (t->kind == HIGH_PAGE)
		first = kmap_local_page(t->p);
	last = (u32 *)((char *)first + t->size) - 1;
	if (check && (*first != t->mark || *last != t->mark))
		all.broken++;
	*first = *last = t->mark;
	if (t->kind == HIGH_PAGE)
		kunmap_local(first);
}

static void
get(struct holder *h, struct thing *t, gfp_t gfp)
{
	bool may_sleep = gfpflags_allow_blocking(gfp);
	unsigned int order = random(h) % 3;

	gfp |= __GFP_NOWARN;
	t->kind = 1 + random(h) % (may_sleep ? NR_KINDS - 1 : HIGH_PAGE);
	t->size = PAGE_SIZE << order;
	switch (t->kind) {
	case HEAP:
		t->size = 64u << 2 * (random(h) % 4); /* few caches */
		t->p = kmalloc(t->size, gfp);
		break;
	case CACHE:
		t->size = OBJECT_SIZE;
		t->p = kmem_cache_alloc(all.cache, gfp);
		break;
	case POOL:
		t->size = OBJECT_SIZE;
		t->p = mempool_alloc(all.pool, gfp & ~__GFP_DIRECT_RECLAIM);
		break;
	case PAGES:
		t->p = (void *)__get_free_pages(gfp, order);
		break;
	case HIGH_PAGE:
		t->size = PAGE_SIZE;
		t->p = alloc_page(gfp | __GFP_HIGHMEM);
		break;
	default:
		t->p = __vmalloc(t->size, gfp);
		break;
	}
	h->failed += !t->p;
	if (!t->p) {
		t->kind = NOTHING;
		return;
	}
	t->mark = random(h);
	mark(t, false);
}

/* => any context */
static void
put(struct thing *t)
{
	if (t->kind == NOTHING)
		return;
	mark(t, true);
	switch (t->kind) {
	case HEAP:
		kfree(t->p);
		break;
	case CACHE:
		kmem_cache_free(all.cache, t->p);
		break;
	case POOL:
		mempool_free(t->p, all.pool);
		break;
	case PAGES:
		free_pages((unsigned long)t->p, get_order(t->size));
		break;
	case HIGH_PAGE:
		__free_page(t->p);
		break;
	default:
		vfree(t->p);
		break;
	}
	t->kind = NOTHING;
}

/* What is in one place of the market for what one has. */
static void
trade(struct holder *h, struct thing *t)
{
	struct thing *place = &all.market[random(h) % MARKET];
	unsigned long flags;

	spin_lock_irqsave(&all.market_lock, flags);
	swap(*place, *t);
	spin_unlock_irqrestore(&all.market_lock, flags);
}

static void
one_round(struct holder *h, gfp_t gfp)
{
	struct thing *t = &h->slots[random(h) % NR_SLOTS];

	h->rounds++;
	if (random(h) % 4 == 0)
		trade(h, t);
	if (t->kind == NOTHING)
		get(h, t, gfp);
	else
		put(t);
}

/* --- Who has them ---------------------------------------------------------------- */

/* A page of the high zone is also mapped for long, where one may wait. */
static void
map_for_long(struct holder *h)
{
	struct thing *t = &h->slots[random(h) % NR_SLOTS];
	void *p;

	if (t->kind != HIGH_PAGE || !(p = kmap(t->p)))
		return;
	all.broken += *(u32 *)p != t->mark;
	cond_resched();
	kunmap(t->p);
}

static int
thread(void *data)
{
	struct holder *h = data;
	void *element;

	while (!kthread_should_stop()) {
		one_round(h, random(h) % 8 ? GFP_KERNEL : GFP_NOWAIT);
		map_for_long(h);
		if (random(h) % 16 == 0) { /* never NULL; at once given back */
			element = mempool_alloc(all.quick_pool, GFP_KERNEL);
			all.broken += !element;
			cond_resched();
			mempool_free(element, all.quick_pool);
		}
		if (random(h) % 256 == 0)
			schedule_timeout_uninterruptible(random(h) % 3);
	}
	return 0;
}

static void
work(struct work_struct *w __maybe_unused)
{
	unsigned int i;

	for (i = 0; i < 4; i++)
		one_round(&all.work, GFP_KERNEL);
}

static void
timer(struct timer_list *t)
{
	one_round(&all.timer, GFP_ATOMIC);
	schedule_work(&all.work_struct);
	mod_timer(t, jiffies + 1);
}

static void
tasklet(struct tasklet_struct *t __maybe_unused)
{
	one_round(&all.tasklet, GFP_ATOMIC);
}

static void
tick(void)
{
	unsigned int i;

	for (i = 0; i < 8; i++)
		one_round(&all.tick, GFP_ATOMIC);
	tasklet_schedule(&all.tasklet_struct);
}

/* --- The grocer, and his shrinker --------------------------------------------------- */

static unsigned long
count_groceries(void)
{
	return all.shrinks ? all.groceries.pages : 0;
}

static unsigned long
scan_groceries(unsigned long nr __maybe_unused, gfp_t gfp __maybe_unused)
{
	unsigned long n = 0;
	struct page *page;

	all.scans++;
	all.lowest = min(all.lowest, nr_free_pages());
	schedule_timeout_uninterruptible(1);
	mutex_lock(&all.groceries_lock);
	while (n < GIVEN && (page = pile_pop(&all.groceries))) {
		__free_page(page);
		n++;
	}
	mutex_unlock(&all.groceries_lock);
	return n;
}
SHRINKER(groceries, count_groceries, scan_groceries);

/* Above low, and nobody is woken for it. */
static int
grocer(void *data __maybe_unused)
{
	struct page *page;
	unsigned int n;

	while (!kthread_should_stop()) {
		mutex_lock(&all.groceries_lock);
		for (n = 0; n < 2 * GIVEN; n++) {
			if (zones[ZONE_NORMAL].free_pages +
				    zones[ZONE_DMA].free_pages <
			    zones[ZONE_NORMAL].watermark[WMARK_LOW] +
				    zones[ZONE_DMA].watermark[WMARK_LOW])
				break;
			page = alloc_page(__GFP_NOWARN);
			if (page)
				pile_push(&all.groceries, page);
		}
		mutex_unlock(&all.groceries_lock);
		schedule_timeout_uninterruptible(1);
	}
	return 0;
}

/* --- The test ------------------------------------------------------------------------- */

static void
hoard(void)
{
	unsigned long leave = LEFT_FREE;
	struct page *page;
	unsigned int i;

	for (i = 0; i <= ZONE_NORMAL; i++)
		leave += zones[i].watermark[WMARK_HIGH] +
			 zones[i].lowmem_reserve[ZONE_NORMAL];
	pile_fill_all(&all.hoard, __GFP_NOWARN);
	while (nr_free_pages() - zones[ZONE_HIGHMEM].free_pages < leave &&
	       (page = pile_pop(&all.hoard)))
		__free_pages(page, page_order(page));
}

static void
holder_end(struct holder *h, const char *who)
{
	unsigned int i;

	for (i = 0; i < NR_SLOTS; i++)
		put(&h->slots[i]);
	EXPECT_OP(h->rounds, >, 0ul);
	if (soak_seconds > 1)
		pr_info("stress: %s: %lu rounds, %lu times NULL\n", who,
			h->rounds, h->failed);
}

static void
run_for_a_while(struct task_struct **tasks, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		wake_up_process(tasks[i]);
	mod_timer(&all.timer_list, jiffies + 1);
	tick_set_hook(tick);
	for (i = 1; i <= soak_seconds && !command_stopped(); i++) {
		msleep(1000);
		if (i % 10 == 0)
			pr_info("stress: %u s, %lu pages free, %lu groceries, "
				"%lu broken\n",
				i, nr_free_pages(), all.groceries.pages,
				all.broken);
	}
	for (i = 0; i < nr; i++)
		kthread_stop(tasks[i]);
	tick_set_hook(NULL);
	del_timer_sync(&all.timer_list);
	tasklet_kill(&all.tasklet_struct);
	cancel_work_sync(&all.work_struct);
}

static bool
prepare(struct task_struct **tasks)
{
	unsigned int i;

	memset(&all, 0, sizeof(all));
	spin_lock_init(&all.market_lock);
	mutex_init(&all.groceries_lock);
	timer_setup(&all.timer_list, timer, 0);
	tasklet_setup(&all.tasklet_struct, tasklet);
	INIT_WORK(&all.work_struct, work);
	all.cache = kmem_cache_create("stress", OBJECT_SIZE, 0, 0, NULL);
	all.pool = mempool_create_kmalloc_pool(4, OBJECT_SIZE);
	all.quick_pool = mempool_create_kmalloc_pool(2, OBJECT_SIZE);
	for (i = 0; i <= NR_THREADS; i++) {
		tasks[i] = i < NR_THREADS
				   ? kthread_create(thread, &all.threads[i],
						    "stress/%u", i)
				   : kthread_create(grocer, NULL, "grocer");
		if (!EXPECT(!IS_ERR(tasks[i])))
			return false;
		sched_set_priority(tasks[i], DEFAULT_PRIO + 2 - i);
	}
	return EXPECT(all.cache && all.pool && all.quick_pool);
}

TEST(stress, everybody_allocates_and_frees_everywhere)
{
	struct task_struct *tasks[NR_THREADS + 1];
	unsigned int i;

	if (!prepare(tasks))
		return;
	hoard();
	all.lowest = nr_free_pages();
	all.shrinks = true;
	run_for_a_while(tasks, ARRAY_SIZE(tasks));
	all.shrinks = false;

	for (i = 0; i < NR_THREADS; i++)
		holder_end(&all.threads[i], "a thread");
	holder_end(&all.work, "the work");
	holder_end(&all.timer, "the timer");
	holder_end(&all.tasklet, "the tasklet");
	holder_end(&all.tick, "the tick");
	for (i = 0; i < MARKET; i++)
		put(&all.market[i]);
	if (soak_seconds > 1)
		pr_info("stress: shrunk %lu times, at %lu pages the lowest\n",
			all.scans, all.lowest);
	EXPECT_EQ(all.broken, 0ul);
	EXPECT_OP(all.scans, >, 0ul); /* memory has been short */
	EXPECT_EQ(heap_broken(), 0u);
	EXPECT_EQ(zones_broken(), 0u);
	EXPECT_EQ(vmap_check(), 0u);
	EXPECT_EQ(timer_base_check(&timer_base), 0u);
	pile_free(&all.groceries);
	pile_free(&all.hoard);
	mempool_destroy(all.pool);
	mempool_destroy(all.quick_pool);
	kmem_cache_destroy(all.cache);
}
