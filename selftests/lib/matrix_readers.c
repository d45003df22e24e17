// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <linux/landlock.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "matrix.h"
#include "privilege.h"

/* Go on in a child, which gets what was unshared for children; pass its end on. */
static int go_on_in_child(void)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		return prctl(PR_SET_PDEATHSIG, SIGKILL) ? -errno : 0;
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		_exit(EIO);
	_exit(WEXITSTATUS(status));
}

/* A pid namespace, and a procfs that shows it. */
static int enter_pid_namespace(void)
{
	int error;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS))
		return -errno;
	error = go_on_in_child();
	if (error)
		return error;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, NULL))
		return -errno;
	return 0;
}

static int root(void)
{
	return 0;
}

static int root_with_ptrace_only(void)
{
	return keep_capabilities(CAPABILITY(CAP_SYS_PTRACE));
}

static int root_without_admin(void)
{
	return drop_capability(CAP_SYS_ADMIN);
}

static int other_with_ptrace(void)
{
	return become_capable(MATRIX_OTHER);
}

static int root_in_chroot(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("/", MATRIX_FOLDER "/root", NULL, MS_BIND | MS_REC, NULL) ||
	    chroot(MATRIX_FOLDER "/root") || chdir("/"))
		return -errno;
	return 0;
}

static int root_with_hidepid(void)
{
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("proc", "/proc", "proc", 0, "hidepid=ptraceable"))
		return -errno;
	return drop_capability(CAP_SYS_ADMIN);
}

/* Any domain of Landlock forbids to trace those outside. */
static int root_in_landlock(void)
{
	struct landlock_ruleset_attr attr = { .handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_SYM };
	int fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (fd < 0)
		return -ENOSYS;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || syscall(SYS_landlock_restrict_self, fd, 0))
		return -errno;
	return close(fd);
}

static int root_without_ptrace(void)
{
	return drop_capability(CAP_SYS_PTRACE);
}

static int root_without_any(void)
{
	return keep_capabilities(0);
}

/* What is only permitted does not count. */
static int root_with_ptrace_asleep(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		return -errno;
	data[0].effective &= ~(1U << CAP_SYS_PTRACE);
	return syscall(SYS_capset, &head, data) ? -errno : 0;
}

static int same_user(void)
{
	return become_user(MATRIX_USER);
}

static int other_user(void)
{
	return become_user(MATRIX_OTHER);
}

static int root_of_user_namespace(void)
{
	return become_fake_root();
}

static int user_as_root_of_namespace(void)
{
	int error = become_user(MATRIX_USER);

	return error ? error : become_fake_root();
}

static int root_of_container(void)
{
	int error = become_fake_root();

	return error ? error : enter_pid_namespace();
}

static const struct reader table[] = {
	{ "root", root, true, false },
	{ "root with CAP_SYS_PTRACE only", root_with_ptrace_only, true, false },
	{ "root without CAP_SYS_ADMIN", root_without_admin, true, false },
	{ "other user with CAP_SYS_PTRACE", other_with_ptrace, true, false },
	{ "root in a pid namespace", enter_pid_namespace, true, false },
	{ "root in a chroot", root_in_chroot, true, false },
	{ "root with hidepid=ptraceable", root_with_hidepid, true, false },
	{ "root confined by Landlock", root_in_landlock, true, true },
	{ "root without CAP_SYS_PTRACE", root_without_ptrace, false, false },
	{ "root without any capability", root_without_any, false, false },
	{ "root, CAP_SYS_PTRACE not effective", root_with_ptrace_asleep, false, false },
	{ "same user", same_user, false, false },
	{ "other user", other_user, false, false },
	{ "root of a user namespace", root_of_user_namespace, false, false },
	{ "user as root of a user namespace", user_as_root_of_namespace, false, false },
	{ "root of a container", root_of_container, false, false },
};

const struct reader *readers(unsigned int *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

int reader_run(const struct reader *reader,
	       void (*fn)(const struct reader *reader, struct tally *tally), struct tally *tally)
{
	int status, error;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		error = reader->become();
		/* Becoming somebody else cleared it. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (!error)
			fn(reader, tally);
		_exit(-error);
	}
	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}
