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

/* Of a task that is being reaped only the numbers in itself are left. */
static noinline void drop_lost_ids(struct pcbscope_identity *out)
{
	out->valid &= ~(PCB_VALID(identity, pgid) | PCB_VALID(identity, sid) |
			PCB_VALID(identity, ns_depth) |
			PCB_VALID(identity, ns_pid) |
			PCB_VALID(identity, ns_tid));
	out->pgid = 0;
	out->sid = 0;
	out->ns_pid = 0;
	out->ns_tid = 0;
}

/* Ids inside the task's own pid namespace, if that is not the reader's. */
static noinline void fill_inner_ids(const struct pcb_look *look,
				    const struct task_struct *task,
				    const struct pid *pid,
				    struct pcbscope_identity *out)
{
	const struct pid *tgid =
		READ_ONCE(task->signal->pids[PIDTYPE_TGID]);

	out->ns_depth = pid->level - look->opener->pid_ns->level;
	out->ns_pid = tgid ? tgid->numbers[tgid->level].nr : 0;
	out->ns_tid = pid->numbers[pid->level].nr;
}

/* Ids as the reader's pid namespace has them. */
static __always_inline void fill_ids(const struct pcb_look *look,
				     const struct task_struct *task,
				     struct pcbscope_identity *out)
{
	const struct signal_struct *signal = task->signal;
	const u32 pid = pcb_tgid(look, task);
	const u32 ppid = pcb_tgid(look, rcu_dereference(task->real_parent));
	/* None once the task has been reaped. */
	const u32 pgid = pcb_id(look, READ_ONCE(signal->pids[PIDTYPE_PGID]));
	const u32 sid = pcb_id(look, READ_ONCE(signal->pids[PIDTYPE_SID]));

	out->pid = pid;
	out->ppid = ppid;
	out->pgid = pgid;
	out->sid = sid;
	out->ns_pid = pid;
}

static __always_inline void
identity_fill(const struct pcb_look *look, struct task_struct *task, u32 tid,
	      struct pcbscope_identity *out)
{
	const struct pid *pid = READ_ONCE(task->thread_pid);

	out->valid = PCB_VALID(identity, ns_tid) * 2 - 1;
	out->start_boottime_ns = task->start_boottime;
	copy_comm(out->comm, task);
	out->tid = tid;
	out->ns_tid = tid;
	out->ns_depth = 0;
	out->threads = task->signal->nr_threads;
	out->kernel_thread = !!(task->flags & PF_KTHREAD);
	/* Two copies, of which the usual one needs no look at a namespace. */
	if (likely(look->root_ids && pid && !pid->level)) {
		fill_ids(look, task, out);
		return;
	}
	fill_ids(look, task, out);
	if (pid)
		fill_inner_ids(look, task, pid, out);
	else
		drop_lost_ids(out);
}
