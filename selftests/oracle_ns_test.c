// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle from elsewhere: readers in nested pid namespaces, under hidepid mounts and in a
 * chroot are told what the procfs before their own eyes tells them, and no more.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "lib/harness.h"
#include "lib/sight.h"
#include "lib/witness.h"

#define DEPTH 3
#define IDLE 2		/* at each level, besides its reader */

/* What the readers found out; shared with them. */
struct findings {
	struct verdict verdict;
	unsigned int sets;
	unsigned int tasks;
	unsigned int faults;
	char first[128];
};

FIXTURE(view) {
	struct findings *found;
	struct child child;
};

FIXTURE_SETUP(view)
{
	self->found = mmap(NULL, sizeof(*self->found), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->found);
	self->child.pid = 0;
}

FIXTURE_TEARDOWN(view)
{
	child_end(&self->child);
	munmap(self->found, sizeof(*self->found));
}

static void expect(struct findings *found, bool holds, const char *what, const char *where)
{
	if (!holds && !found->faults++)
		snprintf(found->first, sizeof(found->first), "%s (%s)", what, where);
}

#define EXPECT_FOUND(found, at_least)						\
	do {									\
		EXPECT_EQ(0, (found)->faults) {					\
			TH_LOG("%s", (found)->first);				\
		}								\
		EXPECT_EQ(0, (found)->verdict.wrong) {				\
			TH_LOG("%s", (found)->verdict.first);			\
		}								\
		EXPECT_LE(at_least, (found)->verdict.compared);			\
	} while (0)

static int compare_ids(const void *a, const void *b)
{
	unsigned int one = *(const unsigned int *)a, two = *(const unsigned int *)b;

	return one < two ? -1 : one > two;
}

/* The same threads by device, text and procfs; kernel threads may come and go: then again. */
static bool same_set(int fd, unsigned int *nr)
{
	unsigned int count, tries = 20;
	const struct way *way = ways(&count);
	struct sight ours, theirs;
	bool same = false;

	while (!same && tries--) {
		if (sight_take(way, fd, NULL, 0, &ours) ||
		    sight_take(way_by_procfs(true), fd, NULL, 0, &theirs))
			return false;
		qsort(theirs.tids, theirs.nr, sizeof(*theirs.tids), compare_ids);
		same = ours.nr == theirs.nr &&
			!memcmp(ours.tids, theirs.tids, ours.nr * sizeof(*ours.tids));
		*nr = ours.nr;
		sight_free(&ours);
		sight_free(&theirs);
	}
	return same;
}

/* Every field of every process that this /proc shows. */
static void compare_all(int fd, struct findings *found, const char *where)
{
	struct dirent *entry;
	DIR *dir = opendir("/proc");
	char who[64];

	while (dir && (entry = readdir(dir))) {
		pid_t pid = atoi(entry->d_name);

		if (pid <= 0)
			continue;
		snprintf(who, sizeof(who), "%d, %s", pid, where);
		found->tasks += !witness_task(fd, pid, 0, who, &found->verdict);
	}
	if (dir)
		closedir(dir);
}

static bool mount_proc(const char *options)
{
	return !mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
		!mount("proc", "/proc", "proc", 0, options);
}

struct level {
	struct findings *found;
	unsigned int depth;	/* levels below this one */
};

/* The first process of a pid namespace: it reads when those below sleep. */
static void level_reader(struct child *self, void *arg)
{
	const struct level *level = arg;
	struct level next = { level->found, level->depth - 1 };
	unsigned int nr = 0, below = (1 + IDLE) * (level->depth + 1), i;
	struct child children[IDLE + 1];
	char where[32];
	int fd;

	if (!mount_proc(NULL))
		_exit(102);
	for (i = 0; i < IDLE; i++)
		if (child_make(&children[i], 0, child_idle, NULL))
			_exit(103);
	if (level->depth && child_make(&children[IDLE], CLONE_NEWPID | CLONE_NEWNS, level_reader,
				       &next))
		_exit(104);
	fd = device_open();
	snprintf(where, sizeof(where), "%u levels above the last", level->depth);
	expect(level->found, getpid() == 1, "the reader is the first process", where);
	expect(level->found, same_set(fd, &nr), "the set differs from procfs", where);
	expect(level->found, nr == below, "other than the namespace is seen", where);
	compare_all(fd, level->found, where);
	level->found->sets++;
	close(fd);
	child_ready(self);
	child_pause();
}

TEST_F_TIMEOUT(view, each_level_of_nested_namespaces_sees_its_own_subtree, 120)
{
	struct level outermost = { self->found, DEPTH - 1 };

	ASSERT_EQ(0, child_make(&self->child, CLONE_NEWPID | CLONE_NEWNS, level_reader,
				&outermost));
	EXPECT_EQ(DEPTH, self->found->sets);
	EXPECT_EQ((1 + IDLE) * (3 + 2 + 1), self->found->tasks);
	EXPECT_FOUND(self->found, 60 * self->found->tasks);
	figure("nested pid namespaces: levels whose set is exact", self->found->sets);
	figure("nested pid namespaces: field comparisons", self->found->verdict.compared);
	figure("nested pid namespaces: wrong", self->found->verdict.wrong);
}

/* Root, but without the right to trace others. */
static void drop_ptrace(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data))
		_exit(105);
	data[CAP_SYS_PTRACE / 32].effective &= ~(1U << CAP_SYS_PTRACE % 32);
	data[CAP_SYS_PTRACE / 32].permitted &= ~(1U << CAP_SYS_PTRACE % 32);
	if (syscall(SYS_capset, &head, data))
		_exit(106);
}

struct refusal {
	bool is_root;
	struct findings *found;
	const char *where;
	bool hides;	/* this mount hides other's processes */
	bool subset;	/* it has nothing but processes */
};

/* Refused, whatever the mount hides; procfs shows this one no more than the mount lets it. */
static void refused_reader(struct child *self, void *arg)
{
	const struct refusal *r = arg;
	struct sight sight;
	int fd;

	if (r->is_root)
		drop_ptrace();
	else if (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
		_exit(107);
	expect(r->found, device_open() == (r->is_root ? -EPERM : -EACCES), "the device opens",
	       r->where);
	fd = open(PROC_DIR "/tasks", O_RDONLY | O_CLOEXEC);
	expect(r->found, fd < 0 && errno == (r->subset ? ENOENT : r->is_root ? EPERM : EACCES),
	       "the list opens", r->where);
	if (sight_take(way_by_procfs(false), -1, NULL, 0, &sight))
		_exit(108);
	expect(r->found, !r->hides || sight.nr <= 1, "hidepid hides nothing here", r->where);
	child_ready(self);
}

struct mount_case {
	const char *options;
	bool hides_from_user;
	bool hides_from_root;	/* without CAP_SYS_PTRACE */
	bool subset;
};

static const struct mount_case mounts[] = {
	{ "hidepid=0", .subset = false },
	{ "hidepid=1", .subset = false },
	{ "hidepid=2", .hides_from_user = true },
	{ "hidepid=ptraceable", .hides_from_user = true, .hides_from_root = true },
	{ "hidepid=ptraceable,subset=pid", true, true, true },
};

#define NR_MOUNTS (sizeof(mounts) / sizeof(mounts[0]))

static void reader_under(const struct mount_case *m, struct findings *found)
{
	struct refusal user = { false, found, m->options, m->hides_from_user, m->subset };
	struct refusal root = { true, found, m->options, m->hides_from_root, m->subset };
	struct child child;
	unsigned int nr;
	int fd;

	if (!mount_proc(m->options))
		_exit(102);
	fd = device_open();
	expect(found, same_set(fd, &nr), "root sees another set than in procfs", m->options);
	compare_all(fd, found, m->options);
	close(fd);
	fd = open(PROC_DIR "/tasks", O_RDONLY | O_CLOEXEC);
	expect(found, (fd < 0) == m->subset, "/proc/pcbscope is there", m->options);
	close(fd);
	if (child_make(&child, 0, refused_reader, &user))
		_exit(109);
	child_end(&child);
	if (child_make(&child, 0, refused_reader, &root))
		_exit(110);
	child_end(&child);
	found->sets++;
}

static void hidepid_reader(struct child *self, void *arg)
{
	unsigned int i;

	for (i = 0; i < NR_MOUNTS; i++)
		reader_under(&mounts[i], arg);
	child_ready(self);
	child_pause();
}

TEST_F_TIMEOUT(view, hidepid_governs_procfs_not_the_device_and_the_device_gives_no_more, 120)
{
	ASSERT_EQ(0, child_make(&self->child, CLONE_NEWNS, hidepid_reader, self->found));
	EXPECT_EQ(NR_MOUNTS, self->found->sets);
	EXPECT_FOUND(self->found, 1000 * NR_MOUNTS);
	figure("hidepid mounts: sets compared", self->found->sets);
	figure("hidepid mounts: field comparisons", self->found->verdict.compared);
	figure("hidepid mounts: wrong", self->found->verdict.wrong);
}

#define JAIL "/mnt"

enum place { OUTSIDE, INSIDE, UNLINKED, RENAMED, NR_PLACES };

static void copy_program(const char *to)
{
	int in = open("/bin/sleep", O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0755);

	while (sendfile(out, in, NULL, 1 << 20) > 0)
		;
	close(in);
	close(out);
}

static void run_program(struct child *self, void *path)
{
	child_ready(self);
	execl(path, "sleep", "1000000", NULL);
	_exit(111);
}

/* Processes whose executables lie within and without the jail. */
static bool run_programs(struct child *children)
{
	static const char * const paths[NR_PLACES] = {
		"/bin/sleep", JAIL "/inside", JAIL "/unlinked", JAIL "/old",
	};
	unsigned int i;

	for (i = 0; i < NR_PLACES; i++) {
		if (i)
			copy_program(paths[i]);
		if (child_make(&children[i], 0, run_program, (void *)paths[i]) ||
		    read(children[i].sock, &(char){ 0 }, 1) || !child_freeze(&children[i]))
			return false;
	}
	return !unlink(JAIL "/unlinked") && !rename(JAIL "/old", JAIL "/n w");
}

static void make_jail(void)
{
	struct stat node;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("tmpfs", JAIL, "tmpfs", 0, NULL) || mkdir(JAIL "/proc", 0755) ||
	    mount("proc", JAIL "/proc", "proc", 0, NULL) || mkdir(JAIL "/dev", 0755) ||
	    stat(PCBSCOPE_DEVICE, &node) ||
	    mknod(JAIL PCBSCOPE_DEVICE, S_IFCHR | 0400, node.st_rdev))
		_exit(112);
}

static void expect_path(int fd, struct findings *found, pid_t pid, const char *want)
{
	struct walk one;
	size_t bytes;
	const char *path;

	if (walk_one(fd, pid, ALL_GROUPS, &one))
		_exit(113);
	path = record_bytes(walk_next(&one, NULL), "exe", &bytes);
	expect(found, path && bytes == strlen(want) && !memcmp(path, want, bytes), "path", want);
	walk_free(&one);
}

static void chroot_reader(struct child *self, void *arg)
{
	struct child children[NR_PLACES];
	struct findings *found = arg;
	int before, i;

	make_jail();
	if (!run_programs(children))
		_exit(114);
	before = device_open();
	expect_path(before, found, children[INSIDE].pid, JAIL "/inside");
	if (chroot(JAIL) || chdir("/"))
		_exit(115);
	for (i = 0; i < 2; i++) {	/* by a descriptor from outside, and by one from here */
		int fd = i ? device_open() : before;

		expect_path(fd, found, children[INSIDE].pid, "/inside");
		expect_path(fd, found, children[UNLINKED].pid, "/unlinked (deleted)");
		expect_path(fd, found, children[RENAMED].pid, "/n w");
		compare_all(fd, found, "in a chroot");
		close(fd);
	}
	children_end(children, NR_PLACES);
	child_ready(self);
	child_pause();
}

TEST_F_TIMEOUT(view, a_chrooted_reader_is_told_paths_as_its_procfs_tells_them, 120)
{
	ASSERT_EQ(0, child_make(&self->child, CLONE_NEWNS, chroot_reader, self->found));
	EXPECT_FOUND(self->found, 1000);
	figure("chroot: field comparisons", self->found->verdict.compared);
	figure("chroot: wrong", self->found->verdict.wrong);
}

PCB_TEST_MAIN
