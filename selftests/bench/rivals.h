/* SPDX-License-Identifier: GPL-2.0 */
/*
 * rivals.h - the records of the BPF rivals, shared by kernel and user side.
 *
 * At comparable fields a rival fills our own group structs (all but .valid),
 * so that records can be compared member by member through the field list.
 */
#ifndef RIVALS_H
#define RIVALS_H

/* More tasks than the largest population has. */
#define RIVAL_MAX_TASKS	16384

/* The groups a rival can fill, and the small subset near 240 bytes. */
#define RIVAL_GROUPS \
	(PCBSCOPE_GROUP_IDENTITY | PCBSCOPE_GROUP_STATE | \
	 PCBSCOPE_GROUP_SCHEDULING | PCBSCOPE_GROUP_ACCOUNTING | \
	 PCBSCOPE_GROUP_MEMORY | PCBSCOPE_GROUP_CREDENTIALS)
#define RIVAL_FEW_GROUPS \
	(PCBSCOPE_GROUP_IDENTITY | PCBSCOPE_GROUP_STATE | \
	 PCBSCOPE_GROUP_ACCOUNTING)

struct rival_cheap {
	struct pcbscope_identity identity;
	struct pcbscope_state state;
	struct pcbscope_scheduling scheduling;
	struct pcbscope_accounting accounting;
	struct pcbscope_memory memory;
	struct pcbscope_credentials credentials;
};

struct rival_few {
	struct pcbscope_identity identity;
	struct pcbscope_state state;
	struct pcbscope_accounting accounting;
};

/* What BPF tools usually take: raw members, nothing derived. 240 bytes. */
struct rival_classic {
	__u32 pid, tgid, ppid, pgid;
	__u32 state, exit_state, flags, policy;
	__s32 prio, static_prio, normal_prio, cpu;
	__u32 rt_priority, nr_threads, uid, gid;
	__u64 utime, stime, gtime, start, start_boot;
	__u64 nvcsw, nivcsw, min_flt, maj_flt;
	__u64 sum_exec_runtime, vruntime;
	__u64 vm_pages, rss_file, rss_anon, rss_shmem, swap;
	__u64 start_code, end_code;
	char comm[16];
	__u64 reserved[2];
};

#endif /* RIVALS_H */
