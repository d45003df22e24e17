// SPDX-License-Identifier: GPL-2.0
/*
 * collect_relations.c - parents, adopters and tracers.
 *
 * "Traditional UNIX systems ... assigning the init process as the new parent to
 * orphan processes" (3.3.2). On Linux the nearest ancestor that asked for it
 * (a child subreaper) comes first, and each pid namespace has an init of its
 * own.
 */
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "collect.h"

/* Ancestors that are looked at in one RCU section. */
#define CLIMB_TASKS PCB_SECTION_TASKS

/*
 * Climb from a referenced task to its nearest ancestor in the same pid
 * namespace that is a child subreaper. The reference moves along, so that RCU
 * can be left now and then. Return: a referenced task; NULL: there is none.
 */
static struct task_struct *climb(struct task_struct *task, bool *found)
{
	struct task_struct *at = task;
	unsigned int level = 0;
	struct pid *own;
	int nr;

	rcu_read_lock();
	own = READ_ONCE(at->thread_pid);
	if (own)
		level = own->level;
	for (nr = 0; nr < CLIMB_TASKS && pid_alive(at); nr++) {
		struct pid *pid;

		at = rcu_dereference(at->real_parent);
		pid = READ_ONCE(at->thread_pid);
		if (!pid || pid->level != level || at->pid == 0)
			break;
		*found = at->signal->is_child_subreaper;
		if (*found || nr == CLIMB_TASKS - 1) {
			get_task_struct(at);
			rcu_read_unlock();
			return at;
		}
	}
	rcu_read_unlock();
	return NULL;
}

/* The nearest child subreaper above, or 0. */
static u32 subreaper_of(const struct pcb_look *look)
{
	struct task_struct *at = get_task_struct(look->task);
	bool found = false;
	u32 pid = 0;

	while (at && !found) {
		struct task_struct *next = climb(at, &found);

		put_task_struct(at);
		at = next;
		cond_resched();
	}
	if (at) {
		rcu_read_lock();
		pid = pcb_tgid(look, at);
		rcu_read_unlock();
		put_task_struct(at);
	}
	return pid;
}

/*
 * The init of the task's pid namespace; none for that init itself. It is looked
 * up by its number: ns->child_reaper may be a thread that is long gone.
 */
static u32 init_of(const struct pcb_look *look)
{
	struct pid_namespace *ns = task_active_pid_ns(look->task);
	struct task_struct *init;

	init = ns ? pid_task(find_pid_ns(1, ns), PIDTYPE_TGID) : NULL;
	if (!init || same_thread_group(init, look->task))
		return 0;
	return pcb_tgid(look, init);
}

static u32 reaper_of(const struct pcb_look *look)
{
	u32 pid = 0;

	if (look->task->signal->has_child_subreaper)
		pid = subreaper_of(look);
	if (pid)
		return pid;
	rcu_read_lock();
	pid = init_of(look);
	rcu_read_unlock();
	return pid;
}

/**
 * pcb_relations_fill() - fill the relations group
 * @look: the look at hand
 * @out: the group's struct
 *
 * Context: process context, may sleep; look->task is referenced.
 */
void pcb_relations_fill(struct pcb_look *look, struct pcbscope_relations *out)
{
	struct task_struct *task = look->task;
	const struct task_struct *parent;

	*out = (struct pcbscope_relations) {
		.valid = PCB_VALID(relations, traced) |
			PCB_VALID(relations, is_child_subreaper) |
			PCB_VALID(relations, under_child_subreaper),
		.is_child_subreaper = task->signal->is_child_subreaper,
		.under_child_subreaper = task->signal->has_child_subreaper,
	};
	rcu_read_lock();
	if (pid_alive(task)) {
		parent = rcu_dereference(task->real_parent);
		out->parent_tid = pcb_id(look, READ_ONCE(parent->thread_pid));
		out->valid |= PCB_VALID(relations, parent_tid);
		out->traced = !!READ_ONCE(task->ptrace);
		if (out->traced) {
			parent = rcu_dereference(task->parent);
			out->tracer_pid = pcb_tgid(look, parent);
			out->valid |= PCB_VALID(relations, tracer_pid);
		}
	}
	rcu_read_unlock();
	out->reaper_pid = reaper_of(look);
	if (out->reaper_pid)
		out->valid |= PCB_VALID(relations, reaper_pid);
}
