// SPDX-License-Identifier: GPL-2.0
/* Threads that change their user ids without exec: the four of a record are of one moment. */
#define _GNU_SOURCE
#include <linux/securebits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "lib/harness.h"

#define GROUPS PCBSCOPE_GROUP_CREDENTIALS

/* The uids that a thread flips between; the ids of the first are in its name, too. */
static const uid_t uids[2][2] = { { 101, 202 }, { 303, 404 } };

static unsigned long *flips_done;

/* The system call itself: the C library would change all threads. */
static void flip_for_ever(unsigned int which)
{
	unsigned int i = 0;

	for (;; i ^= 1) {
		const uid_t uid = uids[which][i];

		if (syscall(SYS_setresuid, uid, uid, uid) || syscall(SYS_setresgid, uid, uid, uid))
			_exit(104);
		__atomic_add_fetch(flips_done, 1, __ATOMIC_RELAXED);
	}
}

static void *flip_in_thread(void *arg)
{
	flip_for_ever(1);
	return NULL;
}

static void flipper(struct child *self, void *arg)
{
	pthread_t thread;

	/* Keep CAP_SETUID, whatever the ids. */
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) ||
	    pthread_create(&thread, NULL, flip_in_thread, NULL))
		_exit(103);
	child_ready(self);
	flip_for_ever(0);
}

static bool all_equal(const struct pcbscope_record *record, const char * const *keys)
{
	const long long first = number(record, keys[0]);

	return first == number(record, keys[1]) && first == number(record, keys[2]) &&
		first == number(record, keys[3]);
}

struct tally {
	unsigned long seen[2][2];
	unsigned long looks;
	unsigned long torn;
};

static void look(const void *records, size_t bytes, pid_t pid, struct tally *tally)
{
	static const char * const users[] = { "uid", "ruid", "suid", "fsuid" };
	static const char * const groups[] = { "gid", "rgid", "sgid", "fsgid" };
	const struct walk walk = { .buf = (unsigned char *)records, .bytes = bytes };
	const struct pcbscope_record *record;

	for_each_record(&walk, record) {
		const unsigned int which = record_identity(record)->tid != (__u32)pid;
		const long long uid = number(record, "uid");

		tally->looks++;
		if (!all_equal(record, users) || !all_equal(record, groups) ||
		    (uid && uid != uids[which][0] && uid != uids[which][1]))
			tally->torn++;
		tally->seen[which][uid == uids[which][1]]++;
	}
}

FIXTURE(ids) {
	int fd;
	void *area;
};

FIXTURE_SETUP(ids)
{
	self->fd = device_open();
	self->area = mmap(NULL, 4096, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->area);
}

FIXTURE_TEARDOWN(ids)
{
	munmap(self->area, 4096);
	close(self->fd);
}

TEST_F_TIMEOUT(ids, of_a_record_are_of_one_moment, 240)
{
	const unsigned long wanted = counted(200000, 20000);
	struct pcbscope_query query, plan = { .groups = GROUPS, .nr_pids = 1 };
	struct tally tally = { 0 };
	struct child child;
	__u64 room[512];
	int turn;

	flips_done = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, flips_done);
	ASSERT_EQ(0, child_make(&child, 0, flipper, NULL));
	plan.pids = (uintptr_t)&child.pid;
	plan.buf_bytes = sizeof(room);
	for (turn = 0; __atomic_load_n(flips_done, __ATOMIC_RELAXED) < wanted; turn++) {
		query = plan;
		/* Cheap groups alone, and with others; copied, and mapped. */
		query.groups |= turn & 1 ? PCBSCOPE_GROUP_RELATIONS : 0;
		query.flags = PCBSCOPE_QUERY_THREADS | (turn & 2 ? PCBSCOPE_QUERY_MAPPED : 0);
		query.buf = turn & 2 ? 0 : (uintptr_t)room;
		ASSERT_EQ(0, device_query(self->fd, &query));
		look(turn & 2 ? self->area : room, query.used_bytes, child.pid, &tally);
	}
	child_end(&child);
	EXPECT_EQ(0, tally.torn);
	EXPECT_LT(100, tally.seen[0][0]);
	EXPECT_LT(100, tally.seen[0][1]);
	EXPECT_LT(100, tally.seen[1][0]);
	EXPECT_LT(100, tally.seen[1][1]);
	figure("changes of ids without exec", *flips_done);
	figure("records looked at meanwhile", tally.looks);
}

PCB_TEST_MAIN
