// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_ps.c - the list of processes, or of threads.
 */
#include "cmd.h"

static enum status run(struct context *context)
{
	bool threads = context->options->threads;

	return list_tasks(context, threads ? "threads" : "processes", threads);
}

const struct command cmd_ps = {
	.name = "ps",
	.args = "",
	.summary = "list processes: the book's state beside the kernel's letter",
	.flags = COMMAND_SELECTS | COMMAND_THREADS,
	.text_columns = "pid,ppid,user,state,kernel_state,cpu,policy,nice,threads,time_ns,rss_bytes,comm",
	.thread_columns = "pid,tid,user,state,kernel_state,cpu,policy,nice,time_ns,voluntary_switches,involuntary_switches,comm",
	.data_columns = TASK_KEYS,
	.columns = context_task_columns,
	.run = run,
};
