/* tls.c - thread-local storage: %gs leads to an own segment in each process
 * and task, whatever runs in between. */
#include <asm/ldt.h>
#include "utest.h"

static __thread int local = 5;

static unsigned int
read_gs(unsigned int offset)
{
	unsigned int value;

	__asm__ volatile("mov %%gs:(%1), %0" : "=r"(value) : "r"(offset));
	return value;
}

/* => the word that a segment of its own begins with */
static unsigned int
read_segment(int entry)
{
	unsigned int value, selector = entry * 8 + 3;

	__asm__ volatile("push %%fs; mov %w1, %%fs; mov %%fs:0, %0; pop %%fs"
			 : "=&r"(value)
			 : "r"(selector));
	return value;
}

int
main(void)
{
	static unsigned int word = 0x12345678;
	struct user_desc desc = {
		.entry_number = -1,
		.base_addr = (unsigned int)&word,
		.limit = 0xfffff,
		.seg_32bit = 1,
		.limit_in_pages = 1,
		.useable = 1,
	};
	pid_t pid;

	CHECK_EQ(read_gs(0), read_gs(0));
	CHECK_EQ(syscall(SYS_set_thread_area, &desc), 0);
	CHECK(desc.entry_number >= 6 && desc.entry_number <= 14);
	CHECK_EQ(read_segment(desc.entry_number), word);

	pid = fork_checked();
	if (pid == 0) {
		word = 9; /* its own copy, at the same address */
		local = 6;
		for (int i = 0; i < 50; i++) {
			CHECK_EQ(read_segment(desc.entry_number), 9);
			CHECK_EQ(local, 6);
			sched_yield();
		}
		desc.base_addr += 4;
		CHECK_EQ(syscall(SYS_set_thread_area, &desc), 0);
		_exit(0);
	}
	for (int i = 0; i < 50; i++) {
		CHECK_EQ(read_segment(desc.entry_number), 0x12345678);
		CHECK_EQ(local, 5);
		sched_yield();
	}
	check_child(pid);

	/* Without the descriptor there is nothing to load: null selectors. */
	pid = fork_checked();
	if (pid == 0) {
		const struct user_desc empty = {
			.entry_number = desc.entry_number,
			.read_exec_only = 1,
			.seg_not_present = 1,
		};
		unsigned int selector = desc.entry_number * 8 + 3, fs, es;

		__asm__ volatile(
			"mov %w0, %%fs; mov %w0, %%es" ::"r"(selector));
		__asm__ volatile("push %%ebx; mov %3, %%ebx; int $0x80\n\t"
				 "pop %%ebx; mov %%fs, %0; mov %%es, %1\n\t"
				 "push %%ds; pop %%es"
				 : "=&r"(fs), "=&r"(es)
				 : "a"(SYS_set_thread_area), "r"(&empty)
				 : "memory");
		CHECK_EQ(fs, 0);
		CHECK_EQ(es, 0);
		_exit(0);
	}
	check_child(pid);

	for (unsigned int i = 0; i < 4;
	     i++) { /* code, 16 bits, not there, long */
		struct user_desc bad = desc;

		bad.contents = i == 0 ? 2 : 0;
		bad.seg_32bit = i != 1;
		bad.seg_not_present = i == 2;
		bad.entry_number = i == 3 ? 9 : desc.entry_number;
		CHECK_ERROR(syscall(SYS_set_thread_area, &bad), EINVAL);
	}
	CHECK_EQ(read_segment(desc.entry_number), 0x12345678);

	desc.entry_number = 2; /* the kernel's */
	CHECK_ERROR(syscall(SYS_set_thread_area, &desc), EINVAL);
	desc.entry_number = 1000;
	CHECK_ERROR(syscall(SYS_set_thread_area, &desc), EINVAL);
	CHECK_ERROR(syscall(SYS_set_thread_area, 0xc0100000), EFAULT);
	return 0;
}
