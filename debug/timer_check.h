/* timer_check.h - a wheel of timers, looked at: for the monitor and for tests. */
#ifndef TIMER_CHECK_H
#define TIMER_CHECK_H

#include "timer.h"

/* timer_base_list: copy what is armed, in no order, to copies (max of them;
 * NULL for 0). => any context; how many are armed
 * timer_base_check: => how many are where they do not belong */
unsigned int timer_base_list(struct timer_base *base, struct timer_list *copies,
			     unsigned int max);
unsigned int timer_base_check(struct timer_base *base);

#endif
