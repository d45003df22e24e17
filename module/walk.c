// SPDX-License-Identifier: GPL-2.0
/*
 * walk.c - cursor -> task -> next.
 *
 * Every task, process or thread, has a number in the pid table of each
 * namespace that can see it. The walk goes through that table in ascending
 * order, one leaf (up to 64 ids) at a time, so that its whole position is a
 * number: it can stop anywhere, for any length of time, and go on without
 * having held a task. A task that lives through the walk keeps its number, so
 * it is met exactly once; one born behind the cursor is missed.
 */
#include <linux/radix-tree.h>

#include "pcb.h"

/**
 * pcb_walk_enter() - begin an RCU section of a walk
 * @walk: the walk
 *
 * Context: under rcu_read_lock(); pointers into the table of an earlier section
 * are forgotten.
 */
void pcb_walk_enter(struct pcb_walk *walk)
{
	walk->used = 0;
	walk->budget = PCB_SECTION_TASKS;
}

/* Find the next leaf with a used slot; false: none left, or budget spent. */
static bool load_chunk(struct pcb_walk *walk)
{
	struct radix_tree_iter iter;
	unsigned long used = 1;
	unsigned int offset = 0;
	void __rcu **slot;

	radix_tree_iter_init(&iter, walk->next);
	slot = radix_tree_next_chunk(&walk->ns->idr.idr_rt, &iter, 0);
	if (!slot) {
		walk->done = true;
		return false;
	}
	if (iter.node) {
		offset = iter.index & (RADIX_TREE_MAP_SIZE - 1);
		used = pcb_compat_used_slots(iter.node) & (~0UL << offset);
	}
	if (hweight_long(used) > walk->budget)
		return false;
	walk->slots = slot - offset;
	walk->base = iter.index - offset;
	walk->next = iter.next_index;
	walk->used = used;
	walk->budget -= hweight_long(used) ?: 1;
	return true;
}

/* The next task of the table with an id of at least walk->next. */
static struct task_struct *next_in_table(struct pcb_walk *walk)
{
	do {
		while (walk->used) {
			unsigned int bit = __ffs(walk->used);
			void *pid = rcu_dereference_raw(walk->slots[bit]);
			struct task_struct *task;

			walk->used &= walk->used - 1;
			walk->next = walk->base + bit + 1;
			if (unlikely(radix_tree_is_internal_node(pid))) {
				/* The leaf moved: look this id up again. */
				walk->next--;
				walk->used = 0;
				break;
			}
			task = pid_task(pid, walk->type);
			if (!task || (walk->only && task->tgid != walk->only))
				continue;
			walk->tid = walk->next - 1;
			return task;
		}
	} while (load_chunk(walk));
	return NULL;
}

/* Leave the listed process at hand. */
static void next_listed_pid(struct pcb_walk *walk)
{
	walk->index++;
	walk->next = 0;
	walk->only = 0;
}

/* Threads of one listed process; NULL: none left, or budget spent. */
static struct task_struct *next_thread_of(struct pcb_walk *walk,
					  struct task_struct *leader)
{
	struct task_struct *task;

	walk->only = leader->tgid;
	task = next_in_table(walk);
	if (walk->done) {
		walk->done = false;
		next_listed_pid(walk);
	}
	return task;
}

/* The next task of the list. */
static struct task_struct *next_in_list(struct pcb_walk *walk)
{
	bool threads = walk->type == PIDTYPE_PID && !walk->tids;

	while (walk->index < walk->nr_pids && walk->budget > 0) {
		u32 nr = walk->pids[walk->index], index = walk->index;
		struct pid *pid = nr > INT_MAX ? NULL :
			find_pid_ns(nr, walk->ns);
		struct task_struct *task = pid_task(pid, threads ?
					PIDTYPE_TGID : walk->type);

		if (task && threads &&
		    (walk->next || !thread_group_empty(task))) {
			task = next_thread_of(walk, task);
			if (task || walk->index == index)
				return task;
		} else {
			next_listed_pid(walk);
			if (task)
				walk->tid = nr;
		}
		walk->budget--;
		if (task)
			return task;
	}
	if (walk->index >= walk->nr_pids)
		walk->done = true;
	return NULL;
}

/**
 * pcb_walk_next() - the next task
 * @walk: the walk
 *
 * Context: under rcu_read_lock(), behind pcb_walk_enter(). The task is not
 * referenced: it is there until rcu_read_unlock().
 * Return: the task, its id in walk->tid; NULL when the walk has ended
 * (walk->done), or when this RCU section has seen enough.
 */
struct task_struct *pcb_walk_next(struct pcb_walk *walk)
{
	struct task_struct *task;

	if (likely(!walk->pids))
		return next_in_table(walk);
	task = next_in_list(walk);
	walk->nr_listed += !!task;
	return task;
}
