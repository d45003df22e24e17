/* SPDX-License-Identifier: GPL-2.0 */
/*
 * record.h - typed access to one record, through the schema.
 */
#ifndef PCBSCOPE_RECORD_H
#define PCBSCOPE_RECORD_H

#include "schema.h"
#include "value.h"

/**
 * struct record - one record and what is needed to read it
 * @head: the record; belongs to the source or set that gave it
 * @schema: its field list
 * @asked: groups that the walk asked for
 * @hidden: groups that it holds, but that mean something else here
 */
struct record {
	const struct pcbscope_record *head;
	const struct schema *schema;
	uint64_t asked;
	uint64_t hidden;
};

bool record_check(const void *bytes, size_t avail, const struct schema *schema);
struct value record_get(const struct record *record, const struct field *field);
struct value record_get_named(const struct record *record, const char *name);
uint64_t record_number(const struct record *record, const struct field *field,
		       uint64_t otherwise);

#endif /* PCBSCOPE_RECORD_H */
