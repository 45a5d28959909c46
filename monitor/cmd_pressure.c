/* cmd_pressure.c - pressure: memory becomes short, and one can watch who does
 * what about it.
 *
 *   everything but a little ---> hoard     given back at the end
 *   a few hundred pages -------> cache     what a shrinker gives back, slowly
 *
 *   eater (thread)    takes page after page, GFP_KERNEL: waits at min
 *   timer             takes one now and then, GFP_ATOMIC: the reserve is for it
 *   reclaimer         below low it shrinks our cache, until high
 *   we                look eight times a second, and draw
 *
 * Who has taken pages links them through page->private: that needs no memory.
 */
#include "command.h"
#include "console.h"
#include "errno.h"
#include "jiffies.h"
#include "kthread.h"
#include "string.h"
#include "timer.h"
#include "util.h"

#define QUIETLY     __GFP_NOWARN /* down to min, and nobody is woken */
#define LINE_TICKS  (HZ / 10)
#define MAX_LINES   80
#define GIVEN       3  /* units that the shrinker gives each tick ... */
#define EATEN       4  /* ... and that the eater takes */
#define TIMER_TICKS 10 /* the timer takes a page so often */
#define BAR         28

struct pile {
	struct page *top;
	unsigned long pages;
};

static struct {
	struct pile hoard, cache, eaten, atomic;
	unsigned int unit; /* pages: more where the marks are far apart */
	bool on;
	bool asking; /* the eater is inside alloc_page */
	bool failed; /* it got NULL: nothing was left to reclaim */
	unsigned int atomic_failed;
	unsigned int by_reclaimer, by_eater; /* times that they shrank */
	unsigned int seen; /* of by_reclaimer, when the last line was drawn */
	struct timer_list timer;
} show;

static void
push(struct pile *pile, struct page *page)
{
	page->private = (unsigned long)pile->top;
	pile->top = page;
	pile->pages++;
}

static unsigned long
give(struct pile *pile, unsigned long pages)
{
	unsigned long n;
	struct page *page;

	for (n = 0; n < pages && (page = pile->top); n++) {
		pile->top = (struct page *)page->private;
		pile->pages--;
		__free_page(page);
	}
	return n;
}

/* --- Who takes, and who gives --------------------------------------------------- */

static unsigned long
cache_count(void)
{
	return show.on ? show.cache.pages : 0;
}

static unsigned long
cache_scan(unsigned long nr __maybe_unused, gfp_t gfp __maybe_unused)
{
	if (strcmp(current->comm, "reclaimer") == 0)
		show.by_reclaimer++;
	else
		show.by_eater++;
	schedule_timeout_uninterruptible(1);
	return give(&show.cache, GIVEN * show.unit);
}
SHRINKER(pressure, cache_count, cache_scan);

static int
eat(void *unused __maybe_unused)
{
	struct page *page;
	unsigned int i;

	while (!kthread_should_stop() && !show.failed) {
		for (i = 0; i < EATEN * show.unit && !show.failed; i++) {
			show.asking = true;
			page = alloc_page(GFP_KERNEL | __GFP_NOWARN);
			show.asking = false;
			show.failed = !page;
			if (page)
				push(&show.eaten, page);
		}
		schedule_timeout_uninterruptible(1);
	}
	return 0;
}

static void
take_atomic(struct timer_list *timer)
{
	struct page *page = alloc_page(GFP_ATOMIC | __GFP_NOWARN);

	if (page)
		push(&show.atomic, page);
	else
		show.atomic_failed++;
	mod_timer(timer, jiffies + TIMER_TICKS);
}

/* --- What one sees ------------------------------------------------------------- */

/* Of the zones that serve GFP_KERNEL, less what they keep for others. */
static unsigned long
sum_of_marks(unsigned int mark)
{
	return zones[ZONE_DMA].watermark[mark] +
	       zones[ZONE_NORMAL].watermark[mark];
}

static unsigned long
free_now(void)
{
	const struct zone *dma = &zones[ZONE_DMA];
	unsigned long kept = dma->lowmem_reserve[ZONE_NORMAL];

	return zones[ZONE_NORMAL].free_pages +
	       (dma->free_pages > kept ? dma->free_pages - kept : 0);
}

static unsigned int
place(unsigned long pages)
{
	return min(pages * BAR / (2 * sum_of_marks(WMARK_HIGH)), BAR - 1ul);
}

static void
print_head(void)
{
	char bar[BAR + 1];

	memset(bar, ' ', BAR);
	bar[BAR] = '\0';
	bar[place(sum_of_marks(WMARK_MIN))] = 'm';
	bar[place(sum_of_marks(WMARK_LOW))] = 'l';
	bar[place(sum_of_marks(WMARK_HIGH))] = 'h';
	console_printf("min %lu, low %lu, high %lu pages; the cache has %lu\n",
		       sum_of_marks(WMARK_MIN), sum_of_marks(WMARK_LOW),
		       sum_of_marks(WMARK_HIGH), show.cache.pages);
	console_printf("    s  free  %s  reclaimer  eater    cache  timer\n",
		       bar);
}

static void
print_line(unsigned long ticks)
{
	unsigned int now = READ_ONCE(show.by_reclaimer), n;
	char bar[BAR + 1];

	n = place(free_now());
	memset(bar, '#', n);
	memset(bar + n, ' ', BAR - n);
	bar[BAR] = '\0';
	console_printf("%2lu.%02lu %5lu |%s| %-9s  %-7s %6lu  %lu%s\n",
		       ticks / HZ, ticks % HZ * 100 / HZ, free_now(), bar,
		       now != show.seen ? "shrinks" : "sleeps",
		       show.failed   ? "fails"
		       : show.asking ? "waits"
				     : "eats",
		       show.cache.pages, show.atomic.pages,
		       show.atomic_failed ? ", none" : "");
	show.seen = now;
}

/* --- The command ----------------------------------------------------------------- */

/* Everything but a little above high; the cache is of twice that. */
static void
take_all_but_a_little(void)
{
	unsigned long high = sum_of_marks(WMARK_HIGH);
	unsigned long spread = high - sum_of_marks(WMARK_MIN);
	struct page *page;

	memset(&show, 0, sizeof(show));
	show.unit = max(spread / 128, 1ul);
	while (!command_stopped() && show.cache.pages < 2 * high &&
	       (page = alloc_page(QUIETLY)))
		push(&show.cache, page);
	drain_local_pages();
	while (!command_stopped() && free_now() > high + spread / 2 &&
	       (page = alloc_page(QUIETLY)))
		push(&show.hoard, page);
}

static void
watch(void)
{
	unsigned long start = jiffies;
	unsigned int line, after = 3;

	for (line = 0; line < MAX_LINES && after && !command_stopped();
	     line++) {
		print_line(jiffies - start);
		after -= show.failed;
		schedule_timeout_uninterruptible(LINE_TICKS);
	}
}

static int
cmd_pressure(int argc __maybe_unused, char **argv __maybe_unused)
{
	struct task_struct *eater = kthread_create(eat, NULL, "eater");

	if (IS_ERR(eater)) {
		return command_refuse(-ENOMEM,
				      "There is no memory for a thread.");
	}
	take_all_but_a_little();
	print_head();
	show.on = true;
	timer_setup(&show.timer, take_atomic, 0);
	mod_timer(&show.timer, jiffies + TIMER_TICKS);
	wake_up_process(eater);
	watch();
	del_timer_sync(&show.timer);
	kthread_stop(eater);
	show.on = false;
	console_printf("The eater has %lu pages, and shrank %u time%s itself; "
		       "the reclaimer %u.\n",
		       show.eaten.pages, show.by_eater, plural(show.by_eater),
		       show.by_reclaimer);
	give(&show.hoard, ~0ul);
	give(&show.cache, ~0ul);
	give(&show.eaten, ~0ul);
	give(&show.atomic, ~0ul);
	console_printf("All is given back: %lu pages are free.\n", free_now());
	return 0;
}
COMMAND(pressure, "",
	"makes memory short, and shows what happens then\n"
	"A thread takes page after page; below low the reclaimer shrinks a\n"
	"cache, slowly; at min the thread has to wait, and a timer gets pages\n"
	"of the reserve. When the cache is empty, the thread gets NULL.");
