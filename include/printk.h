/* printk.h - what the kernel says: kept in the log, shown on the consoles.
 *
 * A message starts with its level, as in Linux: printk(KERN_WARNING "..."), or
 * pr_warn("..."). Each message is one line and ends in "\n".
 */
#ifndef PRINTK_H
#define PRINTK_H

#include "types.h"

#define KERN_SOH     "\001"
#define KERN_EMERG   KERN_SOH "0" /* the machine is about to stop */
#define KERN_ERR     KERN_SOH "3" /* something failed */
#define KERN_WARNING KERN_SOH "4" /* something is odd */
#define KERN_NOTICE  KERN_SOH "5" /* normal, worth seeing */
#define KERN_INFO    KERN_SOH "6" /* what happened */
#define KERN_DEBUG   KERN_SOH "7" /* only in dmesg */

/* printk: format, stamp with the time, keep in the log, show on the consoles
 * when the level is at most the console's (6; 4 with `quiet`).
 * => any context, from the first instruction of C on
 * => returns the number of bytes that it formatted */
int printk(const char *fmt, ...) __printf(1, 2);

#define pr_emerg(...)  printk(KERN_EMERG __VA_ARGS__)
#define pr_err(...)    printk(KERN_ERR __VA_ARGS__)
#define pr_warn(...)   printk(KERN_WARNING __VA_ARGS__)
#define pr_notice(...) printk(KERN_NOTICE __VA_ARGS__)
#define pr_info(...)   printk(KERN_INFO __VA_ARGS__)
#define pr_debug(...)  printk(KERN_DEBUG __VA_ARGS__)

/* A row of a console that a message goes on in begins so: below its text. */
#define LOG_INDENT   "                 "
#define LOG_LINE_MAX 440 /* the longest message, its time stamp, "\n" */

/* Log reader: log_first is the oldest position still kept, log_next copies
 * the line at *pos ("[    0.012345] text\n", with its time stamp) and moves
 * *pos on.
 * => any context; *level gets the line's level; size is at least 32
 * => returns the number of bytes in buf (a long line is cut; terminated), 0
 *    at the end */
size_t log_first(void);
size_t log_next(size_t *pos, char *buf, size_t size, int *level);

/* printk_set_clock: where time stamps come from, in microseconds since boot.
 * Before the first call they are 0. */
void printk_set_clock(u64 (*clock_us)(void));

/* printk_set_level: from now on consoles show messages up to this level (0 to
 * 7); the log keeps all. => process context; the level so far */
int printk_set_level(int level);

/* printk_count: how many messages of at least this severity there were
 * (level as a number, 0 to 7): a test that expects one compares. */
unsigned int printk_count(int level);

/* printk_oops: the machine is failing: from here on no lock is waited for. */
void printk_oops(void);

#endif
