// SPDX-License-Identifier: GPL-2.0
/*
 * proc_states.c - /proc/pcbscope/states: how many are in each state (3.1.2),
 * and who runs on each CPU.
 *
 * Processes are counted by the state of their first thread, as ps shows them;
 * with "threads" chosen, every thread counts. A CPU is run by a thread in any
 * case; "-" where none was met on it: it idles, runs what this reader cannot
 * see, or was switching.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "procfs.h"

struct census {
	u32 nr[PCBSCOPE_NR_STATES];
	struct pcbscope_identity *running;	/* for each CPU; tid 0: nobody */
};

static void count_record(const struct pcb_text *t, struct census *census,
			 const struct pcbscope_record *record)
{
	const struct pcbscope_identity *id = pcb_fields_group(record, 0);
	const struct pcbscope_state *state = pcb_fields_group(record, 1);

	if (t->flags || id->tid == id->pid)
		census->nr[state->state]++;
	if (state->state == PCBSCOPE_STATE_RUNNING)
		census->running[state->cpu] = *id;
}

/* One walk over all threads. The opener's lock is held. */
static int take_census(struct pcb_text *t, struct census *census)
{
	int err;

	t->q = (struct pcb_query) {
		.opener = t->opener,
		.groups = PCBSCOPE_GROUP_STATE,
		.flags = PCBSCOPE_QUERY_THREADS,
	};
	err = pcb_query_begin(&t->q, 0);
	while (!err && !t->q.walk.done) {
		size_t at = 0;

		err = pcb_query_fill(&t->q, t->buf, PCB_BOUNCE_BYTES);
		while (!err && at < t->q.used_bytes) {
			const struct pcbscope_record *record = t->buf + at;

			count_record(t, census, record);
			at += record->bytes;
		}
		if (!err && signal_pending(current))
			err = -ERESTARTSYS;
	}
	return err;
}

static void show_census(struct seq_file *m, const struct census *census)
{
	unsigned int i;

	for (i = 0; i < PCBSCOPE_NR_STATES; i++)
		seq_printf(m, "%s:\t%u\n",
			   pcb_fields_word(PCBSCOPE_WORDS_STATE, i),
			   census->nr[i]);
	for_each_online_cpu(i) {
		const struct pcbscope_identity *id = &census->running[i];

		seq_printf(m, "cpu%u:\t", i);
		if (id->tid) {
			seq_printf(m, "%u %u ", id->pid, id->tid);
			pcb_text_show_comm(m, id->comm);
		} else {
			seq_putc(m, '-');
		}
		seq_putc(m, '\n');
	}
}

static int states_show(struct seq_file *m, void *v)
{
	struct census census = { 0 };
	int err = -ENOMEM;

	census.running = kvcalloc(nr_cpu_ids, sizeof(*census.running),
				  GFP_KERNEL_ACCOUNT);
	if (census.running)
		err = take_census(m->private, &census);
	if (!err)
		show_census(m, &census);
	kvfree(census.running);
	return err;
}

const struct seq_operations pcb_proc_states_ops = {
	.start = pcb_procfs_start,
	.next = pcb_procfs_next,
	.stop = pcb_procfs_stop,
	.show = states_show,
};
