// SPDX-License-Identifier: GPL-2.0
/*
 * task.c - tasks kept in memory.
 */
#include <stdlib.h>
#include <string.h>

#include "task.h"

#define BLOCK_BYTES	(256 * 1024)

void task_fields_find(struct task_fields *fields, const struct schema *schema)
{
	fields->pid = schema_field(schema, "pid");
	fields->tid = schema_field(schema, "tid");
	fields->ppid = schema_field(schema, "ppid");
	fields->start = schema_field(schema, "start_boottime_ns");
}

/** task_read() - make a task from a record; it borrows the record */
void task_read(struct task *task, const struct record *record,
	       const struct task_fields *fields, uint64_t boottime_ns)
{
	*task = (struct task){
		.record = *record,
		.boottime_ns = boottime_ns,
		.start_ns = record_number(record, fields->start, 0),
		.pid = (uint32_t)record_number(record, fields->pid, 0),
		.tid = (uint32_t)record_number(record, fields->tid, 0),
		.ppid = (uint32_t)record_number(record, fields->ppid, 0),
	};
}

static void *keep(struct task_list *list, const void *bytes, size_t len)
{
	void *copy;

	if (list->block_size - list->block_used < len) {
		list->block_size = len > BLOCK_BYTES ? len : BLOCK_BYTES;
		list->block_used = 0;
		list->block = xmalloc(list->block_size);
		list->blocks = xrealloc(list->blocks, list->nr_blocks + 1,
					sizeof(*list->blocks));
		list->blocks[list->nr_blocks++] = list->block;
	}
	copy = list->block + list->block_used;
	list->block_used += len;
	return memcpy(copy, bytes, len);
}

/** tasks_add() - keep a task, with a copy of its record */
void tasks_add(struct task_list *list, const struct task *task)
{
	struct task *new;

	if (list->nr == list->room) {
		list->room = list->room ? list->room * 2 : 256;
		list->all = xrealloc(list->all, list->room,
				     sizeof(*list->all));
	}
	new = &list->all[list->nr++];
	*new = *task;
	new->record.head = keep(list, task->record.head,
				task->record.head->bytes);
}

/*
 * Thread ids wrap around, so a thread may have a smaller number than its
 * process; the contract sorts rows by number alone.
 */
static int compare_numbers(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->tid < y->tid ? -1 : x->tid > y->tid;
}

/** tasks_sort() - sort by pid, then tid; nothing may point into the list yet */
void tasks_sort(struct task_list *list)
{
	if (list->nr)
		qsort(list->all, list->nr, sizeof(*list->all),
		      compare_numbers);
}

/** tasks_find() - the first thread of process @pid in a sorted list, or NULL */
const struct task *tasks_find(const struct task_list *list, uint32_t pid)
{
	uint32_t low = 0, high = list->nr;

	if (!pid)
		return NULL;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct task *task = &list->all[middle];

		if (task->pid < pid || (task->pid == pid && task->tid < pid))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == list->nr || list->all[low].pid != pid ||
	    list->all[low].tid != pid)
		return NULL;
	return &list->all[low];
}

void tasks_free(struct task_list *list)
{
	for (uint32_t i = 0; i < list->nr_blocks; i++)
		free(list->blocks[i]);
	free(list->blocks);
	free(list->all);
	memset(list, 0, sizeof(*list));
}
