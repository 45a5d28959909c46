/* slab_debug.c - caches that notice what their users do wrong, and name them.
 *
 *   slab_debug=FZPU,kmalloc-128     F checks  Z red zones  P poison  U users
 *
 *   an object's place in a slab (cache->size bytes):
 *
 *   | left red zone | object | slack | right red zone | notes: link, state, |
 *   | bb bb .... bb |        | bb bb   bb bb bb bb bb | size, two tracks    |
 *                   ^aligned ^size asked for          ^cache->link
 *
 *   in use   fresh: a5 a5 ...            freed: 6b 6b 6b ...
 *
 * What is checked: on free, that this is an object, in use, both red zones
 * whole; before it is handed out again, that it is as it was freed and that
 * the free list leads to free objects. All that is wrong is reported, mended,
 * and the kernel goes on. Such a cache has no magazine: its every call takes
 * the long path; other caches do not pay.
 *
 * Limits: a write that jumps over the red zones, into another live object, is
 * not seen.
 */
#include "drivers.h"
#include "errno.h"
#include "../mm/internal.h"
#include "layout.h"
#include "page_owner.h"
#include "param.h"
#include "printf.h"
#include "printk.h"
#include "string.h"
#include "symbols.h"
#include "trap.h"
#include "util.h"

#define RED          0xBB
#define RED_BYTES    8  /* of a right red zone, at least */
#define LEFT_CHECKED 64 /* of the left one, which may be as long as a page */
#define STATE_FREE   0x66726565u /* "free" */
#define STATE_LIVE   0x6C697665u /* "live" */
#define CALLERS      8 /* kept: the heap's own functions are among them */
#define STACK_BYTES  8192
#define ROW          16 /* bytes of a picture's row */
#define ROWS         4

struct track {
	u32 callers[CALLERS]; /* innermost first; 0: no more */
	unsigned long tick;
};

/* Behind the right red zone. */
struct notes {
	void *link; /* the free list's: at cache->link */
	u32 state;
	unsigned int size; /* asked for */
	struct track alloc, free;
};

static struct {
	slab_flags_t flags; /* from the command line */
	const char *names;  /* which caches, by commas; NULL: all */
	unsigned long errors;
	struct fail_rule fail;
} debug
#if defined(DEBUG) && !defined(MEMOIR_HOST)
	= {.flags = SLAB_DEBUG_FLAGS}
#endif
;

static struct notes *
notes_of(const struct kmem_cache *cache, const void *object)
{
	return (struct notes *)((char *)object + cache->link);
}

/* --- Who it was ------------------------------------------------------------ */

static void
track_set(const struct kmem_cache *cache, struct track *track)
{
	u32 *frame = __builtin_frame_address(0), *next;
	unsigned int n = 0;

	if (!(cache->flags & SLAB_STORE_USER))
		return;
	memset(track, 0, sizeof(*track));
	track->tick = jiffies;
	for (; n < CALLERS && frame[1]; frame = next) {
		track->callers[n++] = frame[1];
		next = (u32 *)frame[0];
		if (next <= frame || next > frame + STACK_BYTES / 4)
			break;
	}
}

/* Is this one of the heap's own functions, which nobody wants to see? */
static bool
is_ours(u32 caller)
{
	static const char *const prefixes[] = {"slab_",        "cache_alloc",
					       "cache_free",   "alloc_by_slot",
					       "free_by_slot", "kmalloc",
					       "kmem_cache",   "kfree",
					       "vfree",        "vunmap",
					       "vmap_area",    "iounmap",
					       "kvfree"};
	struct symbol sym;
	unsigned int i;

	for (i = 0; symbol_find(caller - 1, &sym) && i < ARRAY_SIZE(prefixes);
	     i++)
		if (!strncmp(sym.name, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static void
track_print(const char *what, const struct track *track, line_fn line)
{
	unsigned int i = 0;
	char buf[REPORT_LINE];

	if (!track->callers[0])
		return;
	while (i < CALLERS - 1 && is_ours(track->callers[i]))
		i++;
	scnprintf(buf, sizeof(buf), "  %s at tick %lu by %pS", what,
		  track->tick, (void *)(track->callers[i] - 1));
	line(buf);
	for (i++; i < CALLERS && track->callers[i]; i++) {
		scnprintf(buf, sizeof(buf), "    called by %pS",
			  (void *)(track->callers[i] - 1));
		line(buf);
	}
}

void
slab_debug_tracks(struct kmem_cache *cache, const void *object, line_fn line)
{
	if (!(cache->flags & SLAB_STORE_USER))
		return;
	track_print("allocated", &notes_of(cache, object)->alloc, line);
	track_print("freed", &notes_of(cache, object)->free, line);
}

/* --- Reports ---------------------------------------------------------------- */

/* The bytes around `bad`, those of [from, from + n) that are not `expect`
 * marked:
 *     c1234560  bb bb bb bb 41 42 bb bb ...
 *                           ^^ ^^
 * A neighbouring page may be free and hidden: its rows are left out. */
static void
picture(const u8 *bad, const u8 *from, size_t n, u8 expect)
{
	const u8 *row = (const u8 *)((uintptr_t)bad & ~(ROW - 1)) - ROW;
	char hex[ROW * 3 + 1], marks[ROW * 3 + 1];
	unsigned int i, r;
	u8 bytes[ROW];
	bool any;

	for (r = 0; r < ROWS; r++, row += ROW) {
		if (copy_from_kernel_nofault(bytes, row, ROW))
			continue;
		for (i = 0, any = false; i < ROW; i++) {
			bool wrong = (size_t)(row + i - from) < n &&
				     bytes[i] != expect;

			snprintf(hex + 3 * i, 4, " %02x", bytes[i]);
			snprintf(marks + 3 * i, 4, wrong ? " ^^" : "   ");
			any |= wrong;
		}
		pr_err("  %p %s\n", row, hex);
		if (any)
			pr_err("  %8s %s\n", "", marks);
	}
}

static void
report(struct kmem_cache *cache, const void *object, const char *what)
{
	struct notes *notes = notes_of(cache, object);

	debug.errors++;
	pr_err("BUG %s: %s: object at %p, %u bytes\n", cache->name, what,
	       object, notes->size);
	slab_debug_tracks(cache, object, log_line);
}

void
slab_bad_free(const char *cache, const void *object, const char *why)
{
	struct track now = {.tick = 0};
	struct kmem_cache any = {.flags = SLAB_STORE_USER};

	track_set(&any, &now);
	debug.errors++;
	pr_err("BUG %s: bad free of %p: %s\n", cache, object, why);
	track_print("tried", &now, log_line);
}

/* Must all be `expect`; what is not is reported and mended. => is it? */
static bool
must_be(struct kmem_cache *cache, void *object, u8 *from, size_t n, u8 expect,
	const char *what)
{
	u8 *bad = memchr_inv(from, expect, n);
	u8 *last = from + n - 1;

	if (!bad)
		return true;
	while (*last == expect)
		last--;
	report(cache, object, what);
	pr_err("  bytes %ld to %ld of it, the first is 0x%02x, not 0x%02x\n",
	       (long)(bad - (u8 *)object), (long)(last - (u8 *)object), *bad,
	       expect);
	picture(bad, from, n, expect);
	memset(from, expect, n);
	return false;
}

/* --- One object ---------------------------------------------------------------- */

/* Where its red zones are, right of `size` bytes. */
static u8 *
left_zone(const struct kmem_cache *cache, void *object, size_t *n)
{
	*n = min(cache->left, (unsigned int)LEFT_CHECKED);
	return (u8 *)object - *n;
}

static void
check_zones(struct kmem_cache *cache, void *object, unsigned int size)
{
	size_t n;
	u8 *left = left_zone(cache, object, &n);

	if (!(cache->flags & SLAB_RED_ZONE))
		return;
	must_be(cache, object, left, n, RED, "underrun");
	must_be(cache, object, (u8 *)object + size, cache->link - size, RED,
		"overrun");
}

void
slab_debug_alloc(struct kmem_cache *cache, void *object, unsigned int size)
{
	struct notes *notes = notes_of(cache, object);

	if (cache->flags & SLAB_POISON) {
		must_be(cache, object, object, cache->object_size, POISON_FREE,
			"write after free");
		memset(object, POISON_FRESH, size);
	}
	check_zones(cache, object, cache->object_size);
	memset((u8 *)object + size, RED, cache->object_size - size);
	notes->link = NULL; /* for the leak scan: no reference */
	notes->state = STATE_LIVE;
	notes->size = size;
	memset(&notes->free, 0, sizeof(notes->free));
	track_set(cache, &notes->alloc);
}

bool
slab_debug_free(struct kmem_cache *cache, void *object)
{
	struct notes *notes = notes_of(cache, object);

	if (!slab_has(slab_of(object), object)) {
		slab_bad_free(cache->name, object,
			      "it is not where an object begins");
		return false;
	}
	if (notes->state == STATE_FREE) {
		slab_bad_free(cache->name, object,
			      "double free: it is free already");
		slab_debug_tracks(cache, object, log_line);
		return false;
	}
	if (notes->state != STATE_LIVE || notes->size > cache->object_size) {
		notes->size = cache->object_size;
		report(cache, object, "overrun up to the notes");
	}
	check_zones(cache, object, notes->size);
	notes->state = STATE_FREE;
	track_set(cache, &notes->free);
	if (cache->flags & SLAB_POISON)
		memset(object, POISON_FREE, cache->object_size);
	return true;
}

unsigned int
slab_debug_check(struct kmem_cache *cache, void *object)
{
	size_t n;
	u8 *left = left_zone(cache, object, &n);
	unsigned int bad = notes_of(cache, object)->state != STATE_FREE;

	if (cache->flags & SLAB_POISON)
		bad += !!memchr_inv(object, POISON_FREE, cache->object_size);
	if (cache->flags & SLAB_RED_ZONE)
		bad += !!memchr_inv(left, RED, n);
	return bad;
}

unsigned int
slab_debug_size(struct kmem_cache *cache, void *object)
{
	if (cache->flags & SLAB_DEBUG_FLAGS)
		return notes_of(cache, object)->size;
	return cache->object_size;
}

/* --- A slab ---------------------------------------------------------------------- */

void
slab_debug_layout(struct kmem_cache *cache)
{
	cache->left = ALIGN(RED_BYTES, cache->align);
	cache->link = ALIGN(cache->object_size + RED_BYTES, sizeof(void *));
	cache->size = ALIGN(cache->left + cache->link + sizeof(struct notes),
			    cache->align);
}

void
slab_debug_prepare(struct page *page)
{
	struct kmem_cache *cache = slab_cache(page);
	unsigned int i;

	for (i = 0; i < cache->per_slab; i++) {
		u8 *object = slab_object(page, i);
		struct notes *notes = notes_of(cache, object);

		memset(object - cache->left, RED, cache->left + cache->link);
		if (cache->flags & SLAB_POISON)
			memset(object, POISON_FREE, cache->object_size);
		memset(&notes->alloc, 0, 2 * sizeof(struct track));
		notes->state = STATE_FREE;
		notes->size = cache->object_size;
	}
}

/* Is this the end of a list, or a free object of the slab? */
static bool
link_is_good(struct page *page, const void *object)
{
	return !object ||
	       (slab_has(page, object) &&
		notes_of(slab_cache(page), object)->state == STATE_FREE);
}

/* The list's first two links are looked at; what is free is known from the
 * notes, too. */
void
slab_debug_mend(struct page *page)
{
	struct kmem_cache *cache = slab_cache(page);
	void *first = slab_freelist(page), **link = &slab_freelist(page);
	unsigned int i, n = 0;

	if (link_is_good(page, first) &&
	    link_is_good(page, get_link(cache, first)))
		return;
	debug.errors++;
	pr_err("BUG %s: corrupted free list of the slab at %p: %p -> %p\n",
	       cache->name, page_address(page), first,
	       slab_has(page, first) ? get_link(cache, first) : NULL);
	for (i = 0; i < cache->per_slab; i++) {
		void *object = slab_object(page, i);

		if (notes_of(cache, object)->state != STATE_FREE &&
		    object != first)
			continue;
		*link = object;
		link = link_of(cache, object);
		n++;
	}
	*link = NULL;
	cache->nr_out += cache->per_slab - n - slab_inuse(page);
	slab_inuse(page) = cache->per_slab - n;
}

unsigned long
slab_debug_errors(void)
{
	return debug.errors;
}

/* --- Failing on purpose ------------------------------------------------------------ */

bool fail_alloc_on;
static bool sleep_check; /* is asked at the same place */

bool
fail_alloc_now(gfp_t gfp)
{
	if (sleep_check && gfpflags_allow_blocking(gfp))
		might_sleep();
	if (!(debug.fail.every || debug.fail.from) || (gfp & __GFP_NOFAIL))
		return false;
	return fail_now(&debug.fail);
}

/* The short path asks nobody, so magazines are closed meanwhile. */
void
fail_alloc_set(unsigned int every, unsigned int from)
{
	debug.fail = (struct fail_rule){every, from, 0};
	fail_alloc_on = sleep_check || every || from;
	caches_reset();
}

void
sleep_check_set(bool on)
{
	sleep_check = on;
	fail_alloc_set(debug.fail.every, debug.fail.from);
	page_sleep_check_set(on);
}

static int
set_fail(const char *value)
{
	struct fail_rule rule;
	int err = fail_parse(value, &rule);

	if (err)
		return err;
	fail_alloc_set(rule.every, rule.from);
	return 0;
}
BOOT_PARAM(fail_alloc, "N|N+",
	   "each N-th allocation of the heap, or all from the N-th on, fails",
	   set_fail);

/* --- slab_debug= ---------------------------------------------------------------------- */

slab_flags_t
slab_debug_flags(const char *name)
{
	const char *names = debug.names;
	size_t len = strlen(name);

	if (!names)
		return debug.flags;
	while ((names = strstr(names, name))) {
		if (names[-1] == ',' && (!names[len] || names[len] == ','))
			return debug.flags;
		names += len;
	}
	return 0;
}

static int
set_slab_debug(const char *value)
{
	static const struct {
		char letter;
		slab_flags_t flag;
	} letters[] = {{'F', SLAB_CONSISTENCY_CHECKS},
		       {'Z', SLAB_RED_ZONE},
		       {'P', SLAB_POISON},
		       {'U', SLAB_STORE_USER}};
	const char *c;
	unsigned int i;

	debug.flags = *value && *value != ',' ? 0 : SLAB_DEBUG_FLAGS;
	for (c = value; *c && *c != ','; c++) {
		for (i = 0; letters[i].letter != *c; i++)
			if (i + 1 == ARRAY_SIZE(letters))
				return -EINVAL;
		debug.flags |= letters[i].flag;
	}
	debug.names = *c ? c : NULL;
	return 0;
}
BOOT_PARAM(slab_debug, "FZPU,CACHE,...",
	   "check what the users of these caches, or of all, do",
	   set_slab_debug);
