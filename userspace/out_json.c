// SPDX-License-Identifier: GPL-2.0
/*
 * out_json.c - one document, written row by row: only one row is ever held.
 *
 * Rows are put together here: making an object of each would cost json-c five
 * times as much. What needs care, strings that are not plain, it escapes.
 */
#include <string.h>

#include <json-c/json.h>

#include "out.h"
#include "text.h"

#define FORMAT	(JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

static bool is_plain(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] < ' ' || bytes[i] > '~' || bytes[i] == '"' ||
		    bytes[i] == '\\')
			return false;
	return true;
}

static bool is_utf8(const char *bytes, size_t len)
{
	uint32_t code;

	for (size_t n; len; bytes += n, len -= n) {
		n = text_decode(bytes, len, &code);
		if (!n)
			return false;
	}
	return true;
}

/* JSON lets DEL and the C1 controls stand as they are; a terminal obeys them. */
static void add_quoted(struct buf *row, const char *bytes, size_t len)
{
	json_object *string = json_object_new_string_len(bytes, (int)len);
	const char *text = json_object_to_json_string_ext(string, FORMAT);
	uint32_t code;

	for (size_t n, left = strlen(text); left; text += n, left -= n) {
		n = text_decode(text, left, &code);
		if (n && code >= 0x7f && code < 0xa0)
			buf_printf(row, "\\u%04x", code);
		else
			buf_add(row, text, n ? n : 1);
		n = n ? n : 1;
	}
	json_object_put(string);
}

static void add_string(struct buf *row, const char *bytes, size_t len)
{
	struct buf fixed = { 0 };
	uint32_t code;

	if (is_plain(bytes, len)) {
		buf_putc(row, '"');
		buf_add(row, bytes, len);
		buf_putc(row, '"');
		return;
	}
	for (size_t n; len; bytes += n, len -= n) {
		n = text_decode(bytes, len, &code);
		if (n)
			buf_add(&fixed, bytes, n);
		else
			buf_puts(&fixed, "\xef\xbf\xbd");
		n = n ? n : 1;
	}
	add_quoted(row, fixed.data, fixed.len);
	buf_free(&fixed);
}

static void add_hex(struct buf *row, const char *bytes, size_t len)
{
	buf_putc(row, '"');
	for (size_t i = 0; i < len; i++)
		buf_printf(row, "%02x", (uint8_t)bytes[i]);
	buf_putc(row, '"');
}

static void add_strings(struct buf *row, const struct value *value,
			void (*add)(struct buf *, const char *, size_t))
{
	size_t from = 0;

	buf_putc(row, '[');
	while (from < value->len) {
		size_t len = strnlen(value->bytes + from, value->len - from);

		if (from)
			buf_putc(row, ',');
		add(row, value->bytes + from, len);
		from += len + 1;
	}
	buf_putc(row, ']');
}

static void add_value(struct buf *row, const struct value *value)
{
	switch (value->kind) {
	case VALUE_UNSIGNED:
	case VALUE_FLAGS:
		buf_u64(row, value->u);
		break;
	case VALUE_SIGNED:
		buf_s64(row, value->s);
		break;
	case VALUE_BOOL:
		buf_puts(row, value->u ? "true" : "false");
		break;
	case VALUE_BYTES:
		add_string(row, value->bytes, value->len);
		break;
	case VALUE_STRINGS:
		add_strings(row, value, add_string);
		break;
	case VALUE_CPUS:
		buf_putc(row, '"');
		value_cpu_list(row, value);
		buf_putc(row, '"');
		break;
	default:
		buf_puts(row, "null");
	}
}

static void add_key(struct buf *row, const char *key, size_t len,
		    const char *suffix)
{
	if (row->data[row->len - 1] != '{')
		buf_putc(row, ',');
	buf_putc(row, '"');
	buf_add(row, key, len);
	buf_puts(row, suffix);
	buf_puts(row, "\":");
}

static void add_member(struct buf *row, const char *key,
		       const struct value *value)
{
	size_t len = strlen(key);

	if (value->kind == VALUE_ABSENT)
		return;
	add_key(row, key, len, "");
	add_value(row, value);
	if (value->kind != VALUE_BYTES && value->kind != VALUE_STRINGS)
		return;
	if (is_utf8(value->bytes, value->len))
		return;
	add_key(row, key, len, "_hex");
	if (value->kind == VALUE_BYTES)
		add_hex(row, value->bytes, value->len);
	else
		add_strings(row, value, add_hex);
}

/* Length of the name of the object that a column is nested in; 0: of none. */
static size_t prefix_length(const struct column *column)
{
	const char *dot = strchr(column->name, '.');

	return dot ? (size_t)(dot - column->name) : 0;
}

static bool same_object(const struct column *a, const struct column *b)
{
	size_t len = prefix_length(a);

	return len && len == prefix_length(b) &&
	       memcmp(a->name, b->name, len) == 0;
}

/*
 * An object with all its members, where the first of them stands; one none of
 * whose members applies is null.
 */
static void add_object(struct buf *row, const struct column_set *set,
		       const struct value *values, uint32_t first)
{
	const struct column *column = &set->columns[first];
	size_t len = prefix_length(column);
	bool any = false;

	add_key(row, column->name, len, "");
	for (uint32_t i = first; i < set->nr; i++)
		any |= same_object(column, &set->columns[i]) &&
		       values[i].kind != VALUE_ABSENT;
	if (!any) {
		buf_puts(row, "null");
		return;
	}
	buf_putc(row, '{');
	for (uint32_t i = first; i < set->nr; i++)
		if (same_object(column, &set->columns[i]))
			add_member(row, set->columns[i].name + len + 1,
				   &values[i]);
	buf_putc(row, '}');
}

static bool was_added(const struct column_set *set, uint32_t i)
{
	for (uint32_t j = 0; j < i; j++)
		if (same_object(&set->columns[j], &set->columns[i]))
			return true;
	return false;
}

static void add_denied(struct buf *text, const struct row *row)
{
	if (!row->nr_denied)
		return;
	add_key(text, "denied", 6, "");
	for (uint32_t i = 0; i < row->nr_denied; i++) {
		buf_putc(text, i ? ',' : '[');
		add_string(text, row->denied[i], strlen(row->denied[i]));
	}
	buf_putc(text, ']');
}

static void add_row(struct buf *text, const struct column_set *set,
		    const struct row *row)
{
	buf_reset(text);
	buf_putc(text, '{');
	for (uint32_t i = 0; i < set->nr; i++) {
		const struct column *column = &set->columns[i];

		if (!prefix_length(column))
			add_member(text, column->name, &row->values[i]);
		else if (!was_added(set, i))
			add_object(text, set, row->values, i);
	}
	add_denied(text, row);
}

/* Close the rows of the tree that are not ancestors of one at @depth. */
static void close_to(struct writer *writer, uint32_t depth)
{
	while (writer->depth > depth) {
		fputs("]}", stdout);
		writer->depth--;
	}
	fputs("]}", stdout);
}

static void separate(struct writer *writer, uint32_t depth)
{
	bool is_tree = writer->collection->shape == SHAPE_TREE;

	if (!writer->nr_rows || (is_tree && depth > writer->depth)) {
		fputc('\n', stdout);
		return;
	}
	if (is_tree)
		close_to(writer, depth);
	fputs(",\n", stdout);
}

static void json_row(struct writer *writer, const struct row *row)
{
	struct buf *text = &writer->scratch;

	add_row(text, writer->collection->columns, row);
	if (writer->collection->shape == SHAPE_TREE) {
		add_key(text, "children", 8, "");
		buf_putc(text, '[');
	} else {
		buf_putc(text, '}');
	}
	if (writer->collection->shape != SHAPE_OBJECT)
		separate(writer, row->depth);
	fwrite(text->data, 1, text->len, stdout);
}

static void add_number_or_null(struct buf *head, const char *key, bool known,
			       uint64_t number)
{
	add_key(head, key, strlen(key), "");
	if (known)
		buf_u64(head, number);
	else
		buf_puts(head, "null");
}

static void json_begin(struct writer *writer, const struct document *document)
{
	struct buf *head = &writer->scratch;

	buf_reset(head);
	buf_puts(head, "{\"pcbscope\":{\"schema\":1");
	add_key(head, "kernel", 6, "");
	add_string(head, document->kernel, strlen(document->kernel));
	add_key(head, "arch", 4, "");
	add_string(head, document->arch, strlen(document->arch));
	add_number_or_null(head, "generation", document->is_walk,
			   document->generation);
	add_number_or_null(head, "boottime_ns", document->is_walk,
			   document->boottime_ns);
	buf_puts(head, ",\"atomic\":false}");
	fwrite(head->data, 1, head->len, stdout);
}

static void json_open(struct writer *writer)
{
	const struct collection *collection = writer->collection;

	fprintf(stdout, ",\n\"%s\":%s", collection->name,
		collection->shape == SHAPE_OBJECT ? "" : "[");
}

static void json_close(struct writer *writer)
{
	if (writer->collection->shape == SHAPE_OBJECT)
		return;
	if (writer->collection->shape == SHAPE_TREE && writer->nr_rows)
		close_to(writer, 0);
	fputs(writer->nr_rows ? "\n]" : "]", stdout);
}

static void json_end(struct writer *writer)
{
	(void)writer;
	fputs("\n}\n", stdout);
}

const struct writer_ops out_json_ops = {
	.begin = json_begin,
	.open = json_open,
	.row = json_row,
	.close = json_close,
	.end = json_end,
};
