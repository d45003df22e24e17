// SPDX-License-Identifier: GPL-2.0
/*
 * out.c - what all writers have in common.
 */
#include <errno.h>
#include <string.h>

#include "out.h"
#include "text.h"

static const struct writer_ops nothing_ops;
static int write_error;

void out_init(struct writer *writer, enum out_format format, bool headings,
	      bool color)
{
	static const struct writer_ops *const formats[] = {
		[OUT_TABLE] = &out_table_ops,
		[OUT_JSON] = &out_json_ops,
		[OUT_RAW] = &out_raw_ops,
		[OUT_NOTHING] = &nothing_ops,
	};

	memset(writer, 0, sizeof(*writer));
	writer->ops = formats[format];
	writer->headings = headings;
	writer->color = color;
	if (format == OUT_TABLE)
		text_locale_init();
}

/** out_begin() - begin a document; nothing is printed on stdout before */
void out_begin(struct writer *writer, const struct document *document)
{
	writer->begun = true;
	if (writer->ops->begin)
		writer->ops->begin(writer, document);
}

void out_open(struct writer *writer, const struct collection *collection)
{
	writer->collection = collection;
	writer->nr_rows = 0;
	writer->depth = 0;
	if (writer->ops->open)
		writer->ops->open(writer);
	writer->nr_collections++;
}

/** out_row() - print a row; false: stdout takes no more, stop */
bool out_row(struct writer *writer, const struct row *row)
{
	if (writer->ops->row)
		writer->ops->row(writer, row);
	writer->nr_rows++;
	writer->depth = row->depth;
	if (!ferror(stdout))
		return true;
	if (!write_error)
		write_error = errno;
	return false;
}

void out_note(struct writer *writer, const char *sentence)
{
	if (writer->ops->note)
		writer->ops->note(writer, sentence);
}

void out_close(struct writer *writer)
{
	if (writer->ops->close)
		writer->ops->close(writer);
	writer->collection = NULL;
}

static enum status flush(void)
{
	int error = write_error;

	if (fflush(stdout) != 0 && !error)
		error = errno;
	if (!ferror(stdout))
		return STATUS_OK;
	/* A reader that has seen enough is no reason to complain. */
	if (error != EPIPE && error)
		err("cannot write to standard output: %s", strerror(error));
	return STATUS_FAILURE;
}

/** out_end() - complete the document and see that it arrived */
enum status out_end(struct writer *writer)
{
	if (writer->begun && writer->ops->end)
		writer->ops->end(writer);
	buf_free(&writer->scratch);
	buf_free(&writer->notes);
	return flush();
}

/** out_plain() - print @text as it is: help and version */
enum status out_plain(const char *text)
{
	fputs(text, stdout);
	return flush();
}

/** out_complain() - print @text on stderr as it is: help nobody asked for */
void out_complain(const char *text)
{
	fputs(text, stderr);
}
