/* run.c - programs that the kernel itself starts: the monitor's, and init.
 *
 *   run_program          spawn                    the new process
 *        |                    |                        |
 *        |                    +--- thread -----------> exec
 *        |                    | <-- error or 0 --------+
 *        | terminal is theirs |                        v
 *        +--- sleeps in kernel_process.wait       the program
 *        | <------------------------------------- its end, or Ctrl-\
 *        v terminal is the monitor's: so is that of init when it ends, or Ctrl-\
 */
#include "completion.h"
#include "console.h"
#include "errno.h"
#include "error.h"
#include "param.h"
#include "printk.h"
#include "process.h"
#include "string.h"

struct start {
	const char *path;
	const char *const *argv;
	int error;
	struct completion done; /* error is set */
};

static struct {
	bool waits, interrupted; /* run_program; Ctrl-\ was typed */
} run;

static const char *const environment[] = {"PATH=/bin:/usr/bin:/test", "HOME=/",
					  "TERM=ansi", NULL};

static int
start_main(void)
{
	struct start *start = current->data;
	int error = exec_kernel(start->path, start->argv, environment);

	start->error = error;
	complete(&start->done);
	if (error)
		process_exit(127 << 8);
	enter_user(current_regs());
}

/* 0, 1 and 2 are the terminal. */
static int
open_terminal(struct files *files)
{
	struct file *file = file_open_path("/dev/console", O_RDWR, 0);

	if (IS_ERR(file))
		return PTR_ERR(file);
	files->fd[0] = file;
	files->fd[1] = file_get(file);
	files->fd[2] = file_get(file);
	files->limit = 3;
	return 0;
}

static struct process *
create(const char *path, int pid)
{
	struct process *p = process_alloc();
	int err = -ENOMEM;

	if (!p)
		return ERR_PTR(-ENOMEM);
	p->account = account_create(NULL);
	p->files = files_create();
	p->fs = fs_copy(process_ops->fs());
	if (p->account && p->files && p->fs)
		err = open_terminal(p->files);
	if (!err)
		err = process_add(p, start_main, pid, &kernel_process, NULL);
	if (err) {
		process_drop(p);
		process_free(p);
		return ERR_PTR(err);
	}
	p->pgid = p->sid = p->pid;
	fpu_reset_state(&p->fpu);
	strscpy(p->task->comm, path, TASK_COMM_LEN);
	return p;
}

/* Has it ended? Then *status is how. */
static bool
take_status(int pid, int *status)
{
	struct process *p;
	unsigned long flags;
	bool ended;

	spin_lock_irqsave(&process_lock, flags);
	p = process_find(pid);
	ended = p && p->zombie;
	if (ended) {
		*status = p->status;
		process_reap(p);
	}
	spin_unlock_irqrestore(&process_lock, flags);
	if (ended)
		process_free(p);
	return ended;
}

/* Nobody will ask how it ends. */
static void
abandon(int pid)
{
	struct process *p;
	unsigned long flags;
	int status;

	spin_lock_irqsave(&process_lock, flags);
	p = process_find(pid);
	if (p)
		p->lost = true;
	spin_unlock_irqrestore(&process_lock, flags);
	take_status(pid, &status);
}

/* A child of the kernel, in a session of its own, with the terminal as files 0 to
 * 2, running the program; the terminal is lent to it, whatever comes of it. pid 0:
 * the next one. => the pid, and *task with a reference for the caller; -E */
static int
spawn(const char *path, const char *const argv[], int pid,
      struct task_struct **task)
{
	struct start start = {.path = path, .argv = argv};
	struct process *p;
	int status;

	do
		p = create(path, pid);
	while (p == ERR_PTR(-ENOMEM) && oom_relieve());
	if (IS_ERR(p))
		return PTR_ERR(p);
	init_completion(&start.done);
	p->task->data = &start; /* cppcheck-suppress autoVariables */
	*task = p->task;
	get_task_struct(*task);
	tty_take(p->pid); /* before it reads */
	pid = process_start(p);
	wait_for_completion(&start.done);
	if (!start.error)
		return pid;
	wait_event(kernel_process.wait, take_status(pid, &status));
	task_wait(*task);
	put_task_struct(*task);
	return start.error;
}

int
run_program(const char *path, const char *const argv[])
{
	struct task_struct *task;
	int status = -EINTR, pid;

	run.interrupted = false;
	run.waits = true;
	pid = spawn(path, argv, 0, &task);
	if (pid >= 0)
		wait_event(kernel_process.wait,
			   take_status(pid, &status) ||
				   READ_ONCE(run.interrupted));
	run.waits = false;
	tty_give_back();
	if (pid < 0)
		return pid;
	if (status >= 0)
		task_wait(task); /* and its stack is given back */
	else
		abandon(pid);
	put_task_struct(task);
	return status;
}

void
run_interrupt(void)
{
	if (READ_ONCE(run.waits)) {
		WRITE_ONCE(run.interrupted, true);
		wake_up_all(&kernel_process.wait);
	} else { /* init has the terminal; the monitor is at its prompt */
		tty_give_back();
		console_input(CONSOLE_SERIAL, '\r');
	}
}

void
init_ended(int status)
{
	if (!READ_ONCE(run.waits))
		tty_give_back();
	pr_warn("init has ended, status %x\n", status);
}

/* --- init= -------------------------------------------------------------------- */

static const char *init_path;

static int
init_param(const char *value)
{
	init_path = *value ? value : "/init";
	return 0;
}
BOOT_PARAM(init, "PROGRAM", "start it as process 1", init_param);

void
init_start(void)
{
	const char *const argv[] = {init_path, NULL};
	struct task_struct *task;
	int pid;

	if (!init_path)
		return;
	pid = spawn(init_path, argv, 1, &task);
	if (pid < 0) {
		pr_err("init: %s: %s\n", init_path, error_text(pid));
		return;
	}
	put_task_struct(task);
	abandon(pid);
}
