// SPDX-License-Identifier: GPL-2.0
/* QUERY: buffers of any size, cursors, lists of pids, threads, states. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "lib/harness.h"

#define NR_FROZEN 40
#define ROOM (1U << 20)
#define KERNEL_ADDRESS 0xffff888000100000ULL

/* What does not change while a task stands still; state and scheduling hold times since. */
#define STILL (ALL_GROUPS & ~(PCBSCOPE_GROUP_STATE | PCBSCOPE_GROUP_SCHEDULING))

FIXTURE(query) {
	int fd;
	struct child children[NR_FROZEN];
	__u32 pids[NR_FROZEN];
	unsigned char *room;
};

FIXTURE_SETUP(query)
{
	unsigned int i;

	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	self->room = mmap(NULL, ROOM, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->room);
	ASSERT_TRUE(children_freeze(self->children, NR_FROZEN));
	for (i = 0; i < NR_FROZEN; i++)
		self->pids[i] = self->children[i].pid;
}

FIXTURE_TEARDOWN(query)
{
	children_end(self->children, NR_FROZEN);
	munmap(self->room, ROOM);
	close(self->fd);
}

static struct pcbscope_query query_for(const __u32 *pids, __u32 count, void *buf, size_t bytes)
{
	return (struct pcbscope_query){
		.groups = STILL,
		.buf = (uintptr_t)buf,
		.buf_bytes = bytes,
		.pids = (uintptr_t)pids,
		.nr_pids = count,
	};
}

TEST_F(query, a_buffer_too_small_for_one_record_tells_the_need)
{
	struct pcbscope_query query = query_for(self->pids, 1, self->room, ROOM);
	size_t full, bytes;

	ASSERT_EQ(0, device_query(self->fd, &query));
	ASSERT_EQ(1, query.nr_records);
	full = query.used_bytes;
	for (bytes = 0; bytes < full; bytes += bytes < full - 16 ? 8 : 1) {
		memset(self->room, 0xA5, 2 * full);
		query = query_for(self->pids, 1, self->room, bytes);
		ASSERT_EQ(-EOVERFLOW, device_query(self->fd, &query))
			TH_LOG("%zu of %zu bytes", bytes, full);
		EXPECT_EQ(full, query.needed_bytes);
		EXPECT_EQ(0, query.nr_records);
		EXPECT_EQ(0xA5, self->room[bytes]);
	}
	query = query_for(self->pids, 1, self->room, full);
	EXPECT_EQ(0, device_query(self->fd, &query));
	EXPECT_EQ(full, query.used_bytes);
	EXPECT_EQ(1, query.nr_records);
	EXPECT_EQ(0, query.cursor);
}

TEST_F(query, bad_buffer_pointers_fault)
{
	void *read_only = mmap(NULL, ROOM, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	__u64 addresses[] = { (uintptr_t)read_only, KERNEL_ADDRESS, 0x1000, -4096ULL, 1ULL << 47 };
	struct pcbscope_query query;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		query = query_for(self->pids, NR_FROZEN, NULL, ROOM);
		query.buf = addresses[i];
		EXPECT_EQ(-EFAULT, device_query(self->fd, &query))
			TH_LOG("buffer at %llx", addresses[i]);
		query = query_for(NULL, 0, NULL, ROOM);
		query.buf = addresses[i];
		EXPECT_EQ(-EFAULT, device_query(self->fd, &query));
	}
	query = query_for(NULL, 0, NULL, ROOM);
	EXPECT_EQ(-EFAULT, device_query(self->fd, &query));
	query = query_for(NULL, 0, self->room, ~0ULL);
	EXPECT_NE(-EIO, device_query(self->fd, &query));	/* no crash */
}

TEST_F(query, bad_lists_of_pids_are_refused)
{
	__u64 addresses[] = { KERNEL_ADDRESS, 0x1000, -4096ULL };
	struct pcbscope_query query;
	unsigned int i;
	int error;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		query = query_for(NULL, 4, self->room, ROOM);
		query.pids = addresses[i];
		EXPECT_EQ(-EFAULT, device_query(self->fd, &query));
	}
	query = query_for(NULL, 4, self->room, ROOM);
	EXPECT_EQ(-EINVAL, device_query(self->fd, &query));
	query = query_for(self->pids, 0, self->room, ROOM);
	EXPECT_EQ(-EINVAL, device_query(self->fd, &query));
	query = query_for(self->pids, ~0U, self->room, ROOM);
	error = device_query(self->fd, &query);
	EXPECT_TRUE(error == -EINVAL || error == -E2BIG || error == -EFAULT || !error)
		TH_LOG("4 billion pids: %d", error);
}

TEST_F(query, buffers_and_lists_may_be_misaligned)
{
	struct pcbscope_query query;
	unsigned int shift;
	void *pids;

	for (shift = 0; shift < 9; shift++) {
		pids = self->room + ROOM / 2 + shift;
		memcpy(pids, self->pids, sizeof(self->pids));
		query = query_for(pids, NR_FROZEN, self->room + shift, ROOM / 2);
		EXPECT_EQ(0, device_query(self->fd, &query));
		EXPECT_EQ(NR_FROZEN, query.nr_records);
	}
}

TEST_F(query, any_small_buffer_gives_the_same_records)
{
	struct ask ask = { .groups = STILL, .pids = self->pids, .nr_pids = NR_FROZEN };
	struct walk whole, parts;
	size_t steps[] = { 0, 8, 333, 512, 1000, 4096, 10001, 65536 };
	unsigned int i;

	ASSERT_EQ(0, walk(self->fd, &ask, &whole));
	ASSERT_EQ(NR_FROZEN, whole.nr_records);
	EXPECT_SOUND(walk_fault(&whole, ask.groups, true));
	for (i = 1; i < ARRAY_SIZE(steps); i++) {
		ask.step = steps[i];
		ASSERT_EQ(0, walk(self->fd, &ask, &parts));
		EXPECT_EQ(NR_FROZEN, parts.nr_records);
		ASSERT_EQ(whole.bytes, parts.bytes);
		EXPECT_EQ(0, memcmp(whole.buf, parts.buf, whole.bytes))
			TH_LOG("steps of %zu bytes", steps[i]);
		walk_free(&parts);
	}
	walk_free(&whole);
}

TEST_F(query, a_walk_in_pieces_finds_all_that_stand_still_once)
{
	size_t steps[] = { 8, 500, 3000, 20000, 1 << 20 };
	__u64 masks[] = { 0, PCBSCOPE_GROUP_STATE, STILL, ALL_GROUPS };
	unsigned int i, j, k;
	struct walk all;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		for (j = 0; j < ARRAY_SIZE(masks); j++) {
			struct ask ask = { .groups = masks[j], .step = steps[i] };

			ASSERT_EQ(0, walk(self->fd, &ask, &all));
			EXPECT_SOUND(walk_fault(&all, masks[j], true));
			for (k = 0; k < NR_FROZEN; k++) {
				EXPECT_EQ(1, walk_count(&all, self->pids[k]));
			}
			walk_free(&all);
		}
}

TEST_F(query, a_walk_resumes_after_the_task_at_its_cursor_is_gone)
{
	struct pcbscope_query query = query_for(NULL, 0, self->room, 2000);
	unsigned int k, seen = 0, last = 0;
	const struct pcbscope_record *record;
	struct walk part;

	query.groups = PCBSCOPE_GROUP_IDENTITY;
	do {
		query.buf_bytes = 2000;
		ASSERT_EQ(0, device_query(self->fd, &query));
		part = (struct walk){ .buf = self->room, .bytes = query.used_bytes };
		for_each_record(&part, record) {
			ASSERT_LT(last, record_identity(record)->tid);
			last = record_identity(record)->tid;
			seen += last == self->pids[NR_FROZEN - 1];
		}
		for (k = 0; k < NR_FROZEN - 1; k++)	/* the next ones vanish */
			if (self->pids[k] > last && self->children[k].pid) {
				child_end(&self->children[k]);
				break;
			}
	} while (query.cursor);
	EXPECT_EQ(1, seen);
}

TEST_F(query, a_cursor_beyond_all_tasks_ends_or_is_refused)
{
	__u64 cursors[] = { 1, 1ULL << 22, 1ULL << 31, 1ULL << 32, 1ULL << 63, ~0ULL };
	struct pcbscope_query query;
	unsigned int i;
	int error;

	for (i = 0; i < ARRAY_SIZE(cursors); i++) {
		query = query_for(NULL, 0, self->room, ROOM);
		query.cursor = cursors[i];
		error = device_query(self->fd, &query);
		EXPECT_TRUE(!error || error == -EINVAL);
		if (!error) {
			EXPECT_EQ(0, query.cursor);
		}
		query = query_for(self->pids, NR_FROZEN, self->room, ROOM);
		query.cursor = cursors[i];
		error = device_query(self->fd, &query);
		EXPECT_TRUE(!error || error == -EINVAL || error == -ESRCH);
	}
}

static unsigned int untouched(const unsigned char *first, const unsigned char *second, size_t bytes)
{
	unsigned int count = 0;
	size_t i;

	for (i = 0; i < bytes; i++)
		count += first[i] == 0xA5 && second[i] == 0x5A;
	return count;
}

TEST_F(query, every_byte_of_records_is_written_and_none_behind)
{
	struct pcbscope_query query;
	unsigned char *second = self->room + ROOM / 2;
	size_t used, i;

	memset(self->room, 0xA5, ROOM / 2);
	memset(second, 0x5A, ROOM / 2);
	query = query_for(self->pids, NR_FROZEN, self->room, ROOM / 2);
	query.groups = ALL_GROUPS;
	ASSERT_EQ(0, device_query(self->fd, &query));
	used = query.used_bytes;
	query = query_for(self->pids, NR_FROZEN, second, ROOM / 2);
	query.groups = ALL_GROUPS;
	ASSERT_EQ(0, device_query(self->fd, &query));
	ASSERT_EQ(used, query.used_bytes);
	EXPECT_EQ(0, untouched(self->room, second, used));
	for (i = used; i < ROOM / 2; i++) {
		ASSERT_EQ(0xA5, self->room[i]);
		ASSERT_EQ(0x5A, second[i]);
	}
}

TEST_F(query, a_task_that_does_not_exist_is_esrch_alone_and_nothing_in_a_list)
{
	struct pcbscope_query query;
	__u32 never[] = { 0, 4194303, 1U << 22, 1U << 31, ~0U };
	__u32 gone = self->pids[7];
	unsigned int i;

	child_end(&self->children[7]);
	query = query_for(&gone, 1, self->room, ROOM);
	EXPECT_EQ(-ESRCH, device_query(self->fd, &query));
	for (i = 0; i < ARRAY_SIZE(never); i++) {
		query = query_for(&never[i], 1, self->room, ROOM);
		EXPECT_EQ(-ESRCH, device_query(self->fd, &query));
		query = query_for(&never[i], 1, self->room, ROOM);
		query.flags = PCBSCOPE_QUERY_TIDS;
		EXPECT_EQ(-ESRCH, device_query(self->fd, &query));
	}
	query = query_for(self->pids, NR_FROZEN, self->room, ROOM);
	EXPECT_EQ(0, device_query(self->fd, &query));
	EXPECT_EQ(NR_FROZEN - 1, query.nr_records);
	query = query_for(never, ARRAY_SIZE(never), self->room, ROOM);
	EXPECT_EQ(0, device_query(self->fd, &query));
	EXPECT_EQ(0, query.nr_records);
	EXPECT_EQ(0, query.cursor);
}

TEST_F(query, a_list_is_answered_in_its_own_order_duplicates_too)
{
	const __u32 *p = self->pids, list[] = { p[9], p[2], p[9], p[9], p[0] };
	struct ask ask = { .groups = STILL, .pids = list, .nr_pids = 5 };
	const struct pcbscope_record *record = NULL;
	struct walk all;
	unsigned int i;

	ASSERT_EQ(0, walk(self->fd, &ask, &all));
	ASSERT_EQ(5, all.nr_records);
	for (i = 0; i < 5; i++) {
		record = walk_next(&all, record);
		ASSERT_NE(NULL, record);
		EXPECT_EQ(list[i], record_identity(record)->tid);
	}
	walk_free(&all);
}

TEST_F(query, a_list_of_five_thousand_works_in_small_steps)
{
	size_t steps[] = { 700, 9000, 0 };
	const struct pcbscope_record *record;
	struct walk all;
	__u32 list[5000];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = i % 5 ? self->pids[i % NR_FROZEN] : 4194303 - i;
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		struct ask ask = { .groups = PCBSCOPE_GROUP_STATE, .pids = list,
				   .nr_pids = ARRAY_SIZE(list), .step = steps[i] };
		unsigned int at = 0;

		ASSERT_EQ(0, walk(self->fd, &ask, &all));
		EXPECT_EQ(4000, all.nr_records);
		for_each_record(&all, record) {
			at += at % 5 == 0;
			ASSERT_EQ(list[at++], record_identity(record)->tid);
		}
		walk_free(&all);
	}
}

PCB_TEST_MAIN
