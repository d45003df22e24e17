// SPDX-License-Identifier: GPL-2.0
/* Who asks: other credentials for a while, other processes, signals, and very many at once. */
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

#define SOMEBODY 65534

static bool set_ptrace_capability(bool on)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return false;
	if (on)
		data[0].effective |= BIT(CAP_SYS_PTRACE);
	else
		data[0].effective &= ~BIT(CAP_SYS_PTRACE);
	return !syscall(SYS_capset, &header, data);
}

/* By system calls, which concern the calling thread only; the C library's do all. */
static bool put_on(enum stranger stranger, bool on)
{
	gid_t group = SOMEBODY;

	switch (stranger) {
	case BY_EUID:
		return !syscall(SYS_setresuid, -1, on ? SOMEBODY : 0, -1);
	case BY_CAPABILITY:
		return set_ptrace_capability(!on);
	case BY_FSUID:
		syscall(SYS_setfsuid, on ? SOMEBODY : 0);
		return true;
	case BY_EGID:
		return !syscall(SYS_setresgid, -1, on ? SOMEBODY : 0, -1);
	case BY_GROUPS:
		return !syscall(SYS_setgroups, on ? 1 : 0, &group);
	default:
		return true;
	}
}

void credentials_back(struct worker *w)
{
	if (!put_on(w->stranger, false))
		abort();
	w->stranger = NOBODY;
	w->stranger_for = 0;
}

void op_credentials(struct worker *w)
{
	enum stranger stranger = 1 + pick(w, NR_STRANGERS - 1);

	if (w->stranger || !put_on(stranger, true))
		return;
	w->stranger = stranger;
	w->stranger_for = 2 + (unsigned int)pick(w, 8);
}

/* For good: what a child does, or a worker that is to be a stranger all its life. */
bool become(enum stranger stranger)
{
	switch (stranger) {
	case BY_EUID:
		return !syscall(SYS_setgroups, 0, NULL) &&
			!syscall(SYS_setresgid, SOMEBODY, SOMEBODY, SOMEBODY) &&
			!syscall(SYS_setresuid, SOMEBODY, SOMEBODY, SOMEBODY);
	case BY_CAPABILITY:
		return set_ptrace_capability(false);
	default:
		return !unshare(CLONE_NEWUSER);
	}
}

/* The descriptor through a socket, to ourselves. */
void op_pass(struct worker *w)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 0;
	struct iovec vector = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &vector, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd = op_fd(w);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	if (CALL3(w, ON_PASS, SYS_sendmsg, w->socket[0], &message, MSG_DONTWAIT) < 0)
		return;
	message.msg_controllen = sizeof(control);
	if (recvmsg(w->socket[1], &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1)
		return;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	dup3(fd, op_fd(w), O_CLOEXEC);
	close(fd);
}

/* The child goes on with descriptors that it inherited: as the opener, or as a stranger. */
static void be_child(struct worker *w, const struct op *op)
{
	void (*const runs[])(struct worker *) = {
		op_query, op_info, op_schema, op_mmap, op_read, op_write, op_copy, op_lseek,
	};
	unsigned int i, nr = 1 + (unsigned int)pick(w, 5);
	struct op own = *op;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	w->stall = NULL;
	w->kcov = NULL;
	w->alone = false;
	memset(w->mapping, 0, sizeof(w->mapping));	/* not inherited */
	if (!w->stranger && one_in(w, 2)) {
		if (!become(BY_EUID + pick(w, 3)))
			_exit(1);
		w->stranger = BY_EUID;
		w->born_stranger = true;
	}
	for (i = 0; i < nr; i++) {
		unsigned int which = (unsigned int)pick(w, COUNT(runs));

		own.slot = which < 4 ? own.slot % 4 : 4 + (own.slot + i) % (NR_SLOTS - 4);
		own.choice[i] ^= i;
		w->op = &own;
		runs[which](w);
	}
	_exit(0);
}

void op_fork(struct worker *w)
{
	const struct op *op = w->op;
	pid_t pid = fork();

	if (!pid)
		be_child(w, op);
	if (pid > 0)
		while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
			;
}

/* An alarm on the way, so that a call of the next operations is cut short. */
void op_signal(struct worker *w)
{
	struct itimerval timer = { .it_value.tv_usec = 20 + (long)pick(w, 3000) };

	setitimer(ITIMER_REAL, &timer, NULL);
	op_read(w);
}

/* As often as it can be opened, and a little more. */
void op_burst(struct worker *w)
{
	int fds[80];
	unsigned int i, nr = 0;
	long fd = 0;

	if (w->stranger)
		return;
	for (i = 0; i < COUNT(fds) && fd >= 0; i++) {
		fd = CALL4(w, ON_OPEN, SYS_openat, AT_FDCWD, PCBSCOPE_DEVICE,
			   O_RDONLY | O_CLOEXEC, 0);
		if (fd >= 0)
			fds[nr++] = (int)fd;
	}
	if (fd >= 0)
		fault(w, "the device was opened %u times at once", nr);
	while (nr)
		close(fds[--nr]);
}
