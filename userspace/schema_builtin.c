// SPDX-License-Identifier: GPL-2.0
/*
 * schema_builtin.c - the field list this companion was built with.
 *
 * Only for listing columns where there is no module to ask: records are read
 * through the list that came with them.
 */
#include <string.h>

#include "schema.h"

#define CHEAP	PCBSCOPE_GROUP_IS_CHEAP
#define PINNED	0

static struct pcbscope_group groups[] = {
#define PCB_GROUP(bit_, NAME_, name_, box_, flags_)			\
	{ .bit = bit_, .bytes = sizeof(struct pcbscope_##name_),	\
	  .flags = flags_, .name = #name_, .box = box_ },
#include <pcbscope_fields.h>
};

enum {
#define PCB_GROUP(bit_, NAME_, name_, box_, flags_) BIT_##name_ = bit_,
#include <pcbscope_fields.h>
};

#define MEMBER(group_, member_) (((struct pcbscope_##group_ *)0)->member_)

static const struct pcbscope_field fields[] = {
#define PCB_FIELD(group_, member_, type_, unit_, vocabulary_, since_, help_) \
	{ .group = BIT_##group_, .type = PCBSCOPE_TYPE_##type_,		\
	  .unit = PCBSCOPE_UNIT_##unit_,				\
	  .vocabulary = PCBSCOPE_WORDS_##vocabulary_,			\
	  .offset = offsetof(struct pcbscope_##group_, member_),	\
	  .bytes = sizeof(MEMBER(group_, member_)),			\
	  .since = since_, .name = #member_, .help = help_ },
#include <pcbscope_fields.h>
};

static const struct pcbscope_word words[] = {
#define PCB_WORD(vocabulary_, value_, name_)				\
	{ .vocabulary = PCBSCOPE_WORDS_##vocabulary_, .value = value_,	\
	  .name = name_ },
#include <pcbscope_fields.h>
};

/** schema_builtin_blob() - the list as PCBSCOPE_IOC_SCHEMA would give it */
void schema_builtin_blob(struct buf *blob, struct schema_shape *shape)
{
	*shape = (struct schema_shape){
		.nr_groups = ARRAY_SIZE(groups),
		.nr_fields = ARRAY_SIZE(fields),
		.nr_words = ARRAY_SIZE(words),
		.group_bytes = sizeof(groups[0]),
		.field_bytes = sizeof(fields[0]),
		.word_bytes = sizeof(words[0]),
	};
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		groups[i].nr_fields = 0;
		for (size_t j = 0; j < ARRAY_SIZE(fields); j++)
			groups[i].nr_fields += fields[j].group == groups[i].bit;
	}
	buf_add(blob, groups, sizeof(groups));
	buf_add(blob, fields, sizeof(fields));
	buf_add(blob, words, sizeof(words));
}

void schema_load_builtin(struct schema *schema)
{
	struct buf blob = { 0 };
	struct schema_shape shape;

	schema_builtin_blob(&blob, &shape);
	schema_load(schema, blob.data, blob.len, &shape);
	buf_free(&blob);
}
