/* SPDX-License-Identifier: GPL-2.0 */
/*
 * compat.h - the only file that knows a kernel version.
 *
 * Force-included into every object of the module (see Kbuild). Each entry says
 * what changed, in which version, and when it may go.
 */
#ifndef _PCB_COMPAT_H
#define _PCB_COMPAT_H

#include <linux/highmem.h>
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0)
#error "pcbscope needs Linux 5.10 or newer"
#endif

/* The data of a /proc entry: an inline function since 5.17. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 17, 0)
#define pde_data(inode) PDE_DATA(inode)
#endif

/* The scheduler's state of a task: renamed in 5.14. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 14, 0)
#define pcb_compat_state(task) READ_ONCE((task)->__state)
#else
#define pcb_compat_state(task) ((u32)READ_ONCE((task)->state))
#endif

/*
 * The letter of a state that was read before: the kernel's own function takes
 * one since 5.18, "sched/tracing: Don't re-read p->state when emitting
 * sched_switch event".
 */
static inline char pcb_compat_letter(u32 state, u32 exit_state)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 18, 0)
	return task_index_to_char(__task_state_index(state, exit_state));
#else
	if (state == TASK_IDLE)
		return task_index_to_char(fls(TASK_REPORT_IDLE));
	return task_index_to_char(fls((state | exit_state) & TASK_REPORT));
#endif
}

/* se.sched_delayed: 6.12, "sched/fair: Implement delayed dequeue". */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define PCB_HAS_SCHED_DELAYED 1
#define pcb_compat_sched_delayed(task) READ_ONCE((task)->se.sched_delayed)
#else
#define PCB_HAS_SCHED_DELAYED 0
#define pcb_compat_sched_delayed(task) 0
#endif

/*
 * Resident-set counters: per-CPU since 6.2, "mm: convert mm's rss stats into
 * percpu_counter". The lvalue is the cheap, approximate count.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#define PCB_HAS_EXACT_RSS 1
#define pcb_compat_rss_member(which) rss_stat[which].count
#define pcb_compat_rss_sum(mm, member) \
	percpu_counter_sum_positive(&(mm)->rss_stat[member])
#else
#define PCB_HAS_EXACT_RSS 0
#define pcb_compat_rss_member(which) rss_stat.count[which].counter
#define pcb_compat_rss_sum(mm, member) get_mm_counter(mm, member)
#endif

/* A file of another task: get_file_rcu() takes the slot since 6.7. */
static inline struct file *pcb_compat_exe_file(struct mm_struct *mm)
{
	struct file *file;

	rcu_read_lock();
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	file = get_file_rcu(&mm->exe_file);
#else
	file = rcu_dereference(mm->exe_file);
	if (file && !get_file_rcu(file))
		file = NULL;
#endif
	rcu_read_unlock();
	return file;
}

/*
 * Copy from one page of another address space, only if it is present, and not
 * of a file: procfs does not read arguments there either. Before
 * 5.16, "gup: Introduce FOLL_NOFAULT flag to disable page faults", no function
 * that a module can call leaves an absent page alone: then nothing is read.
 * The argument for vm_area_struct pointers went away in 6.5. mmap_lock is held.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 16, 0)
#define PCB_HAS_PRESENT_PAGES 1
static inline bool pcb_compat_copy_page(struct mm_struct *mm,
					unsigned long address, char *to,
					size_t bytes)
{
	const unsigned int flags = FOLL_NOFAULT | FOLL_ANON;
	struct page *page;
	void *map;
	long got;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	got = get_user_pages_remote(mm, address, 1, flags, &page, NULL);
#else
	got = get_user_pages_remote(mm, address, 1, flags, &page, NULL, NULL);
#endif
	if (got != 1)
		return false;
	map = kmap_local_page(page);
	memcpy(to, map + offset_in_page(address), bytes);
	kunmap_local(map);
	put_page(page);
	return true;
}
#else
#define PCB_HAS_PRESENT_PAGES 0
static inline bool pcb_compat_copy_page(struct mm_struct *mm,
					unsigned long address, char *to,
					size_t bytes)
{
	return false;
}
#endif

/* vm_flags may only be changed through helpers since 6.3. */
static inline void pcb_compat_vm_flags(struct vm_area_struct *vma,
				       unsigned long set, unsigned long clear)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
	vm_flags_mod(vma, set, clear);
#else
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
#endif
}

/* The clock of rq_clock(): sched_clock_cpu() is exported on x86 only. */
static inline u64 pcb_compat_sched_clock(void)
{
#ifdef CONFIG_HAVE_UNSTABLE_SCHED_CLOCK
	return sched_clock_cpu(raw_smp_processor_id());
#else
	return sched_clock();
#endif
}

/*
 * Slots in use of a leaf of a pid IDR, as a bitmap: IDR_FREE is the tag that
 * lib/idr.c keeps on every free slot. Same in all supported kernels.
 */
static inline unsigned long pcb_compat_used_slots(struct radix_tree_node *node)
{
	unsigned long used = ~READ_ONCE(node->tags[IDR_FREE][0]);

	return used & GENMASK(RADIX_TREE_MAP_SIZE - 1, 0);
}

/* The task that a node of a pid's list is part of, as pid_task() has it. */
#define pcb_compat_pid_entry(node, type) \
	hlist_entry(node, struct task_struct, pid_links[type])

/*
 * A local array that is written before it is read: kernels that zero the stack
 * need not, once for each section of a walk. Compilers know it since gcc 12 and
 * clang 8; others ignore it.
 */
#if __has_attribute(__uninitialized__)
#define pcb_compat_uninitialized __attribute__((__uninitialized__))
#else
#define pcb_compat_uninitialized
#endif

#endif /* _PCB_COMPAT_H */
