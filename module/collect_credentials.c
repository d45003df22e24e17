// SPDX-License-Identifier: GPL-2.0
/*
 * collect_credentials.c - on whose behalf the process acts.
 *
 * The objective credentials: what others see when they act upon the task, as
 * /proc/PID/status prints them.
 */
#include <linux/cred.h>
#include <linux/user_namespace.h>

#include "collect.h"

static u32 user_id(const struct pcb_look *look, kuid_t uid)
{
	if (look->opener->user_ns == &init_user_ns)
		return __kuid_val(uid);
	return from_kuid_munged(look->opener->user_ns, uid);
}

static u32 group_id(const struct pcb_look *look, kgid_t gid)
{
	if (look->opener->user_ns == &init_user_ns)
		return __kgid_val(gid);
	return from_kgid_munged(look->opener->user_ns, gid);
}

/**
 * pcb_credentials_fill() - fill the credentials group
 * @look: the look at hand
 * @out: the group's struct
 *
 * Context: under rcu_read_lock().
 */
void pcb_credentials_fill(struct pcb_look *look,
			  struct pcbscope_credentials *out)
{
	const struct cred *cred = rcu_dereference(look->task->real_cred);

	out->valid = PCB_VALID(credentials, user_ns_depth) * 2 - 1;
	out->uid = user_id(look, cred->euid);
	out->ruid = user_id(look, cred->uid);
	out->suid = user_id(look, cred->suid);
	out->fsuid = user_id(look, cred->fsuid);
	out->gid = group_id(look, cred->egid);
	out->rgid = group_id(look, cred->gid);
	out->sgid = group_id(look, cred->sgid);
	out->fsgid = group_id(look, cred->fsgid);
	out->user_ns = cred->user_ns->ns.inum;
	out->user_ns_depth = cred->user_ns->level;
}
