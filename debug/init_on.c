/* init_on.c - all memory cleared when it is taken, or when it is given back.
 *
 *   init_on_alloc=1   alloc_pages, kmalloc, kmem_cache_alloc, vmalloc: zeroes
 *   init_on_free=1    what is free is zeroes: an old secret is not found
 *
 * Pages are cleared in the page allocator's hooks (page_debug.c), objects on the
 * heap's long paths (mm/slab.c), which all calls take while one of the two is
 * on. Off, neither costs anything. Caches with a constructor or with poison are
 * left alone. Who wants poison wants to see what is used before it is set, and
 * after it is freed: so page_poison takes precedence, as on Linux.
 */
#include "errno.h"
#include "../mm/internal.h"
#include "page_owner.h"
#include "param.h"
#include "printk.h"

bool init_on_alloc, init_on_free;

void
page_init_set(bool on_alloc, bool on_free)
{
	init_on_alloc = on_alloc;
	init_on_free = on_free;
	page_hooks_update();
}

void __init
init_on_settle(bool poison)
{
	if (!init_on_alloc && !init_on_free)
		return;
	if (poison) {
		pr_info("mem auto-init: page_poison takes precedence over "
			"init_on_alloc and init_on_free\n");
		init_on_alloc = init_on_free = false;
		return;
	}
	pr_info("mem auto-init: alloc: %s, free: %s\n",
		init_on_alloc ? "on" : "off", init_on_free ? "on" : "off");
}

static int
set_switch(const char *value, bool *on)
{
	if ((*value != '0' && *value != '1') || value[1])
		return -EINVAL;
	*on = *value == '1';
	return 0;
}

static int
set_init_on_alloc(const char *value)
{
	return set_switch(value, &init_on_alloc);
}
BOOT_PARAM(init_on_alloc, "0|1",
	   "clear pages and objects of the heap when they are allocated",
	   set_init_on_alloc);

static int
set_init_on_free(const char *value)
{
	return set_switch(value, &init_on_free);
}
BOOT_PARAM(init_on_free, "0|1",
	   "clear pages and objects of the heap when they are freed",
	   set_init_on_free);
