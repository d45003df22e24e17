// SPDX-License-Identifier: GPL-2.0
/*
 * value.c - one typed value, and how it reads as text.
 */
#include <inttypes.h>
#include <string.h>

#include <pcbscope.h>

#include "text.h"
#include "value.h"

struct value value_string(const char *string)
{
	return (struct value){ .kind = VALUE_BYTES, .bytes = string,
			       .len = strlen(string) };
}

/** value_letter() - one ASCII character as a string */
struct value value_letter(uint32_t letter)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	const char *found = letter && letter < 128 ?
			    strchr(letters, (int)letter) : NULL;

	if (!found)
		return value_string("?");
	return (struct value){ .kind = VALUE_BYTES, .bytes = found, .len = 1 };
}

static bool cpu_in(const struct value *value, size_t cpu)
{
	uint64_t word;

	if (cpu / 64 * 8 + 8 > value->len)
		return false;
	memcpy(&word, value->bytes + cpu / 64 * 8, sizeof(word));
	return word >> cpu % 64 & 1;
}

/** value_cpu_list() - append a bitmap of CPUs as "0-3,5" */
void value_cpu_list(struct buf *buf, const struct value *value)
{
	const char *comma = "";

	for (size_t cpu = 0; cpu < value->len * 8; cpu++) {
		size_t last = cpu;

		if (!cpu_in(value, cpu))
			continue;
		while (cpu_in(value, last + 1))
			last++;
		buf_printf(buf, "%s%zu", comma, cpu);
		if (last > cpu)
			buf_printf(buf, "-%zu", last);
		comma = ",";
		cpu = last;
	}
}

static const char *why_long(enum value_kind kind)
{
	static const char *const why[] = {
		[VALUE_ABSENT] = "-",
		[VALUE_UNKNOWN] = "unknown: this kernel does not say",
		[VALUE_UNBUILT] = "unknown: this version of pcbscope does not show it yet",
		[VALUE_UNSAVED] = "unknown: not in this recording",
		[VALUE_BUSY] = "busy: held by the process, ask again",
		[VALUE_DENIED] = "refused: see 'pcbscope doctor'",
	};

	return why[kind];
}

static void missing_text(struct buf *buf, enum value_kind kind,
			 enum value_style style)
{
	if (style == STYLE_LONG)
		buf_puts(buf, why_long(kind));
	else if (kind != VALUE_ABSENT)
		buf_putc(buf, '?');
	else if (style == STYLE_CELL)
		buf_putc(buf, '-');
}

static void unsigned_text(struct buf *buf, uint64_t number, uint32_t unit,
			  enum value_style style)
{
	if (style == STYLE_RAW ||
	    (unit != PCBSCOPE_UNIT_NS && unit != PCBSCOPE_UNIT_BYTES)) {
		buf_u64(buf, number);
		return;
	}
	if (unit == PCBSCOPE_UNIT_NS)
		text_duration(buf, number);
	else
		text_size(buf, number);
	if (style != STYLE_LONG || number < 1000)
		return;
	buf_puts(buf, " (");
	text_grouped(buf, number);
	buf_putc(buf, ')');
}

/* A blank inside an argument is escaped: it must not look like two. */
static void strings_text(struct buf *buf, const struct value *value,
			 const char *keep)
{
	size_t from = 0;

	for (size_t i = 0; i < value->len; i++) {
		const char *p = value->bytes + i;

		if (*p == '\0' || *p == ' ') {
			text_escape(buf, value->bytes + from, i - from, keep);
			if (*p == ' ')
				buf_puts(buf, "\\040");
			else if (i + 1 < value->len)
				buf_putc(buf, ' ');
			from = i + 1;
		}
	}
	text_escape(buf, value->bytes + from, value->len - from, keep);
}

/**
 * value_text() - append a value as text
 * @buf: appended to
 * @value: any
 * @unit: PCBSCOPE_UNIT_* that its column has
 * @style: where it will stand
 */
void value_text(struct buf *buf, const struct value *value, uint32_t unit,
		enum value_style style)
{
	const char *keep = style == STYLE_RAW ? "\"" : "";

	switch (value->kind) {
	case VALUE_UNSIGNED:
		unsigned_text(buf, value->u, unit, style);
		break;
	case VALUE_SIGNED:
		buf_s64(buf, value->s);
		break;
	case VALUE_BOOL:
		if (style == STYLE_RAW)
			buf_putc(buf, value->u ? '1' : '0');
		else
			buf_puts(buf, value->u ? "yes" : "no");
		break;
	case VALUE_FLAGS:
		buf_printf(buf, "0x%" PRIx64, value->u);
		break;
	case VALUE_BYTES:
		text_escape(buf, value->bytes, value->len, keep);
		break;
	case VALUE_STRINGS:
		strings_text(buf, value, keep);
		break;
	case VALUE_CPUS:
		value_cpu_list(buf, value);
		break;
	default:
		missing_text(buf, value->kind, style);
	}
}
