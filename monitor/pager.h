/* pager.h - one screenful at a time. */
#ifndef PAGER_H
#define PAGER_H

#include "types.h"

/* pager_set: while this is on, a console with rows stops after each screenful
 * and asks "-- more --": space shows a screenful more, Enter a line, q or
 * ctrl-C drops what is still to come. Turning it off (or on again) starts
 * afresh.
 * => process context. What is written with interrupts off is never held up
 *    and never dropped: irq handlers, printk, panic. */
void pager_set(bool on);

#endif
