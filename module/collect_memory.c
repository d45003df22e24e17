// SPDX-License-Identifier: GPL-2.0
/*
 * collect_memory.c - memory-management information (3.1.3): totals.
 *
 * Linux has no base and limit registers: a process owns an address space
 * (mm_struct), made of pages. Threads share it; kernel threads and zombies have
 * none, so their sizes are truly 0 and nothing else applies to them.
 */
#include <linux/mm.h>
#include <linux/percpu_counter.h>
#include <linux/sched/task.h>

/*
 * Read one member of an address space that may go away meanwhile: a task lets
 * go of its mm without waiting for RCU. The read cannot fault, and the caller
 * drops the value unless the task still has the same mm afterwards.
 */
#define PEEK(mm, member) ({ \
	__label__ gone; \
	typeof((mm)->member) __value = 0; \
	__get_kernel_nofault(&__value, &(mm)->member, \
			     typeof((mm)->member), gone); \
gone: \
	__value; \
})

#define PEEK_PAGES(mm, member) ((u64)PEEK(mm, member) << PAGE_SHIFT)

/* A counter may be below 0 for a moment. */
static u64 pages_to_bytes(s64 pages)
{
	return (u64)max_t(s64, pages, 0) << PAGE_SHIFT;
}

#define PEEK_RSS(mm, which) \
	pages_to_bytes(PEEK(mm, pcb_compat_rss_member(which)))
#define SUM_RSS(mm, which) pages_to_bytes(pcb_compat_rss_sum(mm, which))

/* Did @task have this address space all along? Then what was read is true. */
static __always_inline bool is_still(const struct task_struct *task,
				     const struct mm_struct *mm)
{
	/* Order the reads before this one, and the stores behind it. */
	smp_rmb();
	return READ_ONCE(task->mm) == mm;
}

/*
 * Each of these reads a few members, as many as there are registers for them,
 * and stores them only when they are known to be true: @out may be memory that
 * the reader looks at all the while. False: the address space went away.
 */
static __always_inline bool peek_resident(const struct task_struct *task,
					  struct mm_struct *mm,
					  struct pcbscope_memory *out)
{
	const u64 anon = PEEK_RSS(mm, MM_ANONPAGES);
	const u64 file = PEEK_RSS(mm, MM_FILEPAGES);
	const u64 shmem = PEEK_RSS(mm, MM_SHMEMPAGES);
	const u64 swap = PEEK_RSS(mm, MM_SWAPENTS);
	const u64 peak = PEEK_PAGES(mm, hiwater_rss);

	if (!is_still(task, mm))
		return false;
	out->rss_bytes = anon + file + shmem;
	out->rss_anon_bytes = anon;
	out->rss_file_bytes = file;
	out->rss_shmem_bytes = shmem;
	out->swap_bytes = swap;
	/* The high-water marks lag behind. */
	out->peak_rss_bytes = max(peak, anon + file + shmem);
	return true;
}

static __always_inline bool peek_mapped(const struct task_struct *task,
					struct mm_struct *mm,
					struct pcbscope_memory *out)
{
	const u64 vsize = PEEK_PAGES(mm, total_vm);
	const u64 peak = PEEK_PAGES(mm, hiwater_vm);
	const u64 data = PEEK_PAGES(mm, data_vm);
	const u64 stack = PEEK_PAGES(mm, stack_vm);
	const u64 exec = PEEK_PAGES(mm, exec_vm);

	if (!is_still(task, mm))
		return false;
	out->vsize_bytes = vsize;
	out->peak_vsize_bytes = max(peak, vsize);
	out->data_bytes = data;
	out->stack_bytes = stack;
	out->exec_bytes = exec;
	return true;
}

static __always_inline bool peek_rest(const struct task_struct *task,
				      struct mm_struct *mm,
				      struct pcbscope_memory *out)
{
	const u64 tables = PEEK(mm, pgtables_bytes.counter);
	const u64 locked = PEEK_PAGES(mm, locked_vm);
	const u64 pinned = PEEK_PAGES(mm, pinned_vm.counter);

	if (!is_still(task, mm))
		return false;
	out->valid = PCB_VALID(memory, exec_bytes) * 2 - 1;
	out->page_tables_bytes = tables;
	out->locked_bytes = locked;
	out->pinned_bytes = pinned;
	return true;
}

static __always_inline void
memory_fill(const struct pcb_look *look, struct task_struct *task, u32 tid,
	    struct pcbscope_memory *out)
{
	struct mm_struct *mm;

	/* A kernel thread may borrow one for a while. */
	while (!(task->flags & PF_KTHREAD) && (mm = READ_ONCE(task->mm)))
		if (peek_resident(task, mm, out) &&
		    peek_mapped(task, mm, out) && peek_rest(task, mm, out))
			return;
	*out = (struct pcbscope_memory) {
		.valid = PCB_VALID(memory, vsize_bytes) |
			 PCB_VALID(memory, rss_bytes),
	};
}

/*
 * Replace approximate resident sizes by exact ones. The counters are kept per
 * CPU; adding them up is dear, so it is a request. The task is referenced.
 */
static void sum_rss(struct pcb_look *look)
{
	struct pcbscope_memory *out =
		(void *)pcb_fields_group(look->record,
					 ilog2(PCBSCOPE_GROUP_MEMORY));
	struct mm_struct *mm;

	if (!out)
		return;
	if (!look->exec_locked) {
		look->record->busy |= PCBSCOPE_GROUP_MEMORY;
		*out = (struct pcbscope_memory) { 0 };
		return;
	}
	task_lock(look->task);
	mm = look->task->mm;
	if (mm && !(look->task->flags & PF_KTHREAD)) {
		out->rss_anon_bytes = SUM_RSS(mm, MM_ANONPAGES);
		out->rss_file_bytes = SUM_RSS(mm, MM_FILEPAGES);
		out->rss_shmem_bytes = SUM_RSS(mm, MM_SHMEMPAGES);
		out->swap_bytes = SUM_RSS(mm, MM_SWAPENTS);
		out->rss_bytes = out->rss_anon_bytes + out->rss_file_bytes +
			out->rss_shmem_bytes;
		out->peak_rss_bytes = max((u64)mm->hiwater_rss << PAGE_SHIFT,
					  out->rss_bytes);
	}
	task_unlock(look->task);
}
