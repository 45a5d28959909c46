/* pic.c - the two 8259 interrupt controllers, one feeding the other.
 *
 *    lines 8..15        lines 0..7
 *   +-----------+  2   +-----------+
 *   |  second   |----->|   first   |-----> CPU, as vector 0x20 + line
 *   +-----------+      +-----------+
 *
 * They start at vectors 8 and 0x70, and 8 to 15 are exceptions: they have to
 * move. Line 2 of the first one, the way in for the second, stays open.
 *
 * A line that falls silent before the CPU asks which one it was is reported as
 * the controller's last one, 7 or 15, without being in service: "spurious".
 */
#include "irq.h"
#include "printk.h"
#include "x86.h"

#define PIC1_COMMAND 0x20
#define PIC1_MASK    0x21
#define PIC2_COMMAND 0xA0
#define PIC2_MASK    0xA1

/* Four initialisation words: the first to the command port, the others to the
 * mask port. */
#define ICW1_START  0x11 /* all four words follow; edge-triggered */
#define ICW3_FIRST  0x04 /* a bit per line: a controller on line 2 */
#define ICW3_SECOND 0x02 /* a number: I am on line 2 */
#define ICW4_8086   0x01 /* x86 vectors, acknowledged by hand */

#define OCW2_EOI       0x20 /* the highest line in service is done */
#define OCW3_READ_ISR  0x0B /* the next read: lines in service */
#define PER_CONTROLLER 8

static u16 masked = (u16) ~(1u << IRQ_CASCADE); /* a bit per line */

static void
write_mask(unsigned int irq)
{
	if (irq < PER_CONTROLLER)
		outb((u8)masked, PIC1_MASK);
	else
		outb((u8)(masked >> PER_CONTROLLER), PIC2_MASK);
}

void
pic_mask(unsigned int irq)
{
	masked |= 1u << irq;
	write_mask(irq);
}

void
pic_unmask(unsigned int irq)
{
	masked &= ~(1u << irq);
	write_mask(irq);
}

void
pic_restore(u16 lines)
{
	masked = lines;
	write_mask(0);
	write_mask(PER_CONTROLLER);
}

u16
pic_mask_all(void)
{
	u16 before = masked;

	pic_restore((u16)~0u);
	return before;
}

void
pic_eoi(unsigned int irq)
{
	if (irq >= PER_CONTROLLER)
		outb(OCW2_EOI, PIC2_COMMAND);
	outb(OCW2_EOI, PIC1_COMMAND);
}

static bool
last_in_service(u16 command)
{
	outb(OCW3_READ_ISR, command);
	return inb(command) >> (PER_CONTROLLER - 1) & 1;
}

bool
pic_spurious(unsigned int irq)
{
	if (irq == PER_CONTROLLER - 1)
		return !last_in_service(PIC1_COMMAND);
	if (irq == NR_IRQS - 1 && !last_in_service(PIC2_COMMAND)) {
		/* The first one did see a request, on line 2. */
		pic_eoi(IRQ_CASCADE);
		return true;
	}
	return false;
}

void
pic_init(void)
{
	outb(ICW1_START, PIC1_COMMAND);
	outb(ICW1_START, PIC2_COMMAND);
	outb(IRQ_VECTOR_BASE, PIC1_MASK);
	outb(IRQ_VECTOR_BASE + PER_CONTROLLER, PIC2_MASK);
	outb(ICW3_FIRST, PIC1_MASK);
	outb(ICW3_SECOND, PIC2_MASK);
	outb(ICW4_8086, PIC1_MASK);
	outb(ICW4_8086, PIC2_MASK);
	pic_restore(masked);
	if (inb(PIC1_MASK) != (u8)masked)
		pr_err("pic: no interrupt controller: no timer, and nothing "
		       "that is typed will be heard\n");
}
