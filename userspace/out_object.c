// SPDX-License-Identifier: GPL-2.0
/*
 * out_object.c - one object as text: named values under headings, or a figure.
 */
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "text.h"

#define RULE_COLUMNS	72
#define BOLD		"\033[1m"
#define PLAIN		"\033[0m"

static const char *short_name(const struct column *column)
{
	const char *dot = strchr(column->name, '.');

	return dot ? dot + 1 : column->name;
}

static int name_columns(const struct column_set *columns)
{
	size_t widest = 0;

	for (uint32_t i = 0; i < columns->nr; i++) {
		size_t len = strlen(short_name(&columns->columns[i]));

		widest = len > widest ? len : widest;
	}
	return (int)widest;
}

static void value_colored(struct writer *writer, const struct column *column,
			  const struct value *value)
{
	const char *color = writer->color && column->color ?
			    column->color(value) : NULL;

	buf_reset(&writer->scratch);
	if (color)
		buf_puts(&writer->scratch, color);
	if (column->words && value->kind == VALUE_BOOL)
		buf_puts(&writer->scratch, column->words[value->u != 0]);
	else
		value_text(&writer->scratch, value, column->unit, STYLE_LONG);
	if (color)
		buf_puts(&writer->scratch, PLAIN);
}

static void section(struct writer *writer, const char *title, bool first)
{
	size_t used = text_columns(title) + 4;
	struct buf line = { 0 };

	buf_puts(&line, first ? "" : "\n");
	buf_puts(&line, writer->color ? BOLD : "");
	text_ascii_art(&line, "── ");
	text_ascii_art(&line, title);
	buf_putc(&line, ' ');
	for (; used < RULE_COLUMNS; used++)
		text_ascii_art(&line, "─");
	buf_puts(&line, writer->color ? PLAIN "\n" : "\n");
	fwrite(line.data, 1, line.len, stdout);
	buf_free(&line);
}

static void list(struct writer *writer, const struct row *row)
{
	const struct column_set *columns = writer->collection->columns;
	int width = name_columns(columns);
	const char *open = NULL;

	for (uint32_t i = 0; i < columns->nr; i++) {
		const struct column *column = &columns->columns[i];

		if (column->section &&
		    (!open || strcmp(open, column->section) != 0))
			section(writer, column->section,
				i == 0 && writer->nr_rows == 0);
		open = column->section;
		value_colored(writer, column, &row->values[i]);
		if (writer->headings)
			fprintf(stdout, "  %-*s  ", width, short_name(column));
		fprintf(stdout, "%s\n", writer->scratch.data);
	}
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
