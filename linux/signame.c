/* signame.c - signals by name: SIGKILL, KILL, 9. */
#include "process.h"
#include "string.h"
#include "util.h"

static const char *const names[SIGRTMIN] = {
	"",        "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",    "SIGTRAP",
	"SIGABRT", "SIGBUS",  "SIGFPE",    "SIGKILL", "SIGUSR1",   "SIGSEGV",
	"SIGUSR2", "SIGPIPE", "SIGALRM",   "SIGTERM", "SIGSTKFLT", "SIGCHLD",
	"SIGCONT", "SIGSTOP", "SIGTSTP",   "SIGTTIN", "SIGTTOU",   "SIGURG",
	"SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH",  "SIGIO",
	"SIGPWR",  "SIGSYS",
};

const char *
signal_name(int sig)
{
	if (sig < 1 || sig > NSIG)
		return NULL;
	return sig < SIGRTMIN ? names[sig] : "a real-time signal";
}

int
signal_number(const char *name)
{
	u32 number;

	if (!kstrtou32(name, 10, &number))
		return number >= 1 && number <= NSIG ? (int)number : 0;
	for (int sig = 1; sig < SIGRTMIN; sig++)
		if (!strcmp(name, names[sig]) || !strcmp(name, names[sig] + 3))
			return sig;
	return 0;
}
