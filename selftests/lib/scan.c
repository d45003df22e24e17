// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "records.h"
#include "scan.h"

#define POISON_RUN 4	/* bytes; shorter runs are numbers */

/* Of text, modules, fixmap; and of the direct map to struct pages, where addresses have 48 bits. */
static bool is_near_address(uint64_t word)
{
#ifdef __aarch64__
	return word >= 0xffff000000000000ULL && word < 0xffffffffffe00000ULL;
#else
	return (word >= 0xffff800000000000ULL && word < 0xffffff8000000000ULL) ||
		(word >= 0xffffffff80000000ULL && word < 0xffffffffff600000ULL);
#endif
}

/* With 57 bits, the direct map begins at 0xff11000000000000. */
bool is_kernel_address(uint64_t word)
{
	return is_near_address(word) ||
		(word >= 0xff11000000000000ULL && word < 0xffff800000000000ULL);
}

/* Of slab objects: padding, freed, end of freed, red zones; of pages: freed. */
static bool is_poison(unsigned char byte)
{
	static const unsigned char poisons[] = { 0x5a, 0x6b, 0xa5, 0xbb, 0xcc, 0xaa };

	return memchr(poisons, byte, sizeof(poisons));
}

static void find(struct scan *scan, const char *what, const char *which, size_t at,
		 unsigned long long value)
{
	if (!scan->found++)
		snprintf(scan->first, sizeof(scan->first), "%s: %s 0x%llx at byte %zu",
			 what, which, value, at);
}

static void scan_poison(struct scan *scan, const unsigned char *at, size_t bytes,
			const char *what)
{
	size_t i, run = 0;

	for (i = 0; i < bytes; i++) {
		run = i && at[i] == at[i - 1] ? run + 1 : 1;
		if (run == POISON_RUN && is_poison(at[i]))
			find(scan, what, "poison", i, at[i]);
	}
}

/*
 * At every byte, for what is copied need not be aligned; but there only those
 * whose two highest bytes are 0xff, or numbers side by side would look like some.
 */
static void scan_addresses(struct scan *scan, const unsigned char *at, size_t bytes,
			   const char *what)
{
	uint64_t word;
	size_t i;

	for (i = 7; i < bytes; i++) {
		if (at[i] != 0xff)
			continue;
		memcpy(&word, at + i - 7, sizeof(word));
		if (i % 8 == 7 ? is_kernel_address(word) : is_near_address(word))
			find(scan, what, "kernel address", i - 7, word);
	}
}

void scan_memory(struct scan *scan, const void *memory, size_t bytes, const char *what)
{
	scan->bytes += bytes;
	scan_poison(scan, memory, bytes, what);
	scan_addresses(scan, memory, bytes, what);
}

/* Numbers that may be negative, or hold any 32 bits, are not addresses. */
static bool is_free_number(const struct field *field, uint32_t value)
{
	if (field->type == PCBSCOPE_TYPE_S32)
		return (int32_t)value > -1000 && (int32_t)value < 1000;
	return field->unit == PCBSCOPE_UNIT_ID;
}

/*
 * Take out of @record what is a number and plainly no address: counted in
 * nanoseconds, one in 100,000 has bytes that look like the upper half of one.
 */
static void blank_numbers(struct pcbscope_record *record, unsigned int width)
{
	const struct field *field;
	unsigned int i, count;
	uint64_t value;

	field = fields(&count);
	for (i = 0; i < count; i++, field++) {
		unsigned char *group = (unsigned char *)record_group(record, field->group);

		if (!group || field->bytes != width)
			continue;
		value = 0;
		memcpy(&value, group + field->offset, width);
		if (width == 8 ? !is_kernel_address(value) : is_free_number(field, value))
			memset(group + field->offset, 0, width);
	}
}

void scan_record(struct scan *scan, const struct pcbscope_record *record, const char *what)
{
	unsigned char *copy = malloc(record->bytes);

	if (!copy)
		return;
	memcpy(copy, record, record->bytes);
	scan->bytes += record->bytes;
	blank_numbers((void *)copy, 4);
	scan_poison(scan, copy, record->bytes, what);
	blank_numbers((void *)copy, 8);
	scan_addresses(scan, copy, record->bytes, what);
	free(copy);
}

void scan_records(struct scan *scan, const void *records, size_t bytes, const char *what)
{
	const struct walk walk = { .buf = (unsigned char *)records, .bytes = bytes };

	scan_walk(scan, &walk, what);
}

void scan_walk(struct scan *scan, const struct walk *walk, const char *what)
{
	const struct pcbscope_record *record;

	for_each_record(walk, record) {
		scan_record(scan, record, what);
		if (!record->bytes)
			break;
	}
}

static bool is_digit_of(int base, char c)
{
	return base == 16 ? isxdigit((unsigned char)c) : isdigit((unsigned char)c);
}

/* Whole runs of digits of one base, as numbers. */
static void scan_numbers(struct scan *scan, const char *text, size_t bytes, int base,
			 const char *what)
{
	char number[24];
	size_t i, run = 0;

	for (i = 0; i <= bytes; i++) {
		if (i < bytes && is_digit_of(base, text[i])) {
			run++;
			continue;
		}
		/* Hashed addresses are 32 bits, printed with 16 digits. */
		if (run >= 15 && run < sizeof(number)) {
			unsigned long long value;

			memcpy(number, text + i - run, run);
			number[run] = '\0';
			value = strtoull(number, NULL, base);
			if (i > run && text[i - run - 1] == '-' && base == 10)
				value = -value;
			if (is_kernel_address(value) ||
			    (run == 16 && !memcmp(number, "00000000", 8)))
				find(scan, what, "address in text", i - run, value);
		}
		run = 0;
	}
}

void scan_text(struct scan *scan, const char *text, size_t bytes, const char *what)
{
	if (memmem(text, bytes, "ptrval", 6))
		find(scan, what, "a hidden address in text", 0, 0);
	scan_numbers(scan, text, bytes, 16, what);
	scan_numbers(scan, text, bytes, 10, what);
	scan_memory(scan, text, bytes, what);
}

size_t scan_unwritten(const void *a, unsigned char fill_a, const void *b, unsigned char fill_b,
		      size_t bytes)
{
	const unsigned char *in_a = a, *in_b = b;
	size_t i, count = 0;

	for (i = 0; i < bytes; i++)
		count += in_a[i] == fill_a && in_b[i] == fill_b;
	return count;
}

bool scan_untouched(const void *memory, size_t bytes, unsigned char fill)
{
	const unsigned char *at = memory;

	while (bytes--)
		if (*at++ != fill)
			return false;
	return true;
}
