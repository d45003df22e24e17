// SPDX-License-Identifier: GPL-2.0
/*
 * tasks.bpf.c - a second witness: the kernel's own iterator over all tasks, which reads them by
 * the types that the kernel itself describes (BTF). The structs below name what is read; where
 * it lies is found when the program is loaded, so that one object fits every kernel.
 */
#include <linux/types.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#include "tasks.h"

#define PAGE_SHIFT	12
#define PF_KTHREAD	0x00200000
#define DEFAULT_PRIO	120
#define MAX_RT_PRIO	100

char LICENSE[] SEC("license") = "GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

enum mm_counter { FILE_PAGES, ANON_PAGES, SWAP_ENTRIES, SHMEM_PAGES, NR_COUNTERS };
enum pid_kind { KIND_TID, KIND_TGID, KIND_PGID, KIND_SID, NR_KINDS };

struct id { unsigned int val; };
struct counter { long counter; };
struct upid { int nr; };
struct pid { unsigned int level; struct upid numbers[1]; };
struct ns_common { unsigned int inum; };
struct user_namespace { int level; struct ns_common ns; };

struct cred {
	struct id uid, gid, suid, sgid, euid, egid, fsuid, fsgid;
	struct user_namespace *user_ns;
};

struct percpu_counter { __s64 count; };
struct mm_rss_stat___before_6_2 { struct counter count[NR_COUNTERS]; };

struct mm_struct {
	struct counter pgtables_bytes, pinned_vm;
	unsigned long hiwater_rss, hiwater_vm, total_vm, locked_vm, data_vm, exec_vm, stack_vm;
	struct percpu_counter rss_stat[NR_COUNTERS];
};

struct mm_struct___before_6_2 {
	struct mm_rss_stat___before_6_2 rss_stat;
};

struct signal_struct {
	int nr_threads;
	unsigned int is_child_subreaper:1;
	unsigned int has_child_subreaper:1;
	struct pid *pids[NR_KINDS];
	__u64 cutime, cstime;
};

struct sched_entity { __u64 sum_exec_runtime; };
struct sched_info { unsigned long pcount; unsigned long long run_delay; };
struct thread_info { unsigned int cpu; };
struct cpumask { unsigned long bits[1]; };

struct task_struct {
	struct thread_info thread_info;
	unsigned int __state, flags, ptrace, policy, rt_priority;
	int on_cpu, on_rq, prio, static_prio, exit_state, exit_code, nr_cpus_allowed;
	unsigned int sched_reset_on_fork:1;
	const struct cpumask *cpus_ptr;
	struct sched_entity se;
	struct sched_info sched_info;
	struct mm_struct *mm;
	int pid, tgid;
	struct task_struct *real_parent, *parent;
	struct pid *thread_pid;
	__u64 utime, stime, start_boottime;
	unsigned long nvcsw, nivcsw, min_flt, maj_flt;
	const struct cred *real_cred;
	char comm[16];
	struct signal_struct *signal;
};

struct seq_file;
struct bpf_iter_meta { struct seq_file *seq; };
struct bpf_iter__task { struct bpf_iter_meta *meta; struct task_struct *task; };

#pragma clang attribute pop

static __always_inline long long id_of(struct pid *pid)
{
	return pid ? pid->numbers[0].nr : 0;
}

/* The number in the namespace @level below the first one. */
static __always_inline long long inner_id_of(struct pid *pid, unsigned int level)
{
	unsigned long size = bpf_core_type_size(struct upid);
	struct upid number = { 0 };

	if (pid)
		bpf_probe_read_kernel(&number.nr, sizeof(number.nr),
				      (char *)&pid->numbers[0].nr + ((level & 31) * size & 1023));
	return number.nr;
}

static __always_inline void fill_ids(struct bpf_task *r, struct task_struct *t)
{
	struct signal_struct *signal = t->signal;
	struct pid *pid = t->thread_pid;
	unsigned int level = pid ? pid->level : 0;

	r->tid = t->pid;
	r->pid = t->tgid;
	r->ppid = t->real_parent->tgid;
	r->parent_tid = t->real_parent->pid;
	r->pgid = id_of(signal->pids[KIND_PGID]);
	r->sid = id_of(signal->pids[KIND_SID]);
	r->threads = signal->nr_threads;
	r->kernel_thread = !!(t->flags & PF_KTHREAD);
	r->start_boottime_ns = t->start_boottime;
	r->ns_depth = level;
	r->ns_pid = inner_id_of(signal->pids[KIND_TGID], level);
	r->ns_tid = inner_id_of(pid, level);
	r->traced = !!t->ptrace;
	r->tracer_pid = t->ptrace ? t->parent->tgid : -1;
	r->is_child_subreaper = BPF_CORE_READ_BITFIELD(signal, is_child_subreaper);
	r->under_child_subreaper = BPF_CORE_READ_BITFIELD(signal, has_child_subreaper);
	r->children_utime_ns = signal->cutime;
	r->children_stime_ns = signal->cstime;
	bpf_probe_read_kernel(r->comm, sizeof(r->comm), t->comm);
}

static __always_inline void fill_scheduling(struct bpf_task *r, struct task_struct *t)
{
	r->cpu = t->thread_info.cpu;
	r->on_cpu = t->on_cpu;
	r->on_rq = t->on_rq;
	r->state_flags = t->__state;
	r->exit_flags = t->exit_state;
	r->task_flags = t->flags;
	r->policy = t->policy;
	r->nice = t->static_prio - DEFAULT_PRIO;
	r->priority = t->prio - MAX_RT_PRIO;
	r->rt_priority = t->rt_priority;
	r->reset_on_fork = BPF_CORE_READ_BITFIELD(t, sched_reset_on_fork);
	r->nr_cpus_allowed = t->nr_cpus_allowed;
	bpf_probe_read_kernel(&r->cpus_allowed, sizeof(r->cpus_allowed), t->cpus_ptr);
	r->voluntary_switches = t->nvcsw;
	r->involuntary_switches = t->nivcsw;
	r->runtime_ns = t->se.sum_exec_runtime;
	r->run_delay_ns = t->sched_info.run_delay;
	r->nr_dispatches = t->sched_info.pcount;
	r->sampled_utime_ns = t->utime;
	r->sampled_stime_ns = t->stime;
	r->minor_faults = t->min_flt;
	r->major_faults = t->maj_flt;
}

/* A macro, for the index must be a constant where its place is to be found at load time. */
#define IS_BEFORE_6_2 bpf_core_type_exists(struct mm_rss_stat___before_6_2)
#define RESIDENT(mm, which) resident(IS_BEFORE_6_2 ?						\
	BPF_CORE_READ((struct mm_struct___before_6_2 *)mm, rss_stat.count[which].counter) :	\
	BPF_CORE_READ(mm, rss_stat[which].count))

static __always_inline long long resident(long long pages)
{
	return pages > 0 ? pages << PAGE_SHIFT : 0;
}

static __always_inline long long larger(long long a, long long b)
{
	return a > b ? a : b;
}

static __always_inline void fill_memory(struct bpf_task *r, struct mm_struct *mm)
{
	r->has_memory = 1;
	r->vsize_bytes = (long long)mm->total_vm << PAGE_SHIFT;
	r->rss_file_bytes = RESIDENT(mm, FILE_PAGES);
	r->rss_anon_bytes = RESIDENT(mm, ANON_PAGES);
	r->rss_shmem_bytes = RESIDENT(mm, SHMEM_PAGES);
	r->rss_bytes = r->rss_file_bytes + r->rss_anon_bytes + r->rss_shmem_bytes;
	r->swap_bytes = RESIDENT(mm, SWAP_ENTRIES);
	r->peak_vsize_bytes = larger((long long)mm->hiwater_vm << PAGE_SHIFT, r->vsize_bytes);
	r->peak_rss_bytes = larger((long long)mm->hiwater_rss << PAGE_SHIFT, r->rss_bytes);
	r->page_tables_bytes = mm->pgtables_bytes.counter;
	r->locked_bytes = (long long)mm->locked_vm << PAGE_SHIFT;
	r->pinned_bytes = (long long)mm->pinned_vm.counter << PAGE_SHIFT;
	r->data_bytes = (long long)mm->data_vm << PAGE_SHIFT;
	r->stack_bytes = (long long)mm->stack_vm << PAGE_SHIFT;
	r->exec_bytes = (long long)mm->exec_vm << PAGE_SHIFT;
}

static __always_inline void fill_credentials(struct bpf_task *r, const struct cred *cred)
{
	r->uid = cred->euid.val;
	r->ruid = cred->uid.val;
	r->suid = cred->suid.val;
	r->fsuid = cred->fsuid.val;
	r->gid = cred->egid.val;
	r->rgid = cred->gid.val;
	r->sgid = cred->sgid.val;
	r->fsgid = cred->fsgid.val;
	r->user_ns = cred->user_ns->ns.inum;
	r->user_ns_depth = cred->user_ns->level;
}

/* Too large for the stack of a program. */
static struct bpf_task room;

SEC("iter/task")
int tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *t = ctx->task;

	if (!t)
		return 0;
	__builtin_memset(&room, 0, sizeof(room));
	fill_ids(&room, t);
	fill_scheduling(&room, t);
	if (t->mm)
		fill_memory(&room, t->mm);
	fill_credentials(&room, t->real_cred);
	bpf_seq_write(ctx->meta->seq, &room, sizeof(room));
	return 0;
}
