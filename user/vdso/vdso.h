/* vdso.h - what the kernel keeps up to date in the vDSO's page, and where.
 *
 *   0xFFFFE000  ELF header, symbols, code      linux/vdso.c copies the file here
 *        +F80   struct vdso_data               and writes this
 *   0xFFFFF000  never mapped
 */
#ifndef VDSO_H
#define VDSO_H

#define VDSO_DATA  0xF80 /* user/vdso/vdso.ld has it, too */
#define VDSO_SHIFT 22    /* of mult: kernel/time.c */

/* At time stamp tsc it was ns since boot; a count is mult / 2^VDSO_SHIFT ns. */
struct vdso_data {
	unsigned int seq;        /* odd while it changes */
	unsigned int mult;       /* 0: only the kernel knows the time */
	unsigned long long tsc;  /* the time stamp ... */
	unsigned long long ns;   /* ... at which it was so late */
	unsigned long long real; /* from boot's time to 1970's */
};

#endif
