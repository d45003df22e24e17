/* SPDX-License-Identifier: GPL-2.0 */
/* The device: requests, and whole walks gathered in one buffer. */
#ifndef PCB_TEST_DEVICE_H
#define PCB_TEST_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include "pcbscope.h"

#define ALL_GROUPS ((1ULL << 10) - 1)

/* The records of one walk, in order; free with walk_free(). */
struct walk {
	unsigned char *buf;
	size_t bytes;
	size_t capacity;
	size_t nr_records;
	unsigned int nr_calls;
	__u64 boottime_ns;
	__u64 generation;
};

/* What walk() shall ask for. */
struct ask {
	__u64 groups;
	__u64 flags;
	__u64 states;
	const __u32 *pids;
	__u32 nr_pids;
	size_t step;		/* bytes for each call; 0: 1 MiB */
};

/* All return 0 (device_open: a descriptor) or -errno. */
int device_open(void);
int device_info(int fd, struct pcbscope_info *info);
int device_query(int fd, struct pcbscope_query *query);
int walk(int fd, const struct ask *ask, struct walk *walk);
int walk_one(int fd, __u32 tid, __u64 groups, struct walk *walk);
void walk_free(struct walk *walk);

const struct pcbscope_record *walk_next(const struct walk *walk,
					const struct pcbscope_record *previous);
const struct pcbscope_record *walk_find(const struct walk *walk, __u32 tid);
unsigned int walk_count(const struct walk *walk, __u32 tid);

#define for_each_record(walk, record)					\
	for ((record) = walk_next((walk), NULL); (record);		\
	     (record) = walk_next((walk), (record)))

#endif
