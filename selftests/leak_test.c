// SPDX-License-Identifier: GPL-2.0
/*
 * What comes out is determined by the kernel to the last byte reported, nothing
 * behind it is touched, and none of it is an address of the kernel or poison.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "lib/harness.h"
#include "lib/kinds.h"
#include "lib/scan.h"

#define ROOM (256 * 1024)
#define FILLS 2
#define PAGE 4096

static const unsigned char fills[FILLS] = { 0x3c, 0xd3 };

FIXTURE(leak) {
	int fd;
	struct child children[6];
	unsigned int nr_children;
	__u32 pids[8];
	unsigned char *room[FILLS];	/* each with a page behind it that cannot be touched */
	struct scan scan;
	unsigned long long unwritten;
	unsigned long long touched;
	unsigned long long outputs;
};

static void *guarded_room(void)
{
	unsigned char *room = mmap(NULL, ROOM + PAGE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return room == MAP_FAILED || mprotect(room + ROOM, PAGE, PROT_NONE) ? NULL : room;
}

typedef FIXTURE_DATA(leak) leak_data;

FIXTURE_SETUP(leak)
{
	static int status = 3;
	static struct thread_plan plan = { .count = 7, .cpu = -1 };
	struct child *c = self->children;
	unsigned int i;

	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, child_make(&c[0], 0, child_idle, NULL));
	ASSERT_EQ(0, child_make(&c[1], 0, kind_threads, &plan));
	ASSERT_EQ(0, child_make(&c[2], CLONE_NEWUSER | CLONE_NEWPID, child_idle, NULL));
	for (i = 0; i < 3; i++)
		ASSERT_TRUE(child_freeze(&c[i]));
	ASSERT_EQ(0, child_make(&c[3], 0, kind_zombie, &status));
	ASSERT_TRUE(child_go(&c[3]));
	ASSERT_TRUE(wait_letter(c[3].pid, "Z"));
	ASSERT_EQ(0, child_make(&c[4], 0, kind_dead_leader, NULL));
	self->nr_children = 5;
	for (i = 0; i < self->nr_children; i++)
		self->pids[i] = c[i].pid;
	self->pids[i++] = 2;	/* a kernel thread */
	self->pids[i++] = 1;
	self->pids[i++] = getpid();
	for (i = 0; i < FILLS; i++) {
		self->room[i] = guarded_room();
		ASSERT_NE(NULL, self->room[i]);
	}
}

FIXTURE_TEARDOWN(leak)
{
	unsigned int i;

	children_end(self->children, self->nr_children);
	close(self->fd);
	for (i = 0; i < FILLS; i++)
		munmap(self->room[i], ROOM + PAGE);
}

/* The end of the room, so that the first byte too far faults. */
static unsigned char *buffer(leak_data *self, unsigned int which, size_t bytes)
{
	unsigned char *buf = self->room[which] + ROOM - ((bytes + 7) & ~7UL);

	memset(self->room[which], fills[which], ROOM);
	return buf;
}

/* One request into a buffer of @bytes: what ioctl said; used_bytes in @query. */
static int ask_into(leak_data *self, const struct pcbscope_query *wanted,
		    unsigned char *buf, struct pcbscope_query *query)
{
	*query = *wanted;
	query->buf = (uintptr_t)buf;
	query->used_bytes = wanted->buf_bytes;
	return device_query(self->fd, query);
}

/* Records as far as they are whole: behind them lies the fill. */
static void scan_until_fill(struct scan *scan, const unsigned char *buf, size_t bytes,
			    const char *what)
{
	const struct pcbscope_record *record;
	size_t at = 0;

	while (at + sizeof(*record) <= bytes) {
		record = (const void *)(buf + at);
		if (record->bytes > bytes - at || record->bytes < sizeof(*record))
			return;
		scan_record(scan, record, what);
		at += record->bytes;
	}
}

/*
 * The same request into buffers with two fills. A byte that is the fill in both
 * was left there; one that changes from call to call may look so by chance, but
 * not three times in a row.
 */
static int check_query(leak_data *self, const struct pcbscope_query *wanted,
		       const char *what)
{
	const size_t bytes = wanted->buf_bytes;
	struct pcbscope_query query[FILLS];
	unsigned char *buf[FILLS];
	size_t used, unwritten = 1;
	int i, tries, error[FILLS];

	for (tries = 0; tries < 3 && unwritten; tries++) {
		for (i = 0; i < FILLS; i++) {
			buf[i] = buffer(self, i, bytes);
			error[i] = ask_into(self, wanted, buf[i], &query[i]);
			used = error[i] ? 0 : query[i].used_bytes;
			if (used > bytes ||
			    !scan_untouched(buf[i] + used, bytes - used, fills[i]) ||
			    !scan_untouched(self->room[i], buf[i] - self->room[i], fills[i]))
				self->touched++;
			scan_records(&self->scan, buf[i], used, what);
			self->outputs++;
		}
		used = query[0].used_bytes < query[1].used_bytes ? query[0].used_bytes :
			query[1].used_bytes;
		unwritten = error[0] || error[1] ? 0 :
			scan_unwritten(buf[0], fills[0], buf[1], fills[1], used);
	}
	self->unwritten += unwritten;
	return error[0];
}

/* The length that a record needs, by asking with no room at all. */
static size_t needed(leak_data *self, const struct pcbscope_query *wanted)
{
	struct pcbscope_query query = *wanted;

	query.buf_bytes = 0;
	return device_query(self->fd, &query) == -EOVERFLOW ? query.needed_bytes : 0;
}

static void expect_clean(struct __test_metadata *_metadata, leak_data *self)
{
	EXPECT_EQ(0, self->scan.found) {
		TH_LOG("%u finds, first: %s", self->scan.found, self->scan.first);
	}
	EXPECT_EQ(0, self->unwritten);
	EXPECT_EQ(0, self->touched);
	EXPECT_LT(0, self->outputs);
	figure("leak outputs looked through", self->outputs);
	figure("leak bytes looked through", self->scan.bytes);
}

/* Every group, alone and with all, of every kind of task, in every size that matters. */
TEST_F(leak, records_fill_what_they_say_and_no_more)
{
	static const __u64 flags[] = {
		0, PCBSCOPE_QUERY_TIDS, PCBSCOPE_QUERY_THREADS, PCBSCOPE_QUERY_EXACT_RSS,
	};
	static const int beside[] = { -16, -8, -1, 0, 1, 7, 8, 100, 5000 };
	struct pcbscope_query query;
	unsigned int group, pid, flag, i;
	size_t bytes;

	for (group = 0; group <= 10; group++)
		for (pid = 0; pid < ARRAY_SIZE(self->pids); pid++)
			for (flag = 0; flag < ARRAY_SIZE(flags); flag++) {
				query = (struct pcbscope_query){
					.groups = group < 10 ? 1ULL << group : ALL_GROUPS,
					.flags = flags[flag], .nr_pids = 1,
					.pids = (uintptr_t)&self->pids[pid],
				};
				bytes = needed(self, &query);
				for (i = 0; i < ARRAY_SIZE(beside) && bytes; i++) {
					query.buf_bytes = bytes + beside[i];
					check_query(self, &query, "record");
				}
			}
	expect_clean(_metadata, self);
}

TEST_F(leak, lists_and_walks_fill_what_they_say_and_no_more)
{
	static const size_t sizes[] = { 500, 1500, 5000, 20001, 65536, ROOM };
	static const __u32 states[] = { 0, 1, 8, 16, 31 };
	struct pcbscope_query query = { 0 };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (j = 0; j < ARRAY_SIZE(states); j++) {
			query = (struct pcbscope_query){
				.groups = ALL_GROUPS, .buf_bytes = sizes[i], .states = states[j],
			};
			check_query(self, &query, "walk");
			query.flags = PCBSCOPE_QUERY_THREADS;
			query.groups = 0x3f;
			check_query(self, &query, "walk of threads");
			query.pids = (uintptr_t)self->pids;
			query.nr_pids = ARRAY_SIZE(self->pids);
			check_query(self, &query, "list");
		}
	expect_clean(_metadata, self);
}

/* Refused requests: nothing is written, neither to the buffer nor to the request. */
TEST_F(leak, a_request_that_fails_writes_nothing)
{
	static const __u32 nobody = 0x7ffffffe;
	const struct pcbscope_query wrong[] = {
		{ .groups = 1, .pids = (uintptr_t)&nobody, .nr_pids = 1 },
		{ .groups = ALL_GROUPS, .pids = (uintptr_t)&nobody, .nr_pids = 1,
		  .flags = PCBSCOPE_QUERY_TIDS },
		{ .groups = 1ULL << 40 }, { .flags = 1ULL << 40 }, { .reserved = 1 },
		{ .states = 1ULL << 40 }, { .nr_pids = 1 }, { .cursor = 1ULL << 40 },
		{ .flags = PCBSCOPE_QUERY_MAPPED },
		{ .groups = 1, .pids = 8, .nr_pids = 1 },
		{ .groups = 1, .pids = (uintptr_t)(self->room[0] + ROOM - 4), .nr_pids = 2 },
	};
	struct pcbscope_query query, before;
	unsigned char *buf;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		before = wrong[i];
		before.buf_bytes = PAGE;
		buf = buffer(self, 0, PAGE);
		if (before.pids == (uintptr_t)(self->room[0] + ROOM - 4))
			buf = self->room[0];
		memcpy(self->room[0] + ROOM - 4, &nobody, 4);
		before.buf = (uintptr_t)buf;
		query = before;
		EXPECT_GT(0, device_query(self->fd, &query)) {
			TH_LOG("wrong[%u]", i);
		}
		EXPECT_EQ(0, memcmp(&query, &before, sizeof(query))) {
			TH_LOG("wrong[%u]", i);
		}
		EXPECT_TRUE(scan_untouched(self->room[0], ROOM - 4, fills[0])) {
			TH_LOG("wrong[%u]", i);
		}
	}
}

/* How long the answer is, given room enough. */
static size_t answer_bytes(int fd, const struct pcbscope_query *like)
{
	struct pcbscope_query query = *like;
	void *buf = malloc(8 << 20);

	query.buf = (uintptr_t)buf;
	query.buf_bytes = 8 << 20;
	if (device_query(fd, &query))
		query.used_bytes = 0;
	free(buf);
	return query.used_bytes;
}

/* A buffer that ends in the middle of the answer. */
TEST_F(leak, a_fault_half_way_leaves_only_records)
{
	struct pcbscope_query query, *read_only;
	unsigned int i;
	size_t room;

	for (i = 0; i < 40; i++) {
		memset(self->room[0], fills[0], ROOM);
		query = (struct pcbscope_query){
			.groups = i % 2 ? 0x3f : ALL_GROUPS, .flags = PCBSCOPE_QUERY_THREADS,
		};
		room = 64 + i * (answer_bytes(self->fd, &query) / 45);
		ASSERT_GT(ROOM, room);
		query.buf = (uintptr_t)(self->room[0] + ROOM - (room & ~7UL));
		query.buf_bytes = room + 65536;
		EXPECT_EQ(-EFAULT, device_query(self->fd, &query));
		EXPECT_EQ(0, query.used_bytes);
		scan_until_fill(&self->scan, self->room[0] + ROOM - (room & ~7UL), room, "fault");
		self->outputs++;
	}
	read_only = (void *)self->room[1];
	*read_only = (struct pcbscope_query){
		.groups = 0x3f, .buf = (uintptr_t)self->room[0], .buf_bytes = 4096,
	};
	ASSERT_EQ(0, mprotect(read_only, PAGE, PROT_READ));
	EXPECT_EQ(-EFAULT, device_query(self->fd, read_only));
	scan_until_fill(&self->scan, self->room[0], 4096, "answer that could not be given");
	expect_clean(_metadata, self);
}

/* INFO in the published size, and in larger ones. */
TEST_F(leak, info_is_whole)
{
	struct pcbscope_info *info;
	unsigned int i, bytes;

	for (bytes = PCBSCOPE_INFO_SIZE_VER0; bytes <= sizeof(*info) + 64; bytes += 8) {
		const unsigned int request = _IOC(_IOC_READ | _IOC_WRITE, PCBSCOPE_IOC_MAGIC,
						  PCBSCOPE_IOC_NR_INFO, bytes);

		for (i = 0; i < FILLS; i++) {
			info = (void *)buffer(self, i, bytes);
			info->reserved = 0;
			if (bytes > sizeof(*info))
				memset(info + 1, 0, bytes - sizeof(*info));
			EXPECT_EQ(0, ioctl(self->fd, request, info));
			scan_memory(&self->scan, info, bytes, "info");
			EXPECT_TRUE(scan_untouched(self->room[i], ROOM - bytes, fills[i]));
		}
		self->unwritten += scan_unwritten(self->room[0] + ROOM - bytes, fills[0],
						  self->room[1] + ROOM - bytes, fills[1], bytes);
		self->outputs++;
	}
	expect_clean(_metadata, self);
}

/* The field list into @bytes of room, of which it needs @blob. */
static bool schema_is_whole(leak_data *self, unsigned int which, size_t bytes, size_t blob)
{
	unsigned char *buf = buffer(self, which, bytes);
	const size_t used = bytes < blob ? 0 : blob;
	struct pcbscope_schema schema = { .buf = (uintptr_t)buf, .buf_bytes = bytes };

	if (ioctl(self->fd, PCBSCOPE_IOC_SCHEMA, &schema) != (used ? 0 : -1))
		return false;
	scan_memory(&self->scan, buf, used, "schema");
	self->outputs++;
	return scan_untouched(buf + used, bytes - used, fills[which]);
}

TEST_F(leak, schema_is_whole)
{
	struct pcbscope_schema schema = { 0 };
	unsigned int i, more;
	size_t blob;

	EXPECT_EQ(-1, ioctl(self->fd, PCBSCOPE_IOC_SCHEMA, &schema));
	blob = schema.used_bytes;
	for (i = 0; i < FILLS; i++) {
		EXPECT_TRUE(schema_is_whole(self, i, blob - 1, blob));
		for (more = 0; more < 5000; more = 2 * more + 1)
			EXPECT_TRUE(schema_is_whole(self, i, blob + more, blob));
	}
	for (i = 0; i < FILLS; i++)
		EXPECT_TRUE(schema_is_whole(self, i, blob, blob));
	more = (blob + 7) & ~7UL;
	self->unwritten += scan_unwritten(self->room[0] + ROOM - more, fills[0],
					  self->room[1] + ROOM - more, fills[1], blob);
	expect_clean(_metadata, self);
}

/* The area: zero at first, then records and no more than one that did not fit. */
TEST_F(leak, a_mapped_area_holds_records_or_zeros)
{
	struct pcbscope_query query = {
		.groups = ALL_GROUPS, .flags = PCBSCOPE_QUERY_MAPPED | PCBSCOPE_QUERY_THREADS,
	};
	size_t i, room = 3 * PAGE;
	unsigned char *area;

	area = mmap(NULL, 16 * PAGE, PROT_READ, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, area);
	EXPECT_TRUE(scan_untouched(area, 16 * PAGE, 0));
	for (i = 0; i < 30; i++) {
		query.buf_bytes = room;
		query.cursor = 0;
		query.groups = i % 2 ? ALL_GROUPS : 1ULL << i / 2 % 10;
		EXPECT_EQ(0, device_query(self->fd, &query));
		EXPECT_GE(room, query.used_bytes);
		scan_records(&self->scan, area, query.used_bytes, "area");
		EXPECT_TRUE(scan_untouched(area + room, 16 * PAGE - room, 0));
		self->outputs++;
	}
	ASSERT_EQ(0, munmap(area, 16 * PAGE));
	expect_clean(_metadata, self);
}

PCB_TEST_MAIN
