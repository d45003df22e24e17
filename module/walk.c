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
	walk->after = walk->next;
	walk->budget = PCB_SECTION_TASKS;
}

/* Find the next leaf with a used slot; false: none left, or budget spent. */
static bool load_chunk(struct pcb_walk *walk)
{
	struct radix_tree_iter iter;
	unsigned long used = 1;
	unsigned int offset = 0;
	void __rcu **slot;

	radix_tree_iter_init(&iter, walk->after);
	slot = radix_tree_next_chunk(&walk->ns->idr.idr_rt, &iter, 0);
	if (!slot) {
		walk->done = true;
		return false;
	}
	if (iter.node) {
		offset = iter.index & (RADIX_TREE_MAP_SIZE - 1);
		used = pcb_compat_used_slots(iter.node) & (~0UL << offset);
	}
	used = used ?: 1UL << offset;
	if (hweight_long(used) > walk->budget)
		return false;
	walk->slots = slot - offset;
	walk->base = iter.index - offset;
	walk->after = iter.next_index;
	walk->used = used;
	walk->budget -= hweight_long(used);
	return true;
}

/* The task of a pid; spares a call of pid_task() for each task of a walk. */
static struct task_struct *task_of(struct pid *pid, enum pid_type type)
{
	struct hlist_node *first =
		rcu_dereference(hlist_first_rcu(&pid->tasks[type]));

	return first ? pcb_compat_pid_entry(first, type) : NULL;
}

/* The next tasks of the table, in ascending order. Return: how many. */
static unsigned int scan_table(struct pcb_walk *walk, struct task_struct **task,
			       u32 *tid, unsigned int max)
{
	const enum pid_type type = walk->type;
	unsigned long used = walk->used;
	unsigned int nr = 0;

	while (nr < max) {
		unsigned int bit;
		void *pid;

		if (!used && !load_chunk(walk))
			break;
		used = used ?: walk->used;
		bit = __ffs(used);
		pid = rcu_dereference_raw(walk->slots[bit]);
		if (unlikely(radix_tree_is_internal_node(pid))) {
			/* The leaf moved: look this id up again. */
			walk->after = walk->base + bit;
			used = 0;
			continue;
		}
		used &= used - 1;
		task[nr] = pid ? task_of(pid, type) : NULL;
		tid[nr] = walk->base + bit;
		if (task[nr] && (!walk->only || task[nr]->tgid == walk->only))
			nr++;
	}
	walk->used = used;
	walk->next = used ? walk->base + __ffs(used) : walk->after;
	return nr;
}

/* Leave the listed process at hand. */
static void next_listed_pid(struct pcb_walk *walk)
{
	walk->index++;
	walk->next = 0;
	walk->after = 0;
	walk->used = 0;
	walk->only = 0;
}

/* Threads of one listed process; NULL: none left, or budget spent. */
static struct task_struct *next_thread_of(struct pcb_walk *walk,
					  struct task_struct *leader)
{
	struct task_struct *task;

	walk->only = leader->tgid;
	if (!scan_table(walk, &task, &walk->tid, 1))
		task = NULL;
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

/* Up to @max tasks of the list. */
static unsigned int batch_of_list(struct pcb_walk *walk,
				  struct pcb_batch *batch, unsigned int max)
{
	unsigned int nr = 0;

	while (nr < max) {
		const u32 index = walk->index;
		struct task_struct *task = next_in_list(walk);

		if (!task)
			break;
		batch->task[nr] = task;
		batch->tid[nr] = walk->tid;
		batch->index[nr++] = index;
	}
	walk->nr_listed += nr;
	return nr;
}

/**
 * pcb_walk_batch() - the next few tasks
 * @walk: the walk
 * @batch: filled
 * @max: how many at most, no more than PCB_BATCH_TASKS
 *
 * Context: under rcu_read_lock(), behind pcb_walk_enter(). The tasks are not
 * referenced: they are there until rcu_read_unlock().
 * Return: how many tasks; fewer than @max when the walk has ended (walk->done),
 * or when this RCU section has seen enough.
 */
unsigned int pcb_walk_batch(struct pcb_walk *walk, struct pcb_batch *batch,
			    unsigned int max)
{
	if (walk->pids)
		return batch_of_list(walk, batch, max);
	return scan_table(walk, batch->task, batch->tid, max);
}

/**
 * pcb_walk_rewind() - go on with a task of the batch next time
 * @walk: the walk
 * @batch: the batch that was returned last
 * @nr: which task of it
 */
void pcb_walk_rewind(struct pcb_walk *walk, const struct pcb_batch *batch,
		     unsigned int nr)
{
	if (walk->pids)
		walk->index = batch->index[nr];
	walk->next = batch->tid[nr];
	walk->used = 0;
	walk->done = false;
}
