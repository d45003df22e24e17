// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kinds.h"

#define MIB (1UL << 20)

static pthread_barrier_t started;

static void *thread_park(void *arg)
{
	const struct thread_plan *plan = arg;

	if (plan->cpu >= 0)
		pin_to_cpu(0, plan->cpu);
	pthread_barrier_wait(&started);
	if (plan->spin)
		child_spin();
	child_pause();
}

void kind_threads(struct child *self, void *arg)
{
	struct thread_plan *plan = arg;
	pthread_attr_t attr;
	pthread_t thread;
	unsigned int i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	pthread_barrier_init(&started, NULL, plan->count + 1);
	for (i = 0; i < plan->count; i++)
		if (pthread_create(&thread, &attr, thread_park, plan))
			_exit(102);
	pthread_barrier_wait(&started);
	child_idle(self, NULL);
}

void kind_zombie(struct child *self, void *arg)
{
	int how = *(int *)arg;

	child_ready(self);
	child_await(self);
	if (how >= 0)
		_exit(how);
	prctl(PR_SET_DUMPABLE, 0);
	raise(-how);
}

void kind_dead_leader(struct child *self, void *arg)
{
	static struct thread_plan plan = { .count = 1, .cpu = -1 };
	pthread_t thread;

	pthread_barrier_init(&started, NULL, 2);
	if (pthread_create(&thread, NULL, thread_park, &plan))
		_exit(102);
	pthread_barrier_wait(&started);
	child_ready(self);
	syscall(SYS_exit, 7);
}

void kind_vfork(struct child *self, void *arg)
{
	pid_t pid = vfork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		child_tell(self, getpid());
		child_pause();
	}
}

static void kind_named(struct child *self, void *arg)
{
	prctl(PR_SET_NAME, arg);
	child_idle(self, NULL);
}

static void kind_mlock(struct child *self, void *arg)
{
	void *area = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED || mlock(area, MIB / 2))
		_exit(103);
	child_idle(self, NULL);
}

static void kind_shared(struct child *self, void *arg)
{
	void *area = mmap(NULL, 4 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		_exit(103);
	memset(area, 1, 3 * MIB);
	child_idle(self, NULL);
}

static void kind_big(struct child *self, void *arg)
{
	char *area = mmap(NULL, 1UL << 36, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t at;

	if (area == MAP_FAILED)
		_exit(103);
	for (at = 0; at < 1UL << 36; at += 1UL << 28)
		area[at] = 1;
	memset(area, 1, 6 * MIB);
	munmap(area, 4 * MIB);
	munmap(area + (1UL << 35), 1UL << 35);
	child_idle(self, NULL);
}

static void kind_stack(struct child *self, void *arg)
{
	volatile char space[300000];

	memset((char *)space, 1, sizeof(space));
	child_ready(self);
	while (space[1])
		pause();
}

static void kind_policy(struct child *self, void *arg)
{
	struct sched_param param = { 0 };
	int policy = *(const int *)arg, plain = policy & ~SCHED_RESET_ON_FORK;

	if (plain == SCHED_FIFO || plain == SCHED_RR)
		param.sched_priority = plain == SCHED_FIFO ? 50 : 7;
	if (sched_setscheduler(0, policy, &param))
		_exit(104);
	child_idle(self, NULL);
}

static void kind_deadline(struct child *self, void *arg)
{
	struct {
		__u32 size, policy;
		__u64 flags;
		__s32 nice;
		__u32 priority;
		__u64 runtime, deadline, period;
	} attr = {
		.size = sizeof(attr), .policy = 6 /* SCHED_DEADLINE */,
		.runtime = 10000000, .deadline = 100000000, .period = 100000000,
	};

	if (syscall(SYS_sched_setattr, 0, &attr, 0))
		_exit(104);
	child_idle(self, NULL);
}

static void kind_nice(struct child *self, void *arg)
{
	if (setpriority(PRIO_PROCESS, 0, *(const int *)arg))
		_exit(104);
	child_idle(self, NULL);
}

static void kind_ids(struct child *self, void *arg)
{
	if (setresgid(201, 202, 203) || setresuid(101, 102, 103))
		_exit(104);
	child_idle(self, NULL);
}

static void kind_pinned(struct child *self, void *arg)
{
	if (pin_to_cpu(0, last_cpu()))
		_exit(104);
	child_idle(self, NULL);
}

static void kind_group_leader(struct child *self, void *arg)
{
	if (arg)
		setsid();
	else
		setpgid(0, 0);
	child_idle(self, NULL);
}

static void kind_subreaper(struct child *self, void *arg)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	child_idle(self, NULL);
}

/* Use @ms of CPU time, some of it in the kernel. */
static void burn(unsigned int ms)
{
	clock_t end = clock() + ms * (CLOCKS_PER_SEC / 1000);

	while (clock() < end)
		syscall(SYS_getppid);
}

/* Reaped children leave their times and faults. */
static void kind_parent(struct child *self, void *arg)
{
	pid_t pid = fork();

	if (!pid) {
		burn(200);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	child_idle(self, NULL);
}

static void kind_busy(struct child *self, void *arg)
{
	burn(200);
	child_idle(self, NULL);
}

static const struct thread_plan eight = { .count = 7, .cpu = -1 };
static const struct thread_plan fifty = { .count = 49, .cpu = -1 };
static const int policies[] = {
	SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE, SCHED_OTHER | SCHED_RESET_ON_FORK,
};
static const int nices[] = { -20, -5, 7, 19 };

static const struct kind table[] = {
	{ "plain", child_idle, NULL, 0 },
	{ "8 threads", kind_threads, &eight, 0 },
	{ "50 threads", kind_threads, &fifty, 0 },
	{ "name of 15 bytes", kind_named, "exactly15bytes!", 0 },
	{ "name too long", kind_named, "a name of far more than sixteen bytes", 0 },
	{ "hostile name", kind_named, "a) R 1 (b\n\\\033[31", 0 },
	{ "empty name", kind_named, "", 0 },
	{ "locked memory", kind_mlock, NULL, 0 },
	{ "shared memory", kind_shared, NULL, 0 },
	{ "large mapping", kind_big, NULL, 0 },
	{ "large stack", kind_stack, NULL, 0 },
	{ "fifo", kind_policy, &policies[0], 0 },
	{ "round robin", kind_policy, &policies[1], 0 },
	{ "batch", kind_policy, &policies[2], 0 },
	{ "idle policy", kind_policy, &policies[3], 0 },
	{ "reset on fork", kind_policy, &policies[4], 0 },
	{ "deadline", kind_deadline, NULL, 0 },
	{ "nice -20", kind_nice, &nices[0], 0 },
	{ "nice -5", kind_nice, &nices[1], 0 },
	{ "nice 7", kind_nice, &nices[2], 0 },
	{ "nice 19", kind_nice, &nices[3], 0 },
	{ "one CPU only", kind_pinned, NULL, 0 },
	{ "other ids", kind_ids, NULL, 0 },
	{ "group leader", kind_group_leader, NULL, 0 },
	{ "session leader", kind_group_leader, "", 0 },
	{ "subreaper", kind_subreaper, NULL, 0 },
	{ "reaped a child", kind_parent, NULL, 0 },
	{ "used its CPU", kind_busy, NULL, 0 },
	{ "pid namespace", child_idle, NULL, CLONE_NEWPID },
	{ "user namespace", child_idle, NULL, CLONE_NEWUSER },
	{ "mount and net namespace", child_idle, NULL, CLONE_NEWNS | CLONE_NEWNET },
};

const struct kind *kinds(unsigned int *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

unsigned int thread_list(pid_t pid, unsigned int *tids, unsigned int room)
{
	unsigned int count = 0;
	struct dirent *entry;
	char path[64];
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	if (!dir)
		return 0;
	while (count < room && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			tids[count++] = atoi(entry->d_name);
	closedir(dir);
	return count;
}
