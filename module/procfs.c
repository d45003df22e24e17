// SPDX-License-Identifier: GPL-2.0
/*
 * procfs.c - /proc/pcbscope: text, for eyes and shell.
 *
 * A few fixed files, each open of which is a reader of its own. Writing
 * "threads" or "processes" to an open list chooses what it lists; writing a pid
 * to an open pcb chooses whose PCB it shows. That is the book's exercise (a
 * /proc entry into which a pid is written), without its race between readers.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/utsname.h>

#include "procfs.h"

#define WORD_BYTES_MAX 32	/* longest word that may be written */

/**
 * pcb_procfs_start() - begin to read a file that shows one object
 * @m: the seq_file; its private member is a struct pcb_text
 * @pos: position
 *
 * Return: a token for the object, NULL behind it; the opener's lock is held.
 */
void *pcb_procfs_start(struct seq_file *m, loff_t *pos)
{
	struct pcb_text *t = m->private;

	mutex_lock(&t->opener->lock);
	return *pos ? NULL : SEQ_START_TOKEN;
}

/**
 * pcb_procfs_next() - there is one object only
 * @m: the seq_file
 * @v: the object
 * @pos: position
 *
 * Return: NULL.
 */
void *pcb_procfs_next(struct seq_file *m, void *v, loff_t *pos)
{
	++*pos;
	return NULL;
}

/**
 * pcb_procfs_stop() - release the opener's lock
 * @m: the seq_file
 * @v: unused
 */
void pcb_procfs_stop(struct seq_file *m, void *v)
{
	struct pcb_text *t = m->private;

	mutex_unlock(&t->opener->lock);
}

static int version_show(struct seq_file *m, void *v)
{
	seq_printf(m, "module:\t%s\nabi:\t%u.%u\nkernel:\t%s\narch:\t%s\n",
		   PCBSCOPE_VERSION, PCBSCOPE_ABI_MAJOR, PCBSCOPE_ABI_MINOR,
		   init_utsname()->release, init_utsname()->machine);
	return 0;
}

static const struct seq_operations version_ops = {
	.start = pcb_procfs_start,
	.next = pcb_procfs_next,
	.stop = pcb_procfs_stop,
	.show = version_show,
};

static int write_choice(struct pcb_text *t, const char *word)
{
	if (!strcmp(word, "threads"))
		t->flags = PCBSCOPE_QUERY_THREADS;
	else if (!strcmp(word, "processes"))
		t->flags = 0;
	else
		return -EINVAL;
	return 0;
}

static const struct pcb_entry entries[] = {
	{ "version", 0400, &version_ops },
	{ "tasks", 0600, &pcb_proc_tasks_ops, write_choice },
	{ "tree", 0600, &pcb_proc_tree_ops, write_choice },
	{ "states", 0600, &pcb_proc_states_ops, write_choice },
	{ "pcb", 0600, &pcb_proc_pcb_ops, pcb_proc_pcb_write },
};

static struct pcb_text *text_of(const struct file *file)
{
	const struct seq_file *m = file->private_data;

	return m->private;
}

static void free_text(struct pcb_text *t)
{
	if (!IS_ERR_OR_NULL(t->opener))
		pcb_access_close(t->opener);
	pcb_forest_put(t->forest);
	kvfree(t->buf);
	kfree(t);
}

static int text_open(struct inode *inode, struct file *file)
{
	struct pcb_text *t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);
	int err;

	if (!t)
		return -ENOMEM;
	t->entry = pde_data(inode);
	t->opener = pcb_access_open(file, PCB_KIND_TEXT);
	err = PTR_ERR_OR_ZERO(t->opener);
	if (!err) {
		t->buf = kvzalloc(PCB_BOUNCE_BYTES, GFP_KERNEL_ACCOUNT);
		err = t->buf ? seq_open(file, t->entry->ops) : -ENOMEM;
	}
	if (err)
		free_text(t);
	else
		((struct seq_file *)file->private_data)->private = t;
	return err;
}

static int text_release(struct inode *inode, struct file *file)
{
	free_text(text_of(file));
	return seq_release(inode, file);
}

static ssize_t text_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	const struct file *file = iocb->ki_filp;
	int err = pcb_access_check(text_of(file)->opener, file);

	return err ?: seq_read_iter(iocb, to);
}

/* The read position stays: a write chooses, it does not move. */
static ssize_t text_write(struct file *file, const char __user *from,
			  size_t bytes, loff_t *pos)
{
	struct pcb_text *t = text_of(file);
	char word[WORD_BYTES_MAX];
	int err = pcb_access_check(t->opener, file);

	if (err)
		return err;
	if (!bytes || bytes >= sizeof(word))
		return -EINVAL;
	if (copy_from_user(word, from, bytes))
		return -EFAULT;
	word[bytes] = '\0';
	if (strlen(word) != bytes)
		return -EINVAL;
	if (word[bytes - 1] == '\n')
		word[bytes - 1] = '\0';
	err = mutex_lock_interruptible(&t->opener->lock);
	if (err)
		return err;
	err = t->entry->write(t, word);
	mutex_unlock(&t->opener->lock);
	return err ?: bytes;
}

static const struct proc_ops read_ops = {
	.proc_open = text_open,
	.proc_read_iter = text_read_iter,
	.proc_lseek = seq_lseek,
	.proc_release = text_release,
};

static const struct proc_ops write_ops = {
	.proc_open = text_open,
	.proc_read_iter = text_read_iter,
	.proc_write = text_write,
	.proc_lseek = seq_lseek,
	.proc_release = text_release,
};

static struct proc_dir_entry *folder;

/**
 * pcb_procfs_init() - make /proc/pcbscope and its files
 *
 * Return: 0, or -ENOMEM with nothing left behind.
 */
int pcb_procfs_init(void)
{
	unsigned int i;

	folder = proc_mkdir_mode("pcbscope", 0500, NULL);
	if (!folder)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(entries); i++) {
		const struct pcb_entry *entry = &entries[i];

		if (!proc_create_data(entry->name, entry->mode, folder,
				      entry->write ? &write_ops : &read_ops,
				      (void *)entry)) {
			proc_remove(folder);
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * pcb_procfs_exit() - remove the files
 *
 * Context: waits for readers inside; files that are still open are released
 * here and fail from then on.
 */
void pcb_procfs_exit(void)
{
	proc_remove(folder);
}
