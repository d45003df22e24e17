// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "factory.h"
#include "storm.h"

static void count(unsigned long *counter)
{
	__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

static void *thread_end(void *arg)
{
	sched_yield();
	return arg;
}

static void branch(struct storm_counts *counts, unsigned int round)
{
	char name[16] = "storm (x) R";
	pthread_t thread;

	switch (round % 6) {
	case 0:
		count(&counts->execs);
		execl("/bin/true", "true", NULL);
		break;
	case 1:	/* leave an orphan behind */
		if (!fork()) {
			sched_yield();
			_exit(0);
		}
		count(&counts->orphans);
		break;
	case 2:
		if (!pthread_create(&thread, NULL, thread_end, NULL))
			pthread_join(thread, NULL);
		count(&counts->threads);
		break;
	case 3:
		name[7] = 'a' + round % 26;
		prctl(PR_SET_NAME, name);
		break;
	case 4:
		setsid();	/* out of the group, but it ends by itself */
		break;
	}
	_exit(round & 0xff);
}

static void work(struct storm_counts *counts, unsigned int round)
{
	pid_t pid;

	for (;; round++) {
		pid = fork();
		if (!pid)
			branch(counts, round);
		count(&counts->forks);
		if (round % 8 == 7)
			while (waitpid(-1, NULL, 0) > 0)
				;
	}
}

bool storm_start(struct storm *storm, unsigned int workers)
{
	unsigned int i;
	pid_t pid;

	memset(storm, 0, sizeof(*storm));
	storm->counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (storm->counts == MAP_FAILED)
		return false;
	for (i = 0; i < workers; i++) {
		pid = fork();
		if (pid < 0)
			return false;
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			setpgid(0, storm->group);
			work(storm->counts, i);
		}
		setpgid(pid, storm->group ? storm->group : pid);
		if (!storm->group)
			storm->group = pid;
		storm->workers++;
	}
	return true;
}

void storm_end(struct storm *storm)
{
	if (!storm->group)
		return;
	while (!kill(-storm->group, SIGKILL))
		while (waitpid(-storm->group, NULL, 0) > 0)
			;
	munmap(storm->counts, 4096);
	storm->group = 0;
}

unsigned long storm_forks(const struct storm *storm)
{
	return __atomic_load_n(&storm->counts->forks, __ATOMIC_RELAXED);
}
