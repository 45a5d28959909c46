/* err.h - a pointer or an error number in one word: the last page is never
 * mapped, so -4095 to -1 are no addresses. Linux's names.
 */
#ifndef ERR_H
#define ERR_H

#define MAX_ERRNO 4095ul

#define ERR_PTR(error)  ((void *)(long)(error))
#define PTR_ERR(p)      ((long)(p))
#define IS_ERR(p)       ((unsigned long)(p) >= -MAX_ERRNO)
#define IS_ERR_VALUE(n) ((unsigned long)(n) >= -MAX_ERRNO)

#endif
