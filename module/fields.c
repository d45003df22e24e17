// SPDX-License-Identifier: GPL-2.0
/*
 * fields.c - the schema, made from the field list.
 *
 * The compiler refuses a member without a line, a line without a member, a
 * wrong type and a hole.
 */
#include <linux/bitops.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>

#include "pcb.h"

/* The C type that each type of field must have. */
#define TYPE_U32 __u32
#define TYPE_S32 __s32
#define TYPE_U64 __u64
#define TYPE_S64 __s64
#define TYPE_BOOL __u32
#define TYPE_WORD __u32
#define TYPE_LETTER __u32
#define TYPE_FLAGS __u32
#define TYPE_TEXT char[16]
#define TYPE_STRING struct pcbscope_ref
#define TYPE_STRINGS struct pcbscope_ref
#define TYPE_CPUS struct pcbscope_ref

#define PCB_FIELD(group, member, type, unit, vocabulary, since, help) \
	static_assert(__same_type(((struct pcbscope_##group *)0)->member, \
				  TYPE_##type), #group "." #member); \
	static_assert(sizeof(#member) <= 32 && sizeof(help) <= 128, #member);
#include "pcbscope_fields.h"

#define NEXT ,

/* Per group: bytes and number of its fields, summed over its lines. */
enum {
	bytes_none = 0
#define PCB_GROUP(bit, NAME, name, box, flags) NEXT bytes_##name = sizeof(__u64)
#define PCB_FIELD(group, member, type, unit, vocabulary, since, help) \
	+ sizeof(((struct pcbscope_##group *)0)->member)
#include "pcbscope_fields.h"
};

enum {
	nr_none = 0
#define PCB_GROUP(bit, NAME, name, box, flags) NEXT nr_##name = 0
#define PCB_FIELD(group, member, type, unit, vocabulary, since, help) + 1
#include "pcbscope_fields.h"
};

/* A member without a line, or a hole, makes a struct longer than its fields. */
#define PCB_GROUP(bit, NAME, name, box, flags) \
	static_assert(sizeof(struct pcbscope_##name) == bytes_##name, #name); \
	static_assert(sizeof(struct pcbscope_##name) % 8 == 0, #name); \
	static_assert(nr_##name <= 64, #name); \
	static_assert(BIT_ULL(bit) == PCBSCOPE_GROUP_##NAME, #name);
#include "pcbscope_fields.h"

static_assert(sizeof(struct pcbscope_info) == PCBSCOPE_INFO_SIZE_VER0);
static_assert(sizeof(struct pcbscope_schema) == PCBSCOPE_SCHEMA_SIZE_VER0);
static_assert(sizeof(struct pcbscope_query) == PCBSCOPE_QUERY_SIZE_VER0);
static_assert(sizeof(struct pcbscope_record) % 8 == 0);

#define GROUP_FLAG_CHEAP PCBSCOPE_GROUP_IS_CHEAP
#define GROUP_FLAG_PINNED 0

const struct pcbscope_group pcb_fields_groups[] = {
#define PCB_GROUP(_bit, NAME, _name, _box, _flags) { \
	.bit = (_bit), \
	.bytes = sizeof(struct pcbscope_##_name), \
	.flags = GROUP_FLAG_##_flags, \
	.nr_fields = nr_##_name, \
	.name = #_name, \
	.box = _box, \
},
#include "pcbscope_fields.h"
};

const unsigned int pcb_fields_nr_groups = ARRAY_SIZE(pcb_fields_groups);

/* A field that the list has and this kernel lacks. */
#define LACKS(has, at, field) (!(has) && (at) == PCB_AT_##field)
#define IS_LACKING(at) \
	(LACKS(PCB_HAS_SCHED_DELAYED, at, state_sched_delayed) || \
	 LACKS(PCB_HAS_PRESENT_PAGES, at, program_cmdline) || \
	 LACKS(PCB_HAS_PRESENT_PAGES, at, program_cmdline_bytes))
#define PCB_FIELD_FLAGS(group, member) \
	(IS_LACKING(PCB_AT_##group##_##member) ? \
	 PCBSCOPE_FIELD_IS_UNSUPPORTED : 0)

/* Bit of each group, by its lower-case name. */
enum {
#define PCB_GROUP(_bit, NAME, name, box, flags) bit_##name = (_bit),
#include "pcbscope_fields.h"
};

const struct pcbscope_field pcb_fields_list[] = {
#define PCB_FIELD(_group, _member, _type, _unit, _vocabulary, _since, _help) { \
	.group = bit_##_group, \
	.type = PCBSCOPE_TYPE_##_type, \
	.unit = PCBSCOPE_UNIT_##_unit, \
	.vocabulary = PCBSCOPE_WORDS_##_vocabulary, \
	.offset = offsetof(struct pcbscope_##_group, _member), \
	.bytes = sizeof(((struct pcbscope_##_group *)0)->_member), \
	.since = (_since), \
	.flags = PCB_FIELD_FLAGS(_group, _member), \
	.name = #_member, \
	.help = _help, \
},
#include "pcbscope_fields.h"
};

const unsigned int pcb_fields_nr = ARRAY_SIZE(pcb_fields_list);

const struct pcbscope_word pcb_fields_words[] = {
#define PCB_WORD(_vocabulary, _value, _name) { \
	.vocabulary = PCBSCOPE_WORDS_##_vocabulary, \
	.value = (_value), \
	.name = _name, \
},
#include "pcbscope_fields.h"
};

const unsigned int pcb_fields_nr_words = ARRAY_SIZE(pcb_fields_words);

/**
 * pcb_fields_word() - the word for a value
 * @vocabulary: PCBSCOPE_WORDS_*
 * @value: the value
 *
 * Return: the word, or "unknown".
 */
const char *pcb_fields_word(u32 vocabulary, u32 value)
{
	unsigned int i;

	for (i = 0; i < pcb_fields_nr_words; i++)
		if (pcb_fields_words[i].vocabulary == vocabulary &&
		    pcb_fields_words[i].value == value)
			return pcb_fields_words[i].name;
	return "unknown";
}

/**
 * pcb_fields_group() - find a group in a record
 * @record: the record
 * @bit: bit number of the group
 *
 * Return: the group's struct, or NULL where the record does not hold it.
 */
const void *pcb_fields_group(const struct pcbscope_record *record, u32 bit)
{
	const char *at = (const char *)(record + 1);
	unsigned int i;

	for (i = 0; i < pcb_fields_nr_groups; i++) {
		const struct pcbscope_group *group = &pcb_fields_groups[i];

		if (!(record->groups & BIT_ULL(group->bit)))
			continue;
		if (group->bit == bit)
			return at;
		at += group->bytes;
	}
	return NULL;
}
