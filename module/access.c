// SPDX-License-Identifier: GPL-2.0
/*
 * access.c - may this reader see this? The whole policy, nowhere else.
 *
 * Root mode: a reader holds CAP_SYS_PTRACE in the first user namespace when he
 * opens, whatever the mode of the file says by then. What he opened works for
 * him only: a descriptor that was passed on, inherited by a setuid program, or
 * carried into another pid namespace gives nothing.
 */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>

#include "pcb.h"

#define OPENERS_MAX		64	/* of a kind */
#define OPENERS_PER_UID_MAX	8	/* for any uid but 0 */

static LIST_HEAD(openers);
static DEFINE_MUTEX(openers_lock);

/* Take a place under the caps. */
static int count_opener(struct pcb_opener *opener)
{
	unsigned int nr = 0, nr_of_uid = 0;
	struct pcb_opener *other;
	int err = 0;

	mutex_lock(&openers_lock);
	list_for_each_entry(other, &openers, list) {
		if (other->kind != opener->kind)
			continue;
		nr++;
		nr_of_uid += uid_eq(other->uid, opener->uid);
	}
	if (nr >= OPENERS_MAX ||
	    (!uid_eq(opener->uid, GLOBAL_ROOT_UID) &&
	     nr_of_uid >= OPENERS_PER_UID_MAX))
		err = -EMFILE;
	else
		list_add(&opener->list, &openers);
	mutex_unlock(&openers_lock);
	return err;
}

static void free_opener(struct pcb_opener *opener)
{
	put_pid_ns(opener->pid_ns);
	kvfree(opener->seats);
	kfree(opener);
}

/**
 * pcb_access_open() - bind a new reader
 * @file: the file that is being opened; its f_cred outlives the opener
 * @kind: what he opens; each kind has a cap
 *
 * Context: process context, in open(2).
 * Return: the opener, for pcb_access_close(); -EPERM, -EMFILE, -ENOMEM.
 */
struct pcb_opener *pcb_access_open(const struct file *file, enum pcb_kind kind)
{
	struct pcb_opener *opener;
	int err;

	if (!ns_capable(&init_user_ns, CAP_SYS_PTRACE))
		return ERR_PTR(-EPERM);
	opener = kzalloc(sizeof(*opener), GFP_KERNEL_ACCOUNT);
	if (!opener)
		return ERR_PTR(-ENOMEM);
	opener->kind = kind;
	opener->uid = file->f_cred->euid;
	opener->user_ns = file->f_cred->user_ns;
	opener->pid_ns = get_pid_ns(task_active_pid_ns(current));
	opener->boottime_ns = ktime_get_boottime_ns();
	mutex_init(&opener->lock);
	opener->seats = kvcalloc(nr_cpu_ids, sizeof(u32), GFP_KERNEL_ACCOUNT);
	err = opener->seats ? count_opener(opener) : -ENOMEM;
	if (err) {
		free_opener(opener);
		return ERR_PTR(err);
	}
	return opener;
}

/**
 * pcb_access_close() - release a reader
 * @opener: from pcb_access_open()
 */
void pcb_access_close(struct pcb_opener *opener)
{
	mutex_lock(&openers_lock);
	list_del(&opener->list);
	mutex_unlock(&openers_lock);
	free_opener(opener);
}

static bool same_groups(const struct group_info *a, const struct group_info *b)
{
	return a == b || (a->ngroups == b->ngroups &&
			  !memcmp(a->gid, b->gid, a->ngroups * sizeof(kgid_t)));
}

static bool same_cred(const struct cred *a, const struct cred *b)
{
	return a == b ||
		(uid_eq(a->uid, b->uid) && uid_eq(a->euid, b->euid) &&
		 uid_eq(a->suid, b->suid) && uid_eq(a->fsuid, b->fsuid) &&
		 gid_eq(a->gid, b->gid) && gid_eq(a->egid, b->egid) &&
		 gid_eq(a->sgid, b->sgid) && gid_eq(a->fsgid, b->fsgid) &&
		 a->user_ns == b->user_ns &&
		 !memcmp(&a->cap_effective, &b->cap_effective,
			 sizeof(a->cap_effective)) &&
		 same_groups(a->group_info, b->group_info));
}

/**
 * pcb_access_check() - is it the opener who uses this descriptor now?
 * @opener: who opened
 * @file: the open file
 *
 * Return: 0, or -EPERM.
 */
int pcb_access_check(const struct pcb_opener *opener, const struct file *file)
{
	if (!same_cred(file->f_cred, current_cred()) ||
	    task_active_pid_ns(current) != opener->pid_ns)
		return -EPERM;
	return 0;
}

/**
 * pcb_access_may() - which groups this reader may see
 * @opener: the reader
 * @groups: what he asks for
 *
 * All groups so far need what open(2) already asked for.
 *
 * Return: the part of @groups that he gets.
 */
u64 pcb_access_may(const struct pcb_opener *opener, u64 groups)
{
	return groups;
}
