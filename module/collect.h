/* SPDX-License-Identifier: GPL-2.0 */
/*
 * collect.h - the table of collectors, in mask order.
 *
 * One pcb_<group>_fill() for each group of the field list, made from the list.
 * A collector fills one group of one record and does nothing else.
 *
 * Context: of a CHEAP group, under rcu_read_lock(), must not sleep. Of a PINNED
 * group, look->task is referenced, no lock is held, may sleep.
 */
#ifndef _PCB_COLLECT_H
#define _PCB_COLLECT_H

#include "pcb.h"

#define PCB_GROUP(bit, NAME, name, box, flags) \
	void pcb_##name##_fill(struct pcb_look *look, \
			       struct pcbscope_##name *out);
#include "pcbscope_fields.h"

/* collect_memory.c: replaces the approximate resident sizes. */
void pcb_memory_sum(struct pcb_look *look);

#endif /* _PCB_COLLECT_H */
