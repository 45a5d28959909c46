/* error.h - error numbers in words. */
#ifndef ERROR_H
#define ERROR_H

/* error_text: "no such file or directory (ENOENT)" for ENOENT or -ENOENT; of
 * one that errno.h does not have "unknown error". => any context */
const char *error_text(int error);

#endif
