// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_zombies.c - terminated, but not yet waited for: who must reap each.
 */
#include <string.h>

#include "cmd.h"
#include "text.h"

/* Tracers come first: a parent's wait() sees the child only after theirs. */
static uint32_t reaper_of(const struct task *zombie)
{
	struct value traced = record_get_named(&zombie->record, "traced");
	struct value tracer = record_get_named(&zombie->record, "tracer_pid");

	if (traced.kind == VALUE_BOOL && traced.u)
		return tracer.kind == VALUE_UNSIGNED ? (uint32_t)tracer.u : 0;
	return zombie->ppid;
}

static struct value get_reaper_pid(const struct column *column,
				   const void *subject)
{
	(void)column;
	return value_u(reaper_of(subject));
}

static struct value get_reaper(const struct column *column, const void *subject)
{
	const struct task *zombie = subject;

	if (!zombie->other)
		return value_none(VALUE_UNKNOWN);
	return record_get(&zombie->other->record, column->field);
}

static struct value get_unbuilt(const struct column *column,
				const void *subject)
{
	(void)column;
	(void)subject;
	return value_none(VALUE_UNBUILT);
}

static void add_reaper(struct context *context, const char *name,
		       const char *field, const char *heading, const char *help)
{
	const struct column *base = columns_find(&context->pool, field);
	struct column column;

	if (!base)
		return;
	column = *base;
	column.name = name;
	column.heading = heading;
	column.help = help;
	column.get = get_reaper;
	column.flags = 0;
	columns_add(&context->pool, &column);
}

static void columns(struct context *context)
{
	static const struct column pid = {
		.name = "reaper.pid", .heading = "REAPER", .group = "computed",
		.type = PCBSCOPE_TYPE_U32, .unit = PCBSCOPE_UNIT_ID,
		.groups = PCBSCOPE_GROUP_RELATIONS, .get = get_reaper_pid,
		.help = "process that must wait for it: its tracer, else its parent",
	};
	static const struct column wait_kind = {
		.name = "reaper.wait_kind", .group = "computed",
		.type = PCBSCOPE_TYPE_WORD, .get = get_unbuilt,
		.help = "what the reaper waits for",
	};

	context_task_columns(context);
	columns_add(&context->pool, &pid);
	add_reaper(context, "reaper.comm", "comm", "WHO",
		   "name of the reaper");
	add_reaper(context, "reaper.state", "state", "IT-IS",
		   "state of the reaper");
	add_reaper(context, "reaper.kernel_state", "kernel_state", "ITS-S",
		   "the kernel's letter for that state");
	columns_add(&context->pool, &wait_kind);
}

static bool is_zombie(const struct task *task)
{
	struct value state = record_get_named(&task->record, "state");

	return state.kind == VALUE_BYTES && state.len == 10 &&
	       memcmp(state.bytes, "terminated", 10) == 0;
}

static void add_field(struct buf *text, const struct task *task,
		      const char *name)
{
	struct value value = record_get_named(&task->record, name);

	value_text(text, &value, PCBSCOPE_UNIT_NONE, STYLE_CELL);
}

static void describe_death(struct buf *text, const struct task *zombie)
{
	struct value dead = record_get_named(&zombie->record, "dead_ns");
	struct value code = record_get_named(&zombie->record, "exit_code");
	struct value signal = record_get_named(&zombie->record, "exit_signal");
	const char *name = NULL;

	buf_printf(text, "%u (", zombie->pid);
	add_field(text, zombie, "comm");
	buf_puts(text, ") ");
	if (signal.kind == VALUE_UNSIGNED) {
		name = sigabbrev_np((int)signal.u);
		buf_printf(text, "was killed by signal %u",
			   (unsigned int)signal.u);
		buf_printf(text, name ? " (%s)" : "%s", name ? name : "");
	} else if (code.kind == VALUE_UNSIGNED) {
		buf_printf(text, "ended with exit status %u",
			   (unsigned int)code.u);
	} else {
		buf_puts(text, "has ended");
	}
	if (dead.kind != VALUE_UNSIGNED)
		return;
	buf_puts(text, " at most ");
	text_duration(text, dead.u);
	buf_puts(text, " ago");
}

static void describe_reaper(struct buf *text, const struct task *zombie)
{
	uint32_t reaper = reaper_of(zombie);

	if (!reaper) {
		buf_puts(text, "its parent is outside this pid namespace");
		return;
	}
	if (!zombie->other) {
		buf_printf(text, "process %u must call wait() for it", reaper);
		return;
	}
	buf_printf(text, "%u (", reaper);
	add_field(text, zombie->other, "comm");
	buf_puts(text, ") must call wait() for it, but is ");
	add_field(text, zombie->other, "state");
	buf_puts(text, " (");
	add_field(text, zombie->other, "kernel_state");
	buf_puts(text, ")");
}

/* Other threads may live on; the process then cannot be reaped yet. */
static void explain(struct context *context, const struct task *zombie)
{
	struct value threads = record_get_named(&zombie->record, "threads");
	struct buf text = { 0 };

	describe_death(&text, zombie);
	buf_puts(&text, "; ");
	if (threads.kind == VALUE_UNSIGNED && threads.u > 1)
		buf_printf(&text, "%u other threads of it live on: it cannot be reaped before they end",
			   (unsigned int)threads.u - 1);
	else
		describe_reaper(&text, zombie);
	buf_putc(&text, '.');
	out_note(&context->writer, text.data);
	buf_free(&text);
}

static void print(struct context *context, struct task_list *list)
{
	struct collection collection = {
		.name = "zombies",
		.shape = SHAPE_LIST,
		.columns = &context->chosen,
	};
	bool more = true, any = false;

	context_begin(context);
	out_open(&context->writer, &collection);
	for (uint32_t i = 0; more && i < list->nr; i++) {
		struct task *task = &list->all[i];

		if (!context_selects(context, task) || !is_zombie(task))
			continue;
		any = true;
		task->other = tasks_find(list, reaper_of(task));
		more = context_row(context, &context->chosen, task, task);
		explain(context, task);
	}
	if (!any)
		out_note(&context->writer, "No zombies: every process that ended was waited for.");
	out_close(&context->writer);
}

static enum status missing(struct context *context, struct task_list *list)
{
	struct numbers *pids = &context->options->selection.pids;

	for (uint32_t i = 0; i < list->nr; i++)
		numbers_see(pids, list->all[i].pid);
	return context_missing(context, pids);
}

static enum status run(struct context *context)
{
	struct task_list list = { 0 };
	enum status status = context_query(context,
					   PCBSCOPE_GROUP_STATE |
					   PCBSCOPE_GROUP_RELATIONS,
					   context->options->threads ?
					   PCBSCOPE_QUERY_THREADS : 0);

	if (status != STATUS_OK)
		return status;
	context_collect(context, &list, false);
	status = missing(context, &list);
	if (status != STATUS_FAILURE)
		print(context, &list);
	tasks_free(&list);
	return status;
}

const struct command cmd_zombies = {
	.name = "zombies",
	.args = "",
	.summary = "list terminated processes that nobody has waited for yet",
	.flags = COMMAND_SELECTS | COMMAND_THREADS | COMMAND_WHOLE_WALK,
	.text_columns = "pid,ppid,kernel_state,comm,exit_code,exit_signal,dead_ns,reaper.pid,reaper.comm,reaper.state",
	.thread_columns = "pid,tid,kernel_state,comm,exit_code,exit_signal,dead_ns,reaper.pid,reaper.comm,reaper.state",
	.data_columns = "pid,tid,ppid,comm,state,kernel_state,threads,uid,exit_code,exit_signal,dead_ns,reaper.pid,reaper.comm,reaper.state,reaper.wait_kind",
	.columns = columns,
	.run = run,
};
