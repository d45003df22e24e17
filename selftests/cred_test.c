// SPDX-License-Identifier: GPL-2.0
/* The four user ids and group ids, one by one. */
#define _GNU_SOURCE
#include <linux/securebits.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>

#include "lib/harness.h"

struct ids {
	const char *name;
	uid_t ruid, uid, suid, fsuid;
	gid_t rgid, gid, sgid, fsgid;
};

static const struct ids cases[] = {
	{ "root", 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "all different", 101, 102, 103, 104, 201, 202, 203, 204 },
	{ "effective root", 1000, 0, 1000, 0, 1000, 0, 1000, 0 },
	{ "saved root", 1000, 1000, 0, 1000, 1000, 1000, 0, 1000 },
	{ "fsuid only", 0, 0, 0, 1234, 0, 0, 0, 4321 },
	{ "large", 4294967294U, 4000000000U, 65534, 65535, 4294967294U, 4000000000U, 65534, 65535 },
};

static void take_ids(struct child *self, void *arg)
{
	const struct ids *ids = arg;

	/* else the fs ids could be none but one of the others */
	if (prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP))
		_exit(101);
	if (setresgid(ids->rgid, ids->gid, ids->sgid))
		_exit(102);
	setfsgid(ids->fsgid);
	if (setresuid(ids->ruid, ids->uid, ids->suid))
		_exit(103);
	setfsuid(ids->fsuid);
	child_idle(self, NULL);
}

static void expect_ids(struct __test_metadata *_metadata, const struct pcbscope_record *record,
		       pid_t pid, const char *key, const char * const *names)
{
	long long ids[4];
	int i;

	ASSERT_TRUE(status_numbers(pid, 0, key, ids, 4));
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(ids[i], number(record, names[i])) {
			TH_LOG("%s", names[i]);
		}
	}
}

TEST(all_eight_ids_are_told)
{
	static const char * const uids[] = { "ruid", "uid", "suid", "fsuid" };
	static const char * const gids[] = { "rgid", "gid", "sgid", "fsgid" };
	const struct pcbscope_record *record;
	struct child child;
	struct walk one;
	unsigned int i;
	int fd = device_open();

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ASSERT_EQ(0, child_make(&child, 0, take_ids, (void *)&cases[i])) {
			TH_LOG("%s", cases[i].name);
		}
		ASSERT_EQ(0, walk_one(fd, child.pid, ALL_GROUPS, &one));
		record = walk_next(&one, NULL);
		EXPECT_EQ((long long)cases[i].ruid, number(record, "ruid"));
		EXPECT_EQ((long long)cases[i].uid, number(record, "uid"));
		EXPECT_EQ((long long)cases[i].suid, number(record, "suid"));
		EXPECT_EQ((long long)cases[i].fsuid, number(record, "fsuid"));
		EXPECT_EQ((long long)cases[i].fsgid, number(record, "fsgid"));
		EXPECT_EQ((long long)cases[i].rgid, number(record, "rgid"));
		EXPECT_EQ((long long)cases[i].gid, number(record, "gid"));
		EXPECT_EQ((long long)cases[i].sgid, number(record, "sgid"));
		expect_ids(_metadata, record, child.pid, "Uid", uids);
		expect_ids(_metadata, record, child.pid, "Gid", gids);
		walk_free(&one);
		child_end(&child);
	}
}

TEST(every_task_agrees_with_procfs)
{
	static const char * const uids[] = { "ruid", "uid", "suid", "fsuid" };
	struct ask ask = { .groups = PCBSCOPE_GROUP_CREDENTIALS };
	const struct pcbscope_record *record;
	unsigned int checked = 0;
	int fd = device_open();
	struct walk all;
	pid_t pid;

	ASSERT_EQ(0, walk(fd, &ask, &all));
	for_each_record(&all, record) {
		pid = record_identity(record)->tid;
		if (status_number(pid, 0, "Pid") != pid)
			continue;	/* ended meanwhile */
		expect_ids(_metadata, record, pid, "Uid", uids);
		checked++;
	}
	EXPECT_LT(10, checked);
	walk_free(&all);
}

PCB_TEST_MAIN
