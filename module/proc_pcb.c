// SPDX-License-Identifier: GPL-2.0
/*
 * proc_pcb.c - /proc/pcbscope/pcb: write a pid, read that PCB.
 */
#include <linux/kernel.h>
#include <linux/seq_file.h>

#include "procfs.h"

static int query_pid(struct pcb_text *t, u32 pid, u64 groups, u64 flags)
{
	int err;

	t->q = (struct pcb_query) {
		.opener = t->opener,
		.groups = groups,
		.flags = flags,
		.walk = { .pids = &pid, .nr_pids = 1 },
	};
	err = pcb_query_begin(&t->q, 0);
	if (!err)
		err = pcb_query_fill(&t->q, t->buf, PCB_BOUNCE_BYTES);
	t->q.walk.pids = NULL;
	if (!err && !t->q.nr_records)
		err = -ESRCH;
	return err;
}

/* A process, else a single thread. The opener's lock is held. */
static int query_pcb(struct pcb_text *t, u32 pid, u64 groups)
{
	int err = query_pid(t, pid, groups, 0);

	if (err == -ESRCH)
		err = query_pid(t, pid, groups, PCBSCOPE_QUERY_TIDS);
	return err;
}

static void *pcb_start(struct seq_file *m, loff_t *pos)
{
	struct pcb_text *t = m->private;
	void *v = pcb_procfs_start(m, pos);
	int err = 0;

	if (!t->pid)
		err = -EINVAL;
	else if (v)
		err = query_pcb(t, t->pid, PCB_GROUPS_ALL);
	return err ? ERR_PTR(err) : v;
}

static int pcb_show(struct seq_file *m, void *v)
{
	struct pcb_text *t = m->private;

	pcb_text_show_record(m, t->buf);
	return 0;
}

const struct seq_operations pcb_proc_pcb_ops = {
	.start = pcb_start,
	.next = pcb_procfs_next,
	.stop = pcb_procfs_stop,
	.show = pcb_show,
};

/**
 * pcb_proc_pcb_write() - choose whose PCB is read
 * @t: the open file; its opener's lock is held
 * @word: a pid in decimal
 *
 * Return: 0; -EINVAL for anything but a pid, -ESRCH for one that nobody has.
 * Then the choice made before stands.
 */
int pcb_proc_pcb_write(struct pcb_text *t, const char *word)
{
	u32 pid;
	int err;

	if (kstrtou32(word, 10, &pid) || !pid || pid > INT_MAX)
		return -EINVAL;
	err = query_pcb(t, pid, PCBSCOPE_GROUP_IDENTITY);
	if (!err)
		t->pid = pid;
	return err;
}
