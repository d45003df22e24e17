/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmd.h - commands, and what they share: from options to rows.
 */
#ifndef PCBSCOPE_CMD_H
#define PCBSCOPE_CMD_H

#include "options.h"
#include "source.h"
#include "task.h"

struct context;

#define COMMAND_SELECTS		(1U << 0)	/* takes -p -u -c -s */
#define COMMAND_THREADS		(1U << 1)	/* takes -T */
#define COMMAND_NO_SOURCE	(1U << 2)	/* needs no records */
#define COMMAND_ARGS		(1U << 3)	/* takes process ids */
#define COMMAND_NEEDS_ARGS	(1U << 4)	/* at least one */
#define COMMAND_WHOLE_WALK	(1U << 5)	/* needs unselected tasks too */

/**
 * struct command - one command
 * @name: exact
 * @args: for its usage line
 * @summary: one line
 * @flags: COMMAND_*
 * @text_columns: default columns for people; NULL: all that are not hidden
 * @thread_columns: the same with -T; NULL: as without
 * @data_columns: default columns of JSON and raw output; NULL likewise
 * @columns: fill context->pool
 * @run: do it
 */
struct command {
	const char *name;
	const char *args;
	const char *summary;
	uint32_t flags;
	const char *text_columns;
	const char *thread_columns;
	const char *data_columns;
	void (*columns)(struct context *context);
	enum status (*run)(struct context *context);
};

/**
 * struct context - one run of a command
 * @command: which
 * @options: how
 * @args: process ids behind the command
 * @source: where records come from
 * @writer: where rows go
 * @pool: all columns of the command
 * @chosen: those to be shown
 * @fields: where the schema has what every task needs
 * @values: room for the values of one row
 * @has_failed: the walk ended before its end
 * @was_refused: a process asked for by number was refused in part
 */
struct context {
	const struct command *command;
	struct options *options;
	struct numbers args;
	struct source source;
	struct writer writer;
	struct column_set pool;
	struct column_set chosen;
	struct task_fields fields;
	struct value *values;
	bool has_failed;
	bool was_refused;
};

extern const struct command cmd_ps, cmd_tree, cmd_show, cmd_threads,
	cmd_states, cmd_zombies, cmd_doctor;

#define TASK_KEYS \
	"pid,tid,ppid,comm,state,kernel_state,threads,uid,cpu,policy,nice," \
	"priority,utime_ns,stime_ns,start_boottime_ns,voluntary_switches," \
	"involuntary_switches,vsize_bytes,rss_bytes,pgid,sid,kernel_thread"

void context_task_columns(struct context *context);
enum status context_query(struct context *context, uint64_t groups,
			  uint64_t flags);
bool context_selects(struct context *context, const struct task *task);
int context_next(struct context *context, struct task *task);
void context_begin(struct context *context);
bool context_row(struct context *context, const struct column_set *columns,
		 const void *subject, const struct task *task);
void context_collect(struct context *context, struct task_list *list,
		     bool selected);
enum status context_missing(struct context *context,
			    const struct numbers *asked);
enum status list_tasks(struct context *context, const char *name, bool threads);
void columns_list(struct context *context);

#endif /* PCBSCOPE_CMD_H */
