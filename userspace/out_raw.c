// SPDX-License-Identifier: GPL-2.0
/*
 * out_raw.c - one line per row: key="value" ..., for shells and awk.
 *
 * Keys are those of JSON, in lower case on purpose: a shell that evaluates a
 * line must not meet its own UID and PPID, which are read-only. What is special
 * between double quotes is an octal escape in a value; printf %b undoes it.
 */
#include <string.h>

#include "out.h"

static void raw_key(struct buf *line, const char *name)
{
	const char *dot = strchr(name, '.');

	if (dot) {
		buf_add(line, name, (size_t)(dot - name));
		buf_putc(line, '_');
		name = dot + 1;
	}
	buf_puts(line, name);
	buf_puts(line, "=\"");
}

static void raw_row(struct writer *writer, const struct row *row)
{
	const struct column_set *columns = writer->collection->columns;
	struct buf *line = &writer->scratch;

	buf_reset(line);
	for (uint32_t i = 0; i < columns->nr; i++) {
		if (i)
			buf_putc(line, ' ');
		raw_key(line, columns->columns[i].name);
		value_text(line, &row->values[i], columns->columns[i].unit,
			   STYLE_RAW);
		buf_putc(line, '"');
	}
	buf_putc(line, '\n');
	fwrite(line->data, 1, line->len, stdout);
}

const struct writer_ops out_raw_ops = {
	.row = raw_row,
};
