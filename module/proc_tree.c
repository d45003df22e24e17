// SPDX-License-Identifier: GPL-2.0
/*
 * proc_tree.c - /proc/pcbscope/tree: depth first, from every root.
 */
#include "procfs.h"

/* The tree is that of the moment when its first line was read. */
static void *tree_start(struct seq_file *m, loff_t *pos)
{
	struct pcb_text *t = m->private;

	mutex_lock(&t->opener->lock);
	if (!*pos) {
		pcb_forest_put(t->forest);
		t->forest = pcb_forest_get(t->opener, t->flags);
	}
	if (!t->forest)
		return NULL;
	if (IS_ERR(t->forest)) {
		void *err = t->forest;

		t->forest = NULL;
		return err;
	}
	return *pos ? (void *)pcb_forest_next(t->forest, *pos - 1) :
		SEQ_START_TOKEN;
}

/* Behind the last line nothing is kept. */
static void *tree_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct pcb_text *t = m->private;
	const struct pcb_node *node = pcb_forest_next(t->forest, (*pos)++);

	if (!node) {
		pcb_forest_put(t->forest);
		t->forest = NULL;
	}
	return (void *)node;
}

static int tree_show(struct seq_file *m, void *v)
{
	pcb_forest_show(m, v == SEQ_START_TOKEN ? NULL : v);
	return 0;
}

const struct seq_operations pcb_proc_tree_ops = {
	.start = tree_start,
	.next = tree_next,
	.stop = pcb_procfs_stop,
	.show = tree_show,
};
