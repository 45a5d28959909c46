/* test_fpu.c - the registers of two threads, put away and back.
 *
 *   image of A --> registers --> image --> equal to A?
 *   image of B --> registers -/
 *
 * The kernel has no floating-point instructions to fill registers with, but it
 * can fill images.
 */
#include "cpu.h"
#include "fpu.h"
#include "layout.h"
#include "string.h"
#include "test.h"
#include "x86.h"

#define NR_REGISTERS 8

/* Where the image keeps its registers. */
static bool
has_fxsr(void)
{
	return cpu_has(X86_FEATURE_FXSR);
}

static u8 *
st(struct fpu_state *state, unsigned int n)
{
	return state->image + (has_fxsr() ? 32 + 16 * n : 28 + 10 * n);
}

static u8 *
xmm(struct fpu_state *state)
{
	return state->image + 160;
}

static u32
control_word(const struct fpu_state *state)
{
	return *(const u16 *)state->image;
}

static u32
mxcsr(const struct fpu_state *state)
{
	return *(const u32 *)(state->image + 24);
}

/* All registers full of something that only this seed gives. */
static void
make_state(struct fpu_state *state, u8 seed)
{
	unsigned int i;

	fpu_reset_state(state);
	for (i = 0; i < NR_REGISTERS; i++) {
		u8 *reg = st(state, i);

		memset(reg, seed + i, 8);
		reg[7] |= 0x80; /* a normal number: the mantissa's first bit */
		*(u16 *)(reg + 8) = 0x3FFF + seed;
	}
	if (has_fxsr())
		state->image[4] = 0xFF; /* none is empty */
	else
		*(u16 *)(state->image + 8) = 0;
	if (cpu_has(X86_FEATURE_SSE))
		for (i = 0; i < 128; i++)
			xmm(state)[i] = seed * 3 + i;
}

/* How many registers differ. */
static unsigned int
differ(struct fpu_state *a, struct fpu_state *b)
{
	unsigned int i, n = 0;

	for (i = 0; i < NR_REGISTERS; i++)
		n += memcmp(st(a, i), st(b, i), 10) != 0;
	if (cpu_has(X86_FEATURE_SSE))
		for (i = 0; i < NR_REGISTERS; i++)
			n += memcmp(xmm(a) + 16 * i, xmm(b) + 16 * i, 16) != 0;
	return n;
}

TEST(fpu, what_the_cpu_has_is_switched_on)
{
	EXPECT(!(read_cr0() & (CR0_EM | CR0_TS)));
	EXPECT_EQ(read_cr0() & (CR0_MP | CR0_NE), CR0_MP | CR0_NE);
	if (!has_fxsr())
		return;
	EXPECT(read_cr4() & CR4_OSFXSR);
	EXPECT(!(read_cr4() & CR4_OSXSAVE));
}

TEST(fpu, the_states_of_two_threads_do_not_mix)
{
	static struct fpu_state states[3];
	struct fpu_state *a = states, *b = states + 1, *out = states + 2;

	make_state(a, 0x11);
	make_state(b, 0x42);
	EXPECT(differ(a, b) >= NR_REGISTERS);

	fpu_restore(a);
	fpu_save(out);
	EXPECT_EQ(differ(out, a), 0u);
	fpu_restore(b);
	fpu_save(out);
	EXPECT_EQ(differ(out, b), 0u);
	fpu_restore(a);
	fpu_restore(b);
	fpu_restore(a);
	fpu_save(out);
	EXPECT_EQ(differ(out, a), 0u);
	fpu_reset_state(out);
	fpu_restore(out);
}

/* An image that cannot be read stands for one that the CPU refuses: QEMU refuses
 * none for what is in it. */
TEST(fpu, a_state_that_is_refused_leaves_a_clean_one)
{
	static struct fpu_state states[2];
	struct fpu_state *nowhere = (void *)FIXADDR_END;

	make_state(&states[0], 0x42);
	fpu_restore(&states[0]);
	EXPECT(!fpu_restore(nowhere));
	fpu_save(&states[0]);
	fpu_reset_state(&states[1]);
	EXPECT_EQ(control_word(&states[0]), 0x37Fu);
	EXPECT_EQ(differ(&states[0], &states[1]), 0u);
	if (has_fxsr()) {
		make_state(&states[0], 0x42);
		EXPECT(!fpu_restore(
			(void *)&states[0].image[4])); /* aligned to 16 */
	}
	EXPECT(fpu_restore(&states[1]));
}

TEST(fpu, a_mask_of_a_program_s_is_not_believed)
{
	static struct fpu_state state;

	if (!has_fxsr()) {
		test_skip("no MXCSR");
		return;
	}
	make_state(&state, 0x42);
	*(u32 *)(state.image + 24) = ~0u;
	*(u32 *)(state.image + 28) = ~0u;
	fpu_sanitize(&state);
	EXPECT_EQ(mxcsr(&state) & 0xFFFF0000, 0u);
}

TEST(fpu, a_program_starts_with_a_clean_state)
{
	static const u8 zero[128];
	static struct fpu_state state;
	struct fpu_state *s = &state;
	unsigned int i;

	make_state(s, 0x11);
	fpu_restore(s);
	fpu_reset_state(s);
	fpu_restore(s);
	memset(s, 0xFF, sizeof(*s));
	fpu_save(s);
	EXPECT_EQ(control_word(s), 0x37Fu);
	if (has_fxsr())
		EXPECT_EQ(s->image[4], 0); /* tags: all empty */
	else
		EXPECT_EQ(*(u16 *)(s->image + 8), 0xFFFF);
	if (cpu_has(X86_FEATURE_SSE)) {
		EXPECT_EQ(mxcsr(s), 0x1F80u);
		EXPECT(!memcmp(xmm(s), zero, sizeof(zero)));
		for (i = 0; i < NR_REGISTERS; i++)
			EXPECT(!memcmp(st(s, i), zero, 10));
	}
	fpu_reset_state(s);
	fpu_restore(s);
}
