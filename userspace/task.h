/* SPDX-License-Identifier: GPL-2.0 */
/*
 * task.h - tasks kept in memory, and the columns computed from a task.
 */
#ifndef PCBSCOPE_TASK_H
#define PCBSCOPE_TASK_H

#include "column.h"
#include "record.h"

/**
 * struct task - what a row about a task is made from
 * @record: its record
 * @boottime_ns: when the walk began
 * @start_ns: when it was created
 * @pid: its process
 * @tid: its own
 * @ppid: process id of its parent
 * @depth: in the tree, once tree_order() was called
 * @other: a second task that the row is about, or NULL
 */
struct task {
	struct record record;
	uint64_t boottime_ns;
	uint64_t start_ns;
	uint32_t pid;
	uint32_t tid;
	uint32_t ppid;
	uint32_t depth;
	const struct task *other;
};

/**
 * struct task_fields - where the schema has what every task needs
 */
struct task_fields {
	const struct field *pid;
	const struct field *tid;
	const struct field *ppid;
	const struct field *start;
};

/**
 * struct task_list - tasks kept in memory
 * @all: the tasks
 * @nr: how many
 * @room: for how many there is room
 * @block: where the next record goes, behind @block_used bytes
 * @block_used: of it
 * @block_size: of it
 * @blocks: all blocks, to be freed
 * @nr_blocks: how many
 */
struct task_list {
	struct task *all;
	uint32_t nr;
	uint32_t room;
	char *block;
	size_t block_used;
	size_t block_size;
	void **blocks;
	uint32_t nr_blocks;
};

void task_fields_find(struct task_fields *fields, const struct schema *schema);
void task_read(struct task *task, const struct record *record,
	       const struct task_fields *fields, uint64_t boottime_ns);
void tasks_add(struct task_list *list, const struct task *task);
void tasks_sort(struct task_list *list);
const struct task *tasks_find(const struct task_list *list, uint32_t pid);
void tasks_free(struct task_list *list);
void task_columns_add(struct column_set *set, const struct schema *schema);

#endif /* PCBSCOPE_TASK_H */
