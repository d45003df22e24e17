// SPDX-License-Identifier: GPL-2.0
/*
 * query.c - one request -> records.
 *
 * A request for cheap groups only is served in place: up to 64 tasks are
 * looked at inside one short RCU section. A request that needs more takes
 * references on a few tasks, leaves RCU, and fills their records one by one.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "collect.h"
#include "query_cheap.c"

static atomic64_t generation = ATOMIC64_INIT(0);

/**
 * pcb_query_flags() - PCBSCOPE_QUERY_* flags that this kernel can serve
 *
 * Return: the mask.
 */
u64 pcb_query_flags(void)
{
	u64 flags = PCBSCOPE_QUERY_THREADS | PCBSCOPE_QUERY_TIDS |
		    PCBSCOPE_QUERY_MAPPED;

	if (PCB_HAS_EXACT_RSS)
		flags |= PCBSCOPE_QUERY_EXACT_RSS;
	return flags;
}

/**
 * pcb_query_generation() - walks begun since the module was loaded
 *
 * Return: the count.
 */
u64 pcb_query_generation(void)
{
	return atomic64_read(&generation);
}

/* No record is longer than was promised: groups, CPUs, path and arguments. */
enum {
	all_groups_bytes = sizeof(struct pcbscope_record)
#define PCB_GROUP(bit, NAME, name, box, flags) \
	+ sizeof(struct pcbscope_##name)
#include "pcbscope_fields.h"
};

static_assert(all_groups_bytes + ALIGN(CONFIG_NR_CPUS, 64) / 8 + PATH_MAX +
	      PCB_CMDLINE_BYTES_MAX <= PCB_RECORD_BYTES_MAX);

/**
 * pcb_query_begin() - prepare a request
 * @q: the request, else zero; opener, groups, flags, states and the list are
 *     set, the list beginning where @cursor says
 * @cursor: 0, or what pcb_query_cursor() gave at the end of the call before
 *
 * Context: q->opener->lock is held.
 * Return: 0, or -EINVAL for a cursor that no walk can have given.
 */
int pcb_query_begin(struct pcb_query *q, u64 cursor)
{
	struct pcb_opener *opener = q->opener;

	lockdep_assert_held(&opener->lock);
	if (cursor >> 32 && !q->walk.pids)
		return -EINVAL;
	q->walk.first = cursor >> 32;
	if (!cursor) {
		opener->boottime_ns = ktime_get_boottime_ns();
		opener->generation = atomic64_inc_return(&generation);
		memset(opener->seats, 0, nr_cpu_ids * sizeof(u32));
	}
	q->groups |= PCBSCOPE_GROUP_IDENTITY;
	if (q->states)
		q->groups |= PCBSCOPE_GROUP_STATE;
	q->denied = q->groups & ~pcb_access_may(opener, q->groups);
	q->groups &= ~q->denied;
	q->walk.ns = opener->pid_ns;
	q->walk.tids = q->flags & PCBSCOPE_QUERY_TIDS;
	q->walk.type = q->flags & (PCBSCOPE_QUERY_THREADS |
				   PCBSCOPE_QUERY_TIDS) ?
		PIDTYPE_PID : PIDTYPE_TGID;
	q->walk.next = cursor;
	q->fixed_bytes = record_bytes(q->groups);
	return 0;
}

/**
 * pcb_query_cursor() - where the request stands
 * @q: the request
 *
 * Return: the number to go on with, 0 at the end.
 */
u64 pcb_query_cursor(const struct pcb_query *q)
{
	if (q->walk.done)
		return 0;
	return (u64)(q->walk.first + q->walk.index) << 32 | q->walk.next;
}

/**
 * pcb_query_append() - put a string or list behind the record's groups
 * @look: the look at hand
 * @data: what to put there
 * @bytes: its length
 *
 * A record that grows beyond its room is counted on, so that the length
 * needed is known, but nothing is written there.
 *
 * Return: where it lies; zero for a length of 0.
 */
struct pcbscope_ref pcb_query_append(struct pcb_look *look, const void *data,
				     size_t bytes)
{
	struct pcbscope_ref ref = { .offset = look->bytes, .bytes = bytes };
	size_t padded = ALIGN(bytes, 8);
	char *to = (char *)look->record + look->bytes;

	if (!bytes)
		return (struct pcbscope_ref) { 0 };
	look->bytes += padded;
	if (look->bytes <= pcb_room(look)) {
		memset(to + padded - 8, 0, 8);
		memcpy(to, data, bytes);
	}
	return ref;
}

/* Reference up to @max next tasks of the walk. Return: how many. */
static unsigned int pin_tasks(struct pcb_query *q, struct pcb_batch *batch,
			      unsigned int max)
{
	unsigned int i, nr;

	rcu_read_lock();
	pcb_walk_enter(&q->walk);
	nr = pcb_walk_batch(&q->walk, batch, max);
	for (i = 0; i < nr; i++)
		get_task_struct(batch->task[i]);
	rcu_read_unlock();
	return nr;
}

/*
 * exec(2) of a thread hands the id of the process from its first task to that
 * thread. Follow the id: the reference in @slot moves along. Under RCU. Return:
 * the task that has the id now, NULL if its process has gone.
 */
static struct task_struct *follow_id(const struct pcb_query *q,
				     struct task_struct **slot, u32 tid)
{
	struct task_struct *task = *slot, *heir;

	if (task_pid_nr_ns(task, q->walk.ns) == tid)
		return task;
	heir = pid_task(find_pid_ns(tid, q->walk.ns), q->walk.type);
	if (!heir || !same_thread_group(heir, task))
		return NULL;
	*slot = get_task_struct(heir);
	put_task_struct(task);
	return heir;
}

/* The cheap groups of a referenced task; false: gone, or not asked for. */
static bool fill_referenced(struct pcb_query *q, struct pcb_look *look,
			    struct task_struct **slot, u32 tid)
{
	bool wanted = false;

	rcu_read_lock();
	look->clock_ns = pcb_compat_sched_clock();
	look->task = follow_id(q, slot, tid);
	if (look->task) {
		begin_record(q, look, look->record, look->task, tid,
			     q->groups, q->fixed_bytes);
		wanted = is_wanted(look->record, q->states);
	} else {
		/* Reaped since it was pinned: as if it had not been found. */
		q->walk.nr_listed--;
	}
	rcu_read_unlock();
	return wanted;
}

/* The other groups, in mask order. The task is referenced. */
static void fill_others(struct pcb_look *look, u64 groups)
{
	char *at = (char *)(look->record + 1);

#define PCB_FILL_CHEAP(name) do { } while (0)
#define PCB_FILL_PINNED(name) pcb_##name##_fill(look, (void *)at)
#define PCB_GROUP(bit, NAME, name, box, flags) \
	if (groups & PCBSCOPE_GROUP_##NAME) { \
		PCB_FILL_##flags(name); \
		at += sizeof(struct pcbscope_##name); \
	}
#include "pcbscope_fields.h"
}

/* Groups that must not be torn by an exec(2) of the process. */
static bool needs_exec_lock(const struct pcb_query *q)
{
	return (q->groups & PCBSCOPE_GROUP_PROGRAM) ||
		(q->flags & PCBSCOPE_QUERY_EXACT_RSS);
}

/* One record with pinned groups; false: it did not fit. */
static bool fill_record(struct pcb_query *q, struct pcb_look *look,
			struct task_struct **slot, u32 tid)
{
	/* The same one for all tasks of the process. */
	struct rw_semaphore *exec = &(*slot)->signal->exec_update_lock;
	bool wanted;

	look->tid = tid;
	look->bytes = q->fixed_bytes;
	if (pcb_room(look) < q->fixed_bytes)
		return false;
	look->exec_locked = needs_exec_lock(q) && down_read_trylock(exec);
	wanted = fill_referenced(q, look, slot, tid);
	if (wanted && (q->flags & PCBSCOPE_QUERY_EXACT_RSS))
		sum_rss(look);
	if (wanted)
		fill_others(look, q->groups);
	if (look->exec_locked)
		up_read(exec);
	if (!wanted)
		return true;
	if (look->bytes > pcb_room(look))
		return false;
	look->record->bytes = look->bytes;
	look->record = (void *)look->record + look->bytes;
	q->nr_records++;
	return true;
}

/* A few records with pinned groups; false: the buffer is full. */
static bool fill_pinned(struct pcb_query *q, struct pcb_look *look)
{
	struct pcb_place places[PCB_PINNED_TASKS];
	struct pcb_batch batch pcb_compat_uninitialized;
	unsigned int i, nr;
	bool room = true;

	batch.places = places;
	nr = pin_tasks(q, &batch, PCB_PINNED_TASKS);
	for (i = 0; i < nr; i++) {
		if (room && !fill_record(q, look, &batch.task[i],
					 batch.tid[i])) {
			room = false;
			pcb_walk_rewind(&q->walk, &batch, i);
		}
		put_task_struct(batch.task[i]);
	}
	return room;
}

/* Length of the next record, which did not fit. */
static size_t measure_record(struct pcb_query *q, struct pcb_look look)
{
	struct pcbscope_record *scratch = kvmalloc(PCB_RECORD_BYTES_MAX,
						   GFP_KERNEL_ACCOUNT);
	struct pcb_place place;
	struct pcb_batch batch;
	size_t bytes = 0;

	batch.places = &place;
	if (scratch && pin_tasks(q, &batch, 1)) {
		look.record = scratch;
		look.end = (void *)scratch + PCB_RECORD_BYTES_MAX;
		fill_record(q, &look, &batch.task[0], batch.tid[0]);
		/* What was busy now need not be so the next time. */
		if (look.record != scratch && !scratch->busy)
			bytes = (char *)look.record - (char *)scratch;
		pcb_walk_rewind(&q->walk, &batch, 0);
		put_task_struct(batch.task[0]);
		q->nr_records = 0;
	}
	kvfree(scratch);
	/* Where it is not known (the task has gone, no memory): the longest. */
	return bytes ?: PCB_RECORD_BYTES_MAX;
}

/**
 * pcb_query_fill() - fill a buffer with as many whole records as fit
 * @q: the request, behind pcb_query_begin()
 * @buf: kernel memory that the reader may see all of, aligned to 8
 * @bytes: its length
 *
 * Records are appended at @buf from its start; q->used_bytes and q->nr_records
 * count this call only.
 *
 * Context: process context, may sleep. q->opener->lock is held.
 * Return: 0, also when a signal came before the end; -EOVERFLOW when not even one
 * record fits (q->needed_bytes).
 */
int pcb_query_fill(struct pcb_query *q, void *buf, size_t bytes)
{
	bool pinned = (q->groups & PCB_GROUPS_PINNED) ||
		(q->flags & PCBSCOPE_QUERY_EXACT_RSS);
	struct pcb_look look = {
		.opener = q->opener,
		.root_ids = q->opener->pid_ns == &init_pid_ns,
		.is_thread = q->walk.type == PIDTYPE_PID,
		.record = buf,
		.end = buf + bytes,
	};
	bool room = true;

	lockdep_assert_held(&q->opener->lock);
	q->nr_records = 0;
	while (room && !q->walk.done) {
		room = pinned ? fill_pinned(q, &look) : fill_cheap(q, &look);
		if (signal_pending(current))
			break;
		cond_resched();
	}
	q->used_bytes = (char *)look.record - (char *)buf;
	if (room || q->nr_records)
		return 0;
	q->needed_bytes = pinned ? measure_record(q, look) : q->fixed_bytes;
	return -EOVERFLOW;
}
