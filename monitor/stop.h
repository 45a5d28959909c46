/* stop.h - Ctrl-C while a command runs: what the monitor and the console need
 * of it; commands have command_stopped (command.h).
 */
#ifndef STOP_H
#define STOP_H

#include "types.h"

/* stop_init: the running thread has the prompt; prompt() is what another one
 * does that takes it over. => once */
void stop_init(int (*prompt)(void *unused));

/* stop_begin: a line of commands begins. stop_end: it has ended; *stopped: by
 * Ctrl-C.
 * => false: somebody else has the prompt by now: this thread is to end */
void stop_begin(void);
bool stop_end(bool *stopped);

/* stop_lend: the keys, and so Ctrl-C, are a program's for a while. */
void stop_lend(bool lent);

/* stop_key: Ctrl-C was typed. => true: it stops a command
 * stop_muted: does what this thread writes go nowhere? => any context */
bool stop_key(void);
bool stop_muted(void);

#endif
