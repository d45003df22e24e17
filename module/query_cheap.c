// SPDX-License-Identifier: GPL-2.0
/*
 * query_cheap.c - records of cheap groups, part of query.c's unit.
 *
 * The collectors run once for each task of a walk, a few instructions for each
 * field. Inlined into the loop over the tasks they cost a third less, which is
 * why they are included here (as kernel/sched/build_policy.c includes the
 * scheduling policies).
 */
#include "collect_identity.c"
#include "collect_state.c"
#include "collect_scheduling.c"
#include "collect_accounting.c"
#include "collect_memory.c"
#include "collect_credentials.c"

/* Fill the cheap groups of a record, in mask order. Under RCU. */
static __always_inline void collect_cheap(const struct pcb_look *look,
					  struct task_struct *task, u32 tid,
					  char *at, u64 groups)
{
	/* As pcb_query_begin() saw to: one test less. */
	groups |= PCBSCOPE_GROUP_IDENTITY;

#define PCB_FILL_CHEAP(name) name##_fill(look, task, tid, (void *)at)
#define PCB_FILL_PINNED(name) do { } while (0)
#define PCB_LIKELY_CHEAP(condition) likely(condition)
#define PCB_LIKELY_PINNED(condition) unlikely(condition)
#define PCB_GROUP(bit, NAME, name, box, flags) \
	if (PCB_LIKELY_##flags(groups & PCBSCOPE_GROUP_##NAME)) { \
		PCB_FILL_##flags(name); \
		at += sizeof(struct pcbscope_##name); \
	}
#include "pcbscope_fields.h"
#undef PCB_FILL_CHEAP
#undef PCB_FILL_PINNED
#undef PCB_LIKELY_CHEAP
#undef PCB_LIKELY_PINNED
}

/* Length of a record, without strings and lists. */
static __always_inline size_t record_bytes(u64 groups)
{
	size_t bytes = sizeof(struct pcbscope_record);

#define PCB_GROUP(bit, NAME, name, box, flags) \
	if (groups & PCBSCOPE_GROUP_##NAME) \
		bytes += sizeof(struct pcbscope_##name);
#include "pcbscope_fields.h"
	return bytes;
}

/* Begin a record of a task, and fill its cheap groups. Under RCU. */
static __always_inline void begin_record(const struct pcb_query *q,
					 const struct pcb_look *look,
					 struct pcbscope_record *record,
					 struct task_struct *task, u32 tid,
					 u64 groups, size_t bytes)
{
	record->bytes = bytes;
	record->flags = look->is_thread ? PCBSCOPE_RECORD_IS_THREAD : 0;
	record->groups = groups;
	record->denied = q->denied;
	record->busy = 0;
	collect_cheap(look, task, tid, (char *)(record + 1), groups);
}

/* Is the state of that record one of those asked for? */
static __always_inline bool is_wanted(const struct pcbscope_record *record,
				      u64 states)
{
	const struct pcbscope_state *state;

	if (!states)
		return true;
	state = pcb_fields_group(record, ilog2(PCBSCOPE_GROUP_STATE));
	return states & BIT_ULL(state->state);
}

/* One RCU section of records of cheap groups; false: the buffer is full. */
static __always_inline bool fill_section(struct pcb_query *q,
					 struct pcb_look *look, u64 groups,
					 u64 states)
{
	const size_t bytes = __builtin_constant_p(groups) ?
		record_bytes(groups) : q->fixed_bytes;
	struct pcbscope_record *record = look->record;
	unsigned int i, nr, nr_wanted = 0;
	struct pcb_batch batch pcb_compat_uninitialized;

	if (look->end - (char *)record < bytes)
		return false;
	batch.places = NULL;
	rcu_read_lock();
	look->clock_ns = pcb_compat_sched_clock();
	pcb_walk_enter(&q->walk);
	nr = pcb_walk_batch(&q->walk, &batch,
			    min_t(size_t, PCB_BATCH_TASKS,
				  (look->end - (char *)record) / bytes));
	for (i = 0; i < nr; i++) {
		begin_record(q, look, record, batch.task[i], batch.tid[i],
			     groups, bytes);
		if (!is_wanted(record, states))
			continue;
		record = (void *)record + bytes;
		nr_wanted++;
	}
	rcu_read_unlock();
	look->record = record;
	q->nr_records += nr_wanted;
	return true;
}

/* The usual request: all of them, whatever the state. As constants. */
static noinline bool fill_usual(struct pcb_query *q, struct pcb_look *look)
{
	return fill_section(q, look, PCB_GROUPS_CHEAP, 0);
}

static noinline bool fill_cheap(struct pcb_query *q, struct pcb_look *look)
{
	if (q->groups == PCB_GROUPS_CHEAP && !q->states)
		return fill_usual(q, look);
	return fill_section(q, look, q->groups, q->states);
}
