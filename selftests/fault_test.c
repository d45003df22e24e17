// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation and user copy behind the device fails once: the errno is the
 * documented one, and the next call works. Needs a kernel with fault injection.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "lib/harness.h"
#include "lib/faults.h"

#define AREA_BYTES (256 * 1024)
#define NR_LISTED 300		/* more than the module takes at once */

struct reader {
	int fd;
	const char *path;
	int pipe[2];
	void *area;
	struct pcbscope_query ask;	/* what run() sends */
	struct pcbscope_query query;	/* what came back */
	long error;			/* that a good call gives, too; or 0 */
	__u64 needed_bytes;
	__u32 pids[NR_LISTED];
};

static struct reader reader;
static unsigned char buf[AREA_BYTES] __attribute__((aligned(4096)));
static struct pcbscope_info info;
static struct pcbscope_schema schema;

static int open_device(void *arg)
{
	reader.fd = device_open();
	return reader.fd < 0 ? reader.fd : 0;
}

static void close_device(void *arg, long result)
{
	close(reader.fd);
}

static int map_area(void *arg)
{
	int error = open_device(arg);

	if (error)
		return error;
	reader.area = mmap(NULL, AREA_BYTES, PROT_READ, MAP_SHARED, reader.fd, 0);
	if (reader.area != MAP_FAILED)
		return 0;
	error = -errno;
	close(reader.fd);
	return error;
}

static void unmap_area(void *arg, long result)
{
	munmap(reader.area, AREA_BYTES);
	close(reader.fd);
}

static long run_open(void *arg)
{
	reader.fd = device_open();
	return reader.fd;
}

static long run_close(void *arg)
{
	return close(reader.fd) ? -errno : 0;
}

static bool device_works(void *arg, bool whole)
{
	struct pcbscope_info now;

	return !device_info(reader.fd, &now) && now.abi_major == PCBSCOPE_ABI_MAJOR;
}

static void close_opened(void *arg, long result)
{
	if (result >= 0)
		close(reader.fd);
}

static long run_info(void *arg)
{
	return device_info(reader.fd, &info);
}

static bool info_is_right(void *arg, bool whole)
{
	return info.groups == ALL_GROUPS && info.page_bytes == 4096 &&
		!strcmp(info.arch, "x86_64");
}

static long run_schema(void *arg)
{
	memset(&schema, 0, sizeof(schema));
	schema.buf = (uintptr_t)buf;
	schema.buf_bytes = sizeof(buf);
	return ioctl(reader.fd, PCBSCOPE_IOC_SCHEMA, &schema) ? -errno : 0;
}

static bool schema_is_right(void *arg, bool whole)
{
	const struct pcbscope_group *first = (const void *)buf;
	unsigned int count;

	groups(&count);
	if (schema.nr_groups != count || strcmp(first->name, "identity"))
		return false;
	fields(&count);
	return schema.nr_fields == count;
}

static long run_query(void *arg)
{
	int error;

	reader.query = reader.ask;
	error = device_query(reader.fd, &reader.query);
	return error == reader.error ? 0 : error;
}

/* Busy is what a group is for which there was no memory. */
static bool nothing_is_busy(const struct walk *walk)
{
	const struct pcbscope_record *record;

	for_each_record(walk, record)
		if (record->busy)
			return false;
	return true;
}

static bool records_are_right(void *arg, bool whole)
{
	const bool mapped = reader.ask.flags & PCBSCOPE_QUERY_MAPPED;
	struct walk walk = {
		.buf = mapped ? reader.area : buf,
		.bytes = reader.query.used_bytes,
		.nr_records = reader.query.nr_records,
	};

	if (reader.query.cursor || walk_fault(&walk, reader.ask.groups, !reader.ask.pids))
		return false;
	return walk_find(&walk, getpid()) && (!whole || nothing_is_busy(&walk));
}

static bool length_is_right(void *arg, bool whole)
{
	if (!whole)
		return reader.query.needed_bytes >= reader.needed_bytes;
	return reader.query.needed_bytes == reader.needed_bytes;
}

static long run_mmap(void *arg)
{
	reader.area = mmap(NULL, AREA_BYTES, PROT_READ, MAP_SHARED, reader.fd, 0);
	return reader.area == MAP_FAILED ? -errno : 0;
}

static void unmap_mapped(void *arg, long result)
{
	if (result >= 0)
		munmap(reader.area, AREA_BYTES);
	close(reader.fd);
}

static bool area_works(void *arg, bool whole)
{
	return !run_query(arg) && records_are_right(arg, true);
}

/* The kernel itself reads the area, whose pages are not there yet. */
static long run_touch(void *arg)
{
	ssize_t done = write(reader.pipe[1], reader.area, 4096);

	return done < 0 ? -errno : done;
}

static void drain(void *arg, long result)
{
	while (read(reader.pipe[0], buf, sizeof(buf)) > 0)
		;
	unmap_area(arg, result);
}

static struct pcbscope_query ask_for(__u64 wanted, __u64 flags)
{
	return (struct pcbscope_query) {
		.groups = wanted,
		.flags = flags,
		.buf = flags & PCBSCOPE_QUERY_MAPPED ? 0 : (uintptr_t)buf,
		.buf_bytes = sizeof(buf),
	};
}

/* This process, again and again. */
static void list_self(struct pcbscope_query *ask, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		reader.pids[i] = getpid();
	ask->pids = (uintptr_t)reader.pids;
	ask->nr_pids = count;
}

static const struct fault_op query_op = {
	.name = "query",
	.before = open_device,
	.run = run_query,
	.right = records_are_right,
	.after = close_device,
};

static const struct fault_op mapped_op = {
	.name = "query into the area",
	.before = map_area,
	.run = run_query,
	.right = records_are_right,
	.after = unmap_area,
};

FIXTURE(fault) {
};

FIXTURE_SETUP(fault)
{
	const char *why;

	if (!on_debug_kernel()) {
		SKIP(return, "only a debug kernel has fault injection");
	}
	memset(buf, 0, sizeof(buf));
	why = faults_begin();
	ASSERT_EQ(NULL, why) {
		TH_LOG("%s", why);
	}
}

FIXTURE_TEARDOWN(fault)
{
	faults_end();
}

TEST_F_TIMEOUT(fault, open_and_close, 60)
{
	EXPECT_SOUND(faults_try(&(struct fault_op) {
		.name = "open", .run = run_open, .right = device_works,
		.after = close_opened }));
	EXPECT_SOUND(faults_try(&(struct fault_op) {
		.name = "close", .before = open_device, .run = run_close }));
}

TEST_F_TIMEOUT(fault, info_and_schema, 60)
{
	EXPECT_SOUND(faults_try(&(struct fault_op) {
		.name = "info", .before = open_device, .run = run_info,
		.right = info_is_right, .after = close_device }));
	EXPECT_SOUND(faults_try(&(struct fault_op) {
		.name = "schema", .before = open_device, .run = run_schema,
		.right = schema_is_right, .after = close_device }));
}

TEST_F_TIMEOUT(fault, each_group_of_one, 200)
{
	unsigned int i, count;
	const struct group *group = groups(&count);
	struct fault_op op = query_op;

	for (i = 0; i < count; i++) {
		op.name = group[i].name;
		reader.ask = ask_for(1ULL << group[i].bit, 0);
		list_self(&reader.ask, 1);
		EXPECT_SOUND(faults_try(&op));
	}
}

TEST_F_TIMEOUT(fault, all_groups_of_a_list, 200)
{
	struct fault_op op = query_op;

	op.name = "a list of ids";
	reader.ask = ask_for(PCBSCOPE_GROUP_STATE | PCBSCOPE_GROUP_AFFINITY, 0);
	list_self(&reader.ask, NR_LISTED);
	EXPECT_SOUND(faults_try(&op));
	op.name = "all groups, exact";
	ASSERT_EQ(0, open_device(NULL));
	ASSERT_EQ(0, device_info(reader.fd, &info));
	close(reader.fd);
	reader.ask = ask_for(ALL_GROUPS, info.query_flags & PCBSCOPE_QUERY_EXACT_RSS);
	list_self(&reader.ask, 8);
	EXPECT_SOUND(faults_try(&op));
}

TEST_F_TIMEOUT(fault, every_thread, 200)
{
	struct fault_op op = query_op, mapped = mapped_op;

	reader.ask = ask_for(PCBSCOPE_GROUP_STATE | PCBSCOPE_GROUP_MEMORY,
			     PCBSCOPE_QUERY_THREADS);
	EXPECT_SOUND(faults_try(&op));
	reader.ask = ask_for(PCBSCOPE_GROUP_STATE | PCBSCOPE_GROUP_AFFINITY,
			     PCBSCOPE_QUERY_THREADS | PCBSCOPE_QUERY_MAPPED);
	EXPECT_SOUND(faults_try(&mapped));
}

TEST_F_TIMEOUT(fault, a_record_that_does_not_fit, 60)
{
	struct fault_op op = query_op;

	ASSERT_EQ(0, open_device(NULL));
	reader.ask = ask_for(ALL_GROUPS, 0);
	list_self(&reader.ask, 1);
	ASSERT_EQ(0, run_query(NULL));
	close(reader.fd);
	reader.needed_bytes = reader.query.used_bytes;
	reader.ask.buf_bytes = 64;
	reader.error = -EOVERFLOW;
	op.name = "a record that does not fit";
	op.right = length_is_right;
	EXPECT_SOUND(faults_try(&op));
}

TEST_F_TIMEOUT(fault, mmap_and_its_pages, 60)
{
	reader.ask = ask_for(PCBSCOPE_GROUP_STATE, PCBSCOPE_QUERY_MAPPED);
	EXPECT_SOUND(faults_try(&(struct fault_op) {
		.name = "mmap", .before = open_device, .run = run_mmap,
		.right = area_works, .after = unmap_mapped }));
	ASSERT_EQ(0, pipe2(reader.pipe, O_CLOEXEC | O_NONBLOCK));
	EXPECT_SOUND(faults_try(&(struct fault_op) {
		.name = "read of the area", .before = map_area, .run = run_touch,
		.after = drain, .also = -EFAULT }));
}

TEST_F(fault, what_was_reached)
{
	EXPECT_SOUND(faults_tell());
}

PCB_TEST_MAIN
