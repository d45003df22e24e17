// SPDX-License-Identifier: GPL-2.0
/*
 * The cast of the tour: processes in states worth looking at, named after
 * their parts. Prints "role=pid" for each, then stays until it is killed.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_PHILOSOPHERS 5

static pthread_mutex_t chopstick = PTHREAD_MUTEX_INITIALIZER;
static int buffer[2];

static void name(const char *role)
{
	prctl(PR_SET_NAME, role);
}

static void stay(void)
{
	for (;;)
		pause();
}

/* Two of these share the last CPU: one runs, the other is ready. */
static void spin(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &set);
	sched_setaffinity(0, sizeof(set), &set);
	for (;;)
		;
}

/* The buffer is empty and stays so. */
static void consume(void)
{
	char byte;

	while (read(buffer[0], &byte, 1) == 1)
		;
}

static void stop(void)
{
	raise(SIGSTOP);
	stay();
}

/* Its child has ended, and it never asks for the status. */
static void neglect(void)
{
	siginfo_t info;
	pid_t child = fork();

	if (!child) {
		name("zombie");
		_exit(42);
	}
	waitid(P_PID, child, &info, WEXITED | WNOWAIT);
	stay();
}

static void *philosopher(void *seat)
{
	char role[16];

	snprintf(role, sizeof(role), "philosopher-%ld", (long)seat);
	name(role);
	pthread_mutex_lock(&chopstick);
	stay();
	return NULL;
}

static void dine(void)
{
	pthread_t thread;
	long seat;

	for (seat = 1; seat <= NR_PHILOSOPHERS; seat++)
		if (pthread_create(&thread, NULL, philosopher, (void *)seat))
			exit(1);
	stay();
}

static void start(const char *role, void (*play)(void))
{
	pid_t pid = fork();

	if (!pid) {
		close(STDOUT_FILENO);
		name(role);
		play();
		_exit(1);
	}
	printf("%s=%d\n", role, pid);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	name("cast");
	if (pipe(buffer))
		return 1;
	start("spinner", spin);
	start("spinner2", spin);
	start("consumer", consume);
	start("stopped", stop);
	start("neglectful", neglect);
	start("dining", dine);
	printf("cast=%d\n", getpid());
	close(STDOUT_FILENO);
	stay();
}
