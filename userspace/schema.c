// SPDX-License-Identifier: GPL-2.0
/*
 * schema.c - the field list, as the module or a recording gives it.
 *
 * A recording may come from anywhere, so a schema is believed only after every
 * offset, size and name in it was checked.
 */
#include <stdlib.h>
#include <string.h>

#include "schema.h"

#define GROUP_BYTES_MAX		65536
#define ENTRIES_MAX		4096

static const struct {
	const char *name;
	uint32_t bytes;
} types[] = {
	[PCBSCOPE_TYPE_U32] = { "u32", 4 },
	[PCBSCOPE_TYPE_S32] = { "s32", 4 },
	[PCBSCOPE_TYPE_U64] = { "u64", 8 },
	[PCBSCOPE_TYPE_S64] = { "s64", 8 },
	[PCBSCOPE_TYPE_BOOL] = { "bool", 4 },
	[PCBSCOPE_TYPE_WORD] = { "word", 4 },
	[PCBSCOPE_TYPE_LETTER] = { "letter", 4 },
	[PCBSCOPE_TYPE_FLAGS] = { "flags", 4 },
	[PCBSCOPE_TYPE_TEXT] = { "text", 16 },
	[PCBSCOPE_TYPE_STRING] = { "string", sizeof(struct pcbscope_ref) },
	[PCBSCOPE_TYPE_STRINGS] = { "strings", sizeof(struct pcbscope_ref) },
	[PCBSCOPE_TYPE_CPUS] = { "cpus", sizeof(struct pcbscope_ref) },
};

const char *schema_type_name(uint32_t type)
{
	if (type >= ARRAY_SIZE(types) || !types[type].name)
		return "unknown";
	return types[type].name;
}

const char *schema_unit_name(uint32_t unit)
{
	static const char *const names[] = {
		[PCBSCOPE_UNIT_NONE] = "-",
		[PCBSCOPE_UNIT_NS] = "ns",
		[PCBSCOPE_UNIT_BYTES] = "bytes",
		[PCBSCOPE_UNIT_COUNT] = "count",
		[PCBSCOPE_UNIT_ID] = "id",
	};

	return unit < ARRAY_SIZE(names) ? names[unit] : "unknown";
}

/* Names become JSON keys and option arguments. */
static bool name_ok(const char *name, size_t size)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	size_t len = strnlen(name, size);

	return len && len < size && strspn(name, allowed) == len;
}

static bool group_ok(struct schema *schema, const struct pcbscope_group *group)
{
	if (group->bit > 63 || schema->by_bit[group->bit])
		return false;
	if (group->bytes < 8 || group->bytes % 8 ||
	    group->bytes > GROUP_BYTES_MAX)
		return false;
	if (!name_ok(group->name, sizeof(group->name)) ||
	    !name_ok(group->box, sizeof(group->box)))
		return false;
	schema->by_bit[group->bit] = group;
	return true;
}

/* A field whose type this companion does not know is kept, and never read. */
static bool field_ok(struct schema *schema, struct field *field,
		     uint32_t *next_index)
{
	const struct pcbscope_field *abi = &field->abi;
	const struct pcbscope_group *group;

	if (abi->group > 63 || !schema->by_bit[abi->group])
		return false;
	group = schema->by_bit[abi->group];
	field->index = next_index[abi->group]++;
	if (field->index > 63 || !name_ok(abi->name, sizeof(abi->name)) ||
	    !memchr(abi->help, '\0', sizeof(abi->help)))
		return false;
	if (abi->offset < 8 || abi->offset % 4 || abi->offset > group->bytes ||
	    abi->bytes > group->bytes - abi->offset)
		return false;
	if (abi->type < ARRAY_SIZE(types) && types[abi->type].bytes)
		return abi->bytes == types[abi->type].bytes;
	return true;
}

static bool word_ok(const struct pcbscope_word *word)
{
	return name_ok(word->name, sizeof(word->name));
}

static bool shape_ok(const struct schema_shape *shape, size_t bytes)
{
	if (shape->nr_groups > 64 || shape->nr_fields > ENTRIES_MAX ||
	    shape->nr_words > ENTRIES_MAX)
		return false;
	if (shape->group_bytes < sizeof(struct pcbscope_group) ||
	    shape->field_bytes < sizeof(struct pcbscope_field) ||
	    shape->word_bytes < sizeof(struct pcbscope_word))
		return false;
	return (uint64_t)shape->nr_groups * shape->group_bytes +
	       (uint64_t)shape->nr_fields * shape->field_bytes +
	       (uint64_t)shape->nr_words * shape->word_bytes == bytes;
}

static void copy_entries(struct schema *schema)
{
	const struct schema_shape *shape = &schema->shape;
	const char *p = schema->blob;

	schema->groups = xcalloc(shape->nr_groups, sizeof(*schema->groups));
	schema->fields = xcalloc(shape->nr_fields, sizeof(*schema->fields));
	schema->words = xcalloc(shape->nr_words, sizeof(*schema->words));
	for (uint32_t i = 0; i < shape->nr_groups; i++, p += shape->group_bytes)
		memcpy(&schema->groups[i], p, sizeof(*schema->groups));
	for (uint32_t i = 0; i < shape->nr_fields; i++, p += shape->field_bytes)
		memcpy(&schema->fields[i].abi, p, sizeof(schema->fields->abi));
	for (uint32_t i = 0; i < shape->nr_words; i++, p += shape->word_bytes)
		memcpy(&schema->words[i], p, sizeof(*schema->words));
}

static bool entries_ok(struct schema *schema)
{
	uint32_t next_index[64] = { 0 };

	for (uint32_t i = 0; i < schema->shape.nr_groups; i++)
		if (!group_ok(schema, &schema->groups[i]))
			return false;
	for (uint32_t i = 0; i < schema->shape.nr_fields; i++)
		if (!field_ok(schema, &schema->fields[i], next_index))
			return false;
	for (uint32_t i = 0; i < schema->shape.nr_words; i++)
		if (!word_ok(&schema->words[i]))
			return false;
	return schema->by_bit[0] != NULL;
}

/**
 * schema_load() - check a field list and take a copy of it
 * @schema: filled; to be given to schema_free() whatever is returned
 * @blob: groups, fields and words
 * @bytes: its length
 * @shape: what is in it
 *
 * Return: false if it is not well-formed.
 */
bool schema_load(struct schema *schema, const void *blob, size_t bytes,
		 const struct schema_shape *shape)
{
	memset(schema, 0, sizeof(*schema));
	if (!shape_ok(shape, bytes))
		return false;
	schema->shape = *shape;
	schema->blob = xmalloc(bytes);
	schema->blob_bytes = bytes;
	memcpy(schema->blob, blob, bytes);
	copy_entries(schema);
	return entries_ok(schema);
}

void schema_free(struct schema *schema)
{
	free(schema->blob);
	free(schema->groups);
	free(schema->fields);
	free(schema->words);
	memset(schema, 0, sizeof(*schema));
}

/** schema_field() - find a field by its key; NULL if there is none */
const struct field *schema_field(const struct schema *schema, const char *name)
{
	for (uint32_t i = 0; i < schema->shape.nr_fields; i++)
		if (strcmp(schema->fields[i].abi.name, name) == 0)
			return &schema->fields[i];
	return NULL;
}

/** schema_word() - the word for @value; NULL if the vocabulary lacks it */
const char *schema_word(const struct schema *schema, uint32_t vocabulary,
			uint32_t value)
{
	for (uint32_t i = 0; i < schema->shape.nr_words; i++) {
		const struct pcbscope_word *word = &schema->words[i];

		if (word->vocabulary == vocabulary && word->value == value)
			return word->name;
	}
	return NULL;
}

bool schema_word_value(const struct schema *schema, uint32_t vocabulary,
		       const char *word, uint32_t *value)
{
	for (uint32_t i = 0; i < schema->shape.nr_words; i++) {
		if (schema->words[i].vocabulary != vocabulary ||
		    strcmp(schema->words[i].name, word) != 0)
			continue;
		*value = schema->words[i].value;
		return true;
	}
	return false;
}

/** schema_group_names() - append the names of the groups in @mask */
void schema_group_names(const struct schema *schema, uint64_t mask,
			struct buf *names)
{
	for (uint32_t bit = 0; bit < 64; bit++) {
		if (!(mask >> bit & 1) || !schema->by_bit[bit])
			continue;
		if (names->len)
			buf_puts(names, ", ");
		buf_puts(names, schema->by_bit[bit]->name);
	}
}
