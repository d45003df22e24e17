// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "device.h"
#include "records.h"

/* Which bit of its group's valid member a field has: lines are counted. */
enum {
#define PCB_GROUP(bit, NAME, name, box, flags) FIRST_OF_##name,
#define PCB_FIELD(group, member, type, unit, vocabulary, since, help) INDEX_##group##_##member,
#include "pcbscope_fields.h"
};

#define CHEAP PCBSCOPE_GROUP_IS_CHEAP
#define PINNED 0

enum {
#define PCB_GROUP(bit, NAME, name, box, flags) BIT_##name = (bit),
#include "pcbscope_fields.h"
};

static const struct field field_table[] = {
#define PCB_FIELD(group_, member, type_, unit_, vocabulary_, since_, help_)	\
	{									\
		.name = #member, .help = (help_), .group = BIT_##group_,	\
		.type = PCBSCOPE_TYPE_##type_, .unit = PCBSCOPE_UNIT_##unit_,	\
		.vocabulary = PCBSCOPE_WORDS_##vocabulary_,			\
		.offset = offsetof(struct pcbscope_##group_, member),		\
		.bytes = sizeof(((struct pcbscope_##group_ *)0)->member),	\
		.since = (since_),						\
		.bit = INDEX_##group_##_##member - FIRST_OF_##group_ - 1,		\
	},
#include "pcbscope_fields.h"
};

static struct group group_table[] = {
#define PCB_GROUP(bit_, NAME, name_, box_, flags_)				\
	{ .name = #name_, .box = (box_), .bit = (bit_),				\
	  .bytes = sizeof(struct pcbscope_##name_), .flags = (flags_) },
#include "pcbscope_fields.h"
};

static const struct word word_table[] = {
#define PCB_WORD(vocabulary_, value_, name_)	\
	{ .vocabulary = PCBSCOPE_WORDS_##vocabulary_, .value = (value_), .name = (name_) },
#include "pcbscope_fields.h"
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct field *fields(unsigned int *count)
{
	*count = COUNT(field_table);
	return field_table;
}

static void __attribute__((constructor)) count_fields(void)
{
	unsigned int i;

	for (i = 0; i < COUNT(field_table); i++)
		group_table[field_table[i].group].nr_fields++;
}

const struct group *groups(unsigned int *count)
{
	*count = COUNT(group_table);
	return group_table;
}

const struct word *words(unsigned int *count)
{
	*count = COUNT(word_table);
	return word_table;
}

const struct field *field_find(const char *name)
{
	static __thread const struct field *last = field_table;
	unsigned int i;

	if (!strcmp(last->name, name))
		return last;
	for (i = 0; i < COUNT(field_table); i++)
		if (!strcmp(field_table[i].name, name))
			return last = &field_table[i];
	return NULL;
}

const void *record_group(const struct pcbscope_record *record, unsigned int bit)
{
	const unsigned char *at = (const unsigned char *)(record + 1);
	unsigned int i;

	if (!(record->groups & 1ULL << bit))
		return NULL;
	for (i = 0; i < bit; i++)
		if (record->groups & 1ULL << i)
			at += group_table[i].bytes;
	return at;
}

const struct pcbscope_identity *record_identity(const struct pcbscope_record *record)
{
	return record_group(record, BIT_identity);
}

const struct pcbscope_state *record_state(const struct pcbscope_record *record)
{
	return record_group(record, BIT_state);
}

static const void *field_at(const struct pcbscope_record *record, const char *name,
			    const struct field **field)
{
	const unsigned char *group;
	uint64_t valid;

	*field = field_find(name);
	if (!*field)
		return NULL;
	group = record_group(record, (*field)->group);
	if (!group)
		return NULL;
	memcpy(&valid, group, sizeof(valid));
	return valid & 1ULL << (*field)->bit ? group + (*field)->offset : NULL;
}

bool record_has(const struct pcbscope_record *record, const char *name)
{
	const struct field *field;

	return field_at(record, name, &field) != NULL;
}

bool record_number(const struct pcbscope_record *record, const char *name,
		   long long *value)
{
	const struct field *field;
	const void *at = field_at(record, name, &field);

	if (!at)
		return false;
	if (field->bytes == 8)
		*value = *(const int64_t *)at;
	else if (field->type == PCBSCOPE_TYPE_S32)
		*value = *(const int32_t *)at;
	else
		*value = *(const uint32_t *)at;
	return true;
}

long long number(const struct pcbscope_record *record, const char *name)
{
	long long value;

	return record_number(record, name, &value) ? value : -1;
}

const void *record_bytes(const struct pcbscope_record *record, const char *name,
			 size_t *bytes)
{
	const struct field *field;
	const void *at = field_at(record, name, &field);
	const struct pcbscope_ref *ref = at;

	*bytes = 0;
	if (!at)
		return NULL;
	if (field->type == PCBSCOPE_TYPE_TEXT) {
		*bytes = strnlen(at, field->bytes);
		return at;
	}
	*bytes = ref->bytes;
	return (const unsigned char *)record + ref->offset;
}

static bool all_zero(const void *start, size_t bytes)
{
	const unsigned char *at = start;

	while (bytes--)
		if (*at++)
			return false;
	return true;
}

static size_t head_bytes(const struct pcbscope_record *record)
{
	size_t bytes = sizeof(*record);
	unsigned int i;

	for (i = 0; i < COUNT(group_table); i++)
		if (record->groups & 1ULL << i)
			bytes += group_table[i].bytes;
	return bytes;
}

static const char *ref_fault(const struct pcbscope_record *record,
			     const struct pcbscope_ref *ref, size_t *seen)
{
	size_t end = ref->offset + (size_t)ref->bytes, padded = (end + 7) & ~7UL;

	if (!ref->offset)
		return ref->bytes ? "a ref with bytes but no offset" : NULL;
	if (ref->offset % 8)
		return "a ref is not aligned to 8 bytes";
	if (ref->offset < head_bytes(record) || padded > record->bytes)
		return "a ref is out of bounds";
	if (!all_zero((const char *)record + end, padded - end))
		return "padding behind a string is not zero";
	if (padded > *seen)
		*seen = padded;
	return NULL;
}

static const char *text_fault(const char *text, size_t bytes)
{
	size_t length = strnlen(text, bytes);

	if (length == bytes)
		return "a text lacks its NUL";
	return all_zero(text + length, bytes - length) ? NULL : "a text is not padded with NUL";
}

static const char *field_fault(const struct pcbscope_record *record,
			       const struct field *field, size_t *seen)
{
	const unsigned char *group = record_group(record, field->group);
	uint64_t valid;

	memcpy(&valid, group, sizeof(valid));
	if (!(valid & 1ULL << field->bit))
		return all_zero(group + field->offset, field->bytes) ?
			NULL : "a field that is not valid is not zero";
	switch (field->type) {
	case PCBSCOPE_TYPE_TEXT:
		return text_fault((const char *)group + field->offset, field->bytes);
	case PCBSCOPE_TYPE_BOOL:
		return *(const uint32_t *)(group + field->offset) > 1 ?
			"a boolean is neither 0 nor 1" : NULL;
	case PCBSCOPE_TYPE_STRING:
	case PCBSCOPE_TYPE_STRINGS:
	case PCBSCOPE_TYPE_CPUS:
		return ref_fault(record, (const void *)(group + field->offset), seen);
	}
	return NULL;
}

static const char *mask_fault(const struct pcbscope_record *record, uint64_t wanted)
{
	if (!(record->groups & PCBSCOPE_GROUP_IDENTITY))
		return "a record without identity";
	wanted |= PCBSCOPE_GROUP_IDENTITY;
	if (record->denied & record->busy)
		return "a group both refused and busy";
	if ((record->groups | record->denied | record->busy) & ~wanted)
		return "a group that was not asked for";
	if (~(record->groups | record->denied | record->busy) & wanted)
		return "a group neither given, refused nor busy";
	if (record->flags & ~PCBSCOPE_RECORD_IS_THREAD)
		return "an unknown flag in a record";
	return NULL;
}

static const char *valid_fault(const struct pcbscope_record *record)
{
	const struct group *group = group_table;
	unsigned int i, count;
	const void *at;
	uint64_t valid;

	groups(&count);
	for (i = 0; i < count; i++, group++) {
		at = record_group(record, group->bit);
		if (!at)
			continue;
		memcpy(&valid, at, sizeof(valid));
		if (valid & ~((1ULL << group->nr_fields) - 1))
			return "a valid bit of no field";
	}
	return NULL;
}

const char *record_fault(const struct pcbscope_record *record, size_t room,
			 uint64_t wanted)
{
	const char *fault;
	unsigned int i;
	size_t seen;

	if (room < sizeof(*record) || record->bytes > room)
		return "a record that does not fit the bytes used";
	if (record->bytes % 8 || record->bytes < sizeof(*record))
		return "the length of a record is not a multiple of 8";
	if (record->groups >> COUNT(group_table))
		return "an unknown group in a record";
	seen = head_bytes(record);
	if (record->bytes < seen)
		return "a record shorter than its groups";
	fault = mask_fault(record, wanted);
	if (!fault)
		fault = valid_fault(record);
	for (i = 0; i < COUNT(field_table) && !fault; i++)
		if (record->groups & 1ULL << field_table[i].group)
			fault = field_fault(record, &field_table[i], &seen);
	if (!fault && seen != record->bytes)
		fault = "bytes at the end of a record that no ref names";
	return fault;
}

const char *walk_fault(const struct walk *walk, uint64_t wanted, bool ascending)
{
	const unsigned char *end = walk->buf + walk->bytes;
	const struct pcbscope_record *record;
	const char *fault;
	size_t count = 0;
	__u32 last = 0;

	for_each_record(walk, record) {
		fault = record_fault(record, end - (const unsigned char *)record, wanted);
		if (fault)
			return fault;
		if (ascending && record_identity(record)->tid <= last)
			return "records are not in ascending order of tid";
		last = record_identity(record)->tid;
		count++;
	}
	return count == walk->nr_records ? NULL : "nr_records is not the number of records";
}
