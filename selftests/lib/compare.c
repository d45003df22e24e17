// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "records.h"
#include "comparisons.h"
#include "witness.h"

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

/* Same letter, and no turn on a CPU in between that could have changed it twice. */
static bool stood_still(const struct evidence *before, const struct evidence *after)
{
	return before->stat.letter == after->stat.letter && after->stat.letter != 'R' &&
		!strcmp(before->schedstat, after->schedstat);
}

static bool same_letter(const struct evidence *before, const struct evidence *after)
{
	return before->stat.letter == after->stat.letter &&
		!strcmp(before->schedstat, after->schedstat);
}

static unsigned long long *bit_of(struct field_set *set, const char *field, unsigned long long *bit)
{
	unsigned int count;
	unsigned int index = field_find(field) - fields(&count);

	*bit = 1ULL << index % 64;
	return &set->words[index / 64];
}

static void set_add(struct field_set *set, const char *field)
{
	unsigned long long bit, *word = bit_of(set, field, &bit);

	*word |= bit;
}

bool field_set_has(const struct field_set *set, const char *field)
{
	unsigned long long bit, *word = bit_of((struct field_set *)set, field, &bit);

	return *word & bit;
}

static void count(struct verdict *verdict, const char *field, bool exact)
{
	verdict->compared++;
	verdict->exact += exact;
	verdict->by_group[field_find(field)->group]++;
	set_add(&verdict->seen, field);
}

static void compare_number(const struct pcbscope_record *record, const struct comparison *c,
			   const struct evidence *before, const struct evidence *after,
			   const char *who, struct verdict *verdict)
{
	long long low, high, ours, slack;

	if (!witnessed(before, c, &low) || !witnessed(after, c, &high)) {
		set_add(&verdict->absent, c->field);	/* kernel threads and zombies */
		return;
	}
	if (low > high || (c->unsteady && (low != high || !stood_still(before, after)))) {
		verdict->moved++;
		return;
	}
	slack = c->by_tick ? CLOCK_NS * (before->stat.value[20] + 1) : 0;
	count(verdict, c->field, low == high && !slack);
	if (low < high) {
		verdict->between++;
		set_add(&verdict->moving, c->field);
	}
	if (!record_number(record, c->field, &ours)) {
		wrong(verdict, "%s: %s is not valid, /proc has %lld", who, c->field, low);
		return;
	}
	if (c->divide)
		ours /= c->divide;
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
	count(verdict, field, true);
	if (!equal)
		wrong(verdict, "%s: %s differs", who, field);
}

/* Of what /proc does not show nothing was compared. */
static void compare_shown(struct verdict *verdict, const char *who, const char *field,
			  bool shown, bool still, bool equal)
{
	if (shown)
		compare_equal(verdict, who, field, still, equal);
	else
		set_add(&verdict->absent, field);
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

/* Of what is off its CPU or has ended, the letter says all. */
static void compare_book_state(const struct pcbscope_record *record, const struct evidence *before,
			       const struct evidence *after, const char *who,
			       struct verdict *verdict)
{
	bool ended = before->stat.letter == 'Z';

	compare_equal(verdict, who, "state", stood_still(before, after) && before->off_cpu,
		      number(record, "state") == (ended ? PCBSCOPE_STATE_TERMINATED :
						  PCBSCOPE_STATE_WAITING));
	if (!ended || !record_has(record, "wait_status"))
		set_add(&verdict->absent, "wait_status");
	else
		compare_equal(verdict, who, "wait_status", true,
			      number(record, "wait_status") == before->stat.value[52]);
}

/* The line names the thread's ids in every pid namespace from the reader's down. */
static void compare_inner_ids(const struct pcbscope_record *record, const struct evidence *before,
			      const struct evidence *after, const char *who,
			      struct verdict *verdict)
{
	char tids[256] = "", pids[256] = "", now[256] = "", *at;
	long long depth = 0;

	key_text(before->status, "NSpid", tids, sizeof(tids));
	key_text(before->status, "NStgid", pids, sizeof(pids));
	key_text(after->status, "NSpid", now, sizeof(now));
	if (!*tids)
		return;
	for (at = tids; (at = strchr(at, '\t')); at++)
		depth++;
	compare_equal(verdict, who, "ns_depth", !strcmp(tids, now),
		      number(record, "ns_depth") == depth);
	at = strrchr(tids, '\t');
	compare_equal(verdict, who, "ns_tid", !strcmp(tids, now),
		      number(record, "ns_tid") == atoll(at ? at : tids));
	at = strrchr(pids, '\t');
	compare_equal(verdict, who, "ns_pid", !strcmp(tids, now),
		      number(record, "ns_pid") == atoll(at ? at : pids));
}

static void compare_tracer(const struct pcbscope_record *record, const struct evidence *before,
			   const struct evidence *after, const char *who, struct verdict *verdict)
{
	long long tracer = 0, still = 0;

	if (!key_numbers(before->status, "TracerPid", &tracer, 1) ||
	    !key_numbers(after->status, "TracerPid", &still, 1))
		return;
	compare_equal(verdict, who, "traced", tracer == still,
		      number(record, "traced") == !!tracer);
	if (tracer)
		compare_equal(verdict, who, "tracer_pid", tracer == still,
			      number(record, "tracer_pid") == tracer);
	else
		set_add(&verdict->absent, "tracer_pid");
}

static void compare_program(const struct pcbscope_record *record, const struct evidence *before,
			    const struct evidence *after, const char *who, struct verdict *verdict)
{
	long long area = before->stat.value[49] - before->stat.value[48];

	if (record->busy & PCBSCOPE_GROUP_PROGRAM) {
		verdict->busy++;	/* some of it may be there */
		return;
	}
	compare_equal(verdict, who, "exe", !strcmp(before->exe, after->exe),
		      same_bytes(record, "exe", before->exe, before->exe_bytes));
	if (area > 0)
		compare_equal(verdict, who, "cmdline_bytes",
			      after->stat.value[49] - after->stat.value[48] == area,
			      number(record, "cmdline_bytes") == area);
	else
		set_add(&verdict->absent, "cmdline_bytes");
	if (before->cmdline_bytes || record_has(record, "cmdline"))
		compare_equal(verdict, who, "cmdline",
			      before->cmdline_bytes == after->cmdline_bytes,
			      same_bytes(record, "cmdline", before->cmdline,
					 before->cmdline_bytes));
	else
		set_add(&verdict->absent, "cmdline");
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
	compare_shown(verdict, who, "user_ns", before->user_ns >= 0,
		      before->user_ns == after->user_ns,
		      number(record, "user_ns") == before->user_ns);
	compare_equal(verdict, who, "cpus_allowed", true, same_cpus(record, before->status));
	compare_shown(verdict, who, "exec_bytes", exec_bytes(before),
		      exec_bytes(before) == exec_bytes(after),
		      number(record, "exec_bytes") == exec_bytes(before));
	compare_equal(verdict, who, "kernel_thread", true,
		      number(record, "kernel_thread") == !!(before->stat.value[9] & 0x200000));
	compare_book_state(record, before, after, who, verdict);
	compare_inner_ids(record, before, after, who, verdict);
	compare_tracer(record, before, after, who, verdict);
	compare_program(record, before, after, who, verdict);
}

/* @sum is QUICK or EXACT where the two differ; what does not depend on it counts once. */
void witness_compare(const struct pcbscope_record *record, const struct evidence *before,
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


void witness_fields(struct field_set *known)
{
	static const char * const others[] = {
		"comm", "kernel_state", "policy", "reset_on_fork", "user_ns", "cpus_allowed",
		"exec_bytes", "kernel_thread", "state", "wait_status", "ns_depth", "ns_tid", "ns_pid",
		"traced", "tracer_pid", "exe", "cmdline", "cmdline_bytes",
	};
	unsigned int i;

	memset(known, 0, sizeof(*known));
	for (i = 0; i < sizeof(comparisons) / sizeof(*comparisons); i++)
		set_add(known, comparisons[i].field);
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		set_add(known, others[i]);
}
