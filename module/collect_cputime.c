// SPDX-License-Identifier: GPL-2.0
/*
 * collect_cputime.c - accounting information (3.1.3), as ps and procfs show it.
 *
 * The time of a process is the sum over its threads, plus what threads that
 * have exited left in the signal struct. The tick samples user and system time
 * coarsely, the scheduler measures their sum exactly: so the exact sum is split
 * in the proportion of the samples.
 */
#include <linux/math64.h>
#include <linux/sched/cputime.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/seqlock.h>

#include "collect.h"

#define SUM_TRIES 8

struct sums {
	u64 utime;
	u64 stime;
	u64 runtime;
	u64 minor_faults;
	u64 major_faults;
};

static void add_thread(struct sums *sums, const struct task_struct *thread)
{
	sums->utime += thread->utime;
	sums->stime += thread->stime;
	sums->runtime += thread->se.sum_exec_runtime;
	sums->minor_faults += thread->min_flt;
	sums->major_faults += thread->maj_flt;
}

/* What threads that have exited left behind. */
static void add_exited(struct sums *sums, const struct signal_struct *signal)
{
	*sums = (struct sums) {
		.utime = signal->utime,
		.stime = signal->stime,
		.runtime = signal->sum_sched_runtime,
		.minor_faults = signal->min_flt,
		.major_faults = signal->maj_flt,
	};
}

/*
 * Add up to 64 threads behind *@anchor; a referenced thread where the next
 * section goes on is left there, NULL at the end of the list. False: the
 * anchor was unhashed meanwhile, its place in the list is lost.
 */
static bool add_section(struct sums *sums, struct signal_struct *signal,
			struct task_struct **anchor)
{
	struct task_struct *last = *anchor, *thread = NULL;
	struct list_head *at = &signal->thread_head;
	bool alive = true;
	int nr = 0;

	rcu_read_lock();
	if (last) {
		alive = pid_alive(last);
		at = &last->thread_node;
	}
	while (alive && nr++ < PCB_SECTION_TASKS) {
		at = rcu_dereference(list_next_rcu(at));
		if (at == &signal->thread_head)
			break;
		thread = list_entry(at, struct task_struct, thread_node);
		add_thread(sums, thread);
	}
	*anchor = NULL;
	if (alive && at != &signal->thread_head)
		*anchor = get_task_struct(thread);
	rcu_read_unlock();
	if (last)
		put_task_struct(last);
	return alive;
}

/* One pass over all threads; false: the list changed under it. */
static bool add_threads(struct sums *sums, struct signal_struct *signal)
{
	struct task_struct *anchor = NULL;
	bool whole;

	do {
		whole = add_section(sums, signal, &anchor);
		cond_resched();
	} while (whole && anchor);
	return whole;
}

/* The whole process; false: threads exited during each of several tries. */
static bool sum_group(struct sums *sums, struct signal_struct *signal)
{
	int tries;

	for (tries = 0; tries < SUM_TRIES; tries++) {
		unsigned int seq = read_seqbegin(&signal->stats_lock);

		add_exited(sums, signal);
		if (add_threads(sums, signal) &&
		    !read_seqretry(&signal->stats_lock, seq))
			return true;
	}
	return false;
}

/* The part of the exact run time that was system time, by the samples. */
static u64 system_part(const struct sums *sums)
{
	if (!sums->stime)
		return 0;
	if (!sums->utime)
		return sums->runtime;
	return min(mul_u64_u64_div_u64(sums->stime, sums->runtime,
				       sums->stime + sums->utime),
		   sums->runtime);
}

/*
 * Split the exact run time, never below what was said before: the kernel keeps
 * that with the process, for procfs and for us.
 */
static void split_runtime(const struct sums *sums, struct prev_cputime *said,
			  u64 *utime, u64 *stime)
{
	unsigned long flags;
	u64 system;

	raw_spin_lock_irqsave(&said->lock, flags);
	if (said->utime + said->stime < sums->runtime) {
		system = max(system_part(sums), said->stime);
		if (sums->runtime - system < said->utime)
			system = sums->runtime - said->utime;
		said->stime = system;
		said->utime = sums->runtime - system;
	}
	*utime = said->utime;
	*stime = said->stime;
	raw_spin_unlock_irqrestore(&said->lock, flags);
}

static void fill_group(struct pcb_look *look, struct pcbscope_cputime *out)
{
	struct signal_struct *signal = look->task->signal;
	struct sums sums;

	if (!sum_group(&sums, signal)) {
		look->record->busy |= PCBSCOPE_GROUP_CPUTIME;
		*out = (struct pcbscope_cputime) { 0 };
		return;
	}
	split_runtime(&sums, &signal->prev_cputime, &out->utime_ns,
		      &out->stime_ns);
	out->group_minor_faults = sums.minor_faults;
	out->group_major_faults = sums.major_faults;
}

/**
 * pcb_cputime_fill() - fill the cputime group
 * @look: the look at hand
 * @out: the group's struct
 *
 * Context: process context, may sleep; look->task is referenced.
 */
void pcb_cputime_fill(struct pcb_look *look, struct pcbscope_cputime *out)
{
	const struct signal_struct *signal = look->task->signal;

	task_cputime_adjusted(look->task, &out->thread_utime_ns,
			      &out->thread_stime_ns);
	out->children_utime_ns = READ_ONCE(signal->cutime);
	out->children_stime_ns = READ_ONCE(signal->cstime);
	out->valid = PCB_VALID(cputime, group_minor_faults) - 1;
	if (look->is_thread) {
		out->utime_ns = out->thread_utime_ns;
		out->stime_ns = out->thread_stime_ns;
		out->group_minor_faults = 0;
		out->group_major_faults = 0;
		return;
	}
	out->valid = PCB_VALID(cputime, group_major_faults) * 2 - 1;
	fill_group(look, out);
}
