/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * pcbscope_groups.h - the groups of a record; included by pcbscope.h.
 */
#ifndef _UAPI_PCBSCOPE_GROUPS_H
#define _UAPI_PCBSCOPE_GROUPS_H

/*
 * The groups. Bit n of @valid says that the n-th field of the group holds
 * something. A clear bit means that the field does not apply to the task, or,
 * where the schema says PCBSCOPE_FIELD_IS_UNSUPPORTED, that this kernel cannot
 * tell. What each field means is in pcbscope_fields.h.
 */

/** struct pcbscope_identity - see pcbscope_fields.h */
struct pcbscope_identity {
	__u64 valid;
	__u64 start_boottime_ns;
	char comm[16];
	__u32 tid;
	__u32 pid;
	__u32 ppid;
	__u32 pgid;
	__u32 sid;
	__u32 threads;
	__u32 kernel_thread;
	__u32 ns_depth;
	__u32 ns_pid;
	__u32 ns_tid;
};

/** struct pcbscope_state - see pcbscope_fields.h */
struct pcbscope_state {
	__u64 valid;
	__u64 dead_ns;
	__u32 state;
	__u32 kernel_state;
	__u32 cpu;
	__u32 on_cpu;
	__u32 on_rq;
	__u32 sched_delayed;
	__u32 state_flags;
	__u32 exit_flags;
	__u32 task_flags;
	__u32 wait_status;
	__u32 exit_code;
	__u32 exit_signal;
};

/** struct pcbscope_scheduling - see pcbscope_fields.h */
struct pcbscope_scheduling {
	__u64 valid;
	__u64 last_run_ns;
	__u32 policy;
	__s32 nice;
	__s32 priority;
	__u32 rt_priority;
	__u32 reset_on_fork;
	__u32 nr_cpus_allowed;
};

/** struct pcbscope_accounting - see pcbscope_fields.h */
struct pcbscope_accounting {
	__u64 valid;
	__u64 runtime_ns;
	__u64 run_delay_ns;
	__u64 nr_dispatches;
	__u64 sampled_utime_ns;
	__u64 sampled_stime_ns;
	__u64 voluntary_switches;
	__u64 involuntary_switches;
	__u64 minor_faults;
	__u64 major_faults;
};

/** struct pcbscope_memory - see pcbscope_fields.h */
struct pcbscope_memory {
	__u64 valid;
	__u64 vsize_bytes;
	__u64 rss_bytes;
	__u64 rss_anon_bytes;
	__u64 rss_file_bytes;
	__u64 rss_shmem_bytes;
	__u64 swap_bytes;
	__u64 peak_vsize_bytes;
	__u64 peak_rss_bytes;
	__u64 page_tables_bytes;
	__u64 locked_bytes;
	__u64 pinned_bytes;
	__u64 data_bytes;
	__u64 stack_bytes;
	__u64 exec_bytes;
};

/** struct pcbscope_credentials - see pcbscope_fields.h */
struct pcbscope_credentials {
	__u64 valid;
	__u32 ruid;
	__u32 rgid;
	__u32 suid;
	__u32 sgid;
	__u32 uid;
	__u32 gid;
	__u32 fsuid;
	__u32 fsgid;
	__u32 user_ns;
	__u32 user_ns_depth;
};

/** struct pcbscope_affinity - see pcbscope_fields.h */
struct pcbscope_affinity {
	__u64 valid;
	struct pcbscope_ref cpus_allowed;
};

/** struct pcbscope_cputime - see pcbscope_fields.h */
struct pcbscope_cputime {
	__u64 valid;
	__u64 utime_ns;
	__u64 stime_ns;
	__u64 thread_utime_ns;
	__u64 thread_stime_ns;
	__u64 children_utime_ns;
	__u64 children_stime_ns;
	__u64 group_minor_faults;
	__u64 group_major_faults;
};

/** struct pcbscope_relations - see pcbscope_fields.h */
struct pcbscope_relations {
	__u64 valid;
	__u32 parent_tid;
	__u32 traced;
	__u32 tracer_pid;
	__u32 reaper_pid;
	__u32 is_child_subreaper;
	__u32 under_child_subreaper;
};

/** struct pcbscope_program - see pcbscope_fields.h */
struct pcbscope_program {
	__u64 valid;
	struct pcbscope_ref exe;
	struct pcbscope_ref cmdline;
	__u64 cmdline_bytes;
};

#endif /* _UAPI_PCBSCOPE_GROUPS_H */
