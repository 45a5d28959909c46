/* atomic.h - numbers that several threads, interrupts and CPUs change at once.
 *
 * Each operation is one locked instruction, and orders all memory accesses
 * around it. Linux's names.
 */
#ifndef ATOMIC_H
#define ATOMIC_H

#include "compiler.h"
#include "types.h"

/* cmpxchg: *p = new if *p is old. => what *p was */
#define cmpxchg(p, old, new)                                          \
	({                                                            \
		__typeof__(*(p)) cmpxchg_old_ = (old);                \
		__atomic_compare_exchange_n(p, &cmpxchg_old_, new, 0, \
					    __ATOMIC_SEQ_CST,         \
					    __ATOMIC_SEQ_CST);        \
		cmpxchg_old_;                                         \
	})

typedef struct {
	int counter;
} atomic_t;

#define ATOMIC_INIT(n) \
	{              \
		(n)    \
	}

#define atomic_read(v)   READ_ONCE((v)->counter)
#define atomic_set(v, n) WRITE_ONCE((v)->counter, n)

/* The number after the addition; atomic_dec_and_test: is it 0? */
#define atomic_add_return(n, v) \
	__atomic_add_fetch(&(v)->counter, n, __ATOMIC_SEQ_CST)
#define atomic_inc(v)          ((void)atomic_add_return(1, v))
#define atomic_dec(v)          ((void)atomic_add_return(-1, v))
#define atomic_dec_and_test(v) (atomic_add_return(-1, v) == 0)

#endif
