// SPDX-License-Identifier: GPL-2.0
/*
 * collect_cheap.c - the collectors of cheap groups, part of query.c's unit.
 *
 * They run once for each task of a walk, a few instructions for each field.
 * Inlined into the loop over the tasks they cost a third less, which is why they
 * are included there (as kernel/sched/build_policy.c does with the policies).
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
