// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_tree.c - the process tree.
 */
#include <stdlib.h>

#include "cmd.h"
#include "tree.h"

static enum status print(struct context *context, struct task_list *list)
{
	struct collection collection = {
		.name = "processes",
		.shape = SHAPE_TREE,
		.columns = &context->chosen,
	};
	uint32_t nr;
	uint32_t *order = tree_order(list, &nr, &context->args);
	enum status status = context_missing(context, context->args.nr ?
		&context->args : &context->options->selection.pids);
	bool more = true;

	if (status != STATUS_FAILURE) {
		context_begin(context);
		out_open(&context->writer, &collection);
		for (uint32_t i = 0; more && i < nr; i++) {
			const struct task *task = &list->all[order[i]];

			more = context_row(context, &context->chosen, task,
					   task);
		}
		out_close(&context->writer);
	}
	free(order);
	return status;
}

static enum status run(struct context *context)
{
	struct task_list list = { 0 };
	enum status status = context_query(context, 0,
					   context->options->threads ?
					   PCBSCOPE_QUERY_THREADS : 0);

	if (status != STATUS_OK)
		return status;
	context_collect(context, &list, true);
	status = print(context, &list);
	tasks_free(&list);
	return status;
}

const struct command cmd_tree = {
	.name = "tree",
	.args = "[PID...]",
	.summary = "draw the process tree, or what is below some processes",
	.flags = COMMAND_SELECTS | COMMAND_THREADS | COMMAND_ARGS,
	.text_columns = "pid,ppid,user,state,kernel_state,threads,task",
	.thread_columns = "pid,tid,user,state,kernel_state,cpu,threads,task",
	.data_columns = TASK_KEYS,
	.columns = context_task_columns,
	.run = run,
};
