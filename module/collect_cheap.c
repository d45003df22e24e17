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
#include "collect_affinity.c"

/* Fill the cheap groups of a record, in mask order. Under RCU. */
static __always_inline void collect_cheap(struct pcb_look *look, u64 groups)
{
	char *at = (char *)(look->record + 1);

#define PCB_FILL_CHEAP(name) name##_fill(look, (void *)at)
#define PCB_FILL_PINNED(name) do { } while (0)
#define PCB_GROUP(bit, NAME, name, box, flags) \
	if (groups & PCBSCOPE_GROUP_##NAME) { \
		PCB_FILL_##flags(name); \
		at += sizeof(struct pcbscope_##name); \
	}
#include "pcbscope_fields.h"
#undef PCB_FILL_CHEAP
#undef PCB_FILL_PINNED
}
