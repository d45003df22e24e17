// SPDX-License-Identifier: GPL-2.0
/*
 * proc_tasks.c - /proc/pcbscope/tasks: a header line, then one line for each.
 */
#include <linux/sched/signal.h>

#include "procfs.h"

/* The record at hand, read from the walk where needed; NULL at the end. */
static struct pcbscope_record *current_record(struct pcb_text *t)
{
	while (t->at >= t->q.used_bytes) {
		int err;

		t->at = 0;
		t->q.used_bytes = 0;
		if (t->q.walk.done)
			return NULL;
		err = pcb_query_fill(&t->q, t->buf, PCB_BOUNCE_BYTES);
		if (!err && !t->q.used_bytes && signal_pending(current))
			err = -ERESTARTSYS;
		if (err)
			return ERR_PTR(err);
	}
	return t->buf + t->at;
}

static int restart_listing(struct pcb_text *t)
{
	t->q = (struct pcb_query) {
		.opener = t->opener,
		.groups = PCBSCOPE_GROUP_STATE | PCBSCOPE_GROUP_SCHEDULING |
			PCBSCOPE_GROUP_ACCOUNTING | PCBSCOPE_GROUP_MEMORY |
			PCBSCOPE_GROUP_CREDENTIALS | PCBSCOPE_GROUP_CPUTIME,
		.flags = t->flags,
	};
	t->at = 0;
	t->index = 0;
	return pcb_query_begin(&t->q, 0);
}

static void *step(struct pcb_text *t)
{
	const struct pcbscope_record *record = current_record(t);

	if (IS_ERR_OR_NULL(record))
		return (void *)record;
	t->at += record->bytes;
	t->index++;
	return current_record(t);
}

/* Place 0 is the header line, place n the n-th record. */
static void *tasks_start(struct seq_file *m, loff_t *pos)
{
	struct pcb_text *t = m->private;
	void *record;
	int err = 0;

	mutex_lock(&t->opener->lock);
	if (!*pos || *pos - 1 < t->index)
		err = restart_listing(t);
	if (err)
		return ERR_PTR(err);
	if (!*pos)
		return SEQ_START_TOKEN;
	record = current_record(t);
	while (t->index < *pos - 1 && !IS_ERR_OR_NULL(record))
		record = step(t);
	return record;
}

static void *tasks_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct pcb_text *t = m->private;

	++*pos;
	return v == SEQ_START_TOKEN ? current_record(t) : step(t);
}

/* A number of the cputime group, which may be busy. */
static void show_time(struct seq_file *m, const struct pcbscope_cputime *time,
		      u64 value)
{
	if (time->valid)
		seq_printf(m, "%12llu ", value);
	else
		seq_printf(m, "%12s ", "?");
}

static void show_header(struct seq_file *m)
{
	seq_puts(m, "    PID     TID    PPID STATE      S CPU POLICY    NICE PRIORITY THREADS        UID ");
	seq_puts(m, "    UTIME_NS     STIME_NS VOLUNTARY INVOLUNTARY  VSIZE_BYTES    RSS_BYTES START_BOOTTIME_NS COMM\n");
}

static int tasks_show(struct seq_file *m, void *v)
{
	const struct pcbscope_identity *id = pcb_fields_group(v, 0);
	const struct pcbscope_state *state = pcb_fields_group(v, 1);
	const struct pcbscope_scheduling *sched = pcb_fields_group(v, 2);
	const struct pcbscope_accounting *acct = pcb_fields_group(v, 3);
	const struct pcbscope_memory *memory = pcb_fields_group(v, 4);
	const struct pcbscope_credentials *cred = pcb_fields_group(v, 5);
	const struct pcbscope_cputime *time = pcb_fields_group(v, 7);

	seq_printf(m, "%7u %7u %7u %-10s %c %3u %-8s %5d %8d %7u %10u ",
		   id->pid, id->tid, id->ppid,
		   pcb_fields_word(PCBSCOPE_WORDS_STATE, state->state),
		   state->kernel_state, state->cpu,
		   pcb_fields_word(PCBSCOPE_WORDS_POLICY, sched->policy),
		   sched->nice, sched->priority, id->threads, cred->uid);
	show_time(m, time, time->utime_ns);
	show_time(m, time, time->stime_ns);
	seq_printf(m, "%9llu %11llu %12llu %12llu %17llu ",
		   acct->voluntary_switches, acct->involuntary_switches,
		   memory->vsize_bytes, memory->rss_bytes,
		   id->start_boottime_ns);
	pcb_text_show_comm(m, id->comm);
	seq_putc(m, '\n');
	return 0;
}

static int line_show(struct seq_file *m, void *v)
{
	if (v != SEQ_START_TOKEN)
		return tasks_show(m, v);
	show_header(m);
	return 0;
}

const struct seq_operations pcb_proc_tasks_ops = {
	.start = tasks_start,
	.next = tasks_next,
	.stop = pcb_procfs_stop,
	.show = line_show,
};
