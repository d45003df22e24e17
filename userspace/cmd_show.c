// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_show.c - one process, one screen: the boxes of the book's PCB figure.
 */
#include <string.h>

#include "cmd.h"

static const struct {
	const char *name;
	const char *title;
} boxes[] = {
	{ "identity", "Process number and identity" },
	{ "state", "Process state" },
	{ "context", "Program counter and CPU registers" },
	{ "scheduling", "CPU-scheduling information" },
	{ "memory", "Memory-management information" },
	{ "accounting", "Accounting information" },
	{ "files", "I/O status information (open files)" },
	{ "relations", "Relations to other processes" },
	{ "credentials", "Credentials" },
	{ "wait", "What it waits for" },
};

static const char linux_differs[] =
	"Linux differs from the book: a process has no base and limit registers, "
	"its memory is mapped page by page; and it has no account number, it is "
	"accounted to a user.";

static struct value get_unbuilt(const struct column *column,
				const void *subject)
{
	(void)column;
	(void)subject;
	return value_none(VALUE_UNBUILT);
}

static const char *title_of(const char *box)
{
	for (size_t i = 0; i < ARRAY_SIZE(boxes); i++)
		if (strcmp(boxes[i].name, box) == 0)
			return boxes[i].title;
	return box;
}

static const char *box_of(const struct context *context,
			  const struct column *column)
{
	uint32_t bit = column->field->abi.group;

	return context->source.schema.by_bit[bit]->box;
}

static const char *nested_name(struct column_set *pool, const char *box,
			       const char *name)
{
	struct buf nested = { 0 };

	buf_printf(&nested, "%s.%s", box, name);
	return columns_own(pool, nested.data);
}

/* All fields of one box; a box without any is there, but unknown. */
static void add_box(struct context *context, const struct column_set *fields,
		    const char *box)
{
	struct column unbuilt = {
		.name = box, .section = title_of(box), .group = "-",
		.get = get_unbuilt, .type = PCBSCOPE_TYPE_STRING,
		.help = "not shown by this version yet",
	};
	bool any = false;

	for (uint32_t i = 0; i < fields->nr; i++) {
		struct column column = fields->columns[i];

		if (strcmp(box_of(context, &column), box) != 0)
			continue;
		column.name = nested_name(&context->pool, box, column.name);
		column.section = title_of(box);
		columns_add(&context->pool, &column);
		any = true;
	}
	if (!any)
		columns_add(&context->pool, &unbuilt);
}

static bool is_known_box(const char *box)
{
	for (size_t i = 0; i < ARRAY_SIZE(boxes); i++)
		if (strcmp(boxes[i].name, box) == 0)
			return true;
	return false;
}

static bool is_first_of_box(const struct schema *schema, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++)
		if (strcmp(schema->groups[j].box, schema->groups[i].box) == 0)
			return false;
	return true;
}

/* The boxes of the contract, then those that a newer module may have. */
static void columns(struct context *context)
{
	const struct schema *schema = &context->source.schema;
	struct column_set fields = { 0 };

	columns_add_fields(&fields, schema);
	for (size_t i = 0; i < ARRAY_SIZE(boxes); i++)
		add_box(context, &fields, boxes[i].name);
	for (uint32_t i = 0; i < schema->shape.nr_groups; i++)
		if (!is_known_box(schema->groups[i].box) &&
		    is_first_of_box(schema, i))
			add_box(context, &fields, schema->groups[i].box);
	columns_free(&fields);
}

static void print(struct context *context, const struct task_list *list)
{
	bool one = context->args.nr == 1;
	struct collection collection = {
		.name = one ? "pcb" : "pcbs",
		.shape = one ? SHAPE_OBJECT : SHAPE_OBJECTS,
		.columns = &context->chosen,
	};

	context_begin(context);
	out_open(&context->writer, &collection);
	/* A forged recording may hold a process twice; one object has one row. */
	for (uint32_t i = 0; i < (one ? 1 : list->nr); i++)
		if (!context_row(context, &context->chosen, &list->all[i],
				 &list->all[i]))
			break;
	if (!context->options->output)
		out_note(&context->writer, linux_differs);
	out_close(&context->writer);
}

static enum status run(struct context *context)
{
	struct numbers *pids = &context->options->selection.pids;
	struct task_list list = { 0 };
	enum status status;

	for (uint32_t i = 0; i < context->args.nr; i++)
		numbers_add(pids, context->args.all[i]);
	numbers_sort(pids);
	status = context_query(context, 0, 0);
	if (status != STATUS_OK)
		return status;
	context_collect(context, &list, true);
	status = context_missing(context, pids);
	if (status != STATUS_FAILURE)
		print(context, &list);
	tasks_free(&list);
	return status;
}

const struct command cmd_show = {
	.name = "show",
	.args = "PID...",
	.summary = "show the whole PCB of a process, box by box as in the book",
	.flags = COMMAND_ARGS | COMMAND_NEEDS_ARGS,
	.columns = columns,
	.run = run,
};
