// SPDX-License-Identifier: GPL-2.0
/*
 * collect_accounting.c - accounting information (3.1.3), of one thread.
 *
 * "The amount of CPU and real time used." The scheduler counts run time to the
 * nanosecond; how much of it was spent in user mode is only sampled, once a
 * tick. What ps shows is made from both: see collect_cputime.c.
 */
static __always_inline void
accounting_fill(const struct pcb_look *look, struct task_struct *task, u32 tid,
		struct pcbscope_accounting *out)
{
	out->valid = PCB_VALID(accounting, major_faults) * 2 - 1;
	out->runtime_ns = task->se.sum_exec_runtime;
	out->run_delay_ns = task->sched_info.run_delay;
	out->nr_dispatches = task->sched_info.pcount;
	out->sampled_utime_ns = task->utime;
	out->sampled_stime_ns = task->stime;
	out->voluntary_switches = task->nvcsw;
	out->involuntary_switches = task->nivcsw;
	out->minor_faults = task->min_flt;
	out->major_faults = task->maj_flt;
}
