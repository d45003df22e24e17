/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must never come out of the kernel: its addresses, the poison of freed or
 * fresh memory, and what lay in the reader's own buffer before.
 */
#ifndef PCB_TEST_SCAN_H
#define PCB_TEST_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device.h"

/* Add up over many outputs; @first says what the first find was, and where. */
struct scan {
	unsigned long long bytes;
	unsigned int found;
	char first[160];
};

bool is_kernel_address(uint64_t word);
/*
 * Memory at every alignment. Small negative numbers next to others look like
 * addresses: of records use scan_record(), which knows them.
 */
void scan_memory(struct scan *scan, const void *memory, size_t bytes, const char *what);
void scan_record(struct scan *scan, const struct pcbscope_record *record, const char *what);
/* All records of a walk, or of @bytes that a query said it used. */
void scan_records(struct scan *scan, const void *records, size_t bytes, const char *what);
void scan_walk(struct scan *scan, const struct walk *walk, const char *what);
/* Text: numbers in hexadecimal or decimal that are addresses, or hashed ones. */
void scan_text(struct scan *scan, const char *text, size_t bytes, const char *what);
/*
 * Two outputs of the same request, of @bytes each, into buffers filled with
 * @fill_a and @fill_b: how many bytes were left as they were in both.
 */
size_t scan_unwritten(const void *a, unsigned char fill_a, const void *b, unsigned char fill_b,
		      size_t bytes);
/* Is all of it still what it was filled with? */
bool scan_untouched(const void *memory, size_t bytes, unsigned char fill);

#endif
