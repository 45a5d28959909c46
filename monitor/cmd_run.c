/* cmd_run.c - programs, from the monitor.
 *
 *	run PROG ARGS --> run_program --> "exited with 3", "killed by signal 11"
 *	maps PID      --> what /proc/PID/maps shows
 *	vmas PID      --> the areas as the kernel has them
 */
#include "../linux/process.h"
#include "../linux/seq.h"
#include "command.h"
#include "console.h"
#include "errno.h"
#include "printf.h"
#include "slab.h"
#include "stop.h"
#include "util.h"

bool
command_is_program(const char *name)
{
	char path[80];
	struct inode *inode;
	bool is;

	scnprintf(path, sizeof(path), "/bin/%s", name);
	inode = path_lookup(path, AT_FDCWD);
	if (IS_ERR(inode))
		return false;
	is = S_ISREG(inode->mode);
	inode_put(inode);
	return is;
}

static int
cmd_run(int argc, char **argv)
{
	int status;

	if (argc < 2)
		return -EINVAL;
	stop_lend(true);
	status = run_program(argv[1], (const char *const *)argv + 1);
	stop_lend(false);
	if (status == -EINTR)
		console_printf("\n%s goes on in the background.\n", argv[1]);
	else if (status < 0)
		console_printf("%s: error %d\n", argv[1], -status);
	else if (status & 0x7F)
		console_printf("%s: killed by signal %d\n", argv[1],
			       status & 0x7F);
	else if (status)
		console_printf("%s: exited with %d\n", argv[1], status >> 8);
	return status < 0 && status != -EINTR ? status : 0;
}
/* By hand: COMMAND would call it command_run, which is the monitor's. */
static const struct command command_run_program = {
	.name = "run",
	.args = "PROGRAM [ARGS]",
	.help = "runs a program until it ends; Ctrl-\\ leaves it alone",
	.run = cmd_run,
};
TABLE_ADD(commands, command_run_program);

/* The mm of the process that the command names. => NULL, after it said why */
static struct mm_struct *
mm_of(int argc, char **argv)
{
	struct mm_struct *mm;
	u32 pid;

	if (argc < 2 || command_number(argv[1], &pid))
		return NULL;
	mm = process_get_mm((int)pid);
	if (!mm)
		console_printf("There is no process %u.\n", pid);
	return mm;
}

static int
cmd_vmas(int argc, char **argv)
{
	struct mm_struct *mm = mm_of(argc, argv);
	struct vm_area_struct *a;

	if (!mm)
		return argc == 2 ? -ESRCH : -EINVAL;
	mutex_lock(&mm->lock);
	console_printf("%u areas, %lu pages; rss: %lu file, %lu anonymous; "
		       "directory at 0x%08x\n",
		       mm->nr_areas, mm->total_vm, mm->rss[RSS_FILE],
		       mm->rss[RSS_ANON], (u32)mm->pgd);
	for (a = first_vma(mm); a; a = next_vma(a))
		console_printf("%08lx-%08lx %c%c%c%c%s%s %6lu pages, gap below "
			       "%lu KiB%s\n",
			       a->start, a->end, a->flags & VM_READ ? 'r' : '-',
			       a->flags & VM_WRITE ? 'w' : '-',
			       a->flags & VM_EXEC ? 'x' : '-',
			       a->flags & VM_SHARED ? 's' : 'p',
			       a->flags & VM_GROWSDOWN ? " stack" : "",
			       a->flags & VM_ANON ? " anon" : "",
			       (a->end - a->start) / PAGE_SIZE,
			       (unsigned long)a->gap / 1024,
			       a->ops ? ", of a file" : "");
	mutex_unlock(&mm->lock);
	mm_put(mm);
	return 0;
}
COMMAND(vmas, "PID", "shows a process's areas as the kernel has them");

static int
cmd_maps(int argc, char **argv)
{
	struct seq seq = {.file = proc_pid_file("maps", 4)};
	u32 pid;
	int err;

	if (argc != 2 || command_number(argv[1], &pid))
		return -EINVAL;
	seq.pid = (int)pid;
	err = seq_fill(&seq);
	if (err == -ESRCH)
		console_printf("There is no process %u.\n", pid);
	console_write(seq.buf, seq.len);
	kfree(seq.buf);
	return err;
}
COMMAND(maps, "PID", "shows a process's areas as /proc/PID/maps does");
