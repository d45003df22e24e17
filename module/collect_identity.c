// SPDX-License-Identifier: GPL-2.0
/*
 * collect_identity.c - who the process is.
 *
 * "Most operating systems identify processes according to a unique process
 * identifier" (3.3.1). On Linux each thread has one, and one more in every
 * pid namespace above its own; the process is the group of threads, named by
 * the id of the first.
 */
#include <linux/rcupdate.h>

#include "collect.h"

/* Process group and session; none once the task has been reaped. */
static u32 group_id(struct pcb_look *look, enum pid_type type)
{
	return pcb_id(look, READ_ONCE(look->task->signal->pids[type]));
}

/*
 * set_task_comm() may run meanwhile: the copy can mix two names, but it is
 * always terminated.
 */
static void copy_comm(char *to, const struct task_struct *task)
{
	static_assert(sizeof(task->comm) == 16);
	__builtin_memcpy(to, task->comm, 16);
	to[15] = '\0';
}

/**
 * pcb_identity_fill() - fill the identity group
 * @look: the look at hand
 * @out: the group's struct
 *
 * Context: under rcu_read_lock().
 */
void pcb_identity_fill(struct pcb_look *look, struct pcbscope_identity *out)
{
	const struct task_struct *task = look->task;
	const struct signal_struct *signal = task->signal;
	const struct pid *pid = READ_ONCE(task->thread_pid);
	const struct pid *tgid = READ_ONCE(signal->pids[PIDTYPE_TGID]);

	out->valid = PCB_VALID(identity, ns_tid) * 2 - 1;
	out->start_boottime_ns = task->start_boottime;
	out->tid = look->tid;
	out->pid = pcb_tgid(look, task);
	out->ppid = pcb_tgid(look, rcu_dereference(task->real_parent));
	out->pgid = group_id(look, PIDTYPE_PGID);
	out->sid = group_id(look, PIDTYPE_SID);
	out->threads = signal->nr_threads;
	out->kernel_thread = !!(task->flags & PF_KTHREAD);
	out->ns_depth = pid ? pid->level - look->opener->pid_ns->level : 0;
	out->ns_pid = tgid ? tgid->numbers[tgid->level].nr : 0;
	out->ns_tid = pid ? pid->numbers[pid->level].nr : 0;
	copy_comm(out->comm, task);
}
