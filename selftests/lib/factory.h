/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state factory: children in a known state. Parent and child agree through
 * a socketpair; what only the kernel knows (asleep, stopped, a zombie) is polled
 * from /proc until it is so, with a deadline. Children die with their parent.
 */
#ifndef PCB_TEST_FACTORY_H
#define PCB_TEST_FACTORY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define DEADLINE_MS 20000

struct child {
	pid_t pid;
	int sock;		/* our end; in the child, its end */
};

typedef void (*child_fn)(struct child *self, void *arg);

/*
 * Fork; the child runs fn(self, arg) and then exits with status 0. Flags may
 * hold CLONE_NEW* and CLONE_PARENT. Returns 0 or -errno.
 */
int child_start(struct child *child, unsigned long flags, child_fn fn, void *arg);
/* Start, and wait until the child has called child_ready(). */
int child_make(struct child *child, unsigned long flags, child_fn fn, void *arg);

/* In the child: tell the parent; wait for its word. */
void child_ready(struct child *self);
void child_tell(struct child *self, unsigned long long value);
void child_await(struct child *self);
void child_pause(void) __attribute__((noreturn));
void child_spin(void) __attribute__((noreturn));
void child_idle(struct child *self, void *arg);	/* ready, then sleep for ever */
void child_spinner(struct child *self, void *arg);	/* pin to CPU *(int *)arg, ready, spin */

/* In the parent. False, 0: the deadline passed or the child is gone. */
bool child_wait_ready(struct child *child);
bool child_hear(struct child *child, unsigned long long *value);
bool child_go(struct child *child);
/* Stop it and wait until all its threads are stopped. */
bool child_freeze(struct child *child);
/* Kill and reap it. */
void child_end(struct child *child);
void children_end(struct child *children, unsigned int count);
/* @count idle, stopped children: a frozen population. */
bool children_freeze(struct child *children, unsigned int count);

/* Wait until /proc/PID/stat shows one of @letters, in every thread of @pid. */
bool wait_letter(pid_t pid, const char *letters);
/* Wait until every thread of @pid has left its CPU, which takes a moment after that. */
bool wait_off_cpu(pid_t pid);
/* Both. */
bool wait_sleeping(pid_t pid, const char *letters);
/* The letter of a thread now; 0 if there is none. */
char letter_of(pid_t tid);

/* A deadline, for bounded polling: while (... && not_yet(&deadline)). */
struct deadline {
	unsigned long long end_ns;
};
struct deadline deadline_in(unsigned int ms);
bool not_yet(struct deadline deadline);		/* pauses a little, too */
unsigned long long now_ns(void);				/* CLOCK_BOOTTIME */

int pin_to_cpu(pid_t tid, unsigned int cpu);
unsigned int last_cpu(void);			/* the highest CPU that is online */

#endif
