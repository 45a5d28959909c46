/* vdso.h - where programs find the page that they all share.
 */
#ifndef LINUX_VDSO_H
#define LINUX_VDSO_H

#include "../user/vdso/vdso.h"

/* Addresses in it: where calls go, where signal handlers return to. */
extern const char vdso_vsyscall[], vdso_sigreturn[], vdso_rt_sigreturn[];

/* vdso_init: make the page. => boot, before the first address space */
void vdso_init(void);

#endif
