/* rename.h - the kernel's C functions under names of their own.
 *
 * The compiler reads this before each kernel file and each test (-include), so
 * that the host's libc and ours can live in one program: what the kernel calls
 * memcpy is k_memcpy here, in its definition and in all its calls.
 */
#ifndef RENAME_H
#define RENAME_H

#define memcpy    k_memcpy
#define memmove   k_memmove
#define memset    k_memset
#define memcmp    k_memcmp
#define strlen    k_strlen
#define strnlen   k_strnlen
#define strcmp    k_strcmp
#define strncmp   k_strncmp
#define strchr    k_strchr
#define strrchr   k_strrchr
#define strstr    k_strstr
#define snprintf  k_snprintf
#define vsnprintf k_vsnprintf

#endif
