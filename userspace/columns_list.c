// SPDX-License-Identifier: GPL-2.0
/*
 * columns_list.c - the columns of a command, listed (-H).
 */
#include "cmd.h"

static struct value get_name(const struct column *column, const void *subject)
{
	const struct column *listed = subject;

	(void)column;
	return value_string(listed->name);
}

static struct value get_type(const struct column *column, const void *subject)
{
	const struct column *listed = subject;

	(void)column;
	return value_string(schema_type_name(listed->type));
}

static struct value get_unit(const struct column *column, const void *subject)
{
	const struct column *listed = subject;

	(void)column;
	if (listed->unit == PCBSCOPE_UNIT_NONE)
		return value_none(VALUE_ABSENT);
	return value_string(schema_unit_name(listed->unit));
}

static struct value get_group(const struct column *column, const void *subject)
{
	const struct column *listed = subject;

	(void)column;
	return value_string(listed->group ? listed->group : "-");
}

static struct value get_help(const struct column *column, const void *subject)
{
	const struct column *listed = subject;

	(void)column;
	return value_string(listed->help ? listed->help : "");
}

static const struct column of_list[] = {
	{ .name = "name", .type = PCBSCOPE_TYPE_STRING, .get = get_name },
	{ .name = "type", .type = PCBSCOPE_TYPE_STRING, .get = get_type },
	{ .name = "unit", .type = PCBSCOPE_TYPE_STRING, .get = get_unit },
	{ .name = "group", .type = PCBSCOPE_TYPE_STRING, .get = get_group },
	{ .name = "help", .type = PCBSCOPE_TYPE_STRING, .get = get_help,
	  .flags = COLUMN_WRAP },
};

/** columns_list() - print all columns of the command at hand */
void columns_list(struct context *context)
{
	struct column_set set = { 0 };
	struct collection collection = {
		.name = "columns",
		.shape = SHAPE_LIST,
		.columns = &set,
	};

	for (size_t i = 0; i < ARRAY_SIZE(of_list); i++)
		columns_add(&set, &of_list[i]);
	context_begin(context);
	out_open(&context->writer, &collection);
	for (uint32_t i = 0; i < context->pool.nr; i++)
		if (!context_row(context, &set, &context->pool.columns[i],
				 NULL))
			break;
	out_close(&context->writer);
	columns_free(&set);
}
