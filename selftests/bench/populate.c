// SPDX-License-Identifier: GPL-2.0
/*
 * populate PROCESSES THREADS STRIDE - idle tasks to look at: PROCESSES of
 * THREADS threads each, their pids STRIDE apart. Says so on standard output
 * when all are there, and ends them when standard input is closed.
 */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	kill(0, SIGKILL);
	exit(1);
}

static int ready[2];

/* Says that it is there as the last thing before it sleeps for ever. */
static void *idle(void *unused)
{
	if (write(ready[1], "", 1) != 1)
		die("populate: write");
	for (;;)
		pause();
	return unused;
}

static void become_idle(int threads)
{
	pthread_attr_t attr;
	pthread_t thread;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN);
	while (--threads > 0) {
		if (pthread_create(&thread, &attr, idle, NULL))
			die("populate: pthread_create");
	}
	idle(NULL);
}

/* As after a long uptime, when most pids of a neighbourhood are gone. */
static void skip_pids(int fd, pid_t last)
{
	char text[16];
	int bytes = snprintf(text, sizeof(text), "%d", last);

	if (pwrite(fd, text, bytes, 0) != bytes)
		die("populate: ns_last_pid");
}

static void fork_all(int processes, int threads, int stride)
{
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);
	pid_t child = getpid();

	while (processes--) {
		if (stride > 1)
			skip_pids(fd, child + stride - 1);
		child = fork();
		if (child < 0)
			die("populate: fork");
		if (!child)
			become_idle(threads);
	}
	close(fd);
}

static void await_all(long tasks)
{
	char bytes[4096];

	while (tasks > 0) {
		ssize_t n = read(ready[0], bytes, sizeof(bytes));

		if (n <= 0)
			die("populate: read");
		tasks -= n;
	}
}

int main(int argc, char **argv)
{
	char byte;

	if (argc != 4)
		return 2;
	setpgid(0, 0);
	if (pipe(ready))
		die("populate: pipe");
	fork_all(atoi(argv[1]), atoi(argv[2]), atoi(argv[3]));
	await_all(atol(argv[1]) * atol(argv[2]));
	if (write(STDOUT_FILENO, "", 1) != 1)
		die("populate: write");
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(NULL) > 0)
		;
	return 0;
}
