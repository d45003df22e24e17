// SPDX-License-Identifier: GPL-2.0
/*
 * area.c - memory that a reader maps and his own queries fill.
 *
 * Saves the copy of every record. The area belongs to one open file: it is
 * charged to the reader, never grows, and only ever holds records that he was
 * allowed to see, so nothing can leak through it.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "pcb.h"

static vm_fault_t area_fault(struct vm_fault *vmf)
{
	const struct pcb_area *area = vmf->vma->vm_private_data;
	const size_t at = vmf->pgoff << PAGE_SHIFT;

	if (at >= area->bytes)
		return VM_FAULT_SIGBUS;
	vmf->page = vmalloc_to_page(area->data + at);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct area_vm_ops = {
	.fault = area_fault,
};

static struct pcb_area *alloc_area(size_t bytes)
{
	struct pcb_area *area = kzalloc(sizeof(*area), GFP_KERNEL_ACCOUNT);

	if (!area)
		return NULL;
	area->bytes = bytes;
	/* The reader chose the length: he is told, the log is not. */
	area->data = __vmalloc(bytes, GFP_KERNEL_ACCOUNT | __GFP_ZERO |
			       __GFP_NOWARN);
	if (area->data)
		return area;
	kfree(area);
	return NULL;
}

/**
 * pcb_area_mmap() - map the area, which the first mapping makes
 * @slot: where the open file keeps its area; NULL at first
 * @vma: the mapping
 *
 * Context: mmap_lock of the reader is held. No other lock is taken here: a query
 * may hold the opener's while it waits for mmap_lock in a user copy.
 * Return: 0; -EACCES for a writable or executable mapping, -EINVAL for one that is too long
 * or has an offset, -ENOMEM.
 */
int pcb_area_mmap(struct pcb_area **slot, struct vm_area_struct *vma)
{
	const size_t bytes = vma->vm_end - vma->vm_start;
	struct pcb_area *area;

	if (vma->vm_flags & (VM_WRITE | VM_EXEC))
		return -EACCES;
	if (vma->vm_pgoff || bytes > PCB_AREA_BYTES_MAX)
		return -EINVAL;
	if (!READ_ONCE(*slot)) {
		area = alloc_area(bytes);
		if (!area)
			return -ENOMEM;
		if (cmpxchg(slot, NULL, area))
			pcb_area_free(area);
	}
	area = READ_ONCE(*slot);
	if (bytes > area->bytes)
		return -EINVAL;
	pcb_compat_vm_flags(vma, VM_DONTCOPY | VM_DONTEXPAND | VM_DONTDUMP,
			    VM_MAYWRITE | VM_MAYEXEC);
	vma->vm_private_data = area;
	vma->vm_ops = &area_vm_ops;
	return 0;
}

/**
 * pcb_area_free() - free an area
 * @area: the area, or NULL
 *
 * Context: the open file is being released; a mapping holds the file, so there
 * is none left.
 */
void pcb_area_free(struct pcb_area *area)
{
	if (area)
		vfree(area->data);
	kfree(area);
}
