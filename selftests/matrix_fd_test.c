// SPDX-License-Identifier: GPL-2.0
/*
 * The access matrix, descriptors: of every kind, got in every way from somebody
 * who may read, they give nothing, for any group of any target. And nothing is
 * left to a reader who is no longer who he was when he opened.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/matrix.h"
#include "lib/privilege.h"

#define AREA 16384

FIXTURE(descriptor) {
	struct held held;
};

static struct held *held;
static int post[2];	/* here root sends what it holds */

FIXTURE_SETUP(descriptor)
{
	const char *failed = ways_make(&self->held);

	ASSERT_EQ(NULL, failed) {
		TH_LOG("cannot make: %s", failed);
	}
	held = &self->held;
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, post));
}

FIXTURE_TEARDOWN(descriptor)
{
	close(post[0]);
	close(post[1]);
	ways_end(&self->held);
}

static void expect_tally(struct __test_metadata *_metadata, struct tally *tally)
{
	EXPECT_EQ(0, tally->wrong) {
		TH_LOG("%llu wrong, first: %s", tally->wrong, tally->first);
	}
	figure("matrix cells", tally->cells);
	figure("matrix cells refused", tally->refused);
}

/* --- ways to get a descriptor from another --- */

static void use_all(int device, const int *text, int expected, struct tally *tally,
		    const char *how)
{
	unsigned int i;

	use_device(device, expected, tally, how);
	for (i = 0; i < NR_TEXTS; i++)
		use_text(text[i], expected, tally, how);
}

static void inherited(const struct reader *reader, struct tally *tally)
{
	use_all(held->device, held->text, -EPERM, tally, reader->name);
}

static void received(const struct reader *reader, struct tally *tally)
{
	int fds[NR_TEXTS + 1];
	unsigned int i;

	for (i = 0; i <= NR_TEXTS; i++) {
		fds[i] = receive_fd(post[1]);
		if (fds[i] < 0)
			_exit(ENODATA);
	}
	use_all(fds[0], fds + 1, -EPERM, tally, reader->name);
}

/* Who may not trace the holder gets no descriptor; who may, gets a useless one. */
static void taken(const struct reader *reader, struct tally *tally)
{
	int holder = syscall(SYS_pidfd_open, held->pid, 0), fd;
	unsigned int i;

	for (i = 0; i <= NR_TEXTS; i++) {
		fd = syscall(SYS_pidfd_getfd, holder, i ? held->text[i - 1] : held->device, 0);
		tally->cells++;
		if (fd < 0)
			tally->refused++;
		else if (i)
			use_text(fd, -EPERM, tally, reader->name);
		else
			use_device(fd, -EPERM, tally, reader->name);
		close(fd);
	}
}

/* Run a copy of this program on them; on success there is no way back. */
static void exec_with(const char *path, int device, int text, int expected)
{
	char numbers[4][12], *none[1] = { NULL };
	char *args[6] = { "matrix-user", numbers[0], numbers[1], numbers[2], numbers[3] };

	snprintf(numbers[0], sizeof(numbers[0]), "%d", held->tally_fd);
	snprintf(numbers[1], sizeof(numbers[1]), "%d", device);
	snprintf(numbers[2], sizeof(numbers[2]), "%d", text);
	snprintf(numbers[3], sizeof(numbers[3]), "%d", expected);
	execve(path, args, none);
	_exit(errno);
}

static void inherited_over_exec(const struct reader *reader, struct tally *tally)
{
	exec_with(MATRIX_FOLDER "/plain", held->device, held->text[1], -EPERM);
}

/* The device as its input, a text file as its output. */
static void given_to_setuid(const struct reader *reader, struct tally *tally)
{
	dup2(held->device, 0);
	dup2(held->text[4], 1);
	exec_with(MATRIX_FOLDER "/setuid", 0, 1, -EPERM);
}

struct passing {
	const char *name;
	void (*use)(const struct reader *reader, struct tally *tally);
	bool sent;
};

static const struct passing passings[] = {
	{ "inherited over fork", inherited, false },
	{ "sent by SCM_RIGHTS", received, true },
	{ "taken by pidfd_getfd", taken, false },
	{ "inherited over exec", inherited_over_exec, false },
	{ "input of a setuid program", given_to_setuid, false },
};

static void send_all(void)
{
	unsigned int i;

	send_fd(post[0], held->device);
	for (i = 0; i < NR_TEXTS; i++)
		send_fd(post[0], held->text[i]);
}

/*
 * A setuid program of root's run by root without a capability gets it: that is
 * root, the opener, again.
 */
static bool becomes_opener(const struct reader *reader, const struct passing *passing)
{
	return passing->use == given_to_setuid || passing->use == inherited_over_exec ?
		!strncmp(reader->name, "root without", 12) || !strncmp(reader->name, "root,", 5) :
		false;
}

TEST_F_TIMEOUT(descriptor, of_another_is_of_no_use, 300)
{
	struct tally *tally = self->held.tally;
	const struct passing *passing;
	const struct reader *reader;
	unsigned long long cells;
	unsigned int i, count;

	for (passing = passings; passing < passings + ARRAY_SIZE(passings); passing++) {
		reader = readers(&count);
		for (i = 0; i < count; i++, reader++) {
			if (reader->let_in || becomes_opener(reader, passing))
				continue;
			if (passing->sent)
				send_all();
			cells = tally->cells;
			EXPECT_EQ(0, reader_run(reader, passing->use, tally)) {
				TH_LOG("%s, %s", reader->name, passing->name);
			}
			EXPECT_LT(cells, tally->cells) {
				TH_LOG("%s, %s", reader->name, passing->name);
			}
		}
	}
	expect_tally(_metadata, tally);
}

/* Openers who are let in themselves, and their descriptors in a program of root's. */
static int lend_to_setuid(void *arg)
{
	int error = become_capable(MATRIX_OTHER);
	int device = open(PCBSCOPE_DEVICE, O_RDONLY), text = text_open(PROC_DIR, "pcb");

	if (error || device < 0 || text < 0)
		return -EIO;
	use_device(device, 0, held->tally, "before exec");
	dup2(device, 0);
	dup2(text, 1);
	exec_with(arg, 0, 1, -EPERM);
	return 0;
}

/* The same program, still the same reader: it works. Else the cells above prove nothing. */
static int keep_over_exec(void *arg)
{
	exec_with(MATRIX_FOLDER "/plain", held->device, held->text[1], 0);
	return 0;
}

TEST_F(descriptor, over_exec_serves_only_the_same_reader)
{
	struct tally *tally = self->held.tally;

	use_all(held->device, held->text, 0, tally, "the opener");
	EXPECT_EQ(0, in_child(keep_over_exec, NULL));
	EXPECT_EQ(0, tally->refused);
	EXPECT_EQ(0, in_child(lend_to_setuid, MATRIX_FOLDER "/setuid"));
	EXPECT_EQ(0, in_child(lend_to_setuid, MATRIX_FOLDER "/plain"));
	EXPECT_LT(0, tally->refused);
	expect_tally(_metadata, tally);
}

/* --- ways to be no longer who one was --- */

static int change_uid(int arg)
{
	return setresuid(arg, arg, arg);
}

static int change_gid(int arg)
{
	return setresgid(arg, arg, arg);
}

static int change_euid(int arg)
{
	return seteuid(arg);
}

static int change_saved_uid(int arg)
{
	return setresuid(-1, -1, arg);
}

static int change_fsuid(int arg)
{
	setfsuid(arg);
	return 0;
}

static int change_groups(int arg)
{
	gid_t group = arg;

	return syscall(SYS_setgroups, 1, &group);
}

static int enter_user_ns(int arg)
{
	return unshare(CLONE_NEWUSER);
}

static int join_user_ns(int arg)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", held->tally->targets[arg]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return setns(fd, CLONE_NEWUSER);
}

/* The change is for children. */
static int go_on_in_child(void)
{
	pid_t pid = fork();
	int status;

	if (pid <= 0)
		return pid;
	waitpid(pid, &status, 0);
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EIO);
}

static int enter_pid_ns(int arg)
{
	return unshare(CLONE_NEWPID) ?: go_on_in_child();
}

static int join_pid_ns(int arg)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", held->tally->targets[arg]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return setns(fd, CLONE_NEWPID) ?: go_on_in_child();
}

#define CONTAINER 5	/* place of the container's task among the targets */

struct change {
	const char *name;
	int (*make)(int arg);
	int arg;
	bool in_child;		/* there is no mapping there */
};

static const struct change changes[] = {
	{ "another uid", change_uid, 1234, false },
	{ "another gid", change_gid, 1234, false },
	{ "another effective uid", change_euid, 1234, false },
	{ "another saved uid", change_saved_uid, 1234, false },
	{ "another uid for files", change_fsuid, 1234, false },
	{ "another group", change_groups, 1234, false },
	{ "a new user namespace", enter_user_ns, 0, false },
	{ "a container's user namespace", join_user_ns, CONTAINER, false },
	{ "a new pid namespace", enter_pid_ns, 0, true },
	{ "a container's pid namespace", join_pid_ns, CONTAINER, true },
};

/* What lay in the area stays; nothing fresh comes, and a child does not have it. */
static bool area_is_stale(const unsigned char *area, const unsigned char *before, bool in_child)
{
	unsigned char in_core;

	if (in_child)
		return mincore((void *)area, 4096, &in_core) && errno == ENOMEM;
	return !memcmp(area, before, AREA);
}

static int open_change_and_use(void *arg)
{
	static unsigned char before[AREA];
	const struct change *change = arg;
	struct pcbscope_query query = {
		.groups = ALL_GROUPS, .flags = PCBSCOPE_QUERY_MAPPED, .buf_bytes = AREA,
	};
	int device = open(PCBSCOPE_DEVICE, O_RDONLY), text[NR_TEXTS];
	unsigned char *area = mmap(NULL, AREA, PROT_READ, MAP_SHARED, device, 0);
	unsigned int i;

	for (i = 0; i < NR_TEXTS; i++)
		text[i] = text_open(PROC_DIR, texts[i]);
	if (area == MAP_FAILED || device_query(device, &query) || !query.nr_records)
		return -EIO;
	memcpy(before, area, AREA);
	if (change->make(change->arg))
		return -ECANCELED;
	use_all(device, text, -EPERM, held->tally, change->name);
	query.cursor = 0;
	held->tally->cells++;
	if (device_query(device, &query) != -EPERM ||
	    !area_is_stale(area, before, change->in_child))
		tally_wrong(held->tally, "%s: the area is fresh", change->name);
	return 0;
}

TEST_F_TIMEOUT(descriptor, is_of_no_use_to_a_reader_who_changed, 300)
{
	struct tally *tally = self->held.tally;
	char name[32];
	int cap;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		EXPECT_EQ(0, in_child(open_change_and_use, (void *)&changes[i])) {
			TH_LOG("%s", changes[i].name);
		}
	}
	for (cap = 0; cap <= CAP_LAST_CAP && prctl(PR_CAPBSET_READ, cap) == 1;
	     cap += run_is_long() ? 1 : 7) {
		struct change change = { name, drop_capability, cap, false };

		snprintf(name, sizeof(name), "without capability %d", cap);
		EXPECT_EQ(0, in_child(open_change_and_use, &change)) {
			TH_LOG("%s", name);
		}
	}
	expect_tally(_metadata, tally);
}

PCB_TEST_MAIN
