/* trace_replay.c - a trace on the heap, every block watched; see traces.md.
 *
 *     a    kmalloc    claim the bytes, fill them with the id's pattern
 *     r    krealloc   the old bytes are still there; fill the new ones
 *     f    kfree      the pattern is still there
 *
 * The peak is known before the first operation, from the sizes alone: there,
 * and only there, what is lost is added up.
 */
#include "heap_glue.h"
#include "host.h"
#include "string.h"
#include "trace.h"
#include "util.h"

struct block {
	void *p; /* NULL: not live */
	size_t size;
};

static struct {
	struct block *blocks; /* by id */
	unsigned int nr_ids;
	unsigned long large_pages;      /* of blocks too large for a slab */
	u8 counted[PHYS_PFN(HEAP_RAM)]; /* slabs, by their first frame */
} run;

void *libc_calloc(size_t n, size_t size) __asm__("calloc");
void libc_free(void *p) __asm__("free");

/* After how many operations the payload first is what it will never exceed;
 * the blocks' sizes are left 0. */
static void
find_peak(const struct trace *trace, struct trace_result *result)
{
	unsigned long payload = 0;
	unsigned int i;

	for (i = 0; i < trace->nr_ops; i++) {
		const struct trace_op *op = &trace->ops[i];

		payload += op->size - run.blocks[op->id].size;
		run.blocks[op->id].size = op->size;
		if (payload > result->peak_payload) {
			result->peak_payload = payload;
			result->peak_op = i + 1;
		}
	}
	for (i = 0; i < trace->nr_ids; i++)
		run.blocks[i].size = 0;
}

/* What a block costs that is no part of a slab; 0 for one that is. */
static size_t
large_bytes(const struct block *block)
{
	return !block->p || ZERO_OR_NULL_PTR(block->p) || slab_of(block->p)
		       ? 0
		       : ksize(block->p);
}

static const char *
do_free(struct block *block, unsigned int id)
{
	if (!heap_holds(block->p, id, block->size))
		return "the block's contents have changed";
	heap_unclaim(block->p, block->size);
	run.large_pages -= PHYS_PFN(large_bytes(block));
	kfree(block->p);
	*block = (struct block){0};
	return NULL;
}

/* 'a', and 'r' of a block that is live or not. */
static const char *
do_resize(struct block *block, unsigned int id, size_t size)
{
	size_t kept = min(block->size, size);
	bool moved;
	void *p;

	if (block->p && !heap_holds(block->p, id, block->size))
		return "the block's contents have changed";
	heap_unclaim(block->p, block->size);
	run.large_pages -= PHYS_PFN(large_bytes(block));
	p = block->p ? krealloc(block->p, size, GFP_KERNEL | __GFP_NOWARN)
		     : kmalloc(size, GFP_KERNEL | __GFP_NOWARN);
	if (!p)
		return size > KMALLOC_MAX_SIZE ? "larger than any kmalloc"
					       : "the heap's 128 MiB are full";
	moved = p != block->p;
	*block = (struct block){p, size};
	run.large_pages += PHYS_PFN(large_bytes(block));
	if (!heap_claim(p, size, moved ? heap_align(size) : 1))
		return "the block overlaps another or is not aligned";
	if (!heap_holds(p, id, kept))
		return "krealloc has lost the block's contents";
	heap_fill(p, id, kept, size);
	return NULL;
}

static void
count_block(const struct block *block, struct trace_result *result)
{
	struct page *slab = slab_of(block->p);
	struct kmem_cache *cache;
	unsigned long bytes;

	if (!slab) {
		result->in_use += large_bytes(block);
		if (block->size)
			result->rounding += large_bytes(block) - block->size;
		return;
	}
	cache = slab_cache(slab);
	result->rounding += cache->size - block->size;
	if (run.counted[page_to_pfn(slab)])
		return;
	run.counted[page_to_pfn(slab)] = 1;
	bytes = (unsigned long)PAGE_SIZE << cache->order;
	result->in_use += bytes;
	result->tails += bytes - cache->per_slab * cache->size;
}

static void
count_loss(struct trace_result *result)
{
	unsigned int i;

	memset(run.counted, 0, sizeof(run.counted));
	for (i = 0; i < run.nr_ids; i++)
		if (run.blocks[i].p)
			count_block(&run.blocks[i], result);
}

static const char *
do_op(const struct trace_op *op)
{
	struct block *block = &run.blocks[op->id];

	return op->kind == 'f' ? do_free(block, op->id)
			       : do_resize(block, op->id, op->size);
}

static struct trace_error
replay(const struct trace *trace, struct trace_result *result)
{
	const char *wrong = NULL;
	unsigned int i;

	find_peak(trace, result);
	for (i = 0; i < trace->nr_ops; i++) {
		wrong = do_op(&trace->ops[i]);
		if (wrong)
			return (struct trace_error){wrong, trace->ops[i].line};
		result->peak_pages = max(result->peak_pages,
					 heap_slab_pages() + run.large_pages);
		if (i + 1 == result->peak_op)
			count_loss(result);
	}
	for (i = 0; i < trace->nr_ids && !wrong; i++)
		if (run.blocks[i].p)
			wrong = do_free(&run.blocks[i], i);
	return (struct trace_error){wrong, 0};
}

struct trace_error
trace_replay(const struct trace *trace, struct trace_result *result)
{
	struct trace_error error;

	*result = (struct trace_result){0};
	heap_boot(HEAP_RAM, false);
	run.nr_ids = trace->nr_ids;
	run.large_pages = 0;
	run.blocks = libc_calloc(trace->nr_ids + 1, sizeof(*run.blocks));
	if (!run.blocks)
		return (struct trace_error){"not enough memory for the ids", 0};
	error = replay(trace, result);
	if (!error.what)
		heap_end();
	libc_free(run.blocks);
	return error;
}

unsigned int
trace_waste(const struct trace_result *result)
{
	unsigned long long lost = result->rounding + result->tails;

	return result->in_use
		       ? (unsigned int)((lost * 10000 + result->in_use - 1) /
					result->in_use)
		       : 0;
}
