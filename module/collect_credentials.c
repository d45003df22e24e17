// SPDX-License-Identifier: GPL-2.0
/*
 * collect_credentials.c - on whose behalf the process acts.
 *
 * The objective credentials: what others see when they act upon the task, as
 * /proc/PID/status prints them.
 */
#include <linux/cred.h>
#include <linux/user_namespace.h>

/* A reader in another user namespace sees his own numbers. */
static noinline void map_ids(struct user_namespace *ns, const struct cred *cred,
			     struct pcbscope_credentials *out)
{
	out->ruid = from_kuid_munged(ns, cred->uid);
	out->rgid = from_kgid_munged(ns, cred->gid);
	out->suid = from_kuid_munged(ns, cred->suid);
	out->sgid = from_kgid_munged(ns, cred->sgid);
	out->uid = from_kuid_munged(ns, cred->euid);
	out->gid = from_kgid_munged(ns, cred->egid);
	out->fsuid = from_kuid_munged(ns, cred->fsuid);
	out->fsgid = from_kgid_munged(ns, cred->fsgid);
}

/*
 * In the first user namespace the kernel's numbers are the reader's, and the
 * record keeps them in the kernel's order.
 */
static void copy_ids(const struct cred *cred, struct pcbscope_credentials *out)
{
	static_assert(offsetof(struct cred, fsgid) -
		      offsetof(struct cred, uid) == 7 * sizeof(u32));
	static_assert(offsetof(struct pcbscope_credentials, fsgid) -
		      offsetof(struct pcbscope_credentials, ruid) ==
		      7 * sizeof(u32));
	static_assert(offsetof(struct cred, euid) - offsetof(struct cred, uid)
		      == offsetof(struct pcbscope_credentials, uid) -
		      offsetof(struct pcbscope_credentials, ruid));
	__builtin_memcpy(&out->ruid, &cred->uid, 8 * sizeof(u32));
}

static __always_inline void
credentials_fill(const struct pcb_look *look, struct task_struct *task, u32 tid,
		 struct pcbscope_credentials *out)
{
	const struct cred *cred = rcu_dereference(task->real_cred);
	const struct user_namespace *user_ns = cred->user_ns;

	out->valid = PCB_VALID(credentials, user_ns_depth) * 2 - 1;
	if (likely(look->opener->user_ns == &init_user_ns))
		copy_ids(cred, out);
	else
		map_ids(look->opener->user_ns, cred, out);
	out->user_ns = user_ns->ns.inum;
	out->user_ns_depth = user_ns->level;
}
