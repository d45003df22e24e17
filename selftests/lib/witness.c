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

#define CLOCK_NS 10000000LL	/* /proc/PID/stat counts in hundredths of a second */
#define PAGE 4096LL

enum source { STAT, STATUS, STATM, SCHEDSTAT };
enum scope { BOTH, PROCESS, THREAD };

struct comparison {
	const char *field;
	enum source source;
	enum scope scope;
	int index;		/* of the number in its line or file */
	const char *key;	/* of a line of status */
	long long divide;	/* ours, to get the witness' unit */
	long long multiply;	/* the witness', to get ours */
	bool by_tick;		/* a tick for each thread of tolerance */
	enum sum { ANY, QUICK, EXACT } sum;	/* which resident sizes */
};

static const struct comparison comparisons[] = {
	{ "tid", STAT, BOTH, .index = 1 },
	{ "pid", STATUS, BOTH, .index = 0, .key = "Tgid" },
	{ "ppid", STAT, BOTH, .index = 4 },
	{ "ppid", STATUS, BOTH, .index = 0, .key = "PPid" },
	{ "pgid", STAT, BOTH, .index = 5 },
	{ "sid", STAT, BOTH, .index = 6 },
	{ "threads", STAT, BOTH, .index = 20 },
	{ "threads", STATUS, BOTH, .index = 0, .key = "Threads" },
	{ "start_boottime_ns", STAT, BOTH, .index = 22, .divide = CLOCK_NS },
	{ "cpu", STAT, BOTH, .index = 39 },
	{ "task_flags", STAT, BOTH, .index = 9 },
	{ "priority", STAT, BOTH, .index = 18 },
	{ "nice", STAT, BOTH, .index = 19 },
	{ "rt_priority", STAT, BOTH, .index = 40 },
	{ "voluntary_switches", STATUS, BOTH, .index = 0, .key = "voluntary_ctxt_switches" },
	{ "involuntary_switches", STATUS, BOTH, .index = 0, .key = "nonvoluntary_ctxt_switches" },
	{ "runtime_ns", SCHEDSTAT, BOTH, .index = 0 },
	{ "run_delay_ns", SCHEDSTAT, BOTH, .index = 1 },
	{ "nr_dispatches", SCHEDSTAT, BOTH, .index = 2 },
	{ "minor_faults", STAT, THREAD, .index = 10 },
	{ "major_faults", STAT, THREAD, .index = 12 },
	{ "group_minor_faults", STAT, PROCESS, .index = 10 },
	{ "group_major_faults", STAT, PROCESS, .index = 12 },
	{ "utime_ns", STAT, PROCESS, .index = 14, .multiply = CLOCK_NS, .by_tick = true },
	{ "stime_ns", STAT, PROCESS, .index = 15, .multiply = CLOCK_NS, .by_tick = true },
	{ "thread_utime_ns", STAT, THREAD, .index = 14, .divide = CLOCK_NS },
	{ "thread_stime_ns", STAT, THREAD, .index = 15, .divide = CLOCK_NS },
	{ "utime_ns", STAT, THREAD, .index = 14, .divide = CLOCK_NS },
	{ "stime_ns", STAT, THREAD, .index = 15, .divide = CLOCK_NS },
	{ "children_utime_ns", STAT, PROCESS, .index = 16, .divide = CLOCK_NS },
	{ "children_stime_ns", STAT, PROCESS, .index = 17, .divide = CLOCK_NS },
	{ "vsize_bytes", STAT, BOTH, .index = 23 },
	{ "rss_bytes", STAT, BOTH, .index = 24, .multiply = PAGE, .sum = QUICK },
	{ "vsize_bytes", STATM, PROCESS, .index = 0, .multiply = PAGE },
	{ "rss_bytes", STATM, PROCESS, .index = 1, .multiply = PAGE, .sum = EXACT },
	{ "vsize_bytes", STATUS, BOTH, .index = 0, .key = "VmSize" },
	{ "rss_bytes", STATUS, BOTH, .index = 0, .key = "VmRSS", .sum = EXACT },
	{ "peak_vsize_bytes", STATUS, BOTH, .index = 0, .key = "VmPeak" },
	{ "peak_rss_bytes", STATUS, BOTH, .index = 0, .key = "VmHWM", .sum = EXACT },
	{ "rss_anon_bytes", STATUS, BOTH, .index = 0, .key = "RssAnon", .sum = EXACT },
	{ "rss_file_bytes", STATUS, BOTH, .index = 0, .key = "RssFile", .sum = EXACT },
	{ "rss_shmem_bytes", STATUS, BOTH, .index = 0, .key = "RssShmem", .sum = EXACT },
	{ "swap_bytes", STATUS, BOTH, .index = 0, .key = "VmSwap", .sum = EXACT },
	{ "page_tables_bytes", STATUS, BOTH, .index = 0, .key = "VmPTE" },
	{ "locked_bytes", STATUS, BOTH, .index = 0, .key = "VmLck" },
	{ "pinned_bytes", STATUS, BOTH, .index = 0, .key = "VmPin" },
	{ "data_bytes", STATUS, BOTH, .index = 0, .key = "VmData" },
	{ "stack_bytes", STATUS, BOTH, .index = 0, .key = "VmStk" },
	{ "ruid", STATUS, BOTH, .index = 0, .key = "Uid" },
	{ "uid", STATUS, BOTH, .index = 1, .key = "Uid" },
	{ "suid", STATUS, BOTH, .index = 2, .key = "Uid" },
	{ "fsuid", STATUS, BOTH, .index = 3, .key = "Uid" },
	{ "rgid", STATUS, BOTH, .index = 0, .key = "Gid" },
	{ "gid", STATUS, BOTH, .index = 1, .key = "Gid" },
	{ "sgid", STATUS, BOTH, .index = 2, .key = "Gid" },
	{ "fsgid", STATUS, BOTH, .index = 3, .key = "Gid" },
};

bool evidence_take(pid_t pid, pid_t tid, struct evidence *e)
{
	memset(e, 0, sizeof(*e));
	if (!proc_stat(pid, tid, &e->stat) ||
	    proc_read(pid, tid, "status", e->status, sizeof(e->status)) <= 0)
		return false;
	proc_read(pid, tid, "statm", e->statm, sizeof(e->statm));
	proc_read(pid, tid, "schedstat", e->schedstat, sizeof(e->schedstat));
	e->exe_bytes = proc_link(pid, "exe", e->exe, sizeof(e->exe));
	e->cmdline_bytes = proc_read(pid, tid, "cmdline", e->cmdline, sizeof(e->cmdline));
	e->user_ns = ns_inode(pid, "user");
	e->policy = sched_getscheduler(tid ? tid : pid);
	return true;
}

static bool nth_number(const char *text, int n, long long *value)
{
	char *end;

	for (; n >= 0; n--, text = end) {
		*value = strtoll(text, &end, 10);
		if (end == text)
			return false;
	}
	return true;
}

static bool witnessed(const struct evidence *e, const struct comparison *c, long long *value)
{
	long long numbers[4];
	bool found = true;

	switch (c->source) {
	case STAT:
		*value = e->stat.value[c->index];
		break;
	case STATM:
		found = nth_number(e->statm, c->index, value);
		break;
	case SCHEDSTAT:
		found = nth_number(e->schedstat, c->index, value);
		break;
	case STATUS:
		found = key_numbers(e->status, c->key, numbers, c->index + 1);
		*value = found ? numbers[c->index] : 0;
	}
	if (c->multiply)
		*value *= c->multiply;
	return found;
}

static void wrong(struct verdict *verdict, const char *format, ...)
{
	va_list args;

	if (verdict->wrong++)
		return;
	va_start(args, format);
	vsnprintf(verdict->first, sizeof(verdict->first), format, args);
	va_end(args);
}

static void compare_number(const struct pcbscope_record *record, const struct comparison *c,
			   const struct evidence *before, const struct evidence *after,
			   const char *who, struct verdict *verdict)
{
	long long low, high, ours, slack;

	if (!witnessed(before, c, &low) || !witnessed(after, c, &high))
		return;		/* no such line: kernel threads and zombies */
	if (low > high) {
		verdict->moved++;
		return;
	}
	verdict->compared++;
	if (!record_number(record, c->field, &ours)) {
		wrong(verdict, "%s: %s is not valid, /proc has %lld", who, c->field, low);
		return;
	}
	if (c->divide)
		ours /= c->divide;
	slack = c->by_tick ? CLOCK_NS * (before->stat.value[20] + 1) : 0;
	if (ours < low - slack || ours > high + slack)
		wrong(verdict, "%s: %s is %lld, /proc has %lld to %lld", who, c->field,
		      ours, low, high);
}

static void compare_equal(struct verdict *verdict, const char *who, const char *field,
			  bool still, bool equal)
{
	if (!still) {
		verdict->moved++;
		return;
	}
	verdict->compared++;
	if (!equal)
		wrong(verdict, "%s: %s differs", who, field);
}

static bool same_bytes(const struct pcbscope_record *record, const char *field,
		       const char *want, ssize_t bytes)
{
	size_t length;
	const char *ours = record_bytes(record, field, &length);

	if (bytes < 0)		/* no link: none to show */
		return !ours;
	return (ours || !bytes) && (ssize_t)length == bytes && !memcmp(ours, want, bytes);
}

static bool same_cpus(const struct pcbscope_record *record, const char *status)
{
	unsigned long long want[16], sum = 0;
	size_t bytes, i;
	const unsigned long long *ours = record_bytes(record, "cpus_allowed", &bytes);
	char text[512];

	if (!ours || !key_text(status, "Cpus_allowed_list", text, sizeof(text)) ||
	    !parse_cpu_list(text, want, 16) || bytes > sizeof(want))
		return false;
	for (i = 0; i < 16; i++)
		sum += __builtin_popcountll(want[i]);
	return !memcmp(ours, want, bytes) && (long long)sum == number(record, "nr_cpus_allowed");
}

static bool same_comm(const struct pcbscope_record *record, const char *comm)
{
	const struct pcbscope_identity *id = record_identity(record);

	/* procfs makes a worker's name longer by what it works on */
	return !strncmp(id->comm, comm, id->kernel_thread ? strlen(id->comm) : 16);
}

static long long exec_bytes(const struct evidence *e)
{
	long long exe = 0, lib = 0;

	key_numbers(e->status, "VmExe", &exe, 1);
	key_numbers(e->status, "VmLib", &lib, 1);
	return exe + lib;
}

/* Same letter, and no turn on a CPU in between that could have changed it twice. */
static bool same_letter(const struct evidence *before, const struct evidence *after)
{
	return before->stat.letter == after->stat.letter &&
		!strcmp(before->schedstat, after->schedstat);
}

static void compare_others(const struct pcbscope_record *record, const struct evidence *before,
			   const struct evidence *after, const char *who,
			   struct verdict *verdict)
{
	compare_equal(verdict, who, "comm", !strcmp(before->stat.comm, after->stat.comm),
		      same_comm(record, before->stat.comm));
	compare_equal(verdict, who, "kernel_state", same_letter(before, after),
		      number(record, "kernel_state") == before->stat.letter);
	compare_equal(verdict, who, "policy", before->policy == after->policy,
		      number(record, "policy") == (before->policy & 7));
	compare_equal(verdict, who, "reset_on_fork", before->policy == after->policy,
		      number(record, "reset_on_fork") == !!(before->policy & SCHED_RESET_ON_FORK));
	compare_equal(verdict, who, "user_ns", before->user_ns == after->user_ns,
		      before->user_ns < 0 || number(record, "user_ns") == before->user_ns);
	compare_equal(verdict, who, "cpus_allowed", true, same_cpus(record, before->status));
	compare_equal(verdict, who, "exec_bytes", exec_bytes(before) == exec_bytes(after),
		      !exec_bytes(before) || number(record, "exec_bytes") == exec_bytes(before));
	compare_equal(verdict, who, "kernel_thread", true,
		      number(record, "kernel_thread") == !!(before->stat.value[9] & 0x200000));
	if (record->busy & PCBSCOPE_GROUP_PROGRAM) {
		verdict->busy++;	/* some of it may be there */
		return;
	}
	compare_equal(verdict, who, "exe", !strcmp(before->exe, after->exe),
		      same_bytes(record, "exe", before->exe, before->exe_bytes));
	if (before->cmdline_bytes || record_has(record, "cmdline"))
		compare_equal(verdict, who, "cmdline",
			      before->cmdline_bytes == after->cmdline_bytes,
			      same_bytes(record, "cmdline", before->cmdline,
					 before->cmdline_bytes));
}

/* @sum is QUICK or EXACT where the two differ; what does not depend on it counts once. */
static void compare(const struct pcbscope_record *record, const struct evidence *before,
		    const struct evidence *after, const char *who, struct verdict *verdict,
		    enum sum sum)
{
	bool is_thread = record->flags & PCBSCOPE_RECORD_IS_THREAD;
	const struct comparison *c = comparisons;
	unsigned int i;

	for (i = 0; i < sizeof(comparisons) / sizeof(*c); i++, c++) {
		if (c->scope == (is_thread ? PROCESS : THREAD))
			continue;
		if (sum == ANY || c->sum == sum || (c->sum == ANY && sum == QUICK))
			compare_number(record, c, before, after, who, verdict);
	}
	if (sum != EXACT)
		compare_others(record, before, after, who, verdict);
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
		compare(walk_next(&one, NULL), &before, &after, who, verdict, sum);
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
