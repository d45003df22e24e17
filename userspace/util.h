/* SPDX-License-Identifier: GPL-2.0 */
/*
 * util.h - errors, memory, growing buffers, strict numbers.
 */
#ifndef PCBSCOPE_UTIL_H
#define PCBSCOPE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Exit statuses: part of the contract. */
enum status {
	STATUS_OK = 0,
	STATUS_FAILURE = 1,
	STATUS_USAGE = 2,
	STATUS_PARTIAL = 3,
	STATUS_NO_MODULE = 4,
};

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define ALIGN8(n)	(((n) + 7) & ~(size_t)7)

/**
 * struct buf - a buffer that grows
 * @data: its bytes; NUL-terminated after every buf_*() call
 * @len: bytes in it, without the NUL
 * @size: bytes allocated
 */
struct buf {
	char *data;
	size_t len;
	size_t size;
};

void err(const char *format, ...) __attribute__((format(printf, 1, 2)));

void *xmalloc(size_t bytes);
void *xcalloc(size_t nr, size_t bytes);
void *xrealloc(void *old, size_t nr, size_t bytes);
char *xstrdup(const char *string);

void buf_reset(struct buf *buf);
void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_puts(struct buf *buf, const char *string);
void buf_putc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void buf_u64(struct buf *buf, uint64_t number);
void buf_s64(struct buf *buf, int64_t number);
void buf_free(struct buf *buf);

bool parse_u32(const char *string, uint32_t *number);
int compare_u32(const void *a, const void *b);
uint32_t crc32_add(uint32_t crc, const void *bytes, size_t len);

#endif /* PCBSCOPE_UTIL_H */
