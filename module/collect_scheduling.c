// SPDX-License-Identifier: GPL-2.0
/*
 * collect_scheduling.c - CPU-scheduling information (3.1.3).
 *
 * "This information includes a process priority ... and any other scheduling
 * parameters."
 */
#include <linux/sched/prio.h>

static __always_inline void
scheduling_fill(const struct pcb_look *look, struct task_struct *task, u32 tid,
		struct pcbscope_scheduling *out)
{
	const u64 arrival = task->sched_info.last_arrival;

	out->valid = PCB_VALID(scheduling, last_run_ns) - 1;
	if (arrival)
		out->valid |= PCB_VALID(scheduling, last_run_ns);
	out->last_run_ns = arrival && look->clock_ns > arrival ?
		look->clock_ns - arrival : 0;
	out->policy = task->policy;
	out->nice = PRIO_TO_NICE(task->static_prio);
	out->priority = task->prio - MAX_RT_PRIO;
	out->rt_priority = task->rt_priority;
	out->reset_on_fork = task->sched_reset_on_fork;
	out->nr_cpus_allowed = task->nr_cpus_allowed;
}
