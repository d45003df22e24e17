// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "matrix.h"
#include "records.h"

enum gate { OPEN, READ };
enum source { NONE, STAT, STATUS, COMM, EXE, CMDLINE, USERNS };

struct row {
	const char *field;
	enum gate gate;
	enum source source;
	const char *key;
	int index;
};

static const struct row rows[] = {
#define MATRIX(field, gate, source, key, index) { #field, gate, source, key, index },
#include "matrix_table.h"
};

#define NR_ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct row *row_find(const char *field)
{
	unsigned int i;

	for (i = 0; i < NR_ROWS; i++)
		if (!strcmp(rows[i].field, field))
			return &rows[i];
	return NULL;
}

const char *matrix_missing(void)
{
	const struct field *field;
	unsigned int i, count;

	field = fields(&count);
	for (i = 0; i < count; i++, field++)
		if (!row_find(field->name))
			return field->name;
	return count == NR_ROWS ? NULL : "a line of no field";
}

void tally_wrong(struct tally *tally, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!__atomic_fetch_add(&tally->wrong, 1, __ATOMIC_RELAXED))
		vsnprintf(tally->first, sizeof(tally->first), format, args);
	va_end(args);
}

void told_take(pid_t pid, struct told *told)
{
	char link[64];

	memset(told, 0, sizeof(*told));
	told->exists = proc_stat(pid, 0, &told->stat);
	if (!told->exists)
		return;
	told->moves = pid == getpid();
	if (proc_read(pid, 0, "status", told->status, sizeof(told->status)) < 0)
		told->status[0] = '\0';
	told->read = proc_link(pid, "ns/user", link, sizeof(link)) > 0;
	told->user_ns = told->read ? ns_inode(pid, "user") : 0;
	told->exe_bytes = proc_link(pid, "exe", told->exe, sizeof(told->exe));
	told->cmdline_bytes = proc_read(pid, 0, "cmdline", told->cmdline, sizeof(told->cmdline));
}

/* The index-th number behind "Key:", -1 for the last; false: procfs does not say. */
static bool status_tells(const struct told *told, const struct row *row, long long *value)
{
	char line[256], *at = line, *end;
	int i;

	if (!key_text(told->status, row->key, line, sizeof(line)))
		return false;
	for (i = 0; row->index < 0 || i <= row->index; i++) {
		long long next = strtoll(at, &end, 10);

		if (end == at)
			return i > 0 && row->index < 0;
		*value = next;
		at = end;
	}
	if (strstr(at, "kB"))
		*value *= 1024;
	return true;
}

/* What the file tells as a number; false: nothing. */
static bool tells_number(const struct told *told, const struct row *row, long long *value)
{
	switch (row->source) {
	case STAT:
		*value = told->stat.value[row->index];
		return true;
	case STATUS:
		return status_tells(told, row, value);
	case USERNS:
		*value = told->user_ns;
		return told->read;
	default:
		return false;
	}
}

static const char *tells_bytes(const struct told *told, const struct row *row, ssize_t *bytes)
{
	switch (row->source) {
	case EXE:
		*bytes = told->exe_bytes;
		return told->exe;
	case CMDLINE:
		*bytes = told->cmdline_bytes;
		return told->cmdline;
	default:
		*bytes = strlen(told->stat.comm);
		return told->stat.comm;
	}
}

/* Text has blanks between arguments and escapes: only what has neither can be compared. */
static bool same_bytes(const struct given *given, const char *told, ssize_t bytes)
{
	if (!given->escaped)
		return bytes >= (ssize_t)given->nr_bytes &&
			!memcmp(given->bytes, told, given->nr_bytes);
	if (bytes <= 0)
		return !strcmp(given->bytes, "\\000");
	if (strpbrk(given->bytes, "\\ "))
		return true;
	return !strncmp(given->bytes, told, bytes);
}

static const char *differs(const struct told *told, const struct row *row,
			   const struct given *given)
{
	long long value;
	const char *text;
	ssize_t bytes;

	if (row->source == NONE || told->moves)
		return NULL;
	if (given->bytes) {
		text = tells_bytes(told, row, &bytes);
		if (!given->nr_bytes)
			return NULL;
		return same_bytes(given, text, bytes) ? NULL : "is not what procfs tells";
	}
	if (!tells_number(told, row, &value))
		return given->number ? "is told, though procfs does not" : NULL;
	return !given->number || given->number == value ? NULL : "is not what procfs tells";
}

static void check(const struct told *told, const struct row *row, const struct given *given,
		  const struct reader *reader, struct tally *tally, const char *how)
{
	const char *fault = NULL;

	tally->compared++;
	if (!told->exists)
		fault = "of a task that procfs does not show";
	else if (given->bytes ? !given->nr_bytes : !given->number)
		return;
	else if (row->gate == OPEN || told->read)
		fault = differs(told, row, given);
	else if (reader->confined)
		tally->exceptions++;
	else
		fault = "is told, though procfs refuses";
	if (fault)
		tally_wrong(tally, "%s, %s, pid %lld (%s): %s %s: %lld %.40s", reader->name, how,
			    told->stat.value[1], told->stat.comm, row->field, fault, given->number,
			    given->bytes ? given->bytes : "");
}

void told_check_record(const struct told *told, const struct pcbscope_record *record,
		       const struct reader *reader, struct tally *tally, const char *how)
{
	static const struct row *row_of[NR_ROWS];
	const struct field *field;
	unsigned int i, count;

	tally->with_data++;
	field = fields(&count);
	for (i = 0; i < count && i < NR_ROWS; i++, field++) {
		struct given given = { 0 };

		if (!(record->groups & 1ULL << field->group) || !record_has(record, field->name))
			continue;
		if (!row_of[i])
			row_of[i] = row_find(field->name);
		if (!row_of[i])
			continue;
		if (field->type >= PCBSCOPE_TYPE_TEXT)
			given.bytes = record_bytes(record, field->name, &given.nr_bytes);
		else if (!record_number(record, field->name, &given.number))
			continue;
		check(told, row_of[i], &given, reader, tally, how);
	}
}

/* A cell of text; a word of a vocabulary is of no use here. */
static void check_cell(const struct told *told, const struct row *row, const char *value,
		       const struct reader *reader, struct tally *tally, const char *how)
{
	const struct field *field = field_find(row->field);
	struct given given = { 0 };
	char *end;

	if (!field || !strcmp(value, "-") || !strcmp(value, "?"))
		return;
	if (field->type >= PCBSCOPE_TYPE_TEXT) {
		given.bytes = value;
		given.nr_bytes = strlen(value);
		given.escaped = true;
	} else {
		given.number = strtoll(value, &end, 0);
		if (*end)
			return;
	}
	check(told, row, &given, reader, tally, how);
}

void told_check_text(const struct told *told, const char *lines, const struct reader *reader,
		     struct tally *tally, const char *how)
{
	char value[8192];
	unsigned int i;

	tally->with_data++;
	for (i = 0; i < NR_ROWS; i++)
		if (key_text(lines, rows[i].field, value, sizeof(value)))
			check_cell(told, &rows[i], value, reader, tally, how);
}

void told_check_row(const struct told *told, const struct table *table, unsigned int row,
		    const struct reader *reader, struct tally *tally, const char *how)
{
	const char *value;
	unsigned int i;

	tally->with_data++;
	for (i = 0; i < NR_ROWS; i++) {
		value = table_column(table, rows[i].field) < 0 ? NULL :
			table_cell(table, row, rows[i].field);
		if (value)
			check_cell(told, &rows[i], value, reader, tally, how);
	}
}
