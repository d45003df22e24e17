// SPDX-License-Identifier: GPL-2.0
/*
 * out_json.c - one document, written row by row: only one row is ever held.
 */
#include <string.h>

#include <json-c/json.h>

#include "out.h"
#include "text.h"

#define FORMAT	(JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
#define NEW_KEY	(JSON_C_OBJECT_ADD_KEY_IS_NEW | JSON_C_OBJECT_ADD_CONSTANT_KEY)

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

static json_object *json_text(const char *bytes, size_t len)
{
	struct buf fixed = { 0 };
	json_object *string;
	uint32_t code;

	if (is_utf8(bytes, len))
		return json_object_new_string_len(bytes, (int)len);
	buf_reset(&fixed);
	for (size_t n; len; bytes += n, len -= n) {
		n = text_decode(bytes, len, &code);
		if (n)
			buf_add(&fixed, bytes, n);
		else
			buf_puts(&fixed, "\xef\xbf\xbd");
		n = n ? n : 1;
	}
	string = json_object_new_string_len(fixed.data, (int)fixed.len);
	buf_free(&fixed);
	return string;
}

static json_object *json_hex(const char *bytes, size_t len)
{
	struct buf hex = { 0 };
	json_object *string;

	buf_reset(&hex);
	for (size_t i = 0; i < len; i++)
		buf_printf(&hex, "%02x", (uint8_t)bytes[i]);
	string = json_object_new_string_len(hex.data, (int)hex.len);
	buf_free(&hex);
	return string;
}

static json_object *json_strings(const struct value *value,
				 json_object *(*make)(const char *, size_t))
{
	json_object *array = json_object_new_array();
	size_t from = 0;

	while (from < value->len) {
		size_t len = strnlen(value->bytes + from, value->len - from);

		json_object_array_add(array, make(value->bytes + from, len));
		from += len + 1;
	}
	return array;
}

static json_object *json_cpus(const struct value *value)
{
	struct buf list = { 0 };
	json_object *string;

	buf_reset(&list);
	value_cpu_list(&list, value);
	string = json_object_new_string_len(list.data, (int)list.len);
	buf_free(&list);
	return string;
}

static json_object *json_value(const struct value *value)
{
	switch (value->kind) {
	case VALUE_UNSIGNED:
	case VALUE_FLAGS:
		return json_object_new_uint64(value->u);
	case VALUE_SIGNED:
		return json_object_new_int64(value->s);
	case VALUE_BOOL:
		return json_object_new_boolean(value->u != 0);
	case VALUE_BYTES:
		return json_text(value->bytes, value->len);
	case VALUE_STRINGS:
		return json_strings(value, json_text);
	case VALUE_CPUS:
		return json_cpus(value);
	default:
		return NULL;
	}
}

static void add_hex(json_object *object, const char *key,
		    const struct value *value)
{
	struct buf name = { 0 };

	if (value->kind != VALUE_BYTES && value->kind != VALUE_STRINGS)
		return;
	if (is_utf8(value->bytes, value->len))
		return;
	buf_puts(&name, key);
	buf_puts(&name, "_hex");
	json_object_object_add(object, name.data, value->kind == VALUE_BYTES ?
			       json_hex(value->bytes, value->len) :
			       json_strings(value, json_hex));
	buf_free(&name);
}

/*
 * The object that member @name belongs to, and in @key its name there. An
 * object none of whose members applies stays null.
 */
static json_object *parent_of(json_object *row, const char *name, bool absent,
			      const char **key)
{
	const char *dot = strchr(name, '.');
	json_object *object = NULL;
	char prefix[64] = "";

	*key = dot ? dot + 1 : name;
	if (!dot)
		return row;
	if ((size_t)(dot - name) < sizeof(prefix))
		memcpy(prefix, name, (size_t)(dot - name));
	json_object_object_get_ex(row, prefix, &object);
	if (object || (absent && json_object_object_get_ex(row, prefix, NULL)))
		return object;
	object = absent ? NULL : json_object_new_object();
	json_object_object_add(row, prefix, object);
	return object;
}

static void add_value(json_object *row, const struct column *column,
		      const struct value *value)
{
	bool absent = value->kind == VALUE_ABSENT;
	const char *key;
	json_object *parent = parent_of(row, column->name, absent, &key);

	if (absent)
		return;
	json_object_object_add_ex(parent, key, json_value(value), NEW_KEY);
	add_hex(parent, key, value);
}

static void add_denied(json_object *row, const struct row *from)
{
	json_object *array;

	if (!from->nr_denied)
		return;
	array = json_object_new_array();
	for (uint32_t i = 0; i < from->nr_denied; i++)
		json_object_array_add(array,
				      json_object_new_string(from->denied[i]));
	json_object_object_add(row, "denied", array);
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
	const struct column_set *columns = writer->collection->columns;
	json_object *object = json_object_new_object();
	const char *text;
	size_t len;

	for (uint32_t i = 0; i < columns->nr; i++)
		add_value(object, &columns->columns[i], &row->values[i]);
	add_denied(object, row);
	text = json_object_to_json_string_length(object, FORMAT, &len);
	if (writer->collection->shape != SHAPE_OBJECT)
		separate(writer, row->depth);
	if (writer->collection->shape == SHAPE_TREE) {
		fwrite(text, 1, len - 1, stdout);
		fputs(len > 2 ? ",\"children\":[" : "\"children\":[", stdout);
	} else {
		fwrite(text, 1, len, stdout);
	}
	json_object_put(object);
}

static json_object *number_or_null(bool known, uint64_t number)
{
	return known ? json_object_new_uint64(number) : NULL;
}

static void json_begin(struct writer *writer, const struct document *document)
{
	json_object *head = json_object_new_object();

	(void)writer;
	json_object_object_add(head, "schema", json_object_new_int(1));
	json_object_object_add(head, "kernel",
			       json_text(document->kernel,
					 strlen(document->kernel)));
	json_object_object_add(head, "arch",
			       json_text(document->arch,
					 strlen(document->arch)));
	json_object_object_add(head, "generation",
			       number_or_null(document->is_walk,
					      document->generation));
	json_object_object_add(head, "boottime_ns",
			       number_or_null(document->is_walk,
					      document->boottime_ns));
	json_object_object_add(head, "atomic", json_object_new_boolean(0));
	fputs("{\"pcbscope\":", stdout);
	fputs(json_object_to_json_string_ext(head, FORMAT), stdout);
	json_object_put(head);
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
