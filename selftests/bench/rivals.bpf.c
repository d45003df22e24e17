// SPDX-License-Identifier: GPL-2.0
/*
 * rivals.bpf.c - the strongest rivals we know, tuned as for ourselves.
 *
 * oc_*: an open-coded task iterator (Linux 6.7) in a program run on demand,
 *       records straight into an array that user space has mapped: no
 *       seq_file, no reference per task, no copy.
 * it_*: the usual task iterator, whose records user space gets by read(2).
 *
 * Each at comparable fields (_cheap, _few: our groups) and with the classical
 * 240-byte record (_classic). Ids are taken raw, which is right for a reader
 * in the first namespaces only.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

/* The uapi header finds its types in vmlinux.h. */
#define _LINUX_TYPES_H
#define _LINUX_IOCTL_H
#include "pcbscope.h"
#include "rivals.h"

#define PAGE_SHIFT	12	/* x86; macros are not in BTF */
#define PF_EXITING	0x00000004
#define PF_KTHREAD	0x00200000
#define MAX_RT_PRIO	100
#define DEFAULT_PRIO	120
#define RUNNING		0x0000	/* task_struct.__state */
#define INTERRUPTIBLE	0x0001
#define REPORTED	0x007f
#define IDLE		0x0402
#define NEW		0x0800
#define RTLOCK_WAIT	0x1000
#define FROZEN		0x8000

char LICENSE[] SEC("license") = "GPL";

extern int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task,
			     unsigned int flags) __ksym;
extern struct task_struct *
bpf_iter_task_next(struct bpf_iter_task *it) __ksym;
extern void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym;
extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

/* Parameter and result, in the mapped .bss. */
unsigned int walk_flags;	/* 0: processes, 1: every thread */
__u64 nr_records;
__u64 now_ns;

/* Room for one record of the iterators: only one program runs at a time. */
struct rival_cheap cheap_room;
struct rival_few few_room;
struct rival_classic classic_room;

#define RECORD_ARRAY(name, record)				\
	struct {						\
		__uint(type, BPF_MAP_TYPE_ARRAY);		\
		__uint(map_flags, BPF_F_MMAPABLE);		\
		__uint(max_entries, RIVAL_MAX_TASKS);		\
		__type(key, __u32);				\
		__type(value, record);				\
	} name SEC(".maps")

RECORD_ARRAY(cheap_records, struct rival_cheap);
RECORD_ARRAY(few_records, struct rival_few);
RECORD_ARRAY(classic_records, struct rival_classic);

static __always_inline __u32 id_of(struct pid *pid)
{
	return pid ? pid->numbers[0].nr : 0;
}

/* Number of @pid in its own namespace; rarely not the first one. */
static __always_inline __u32 own_id_of(struct pid *pid, __u32 level, __u32 id)
{
	__u32 nr = id;

	if (level)
		bpf_probe_read_kernel(&nr, sizeof(nr),
				      &pid->numbers[level & 31].nr);
	return nr;
}

static __always_inline void fill_identity(struct pcbscope_identity *r,
					  struct task_struct *t)
{
	struct signal_struct *signal = t->signal;
	struct pid *pid = t->thread_pid;
	__u32 level = pid ? pid->level : 0;

	r->start_boottime_ns = t->start_boottime;
	r->tid = t->pid;
	r->pid = t->tgid;
	r->ppid = t->real_parent->tgid;
	r->pgid = id_of(signal->pids[PIDTYPE_PGID]);
	r->sid = id_of(signal->pids[PIDTYPE_SID]);
	r->threads = signal->nr_threads;
	r->kernel_thread = !!(t->flags & PF_KTHREAD);
	r->ns_depth = level;
	r->ns_pid = own_id_of(signal->pids[PIDTYPE_TGID], level, t->tgid);
	r->ns_tid = own_id_of(pid, level, t->pid);
	__builtin_memcpy(r->comm, t->comm, sizeof(r->comm));
}

static __always_inline __u32 letter_of(__u32 state, __u32 exit_state)
{
	if (state == INTERRUPTIBLE && !exit_state)
		return 'S';
	if (exit_state)
		return exit_state & 0x20 ? 'Z' : 'X';
	if ((state & IDLE) == IDLE)
		return 'I';
	if (state & (RTLOCK_WAIT | FROZEN))
		return 'D';
	state &= REPORTED;
	return state >= 0x40 ? 'P' : state >= 0x08 ? 't' : state >= 0x04 ? 'T' :
	       state >= 0x02 ? 'D' : state >= 0x01 ? 'S' : 'R';
}

static __always_inline void fill_exit(struct pcbscope_state *r,
				      struct task_struct *t)
{
	__u32 code = t->exit_code;

	r->wait_status = code;
	r->exit_signal = code & 0x7f;
	r->exit_code = code & 0x7f ? 0 : code >> 8 & 0xff;
	r->dead_ns = now_ns - t->sched_info.last_arrival;
}

static __always_inline void fill_state(struct pcbscope_state *r,
				       struct task_struct *t)
{
	__u32 state = t->__state, exit_state = t->exit_state;
	__u32 on_cpu = t->on_cpu, on_rq = t->on_rq;
	__u32 delayed = t->se.sched_delayed;

	r->state = exit_state ? PCBSCOPE_STATE_TERMINATED :
		   on_cpu ? PCBSCOPE_STATE_RUNNING :
		   state & NEW ? PCBSCOPE_STATE_NEW :
		   on_rq && !delayed ? PCBSCOPE_STATE_READY :
		   PCBSCOPE_STATE_WAITING;
	r->kernel_state = letter_of(state, exit_state);
	r->cpu = t->thread_info.cpu;
	r->on_cpu = on_cpu;
	r->on_rq = on_rq;
	r->sched_delayed = delayed;
	r->state_flags = state;
	r->exit_flags = exit_state;
	r->task_flags = t->flags;
	if (exit_state) {
		fill_exit(r, t);
	} else {
		r->dead_ns = 0;
		r->exit_code = 0;
		r->exit_signal = 0;
		r->wait_status = 0;
	}
}

static __always_inline void fill_scheduling(struct pcbscope_scheduling *r,
					    struct task_struct *t)
{
	r->last_run_ns = now_ns - t->sched_info.last_arrival;
	r->policy = t->policy;
	r->nice = t->static_prio - DEFAULT_PRIO;
	r->priority = t->prio - MAX_RT_PRIO;
	r->rt_priority = t->rt_priority;
	r->reset_on_fork = BPF_CORE_READ_BITFIELD(t, sched_reset_on_fork);
	r->nr_cpus_allowed = t->nr_cpus_allowed;
}

static __always_inline void fill_accounting(struct pcbscope_accounting *r,
					    struct task_struct *t)
{
	r->runtime_ns = t->se.sum_exec_runtime;
	r->run_delay_ns = t->sched_info.run_delay;
	r->nr_dispatches = t->sched_info.pcount;
	r->sampled_utime_ns = t->utime;
	r->sampled_stime_ns = t->stime;
	r->voluntary_switches = t->nvcsw;
	r->involuntary_switches = t->nivcsw;
	r->minor_faults = t->min_flt;
	r->major_faults = t->maj_flt;
}

static __always_inline __u64 counter(struct mm_struct *mm, int which)
{
	__s64 pages = mm->rss_stat[which].count;

	return pages > 0 ? pages << PAGE_SHIFT : 0;
}

static __always_inline __u64 larger(__u64 a, __u64 b)
{
	return a > b ? a : b;
}

static __always_inline void fill_memory(struct pcbscope_memory *r,
					struct task_struct *t)
{
	struct mm_struct *mm = t->mm;

	if (!mm) {
		__builtin_memset(r, 0, sizeof(*r));
		return;
	}
	r->vsize_bytes = mm->total_vm << PAGE_SHIFT;
	r->rss_file_bytes = counter(mm, MM_FILEPAGES);
	r->rss_anon_bytes = counter(mm, MM_ANONPAGES);
	r->rss_shmem_bytes = counter(mm, MM_SHMEMPAGES);
	r->rss_bytes = r->rss_file_bytes + r->rss_anon_bytes +
		       r->rss_shmem_bytes;
	r->swap_bytes = counter(mm, MM_SWAPENTS);
	r->peak_vsize_bytes = larger(mm->hiwater_vm << PAGE_SHIFT,
				     r->vsize_bytes);
	r->peak_rss_bytes = larger(mm->hiwater_rss << PAGE_SHIFT, r->rss_bytes);
	r->page_tables_bytes = mm->pgtables_bytes.counter;
	r->locked_bytes = mm->locked_vm << PAGE_SHIFT;
	r->pinned_bytes = mm->pinned_vm.counter << PAGE_SHIFT;
	r->data_bytes = mm->data_vm << PAGE_SHIFT;
	r->stack_bytes = mm->stack_vm << PAGE_SHIFT;
	r->exec_bytes = mm->exec_vm << PAGE_SHIFT;
}

static __always_inline void fill_credentials(struct pcbscope_credentials *r,
					     struct task_struct *t)
{
	const struct cred *cred = t->real_cred;
	struct user_namespace *ns = cred->user_ns;

	r->uid = cred->euid.val;
	r->ruid = cred->uid.val;
	r->suid = cred->suid.val;
	r->fsuid = cred->fsuid.val;
	r->gid = cred->egid.val;
	r->rgid = cred->gid.val;
	r->sgid = cred->sgid.val;
	r->fsgid = cred->fsgid.val;
	r->user_ns = ns->ns.inum;
	r->user_ns_depth = ns->level;
}

static __always_inline void fill_cheap(struct rival_cheap *r,
				       struct task_struct *t)
{
	fill_identity(&r->identity, t);
	fill_state(&r->state, t);
	fill_scheduling(&r->scheduling, t);
	fill_accounting(&r->accounting, t);
	fill_memory(&r->memory, t);
	fill_credentials(&r->credentials, t);
}

static __always_inline void fill_few(struct rival_few *r, struct task_struct *t)
{
	fill_identity(&r->identity, t);
	fill_state(&r->state, t);
	fill_accounting(&r->accounting, t);
}

static __always_inline void fill_classic_mm(struct rival_classic *r,
					    struct mm_struct *mm)
{
	if (!mm) {
		r->vm_pages = 0;
		r->rss_file = 0;
		r->rss_anon = 0;
		r->rss_shmem = 0;
		r->swap = 0;
		r->start_code = 0;
		r->end_code = 0;
		return;
	}
	r->vm_pages = mm->total_vm;
	r->rss_file = mm->rss_stat[MM_FILEPAGES].count;
	r->rss_anon = mm->rss_stat[MM_ANONPAGES].count;
	r->rss_shmem = mm->rss_stat[MM_SHMEMPAGES].count;
	r->swap = mm->rss_stat[MM_SWAPENTS].count;
	r->start_code = mm->start_code;
	r->end_code = mm->end_code;
}

static __always_inline void fill_classic(struct rival_classic *r,
					 struct task_struct *t)
{
	const struct cred *cred = t->real_cred;

	r->pid = t->pid;
	r->tgid = t->tgid;
	r->ppid = t->real_parent->tgid;
	r->state = t->__state;
	r->exit_state = t->exit_state;
	r->flags = t->flags;
	r->policy = t->policy;
	r->prio = t->prio;
	r->static_prio = t->static_prio;
	r->normal_prio = t->normal_prio;
	r->cpu = t->thread_info.cpu;
	r->rt_priority = t->rt_priority;
	r->nr_threads = t->signal->nr_threads;
	r->uid = cred->uid.val;
	r->gid = cred->gid.val;
	r->utime = t->utime;
	r->stime = t->stime;
	r->gtime = t->gtime;
	r->start = t->start_time;
	r->start_boot = t->start_boottime;
	r->nvcsw = t->nvcsw;
	r->nivcsw = t->nivcsw;
	r->min_flt = t->min_flt;
	r->maj_flt = t->maj_flt;
	r->sum_exec_runtime = t->se.sum_exec_runtime;
	r->vruntime = t->se.vruntime;
	fill_classic_mm(r, t->mm);
	__builtin_memcpy(r->comm, t->comm, sizeof(r->comm));
}

#define OPEN_CODED(name)						\
SEC("syscall")								\
int oc_##name(void *ctx)						\
{									\
	struct bpf_iter_task it;					\
	struct rival_##name *r;						\
	struct task_struct *t;						\
	__u32 n = 0;							\
									\
	now_ns = bpf_ktime_get_ns();					\
	bpf_rcu_read_lock();						\
	bpf_iter_task_new(&it, NULL, walk_flags);			\
	while ((t = bpf_iter_task_next(&it))) {				\
		r = bpf_map_lookup_elem(&name##_records, &n);		\
		if (r)							\
			fill_##name(r, t);				\
		n++;							\
	}								\
	bpf_iter_task_destroy(&it);					\
	bpf_rcu_read_unlock();						\
	nr_records = n;							\
	return 0;							\
}

OPEN_CODED(cheap)
OPEN_CODED(few)
OPEN_CODED(classic)

SEC("syscall")
int oc_null(void *ctx)
{
	struct bpf_iter_task it;
	__u32 n = 0;

	bpf_rcu_read_lock();
	bpf_iter_task_new(&it, NULL, walk_flags);
	while (bpf_iter_task_next(&it))
		n++;
	bpf_iter_task_destroy(&it);
	bpf_rcu_read_unlock();
	nr_records = n;
	return 0;
}

#define ITERATOR(name)							\
SEC("iter/task")							\
int it_##name(struct bpf_iter__task *ctx)				\
{									\
	struct task_struct *t = ctx->task;				\
									\
	if (!t)								\
		return 0;						\
	fill_##name(&name##_room, t);					\
	bpf_seq_write(ctx->meta->seq, &name##_room,			\
		      sizeof(name##_room));				\
	return 0;							\
}

ITERATOR(cheap)
ITERATOR(classic)
