/* SPDX-License-Identifier: GPL-2.0 */
/*
 * value.h - one typed value, and how it reads as text. Knows no PCB field.
 */
#ifndef PCBSCOPE_VALUE_H
#define PCBSCOPE_VALUE_H

#include "util.h"

enum value_kind {
	VALUE_ABSENT,	/* does not apply */
	VALUE_UNKNOWN,	/* this kernel does not say */
	VALUE_UNBUILT,	/* this version of pcbscope does not show it yet */
	VALUE_UNSAVED,	/* the recording does not hold it */
	VALUE_BUSY,	/* held by the process itself just now */
	VALUE_DENIED,	/* refused to this reader */
	VALUE_UNSIGNED,
	VALUE_SIGNED,
	VALUE_BOOL,
	VALUE_FLAGS,
	VALUE_BYTES,	/* a string; need not be UTF-8, may hold NULs */
	VALUE_STRINGS,	/* strings, each ended by a NUL */
	VALUE_CPUS,	/* bitmap in 64-bit words, CPU 0 first */
};

/**
 * struct value - one cell of a row
 * @kind: which member holds
 * @u: VALUE_UNSIGNED, VALUE_BOOL, VALUE_FLAGS
 * @s: VALUE_SIGNED
 * @bytes: the others; belongs to the record or view that gave it, and is not
 *	NUL-terminated
 * @len: of @bytes
 */
struct value {
	enum value_kind kind;
	union {
		uint64_t u;
		int64_t s;
		struct {
			const char *bytes;
			size_t len;
		};
	};
};

enum value_style {
	STYLE_CELL,	/* for a table: human units, "-", "?" */
	STYLE_LONG,	/* beside its name: the exact figure too, reasons */
	STYLE_RAW,	/* between double quotes: exact, base units */
};

static inline bool value_is_known(const struct value *value)
{
	return value->kind >= VALUE_UNSIGNED;
}

static inline struct value value_u(uint64_t number)
{
	return (struct value){ .kind = VALUE_UNSIGNED, .u = number };
}

static inline struct value value_none(enum value_kind why)
{
	return (struct value){ .kind = why };
}

struct value value_string(const char *string);
struct value value_letter(uint32_t letter);
void value_text(struct buf *buf, const struct value *value, uint32_t unit,
		enum value_style style);
void value_cpu_list(struct buf *buf, const struct value *value);

#endif /* PCBSCOPE_VALUE_H */
