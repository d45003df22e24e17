// SPDX-License-Identifier: GPL-2.0
/*
 * record.c - typed access to one record, through the schema.
 */
#include <string.h>

#include "record.h"

static size_t group_offset(const struct schema *schema, uint64_t held,
			   uint32_t bit)
{
	uint64_t below = held & ((1ULL << bit) - 1);
	size_t offset = sizeof(struct pcbscope_record);

	for (; below; below &= below - 1)
		offset += schema->by_bit[__builtin_ctzll(below)]->bytes;
	return offset;
}

/**
 * record_check() - is this a record that can be read safely?
 * @bytes: where it begins, 8-byte aligned
 * @avail: bytes there are
 * @schema: its field list
 *
 * What strings and lists refer to is checked when they are read.
 */
bool record_check(const void *bytes, size_t avail, const struct schema *schema)
{
	const struct pcbscope_record *head = bytes;
	size_t need = sizeof(*head);

	if (avail < sizeof(*head) || head->bytes > avail ||
	    head->bytes < sizeof(*head) || head->bytes % 8)
		return false;
	if (!(head->groups & PCBSCOPE_GROUP_IDENTITY))
		return false;
	for (uint64_t left = head->groups; left; left &= left - 1) {
		unsigned int bit = (unsigned int)__builtin_ctzll(left);

		if (!schema->by_bit[bit])
			return false;
		need += schema->by_bit[bit]->bytes;
	}
	return need <= head->bytes;
}

static struct value why_missing(const struct record *record, uint32_t bit)
{
	uint64_t mask = 1ULL << bit;

	if (record->head->denied & mask)
		return value_none(VALUE_DENIED);
	if (record->head->busy & mask)
		return value_none(VALUE_BUSY);
	if (record->schema->by_bit[bit]->flags & PCBSCOPE_GROUP_IS_UNSUPPORTED)
		return value_none(VALUE_UNKNOWN);
	if (!(record->asked & mask))
		return value_none(VALUE_UNSAVED);
	return value_none(VALUE_ABSENT);
}

static struct value value_at_ref(const struct record *record, const char *at,
				 enum value_kind kind)
{
	struct pcbscope_ref ref;

	memcpy(&ref, at, sizeof(ref));
	if (ref.offset < sizeof(struct pcbscope_record) ||
	    ref.offset > record->head->bytes ||
	    ref.bytes > record->head->bytes - ref.offset)
		ref.offset = ref.bytes = 0;
	return (struct value){
		.kind = kind,
		.bytes = (const char *)record->head + ref.offset,
		.len = ref.bytes,
	};
}

static struct value word_value(const struct record *record,
			       const struct field *field, uint32_t number)
{
	const char *word = schema_word(record->schema, field->abi.vocabulary,
				       number);

	return word ? value_string(word) : value_none(VALUE_UNKNOWN);
}

static struct value narrow_value(const struct record *record,
				 const struct field *field, const char *at)
{
	uint32_t number;

	memcpy(&number, at, sizeof(number));
	switch (field->abi.type) {
	case PCBSCOPE_TYPE_S32:
		return (struct value){ .kind = VALUE_SIGNED,
				       .s = (int32_t)number };
	case PCBSCOPE_TYPE_BOOL:
		return (struct value){ .kind = VALUE_BOOL, .u = number != 0 };
	case PCBSCOPE_TYPE_FLAGS:
		return (struct value){ .kind = VALUE_FLAGS, .u = number };
	case PCBSCOPE_TYPE_LETTER:
		return value_letter(number);
	case PCBSCOPE_TYPE_WORD:
		return word_value(record, field, number);
	default:
		return value_u(number);
	}
}

static struct value wide_value(const struct field *field, const char *at)
{
	uint64_t number;

	memcpy(&number, at, sizeof(number));
	if (field->abi.type == PCBSCOPE_TYPE_S64)
		return (struct value){ .kind = VALUE_SIGNED,
				       .s = (int64_t)number };
	return value_u(number);
}

static struct value value_at(const struct record *record,
			     const struct field *field, const char *at)
{
	switch (field->abi.type) {
	case PCBSCOPE_TYPE_U64:
	case PCBSCOPE_TYPE_S64:
		return wide_value(field, at);
	case PCBSCOPE_TYPE_TEXT:
		return (struct value){ .kind = VALUE_BYTES, .bytes = at,
				       .len = strnlen(at, field->abi.bytes) };
	case PCBSCOPE_TYPE_STRING:
		return value_at_ref(record, at, VALUE_BYTES);
	case PCBSCOPE_TYPE_STRINGS:
		return value_at_ref(record, at, VALUE_STRINGS);
	case PCBSCOPE_TYPE_CPUS:
		return value_at_ref(record, at, VALUE_CPUS);
	case PCBSCOPE_TYPE_U32:
	case PCBSCOPE_TYPE_S32:
	case PCBSCOPE_TYPE_BOOL:
	case PCBSCOPE_TYPE_WORD:
	case PCBSCOPE_TYPE_LETTER:
	case PCBSCOPE_TYPE_FLAGS:
		return narrow_value(record, field, at);
	default:
		return value_none(VALUE_UNKNOWN);
	}
}

/**
 * record_get() - read one field
 * @record: a record that passed record_check()
 * @field: of its schema
 *
 * Return: the value, or the reason why there is none. Strings point into the
 * record.
 */
struct value record_get(const struct record *record, const struct field *field)
{
	uint32_t bit = field->abi.group;
	const char *group;
	uint64_t valid;

	if (record->hidden >> bit & 1)
		return value_none(VALUE_UNSAVED);
	if (!(record->head->groups >> bit & 1))
		return why_missing(record, bit);
	group = (const char *)record->head +
		group_offset(record->schema, record->head->groups, bit);
	memcpy(&valid, group, sizeof(valid));
	if (valid >> field->index & 1)
		return value_at(record, field, group + field->abi.offset);
	if (field->abi.flags & PCBSCOPE_FIELD_IS_UNSUPPORTED)
		return value_none(VALUE_UNKNOWN);
	return value_none(VALUE_ABSENT);
}

struct value record_get_named(const struct record *record, const char *name)
{
	const struct field *field = schema_field(record->schema, name);

	return field ? record_get(record, field) : value_none(VALUE_UNKNOWN);
}

/** record_number() - a numeric field, or @otherwise if there is none */
uint64_t record_number(const struct record *record, const struct field *field,
		       uint64_t otherwise)
{
	struct value value;

	if (!field)
		return otherwise;
	value = record_get(record, field);
	if (value.kind == VALUE_UNSIGNED || value.kind == VALUE_BOOL ||
	    value.kind == VALUE_FLAGS)
		return value.u;
	return otherwise;
}
