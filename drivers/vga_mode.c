/* vga_mode.c - set up a VGA as the BIOS would: mode 3, text, 80x25, colour.
 *
 *            CRTC: addresses, timing          font: plane 2
 *                    |                            |
 *   plane 0, 1:  character, attribute --> sequencer: dots
 *                                             |
 *        attribute controller: 16 colours --> 6 bits --> DAC --> monitor
 *
 * Each part is a small register file behind an index and a data port. Most of
 * the numbers below are IBM's, from the description of the VGA: 720x400 dots,
 * 70 Hz, cells of 9x16, the screen's memory at 0xB8000.
 *
 * Whether a BIOS was here is read from the registers alone. QEMU without a
 * video BIOS starts with all of them 0; a loader may have left a graphics mode.
 */
#include "drivers.h"
#include "internal.h"
#include "page.h"
#include "string.h"
#include "util.h"
#include "x86.h"

#define MISC_WRITE      0x3C2
#define MISC_READ       0x3CC
#define ATTRIBUTE       0x3C0 /* index and data in turn */
#define ATTRIBUTE_RESET 0x3DA /* read: the next write is an index */
#define SEQUENCER       0x3C4 /* of these the data port is the next one */
#define GRAPHICS        0x3CE
#define CRTC            0x3D4
#define DAC_MASK        0x3C6
#define DAC_WRITE_INDEX 0x3C8
#define DAC_DATA        0x3C9

#define MISC_COLOUR 0x01 /* the CRTC is at 0x3D4, not at 0x3B4 */
#define MISC_MODE_3 0x67 /* 28 MHz dots, 400 lines, memory and colour on */

#define SEQUENCER_RESET    0x00
#define SEQUENCER_PLANES   0x02 /* which planes are written */
#define SEQUENCER_MEMORY   0x04 /* how addresses find planes */
#define GRAPHICS_MODE      0x05
#define GRAPHICS_MISC      0x06 /* text or not, and where it appears */
#define CRTC_WIDTH         0x01 /* in cells, minus 1 */
#define CRTC_CELL_HEIGHT   0x09 /* minus 1, in the low 5 bits */
#define CRTC_RETRACE_END   0x11
#define CRTC_LOCK          0x80 /* there: registers 0 to 7 are read-only */
#define ATTRIBUTE_MODE     0x10
#define ATTRIBUTE_VIDEO_ON 0x20 /* in the index: end of programming */

#define RESET_STOP 0x01
#define RESET_RUN  0x03

/* Text: even addresses are in plane 0, odd ones in plane 1. The font: every
 * address is in plane 2, which appears where graphics would. */
#define PLANES_TEXT   0x03
#define PLANES_FONT   0x04
#define MEMORY_TEXT   0x02
#define MEMORY_FONT   0x06
#define MODE_TEXT     0x10
#define MODE_FONT     0x00
#define TEXT_AT_B8000 0x0E
#define FONT_AT_A0000 0x04

/* ATTRIBUTE_MODE: column 9 of a cell continues column 8 for the line drawing
 * characters. 0x08 in it would be blinking. */
#define NO_BLINK 0x04

#define FONT_MEMORY 0xA0000
#define FONT_GLYPHS 256
#define FONT_HEIGHT 16
#define FONT_STRIDE 32 /* bytes from glyph to glyph in plane 2 */

extern const u8 vga_font[FONT_GLYPHS][FONT_HEIGHT]; /* font.asm */

static const u8 sequencer[] __initdata = {
	RESET_STOP, 0x00, PLANES_TEXT, 0x00, MEMORY_TEXT,
};

static const u8 crtc[] __initdata = {
	0x5F, 0x4F, 0x50, 0x82, 0x55, 0x81, 0xBF, 0x1F, /* horizontal */
	0x00, 0x4F, 0x0D, 0x0E, 0x00, 0x00, 0x00, 0x00, /* cursor, start */
	0x9C, 0x8E, 0x8F, 0x28, 0x1F, 0x96, 0xB9, 0xA3, /* vertical */
	0xFF,
};

static const u8 graphics[] __initdata = {
	0x00, 0x00, 0x00, 0x00, 0x00, MODE_TEXT, TEXT_AT_B8000, 0x00, 0xFF,
};

/* The 16 colours as the 6 bits of an EGA monitor: rgbRGB, see set_palette. */
static const u8 attribute[] __initdata = {
	0x00,     0x01, 0x02, 0x03, 0x04, 0x05, 0x14, 0x07, /* dark */
	0x38,     0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F, /* bright */
	NO_BLINK, 0x00, 0x0F, 0x08, 0x00,
};

static __init void
set(u16 part, u8 index, u8 value)
{
	outb(index, part);
	outb(value, part + 1);
}

static __init u8
get(u16 part, u8 index)
{
	outb(index, part);
	return inb(part + 1);
}

static __init void
set_all(u16 part, const u8 *values, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		set(part, i, values[i]);
}

static __init void
set_attribute(u8 index, u8 value)
{
	outb(index, ATTRIBUTE);
	outb(value, ATTRIBUTE);
}

/* One primary colour, 0 to 63: two thirds for the capital letter's bit (0 blue,
 * 1 green, 2 red), one third for the small one's, three places up. */
static __init u8
primary(unsigned int colour, unsigned int bit)
{
	return (colour >> bit & 1) * 42 + (colour >> (bit + 3) & 1) * 21;
}

static __init void
set_palette(void)
{
	unsigned int colour;

	outb(0xFF, DAC_MASK);
	outb(0, DAC_WRITE_INDEX); /* counts up after each third write */
	for (colour = 0; colour < 64; colour++) {
		outb(primary(colour, 2), DAC_DATA);
		outb(primary(colour, 1), DAC_DATA);
		outb(primary(colour, 0), DAC_DATA);
	}
}

static __init void
load_font(void)
{
	u8 *memory = __va(FONT_MEMORY);
	unsigned int i;

	set(SEQUENCER, SEQUENCER_PLANES, PLANES_FONT);
	set(SEQUENCER, SEQUENCER_MEMORY, MEMORY_FONT);
	set(GRAPHICS, GRAPHICS_MODE, MODE_FONT);
	set(GRAPHICS, GRAPHICS_MISC, FONT_AT_A0000);

	for (i = 0; i < FONT_GLYPHS; i++)
		memcpy(memory + i * FONT_STRIDE, vga_font[i], FONT_HEIGHT);

	set(SEQUENCER, SEQUENCER_PLANES, PLANES_TEXT);
	set(SEQUENCER, SEQUENCER_MEMORY, MEMORY_TEXT);
	set(GRAPHICS, GRAPHICS_MODE, MODE_TEXT);
	set(GRAPHICS, GRAPHICS_MISC, TEXT_AT_B8000);
}

__init bool
vga_is_mode_3(void)
{
	return (inb(MISC_READ) & MISC_COLOUR) &&
	       (get(GRAPHICS, GRAPHICS_MISC) & 0x0F) == TEXT_AT_B8000 &&
	       get(CRTC, CRTC_WIDTH) == 79 &&
	       (get(CRTC, CRTC_CELL_HEIGHT) & 0x1F) == FONT_HEIGHT - 1;
}

__init void
vga_no_blink(void)
{
	inb(ATTRIBUTE_RESET);
	set_attribute(ATTRIBUTE_MODE | ATTRIBUTE_VIDEO_ON, NO_BLINK);
}

__init void
vga_set_mode_3(void)
{
	unsigned int i;

	set(SEQUENCER, SEQUENCER_RESET, RESET_STOP); /* to change the clock */
	outb(MISC_MODE_3, MISC_WRITE);
	set_all(SEQUENCER, sequencer, ARRAY_SIZE(sequencer));
	set(SEQUENCER, SEQUENCER_RESET, RESET_RUN);
	set_all(GRAPHICS, graphics, ARRAY_SIZE(graphics));
	set(CRTC, CRTC_RETRACE_END, get(CRTC, CRTC_RETRACE_END) & ~CRTC_LOCK);
	set_all(CRTC, crtc, ARRAY_SIZE(crtc));
	load_font();

	set_palette();
	inb(ATTRIBUTE_RESET);
	for (i = 0; i < ARRAY_SIZE(attribute); i++)
		set_attribute(i, attribute[i]);
	outb(ATTRIBUTE_VIDEO_ON, ATTRIBUTE);
}
