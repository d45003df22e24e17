// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "device.h"
#include "records.h"

#define STEP (1U << 20)

int device_open(void)
{
	int fd = open(PCBSCOPE_DEVICE, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int device_info(int fd, struct pcbscope_info *info)
{
	memset(info, 0, sizeof(*info));
	return ioctl(fd, PCBSCOPE_IOC_INFO, info) ? -errno : 0;
}

int device_query(int fd, struct pcbscope_query *query)
{
	return ioctl(fd, PCBSCOPE_IOC_QUERY, query) ? -errno : 0;
}

static int make_room(struct walk *walk, size_t step)
{
	unsigned char *grown;
	size_t wanted;

	if (walk->capacity - walk->bytes >= step)
		return 0;
	wanted = 2 * walk->capacity + step;
	grown = realloc(walk->buf, wanted);
	if (!grown)
		return -ENOMEM;
	walk->buf = grown;
	walk->capacity = wanted;
	return 0;
}

static int walk_step(int fd, struct pcbscope_query *query, size_t step,
		     struct walk *walk)
{
	int error = make_room(walk, step);

	if (error)
		return error;
	query->buf = (uintptr_t)(walk->buf + walk->bytes);
	query->buf_bytes = step;
	do {
		error = device_query(fd, query);
	} while (error == -EINTR);
	if (error)
		return error;
	if (query->used_bytes > step)
		return -EOVERFLOW;
	walk->bytes += query->used_bytes;
	walk->nr_records += query->nr_records;
	walk->boottime_ns = query->boottime_ns;
	walk->generation = query->generation;
	walk->nr_calls++;
	return 0;
}

/* A step that is too small for the next record grows by what that one needs. */
int walk(int fd, const struct ask *ask, struct walk *walk)
{
	struct pcbscope_query query = {
		.groups = ask->groups,
		.flags = ask->flags,
		.states = ask->states,
		.pids = (uintptr_t)ask->pids,
		.nr_pids = ask->nr_pids,
	};
	size_t step = ask->step ? ask->step : STEP, needed;
	int error;

	memset(walk, 0, sizeof(*walk));
	do {
		error = walk_step(fd, &query, step, walk);
		for (needed = step; error == -EOVERFLOW && query.needed_bytes > needed;) {
			needed = query.needed_bytes;
			error = walk_step(fd, &query, needed, walk);
		}
	} while (!error && query.cursor);
	if (error)
		walk_free(walk);
	return error;
}

int walk_one(int fd, __u32 tid, __u64 groups, struct walk *result)
{
	struct ask ask = {
		.groups = groups,
		.flags = PCBSCOPE_QUERY_TIDS,
		.pids = &tid,
		.nr_pids = 1,
		.step = 16384,
	};

	return walk(fd, &ask, result);
}

void walk_free(struct walk *walk)
{
	free(walk->buf);
	memset(walk, 0, sizeof(*walk));
}

const struct pcbscope_record *walk_next(const struct walk *walk,
					const struct pcbscope_record *previous)
{
	const unsigned char *next = walk->buf;

	if (previous)
		next = (const unsigned char *)previous + previous->bytes;
	if (!walk->bytes || next >= walk->buf + walk->bytes)
		return NULL;
	return (const struct pcbscope_record *)next;
}

const struct pcbscope_record *walk_find(const struct walk *walk, __u32 tid)
{
	const struct pcbscope_record *record;

	for_each_record(walk, record)
		if (record_identity(record)->tid == tid)
			return record;
	return NULL;
}

unsigned int walk_count(const struct walk *walk, __u32 tid)
{
	const struct pcbscope_record *record;
	unsigned int count = 0;

	for_each_record(walk, record)
		count += record_identity(record)->tid == tid;
	return count;
}
