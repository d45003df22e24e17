// SPDX-License-Identifier: GPL-2.0
/*
 * out_table.c - tables and trees for people, drawn by libsmartcols.
 */
#include <stdlib.h>
#include <string.h>

#include <libsmartcols/libsmartcols.h>

#include "out.h"
#include "text.h"

#define INDENT_MAX	20
#define OTHER_WIDTH	12	/* of a column beside one of sentences */
#define SENTENCE_WIDTH_MIN 24
#define WIDTH_MAX	160

/**
 * struct table - the table of the open collection
 * @scols: of libsmartcols
 * @branch: the last line at each depth
 */
struct table {
	struct libscols_table *scols;
	struct libscols_line *branch[INDENT_MAX + 1];
};

/** out_width() - columns of the terminal; 80 if there is none */
size_t out_width(void)
{
	static size_t width;
	struct libscols_table *table;

	if (width)
		return width;
	table = scols_new_table();
	width = table ? scols_table_get_termwidth(table) : 80;
	scols_unref_table(table);
	width = width < 40 ? 40 : width;
	width = width > WIDTH_MAX ? WIDTH_MAX : width;
	return width;
}

static void out_of_memory(const void *pointer)
{
	if (pointer)
		return;
	err("out of memory");
	_Exit(STATUS_FAILURE);
}

static bool is_number(const struct column *column)
{
	return column->type <= PCBSCOPE_TYPE_S64 && column->type;
}

static void add_column(struct writer *writer, struct table *table,
		       const struct column *column)
{
	bool is_tree = column->flags & COLUMN_TREE &&
		       writer->collection->shape == SHAPE_TREE;
	struct libscols_column *cells;
	int flags = 0;

	if (is_number(column) || column->unit == PCBSCOPE_UNIT_NS ||
	    column->unit == PCBSCOPE_UNIT_BYTES)
		flags |= SCOLS_FL_RIGHT;
	if (is_tree)
		flags |= SCOLS_FL_TREE;
	if (column->flags & COLUMN_TRUNC)
		flags |= SCOLS_FL_TRUNC;
	if (column->flags & COLUMN_WRAP)
		flags |= SCOLS_FL_WRAP;
	column_heading(column, &writer->scratch);
	cells = scols_table_new_column(table->scols, writer->scratch.data, 0,
				       flags);
	out_of_memory(cells);
	if (column->flags & COLUMN_WRAP) {
		scols_column_set_safechars(cells, "\n");
		scols_column_set_wrapfunc(cells, scols_wrapnl_chunksize,
					  scols_wrapnl_nextchunk, NULL);
	}
}

static void draw_in_ascii(struct table *table)
{
	if (!text_is_utf8())
		scols_table_enable_ascii(table->scols, 1);
}

static bool is_objects(const struct collection *collection)
{
	return collection->shape == SHAPE_OBJECT ||
	       collection->shape == SHAPE_OBJECTS;
}

static void open_list(struct writer *writer)
{
	const struct column_set *columns = writer->collection->columns;
	struct table *table = xcalloc(1, sizeof(*table));

	table->scols = scols_new_table();
	out_of_memory(table->scols);
	scols_table_enable_noheadings(table->scols, !writer->headings);
	scols_table_enable_colors(table->scols, writer->color);
	draw_in_ascii(table);
	for (uint32_t i = 0; i < columns->nr; i++)
		add_column(writer, table, &columns->columns[i]);
	writer->table = table;
}

static void table_open(struct writer *writer)
{
	const struct collection *collection = writer->collection;

	if (writer->nr_collections)
		fputc('\n', stdout);
	if (collection->title && writer->headings)
		fprintf(stdout, "%s\n", collection->title);
	if (!is_objects(collection))
		open_list(writer);
}

/* Deeper lines are drawn at INDENT_MAX, with how much deeper they are. */
static struct libscols_line *new_line(struct writer *writer,
				      const struct row *row)
{
	struct table *table = writer->table;
	uint32_t depth = row->depth < INDENT_MAX ? row->depth : INDENT_MAX;
	struct libscols_line *parent = depth ? table->branch[depth - 1] : NULL;
	struct libscols_line *line = scols_table_new_line(table->scols, parent);

	out_of_memory(line);
	table->branch[depth] = line;
	return line;
}

/* What is left for each column of sentences: the others are narrow. */
static size_t sentence_width(const struct column_set *columns)
{
	size_t nr = 0, others = 0;

	for (uint32_t i = 0; i < columns->nr; i++) {
		if (columns->columns[i].flags & COLUMN_WRAP)
			nr++;
		else
			others += OTHER_WIDTH;
	}
	if (out_width() < others + nr * SENTENCE_WIDTH_MIN)
		return SENTENCE_WIDTH_MIN;
	return (out_width() - others) / nr - 1;
}

/* Sentences are broken at blanks; libsmartcols would break words. */
static void wrap_cell(struct writer *writer)
{
	struct buf *text = &writer->scratch;
	char *sentence = xstrdup(text->data ? text->data : "");

	buf_reset(text);
	text_wrap(text, sentence, sentence_width(writer->collection->columns), 0);
	free(sentence);
}

static void cell_text(struct writer *writer, const struct column *column,
		      const struct value *value, enum value_style style)
{
	struct buf *text = &writer->scratch;

	if (column->words && value->kind == VALUE_BOOL)
		buf_puts(text, column->words[value->u != 0]);
	else
		value_text(text, value, column->unit, style);
}

static void set_color(struct writer *writer, struct libscols_line *line,
		      uint32_t i, const struct row *row)
{
	const struct column *column = &writer->collection->columns->columns[i];
	const char *color = NULL;

	if (writer->color && column->color)
		color = column->color(&row->values[i]);
	if (color)
		scols_cell_set_color(scols_line_get_cell(line, i), color);
}

static void table_row(struct writer *writer, const struct row *row)
{
	const struct column_set *columns = writer->collection->columns;
	struct libscols_line *line;

	if (is_objects(writer->collection)) {
		out_object(writer, row);
		return;
	}
	line = new_line(writer, row);
	for (uint32_t i = 0; i < columns->nr; i++) {
		const struct column *column = &columns->columns[i];

		buf_reset(&writer->scratch);
		if (column->flags & COLUMN_TREE && row->depth > INDENT_MAX)
			buf_printf(&writer->scratch, "(+%u) ",
				   row->depth - INDENT_MAX);
		cell_text(writer, column, &row->values[i], STYLE_CELL);
		if (column->flags & COLUMN_WRAP)
			wrap_cell(writer);
		if (scols_line_set_data(line, i, writer->scratch.data))
			out_of_memory(NULL);
		set_color(writer, line, i, row);
	}
}

static void table_note(struct writer *writer, const char *sentence)
{
	text_wrap(&writer->notes, sentence, out_width() - 1, 2);
	buf_putc(&writer->notes, '\n');
}

static void table_close(struct writer *writer)
{
	struct table *table = writer->table;

	if (table && (writer->nr_rows || writer->headings))
		scols_print_table(table->scols);
	if (table)
		scols_unref_table(table->scols);
	free(table);
	writer->table = NULL;
	if (!writer->notes.len)
		return;
	fputs(writer->nr_rows ? "\n" : "", stdout);
	fwrite(writer->notes.data, 1, writer->notes.len, stdout);
	buf_reset(&writer->notes);
}

const struct writer_ops out_table_ops = {
	.open = table_open,
	.row = table_row,
	.note = table_note,
	.close = table_close,
};
