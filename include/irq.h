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
#define IRQ_SERIAL1  4

typedef enum {
	IRQ_NONE,
	IRQ_HANDLED
} irqreturn_t;
typedef irqreturn_t (*irq_handler_t)(int irq, void *dev);

/* request_irq: call handler(irq, dev) for each interrupt of the line, and
 * unmask it.
 * => process context, boot
 * => 0; -EINVAL for no such line, -EBUSY if it is taken */
int __must_check request_irq(unsigned int irq, irq_handler_t handler,
			     const char *name, void *dev);

/* irq_count: how often the line has fired. irq_name: who has it, or NULL. */
unsigned long irq_count(unsigned int irq);
const char *irq_name(unsigned int irq);

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
