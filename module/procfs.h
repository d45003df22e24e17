/* SPDX-License-Identifier: GPL-2.0 */
/*
 * procfs.h - what the files of /proc/pcbscope share.
 */
#ifndef _PCB_PROCFS_H
#define _PCB_PROCFS_H

#include <linux/seq_file.h>

#include "pcb.h"

/**
 * struct pcb_text - one open text file
 * @entry: which one
 * @opener: the reader
 * @flags: PCBSCOPE_QUERY_* that the reader chose
 * @pid: whose PCB; 0 until one was written
 * @forest: the tree that is being read
 * @q: the walk that is being listed
 * @buf: PCB_BOUNCE_BYTES of zeroed memory, for records
 * @at: offset of the record at hand
 * @index: its place in the listing
 */
struct pcb_text {
	const struct pcb_entry *entry;
	struct pcb_opener *opener;
	u64 flags;
	u32 pid;
	struct pcb_forest *forest;
	struct pcb_query q;
	void *buf;
	size_t at;
	loff_t index;
};

/**
 * struct pcb_entry - one file of the folder
 * @name: its name
 * @mode: its mode
 * @ops: how it is read; stop is pcb_procfs_stop()
 * @write: takes a word that was written, without its newline; may be NULL
 */
struct pcb_entry {
	const char *name;
	umode_t mode;
	const struct seq_operations *ops;
	int (*write)(struct pcb_text *t, const char *word);
};

/* procfs.c */
void *pcb_procfs_start(struct seq_file *m, loff_t *pos);
void *pcb_procfs_next(struct seq_file *m, void *v, loff_t *pos);
void pcb_procfs_stop(struct seq_file *m, void *v);

extern const struct seq_operations pcb_proc_tasks_ops;
extern const struct seq_operations pcb_proc_tree_ops;
extern const struct seq_operations pcb_proc_states_ops;
extern const struct seq_operations pcb_proc_pcb_ops;
int pcb_proc_pcb_write(struct pcb_text *t, const char *word);

#endif /* _PCB_PROCFS_H */
