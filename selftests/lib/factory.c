// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "factory.h"
#include "kinds.h"
#include "procfs.h"

unsigned long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

struct deadline deadline_in(unsigned int ms)
{
	return (struct deadline){ .end_ns = now_ns() + ms * 1000000ULL };
}

bool not_yet(struct deadline deadline)
{
	if (now_ns() >= deadline.end_ns)
		return false;
	poll(NULL, 0, 1);
	return true;
}

static void child_main(struct child *self, child_fn fn, void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fn(self, arg);
	_exit(0);
}

int child_start(struct child *child, unsigned long flags, child_fn fn, void *arg)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	fflush(NULL);
	if (flags)	/* with CLONE_PARENT our parent gets the signal, and the child */
		child->pid = syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
	else
		child->pid = fork();
	if (!child->pid) {
		close(pair[0]);
		child_main(&(struct child){ .pid = getpid(), .sock = pair[1] }, fn, arg);
	}
	close(pair[1]);
	child->sock = pair[0];
	if (child->pid > 0)
		return 0;
	close(pair[0]);
	return -errno;
}

int child_make(struct child *child, unsigned long flags, child_fn fn, void *arg)
{
	int error = child_start(child, flags, fn, arg);

	if (error)
		return error;
	if (child_wait_ready(child))
		return 0;
	child_end(child);
	return -ETIMEDOUT;
}

void child_tell(struct child *self, unsigned long long value)
{
	if (write(self->sock, &value, sizeof(value)) != sizeof(value))
		_exit(100);
}

void child_ready(struct child *self)
{
	child_tell(self, 0);
}

void child_await(struct child *self)
{
	unsigned long long value;

	if (read(self->sock, &value, sizeof(value)) != sizeof(value))
		_exit(101);
}

void child_pause(void)
{
	for (;;)
		pause();
}

void child_spin(void)
{
	for (;;)
		__asm__ volatile("" ::: "memory");
}

void child_idle(struct child *self, void *arg)
{
	(void)arg;
	child_ready(self);
	child_pause();
}

void child_spinner(struct child *self, void *arg)
{
	pin_to_cpu(0, *(int *)arg);
	child_ready(self);
	child_spin();
}

bool child_hear(struct child *child, unsigned long long *value)
{
	struct pollfd pollfd = { .fd = child->sock, .events = POLLIN };

	if (poll(&pollfd, 1, DEADLINE_MS) != 1)
		return false;
	return read(child->sock, value, sizeof(*value)) == sizeof(*value);
}

bool child_wait_ready(struct child *child)
{
	unsigned long long value;

	return child_hear(child, &value);
}

bool child_go(struct child *child)
{
	unsigned long long value = 0;

	return send(child->sock, &value, sizeof(value), MSG_NOSIGNAL) == sizeof(value);
}

/*
 * The letter changes before the task is off its run queue and its CPU; the kernel
 * calls it running here until it is.
 */
static bool is_off_cpu(pid_t tid)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	return file_read(path, text, sizeof(text)) > 0 && strncmp(text, "running", 7);
}

bool wait_off_cpu(pid_t pid)
{
	struct deadline deadline = deadline_in(DEADLINE_MS);
	unsigned int i, nr, tids[1024];

	do {
		nr = thread_list(pid, tids, 1024);
		for (i = 0; i < nr && is_off_cpu(tids[i]); i++)
			;
	} while ((!nr || i < nr) && not_yet(deadline));
	return nr && i == nr;
}

bool wait_sleeping(pid_t pid, const char *letters)
{
	return wait_letter(pid, letters) && wait_off_cpu(pid);
}

bool child_freeze(struct child *child)
{
	return !kill(child->pid, SIGSTOP) && wait_sleeping(child->pid, "Tt");
}

void child_end(struct child *child)
{
	if (child->pid <= 0)
		return;
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, __WALL);
	close(child->sock);
	child->pid = 0;
}

void children_end(struct child *children, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (children[i].pid > 0)
			kill(children[i].pid, SIGKILL);
	for (i = 0; i < count; i++)
		child_end(&children[i]);
}

bool children_freeze(struct child *children, unsigned int count)
{
	unsigned int i;

	memset(children, 0, count * sizeof(*children));
	for (i = 0; i < count; i++)
		if (child_make(&children[i], 0, child_idle, NULL))
			return false;
	for (i = 0; i < count; i++)
		if (!child_freeze(&children[i]))
			return false;
	return true;
}

char letter_of(pid_t tid)
{
	struct proc_stat stat;

	return proc_stat(tid, 0, &stat) ? stat.letter : 0;
}

static bool all_threads_are(pid_t pid, const char *letters)
{
	struct proc_stat stat;
	struct dirent *entry;
	bool all = true;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (all && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		all = proc_stat(pid, atoi(entry->d_name), &stat) &&
			strchr(letters, stat.letter);
	}
	closedir(dir);
	return all;
}

bool wait_letter(pid_t pid, const char *letters)
{
	struct deadline deadline = deadline_in(DEADLINE_MS);

	do {
		if (all_threads_are(pid, letters))
			return true;
	} while (not_yet(deadline));
	return false;
}

int pin_to_cpu(pid_t tid, unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(tid, sizeof(set), &set);
}

unsigned int last_cpu(void)
{
	return sysconf(_SC_NPROCESSORS_ONLN) - 1;
}
