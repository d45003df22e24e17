/* SPDX-License-Identifier: GPL-2.0 */
/* What the BPF iterator writes about each task; read by bpf_test.c. */
#ifndef PCB_TEST_BPF_TASKS_H
#define PCB_TEST_BPF_TASKS_H

#define BPF_TASK_FIELDS(FIELD)						\
	FIELD(tid) FIELD(pid) FIELD(ppid) FIELD(pgid) FIELD(sid)	\
	FIELD(threads) FIELD(kernel_thread) FIELD(start_boottime_ns)	\
	FIELD(ns_depth) FIELD(ns_pid) FIELD(ns_tid)			\
	FIELD(cpu) FIELD(on_cpu) FIELD(on_rq)				\
	FIELD(state_flags) FIELD(exit_flags) FIELD(task_flags)		\
	FIELD(policy) FIELD(nice) FIELD(priority) FIELD(rt_priority)	\
	FIELD(reset_on_fork) FIELD(nr_cpus_allowed)			\
	FIELD(voluntary_switches) FIELD(involuntary_switches)		\
	FIELD(runtime_ns) FIELD(run_delay_ns) FIELD(nr_dispatches)	\
	FIELD(sampled_utime_ns) FIELD(sampled_stime_ns)			\
	FIELD(minor_faults) FIELD(major_faults)				\
	FIELD(vsize_bytes) FIELD(rss_bytes) FIELD(rss_anon_bytes)	\
	FIELD(rss_file_bytes) FIELD(rss_shmem_bytes) FIELD(swap_bytes)	\
	FIELD(peak_vsize_bytes) FIELD(peak_rss_bytes)			\
	FIELD(page_tables_bytes) FIELD(locked_bytes)			\
	FIELD(pinned_bytes) FIELD(data_bytes) FIELD(stack_bytes)	\
	FIELD(exec_bytes)						\
	FIELD(uid) FIELD(ruid) FIELD(suid) FIELD(fsuid)			\
	FIELD(gid) FIELD(rgid) FIELD(sgid) FIELD(fsgid)			\
	FIELD(user_ns) FIELD(user_ns_depth)				\
	FIELD(children_utime_ns) FIELD(children_stime_ns)		\
	FIELD(parent_tid) FIELD(traced) FIELD(tracer_pid)		\
	FIELD(is_child_subreaper) FIELD(under_child_subreaper)

#define BPF_TASK_MEMBER(name) long long name;

struct bpf_task {
	BPF_TASK_FIELDS(BPF_TASK_MEMBER)
	/* behind the fields of one number each */
	long long cpus_allowed;		/* the first 64 */
	long long has_memory;
	char comm[16];
};

#endif
