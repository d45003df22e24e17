// SPDX-License-Identifier: GPL-2.0
/* What a process of the fuzzer begins with, and the processes beside it. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

static void on_alarm(int signal)
{
}

/* All slots, and the descriptor of the sane request, while still root. */
bool open_all(void)
{
	unsigned int i;
	int fd = open(PCBSCOPE_DEVICE, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || dup3(fd, SANE_FD, O_CLOEXEC) < 0 || close(fd))
		return false;
	for (i = 0; i < NR_SLOTS; i++) {
		fd = open(file_paths[slot_kinds[i]],
			  O_CLOEXEC | (slot_kinds[i] > VERSION ? O_RDWR : O_RDONLY));
		if (fd < 0 || dup3(fd, FIRST_FD + (int)i, O_CLOEXEC) < 0 || close(fd))
			return false;
	}
	return true;
}

void quiet_signals(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	sigset_t alarms;

	sigaction(SIGALRM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarms, NULL);
}

/* Processes that come and go meanwhile, at a rate that leaves the machine to the fuzzer. */
void churn(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			execl("/bin/true", "true", "--fuzz", NULL);
			_exit(1);
		}
		waitpid(pid, NULL, 0);
		poll(NULL, 0, 30);
	}
}
