/* SPDX-License-Identifier: GPL-2.0 */
/*
 * schema.h - the field list, as the module or a recording gives it.
 */
#ifndef PCBSCOPE_SCHEMA_H
#define PCBSCOPE_SCHEMA_H

#include <pcbscope.h>

#include "util.h"

/**
 * struct schema_shape - what is in a schema blob, as PCBSCOPE_IOC_SCHEMA says
 * @nr_groups: entries, first in the blob
 * @nr_fields: entries behind them
 * @nr_words: entries behind those
 * @group_bytes: size of a group entry
 * @field_bytes: size of a field entry
 * @word_bytes: size of a word entry
 */
struct schema_shape {
	uint32_t nr_groups;
	uint32_t nr_fields;
	uint32_t nr_words;
	uint32_t group_bytes;
	uint32_t field_bytes;
	uint32_t word_bytes;
};

/**
 * struct field - a field of the schema
 * @abi: its entry
 * @index: its bit in the valid member of its group
 */
struct field {
	struct pcbscope_field abi;
	uint32_t index;
};

/**
 * struct schema - a checked field list
 * @blob: as it came, for recordings
 * @blob_bytes: its length
 * @shape: what is in it
 * @groups: its groups
 * @fields: its fields
 * @words: its words
 * @by_bit: the group that has this bit, or NULL
 */
struct schema {
	void *blob;
	size_t blob_bytes;
	struct schema_shape shape;
	struct pcbscope_group *groups;
	struct field *fields;
	struct pcbscope_word *words;
	const struct pcbscope_group *by_bit[64];
};

bool schema_load(struct schema *schema, const void *blob, size_t bytes,
		 const struct schema_shape *shape);
void schema_load_builtin(struct schema *schema);
void schema_builtin_blob(struct buf *blob, struct schema_shape *shape);
void schema_free(struct schema *schema);
const struct field *schema_field(const struct schema *schema, const char *name);
const char *schema_word(const struct schema *schema, uint32_t vocabulary,
			uint32_t value);
bool schema_word_value(const struct schema *schema, uint32_t vocabulary,
		       const char *word, uint32_t *value);
const char *schema_type_name(uint32_t type);
const char *schema_unit_name(uint32_t unit);
void schema_group_names(const struct schema *schema, uint64_t mask,
			struct buf *names);

#endif /* PCBSCOPE_SCHEMA_H */
