/* keyboard.c - a PS/2 keyboard: numbers of keys in, characters out.
 *
 *   key A down: 1E --+                            +--> 'a', 'A', ctrl-A
 *   key A up:   9E --+--> irq 1 --> handle_code --+--> "\033[A"
 *   arrow up:  E0 48 (prefix)                     +--> shift: only remembered
 *
 * The codes are those of the original PC ("set 1"), into which the controller
 * translates whatever the keyboard sends. The layout is the US one. Alt, num
 * lock and the function keys mean nothing here: the number pad always moves the
 * cursor. The caps lock light stays dark.
 *
 * Guarantees: an absent controller is noticed, a silent one costs a bounded
 * wait, and no byte is left in the controller, which would then raise no
 * further interrupt.
 */
#include "console.h"
#include "drivers.h"
#include "internal.h"
#include "irq.h"
#include "printk.h"
#include "util.h"
#include "x86.h"

#define STATUS_OUTPUT 0x01 /* a byte waits for us */
#define STATUS_MOUSE  0x20 /* the byte is the mouse's */
#define STATUS_ABSENT 0xFF /* nobody answers: it is not always all of this */

#define COMMAND_READ_CONFIG   0x20
#define COMMAND_WRITE_CONFIG  0x60
#define COMMAND_DISABLE_MOUSE 0xA7
#define COMMAND_DISABLE_KEYS  0xAD
#define COMMAND_ENABLE_KEYS   0xAE

#define CONFIG_IRQ1      0x01
#define CONFIG_IRQ12     0x02
#define CONFIG_KEYS_OFF  0x10
#define CONFIG_TRANSLATE 0x40 /* to set 1 */

#define KEYBOARD_SCAN 0xF4 /* to the keyboard itself: report keys */

#define MAX_BYTES 16 /* more of them in a row is no keyboard */

#define CODE_RELEASE 0x80
#define CODE_PREFIX  0xE0

/* Keys that only change what others mean. */
#define KEY_CTRL        0x1D
#define KEY_LEFT_SHIFT  0x2A
#define KEY_RIGHT_SHIFT 0x36
#define KEY_CAPS_LOCK   0x3A

/* The number pad's, which come prefixed and mean the same without. */
#define KEY_ENTER 0x1C
#define KEY_SLASH 0x35

/* Keys 0x00 to 0x39: one character a key, a gap where there is none. */
static const char plain[] = "\0\0331234567890-=\x7f\t"
			    "qwertyuiop[]\r\0as"
			    "dfghjkl;'`\0\\zxcv"
			    "bnm,./\0*\0 ";
static const char shifted[] = "\0\033!@#$%^&*()_+\x7f\t"
			      "QWERTYUIOP{}\r\0AS"
			      "DFGHJKL:\"~\0|ZXCV"
			      "BNM<>?\0*\0 ";
static_assert(sizeof(plain) == 0x3A + 1, "a key too many, or too few");
static_assert(sizeof(shifted) == sizeof(plain), "a key too many, or too few");

/* Keys 0x47 to 0x53, on the number pad and (prefixed) beside it: home, up, page
 * up, minus; left, the middle, right, plus; end, down, page down; insert,
 * delete. */
#define FIRST_PAD_KEY 0x47
static const char *const pad[] = {
	"\033[H",  "\033[A",  "\033[5~", "-", /* 7 8 9 - */
	"\033[D",  "",        "\033[C",  "+", /* 4 5 6 + */
	"\033[F",  "\033[B",  "\033[6~",      /* 1 2 3 */
	"\033[2~", "\033[3~",                 /* 0 . */
};

static struct {
	bool shift[2], ctrl, caps_lock; /* held, left and right; held; on */
	bool prefixed;                  /* the last code was the prefix */
} keys;

static void
type(const char *s)
{
	for (; *s; s++)
		console_input(CONSOLE_KEYBOARD, *s);
}

/* => false if the key is not one that modifies others */
static bool
handle_modifier(u8 key, bool down, bool prefixed)
{
	switch (key) {
	case KEY_CTRL: /* prefixed: the right one */
		keys.ctrl = down;
		return true;
	case KEY_LEFT_SHIFT:
	case KEY_RIGHT_SHIFT:
		if (!prefixed) /* some keyboards wrap arrows in these */
			keys.shift[key == KEY_RIGHT_SHIFT] = down;
		return true;
	case KEY_CAPS_LOCK:
		keys.caps_lock ^= down;
		return true;
	}
	return false;
}

static void
handle_key(u8 key, bool prefixed)
{
	bool shift = keys.shift[0] || keys.shift[1];
	char c;

	if (key >= FIRST_PAD_KEY && key < FIRST_PAD_KEY + ARRAY_SIZE(pad)) {
		type(pad[key - FIRST_PAD_KEY]);
		return;
	}
	if (key >= sizeof(plain) - 1)
		return;
	/* Print screen, louder, next song: numbers of letters, prefixed. */
	if (prefixed && key != KEY_ENTER && key != KEY_SLASH)
		return;
	c = plain[key];
	if (c >= 'a' && c <= 'z')
		shift ^= keys.caps_lock;
	if (shift)
		c = shifted[key];
	if (keys.ctrl && c >= '@' && c < 0x7f)
		c &= 0x1F;
	if (c)
		console_input(CONSOLE_KEYBOARD, c);
}

static void
handle_code(u8 code)
{
	u8 key = code & ~CODE_RELEASE;
	bool down = !(code & CODE_RELEASE);
	bool prefixed = keys.prefixed;

	keys.prefixed = code == CODE_PREFIX;
	if (keys.prefixed || handle_modifier(key, down, prefixed))
		return;
	if (down)
		handle_key(key, prefixed);
}

/* => how many bytes there were */
static unsigned int
empty_controller(void (*take)(u8 code))
{
	unsigned int n;

	for (n = 0; n < MAX_BYTES; n++) {
		u8 status = inb(KBD_STATUS);
		u8 code;

		if (!(status & STATUS_OUTPUT) || status == STATUS_ABSENT)
			break;
		code = inb(KBD_DATA);
		if (take && !(status & STATUS_MOUSE))
			take(code);
	}
	return n;
}

static irqreturn_t
keyboard_irq(int irq __maybe_unused, void *dev __maybe_unused)
{
	return empty_controller(handle_code) ? IRQ_HANDLED : IRQ_NONE;
}

static bool
put(u8 byte, u16 kbd_port)
{
	if (!kbd_wait(STATUS_INPUT, 0))
		return false;
	outb(byte, kbd_port);
	return true;
}

/* Let the controller pass keys on, translated, by interrupt. */
static bool
configure(void)
{
	u8 config;

	if (!put(COMMAND_DISABLE_KEYS, KBD_COMMAND) ||
	    !put(COMMAND_DISABLE_MOUSE, KBD_COMMAND))
		return false;
	empty_controller(NULL); /* or it would be taken for the answer */
	if (!put(COMMAND_READ_CONFIG, KBD_COMMAND) ||
	    !kbd_wait(STATUS_OUTPUT, STATUS_OUTPUT))
		return false;
	config = inb(KBD_DATA);
	config |= CONFIG_IRQ1 | CONFIG_TRANSLATE;
	config &= ~(CONFIG_IRQ12 | CONFIG_KEYS_OFF);
	return put(COMMAND_WRITE_CONFIG, KBD_COMMAND) &&
	       put(config, KBD_DATA) && put(COMMAND_ENABLE_KEYS, KBD_COMMAND);
}

void
keyboard_init(void)
{
	if (inb(KBD_STATUS) == STATUS_ABSENT) {
		pr_info("keyboard: no controller\n");
		return;
	}
	if (!configure())
		pr_warn("keyboard: the controller does not answer\n");
	if (request_irq(IRQ_KEYBOARD, keyboard_irq, 0, "keyboard", NULL))
		pr_err("keyboard: interrupt %d is taken\n", IRQ_KEYBOARD);

	/* The answer (FA) comes as an interrupt too; it is no key. */
	empty_controller(NULL);
	put(KEYBOARD_SCAN, KBD_DATA);
}
