// SPDX-License-Identifier: GPL-2.0
/* The area mapped from the device: its limits, and that records there are the same. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>

#include "lib/harness.h"
#include "lib/storm.h"

#define NR_FROZEN 30
#define AREA (1U << 20)
#define STILL (ALL_GROUPS & ~(PCBSCOPE_GROUP_STATE | PCBSCOPE_GROUP_SCHEDULING))

FIXTURE(mapped) {
	int fd;
	struct pcbscope_info info;
	struct child children[NR_FROZEN];
	__u32 pids[NR_FROZEN];
};

FIXTURE_SETUP(mapped)
{
	unsigned int i;

	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, device_info(self->fd, &self->info));
	ASSERT_TRUE(children_freeze(self->children, NR_FROZEN));
	for (i = 0; i < NR_FROZEN; i++)
		self->pids[i] = self->children[i].pid;
}

FIXTURE_TEARDOWN(mapped)
{
	children_end(self->children, NR_FROZEN);
	close(self->fd);
}

static void *map(int fd, int protection, int flags, size_t bytes)
{
	return mmap(NULL, bytes, protection, flags, fd, 0);
}

static struct pcbscope_query query_for(const __u32 *pids, size_t bytes)
{
	return (struct pcbscope_query){
		.groups = STILL,
		.flags = PCBSCOPE_QUERY_MAPPED,
		.buf_bytes = bytes,
		.pids = (uintptr_t)pids,
		.nr_pids = NR_FROZEN,
	};
}

TEST_F(mapped, without_an_area_the_flag_is_refused)
{
	struct pcbscope_query query = query_for(self->pids, 4096);

	EXPECT_EQ(-EINVAL, device_query(self->fd, &query));
}

TEST_F(mapped, writable_and_executable_areas_are_refused)
{
	int fd = open(PCBSCOPE_DEVICE, O_RDWR | O_CLOEXEC);
	void *area;

	EXPECT_EQ(MAP_FAILED, map(self->fd, PROT_READ | PROT_WRITE, MAP_SHARED, AREA));
	EXPECT_EQ(MAP_FAILED, map(self->fd, PROT_WRITE, MAP_SHARED, AREA));
	if (fd >= 0) {
		EXPECT_EQ(MAP_FAILED, map(fd, PROT_READ | PROT_WRITE, MAP_SHARED, AREA));
		EXPECT_EQ(MAP_FAILED, map(fd, PROT_READ | PROT_WRITE, MAP_PRIVATE, AREA));
		area = map(fd, PROT_READ, MAP_SHARED, AREA);
		ASSERT_NE(MAP_FAILED, area);
		EXPECT_EQ(-1, mprotect(area, AREA, PROT_READ | PROT_WRITE));
		munmap(area, AREA);
		close(fd);
	}
	EXPECT_EQ(MAP_FAILED, map(self->fd, PROT_READ | PROT_EXEC, MAP_SHARED, AREA));
	area = map(self->fd, PROT_READ, MAP_SHARED, AREA);
	ASSERT_NE(MAP_FAILED, area);
	EXPECT_EQ(-1, mprotect(area, AREA, PROT_READ | PROT_WRITE));
	EXPECT_EQ(-1, mprotect(area, AREA, PROT_READ | PROT_EXEC));
	munmap(area, AREA);
}

TEST_F(mapped, the_largest_area_works_and_a_page_more_is_refused)
{
	size_t most = self->info.area_bytes_max;
	void *area;

	EXPECT_EQ(MAP_FAILED, map(self->fd, PROT_READ, MAP_SHARED, most + 4096));
	EXPECT_EQ(MAP_FAILED, map(self->fd, PROT_READ, MAP_SHARED, 16 * most));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, AREA, PROT_READ, MAP_SHARED, self->fd, 4096));
	area = map(self->fd, PROT_READ, MAP_SHARED, most);
	EXPECT_NE(MAP_FAILED, area);
}

TEST_F(mapped, a_fresh_area_is_zero)
{
	unsigned char *area = map(self->fd, PROT_READ, MAP_SHARED, AREA);
	size_t i;

	ASSERT_NE(MAP_FAILED, area);
	for (i = 0; i < AREA; i++) {
		ASSERT_EQ(0, area[i]);
	}
}

TEST_F(mapped, a_second_mapping_shows_the_same_area_and_never_a_larger_one)
{
	void *first = map(self->fd, PROT_READ, MAP_SHARED, AREA), *second;
	struct pcbscope_query query = query_for(self->pids, AREA);

	ASSERT_NE(MAP_FAILED, first);
	second = map(self->fd, PROT_READ, MAP_SHARED, AREA);
	ASSERT_NE(MAP_FAILED, second);
	ASSERT_EQ(0, device_query(self->fd, &query));
	EXPECT_EQ(0, memcmp(first, second, AREA));
	EXPECT_EQ(MAP_FAILED, map(self->fd, PROT_READ, MAP_SHARED, 2 * AREA));
	EXPECT_EQ(MAP_FAILED, mremap(second, AREA, 2 * AREA, MREMAP_MAYMOVE));
	munmap(first, AREA);
	EXPECT_EQ(0, device_query(self->fd, &query));
	EXPECT_EQ(self->pids[0], record_identity(second)->tid);
}

TEST_F(mapped, another_descriptor_has_another_area)
{
	struct pcbscope_query query = query_for(self->pids, AREA);
	int fd = device_open();
	unsigned char *own = map(self->fd, PROT_READ, MAP_SHARED, AREA);
	unsigned char *other = map(fd, PROT_READ, MAP_SHARED, AREA);
	size_t i;

	ASSERT_NE(MAP_FAILED, own);
	ASSERT_NE(MAP_FAILED, other);
	ASSERT_EQ(0, device_query(self->fd, &query));
	for (i = 0; i < AREA; i++) {
		ASSERT_EQ(0, other[i]);
	}
	close(fd);
}

TEST_F(mapped, records_are_the_same_as_by_copy)
{
	struct ask ask = { .groups = STILL, .pids = self->pids, .nr_pids = NR_FROZEN };
	struct pcbscope_query query;
	struct walk copied;
	void *area = map(self->fd, PROT_READ, MAP_SHARED, AREA);

	ASSERT_NE(MAP_FAILED, area);
	ASSERT_EQ(0, walk(self->fd, &ask, &copied));
	query = query_for(self->pids, AREA);
	ASSERT_EQ(0, device_query(self->fd, &query));
	EXPECT_EQ(0, query.cursor);
	EXPECT_EQ(NR_FROZEN, query.nr_records);
	ASSERT_EQ(copied.bytes, query.used_bytes);
	EXPECT_EQ(0, memcmp(copied.buf, area, copied.bytes));
	walk_free(&copied);
}

TEST_F(mapped, a_walk_in_small_steps_gives_the_same_records)
{
	struct ask ask = { .groups = STILL, .pids = self->pids, .nr_pids = NR_FROZEN };
	struct pcbscope_query query = query_for(self->pids, 0);
	unsigned char *area = map(self->fd, PROT_READ, MAP_SHARED, AREA);
	struct walk copied;
	size_t done = 0;

	ASSERT_NE(MAP_FAILED, area);
	ASSERT_EQ(0, walk(self->fd, &ask, &copied));
	do {
		query.buf_bytes = 3000;
		ASSERT_EQ(0, device_query(self->fd, &query));
		ASSERT_GE(copied.bytes, done + query.used_bytes);
		EXPECT_EQ(0, memcmp(copied.buf + done, area, query.used_bytes));
		done += query.used_bytes;
	} while (query.cursor);
	EXPECT_EQ(copied.bytes, done);
	query = query_for(self->pids, 8);
	EXPECT_EQ(-EOVERFLOW, device_query(self->fd, &query));
	EXPECT_LT(8, query.needed_bytes);
	walk_free(&copied);
}

TEST_F(mapped, a_query_beyond_the_area_or_with_a_buffer_too_is_refused)
{
	void *area = map(self->fd, PROT_READ, MAP_SHARED, AREA);
	struct pcbscope_query query = query_for(self->pids, AREA + 8);

	ASSERT_NE(MAP_FAILED, area);
	EXPECT_EQ(-EINVAL, device_query(self->fd, &query));
	query = query_for(self->pids, AREA);
	query.buf = (uintptr_t)area;
	EXPECT_EQ(-EINVAL, device_query(self->fd, &query));
}

TEST_F(mapped, the_area_outlives_the_descriptor_but_not_a_fork)
{
	struct pcbscope_query query;
	int fd = device_open();
	void *area = map(fd, PROT_READ, MAP_SHARED, AREA);
	struct pcbscope_record *record = area;
	unsigned char residency;
	pid_t pid;
	int status;

	ASSERT_NE(MAP_FAILED, area);
	query = query_for(self->pids, AREA);
	ASSERT_EQ(0, device_query(fd, &query));
	close(fd);
	EXPECT_EQ(self->pids[0], record_identity(record)->tid);
	pid = fork();
	if (!pid)
		_exit(mincore(area, 4096, &residency) && errno == ENOMEM ? 0 : 1);
	waitpid(pid, &status, 0);
	EXPECT_EQ(0, status);
}

/* Somebody who looks at the sizes in the area while queries fill it. */
struct onlooker {
	const unsigned char *area;
	volatile size_t record_bytes;	/* 0: no query has ended yet */
	volatile bool leave;
	unsigned long long looks;
	unsigned long long impossible;
	__u64 first;
};

static void look_over_sizes(struct onlooker *self)
{
	const size_t begin = sizeof(struct pcbscope_record) + sizeof(struct pcbscope_identity) +
		sizeof(__u64);	/* behind the valid member */
	const size_t bytes = self->record_bytes;
	size_t at, i;
	__u64 size;

	for (at = 0; bytes && at + bytes <= AREA / 16; at += bytes)
		for (i = begin; i < bytes; i += sizeof(size)) {
			size = *(const volatile __u64 *)(self->area + at + i);
			self->looks++;
			/* No address space is larger; poison, pointers and counters are. */
			if (size >> 47 && !self->impossible++)
				self->first = size;
		}
}

static void *look_on(void *arg)
{
	struct onlooker *self = arg;

	while (!self->leave)
		look_over_sizes(self);
	return NULL;
}

/* Address spaces go away while they are read; nothing of what follows them shows. */
TEST_F(mapped, sizes_are_true_at_every_moment)
{
	struct onlooker onlooker = { .area = map(self->fd, PROT_READ, MAP_SHARED, AREA) };
	struct deadline deadline = deadline_in(scaled(5000));
	struct pcbscope_query query;
	struct storm storm;
	pthread_t thread;

	ASSERT_NE(MAP_FAILED, onlooker.area);
	ASSERT_TRUE(storm_start(&storm, 4));
	ASSERT_EQ(0, pthread_create(&thread, NULL, look_on, &onlooker));
	do {
		query = (struct pcbscope_query){
			.groups = PCBSCOPE_GROUP_MEMORY, .flags = PCBSCOPE_QUERY_MAPPED,
			.buf_bytes = AREA,
		};
		if (device_query(self->fd, &query) || !query.nr_records)
			break;
		onlooker.record_bytes = ((const struct pcbscope_record *)onlooker.area)->bytes;
	} while (now_ns() < deadline.end_ns);
	onlooker.leave = true;
	pthread_join(thread, NULL);
	storm_end(&storm);
	EXPECT_LE(deadline.end_ns, now_ns());
	EXPECT_LT(100000, onlooker.looks);
	EXPECT_EQ(0, onlooker.impossible) {
		TH_LOG("first: %#llx", onlooker.first);
	}
	figure("mapped: sizes looked at while queries ran", onlooker.looks);
}

PCB_TEST_MAIN
