/* SPDX-License-Identifier: GPL-2.0 */
/* Which number of which file of /proc/PID says what which field says; for compare.c. */
#ifndef PCB_TEST_COMPARISONS_H
#define PCB_TEST_COMPARISONS_H

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
	bool unsteady;		/* goes up and down: compared while the task stands still */
	enum sum sum;		/* which resident sizes */
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
	{ "cpu", STAT, BOTH, .index = 39, .unsteady = true },
	{ "task_flags", STAT, BOTH, .index = 9, .unsteady = true },
	{ "policy", STAT, BOTH, .index = 41 },
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

#endif
