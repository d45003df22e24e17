// SPDX-License-Identifier: GPL-2.0
/*
 * column.c - the columns of a command, and choosing among them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "column.h"

void columns_add(struct column_set *set, const struct column *column)
{
	set->columns = xrealloc(set->columns, set->nr + 1, sizeof(*column));
	set->columns[set->nr++] = *column;
}

/** columns_own() - have @string freed with @set; returns it */
const char *columns_own(struct column_set *set, char *string)
{
	set->owned = xrealloc(set->owned, set->nr_owned + 1,
			      sizeof(*set->owned));
	set->owned[set->nr_owned++] = string;
	return string;
}

void columns_free(struct column_set *set)
{
	while (set->nr_owned)
		free(set->owned[--set->nr_owned]);
	free(set->owned);
	free(set->columns);
	memset(set, 0, sizeof(*set));
}

static const char *state_color(const struct value *value)
{
	static const struct {
		const char *word;
		const char *sequence;
	} colors[] = {
		{ "new", "\033[36m" },
		{ "ready", "\033[33m" },
		{ "running", "\033[1;32m" },
		{ "terminated", "\033[31m" },
	};

	if (value->kind != VALUE_BYTES)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(colors); i++)
		if (strlen(colors[i].word) == value->len &&
		    memcmp(colors[i].word, value->bytes, value->len) == 0)
			return colors[i].sequence;
	return NULL;
}

static const char *short_heading(const char *name)
{
	static const char *const headings[][2] = {
		{ "kernel_state", "S" },
		{ "nice", "NI" },
		{ "priority", "PRI" },
		{ "threads", "THR" },
		{ "voluntary_switches", "VOL-SW" },
		{ "involuntary_switches", "INVOL-SW" },
		{ "exit_code", "EXIT" },
		{ "exit_signal", "SIGNAL" },
		{ "start_boottime_ns", "STARTED-AT" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(headings); i++)
		if (strcmp(headings[i][0], name) == 0)
			return headings[i][1];
	return NULL;
}

static struct column field_column(const struct schema *schema,
				  const struct field *field)
{
	uint32_t bit = field->abi.group;

	return (struct column){
		.name = field->abi.name,
		.heading = short_heading(field->abi.name),
		.group = schema->by_bit[bit]->name,
		.help = field->abi.help,
		.type = field->abi.type,
		.unit = field->abi.unit,
		.groups = 1ULL << bit,
		.field = field,
		.color = field->abi.type == PCBSCOPE_TYPE_WORD &&
			 field->abi.vocabulary == PCBSCOPE_WORDS_STATE ?
			 state_color : NULL,
	};
}

/** columns_add_fields() - add every field that a module or recording lists */
void columns_add_fields(struct column_set *set, const struct schema *schema)
{
	for (uint32_t i = 0; i < schema->shape.nr_fields; i++) {
		struct column column = field_column(schema, &schema->fields[i]);

		columns_add(set, &column);
	}
}

/*
 * A name is right in either case, without its unit, and without the object that
 * it is nested in: "identity.pid", "PID", "pid"; "rss_bytes", "rss".
 */
static bool is_named(const struct column *column, const char *asked)
{
	static const char *const units[] = { "_ns", "_bytes" };
	const char *name = column->name, *dot = strchr(name, '.');
	size_t len = strlen(asked);

	if (strcasecmp(name, asked) == 0)
		return true;
	if (dot && !strchr(asked, '.'))
		name = dot + 1;
	if (strcasecmp(name, asked) == 0)
		return true;
	if (strncasecmp(name, asked, len) != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (strcmp(name + len, units[i]) == 0)
			return true;
	return false;
}

const struct column *columns_find(const struct column_set *set,
				  const char *name)
{
	for (uint32_t i = 0; i < set->nr; i++)
		if (strcasecmp(set->columns[i].name, name) == 0)
			return &set->columns[i];
	for (uint32_t i = 0; i < set->nr; i++)
		if (is_named(&set->columns[i], name))
			return &set->columns[i];
	return NULL;
}

static void complain_column(const struct column_set *pool, const char *name)
{
	struct buf names = { 0 };

	buf_reset(&names);
	for (uint32_t i = 0; i < pool->nr; i++) {
		buf_puts(&names, i ? " " : "");
		buf_puts(&names, pool->columns[i].name);
	}
	err("unknown column '%s'; valid columns: %s (described by -H)", name,
	    names.data);
	buf_free(&names);
}

static bool has_column(const struct column_set *set, const char *name)
{
	for (uint32_t i = 0; i < set->nr; i++)
		if (strcmp(set->columns[i].name, name) == 0)
			return true;
	return false;
}

static enum status add_list(struct column_set *chosen,
			    const struct column_set *pool, const char *list,
			    bool required)
{
	char *copy = xstrdup(list), *rest = copy, *name;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && (name = strsep(&rest, ","))) {
		const struct column *column = columns_find(pool, name);

		if (column && !has_column(chosen, column->name)) {
			columns_add(chosen, column);
		} else if (!column && required) {
			complain_column(pool, name);
			status = STATUS_USAGE;
		}
	}
	free(copy);
	return status;
}

static void add_default(struct column_set *chosen,
			const struct column_set *pool, const char *defaults)
{
	if (defaults) {
		add_list(chosen, pool, defaults, false);
		return;
	}
	for (uint32_t i = 0; i < pool->nr; i++)
		if (!(pool->columns[i].flags & COLUMN_HIDDEN))
			columns_add(chosen, &pool->columns[i]);
}

/**
 * columns_choose() - choose among the columns of a command
 * @chosen: result
 * @pool: all columns of the command
 * @defaults: names, separated by commas; those that the pool lacks are left
 *	out; NULL: all that are not hidden
 * @asked: argument of -o, or NULL; with a leading '+' it adds to the defaults
 */
enum status columns_choose(struct column_set *chosen,
			   const struct column_set *pool, const char *defaults,
			   const char *asked)
{
	if (!asked || asked[0] == '+')
		add_default(chosen, pool, defaults);
	if (!asked)
		return STATUS_OK;
	return add_list(chosen, pool, asked + (asked[0] == '+'), true);
}

/** columns_groups() - which groups must be asked for to fill @set */
uint64_t columns_groups(const struct column_set *set)
{
	uint64_t groups = 0;

	for (uint32_t i = 0; i < set->nr; i++)
		groups |= set->columns[i].groups;
	return groups;
}

/**
 * column_heading() - the heading of a column in a table
 *
 * Its name in capitals, without the unit: cells carry it.
 */
void column_heading(const struct column *column, struct buf *heading)
{
	static const char *const units[] = { "_NS", "_BYTES" };

	buf_reset(heading);
	if (column->heading) {
		buf_puts(heading, column->heading);
		return;
	}
	for (const char *p = column->name; *p; p++)
		buf_putc(heading, (char)(*p == '.' ? '_' : toupper(*p)));
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		size_t len = strlen(units[i]);

		if (heading->len > len &&
		    strcmp(heading->data + heading->len - len, units[i]) == 0) {
			heading->len -= len;
			heading->data[heading->len] = '\0';
		}
	}
}
