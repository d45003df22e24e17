// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "records.h"
#include "witness.h"

bool evidence_take(pid_t pid, pid_t tid, struct evidence *e)
{
	char wchan[64];

	memset(e, 0, sizeof(*e));
	if (!proc_stat(pid, tid, &e->stat) ||
	    proc_read(pid, tid, "status", e->status, sizeof(e->status)) <= 0)
		return false;
	proc_read(pid, tid, "statm", e->statm, sizeof(e->statm));
	proc_read(pid, tid, "schedstat", e->schedstat, sizeof(e->schedstat));
	e->exe_bytes = proc_link(tid ? tid : pid, "exe", e->exe, sizeof(e->exe));
	e->cmdline_bytes = proc_read(pid, tid, "cmdline", e->cmdline, sizeof(e->cmdline));
	e->user_ns = ns_inode(tid ? tid : pid, "user");
	e->policy = sched_getscheduler(tid ? tid : pid);
	if (proc_read(pid, tid, "wchan", wchan, sizeof(wchan)) > 0)
		e->off_cpu = wchan[0] != '0' || e->stat.letter == 'Z';
	return true;
}

static int witness_once(int fd, pid_t pid, pid_t tid, const char *who, struct verdict *verdict,
			enum sum sum)
{
	struct ask ask = {
		.groups = ALL_GROUPS,
		.flags = (tid ? PCBSCOPE_QUERY_TIDS : 0) |
			(sum == EXACT ? PCBSCOPE_QUERY_EXACT_RSS : 0),
		.pids = (__u32 *)(tid ? &tid : &pid),
		.nr_pids = 1,
	};
	struct evidence before, after;
	struct walk one;
	int error;

	if (!evidence_take(pid, tid, &before))
		return -ESRCH;
	error = walk(fd, &ask, &one);
	if (error)
		return error;
	if (!evidence_take(pid, tid, &after))
		error = -ESRCH;
	else
		witness_compare(walk_next(&one, NULL), &before, &after, who, verdict, sum);
	walk_free(&one);
	return error;
}

int witness_task(int fd, pid_t pid, pid_t tid, const char *who, struct verdict *verdict)
{
	struct pcbscope_info info;
	int error = device_info(fd, &info);

	if (error)
		return error;
	if (!(info.query_flags & PCBSCOPE_QUERY_EXACT_RSS))
		return witness_once(fd, pid, tid, who, verdict, ANY);
	error = witness_once(fd, pid, tid, who, verdict, QUICK);
	return error ? error : witness_once(fd, pid, tid, who, verdict, EXACT);
}

static int walk_and_compare(int fd, const struct target *targets, const struct evidence *before,
			    unsigned int count, struct ask *ask, enum sum sum)
{
	const struct pcbscope_record *record;
	struct evidence after;
	struct walk all;
	unsigned int i;
	int error;

	if (sum == EXACT)
		ask->flags |= PCBSCOPE_QUERY_EXACT_RSS;
	error = walk(fd, ask, &all);
	if (error)
		return error;
	for (i = 0; i < count; i++) {
		const struct target *t = &targets[i];

		record = walk_find(&all, t->tid ? t->tid : t->pid);
		if (record && before[i].stat.value[1] &&
		    evidence_take(t->pid, t->tid, &after))
			witness_compare(record, &before[i], &after, t->who, t->verdict, sum);
	}
	walk_free(&all);
	return 0;
}

int witness_walk(int fd, const struct target *targets, unsigned int count, __u64 flags)
{
	struct evidence *before = calloc(count, sizeof(*before));
	struct ask ask = { .groups = ALL_GROUPS, .flags = flags };
	struct pcbscope_info info;
	unsigned int i;
	int error = before ? device_info(fd, &info) : -ENOMEM;
	bool sums = !error && info.query_flags & PCBSCOPE_QUERY_EXACT_RSS;

	for (i = 0; !error && i < count; i++)
		evidence_take(targets[i].pid, targets[i].tid, &before[i]);
	if (!error)
		error = walk_and_compare(fd, targets, before, count, &ask, sums ? QUICK : ANY);
	if (!error && sums)
		error = walk_and_compare(fd, targets, before, count, &ask, EXACT);
	free(before);
	return error;
}
