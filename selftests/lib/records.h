/* SPDX-License-Identifier: GPL-2.0 */
/* Typed access to records, by the field list, and what must hold of every one. */
#ifndef PCB_TEST_RECORDS_H
#define PCB_TEST_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pcbscope.h"

/* One line of pcbscope_fields.h, as the compiler sees it. */
struct field {
	const char *name;
	const char *help;
	unsigned int group;
	unsigned int type;
	unsigned int unit;
	unsigned int vocabulary;
	unsigned int offset;
	unsigned int bytes;
	unsigned int since;
	unsigned int bit;	/* of the group's valid member */
};

struct group {
	const char *name;
	const char *box;
	unsigned int bit;
	unsigned int bytes;
	unsigned int flags;
	unsigned int nr_fields;
};

struct word {
	unsigned int vocabulary;
	unsigned int value;
	const char *name;
};

const struct field *fields(unsigned int *count);
const struct group *groups(unsigned int *count);
const struct word *words(unsigned int *count);
const struct field *field_find(const char *name);

/* The group's struct inside the record, or NULL where the record lacks it. */
const void *record_group(const struct pcbscope_record *record, unsigned int bit);
const struct pcbscope_identity *record_identity(const struct pcbscope_record *record);
const struct pcbscope_state *record_state(const struct pcbscope_record *record);

/* A field by name: true where it is valid. Signed members are sign-extended. */
bool record_has(const struct pcbscope_record *record, const char *name);
bool record_number(const struct pcbscope_record *record, const char *name,
		   long long *value);
/* A number; -1 where it is not valid. */
long long number(const struct pcbscope_record *record, const char *name);
/* Bytes of a TEXT, STRING, STRINGS or CPUS field; NULL where it is not valid. */
const void *record_bytes(const struct pcbscope_record *record, const char *name,
			 size_t *bytes);

/* NULL, or what is wrong with a record of at most @room bytes. */
const char *record_fault(const struct pcbscope_record *record, size_t room,
			 uint64_t wanted);
struct walk;
/* The same for all records of a walk, and for their order. */
const char *walk_fault(const struct walk *walk, uint64_t wanted, bool ascending);

#endif
