// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_threads.c - the threads of a process: one PCB each.
 */
#include "cmd.h"

static enum status run(struct context *context)
{
	for (uint32_t i = 0; i < context->args.nr; i++)
		numbers_add(&context->options->selection.pids,
			    context->args.all[i]);
	numbers_sort(&context->options->selection.pids);
	return list_tasks(context, "threads", true);
}

const struct command cmd_threads = {
	.name = "threads",
	.args = "PID...",
	.summary = "list the threads of processes, each with its own state and CPU",
	.flags = COMMAND_SELECTS | COMMAND_THREADS | COMMAND_ARGS |
		 COMMAND_NEEDS_ARGS,
	.text_columns = "pid,tid,state,kernel_state,cpu,policy,nice,priority,time_ns,voluntary_switches,involuntary_switches,comm",
	.data_columns = TASK_KEYS,
	.columns = context_task_columns,
	.run = run,
};
