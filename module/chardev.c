// SPDX-License-Identifier: GPL-2.0
/*
 * chardev.c - /dev/pcbscope: decodes requests, encodes answers, and no more.
 */
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/utsname.h>

#include "pcb.h"

#define IDS_AT_ONCE 256

struct reader {
	struct pcb_opener *opener;
	struct pcb_area *area;
};

/* One PCBSCOPE_IOC_QUERY on its way. */
struct request {
	struct pcb_query q;
	struct pcbscope_query *user;
	void *area;
	void *bounce;
	size_t bounce_bytes;
	bool stop;
	u32 ids[IDS_AT_ONCE];
};

static int check_info(const struct pcbscope_info *info)
{
	return info->reserved ? -EINVAL : 0;
}

static void fill_info(struct pcbscope_info *info)
{
	const struct new_utsname *uts = init_utsname();
	unsigned int cpu;

	*info = (struct pcbscope_info) {
		.abi_major = PCBSCOPE_ABI_MAJOR,
		.abi_minor = PCBSCOPE_ABI_MINOR,
		.groups = PCB_GROUPS_ALL,
		.cheap_groups = PCB_GROUPS_CHEAP,
		.query_flags = pcb_query_flags(),
		.generation = pcb_query_generation(),
		.boottime_ns = ktime_get_boottime_ns(),
		.tick_ns = TICK_NSEC,
		.area_bytes_max = PCB_AREA_BYTES_MAX,
		.nr_cpus = nr_cpu_ids,
		.page_bytes = PAGE_SIZE,
		.record_bytes_max = PCB_RECORD_BYTES_MAX,
		.module_version = PCBSCOPE_VERSION,
	};
	strscpy(info->kernel_release, uts->release,
		sizeof(info->kernel_release));
	strscpy(info->arch, uts->machine, sizeof(info->arch));
	for_each_online_cpu(cpu)
		if (cpu < 64 * ARRAY_SIZE(info->online_cpus))
			info->online_cpus[cpu / 64] |= 1ULL << cpu % 64;
}

static long do_info(void __user *arg, size_t bytes)
{
	struct pcbscope_info *info;
	long err;

	if (bytes < PCBSCOPE_INFO_SIZE_VER0)
		return -EINVAL;
	info = kzalloc(sizeof(*info), GFP_KERNEL_ACCOUNT);
	if (!info)
		return -ENOMEM;
	err = copy_struct_from_user(info, sizeof(*info), arg, bytes);
	if (!err)
		err = check_info(info);
	if (!err) {
		fill_info(info);
		if (copy_to_user(arg, info, min(bytes, sizeof(*info))))
			err = -EFAULT;
	}
	kfree(info);
	return err;
}

/* The blob: groups, fields, words. */
static int copy_schema(void __user *to)
{
	const size_t groups = pcb_fields_nr_groups * sizeof(*pcb_fields_groups);
	const size_t fields = pcb_fields_nr * sizeof(*pcb_fields_list);
	const size_t words = pcb_fields_nr_words * sizeof(*pcb_fields_words);

	if (copy_to_user(to, pcb_fields_groups, groups) ||
	    copy_to_user(to + groups, pcb_fields_list, fields) ||
	    copy_to_user(to + groups + fields, pcb_fields_words, words))
		return -EFAULT;
	return 0;
}

static long do_schema(void __user *arg, size_t bytes)
{
	struct pcbscope_schema s = { 0 };
	long err;

	if (bytes < PCBSCOPE_SCHEMA_SIZE_VER0)
		return -EINVAL;
	err = copy_struct_from_user(&s, sizeof(s), arg, bytes);
	if (err)
		return err;
	if (s.flags || s.reserved || (!s.buf && s.buf_bytes))
		return -EINVAL;
	s.nr_groups = pcb_fields_nr_groups;
	s.nr_fields = pcb_fields_nr;
	s.nr_words = pcb_fields_nr_words;
	s.group_bytes = sizeof(struct pcbscope_group);
	s.field_bytes = sizeof(struct pcbscope_field);
	s.word_bytes = sizeof(struct pcbscope_word);
	s.used_bytes = s.nr_groups * s.group_bytes +
		s.nr_fields * s.field_bytes + s.nr_words * s.word_bytes;
	if (s.buf_bytes < s.used_bytes)
		err = -EOVERFLOW;
	else
		err = copy_schema(u64_to_user_ptr(s.buf));
	if (err && err != -EOVERFLOW)
		return err;
	if (copy_to_user(arg, &s, min(bytes, sizeof(s))))
		return -EFAULT;
	return err;
}

static int check_query(const struct reader *reader,
		       const struct pcbscope_query *u)
{
	const bool mapped = u->flags & PCBSCOPE_QUERY_MAPPED;
	const u64 known = PCBSCOPE_QUERY_THREADS | PCBSCOPE_QUERY_TIDS |
		PCBSCOPE_QUERY_MAPPED | PCBSCOPE_QUERY_EXACT_RSS;
	const struct pcb_area *area = READ_ONCE(reader->area);

	if ((u->groups & ~(u64)PCB_GROUPS_ALL) || (u->flags & ~known) ||
	    u->states >> PCBSCOPE_NR_STATES || u->reserved)
		return -EINVAL;
	if (!u->pids != !u->nr_pids || u->cursor >> 32 > u->nr_pids)
		return -EINVAL;
	if ((u->flags & PCBSCOPE_QUERY_TIDS) &&
	    (!u->pids || (u->flags & PCBSCOPE_QUERY_THREADS)))
		return -EINVAL;
	if (mapped && (u->buf || !area || u->buf_bytes > area->bytes))
		return -EINVAL;
	if (u->flags & ~pcb_query_flags())
		return -EOPNOTSUPP;
	return 0;
}

/* Fill the reader's buffer from the ids at hand, or from all tasks. */
static int transfer(struct request *r)
{
	struct pcbscope_query *u = r->user;
	struct pcb_query *q = &r->q;

	while (!q->walk.done && !r->stop) {
		size_t left = u->buf_bytes - u->used_bytes;
		void *to = r->area ? r->area + u->used_bytes : r->bounce;
		int err;

		if (!r->area)
			left = min(left, r->bounce_bytes);
		/* Records of cheap groups: one RCU section's at once. */
		if (!r->area && !(q->groups & PCB_GROUPS_PINNED))
			left = min(left, PCB_SECTION_TASKS * q->fixed_bytes);
		err = pcb_query_fill(q, to, left);
		if (err == -EOVERFLOW) {
			u->needed_bytes = q->needed_bytes;
			r->stop = true;
			return u->nr_records ? 0 : err;
		}
		if (!r->area &&
		    copy_to_user(u64_to_user_ptr(u->buf + u->used_bytes), to,
				 q->used_bytes))
			return -EFAULT;
		u->used_bytes += q->used_bytes;
		u->nr_records += q->nr_records;
		r->stop = signal_pending(current);
	}
	return 0;
}

/* Take the next ids of the list; walk->done: there is none left. */
static int load_ids(struct request *r)
{
	struct pcb_walk *walk = &r->q.walk;
	const u64 at = r->user->pids + (u64)walk->first * sizeof(u32);

	walk->pids = r->ids;
	walk->nr_pids = min_t(u32, r->user->nr_pids - walk->first, IDS_AT_ONCE);
	walk->index = 0;
	walk->done = !walk->nr_pids;
	if (copy_from_user(r->ids, u64_to_user_ptr(at),
			   walk->nr_pids * sizeof(u32)))
		return -EFAULT;
	return 0;
}

static int transfer_list(struct request *r)
{
	struct pcb_walk *walk = &r->q.walk;
	int err;

	for (;;) {
		err = load_ids(r);
		if (err || walk->done)
			return err;
		err = transfer(r);
		if (err || !walk->done)
			return err;
		walk->first += walk->nr_pids;
		walk->next = 0;
	}
}

static int run_query(struct request *r)
{
	struct pcbscope_query *u = r->user;
	const u64 cursor = u->cursor;
	int err;

	if (u->pids)
		r->q.walk.pids = r->ids;
	err = pcb_query_begin(&r->q, cursor);
	if (err)
		return err;
	u->boottime_ns = r->q.opener->boottime_ns;
	u->generation = r->q.opener->generation;
	err = u->pids ? transfer_list(r) : transfer(r);
	if (!err && u->nr_pids == 1 && !cursor && !r->q.walk.nr_listed &&
	    r->q.walk.done)
		err = -ESRCH;
	u->cursor = pcb_query_cursor(&r->q);
	return err;
}

static int query_records(struct reader *reader, struct pcbscope_query *u)
{
	struct request *r;
	int err = -ENOMEM;

	r = kzalloc(sizeof(*r), GFP_KERNEL_ACCOUNT);
	if (!r)
		return err;
	r->user = u;
	r->q.opener = reader->opener;
	r->q.groups = u->groups;
	r->q.flags = u->flags;
	r->q.states = u->states;
	u->used_bytes = 0;
	u->needed_bytes = 0;
	u->nr_records = 0;
	if (u->flags & PCBSCOPE_QUERY_MAPPED) {
		r->area = reader->area->data;
	} else {
		r->bounce_bytes = min_t(u64, u->buf_bytes, PCB_BOUNCE_BYTES);
		/* Zeroed: only records ever lie in it. */
		r->bounce = kvzalloc(max_t(size_t, r->bounce_bytes, 8),
				     GFP_KERNEL_ACCOUNT);
	}
	if (r->area || r->bounce) {
		err = mutex_lock_interruptible(&reader->opener->lock);
		if (!err) {
			err = run_query(r);
			mutex_unlock(&reader->opener->lock);
		}
	}
	kvfree(r->bounce);
	kfree(r);
	return err;
}

static long do_query(struct reader *reader, void __user *arg, size_t bytes)
{
	struct pcbscope_query u = { 0 };
	long err;

	if (bytes < PCBSCOPE_QUERY_SIZE_VER0)
		return -EINVAL;
	err = copy_struct_from_user(&u, sizeof(u), arg, bytes);
	if (!err)
		err = check_query(reader, &u);
	if (!err)
		err = query_records(reader, &u);
	if (err && err != -EOVERFLOW)
		return err;
	if (copy_to_user(arg, &u, min(bytes, sizeof(u))))
		return -EFAULT;
	return err;
}

static long chardev_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	struct reader *reader = file->private_data;
	void __user *user = (void __user *)arg;
	const size_t bytes = _IOC_SIZE(cmd);
	int err;

	err = pcb_access_check(reader->opener, file);
	if (err)
		return err;
	if (_IOC_TYPE(cmd) != PCBSCOPE_IOC_MAGIC)
		return -ENOTTY;
	switch (_IOC_NR(cmd)) {
	case PCBSCOPE_IOC_NR_INFO:
		return do_info(user, bytes);
	case PCBSCOPE_IOC_NR_SCHEMA:
		return do_schema(user, bytes);
	case PCBSCOPE_IOC_NR_QUERY:
		return do_query(reader, user, bytes);
	}
	return -ENOTTY;
}

static int chardev_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct reader *reader = file->private_data;
	int err = pcb_access_check(reader->opener, file);

	return err ?: pcb_area_mmap(&reader->area, vma);
}

static int chardev_open(struct inode *inode, struct file *file)
{
	struct reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL_ACCOUNT);

	if (!reader)
		return -ENOMEM;
	reader->opener = pcb_access_open(file, PCB_KIND_DEVICE);
	if (IS_ERR(reader->opener)) {
		int err = PTR_ERR(reader->opener);

		kfree(reader);
		return err;
	}
	file->private_data = reader;
	return nonseekable_open(inode, file);
}

static int chardev_release(struct inode *inode, struct file *file)
{
	struct reader *reader = file->private_data;

	pcb_access_close(reader->opener);
	pcb_area_free(reader->area);
	kfree(reader);
	return 0;
}

static const struct file_operations chardev_fops = {
	.owner = THIS_MODULE,
	.open = chardev_open,
	.release = chardev_release,
	.unlocked_ioctl = chardev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = chardev_mmap,
};

static struct miscdevice chardev = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "pcbscope",
	.fops = &chardev_fops,
	.mode = 0400,
};

/**
 * pcb_chardev_init() - register the device
 *
 * Return: 0 or a negative errno.
 */
int pcb_chardev_init(void)
{
	return misc_register(&chardev);
}

/**
 * pcb_chardev_exit() - remove the device
 *
 * Context: no file is open; .owner sees to that.
 */
void pcb_chardev_exit(void)
{
	misc_deregister(&chardev);
}
