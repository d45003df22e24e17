// SPDX-License-Identifier: GPL-2.0
/*
 * context.c - what commands share: from options to rows.
 */
#include <string.h>

#include "cmd.h"

void context_task_columns(struct context *context)
{
	task_columns_add(&context->pool, &context->source.schema);
}

/**
 * context_query() - start the walk that the chosen columns need
 * @context: of the command; nothing was printed yet
 * @groups: asked for besides those of the columns and of the selection
 * @flags: PCBSCOPE_QUERY_*
 */
enum status context_query(struct context *context, uint64_t groups,
			  uint64_t flags)
{
	const struct selection *selection = &context->options->selection;
	bool whole = context->command->flags & COMMAND_WHOLE_WALK;
	struct request request = {
		.groups = groups | columns_groups(&context->chosen),
		.flags = flags,
	};

	request.groups |= selection_groups(selection);
	task_fields_find(&context->fields, &context->source.schema);
	if (!whole && selection->pids.nr) {
		request.pids = selection->pids.all;
		request.nr_pids = selection->pids.nr;
	} else if (!whole) {
		request.states = selection->states;
	}
	return source_begin(&context->source, &request);
}

/**
 * context_next() - the next task of the walk, selected or not
 *
 * Return: 1; 0 at the end, and after a complaint, which makes the result
 * partial: what was printed so far is completed.
 */
int context_next(struct context *context, struct task *task)
{
	struct record record;
	int more = source_next(&context->source, &record);

	if (more < 0)
		context->has_failed = true;
	if (more != 1)
		return 0;
	task_read(task, &record, &context->fields,
		  context->source.walk.boottime_ns);
	return 1;
}

/** context_begin() - begin the document, unless that was done already */
void context_begin(struct context *context)
{
	const struct source *source = &context->source;
	struct document document = {
		.kernel = source->info.kernel_release,
		.arch = source->info.arch,
		.generation = source->walk.generation,
		.boottime_ns = source->walk.boottime_ns,
		.is_walk = source->walk.groups != 0,
	};

	if (!context->writer.begun)
		out_begin(&context->writer, &document);
}

static uint32_t denied_names(const struct record *record, const char **names)
{
	uint64_t left = record->head->denied;
	uint32_t nr = 0;

	for (; left; left &= left - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(left);

		if (record->schema->by_bit[bit])
			names[nr++] = record->schema->by_bit[bit]->name;
	}
	return nr;
}

/**
 * context_row() - print one row
 * @context: of the command; its collection is open
 * @columns: of the collection
 * @subject: what the columns' get functions are given
 * @task: the task it is about, or NULL
 *
 * Return: false if stdout takes no more.
 */
bool context_row(struct context *context, const struct column_set *columns,
		 const void *subject, const struct task *task)
{
	const char *denied[64];
	struct row row = { .denied = denied };
	struct value *values;

	context->values = xrealloc(context->values, columns->nr,
				   sizeof(*values));
	row.values = values = context->values;
	for (uint32_t i = 0; i < columns->nr; i++) {
		const struct column *column = &columns->columns[i];

		values[i] = column->get ? column->get(column, subject) :
			    record_get(&task->record, column->field);
	}
	if (task) {
		row.depth = task->depth;
		row.nr_denied = denied_names(&task->record, denied);
	}
	return out_row(&context->writer, &row);
}

/* A process asked for by number: note that it was met, and if it was whole. */
static void note_asked(struct context *context, struct numbers *asked,
		       const struct task *task)
{
	if (!numbers_have(asked, task->pid))
		return;
	numbers_see(asked, task->pid);
	if (!task->record.head->denied || context->was_refused)
		return;
	context->was_refused = true;
	err("cannot read all of process %u: permission refused; become root, or see 'pcbscope doctor'",
	    task->pid);
}

/**
 * context_selects() - is this task to be shown?
 *
 * Notes on the way which processes asked for by number were met.
 */
bool context_selects(struct context *context, const struct task *task)
{
	struct selection *selection = &context->options->selection;

	note_asked(context, &selection->pids, task);
	return selection_has(selection, &task->record);
}

/**
 * context_collect() - keep all tasks of the walk in memory, sorted
 * @context: of the command
 * @list: result
 * @selected: only those that are selected
 */
void context_collect(struct context *context, struct task_list *list,
		     bool selected)
{
	struct task task;

	while (context_next(context, &task)) {
		if (selected && !context_selects(context, &task))
			continue;
		source_save(&context->source, &task.record);
		tasks_add(list, &task);
	}
	tasks_sort(list);
}

static void complain_missing(const struct context *context, uint32_t pid)
{
	if (context->options->from)
		err("no process %u in the recording '%s'", pid,
		    context->options->from);
	else
		err("no process %u: it has ended, or never was; 'pcbscope ps' lists those there are",
		    pid);
}

/**
 * context_missing() - were all processes met that were asked for by number?
 * @context: of the command, at the end of the walk
 * @asked: the numbers
 *
 * Return: STATUS_FAILURE if none was, STATUS_PARTIAL if not all were.
 */
enum status context_missing(struct context *context,
			    const struct numbers *asked)
{
	uint32_t missing = 0;

	for (uint32_t i = 0; i < asked->nr; i++) {
		if (asked->seen[i])
			continue;
		complain_missing(context, asked->all[i]);
		missing++;
	}
	if (missing && missing == asked->nr)
		return STATUS_FAILURE;
	if (missing || context->was_refused || context->has_failed)
		return STATUS_PARTIAL;
	return STATUS_OK;
}

static void stream(struct context *context, const struct collection *collection)
{
	struct task task;
	bool more = true;

	while (more && context_next(context, &task)) {
		if (!context_selects(context, &task))
			continue;
		source_save(&context->source, &task.record);
		if (!context->writer.collection) {
			context_begin(context);
			out_open(&context->writer, collection);
		}
		more = context_row(context, &context->chosen, &task, &task);
	}
}

static void collect_and_print(struct context *context,
			      const struct collection *collection)
{
	struct task_list list = { 0 };
	bool more = true;

	context_collect(context, &list, true);
	for (uint32_t i = 0; more && i < list.nr; i++) {
		if (!i) {
			context_begin(context);
			out_open(&context->writer, collection);
		}
		more = context_row(context, &context->chosen, &list.all[i],
				   &list.all[i]);
	}
	tasks_free(&list);
}

/**
 * list_tasks() - print one row for each selected task
 * @context: of the command
 * @name: of the collection
 * @threads: a row for each thread
 *
 * Processes come from the source in the order wanted and are printed as they
 * come. Threads come by their own numbers, and must be sorted first.
 */
enum status list_tasks(struct context *context, const char *name, bool threads)
{
	struct collection collection = {
		.name = name,
		.shape = SHAPE_LIST,
		.columns = &context->chosen,
	};
	enum status status = context_query(context, 0, threads ?
					   PCBSCOPE_QUERY_THREADS : 0);

	if (status != STATUS_OK)
		return status;
	if (threads)
		collect_and_print(context, &collection);
	else
		stream(context, &collection);
	status = context_missing(context, &context->options->selection.pids);
	if (status == STATUS_FAILURE)
		return status;
	if (!context->writer.collection) {
		context_begin(context);
		out_open(&context->writer, &collection);
	}
	out_close(&context->writer);
	return status;
}
