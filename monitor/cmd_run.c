/* cmd_run.c - programs, from the monitor.
 *
 *	run PROG ARGS --> run_program --> "exited with 3", "killed by signal 11"
 *	kill PID      --> process_kill --> "17 has ended."
 *	maps PID      --> what /proc/PID/maps shows
 *	vmas PID      --> the areas as the kernel has them
 */
#include "../linux/process.h"
#include "../linux/seq.h"
#include "command.h"
#include "console.h"
#include "drivers.h"
#include "errno.h"
#include "error.h"
#include "printf.h"
#include "slab.h"
#include "stop.h"
#include "string.h"
#include "util.h"

#define FATE_MSEC  20 /* kill looks so often, */
#define FATE_TURNS 50 /* so many times */

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

/* Why it was not started, as far as its name tells. */
static int
refuse_program(const char *name, int error)
{
	struct inode *inode = path_lookup(name, AT_FDCWD);
	u32 mode;

	if (IS_ERR(inode) && !strchr(name, '/') && command_is_program(name))
		return command_refuse(error, "%s: %s. There is /bin/%s.", name,
				      error_text(error), name);
	if (IS_ERR(inode))
		return command_refuse(
			error, "%s: %s. The Tab key shows what there is.", name,
			error_text(error));
	mode = inode->mode;
	inode_put(inode);
	if (S_ISDIR(mode))
		return command_refuse(error,
				      "%s is a directory: %s/ and the Tab key "
				      "show what is in it.",
				      name, name);
	if (error == -EACCES && !(mode & 0111))
		return command_refuse(error, "%s is not executable (%s).", name,
				      error_text(error));
	return command_refuse(error, "%s: %s.", name, error_text(error));
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
	if (status == -EINTR) {
		console_printf("\n");
		return command_refuse(0, "%s goes on in the background.",
				      argv[1]);
	}
	if (status < 0)
		return refuse_program(argv[1], status);
	if (status & 0x7F)
		return command_refuse(0, "%s: killed by signal %d, %s.",
				      argv[1], status & 0x7F,
				      signal_name(status & 0x7F));
	if (status)
		return command_refuse(0, "%s: exited with %d", argv[1],
				      status >> 8);
	return 0;
}
/* By hand: COMMAND would call it command_run, which is the monitor's. */
static const struct command command_run_program = {
	.name = "run",
	.args = "PROGRAM [FILE ...]",
	.help = "runs a program until it ends\n"
		"Its name is a path, as /bin/hello; what follows are its\n"
		"arguments. Ctrl-C ends it, Ctrl-\\ leaves it alone.",
	.run = cmd_run,
};
TABLE_ADD(commands, command_run_program);

struct mm_struct *
command_mm(const char *text)
{
	struct mm_struct *mm;
	int pid;

	if (command_pid(text, &pid))
		return NULL;
	mm = process_get_mm(pid);
	if (!mm)
		command_refuse(0,
			       "%d has ended, and has no memory: only its "
			       "parent has not asked how.",
			       pid);
	return mm;
}

static int
cmd_vmas(int argc, char **argv)
{
	struct vm_area_struct *a;
	struct mm_struct *mm;

	if (argc != 2)
		return -EINVAL;
	mm = command_mm(argv[1]);
	if (!mm)
		return -ESRCH;
	mutex_lock(&mm->lock);
	console_printf("%u area%s, %lu pages; rss: %lu file, %lu anonymous; "
		       "directory 0x%08x\n",
		       mm->nr_areas, plural(mm->nr_areas), mm->total_vm,
		       mm->rss[RSS_FILE], mm->rss[RSS_ANON], (u32)mm->pgd);
	for (a = first_vma(mm); a; a = next_vma(a))
		console_printf("%08lx-%08lx %c%c%c%c %-5s %-4s %6lu pages, gap "
			       "below %7lu KiB%s\n",
			       a->start, a->end, a->flags & VM_READ ? 'r' : '-',
			       a->flags & VM_WRITE ? 'w' : '-',
			       a->flags & VM_EXEC ? 'x' : '-',
			       a->flags & VM_SHARED ? 's' : 'p',
			       a->flags & VM_GROWSDOWN ? "stack" : "",
			       a->flags & VM_ANON ? "anon" : "",
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
	int err;

	if (argc != 2)
		return -EINVAL;
	err = command_pid(argv[1], &seq.pid);
	if (err)
		return err;
	err = seq_fill(&seq);
	if (err)
		return command_refuse(err, "%d: %s.", seq.pid, error_text(err));
	console_write(seq.buf, seq.len);
	kfree(seq.buf);
	return 0;
}
COMMAND(maps, "PID", "shows a process's areas as /proc/PID/maps does");

/* --- kill --------------------------------------------------------------------- */

/* => 'Z' and other letters as in ps; 0: it is gone */
static char
state_of(int pid)
{
	struct process_info info;

	return process_info(pid, &info) ? 0 : info.state;
}

/* Wait a little, and say what became of it. */
static int
tell_fate(int pid, int sig)
{
	char state = state_of(pid);

	for (unsigned int i = 0;
	     i < FATE_TURNS && state && state != 'Z' && !command_stopped();
	     i++) {
		msleep(FATE_MSEC);
		state = state_of(pid);
	}
	if (!state || state == 'Z')
		return command_refuse(0, "%d has ended.", pid);
	if (state == 'T')
		return command_refuse(0,
				      "%d is stopped: kill -CONT %d lets it "
				      "go on.",
				      pid, pid);
	if (sig == SIGKILL || pid == 1)
		return command_refuse(0, "%d is still there%s.", pid,
				      pid == 1 ? ": process 1 gets only what "
						 "it has a handler for"
					       : "");
	return command_refuse(0,
			      "%d has got %s, and goes on. It cannot refuse "
			      "kill -KILL %d.",
			      pid, signal_name(sig), pid);
}

static int
cmd_kill(int argc, char **argv)
{
	int sig = SIGTERM, pid, error;

	if (argc < 2 || argc > 3 || (argc == 3) != (*argv[1] == '-'))
		return -EINVAL;
	if (argc == 3)
		sig = signal_number(argv[1] + 1);
	if (!sig)
		return command_refuse(
			-ENOENT,
			"There is no signal \"%s\": 1 to %d, or a "
			"name as KILL, TERM, STOP, CONT.",
			argv[1] + 1, NSIG);
	error = command_pid(argv[argc - 1], &pid);
	if (error)
		return error;
	process_kill(pid, sig);
	return tell_fate(pid, sig);
}
COMMAND(kill, "PID | -SIGNAL PID",
	"sends a program a signal, says what became of it\n"
	"SIGTERM, unless another one is named: kill -KILL 17, kill -9 17. It\n"
	"works also when all memory is taken.");
