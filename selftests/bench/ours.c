// SPDX-License-Identifier: GPL-2.0
/* ours.c - the module's side: PCBSCOPE_IOC_QUERY, copied or mapped. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "bench.h"

static int device = -1;
static struct pcbscope_info info;
static char *buffer;
static size_t area_bytes;

static int ours_map(void)
{
	area_bytes = info.area_bytes_max;
	if (area_bytes > BUFFER_BYTES)
		area_bytes = BUFFER_BYTES;
	if (mmap(NULL, area_bytes, PROT_READ, MAP_SHARED, device, 0) ==
	    MAP_FAILED) {
		perror("bench: mmap of " PCBSCOPE_DEVICE);
		return -1;
	}
	return 0;
}

int ours_open(void)
{
	device = open(PCBSCOPE_DEVICE, O_RDWR | O_CLOEXEC);
	if (device < 0 || ioctl(device, PCBSCOPE_IOC_INFO, &info)) {
		perror("bench: " PCBSCOPE_DEVICE);
		return -1;
	}
	buffer = malloc(BUFFER_BYTES);
	if (!buffer)
		return -1;
	/* Page faults belong to no measurement. */
	memset(buffer, 1, BUFFER_BYTES);
	return ours_map();
}

const struct pcbscope_info *ours_info(void)
{
	return &info;
}

long ours_walk(const struct variant *v)
{
	struct pcbscope_query query = {
		.groups = v->groups,
		.flags = v->flags,
		.buf_bytes = BUFFER_BYTES,
	};
	long n = 0;

	if (every_thread)
		query.flags |= PCBSCOPE_QUERY_THREADS;
	if (v->flags & PCBSCOPE_QUERY_MAPPED)
		query.buf_bytes = area_bytes;
	else
		query.buf = (__u64)(unsigned long)buffer;
	do {
		if (ioctl(device, PCBSCOPE_IOC_QUERY, &query))
			return -errno;
		n += query.nr_records;
	} while (query.cursor);
	return n;
}

/* A copy of all records at once, to be freed by the caller. */
long ours_records(__u64 groups, void **records, size_t *bytes)
{
	struct pcbscope_query query = {
		.groups = groups,
		.flags = every_thread ? PCBSCOPE_QUERY_THREADS : 0,
		.buf = (__u64)(unsigned long)buffer,
		.buf_bytes = BUFFER_BYTES,
	};

	if (ioctl(device, PCBSCOPE_IOC_QUERY, &query))
		return -errno;
	if (query.cursor)
		return -E2BIG;
	*records = malloc(query.used_bytes);
	if (!*records)
		return -ENOMEM;
	memcpy(*records, buffer, query.used_bytes);
	*bytes = query.used_bytes;
	return query.nr_records;
}
