// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kinds.h"
#include "matrix.h"
#include "privilege.h"

static struct child made[MATRIX_TARGETS];
static unsigned int nr_made;

void target_add(struct tally *tally, pid_t pid)
{
	if (tally->nr_targets < MATRIX_TARGETS)
		tally->targets[tally->nr_targets++] = pid;
}

static struct child *add(struct tally *tally, unsigned long flags, child_fn fn, void *arg)
{
	struct child *child = &made[nr_made];

	if (child_make(child, flags, fn, arg))
		return NULL;
	nr_made++;
	target_add(tally, child->pid);
	return child;
}

static bool add_still(struct tally *tally, unsigned long flags, child_fn fn, void *arg)
{
	struct child *child = add(tally, flags, fn, arg);

	return child && child_freeze(child);
}

static void of_user(struct child *self, void *arg)
{
	if (become_user(*(const uid_t *)arg))
		_exit(102);
	/* A change of credentials cleared it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	child_idle(self, NULL);
}

/* A setuid program, started by a user: the helper says that it runs by writing to its input. */
static void setuid_program(struct child *self, void *arg)
{
	char *args[2] = { "matrix-idle" }, *none[1] = { NULL };

	dup2(self->sock, 0);
	if (become_user(MATRIX_USER))
		_exit(102);
	execve(MATRIX_FOLDER "/setuid", args, none);
	_exit(103);
}

/* Arguments that lie in the mapping of a file: procfs does not read those. */
static void with_mapped_arguments(struct child *self, void *arg)
{
	static const char secret[] = "contents of a file\0second line of it";
	int fd = memfd_create("arguments", 0);
	char *area;

	if (write(fd, secret, sizeof(secret)) != sizeof(secret))
		_exit(102);
	area = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (area == MAP_FAILED || area[0] != 'c' ||
	    prctl(PR_SET_MM, PR_SET_MM_ARG_START, (unsigned long)area, 0, 0) ||
	    prctl(PR_SET_MM, PR_SET_MM_ARG_END, (unsigned long)area + sizeof(secret), 0, 0))
		_exit(104);
	child_idle(self, NULL);
}

static void container(struct child *self, void *arg)
{
	prctl(PR_SET_NAME, "container");
	child_idle(self, NULL);
}

static void with_inner(struct child *self, void *arg)
{
	struct child inner;

	if (child_make(&inner, 0, child_idle, NULL))
		_exit(102);
	child_idle(self, NULL);
}

static pid_t only_child(pid_t pid)
{
	char path[64], text[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	return file_read(path, text, sizeof(text)) > 0 ? atoi(text) : 0;
}

/* Stopped by its tracer on the way into exit. */
static bool add_exit_stop(struct tally *tally)
{
	static int status = 3;
	struct child *child = add(tally, 0, kind_zombie, &status);

	return child && !ptrace(PTRACE_SEIZE, child->pid, 0, PTRACE_O_TRACEEXIT) &&
		child_go(child) && wait_letter(child->pid, "t");
}

static bool wait_without_memory(pid_t pid)
{
	struct deadline deadline = deadline_in(DEADLINE_MS);
	struct proc_stat stat;

	do {
		if (proc_stat(pid, 0, &stat) && stat.letter != 'Z' && !stat.value[23])
			return true;
	} while (not_yet(deadline));
	return false;
}

/*
 * In the middle of exit: the init of a pid namespace waits there for its last
 * child, a zombie that its tracer, this process, does not reap.
 */
static bool add_exiting(struct tally *tally)
{
	struct child *child = add(tally, CLONE_NEWPID, with_inner, NULL);
	pid_t inner = child ? only_child(child->pid) : 0;

	return inner && !ptrace(PTRACE_SEIZE, inner, 0, 0) && !kill(child->pid, SIGKILL) &&
		wait_without_memory(child->pid);
}

static bool add_zombie(struct tally *tally)
{
	static int status = 7;
	struct child *child = add(tally, 0, kind_zombie, &status);

	return child && child_go(child) && wait_letter(child->pid, "Z");
}

static bool add_thread(struct tally *tally)
{
	static struct thread_plan plan = { .count = 1, .cpu = -1 };
	struct child *child = add(tally, 0, kind_threads, &plan);
	unsigned int tids[4];

	if (!child || !child_freeze(child) || thread_list(child->pid, tids, 4) != 2)
		return false;
	target_add(tally, tids[0] == (unsigned int)child->pid ? tids[1] : tids[0]);
	return true;
}

static bool add_traced(struct tally *tally)
{
	struct child *child = add(tally, 0, child_idle, NULL);

	return child && !ptrace(PTRACE_SEIZE, child->pid, 0, 0);
}

const char *targets_make(struct tally *tally)
{
	static const uid_t same = MATRIX_USER, other = MATRIX_OTHER;

	nr_made = 0;
	if (!add_still(tally, 0, child_idle, NULL))
		return "root's";
	if (!add_still(tally, 0, of_user, (void *)&same))
		return "same user's";
	if (!add_still(tally, 0, of_user, (void *)&other))
		return "other user's";
	if (!add_still(tally, 0, setuid_program, NULL))
		return "setuid program";
	if (!add_still(tally, 0, with_mapped_arguments, NULL))
		return "arguments in a file";
	if (!add_still(tally, CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS, container,
		       NULL))
		return "container's";
	target_add(tally, 2);
	target_add(tally, 1);
	if (!add_zombie(tally))
		return "zombie";
	if (!add(tally, 0, kind_dead_leader, NULL))
		return "first thread ended";
	if (!add_thread(tally))
		return "thread";
	if (!add_traced(tally))
		return "traced";
	if (!add_exit_stop(tally))
		return "stopped in exit";
	return add_exiting(tally) ? NULL : "exiting";
}

/* A tracer reaps what it traces. SIGKILL does not end a stop on the way into exit. */
void targets_end(void)
{
	unsigned int i;

	for (i = 0; i < nr_made; i++) {
		kill(made[i].pid, SIGKILL);
		ptrace(PTRACE_CONT, made[i].pid, 0, 0);
	}
	while (nr_made && waitpid(-1, NULL, __WALL) > 0)
		;
	for (i = 0; i < nr_made; i++)
		close(made[i].sock);
	nr_made = 0;
}
