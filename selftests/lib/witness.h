/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Records against /proc. Evidence is taken before and after the record: what
 * did not move must be equal, what only grows must lie between, and what moved
 * otherwise is not counted.
 */
#ifndef PCB_TEST_WITNESS_H
#define PCB_TEST_WITNESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "pcbscope.h"
#include "procfs.h"

struct evidence {
	struct proc_stat stat;
	char status[8192];
	char statm[256];
	char schedstat[256];
	char exe[4400];
	char cmdline[4097];
	ssize_t exe_bytes;
	ssize_t cmdline_bytes;
	long long user_ns;
	int policy;
	bool off_cpu;
};

/* Fields, by their place in the field list. */
struct field_set {
	unsigned long long words[2];
};

struct verdict {
	unsigned int compared;
	unsigned int exact;	/* of those: with what did not move */
	unsigned int between;	/* of those: with what had moved on from one look to the next */
	unsigned int moved;
	unsigned int wrong;
	unsigned int busy;
	unsigned int by_group[16];
	struct field_set seen;		/* compared at least once */
	struct field_set moving;	/* had moved on from one look to the next */
	struct field_set absent;	/* not shown by /proc at least once */
	char first[256];	/* the first that was wrong */
};

/* Of a process, or of thread @tid where that is not 0. False: gone. */
bool evidence_take(pid_t pid, pid_t tid, struct evidence *evidence);
/*
 * Take evidence, ask the device, take evidence, compare; count into @verdict,
 * @who is for the message. Where the kernel keeps resident sizes per CPU, they
 * are asked for twice: as /proc/PID/stat has them, and exactly, as status does.
 * Returns 0 or -errno.
 */
int witness_task(int fd, pid_t pid, pid_t tid, const char *who, struct verdict *verdict);

struct target {
	pid_t pid;
	pid_t tid;		/* 0: the process */
	const char *who;
	struct verdict *verdict;
};

/*
 * Take evidence of all targets, then walk over all tasks with @flags and, where @pids
 * is set, over those only; take evidence again, compare. Those that went are not compared.
 */
int witness_walk(int fd, const struct target *targets, unsigned int count, __u64 flags);

/* Which resident sizes are compared, where the quick and the exact ones differ. */
enum sum { ANY, QUICK, EXACT };

void witness_compare(const struct pcbscope_record *record, const struct evidence *before,
		     const struct evidence *after, const char *who, struct verdict *verdict,
		     enum sum sum);
/* All fields of which /proc shows something. */
void witness_fields(struct field_set *known);
bool field_set_has(const struct field_set *set, const char *field);

#endif
