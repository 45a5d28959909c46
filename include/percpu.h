/* percpu.h - data of which every CPU has its own copy.
 *
 *   %fs: base of this CPU's copy, relative to the linked one
 *
 *   .data.percpu  [ preempt_count | page lists | ... ]   linked: the boot CPU's
 *                 [ preempt_count | page lists | ... ]   another CPU's, one day
 *
 * this_cpu(x) is one instruction with an %fs prefix, whatever CPU runs it: it
 * needs no lock, and is safe against everything but an interrupt or another
 * thread on this CPU. Linux's names.
 */
#ifndef PERCPU_H
#define PERCPU_H

#include "compiler.h"
#include "types.h"

#define DEFINE_PER_CPU(type, name)  __section(".data.percpu") type name
#define DECLARE_PER_CPU(type, name) extern type name

#if defined(__CHECKER__) || defined(MEMOIR_HOST)
#define this_cpu(name) (name)
#else
#define this_cpu(name) (*(__typeof__(name) __seg_fs *)(uintptr_t) & (name))
#endif

/* this_cpu_ptr: the plain address of this CPU's copy. The boot CPU's is the
 * linked one: its %fs has base 0. */
#define this_cpu_ptr(name) (&(name))

#endif
