// SPDX-License-Identifier: GPL-2.0
/*
 * walk.c - cursor -> task -> next.
 *
 * Every task, process or thread, has a number in the pid table of each
 * namespace that can see it. The walk goes through that table in ascending
 * order, one leaf (up to 64 ids) at a time, so that its whole position is a
 * number: it can stop anywhere, for any length of time, and go on without
 * having held a task. What lives through the walk under one number is met
 * exactly once under it; what is born meanwhile may be met or not. (exec(2) of a
 * thread moves the number of its process from one task_struct to another.)
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

/*
 * The tasks of the chunk at hand, in ascending order. Return: how many. The node
 * of a pid's list is part of its task: that spares a call for each task.
 */
static __always_inline unsigned int scan_chunk(struct pcb_walk *walk,
					       struct task_struct **tasks,
					       u32 *tids, unsigned int max,
					       enum pid_type type)
{
	void __rcu **const slots = walk->slots;
	const pid_t only = walk->only;
	const u32 base = walk->base;
	unsigned long used = walk->used;
	unsigned int nr = 0;

	while (used && nr < max) {
		const unsigned int bit = __ffs(used);
		struct pid *pid = rcu_dereference_raw(slots[bit]);
		struct hlist_node *first;
		struct task_struct *task;

		if (unlikely(radix_tree_is_internal_node(pid))) {
			/* The leaf moved: look this id up again. */
			walk->after = base + bit;
			used = 0;
			break;
		}
		used &= used - 1;
		if (!pid)
			continue;
		first = rcu_dereference(hlist_first_rcu(&pid->tasks[type]));
		if (!first)
			continue;
		task = pcb_compat_pid_entry(first, type);
		if (only && task->tgid != only)
			continue;
		tasks[nr] = task;
		tids[nr++] = base + bit;
	}
	walk->used = used;
	return nr;
}

/* The next tasks of the table, in ascending order. Return: how many. */
static __always_inline unsigned int scan(struct pcb_walk *walk,
					 struct task_struct **tasks, u32 *tids,
					 unsigned int max, enum pid_type type)
{
	unsigned int nr = 0;

	while (nr < max && (walk->used || load_chunk(walk)))
		nr += scan_chunk(walk, tasks + nr, tids + nr, max - nr, type);
	walk->next = walk->used ? walk->base + __ffs(walk->used) : walk->after;
	return nr;
}

/* Two copies, in which the type of id is a constant. */
static unsigned int scan_table(struct pcb_walk *walk,
			       struct task_struct **tasks, u32 *tids,
			       unsigned int max)
{
	if (walk->type == PIDTYPE_TGID)
		return scan(walk, tasks, tids, max, PIDTYPE_TGID);
	return scan(walk, tasks, tids, max, PIDTYPE_PID);
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

/* The next task of the list, and how to come back to it. */
static struct task_struct *next_in_list(struct pcb_walk *walk,
					struct pcb_place *place)
{
	bool threads = walk->type == PIDTYPE_PID && !walk->tids;

	while (walk->index < walk->nr_pids && walk->budget > 0) {
		const u32 index = walk->index, nr = walk->pids[index];
		struct pid *pid = nr > INT_MAX ? NULL :
			find_pid_ns(nr, walk->ns);
		struct task_struct *task = pid_task(pid, threads ?
					PIDTYPE_TGID : walk->type);

		if (task && threads &&
		    (walk->next || !thread_group_empty(task))) {
			task = next_thread_of(walk, task);
			if (task || walk->index == index) {
				*place = (struct pcb_place) { index, walk->tid };
				return task;
			}
		} else {
			next_listed_pid(walk);
			if (task)
				walk->tid = nr;
		}
		walk->budget--;
		*place = (struct pcb_place) { index, 0 };
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
	struct pcb_place place, *places = batch->places;
	unsigned int nr = 0;

	while (nr < max) {
		struct task_struct *task;

		task = next_in_list(walk, places ? &places[nr] : &place);
		if (!task)
			break;
		batch->task[nr] = task;
		batch->tid[nr++] = walk->tid;
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
 * @batch: the batch that was returned last, with places
 * @nr: which task of it
 */
void pcb_walk_rewind(struct pcb_walk *walk, const struct pcb_batch *batch,
		     unsigned int nr)
{
	if (walk->pids) {
		walk->index = batch->places[nr].index;
		walk->next = batch->places[nr].next;
	} else {
		walk->next = batch->tid[nr];
	}
	walk->only = 0;
	walk->used = 0;
	walk->done = false;
}
