// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "device.h"
#include "frozen.h"
#include "kinds.h"
#include "procfs.h"
#include "records.h"

/* What is done to a child once it is made, so that it stands still. */
enum how { STOP, SLEEP, TRACE, DIE, LEADER_DIES, VFORK, EXEC };

struct manner {
	const char *name;
	enum how how;
	child_fn fn;
	const void *arg;
	unsigned long clone_flags;
};

enum sleep { IN_TIMER, IN_FUTEX, IN_POLL, IN_PIPE, IN_SIGNAL, IN_WAIT, IN_SOCKET };

static void sleep_in(struct child *self, void *arg)
{
	struct timespec forever = { .tv_sec = 1000000 };
	struct pollfd pollfd = { .fd = self->sock, .events = POLLIN };
	int word = 0, pair[2];
	sigset_t none;
	char byte;

	sigemptyset(&none);
	if (pipe(pair))
		_exit(103);
	child_ready(self);
	switch (*(const enum sleep *)arg) {
	case IN_TIMER:
		syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &forever, NULL);
		break;
	case IN_FUTEX:
		syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
		break;
	case IN_POLL:
		poll(&pollfd, 1, -1);
		break;
	case IN_PIPE:
		if (read(pair[0], &byte, 1) != 1)
			_exit(106);
		break;
	case IN_SIGNAL:
		sigsuspend(&none);
		break;
	case IN_WAIT:
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			child_pause();
		}
		wait(NULL);
		break;
	case IN_SOCKET:
		recv(self->sock, &byte, 1, 0);
	}
	child_pause();
}

static void be_traced(struct child *self, void *arg)
{
	child_ready(self);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	child_pause();
}

static void hold_groups(struct child *self, void *arg)
{
	static const gid_t many[] = { 4, 20, 24, 27, 100, 1000, 65534 };

	if (syscall(SYS_setgroups, 7, many) || setresgid(65534, 1, 2) || setresuid(65534, 1, 0) ||
	    prctl(PR_SET_KEEPCAPS, 1))
		_exit(104);
	child_idle(self, NULL);
}

static void drop_all(struct child *self, void *arg)
{
	if (syscall(SYS_setgroups, 0, NULL) || setresgid(1000, 1000, 1000) ||
	    setresuid(1000, 1000, 1000) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0))
		_exit(104);
	child_idle(self, NULL);
}

static void enter_seccomp(struct child *self, void *arg)
{
	char byte;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	child_tell(self, 0);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		_exit(104);
	for (;;)	/* read(2) is one of the few calls left; nobody writes */
		if (read(self->sock, &byte, 1) != 1)
			syscall(SYS_exit, 106);
}

static void lose_root(struct child *self, void *arg)
{
	if (chroot("/usr") || chdir("/"))
		_exit(104);
	child_idle(self, NULL);
}

/* Exec a copy of sleep(1) that is unlinked, or the program itself under odd arguments. */
static void exec_deleted(struct child *self, void *arg)
{
	char path[] = "/tmp/pcb a\nb-XXXXXX";
	int from = open("/bin/sleep", O_RDONLY), to = mkstemp(path);

	while (sendfile(to, from, NULL, 1 << 20) > 0)
		;
	fchmod(to, 0700);
	close(to);
	to = open(path, O_RDONLY | O_CLOEXEC);
	unlink(path);
	child_ready(self);
	fexecve(to, (char *[]){ "sleep", "1000000", NULL }, (char *[]){ NULL });
	_exit(105);
}

static void exec_long(struct child *self, void *arg)
{
	static char *argv[1200];
	unsigned int i;

	argv[0] = "sleep";
	for (i = 1; i < 1199; i++)
		argv[i] = "1000.5";
	child_ready(self);
	execv("/bin/sleep", argv);
	_exit(105);
}

static void exec_hostile(struct child *self, void *arg)
{
	child_ready(self);
	execl("/bin/sleep", "a) R 1 (\n\t\033[31m\\\xff\xfe\"$(x)", "1000000", NULL);
	_exit(105);
}

static void exec_empty(struct child *self, void *arg)
{
	child_ready(self);
	execl("/bin/sleep", "", "1000000", NULL);
	_exit(105);
}

static const enum sleep sleeps[] = {
	IN_TIMER, IN_FUTEX, IN_POLL, IN_PIPE, IN_SIGNAL, IN_WAIT, IN_SOCKET,
};
static const int exits[] = { 0, 42, 255, -SIGTERM, -SIGSEGV };

static const struct manner manners[] = {
	{ "asleep for a timer", SLEEP, sleep_in, &sleeps[0], 0 },
	{ "asleep in a futex", SLEEP, sleep_in, &sleeps[1], 0 },
	{ "asleep in poll", SLEEP, sleep_in, &sleeps[2], 0 },
	{ "asleep at a pipe", SLEEP, sleep_in, &sleeps[3], 0 },
	{ "asleep for a signal", SLEEP, sleep_in, &sleeps[4], 0 },
	{ "asleep for a child", SLEEP, sleep_in, &sleeps[5], 0 },
	{ "asleep at a socket", SLEEP, sleep_in, &sleeps[6], 0 },
	{ "traced", TRACE, be_traced, NULL, 0 },
	{ "zombie of status 0", DIE, kind_zombie, &exits[0], 0 },
	{ "zombie of status 42", DIE, kind_zombie, &exits[1], 0 },
	{ "zombie of status 255", DIE, kind_zombie, &exits[2], 0 },
	{ "zombie killed by SIGTERM", DIE, kind_zombie, &exits[3], 0 },
	{ "zombie killed by SIGSEGV", DIE, kind_zombie, &exits[4], 0 },
	{ "dead leader, live thread", LEADER_DIES, kind_dead_leader, NULL, 0 },
	{ "parent in vfork", VFORK, kind_vfork, NULL, 0 },
	{ "groups and split ids", STOP, hold_groups, NULL, 0 },
	{ "no privileges", STOP, drop_all, NULL, 0 },
	{ "seccomp", SLEEP, enter_seccomp, NULL, 0 },
	{ "chroot", STOP, lose_root, NULL, 0 },
	{ "deleted executable", EXEC, exec_deleted, NULL, 0 },
	{ "1200 arguments", EXEC, exec_long, NULL, 0 },
	{ "hostile arguments", EXEC, exec_hostile, NULL, 0 },
	{ "empty argument", EXEC, exec_empty, NULL, 0 },
	{ "IPC and UTS namespace", STOP, child_idle, NULL, CLONE_NEWIPC | CLONE_NEWUTS },
	{ "user and pid namespace", STOP, child_idle, NULL, CLONE_NEWUSER | CLONE_NEWPID },
	{ "cgroup namespace", STOP, child_idle, NULL, CLONE_NEWCGROUP },
};

static const char * const kernel_threads[] = {
	"kthreadd", "kswapd0", "cpuhp/0", "migration/0", "kdevtmpfs", "oom_reaper", "khungtaskd",
};

/* Exec has closed the child's end: the program is the new one. */
static bool wait_exec(struct child *child)
{
	struct pollfd pollfd = { .fd = child->sock, .events = POLLIN };
	char byte;

	return poll(&pollfd, 1, DEADLINE_MS) == 1 && read(child->sock, &byte, 1) == 0;
}

static bool wait_stopped_by_tracer(pid_t pid)
{
	int status;

	return waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status) &&
		wait_letter(pid, "t");
}

static bool wait_leader_ended(pid_t pid)
{
	struct deadline deadline = deadline_in(DEADLINE_MS);

	while (letter_of(pid) != 'Z' && not_yet(deadline))
		;
	return letter_of(pid) == 'Z' && wait_letter(pid, "ZS");
}

static bool make_still(struct child *child, enum how how)
{
	unsigned long long inner;

	if (how == VFORK)
		return child_hear(child, &inner) && wait_letter(child->pid, "D");
	if (!child_wait_ready(child))
		return false;
	switch (how) {
	case STOP:
		return child_freeze(child);
	case EXEC:
		return wait_exec(child) && child_freeze(child);
	case TRACE:
		return wait_stopped_by_tracer(child->pid);
	case DIE:
		return child_go(child) && wait_letter(child->pid, "Z");
	case LEADER_DIES:
		return wait_leader_ended(child->pid);
	default:
		return wait_letter(child->pid, "S");
	}
}

static bool add(struct frozen *one, const struct manner *manner)
{
	one->kind = manner->name;
	one->lacks_memory = manner->how == DIE;
	if (child_start(&one->child, manner->clone_flags, manner->fn, (void *)manner->arg))
		return false;
	one->pid = one->child.pid;
	return make_still(&one->child, manner->how) && wait_off_cpu(one->pid);
}

/* A kernel thread by its name: procfs may add to it what a worker works on. */
static pid_t kernel_thread(const char *name)
{
	struct dirent *entry;
	struct proc_stat stat;
	pid_t pid = 0;
	DIR *dir = opendir("/proc");

	while (!pid && dir && (entry = readdir(dir)))
		if (proc_stat(atoi(entry->d_name), 0, &stat) && stat.value[9] & 0x200000 &&
		    !strcmp(stat.comm, name))
			pid = atoi(entry->d_name);
	if (dir)
		closedir(dir);
	return pid;
}

int population_freeze(struct frozen *population, unsigned int room)
{
	unsigned int count, nr = 0, i;
	const struct kind *kind = kinds(&count);

	memset(population, 0, room * sizeof(*population));
	for (i = 0; i < count; i++) {
		struct manner stopped = {
			kind[i].name, STOP, kind[i].fn, kind[i].arg, kind[i].clone_flags,
		};

		if (nr == room || !add(&population[nr++], &stopped))
			goto failed;
	}
	for (i = 0; i < sizeof(manners) / sizeof(*manners); i++)
		if (nr == room || !add(&population[nr++], &manners[i]))
			goto failed;
	for (i = 0; i < sizeof(kernel_threads) / sizeof(*kernel_threads) && nr < room; i++) {
		pid_t pid = kernel_thread(kernel_threads[i]);

		if (pid)
			population[nr++] = (struct frozen) {
				.kind = kernel_threads[i], .pid = pid, .lacks_memory = true,
			};
	}
	return nr;
failed:
	population[0].kind = population[nr - 1].kind;
	population_end(population, nr);
	return -1;
}

void population_end(struct frozen *population, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (population[i].child.pid > 0)
			kill(population[i].child.pid, SIGKILL);
	for (i = 0; i < count; i++)
		child_end(&population[i].child);
}
