// SPDX-License-Identifier: GPL-2.0
/*
 * task_columns.c - columns that no single field holds, made for people. They
 * are left out of JSON and raw output unless asked for.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "task.h"

/* Names cost a look into the user database: each is looked up once. */
static const char *user_name(uint32_t uid)
{
	static struct {
		uint32_t uid;
		char *name;
	} *known;
	static uint32_t nr;
	struct passwd *entry;
	char number[16];

	for (uint32_t i = 0; i < nr; i++)
		if (known[i].uid == uid)
			return known[i].name;
	entry = getpwuid(uid);
	snprintf(number, sizeof(number), "%u", uid);
	known = xrealloc(known, nr + 1, sizeof(*known));
	known[nr].uid = uid;
	known[nr].name = xstrdup(entry ? entry->pw_name : number);
	return known[nr++].name;
}

static struct value get_user(const struct column *column, const void *subject)
{
	const struct task *task = subject;
	struct value uid = record_get(&task->record, column->field);

	if (uid.kind != VALUE_UNSIGNED)
		return uid;
	return value_string(user_name((uint32_t)uid.u));
}

/* The column stands for user time; system time belongs to the same group. */
static struct value get_time(const struct column *column, const void *subject)
{
	const struct task *task = subject;
	struct value user = record_get(&task->record, column->field);
	struct value system = record_get_named(&task->record, "stime_ns");

	if (user.kind != VALUE_UNSIGNED || system.kind != VALUE_UNSIGNED)
		return user;
	return value_u(user.u + system.u);
}

static struct value get_age(const struct column *column, const void *subject)
{
	const struct task *task = subject;

	(void)column;
	if (task->boottime_ns < task->start_ns)
		return value_u(0);
	return value_u(task->boottime_ns - task->start_ns);
}

static bool is_true(const struct task *task, const char *name)
{
	struct value value = record_get_named(&task->record, name);

	return value.kind == VALUE_BOOL && value.u;
}

static void add_bracketed(struct buf *text, const char *brackets,
			  const struct value *comm)
{
	buf_putc(text, brackets[0]);
	if (comm->kind == VALUE_BYTES)
		buf_add(text, comm->bytes, comm->len);
	buf_putc(text, brackets[1]);
}

/* As ps: the arguments; [name] for who has none, as kernel threads do. */
static struct value get_command(const struct column *column,
				const void *subject)
{
	static struct buf text;
	const struct task *task = subject;
	struct value args = record_get(&task->record, column->field);
	struct value comm = record_get_named(&task->record, "comm");

	if (args.kind == VALUE_STRINGS && args.len)
		return args;
	buf_reset(&text);
	add_bracketed(&text, "[]", &comm);
	return (struct value){ .kind = VALUE_BYTES, .bytes = text.data,
			       .len = text.len };
}

static void add_marks(struct buf *text, const struct task *task)
{
	struct value depth = record_get_named(&task->record, "ns_depth");
	struct value inner = record_get_named(&task->record, "ns_pid");

	if (depth.kind == VALUE_UNSIGNED && depth.u &&
	    inner.kind == VALUE_UNSIGNED)
		buf_printf(text, " (pid %u inside)", (unsigned int)inner.u);
	if (is_true(task, "is_child_subreaper"))
		buf_puts(text, " (subreaper)");
}

/* [kernel thread], {thread of a process}, process (what is special). */
static struct value get_task(const struct column *column, const void *subject)
{
	static struct buf text;
	const struct task *task = subject;
	struct value comm = record_get(&task->record, column->field);

	buf_reset(&text);
	if (is_true(task, "kernel_thread"))
		add_bracketed(&text, "[]", &comm);
	else if (task->pid != task->tid)
		add_bracketed(&text, "{}", &comm);
	else if (comm.kind == VALUE_BYTES)
		buf_add(&text, comm.bytes, comm.len);
	if (task->pid == task->tid)
		add_marks(&text, task);
	return (struct value){ .kind = VALUE_BYTES, .bytes = text.data,
			       .len = text.len };
}

static const struct {
	struct column column;
	const char *field;
	const char *also;
} computed[] = {
	{ .field = "uid",
	  .column = { .name = "user", .get = get_user,
		      .type = PCBSCOPE_TYPE_STRING, .flags = COLUMN_TRUNC,
		      .help = "name of the effective user" } },
	{ .field = "utime_ns", .also = "stime_ns",
	  .column = { .name = "time_ns", .get = get_time,
		      .type = PCBSCOPE_TYPE_U64, .unit = PCBSCOPE_UNIT_NS,
		      .help = "user and system time together" } },
	{ .field = "start_boottime_ns",
	  .column = { .name = "age_ns", .get = get_age,
		      .type = PCBSCOPE_TYPE_U64, .unit = PCBSCOPE_UNIT_NS,
		      .help = "time since it was created" } },
	{ .field = "cmdline", .also = "comm",
	  .column = { .name = "command", .get = get_command,
		      .type = PCBSCOPE_TYPE_STRINGS, .flags = COLUMN_TRUNC,
		      .help = "arguments, or the name in brackets" } },
	{ .field = "comm", .also = "is_child_subreaper",
	  .column = { .name = "task", .get = get_task,
		      .type = PCBSCOPE_TYPE_STRING, .flags = COLUMN_TREE,
		      .help = "name: [kernel thread], {thread}, (marks)" } },
};

/** task_columns_add() - add all fields, and what can be computed from them */
void task_columns_add(struct column_set *set, const struct schema *schema)
{
	columns_add_fields(set, schema);
	for (size_t i = 0; i < ARRAY_SIZE(computed); i++) {
		const struct field *field = schema_field(schema,
							 computed[i].field);
		const struct field *also = computed[i].also ?
			schema_field(schema, computed[i].also) : field;
		struct column column = computed[i].column;

		if (!field || !also)
			continue;
		column.field = field;
		column.groups = 1ULL << field->abi.group |
				1ULL << also->abi.group;
		column.group = "computed";
		column.flags |= COLUMN_HIDDEN;
		columns_add(set, &column);
	}
}
