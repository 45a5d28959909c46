/* irq.h - device interrupts: 16 lines through two 8259 controllers.
 *
 *   device --line 0..15--> PIC --vector 0x20+line--> trap.c --> irq.c --> you
 */
#ifndef IRQ_H
#define IRQ_H

#include "types.h"

#define IRQ_VECTOR_BASE 0x20 /* line n arrives as this plus n */
#define NR_IRQS         16

#define IRQ_TIMER    0
#define IRQ_KEYBOARD 1
#define IRQ_CASCADE  2 /* the second controller: never a line of its own */
#define IRQ_SERIAL1  4

/* IRQ_NONE: it was not my device. */
typedef enum {
	IRQ_NONE,
	IRQ_HANDLED
} irqreturn_t;
typedef irqreturn_t (*irq_handler_t)(int irq, void *dev);

#define IRQF_SHARED 0x80u /* others may have the line, too */

/* request_irq: call handler(irq, dev) for each interrupt of the line, and
 * unmask it if it was nobody's. On a line that is shared every handler is
 * asked, each time; dev tells one from another, and may not be NULL then.
 * => process context; the handler runs in irq context, interrupts off; name
 *    stays the caller's
 * => 0; -EINVAL for no such line or no handler, -EBUSY if it is taken and not
 *    all who have it share it, -ENOMEM with 32 handlers in all */
int __must_check request_irq(unsigned int irq, irq_handler_t handler,
			     unsigned int flags, const char *name, void *dev);

/* free_irq: stop calling the handler requested with dev; the last one gone,
 * mask the line.
 * => process context; its name; NULL, and reported, if there is none */
const void *free_irq(unsigned int irq, void *dev);

/* irq_count: how often the line has fired; of IRQ_SPURIOUS: how many interrupts
 * came that no line had asked for. => any context */
unsigned long irq_count(unsigned int irq);
#define IRQ_SPURIOUS NR_IRQS

/* irq_format: the text of /proc/interrupts, as Linux lays it out.
 * => any context; how many bytes; a text that is too long is cut */
size_t irq_format(char *text, size_t size);

/* irq_init: route the 16 vectors here. => boot, after pic_init */
void irq_init(void);

/* The controller itself (drivers/pic.c). pic_init moves both to vectors 0x20
 * to 0x2F with all lines masked. pic_eoi acknowledges. pic_spurious tells
 * whether line 7 or 15 fired with no request behind it (and acknowledges what
 * has to be). pic_mask_all masks every line and returns which ones were masked
 * before, a bit each, for pic_restore. => any context, interrupts off (the last
 * two: process context) */
void pic_init(void);
void pic_mask(unsigned int irq);
void pic_unmask(unsigned int irq);
u16 pic_mask_all(void);
void pic_restore(u16 lines);
void pic_eoi(unsigned int irq);
bool pic_spurious(unsigned int irq);

#endif
