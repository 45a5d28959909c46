/* slab_debug.c - caches that notice what their users do wrong, and name them.
 *
 *   slab_debug=FZPU,kmalloc-128     F checks  Z red zones  P poison  U users
 *
 *   an object's place in a slab (cache->size bytes):
 *
 *   | left red zone | object | slack | right red zone | notes: mark, link,  |
 *   | bb bb .... bb |        | bb bb   bb bb bb bb bb | size, two tracks    |
 *                   ^aligned ^size asked for          ^cache->link
 *
 *   in use   fresh: a5 a5 ...            freed: 6b 6b 6b ...
 *
 * What is checked: on free, both red zones; before it is handed out again, or
 * its slab goes back, that it is as it was freed. All that is wrong is
 * reported, mended, and the kernel goes on. Such a cache has no magazine: its
 * every call takes the long path; other caches do not pay.
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
#define MARK_LIVE    0x6C697665u /* "live"; a free one: FREE_MARK */
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
	struct free_object list; /* at cache->link */
	unsigned int size;       /* asked for */
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

void
slab_bad_list(struct kmem_cache *cache, const void *object)
{
	const struct page *page = slab_of(object);
	u32 word = 0;

	debug.errors++;
	if (page)
		word = free_part(cache, (void *)object)->mark;
	if (object == CHAIN_END)
		pr_err("BUG %s: corrupted free list: its length is not what "
		       "was counted\n",
		       cache->name);
	else if (!page || slab_cache(page) != cache)
		pr_err("BUG %s: corrupted free list: a link of a free object "
		       "was overwritten: it leads to %p, which is none of the "
		       "cache's\n",
		       cache->name, object);
	else if (!slab_has(page, object))
		pr_err("BUG %s: corrupted free list: a link of a free object "
		       "was overwritten: it leads to %p, where no object "
		       "begins\n",
		       cache->name, object);
	else if (word != FREE_MARK)
		pr_err("BUG %s: corrupted free list: object at %p: it was "
		       "written to after it was freed, or the one before it "
		       "past its end, or it is not free: it begins with "
		       "0x%08x\n",
		       cache->name, object, word);
	else
		pr_err("BUG %s: corrupted free list: object at %p is in it "
		       "twice\n",
		       cache->name, object);
	if (page && slab_has(page, object))
		picture(object, object, 0, 0);
}

void
slab_bad_address(const char *who, const void *p, const char *why)
{
	debug.errors++;
	pr_err("BUG %s(%p): %s\n", who, p, why);
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

/* As it was freed? */
static void
check_free(struct kmem_cache *cache, void *object)
{
	if (cache->flags & SLAB_POISON)
		must_be(cache, object, object, cache->object_size, POISON_FREE,
			"write after free");
	check_zones(cache, object, cache->object_size);
}

void
slab_debug_alloc(struct kmem_cache *cache, void *object, unsigned int size)
{
	struct notes *notes = notes_of(cache, object);

	check_free(cache, object);
	if (cache->flags & SLAB_POISON)
		memset(object, POISON_FRESH, size);
	memset((u8 *)object + size, RED, cache->object_size - size);
	notes->list.link = NULL; /* for the leak scan: no reference */
	notes->list.mark = MARK_LIVE;
	notes->size = size;
	memset(&notes->free, 0, sizeof(notes->free));
	track_set(cache, &notes->alloc);
}

void
slab_debug_free(struct kmem_cache *cache, void *object)
{
	struct notes *notes = notes_of(cache, object);

	if (notes->list.mark != MARK_LIVE || notes->size > cache->object_size) {
		notes->size = cache->object_size;
		report(cache, object, "overrun up to the notes");
	}
	check_zones(cache, object, notes->size);
	track_set(cache, &notes->free);
	if (cache->flags & SLAB_POISON)
		memset(object, POISON_FREE, cache->object_size);
}

unsigned int
slab_debug_check(struct kmem_cache *cache, void *object)
{
	const struct notes *notes = notes_of(cache, object);
	bool free = notes->list.mark == FREE_MARK;
	unsigned int size = free ? cache->object_size : notes->size, bad = 0;
	size_t n;
	u8 *left = left_zone(cache, object, &n);

	if (!(free || notes->list.mark == MARK_LIVE) ||
	    size > cache->object_size)
		return 1;
	if (free && cache->flags & SLAB_POISON)
		bad += !!memchr_inv(object, POISON_FREE, size);
	if (cache->flags & SLAB_RED_ZONE)
		bad += !!memchr_inv(left, RED, n) +
		       !!memchr_inv((u8 *)object + size, RED,
				    cache->link - size);
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

	for (unsigned int i = 0; i < slab_objects(page); i++) {
		u8 *object = slab_object(page, i);
		struct notes *notes = notes_of(cache, object);

		memset(object - cache->left, RED, cache->left + cache->link);
		if (cache->flags & SLAB_POISON)
			memset(object, POISON_FREE, cache->object_size);
		memset(&notes->alloc, 0, 2 * sizeof(struct track));
		notes->size = cache->object_size;
	}
}

void
slab_debug_gone(struct page *page)
{
	for (unsigned int i = 0; i < slab_objects(page); i++)
		check_free(slab_cache(page), slab_object(page, i));
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
slab_init_set(bool on_alloc, bool on_free)
{
	page_init_set(on_alloc, on_free);
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
