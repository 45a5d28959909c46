/* page_helpers.h - what the tests of the page allocator share.
 *
 *   pile.top -> [block] -> [block] -> [block]    chained by page->private, so
 *                                                that all of memory fits
 */
#ifndef PAGE_HELPERS_H
#define PAGE_HELPERS_H

#include "gfp.h"
#include "mmzone.h"
#include "types.h"

/* Try hard and quietly, never wait. EVERYTHING: down to nothing. */
#define GFP_TRY        (GFP_NOWAIT | __GFP_NOWARN)
#define GFP_EVERYTHING (__GFP_MEMALLOC | __GFP_NOWARN)

/* Blocks that a test holds; the order of each is in its flags. */
struct pile {
	struct page *top;
	unsigned long pages;
};

/* pile_push: one more. pile_pop: the newest, or NULL. pile_free: all back. */
void pile_push(struct pile *pile, struct page *page);
struct page *pile_pop(struct pile *pile);
void pile_free(struct pile *pile);

/* pile_fill: all blocks of this order that the flags give. pile_fill_all: of
 * all orders, the largest first: quick, however much memory there is.
 * => the flags must not allow to sleep */
void pile_fill(struct pile *pile, gfp_t gfp, unsigned int order);
void pile_fill_all(struct pile *pile, gfp_t gfp);

/* pile_fill_zone: everything that one zone has. */
void pile_fill_zone(struct pile *pile, unsigned int zone);

/* pile_shatter: all memory, in single pages; every other one is free again. */
void pile_shatter(struct pile *kept);

/* zone_gfp: the flag for which this zone is the first choice. */
gfp_t zone_gfp(unsigned int zone);

/* Blocks by zone and order, with the per-CPU lists drained. */
struct zones_state {
	unsigned long free[MAX_NR_ZONES];
	unsigned long blocks[MAX_NR_ZONES][NR_ORDERS];
};
void zones_note(struct zones_state *state);

/* zones_differ: how many of these numbers are different now. */
unsigned int zones_differ(const struct zones_state *before);

/* zones_broken: what zone_check and pcp_check find wrong, all zones. */
unsigned int zones_broken(void);

/* no_high_memory: fewer free pages of it than this; then the case is skipped. */
bool no_high_memory(unsigned long pages);

/* log_end: where the log ends now. log_lines: how many lines after this place
 * hold the text. */
size_t log_end(void);
unsigned int log_lines(size_t from, const char *text);

/* fast_time: as tick hook, it makes jiffies go up by 50 at each tick: waiting
 * for a second takes five ticks. => irq context */
void fast_time(void);

#endif
