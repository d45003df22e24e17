// SPDX-License-Identifier: GPL-2.0
/* Executable and arguments, as /proc shows them: plain, long, empty, rewritten, deleted. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/witness.h"

#define STAND "PCB_TEST_STAND"

/*
 * Take away the pages that hold nothing but arguments. Whoever touches them
 * waits for a handler of faults that never comes.
 */
static void trap_arguments(char **argv, const char *end)
{
	unsigned long first = ((unsigned long)argv[0] + 4095) & ~4095UL;
	unsigned long last = (unsigned long)end & ~4095UL;
	struct uffdio_register reg = {
		.range = { first, last - first }, .mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0 || last <= first || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &reg) ||
	    madvise((void *)first, last - first, MADV_DONTNEED))
		_exit(105);
}

/*
 * This program, started with the variable STAND set, stops itself; before that
 * it does to its arguments what the variable says, as setproctitle(3) would.
 */
static void __attribute__((constructor)) stand(int argc, char **argv)
{
	const char *how = getenv(STAND);
	char *end = argv[argc - 1] + strlen(argv[argc - 1]);

	if (!how)
		return;
	if (!strcmp(how, "short"))
		snprintf(argv[0], end - argv[0], "new title");
	if (!strcmp(how, "full"))
		memset(argv[0], 'T', end + 1 - argv[0]);
	if (!strcmp(how, "over"))
		memset(argv[0], 'O', end + 20 - argv[0]);
	if (!strcmp(how, "trap"))
		trap_arguments(argv, end);
	raise(SIGSTOP);
	_exit(0);
}

FIXTURE(program) {
	int fd;
	pid_t pid;
	struct verdict verdict;
	struct walk one;
};

FIXTURE_SETUP(program)
{
	memset(self, 0, sizeof(*self));
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(program)
{
	if (self->pid > 0) {
		kill(self->pid, SIGKILL);
		waitpid(self->pid, NULL, 0);
	}
	walk_free(&self->one);
	close(self->fd);
}

/* Start @path, wait until it has stopped itself. */
static pid_t start(const char *path, char * const *argv, const char *how)
{
	char setting[64], *env[] = { setting, "SPACE=01234567890123456789", NULL };
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		snprintf(setting, sizeof(setting), STAND "=%s", how);
		execve(path, argv, env);
		_exit(127);
	}
	return wait_sleeping(pid, "T") ? pid : -pid;
}

static const struct pcbscope_record *look(int fd, pid_t pid, struct walk *one)
{
	return walk_one(fd, pid, ALL_GROUPS, one) ? NULL : walk_next(one, NULL);
}

static char long_argument[5001], arguments_4096[4097];

struct case_of_arguments {
	const char *name;
	char *argv[5];
	const char *how;
};

static const struct case_of_arguments cases[] = {
	{ "plain", { "name", "one", "two" }, "" },
	{ "one", { "name" }, "" },
	{ "empty strings", { "", "", "x", "" }, "" },
	{ "no arguments", { NULL }, "" },
	{ "control bytes", { "a\nb", "\033[31m", "\\", "\xff\xfe", "\t" }, "" },
	{ "5000 bytes", { "n", long_argument }, "" },
	{ "4096 bytes", { arguments_4096 }, "" },
	{ "shorter title", { "name", "one", "two" }, "short" },
	{ "title that fills all", { "name", "one", "two" }, "full" },
	{ "title over the environment", { "name", "one", "two" }, "over" },
	{ "long title", { "n", long_argument }, "full" },
};

TEST_F(program, exe_and_arguments_are_those_procfs_shows)
{
	const struct pcbscope_record *record;
	const struct case_of_arguments *c;
	size_t bytes;

	memset(long_argument, 'l', 5000);
	memset(arguments_4096, 'p', 4096);
	for (c = cases; c < cases + ARRAY_SIZE(cases); c++) {
		self->pid = start("/proc/self/exe", c->argv, c->how);
		ASSERT_LT(0, self->pid);
		EXPECT_EQ(0, witness_task(self->fd, self->pid, 0, c->name, &self->verdict));
		record = look(self->fd, self->pid, &self->one);
		ASSERT_NE(NULL, record);
		EXPECT_SOUND(walk_fault(&self->one, ALL_GROUPS, true));
		EXPECT_EQ(0, record->busy);
		record_bytes(record, "cmdline", &bytes);
		EXPECT_GE(4096, bytes);
		walk_free(&self->one);
		kill(self->pid, SIGKILL);
		waitpid(self->pid, NULL, 0);
	}
	EXPECT_EQ(0, self->verdict.moved);
	EXPECT_EQ(0, self->verdict.wrong) {
		TH_LOG("%u wrong, first: %s", self->verdict.wrong, self->verdict.first);
	}
	TH_LOG("%u field comparisons, %u wrong", self->verdict.compared, self->verdict.wrong);
}

TEST_F(program, length_of_the_argument_area_counts_every_byte)
{
	char * const argv[] = { "n", long_argument, NULL };
	const struct pcbscope_record *record;

	memset(long_argument, 'l', 5000);
	self->pid = start("/proc/self/exe", argv, "");
	ASSERT_LT(0, self->pid);
	record = look(self->fd, self->pid, &self->one);
	ASSERT_NE(NULL, record);
	EXPECT_EQ(2 + 5001, number(record, "cmdline_bytes"));
}

TEST_F(program, arguments_that_would_fault_are_busy_and_not_waited_for)
{
	const struct pcbscope_record *record;
	char * const argv[] = { "n", long_argument, long_argument, NULL };

	memset(long_argument, 'l', 5000);
	self->pid = start("/proc/self/exe", argv, "trap");
	ASSERT_LT(0, self->pid);
	record = look(self->fd, self->pid, &self->one);	/* the harness would time out */
	ASSERT_NE(NULL, record);
	EXPECT_EQ(PCBSCOPE_GROUP_PROGRAM, record->busy);
	EXPECT_FALSE(record_has(record, "cmdline"));
	EXPECT_FALSE(record_has(record, "cmdline_bytes"));
	EXPECT_EQ('T', number(record, "kernel_state"));
}

static int copy_program(const char *to)
{
	int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0755);
	struct stat st;
	ssize_t done;

	if (in < 0 || out < 0 || fstat(in, &st))
		return -1;
	while ((done = sendfile(out, in, NULL, st.st_size)) > 0)
		;
	close(in);
	close(out);
	return done;
}

TEST_F(program, a_deleted_executable_is_marked)
{
	char folder[] = "/dev/shm/pcb.XXXXXX", path[64], want[96];
	char * const argv[] = { "gone", NULL };
	const struct pcbscope_record *record;
	const char *exe;
	size_t bytes;

	ASSERT_NE(NULL, mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/a b\n%%s", folder);
	ASSERT_EQ(0, copy_program(path));
	self->pid = start(path, argv, "");
	ASSERT_LT(0, self->pid);
	EXPECT_EQ(0, witness_task(self->fd, self->pid, 0, "present", &self->verdict));
	unlink(path);
	rmdir(folder);
	EXPECT_EQ(0, witness_task(self->fd, self->pid, 0, "deleted", &self->verdict));
	EXPECT_EQ(0, self->verdict.wrong) {
		TH_LOG("%s", self->verdict.first);
	}
	record = look(self->fd, self->pid, &self->one);
	ASSERT_NE(NULL, record);
	exe = record_bytes(record, "exe", &bytes);
	snprintf(want, sizeof(want), "%s (deleted)", path);
	ASSERT_EQ(strlen(want), bytes);
	EXPECT_EQ(0, memcmp(want, exe, bytes));
}

/* Its file, or the mappings of its memory, would keep the file system busy. */
TEST_F(program, nothing_is_held_of_a_program_that_was_looked_at)
{
	char folder[] = "/dev/shm/pcb.XXXXXX", path[64];
	char * const argv[] = { "held", NULL };
	struct deadline deadline;
	int error;

	ASSERT_NE(NULL, mkdtemp(folder));
	ASSERT_EQ(0, mount("held", folder, "tmpfs", 0, NULL));
	snprintf(path, sizeof(path), "%s/program", folder);
	EXPECT_EQ(0, copy_program(path));
	self->pid = start(path, argv, "");
	EXPECT_LT(0, self->pid);
	EXPECT_NE(NULL, look(self->fd, self->pid, &self->one));
	kill(self->pid, SIGKILL);
	waitpid(self->pid, NULL, 0);
	self->pid = 0;
	deadline = deadline_in(DEADLINE_MS);
	do {
		error = umount2(folder, 0) ? errno : 0;
	} while (error == EBUSY && not_yet(deadline));
	EXPECT_EQ(0, error);
	if (error)
		umount2(folder, MNT_DETACH);
	rmdir(folder);
}

TEST_F(program, kernel_threads_and_zombies_have_none)
{
	const struct pcbscope_record *record = look(self->fd, 2, &self->one);

	ASSERT_NE(NULL, record);
	EXPECT_FALSE(record_has(record, "exe"));
	EXPECT_EQ(1, number(record, "kernel_thread"));
	walk_free(&self->one);
	self->pid = fork();
	if (!self->pid)
		_exit(0);
	ASSERT_TRUE(wait_letter(self->pid, "Z"));
	record = look(self->fd, self->pid, &self->one);
	ASSERT_NE(NULL, record);
	EXPECT_FALSE(record_has(record, "exe"));
	EXPECT_EQ(0, number(record, "kernel_thread"));
	EXPECT_EQ(0, record->busy);
}

PCB_TEST_MAIN
