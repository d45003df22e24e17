// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_doctor.c - what stands between this reader and the module, and the cure.
 */
#include <string.h>
#include <sys/utsname.h>

#include "cmd.h"
#include "doctor.h"

static struct value get_what(const struct column *column, const void *subject)
{
	const struct check *check = subject;

	(void)column;
	return value_string(check->what);
}

static struct value get_pass(const struct column *column, const void *subject)
{
	const struct check *check = subject;

	(void)column;
	return (struct value){ .kind = VALUE_BOOL, .u = check->pass };
}

static struct value get_detail(const struct column *column, const void *subject)
{
	const struct check *check = subject;

	(void)column;
	return value_string(check->detail.data ? check->detail.data : "");
}

static struct value get_cure(const struct column *column, const void *subject)
{
	const struct check *check = subject;

	(void)column;
	if (check->pass)
		return value_none(VALUE_ABSENT);
	return value_string(check->cure.data ? check->cure.data : "");
}

static const char *pass_color(const struct value *value)
{
	return value->u ? "\033[32m" : "\033[1;31m";
}

static void columns(struct context *context)
{
	static const char *const words[] = { "FAIL", "PASS" };
	static const struct column of_checks[] = {
		{ .name = "pass", .heading = "RESULT", .get = get_pass,
		  .type = PCBSCOPE_TYPE_BOOL, .words = words,
		  .color = pass_color, .help = "the check found nothing wrong" },
		{ .name = "what", .heading = "CHECK", .get = get_what,
		  .type = PCBSCOPE_TYPE_STRING, .help = "what was checked" },
		{ .name = "detail", .heading = "FOUND", .get = get_detail,
		  .type = PCBSCOPE_TYPE_STRING, .flags = COLUMN_WRAP,
		  .help = "what was found" },
		{ .name = "cure", .get = get_cure, .flags = COLUMN_WRAP,
		  .type = PCBSCOPE_TYPE_STRING,
		  .help = "what to do about it; absent if there is no need" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(of_checks); i++)
		columns_add(&context->pool, &of_checks[i]);
}

static const char *cure_of(const struct check *check)
{
	return check->cure.data ? check->cure.data : "";
}

/* One line for all checks with the same cure, at the first of them. */
static void note_cure(struct context *context, const struct check *checks, uint32_t nr,
		      uint32_t which)
{
	struct buf text = { 0 };

	for (uint32_t i = 0; i < nr; i++) {
		if (checks[i].pass || strcmp(cure_of(&checks[i]), cure_of(&checks[which])) != 0)
			continue;
		if (i < which)
			return;
		buf_puts(&text, i > which ? ", " : "");
		buf_puts(&text, checks[i].what);
	}
	buf_puts(&text, ": ");
	buf_puts(&text, cure_of(&checks[which]));
	out_note(&context->writer, text.data);
	buf_free(&text);
}

static enum status run(struct context *context)
{
	struct collection collection = {
		.name = "checks",
		.shape = SHAPE_LIST,
		.columns = &context->chosen,
	};
	enum status status = STATUS_OK;
	uint32_t nr;
	struct check *checks = doctor_check(&nr);

	context_begin(context);
	out_open(&context->writer, &collection);
	for (uint32_t i = 0; i < nr; i++) {
		context_row(context, &context->chosen, &checks[i], NULL);
		if (checks[i].pass)
			continue;
		note_cure(context, checks, nr, i);
		status = STATUS_FAILURE;
	}
	if (status == STATUS_OK)
		out_note(&context->writer, "Nothing stands in the way.");
	out_close(&context->writer);
	doctor_free(checks, nr);
	return status;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.args = "",
	.summary = "find out why it does not work, and what to do about it",
	.flags = COMMAND_NO_SOURCE,
	.text_columns = "pass,what,detail",
	.columns = columns,
	.run = run,
};
