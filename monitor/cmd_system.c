/* cmd_system.c - what the machine is and what it has said: cpu, dmesg,
 * sym; and its ends: reboot, poweroff.
 *
 * Each command is a view of one lower part's own interface:
 *
 *	cpu    <-- cpu.h, the control registers	  dmesg <-- printk.h
 *	sym    <-- symbols.h
 */
#include "command.h"
#include "console.h"
#include "cpu.h"
#include "drivers.h"
#include "errno.h"
#include "explain.h"
#include "printf.h"
#include "printk.h"
#include "sections.h"
#include "string.h"
#include "symbols.h"
#include "time.h"
#include "util.h"
#include "x86.h"

#define CR0_ET      (1u << 4) /* always set since the 486 */
#define SYMBOL_LINE 160
#define GLOB_MAX    130 /* what sym searches with, two stars included */

static int
cmd_dmesg(int argc __maybe_unused, char **argv __maybe_unused)
{
	char line[LOG_LINE_MAX];
	size_t pos = log_first(), n;
	int level;

	while ((n = log_next(&pos, line, sizeof(line), &level)))
		console_rows(line, n, 0, LOG_INDENT);
	return 0;
}
COMMAND(dmesg, "",
	"shows what the kernel has logged\n"
	"Everything since boot, as far as the log reaches back, also what was\n"
	"too unimportant for the console. In front: seconds since boot.");

/* Features that the kernel itself does not ask for. */
#define X86_FEATURE_PAE        (CPU_1_EDX * 32 + 6)
#define X86_FEATURE_CX8        (CPU_1_EDX * 32 + 8)
#define X86_FEATURE_APIC       (CPU_1_EDX * 32 + 9)
#define X86_FEATURE_SEP        (CPU_1_EDX * 32 + 11)
#define X86_FEATURE_CMOV       (CPU_1_EDX * 32 + 15)
#define X86_FEATURE_PAT        (CPU_1_EDX * 32 + 16)
#define X86_FEATURE_SSE2       (CPU_1_EDX * 32 + 26)
#define X86_FEATURE_HYPERVISOR (CPU_1_ECX * 32 + 31)

/* Those we name, and the CR4 bit that switches them on, if one does. */
static const struct {
	const char *name;
	unsigned int feature;
	u32 cr4;
} known[] = {
	{"fpu", X86_FEATURE_FPU, 0},
	{"tsc", X86_FEATURE_TSC, 0},
	{"cx8", X86_FEATURE_CX8, 0},
	{"cmov", X86_FEATURE_CMOV, 0},
	{"pse", X86_FEATURE_PSE, CR4_PSE},
	{"pge", X86_FEATURE_PGE, CR4_PGE},
	{"pae", X86_FEATURE_PAE, 0},
	{"pat", X86_FEATURE_PAT, 0},
	{"apic", X86_FEATURE_APIC, 0},
	{"sep", X86_FEATURE_SEP, 0},
	{"fxsr", X86_FEATURE_FXSR, 0},
	{"sse", X86_FEATURE_SSE, 0},
	{"sse2", X86_FEATURE_SSE2, 0},
	{"smep", X86_FEATURE_SMEP, CR4_SMEP},
	{"smap", X86_FEATURE_SMAP, CR4_SMAP},
	{"umip", X86_FEATURE_UMIP, CR4_UMIP},
	{"hypervisor", X86_FEATURE_HYPERVISOR, 0},
};

/* What the processor offers, in rows of a screen's width; in parentheses what
 * is not switched on. */
static void
print_features(u32 cr4)
{
	int column = console_printf("  %-12s", "features");

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		const char *name = known[i].name;
		bool on = !known[i].cr4 || (cr4 & known[i].cr4);

		if (!cpu_has(known[i].feature))
			continue;
		if (column + strlen(name) + 3 >= 80)
			column = console_printf("\n  %-12s", "") - 1;
		column += console_printf(on ? " %s" : " (%s)", name);
	}
	console_printf("\n");
}

struct register_bit {
	u32 bit;
	const char *name;
};

static const struct register_bit cr0_bits[] = {
	{CR0_PE, "pe"}, {CR0_MP, "mp"}, {CR0_ET, "et"}, {CR0_NE, "ne"},
	{CR0_WP, "wp"}, {CR0_PG, "pg"}, {0, NULL},
};

static const struct register_bit cr4_bits[] = {
	{CR4_PSE, "pse"},   {CR4_PGE, "pge"},   {CR4_UMIP, "umip"},
	{CR4_SMEP, "smep"}, {CR4_SMAP, "smap"}, {0, NULL},
};

/* A control register's value, the bits that we have names for, and the rest
 * as a number. */
static void
print_register(const char *name, u32 value, const struct register_bit *bits)
{
	u32 rest = value;

	console_printf("  %-12s 0x%08x =", name, value);
	for (; bits->bit; bits++) {
		if (value & bits->bit)
			console_printf(" %s", bits->name);
		rest &= ~bits->bit;
	}
	if (rest || !value)
		console_printf(" 0x%x", rest);
	console_printf("\n");
}

static int
cmd_cpu(int argc __maybe_unused, char **argv __maybe_unused)
{
	const struct cpu_info *cpu = &boot_cpu;

	if (cpu->vendor[0])
		console_printf("  %-12s %s\n  %-12s %s\n  %-12s family %u, "
			       "model %u, stepping %u; CPUID leaves 0 to %u\n",
			       "vendor", cpu->vendor, "name", cpu->model_name,
			       "type", cpu->family, cpu->model, cpu->stepping,
			       cpu->max_leaf);
	else
		console_printf("  %-12s too old to say (no CPUID)\n", "name");
	print_features(cpu->vendor[0] ? read_cr4() : 0); /* no CPUID, no CR4 */
	print_register("CR0", read_cr0(), cr0_bits);
	if (cpu->vendor[0])
		print_register("CR4", read_cr4(), cr4_bits);
	if (cpu->tsc_khz)
		console_printf("  %-12s %u.%03u MHz\n", "time stamps",
			       cpu->tsc_khz / 1000, cpu->tsc_khz % 1000);
	else
		console_printf("  %-12s none\n", "time stamps");
	return 0;
}
COMMAND(cpu, "",
	"tells which processor this is and what it can do\n"
	"Features are named as in Linux' /proc/cpuinfo, in parentheses if "
	"they\n"
	"are not switched on. CR0 and CR4 are the registers that do that.");

static void
print_symbol(const struct symbol *sym)
{
	const struct section_range *section = section_of(sym->address);

	char line[SYMBOL_LINE];
	size_t n;

	n = scnprintf(line, sizeof(line), "  0x%08x %6u  %-8s %s", sym->address,
		      sym->size, section ? section->name : "", sym->name);
	console_rows(line, n, 0, "    ");
	console_printf("\n");
}

/* => how many there are that match */
static unsigned int
print_symbols(const char *glob)
{
	struct symbol sym;
	unsigned int found = 0;

	for (size_t n = 0; symbol_nth(n, &sym) && !command_stopped(); n++) {
		if (!*sym.name || !glob_match(glob, sym.name))
			continue; /* without a name: a gap */
		if (!found++)
			console_printf("  address      size  section  name\n");
		print_symbol(&sym);
	}
	return found;
}

static int
sym_of_address(const char *text)
{
	struct symbol sym;
	u32 address;
	int error = command_number(text, &address);

	if (error)
		return error;
	if (!symbol_find(address, &sym))
		return command_refuse(-ENOENT, "0x%08x is in no symbol (%s).",
				      address, address_region(address));
	console_printf("  0x%08x = %s + 0x%x\n", address, sym.name,
		       address - sym.address);
	print_symbols(sym.name);
	return 0;
}

static int
cmd_sym(int argc, char **argv)
{
	char glob[GLOB_MAX];

	if (argc != 2)
		return -EINVAL;
	if ((argv[1][0] >= '0' && argv[1][0] <= '9') || strchr(argv[1], '+'))
		return sym_of_address(argv[1]);
	if (print_symbols(argv[1]))
		return 0;
	scnprintf(glob, sizeof(glob), "*%s*", argv[1]);
	if (!print_symbols(glob))
		return command_refuse(-ENOENT,
				      "There is no symbol like \"%s\".",
				      argv[1]);
	return 0;
}
COMMAND(sym, "SYMBOL | ADDR | GLOB",
	"finds a symbol by name or by address\n"
	"sym kmain       the symbol of that name; else all with it in them\n"
	"sym crash_*     all that match: * is anything, ? any one character\n"
	"sym 0xc0101234  the symbol that the address lies in");

static int
cmd_uptime(int argc __maybe_unused, char **argv __maybe_unused)
{
	u64 seconds = (u64)ktime_get();
	u32 s, m;

	do_div(seconds, NSEC_PER_SEC);
	s = (u32)seconds % 60;
	m = (u32)seconds / 60;
	console_printf("up %u:%02u:%02u\n", m / 60, m % 60, s);
	return 0;
}
COMMAND(uptime, "", "how long the machine has been running: h:mm:ss");

static int
cmd_reboot(int argc __maybe_unused, char **argv __maybe_unused)
{
	reboot_machine();
}
COMMAND(reboot, "", "starts the machine again");

static int
cmd_poweroff(int argc __maybe_unused, char **argv __maybe_unused)
{
	poweroff_machine();
}
COMMAND(poweroff, "", "switches the machine off; so do exit and quit");
