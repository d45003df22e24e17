/* SPDX-License-Identifier: GPL-2.0 */
/*
 * collect.h - the table of collectors, in mask order, made from the field list.
 *
 * A collector fills one group of one record and does nothing else.
 *
 * Context: of a CHEAP group, under rcu_read_lock(), must not sleep. Of a PINNED
 * group, look->task is referenced, no lock is held, may sleep.
 */
#ifndef _PCB_COLLECT_H
#define _PCB_COLLECT_H

#include "pcb.h"

/* One pcb_<group>_fill() for each group that needs its task referenced. */
#define PCB_DECLARE_CHEAP(name)
#define PCB_DECLARE_PINNED(name) \
	void pcb_##name##_fill(struct pcb_look *look, \
			       struct pcbscope_##name *out);
#define PCB_GROUP(bit, NAME, name, box, flags) PCB_DECLARE_##flags(name)
#include "pcbscope_fields.h"

#endif /* _PCB_COLLECT_H */
