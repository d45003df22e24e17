// SPDX-License-Identifier: GPL-2.0
/* The requests: every size, alignment, unknown bit and bad pointer. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/harness.h"

#define ROOM 16384
#define KERNEL_ADDRESS ((void *)0xffff888000100000UL)

struct request {
	const char *name;
	unsigned int nr;
	size_t ver0;
};

static const struct request requests[] = {
	{ "INFO", PCBSCOPE_IOC_NR_INFO, PCBSCOPE_INFO_SIZE_VER0 },
	{ "SCHEMA", PCBSCOPE_IOC_NR_SCHEMA, PCBSCOPE_SCHEMA_SIZE_VER0 },
	{ "QUERY", PCBSCOPE_IOC_NR_QUERY, PCBSCOPE_QUERY_SIZE_VER0 },
};

#define for_each_request(r) for ((r) = requests; (r) < requests + 3; (r)++)

static unsigned char records[1 << 20];

static unsigned int command(const struct request *request, size_t bytes)
{
	return _IOC(_IOC_READ | _IOC_WRITE, PCBSCOPE_IOC_MAGIC, request->nr, bytes);
}

/* The smallest request that succeeds. */
static void fill_request(const struct request *request, void *at)
{
	struct pcbscope_query query = {
		.groups = PCBSCOPE_GROUP_IDENTITY,
		.buf = (uintptr_t)records,
		.buf_bytes = sizeof(records),
	};

	struct pcbscope_schema schema = {
		.buf = (uintptr_t)records,
		.buf_bytes = sizeof(records),
	};

	memset(at, 0, request->ver0);
	if (request->nr == PCBSCOPE_IOC_NR_SCHEMA)
		memcpy(at, &schema, sizeof(schema));
	if (request->nr == PCBSCOPE_IOC_NR_QUERY)
		memcpy(at, &query, sizeof(query));
}

static int send_request(int fd, unsigned int cmd, void *arg)
{
	return ioctl(fd, cmd, arg) ? -errno : 0;
}

FIXTURE(abi) {
	int fd;
	unsigned char *room;
};

FIXTURE_SETUP(abi)
{
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	self->room = mmap(NULL, 2 * ROOM, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->room);
}

FIXTURE_TEARDOWN(abi)
{
	munmap(self->room, 2 * ROOM);
	close(self->fd);
}

TEST_F(abi, sizes_of_structs_are_the_published_ones)
{
	EXPECT_EQ(PCBSCOPE_INFO_SIZE_VER0, sizeof(struct pcbscope_info));
	EXPECT_EQ(PCBSCOPE_SCHEMA_SIZE_VER0, sizeof(struct pcbscope_schema));
	EXPECT_EQ(PCBSCOPE_QUERY_SIZE_VER0, sizeof(struct pcbscope_query));
	EXPECT_EQ(32, sizeof(struct pcbscope_record));
}

struct size_case {
	const char *name;
	long bytes;		/* relative to VER0 where @relative */
	bool relative;
	bool dirty_tail;
	int error;
};

static const struct size_case size_cases[] = {
	{ "0", 0, false, false, -EINVAL },
	{ "1", 1, false, false, -EINVAL },
	{ "8", 8, false, false, -EINVAL },
	{ "VER0 - 8", -8, true, false, -EINVAL },
	{ "VER0 - 1", -1, true, false, -EINVAL },
	{ "VER0", 0, true, false, 0 },
	{ "VER0 + 1, zero", 1, true, false, 0 },
	{ "VER0 + 8, zero", 8, true, false, 0 },
	{ "VER0 + 8, not zero", 8, true, true, -E2BIG },
	{ "VER0 + 1, not zero", 1, true, true, -E2BIG },
	{ "a page, not zero", 4096, false, true, -E2BIG },
	{ "more than a page, zero", 5000, false, false, 0 },
	{ "more than a page, not zero", 5000, false, true, -E2BIG },
	{ "the largest, not zero", 16383, false, true, -E2BIG },
};

TEST_F(abi, size_and_misalignment_decide_by_the_table)
{
	const struct size_case *c;
	const struct request *r;
	unsigned int shift;
	size_t bytes;
	int error;

	for_each_request(r)
		for (c = size_cases; c < size_cases + ARRAY_SIZE(size_cases); c++)
			for (shift = 0; shift < 14; shift++) {
				bytes = c->bytes + (c->relative ? r->ver0 : 0);
				memset(self->room, 0, 2 * ROOM);
				fill_request(r, self->room + shift);
				if (c->dirty_tail)
					self->room[shift + bytes - 1] = 1;
				error = send_request(self->fd, command(r, bytes),
						     self->room + shift);
				EXPECT_EQ(c->error, error)
					TH_LOG("%s of %s bytes, misaligned by %u",
					       r->name, c->name, shift);
			}
}

TEST_F(abi, nothing_behind_the_request_is_written)
{
	const struct request *r;
	size_t i;

	for_each_request(r) {
		memset(self->room, 0, ROOM);
		memset(self->room + r->ver0, 0xA5, 64);
		fill_request(r, self->room);
		ASSERT_EQ(0, send_request(self->fd, command(r, r->ver0), self->room));
		for (i = 0; i < 64; i++) {
			ASSERT_EQ(0xA5, self->room[r->ver0 + i]);
		}
		memset(self->room, 0, ROOM);
		fill_request(r, self->room);
		ASSERT_EQ(0, send_request(self->fd, command(r, r->ver0 + 64), self->room));
		for (i = 0; i < 64; i++) {
			ASSERT_EQ(0, self->room[r->ver0 + i]);
		}
	}
}

TEST_F(abi, unknown_requests_are_refused_as_no_such_request)
{
	struct pcbscope_info info = { 0 };
	unsigned int nr, magic;

	for (nr = 3; nr < 256; nr++) {
		unsigned int cmd = _IOC(_IOC_READ | _IOC_WRITE, PCBSCOPE_IOC_MAGIC,
					nr, sizeof(info));

		EXPECT_EQ(-ENOTTY, send_request(self->fd, cmd, &info))
			TH_LOG("request %u", nr);
	}
	for (magic = 0; magic < 256; magic += 5) {
		if (magic == PCBSCOPE_IOC_MAGIC)
			continue;
		EXPECT_EQ(-ENOTTY, send_request(self->fd, _IOWR(magic, 200, info), &info));
		EXPECT_EQ(-ENOTTY, send_request(self->fd, _IOWR(magic, 2, struct pcbscope_query),
						self->room));
	}
}

TEST_F(abi, bad_request_pointers_fault)
{
	void *read_only = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *none = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct request *r;

	for_each_request(r) {
		unsigned int cmd = command(r, r->ver0);

		EXPECT_EQ(-EFAULT, send_request(self->fd, cmd, NULL));
		EXPECT_EQ(-EFAULT, send_request(self->fd, cmd, none));
		EXPECT_EQ(-EFAULT, send_request(self->fd, cmd, KERNEL_ADDRESS));
		EXPECT_EQ(-EFAULT, send_request(self->fd, cmd, (void *)-4096L));
		mprotect(read_only, 4096, PROT_READ | PROT_WRITE);
		fill_request(r, read_only);
		mprotect(read_only, 4096, PROT_READ);
		EXPECT_EQ(-EFAULT, send_request(self->fd, cmd, read_only))
			TH_LOG("%s in a read-only page", r->name);
	}
	ASSERT_EQ(0, munmap(self->room + ROOM, ROOM));
	for_each_request(r) {	/* the end of the struct is in an unmapped page */
		EXPECT_EQ(-EFAULT, send_request(self->fd, command(r, r->ver0),
						self->room + ROOM - 16));
	}
}

TEST_F(abi, reserved_members_must_be_zero)
{
	struct pcbscope_schema schema = { .reserved = 1 };
	struct pcbscope_info info = { .reserved = 1 };
	struct pcbscope_query query;

	EXPECT_EQ(-EINVAL, send_request(self->fd, PCBSCOPE_IOC_INFO, &info));
	EXPECT_EQ(-EINVAL, send_request(self->fd, PCBSCOPE_IOC_SCHEMA, &schema));
	fill_request(&requests[2], &query);
	query.reserved = 1ULL << 63;
	EXPECT_EQ(-EINVAL, send_request(self->fd, PCBSCOPE_IOC_QUERY, &query));
}

TEST_F(abi, every_unknown_flag_group_and_state_is_refused)
{
	struct pcbscope_schema schema;
	struct pcbscope_query query;
	struct pcbscope_info info;
	__u64 bit;
	int i;

	ASSERT_EQ(0, device_info(self->fd, &info));
	for (i = 0; i < 64; i++) {
		bit = 1ULL << i;
		fill_request(&requests[2], &query);
		query.flags = bit;
		if (!(info.query_flags & bit) && bit != PCBSCOPE_QUERY_EXACT_RSS) {
			EXPECT_EQ(-EINVAL, device_query(self->fd, &query))
				TH_LOG("flag %d", i);
		}
		fill_request(&requests[2], &query);
		query.groups = bit;
		EXPECT_EQ(info.groups & bit ? 0 : -EINVAL, device_query(self->fd, &query))
			TH_LOG("group %d", i);
		fill_request(&requests[2], &query);
		query.states = bit;
		EXPECT_EQ(i < PCBSCOPE_NR_STATES ? 0 : -EINVAL,
			  device_query(self->fd, &query)) TH_LOG("state %d", i);
		memset(&schema, 0, sizeof(schema));
		schema.flags = bit;
		if (i < 32) {
			EXPECT_EQ(-EINVAL, send_request(self->fd, PCBSCOPE_IOC_SCHEMA, &schema));
		}
	}
}

TEST_F(abi, flags_that_contradict_each_other_are_refused)
{
	struct pcbscope_query query;
	struct pcbscope_info info;
	__u32 pid = getpid();

	fill_request(&requests[2], &query);
	query.flags = PCBSCOPE_QUERY_TIDS;	/* of which threads? */
	EXPECT_EQ(-EINVAL, device_query(self->fd, &query));
	query.flags = PCBSCOPE_QUERY_TIDS | PCBSCOPE_QUERY_THREADS;
	query.pids = (uintptr_t)&pid;
	query.nr_pids = 1;
	EXPECT_EQ(-EINVAL, device_query(self->fd, &query));
	fill_request(&requests[2], &query);
	query.flags = PCBSCOPE_QUERY_EXACT_RSS;
	ASSERT_EQ(0, device_info(self->fd, &info));
	EXPECT_EQ(info.query_flags & PCBSCOPE_QUERY_EXACT_RSS ? 0 : -EOPNOTSUPP,
		  device_query(self->fd, &query));
}

TEST_F(abi, out_members_may_hold_anything_on_the_way_in)
{
	struct pcbscope_schema schema;
	struct pcbscope_query query;
	struct pcbscope_info info;

	memset(&info, 0xff, sizeof(info));
	info.reserved = 0;
	EXPECT_EQ(0, send_request(self->fd, PCBSCOPE_IOC_INFO, &info));
	fill_request(&requests[1], &schema);
	schema.used_bytes = ~0ULL;
	schema.nr_groups = ~0U;
	schema.word_bytes = ~0U;
	EXPECT_EQ(0, send_request(self->fd, PCBSCOPE_IOC_SCHEMA, &schema));
	fill_request(&requests[2], &query);
	query.used_bytes = ~0ULL;
	query.needed_bytes = ~0ULL;
	query.nr_records = ~0U;
	query.boottime_ns = ~0ULL;
	query.generation = ~0ULL;
	EXPECT_EQ(0, device_query(self->fd, &query));
	EXPECT_GE(sizeof(records), query.used_bytes);
	EXPECT_GE(now_ns(), query.boottime_ns);
}

TEST_F(abi, info_tells_the_machine_and_the_limits)
{
	__u64 before = now_ns(), after, known = ALL_GROUPS;
	struct pcbscope_info info, next;
	char release[96];

	ASSERT_EQ(0, device_info(self->fd, &info));
	ASSERT_EQ(0, device_info(self->fd, &next));
	after = now_ns();
	EXPECT_EQ(PCBSCOPE_ABI_MAJOR, info.abi_major);
	EXPECT_EQ(PCBSCOPE_ABI_MINOR, info.abi_minor);
	EXPECT_EQ(known, info.groups);
	EXPECT_EQ(info.cheap_groups, info.cheap_groups & info.groups);
	EXPECT_EQ(PCBSCOPE_QUERY_THREADS | PCBSCOPE_QUERY_TIDS | PCBSCOPE_QUERY_MAPPED,
		  info.query_flags & 7);
	EXPECT_LE(before, info.boottime_ns);
	EXPECT_LE(info.boottime_ns, next.boottime_ns);
	EXPECT_GE(after, next.boottime_ns);
	EXPECT_EQ(sysconf(_SC_PAGESIZE), (long)info.page_bytes);
	EXPECT_LE((unsigned int)sysconf(_SC_NPROCESSORS_ONLN), info.nr_cpus);
	EXPECT_EQ((1ULL << sysconf(_SC_NPROCESSORS_ONLN)) - 1, info.online_cpus[0]);
	EXPECT_LT(4096, info.record_bytes_max);
	EXPECT_GE(32ULL << 20, info.area_bytes_max);
	EXPECT_LT(0, file_read("/proc/sys/kernel/osrelease", release, sizeof(release)));
	release[strcspn(release, "\n")] = '\0';
	EXPECT_STREQ(release, info.kernel_release);
	EXPECT_STREQ("x86_64", info.arch);
	EXPECT_LT(0, (long)strnlen(info.module_version, sizeof(info.module_version)));
	EXPECT_EQ(0, info.reserved);
}

TEST_F(abi, generation_counts_walks_and_only_those)
{
	struct pcbscope_info before, after;
	struct pcbscope_query query;
	int i;

	ASSERT_EQ(0, device_info(self->fd, &before));
	for (i = 0; i < 10; i++) {
		fill_request(&requests[2], &query);
		ASSERT_EQ(0, device_query(self->fd, &query));
		EXPECT_EQ(before.generation + i + 1, query.generation);
	}
	ASSERT_EQ(0, device_info(self->fd, &after));
	EXPECT_EQ(before.generation + 10, after.generation);
}

#ifdef __x86_64__
#define IA32_IOCTL 54

/* A system call as 32-bit programs make it; its pointers have 32 bits. */
static int ioctl_32(int fd, unsigned int cmd, void *arg)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result)
			 : "a"(IA32_IOCTL), "b"(fd), "c"(cmd), "d"(arg)
			 : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}

TEST_F(abi, callers_of_32_bits_get_the_same_answers)
{
	unsigned char *low = mmap(NULL, 1 << 18, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	struct pcbscope_info *info = (void *)low, native;
	struct pcbscope_query *query = (void *)low, other;
	__u32 pid = getppid();
	int error;

	ASSERT_NE(MAP_FAILED, low);
	error = ioctl_32(self->fd, PCBSCOPE_IOC_INFO, info);
	if (error == -ENOSYS) {
		SKIP(return, "not on this kernel: no 32-bit system calls");
	}
	EXPECT_EQ(0, error);
	ASSERT_EQ(0, device_info(self->fd, &native));
	info->boottime_ns = native.boottime_ns;
	EXPECT_EQ(0, memcmp(info, &native, sizeof(native)));
	memcpy(low + 4096, &pid, sizeof(pid));
	other = (struct pcbscope_query){
		.groups = PCBSCOPE_GROUP_IDENTITY | PCBSCOPE_GROUP_CREDENTIALS,
		.buf = (uintptr_t)low + 8192, .buf_bytes = 4096,
		.pids = (uintptr_t)low + 4096, .nr_pids = 1,
	};
	*query = other;
	EXPECT_EQ(0, ioctl_32(self->fd, PCBSCOPE_IOC_QUERY, query));
	other.buf += 4096;
	ASSERT_EQ(0, device_query(self->fd, &other));
	EXPECT_EQ(1, query->nr_records);
	ASSERT_EQ(other.used_bytes, query->used_bytes);
	EXPECT_EQ(0, memcmp(low + 8192, low + 12288, other.used_bytes));
	EXPECT_EQ(-EINVAL, ioctl_32(self->fd, command(&requests[2], 8), query));
	EXPECT_EQ(-EFAULT, ioctl_32(self->fd, PCBSCOPE_IOC_QUERY, NULL));
}
#endif

PCB_TEST_MAIN
