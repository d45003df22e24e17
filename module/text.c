// SPDX-License-Identifier: GPL-2.0
/*
 * text.c - records as text, for /proc/pcbscope.
 *
 * Names and paths are chosen by the processes themselves. Whatever could move a
 * terminal's cursor, end a line or look like a column is written in octal.
 */
#include <linux/seq_file.h>

#include "pcb.h"

/* Length of the valid UTF-8 sequence at @s, 0 for none or a control one. */
static size_t utf8_bytes(const u8 *s, size_t left)
{
	size_t i, bytes = s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 :
		s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	if (!bytes || bytes > left)
		return 0;
	for (i = 1; i < bytes; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* C1 controls, overlong forms, surrogates, beyond U+10FFFF. */
	if ((s[0] == 0xc2 && s[1] < 0xa0) || (s[0] == 0xe0 && s[1] < 0xa0) ||
	    (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return bytes;
}

/**
 * pcb_text_show_name() - write a name that a process chose
 * @m: where to
 * @name: the bytes
 * @bytes: how many
 */
void pcb_text_show_name(struct seq_file *m, const char *name, size_t bytes)
{
	const u8 *s = (const u8 *)name;
	size_t i = 0;

	while (i < bytes) {
		size_t part = utf8_bytes(s + i, bytes - i);

		if (s[i] > ' ' && s[i] < 0x7f && s[i] != '\\')
			part = 1;
		if (part) {
			seq_write(m, s + i, part);
			i += part;
		} else {
			seq_printf(m, "\\%03o", s[i++]);
		}
	}
}

/**
 * pcb_text_show_comm() - write the name of a task into a column
 * @m: where to
 * @comm: 16 bytes
 *
 * A name may be empty, a column may not: then its NUL is written.
 */
void pcb_text_show_comm(struct seq_file *m, const char *comm)
{
	const size_t bytes = strnlen(comm, 16);

	pcb_text_show_name(m, comm, bytes);
	if (!bytes)
		seq_puts(m, "\\000");
}

/* Strings that each end in a NUL, with blanks between them. */
static void show_strings(struct seq_file *m, const char *s, size_t bytes)
{
	size_t at = 0;

	while (at < bytes) {
		size_t part = strnlen(s + at, bytes - at);

		if (at)
			seq_putc(m, ' ');
		pcb_text_show_name(m, s + at, part);
		at += part + 1;
	}
}

static void show_referenced(struct seq_file *m,
			    const struct pcbscope_record *record,
			    const struct pcbscope_field *field,
			    const struct pcbscope_ref *ref)
{
	const char *data = (const char *)record + ref->offset;

	if (field->type == PCBSCOPE_TYPE_CPUS)
		seq_printf(m, "%*pbl", (int)nr_cpu_ids, data);
	else if (field->type == PCBSCOPE_TYPE_STRINGS)
		show_strings(m, data, ref->bytes);
	else
		pcb_text_show_name(m, data, ref->bytes);
}

static void show_value(struct seq_file *m, const struct pcbscope_record *record,
		       const struct pcbscope_field *field, const void *at)
{
	switch (field->type) {
	case PCBSCOPE_TYPE_U32:
	case PCBSCOPE_TYPE_BOOL:
		seq_printf(m, "%u", *(const u32 *)at);
		break;
	case PCBSCOPE_TYPE_S32:
		seq_printf(m, "%d", *(const s32 *)at);
		break;
	case PCBSCOPE_TYPE_U64:
		seq_printf(m, "%llu", *(const u64 *)at);
		break;
	case PCBSCOPE_TYPE_S64:
		seq_printf(m, "%lld", *(const s64 *)at);
		break;
	case PCBSCOPE_TYPE_WORD:
		seq_puts(m, pcb_fields_word(field->vocabulary,
					    *(const u32 *)at));
		break;
	case PCBSCOPE_TYPE_LETTER:
		seq_putc(m, *(const u32 *)at);
		break;
	case PCBSCOPE_TYPE_FLAGS:
		seq_printf(m, "0x%x", *(const u32 *)at);
		break;
	case PCBSCOPE_TYPE_TEXT:
		pcb_text_show_comm(m, at);
		break;
	default:
		show_referenced(m, record, field, at);
	}
}

/* "-" where the field does not apply, "?" where it is not known. */
static void show_field(struct seq_file *m, const struct pcbscope_record *record,
		       const struct pcbscope_field *field, unsigned int nr)
{
	const u64 group = BIT_ULL(field->group);
	const void *at = pcb_fields_group(record, field->group);

	seq_printf(m, "%s:\t", field->name);
	if (at && (*(const u64 *)at & BIT_ULL(nr)))
		show_value(m, record, field, at + field->offset);
	else if ((field->flags & PCBSCOPE_FIELD_IS_UNSUPPORTED) ||
		 ((record->busy | record->denied) & group))
		seq_putc(m, '?');
	else
		seq_putc(m, '-');
	seq_putc(m, '\n');
}

/**
 * pcb_text_show_record() - write a record, a line for each field
 * @m: where to
 * @record: the record
 *
 * Fields come in the order in which the ABI got them, so that new ones are
 * always at the end.
 */
void pcb_text_show_record(struct seq_file *m,
			  const struct pcbscope_record *record)
{
	u32 since, group = ~0U;
	unsigned int i, nr = 0;

	for (since = 0; since <= PCBSCOPE_ABI_MINOR; since++) {
		for (i = 0; i < pcb_fields_nr; i++) {
			const struct pcbscope_field *field =
				&pcb_fields_list[i];

			nr = field->group == group ? nr + 1 : 0;
			group = field->group;
			if (field->since == since)
				show_field(m, record, field, nr);
		}
		group = ~0U;
	}
}
