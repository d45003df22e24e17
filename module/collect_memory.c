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

/* Fill all sizes; nonsense if the address space went away meanwhile. */
static __always_inline void peek_sizes(struct mm_struct *mm, struct pcbscope_memory *out)
{
	const u64 anon = PEEK_RSS(mm, MM_ANONPAGES);
	const u64 file = PEEK_RSS(mm, MM_FILEPAGES);
	const u64 shmem = PEEK_RSS(mm, MM_SHMEMPAGES);
	const u64 vsize = PEEK_PAGES(mm, total_vm);

	out->valid = PCB_VALID(memory, exec_bytes) * 2 - 1;
	out->vsize_bytes = vsize;
	out->rss_bytes = anon + file + shmem;
	out->rss_anon_bytes = anon;
	out->rss_file_bytes = file;
	out->rss_shmem_bytes = shmem;
	out->swap_bytes = PEEK_RSS(mm, MM_SWAPENTS);
	/* The high-water marks lag behind. */
	out->peak_vsize_bytes = max(PEEK_PAGES(mm, hiwater_vm), vsize);
	out->peak_rss_bytes =
		max(PEEK_PAGES(mm, hiwater_rss), anon + file + shmem);
	out->page_tables_bytes = PEEK(mm, pgtables_bytes.counter);
	out->locked_bytes = PEEK_PAGES(mm, locked_vm);
	out->pinned_bytes = PEEK_PAGES(mm, pinned_vm.counter);
	out->data_bytes = PEEK_PAGES(mm, data_vm);
	out->stack_bytes = PEEK_PAGES(mm, stack_vm);
	out->exec_bytes = PEEK_PAGES(mm, exec_vm);
}

static __always_inline void
memory_fill(const struct pcb_look *look, struct task_struct *task, u32 tid,
	    struct pcbscope_memory *out)
{
	struct mm_struct *mm;

	/* A kernel thread may borrow one for a while. */
	while (!(task->flags & PF_KTHREAD) && (mm = READ_ONCE(task->mm))) {
		peek_sizes(mm, out);
		/* Order the reads above before the check below. */
		smp_rmb();
		if (READ_ONCE(task->mm) == mm)
			return;
	}
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
