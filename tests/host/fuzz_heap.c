/* fuzz_heap.c - the heap driven by bytes (make fuzz).
 *
 *     byte     0            1  2         3 ...
 *          | failures | operation | operation ...
 *
 *     failures    0: none; n: each n-th page allocation fails
 *     operation   [ block: 5 bits | kind: 3 bits ], then up to 3 bytes of size
 *
 * libFuzzer looks for bytes that reach new code or fail an EXPECT; what it
 * finds goes into a file that runs again: build/host/fuzz_heap crash-...
 */
#include "heap_glue.h"
#include "host.h"
#include "page_owner.h"
#include "util.h"

#define RAM    (24 * SZ_1M)
#define BLOCKS 32

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int libc_printf(const char *fmt, ...) __asm__("printf");
void __noreturn libc_abort(void) __asm__("abort");

static struct {
	const u8 *at, *end;
	struct kmem_cache *cache;
	struct {
		void *p; /* NULL: none */
		size_t size;
		struct kmem_cache *cache; /* NULL: kmalloc's */
	} blocks[BLOCKS];
} fuzz;

/* --- What host.c is to the tests: here a failure ends the program -------------- */

void
host_fail_hard(const char *message)
{
	libc_printf("%s\n", message);
	libc_abort();
}

bool
host_check(bool ok, const char *what, const char *file, int line)
{
	if (!ok) {
		libc_printf("%s:%d: expected %s\n", file, line, what);
		libc_abort();
	}
	return true;
}

bool
host_check_eq(unsigned long long a, unsigned long long b, const char *a_text,
	      const char *b_text, const char *file, int line)
{
	if (a != b)
		libc_printf("%s == %s: %#llx and %#llx\n", a_text, b_text, a,
			    b);
	return host_check(a == b, "equal values", file, line);
}

/* --- Bytes to operations ---------------------------------------------------------- */

/* The next byte; 0 at the end. */
static unsigned int
next(void)
{
	return fuzz.at < fuzz.end ? *fuzz.at++ : 0;
}

/* 0 to 127 in one byte, up to 32767 in two, beyond any kmalloc in three. */
static size_t
next_size(void)
{
	unsigned int byte = next();

	if (byte < 128)
		return byte;
	if (byte < 224)
		return (byte - 128) << 8 | next();
	return ((byte - 224) << 8 | next()) << 10;
}

static void
own(unsigned int i, void *p, size_t size, size_t align)
{
	fuzz.blocks[i].p = p;
	fuzz.blocks[i].size = size;
	if (!p)
		return;
	EXPECT(heap_claim(p, size, align));
	heap_fill(p, i, 0, size);
}

static void
release(unsigned int i)
{
	void *p = fuzz.blocks[i].p;

	if (!p)
		return;
	EXPECT(heap_holds(p, i, fuzz.blocks[i].size));
	heap_unclaim(p, fuzz.blocks[i].size);
	fuzz.blocks[i].p = NULL;
	if (fuzz.blocks[i].cache)
		kmem_cache_free(fuzz.blocks[i].cache, p);
	else
		kfree(p);
}

static void
resize(unsigned int i, size_t size)
{
	void *old = fuzz.blocks[i].p;
	size_t kept = min(fuzz.blocks[i].size, size);
	void *p;

	if (!old || fuzz.blocks[i].cache)
		return;
	p = krealloc(old, size, GFP_NOWAIT | __GFP_NOWARN);
	if (!p)
		return;
	EXPECT(heap_holds(p, i, kept));
	heap_unclaim(old, fuzz.blocks[i].size);
	own(i, p, size, p == old ? 1 : heap_align(size));
}

static void
operate(unsigned int byte)
{
	unsigned int i = byte / 8, kind = byte % 8;
	gfp_t gfp = GFP_NOWAIT | __GFP_NOWARN;
	size_t size;

	switch (kind) {
	case 0:
	case 1:
	case 2:
		release(i);
		size = next_size();
		fuzz.blocks[i].cache = NULL;
		gfp |= kind == 1 ? GFP_DMA : kind == 2 ? __GFP_ZERO : (gfp_t)0;
		own(i, kmalloc(size, gfp), size, heap_align(size));
		break;
	case 3:
		resize(i, next_size());
		break;
	case 4:
	case 5:
		release(i);
		fuzz.blocks[i].cache = fuzz.cache;
		own(i, kmem_cache_alloc(fuzz.cache, gfp), 40, 1);
		break;
	case 6:
		release(i);
		break;
	case 7:
		kmem_cache_shrink(i ? &kmalloc_caches[i] : fuzz.cache);
		heap_check();
		break;
	}
}

int
LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int i;

	if (!fuzz.cache) {
		heap_boot(RAM, false);
		fuzz.cache = kmem_cache_create("fuzzed", 40, 0, 0, NULL);
	}
	fuzz.at = data;
	fuzz.end = data + size;
	fail_page_alloc_set(next(), 0, 0);
	while (fuzz.at < fuzz.end)
		operate(next());
	for (i = 0; i < BLOCKS; i++)
		release(i);
	fail_page_alloc_set(0, 0, 0);
	heap_end();
	return 0;
}
