// SPDX-License-Identifier: GPL-2.0
/*
 * newer_schema.c - the field list of a module newer than the companion.
 */
#include "newer_schema.h"

/** newer_schema_extend() - add a group, a vocabulary and a type of field */
void newer_schema_extend(struct buf *blob, struct schema_shape *shape)
{
	static const struct pcbscope_group group = {
		.bit = 10, .bytes = 24, .nr_fields = 3, .name = "wait",
		.box = "wait",
	};
	static const struct pcbscope_field fields[] = {
		{ .group = 10, .type = PCBSCOPE_TYPE_U64, .offset = 8,
		  .unit = PCBSCOPE_UNIT_NS, .bytes = 8, .since = 1,
		  .name = "waiting_ns", .help = "how long" },
		{ .group = 10, .type = PCBSCOPE_TYPE_WORD, .vocabulary = 3,
		  .offset = 16, .bytes = 4, .since = 1, .name = "wait_kind",
		  .help = "for what" },
		{ .group = 10, .type = 99, .offset = 20, .bytes = 4,
		  .since = 1, .name = "riddle", .help = "of a new type" },
	};
	static const struct pcbscope_word word = { 3, 2, "futex" };
	struct buf newer = { 0 };
	size_t at_fields = shape->nr_groups * sizeof(group);
	size_t at_words = at_fields + shape->nr_fields * sizeof(fields[0]);

	buf_add(&newer, blob->data, at_fields);
	buf_add(&newer, &group, sizeof(group));
	buf_add(&newer, blob->data + at_fields, at_words - at_fields);
	buf_add(&newer, fields, sizeof(fields));
	buf_add(&newer, blob->data + at_words, blob->len - at_words);
	buf_add(&newer, &word, sizeof(word));
	shape->nr_groups++;
	shape->nr_fields += ARRAY_SIZE(fields);
	shape->nr_words++;
	buf_free(blob);
	*blob = newer;
}
