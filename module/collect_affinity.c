// SPDX-License-Identifier: GPL-2.0
/*
 * collect_affinity.c - which CPUs the scheduler may choose from.
 *
 * The bitmap is as long as the machine has CPU numbers, which is why it is a
 * group of its own: who does not ask for it does not pay for it.
 */
#include <linux/cpumask.h>

#include "collect.h"

/**
 * pcb_affinity_fill() - fill the affinity group
 * @look: the look at hand
 * @out: the group's struct
 *
 * Context: look->task is referenced.
 */
void pcb_affinity_fill(struct pcb_look *look, struct pcbscope_affinity *out)
{
	const unsigned int words = BITS_TO_LONGS(nr_cpu_ids);
	const size_t bytes = words * sizeof(long);
	unsigned long *copy;

	static_assert(sizeof(long) == sizeof(u64));
	out->valid = PCB_VALID(affinity, cpus_allowed);
	out->cpus_allowed =
		pcb_query_append(look, cpumask_bits(&look->task->cpus_mask),
				 bytes);
	/* "All CPUs" has bits of CPUs that this machine can never have. */
	copy = (void *)look->record + out->cpus_allowed.offset;
	if (look->bytes <= pcb_room(look))
		copy[words - 1] &= BITMAP_LAST_WORD_MASK(nr_cpu_ids);
}
