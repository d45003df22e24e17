// SPDX-License-Identifier: GPL-2.0
/*
 * forest.c - the process tree, from records (3.3.1).
 *
 * The kernel's own lists of children may only be walked under a lock that
 * modules do not get. The tree is rebuilt from the parents' ids instead. Tasks
 * were looked at one after the other, so an id may have been reused meanwhile:
 * a parent is taken for one only if it is older than the child. Then no chain
 * of parents can close, whatever happened.
 */
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>

#include "pcb.h"

#define NO_NODE		(~0U)
#define NODES_AT_ONCE	1024
#define TASKS_MIN	256
#define TASKS_MAX	(1024 * 1024)	/* of one tree: 72 MiB */

struct pcb_node {
	u64 start_ns;
	u32 tid;
	u32 pid;
	u32 ppid;
	u32 state;
	u32 letter;
	u32 threads;
	u32 parent;
	u32 child;
	u32 sibling;
	u32 depth;
	char comm[16];
};

struct pcb_forest {
	struct pcb_node *nodes;	/* in ascending order of tid */
	u32 *order;		/* depth first */
	u32 nr;
	u32 max;
	u32 root;		/* the first one; further ones are siblings */
};

/**
 * pcb_forest_put() - free a forest
 * @forest: from pcb_forest_get(), or NULL
 */
void pcb_forest_put(struct pcb_forest *forest)
{
	if (!forest)
		return;
	kvfree(forest->nodes);
	kvfree(forest->order);
	kfree(forest);
}

static int grow(struct pcb_forest *f)
{
	const u32 max = f->max ? f->max * 2 : TASKS_MIN;
	struct pcb_node *nodes;

	if (max > TASKS_MAX)
		return -E2BIG;
	nodes = kvmalloc_array(max, sizeof(*nodes), GFP_KERNEL_ACCOUNT);
	if (!nodes)
		return -ENOMEM;
	if (f->nr)
		memcpy(nodes, f->nodes, f->nr * sizeof(*nodes));
	kvfree(f->nodes);
	f->nodes = nodes;
	f->max = max;
	return 0;
}

static int add_record(struct pcb_forest *f,
		      const struct pcbscope_record *record)
{
	const struct pcbscope_identity *id = pcb_fields_group(record, 0);
	const struct pcbscope_state *state = pcb_fields_group(record, 1);
	int err = f->nr == f->max ? grow(f) : 0;

	if (err)
		return err;
	f->nodes[f->nr++] = (struct pcb_node) {
		.start_ns = id->start_boottime_ns,
		.tid = id->tid,
		.pid = id->pid,
		.ppid = id->ppid,
		.state = state->state,
		.letter = state->kernel_state,
		.threads = id->threads,
		.parent = NO_NODE,
		.child = NO_NODE,
		.sibling = NO_NODE,
	};
	memcpy(f->nodes[f->nr - 1].comm, id->comm, sizeof(id->comm));
	return 0;
}

/* All tasks, in ascending order of tid. The opener's lock is held. */
static int add_tasks(struct pcb_forest *f, struct pcb_query *q, void *buf)
{
	int err;

	err = pcb_query_begin(q, 0);
	while (!err && !q->walk.done) {
		size_t at = 0;

		err = pcb_query_fill(q, buf, PCB_BOUNCE_BYTES);
		while (!err && at < q->used_bytes) {
			const struct pcbscope_record *record = buf + at;

			err = add_record(f, record);
			at += record->bytes;
		}
		if (!err && signal_pending(current))
			err = -ERESTARTSYS;
	}
	return err;
}

/* The node with that tid, or NO_NODE. */
static u32 find_node(const struct pcb_forest *f, u32 tid)
{
	u32 low = 0, high = f->nr;

	while (low < high) {
		const u32 mid = low + (high - low) / 2;

		if (f->nodes[mid].tid < tid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < f->nr && f->nodes[low].tid == tid ? low : NO_NODE;
}

static bool is_older(const struct pcb_node *a, const struct pcb_node *b)
{
	return a->start_ns < b->start_ns ||
		(a->start_ns == b->start_ns && a->tid < b->tid);
}

/* A thread hangs below its process, a process below its parent. */
static u32 parent_of(const struct pcb_forest *f, const struct pcb_node *node)
{
	const u32 parent = find_node(f, node->tid == node->pid ? node->ppid :
				     node->pid);

	if (parent == NO_NODE || !is_older(&f->nodes[parent], node))
		return NO_NODE;
	return parent;
}

/* From the last to the first, so that siblings end up in ascending order. */
static void link_nodes(struct pcb_forest *f)
{
	u32 i = f->nr;

	f->root = NO_NODE;
	while (i-- > 0) {
		struct pcb_node *node = &f->nodes[i];
		u32 *first;

		node->parent = parent_of(f, node);
		first = node->parent == NO_NODE ? &f->root :
			&f->nodes[node->parent].child;
		node->sibling = *first;
		*first = i;
		if (!(i % NODES_AT_ONCE))
			cond_resched();
	}
}

/* Depth first, without recursion: down, else across, else up and across. */
static int order_nodes(struct pcb_forest *f)
{
	u32 at = f->root, depth = 0, nr = 0;

	f->order = kvmalloc_array(max(f->nr, 1U), sizeof(*f->order),
				  GFP_KERNEL_ACCOUNT);
	if (!f->order)
		return -ENOMEM;
	while (at != NO_NODE) {
		f->order[nr++] = at;
		f->nodes[at].depth = depth;
		if (!(nr % NODES_AT_ONCE))
			cond_resched();
		if (f->nodes[at].child != NO_NODE) {
			at = f->nodes[at].child;
			depth++;
			continue;
		}
		while (f->nodes[at].sibling == NO_NODE &&
		       f->nodes[at].parent != NO_NODE) {
			at = f->nodes[at].parent;
			depth--;
		}
		at = f->nodes[at].sibling;
	}
	return 0;
}

/**
 * pcb_forest_get() - the process tree of this moment
 * @opener: the reader, whose lock is held
 * @flags: 0, or PCBSCOPE_QUERY_THREADS
 *
 * Context: process context, may sleep.
 * Return: a forest for pcb_forest_put(), charged to the reader; -ENOMEM,
 * -ERESTARTSYS, -E2BIG.
 */
struct pcb_forest *pcb_forest_get(struct pcb_opener *opener, u64 flags)
{
	struct pcb_query q = {
		.opener = opener,
		.groups = PCBSCOPE_GROUP_IDENTITY | PCBSCOPE_GROUP_STATE,
		.flags = flags,
	};
	struct pcb_forest *f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);
	void *buf = kvzalloc(PCB_BOUNCE_BYTES, GFP_KERNEL_ACCOUNT);
	int err = f && buf ? 0 : -ENOMEM;

	if (!err)
		err = add_tasks(f, &q, buf);
	kvfree(buf);
	if (!err) {
		link_nodes(f);
		err = order_nodes(f);
	}
	if (!err)
		return f;
	pcb_forest_put(f);
	return ERR_PTR(err);
}

/**
 * pcb_forest_next() - a node by its place in depth-first order
 * @forest: the forest
 * @index: its place, from 0
 *
 * Return: the node, owned by the forest; NULL behind the last.
 */
const struct pcb_node *pcb_forest_next(const struct pcb_forest *forest,
				       loff_t index)
{
	if (index < 0 || index >= forest->nr)
		return NULL;
	return &forest->nodes[forest->order[index]];
}

/**
 * pcb_forest_show() - write a node as a line of /proc/pcbscope/tree
 * @m: where to
 * @node: the node, or NULL for the header line
 */
void pcb_forest_show(struct seq_file *m, const struct pcb_node *node)
{
	if (!node) {
		seq_puts(m, "    PID     TID    PPID DEPTH STATE      S THREADS COMM\n");
		return;
	}
	seq_printf(m, "%7u %7u %7u %5u %-10s %c %7u %*s", node->pid, node->tid,
		   node->ppid, node->depth,
		   pcb_fields_word(PCBSCOPE_WORDS_STATE, node->state),
		   node->letter, node->threads,
		   2 * min(node->depth, 64U), "");
	pcb_text_show_comm(m, node->comm);
	seq_putc(m, '\n');
}
