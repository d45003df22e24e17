// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crowd.h"
#include "device.h"
#include "factory.h"
#include "procfs.h"

#define STACK 512	/* of a thread that does nothing but sleep in one call */

struct order {
	unsigned int processes;
	unsigned int threads;
};

/* Of each task: which process, and its own id; 0, 0: something failed. */
struct report {
	unsigned int pid;
	unsigned int tid;
};

static int sleep_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
	return 0;
}

static void tell(int fd, unsigned int pid, unsigned int tid)
{
	struct report report = { pid, tid };

	if (write(fd, &report, sizeof(report)) != sizeof(report))
		_exit(1);
}

/* In the new process. The report of its first task is the last: then all are there. */
static void be_process(int reports, unsigned int threads)
{
	const int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		CLONE_SYSVSEM;
	pid_t pid = getpid(), tid;
	char *stacks = NULL;
	unsigned int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (threads > 1)
		stacks = mmap(NULL, (size_t)threads * STACK, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (i = 1; i < threads; i++) {
		tid = clone(sleep_for_ever, stacks + (size_t)i * STACK, flags, NULL);
		if (tid < 0)
			tid = pid = 0;
		tell(reports, pid, tid);
		if (!pid)
			_exit(1);
	}
	tell(reports, pid, pid);
	sleep_for_ever(NULL);
}

static void keep(int orders, int reports)
{
	struct order order;

	setpgid(0, 0);
	syscall(SYS_getppid);	/* bound now: that takes more stack than the threads have */
	signal(SIGCHLD, SIG_IGN);	/* nobody is left as a zombie */
	while (read(orders, &order, sizeof(order)) == sizeof(order)) {
		while (order.processes--) {
			pid_t pid = fork();

			if (!pid)
				be_process(reports, order.threads);
			if (pid < 0)
				tell(reports, 0, 0);
		}
	}
	/* Our maker closed the pipe, or has ended: all go. */
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	wait(NULL);		/* returns when none is left */
	_exit(0);
}

static bool raise_to(const char *path, char *before, size_t bytes, unsigned int tasks)
{
	char text[32];

	if (file_read(path, before, bytes) <= 0)
		return false;
	snprintf(text, sizeof(text), "%u", tasks);
	return strtoul(before, NULL, 10) >= tasks || file_write(path, text);
}

bool limits_raise(struct limits *l, unsigned int tasks)
{
	memset(l, 0, sizeof(*l));
	return raise_to("/proc/sys/kernel/pid_max", l->pid_max, sizeof(l->pid_max), 2 * tasks) &&
		raise_to("/proc/sys/kernel/threads-max", l->threads_max, sizeof(l->threads_max),
			 2 * tasks);
}

void limits_restore(const struct limits *limits)
{
	if (limits->pid_max[0])
		file_write("/proc/sys/kernel/pid_max", limits->pid_max);
	if (limits->threads_max[0])
		file_write("/proc/sys/kernel/threads-max", limits->threads_max);
}

bool crowd_start(struct crowd *crowd)
{
	int orders[2], reports[2];

	memset(crowd, 0, sizeof(*crowd));
	if (pipe2(orders, O_CLOEXEC) || pipe2(reports, O_CLOEXEC))
		return false;
	fflush(NULL);
	crowd->keeper = fork();
	if (!crowd->keeper) {
		close(orders[1]);
		close(reports[0]);
		keep(orders[0], reports[1]);
	}
	close(orders[0]);
	close(reports[1]);
	crowd->orders = orders[1];
	crowd->reports = reports[0];
	return crowd->keeper > 0;
}

static int by_tid(const void *a, const void *b)
{
	const struct report *one = a, *two = b;

	return one->tid < two->tid ? -1 : one->tid > two->tid;
}

/* Both arrays in ascending order of tid. */
static bool sort(struct crowd *crowd)
{
	struct report *all = calloc(crowd->nr_tasks, sizeof(*all));
	unsigned int i;

	if (!all)
		return false;
	for (i = 0; i < crowd->nr_tasks; i++)
		all[i] = (struct report){ crowd->pids[i], crowd->tids[i] };
	qsort(all, crowd->nr_tasks, sizeof(*all), by_tid);
	for (i = 0; i < crowd->nr_tasks; i++) {
		crowd->pids[i] = all[i].pid;
		crowd->tids[i] = all[i].tid;
	}
	free(all);
	return true;
}

static bool read_report(int fd, struct report *report)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	size_t done = 0;
	ssize_t got;

	while (done < sizeof(*report)) {
		if (poll(&pollfd, 1, DEADLINE_MS) != 1)
			return false;
		got = read(fd, (char *)report + done, sizeof(*report) - done);
		if (got <= 0)
			return false;
		done += got;
	}
	return report->tid;
}

/* Until nearly nobody is ready or running any more. */
static bool wait_asleep(void)
{
	struct deadline deadline = deadline_in(6 * DEADLINE_MS);
	struct ask ask = {
		.flags = PCBSCOPE_QUERY_THREADS,
		.states = 1 << PCBSCOPE_STATE_NEW | 1 << PCBSCOPE_STATE_READY,
	};
	unsigned int awake = 0;
	struct walk all;
	int fd = device_open();

	do {
		if (walk(fd, &ask, &all))
			break;
		awake = all.nr_records;
		walk_free(&all);
	} while (awake > 20 && not_yet(deadline));
	close(fd);
	return awake <= 20;
}

bool crowd_grow(struct crowd *crowd, unsigned int processes, unsigned int threads)
{
	struct order order = { processes, threads };
	unsigned int more = processes * threads, i;
	struct report report;

	crowd->tids = realloc(crowd->tids, (crowd->nr_tasks + more) * sizeof(*crowd->tids));
	crowd->pids = realloc(crowd->pids, (crowd->nr_tasks + more) * sizeof(*crowd->pids));
	if (!crowd->tids || !crowd->pids ||
	    write(crowd->orders, &order, sizeof(order)) != sizeof(order))
		return false;
	for (i = 0; i < more; i++) {
		if (!read_report(crowd->reports, &report))
			return false;
		crowd->tids[crowd->nr_tasks] = report.tid;
		crowd->pids[crowd->nr_tasks++] = report.pid;
	}
	crowd->nr_processes += processes;
	return sort(crowd) && wait_asleep();
}

void crowd_end(struct crowd *crowd)
{
	if (crowd->keeper <= 0)
		return;
	close(crowd->orders);
	close(crowd->reports);
	waitpid(crowd->keeper, NULL, 0);
	free(crowd->tids);
	free(crowd->pids);
	memset(crowd, 0, sizeof(*crowd));
}

long crowd_find(const struct crowd *crowd, unsigned int tid)
{
	long low = 0, high = crowd->nr_tasks;

	while (low < high) {
		long mid = low + (high - low) / 2;

		if (crowd->tids[mid] < tid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < (long)crowd->nr_tasks && crowd->tids[low] == tid ? low : -1;
}
