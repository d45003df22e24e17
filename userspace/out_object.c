// SPDX-License-Identifier: GPL-2.0
/*
 * out_object.c - one object as text: named values under headings, or a figure.
 */
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "text.h"

#define BOLD		"\033[1m"
#define PLAIN		"\033[0m"

static const char *short_name(const struct column *column)
{
	const char *dot = strchr(column->name, '.');

	return dot ? dot + 1 : column->name;
}

#define NAME_COLUMNS	18
#define GAP_COLUMNS	2

/* The value as text; returns how many columns it takes. */
static size_t value_colored(struct writer *writer, const struct column *column,
			    const struct value *value)
{
	const char *color = writer->color && column->color ?
			    column->color(value) : NULL;
	size_t columns;

	buf_reset(&writer->scratch);
	if (color)
		buf_puts(&writer->scratch, color);
	if (column->words && value->kind == VALUE_BOOL)
		buf_puts(&writer->scratch, column->words[value->u != 0]);
	else
		value_text(&writer->scratch, value, column->unit, STYLE_LONG);
	columns = text_columns(writer->scratch.data);
	if (!color)
		return columns;
	buf_puts(&writer->scratch, PLAIN);
	return columns - strlen(color);
}

static void section(struct writer *writer, const char *title)
{
	size_t used = text_columns(title) + 4;
	struct buf line = { 0 };

	buf_puts(&line, writer->color ? BOLD : "");
	text_ascii_art(&line, "── ");
	text_ascii_art(&line, title);
	buf_putc(&line, ' ');
	for (; used < out_width() - 1; used++)
		text_ascii_art(&line, "─");
	buf_puts(&line, writer->color ? PLAIN "\n" : "\n");
	fwrite(line.data, 1, line.len, stdout);
	buf_free(&line);
}

static void print_pair(struct writer *writer, const struct column *column)
{
	fprintf(stdout, "%*s", GAP_COLUMNS, "");
	if (writer->headings)
		fprintf(stdout, "%-*s ", NAME_COLUMNS, short_name(column));
	fputs(writer->scratch.data, stdout);
}

/*
 * Pairs of name and value, two abreast where both fit into half a line each.
 * @used is what the line at hand holds already, 0 at its beginning.
 */
static size_t pair(struct writer *writer, const struct column *column,
		   const struct value *value, size_t used)
{
	size_t half = out_width() / 2, name = strlen(short_name(column));
	size_t columns = value_colored(writer, column, value);

	columns += GAP_COLUMNS + 1 + (name > NAME_COLUMNS ? name : NAME_COLUMNS);
	if (used && columns > half) {
		fputc('\n', stdout);
		used = 0;
	}
	if (used)
		fprintf(stdout, "%*s", (int)(half - used), "");
	print_pair(writer, column);
	if (!used && columns < half)
		return columns;
	fputc('\n', stdout);
	return 0;
}

static void list(struct writer *writer, const struct row *row)
{
	const struct column_set *columns = writer->collection->columns;
	const char *open = NULL;
	size_t used = 0;

	if (writer->nr_rows)
		fputc('\n', stdout);
	for (uint32_t i = 0; i < columns->nr; i++) {
		const struct column *column = &columns->columns[i];

		if (column->section &&
		    (!open || strcmp(open, column->section) != 0)) {
			fputs(used ? "\n" : "", stdout);
			used = 0;
			section(writer, column->section);
		}
		open = column->section;
		used = pair(writer, column, &row->values[i], used);
	}
	fputs(used ? "\n" : "", stdout);
}

static void centred(struct writer *writer, const struct row *row,
		    const char *name, size_t width)
{
	const struct column_set *columns = writer->collection->columns;
	struct buf *text = &writer->scratch;
	size_t pad;

	buf_reset(text);
	for (uint32_t i = 0; i < columns->nr; i++) {
		const struct column *column = &columns->columns[i];

		if (strncmp(column->name, name, strlen(column->name)) == 0)
			value_text(text, &row->values[i], column->unit,
				   STYLE_CELL);
	}
	pad = width > text->len ? width - text->len : 0;
	fprintf(stdout, "%*s%s%*s", (int)(pad / 2), "", text->data,
		(int)(pad - pad / 2), "");
}

static void figure(struct writer *writer, const struct row *row)
{
	const char *p = writer->collection->figure;
	struct buf piece = { 0 };

	while (*p) {
		size_t len = strcspn(p, "{"), width;
		char *plain = strndup(p, len);

		buf_reset(&piece);
		text_ascii_art(&piece, plain ? plain : "");
		free(plain);
		fwrite(piece.data, 1, piece.len, stdout);
		p += len;
		if (!*p)
			break;
		width = strcspn(p, "}") + 1;
		centred(writer, row, p + 1, width);
		p += width;
	}
	buf_free(&piece);
}

/** out_object() - print the one row of a collection of SHAPE_OBJECT */
void out_object(struct writer *writer, const struct row *row)
{
	if (writer->collection->figure)
		figure(writer, row);
	else
		list(writer, row);
}
