// SPDX-License-Identifier: GPL-2.0
/*
 * util.c - errors, memory, growing buffers, strict numbers.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util.h"

/**
 * err() - say on stderr what went wrong
 * @format: what was attempted, the reason, the cure; without newline
 *
 * Bytes that could move the cursor are escaped: messages quote file names and
 * arguments.
 */
void err(const char *format, ...)
{
	struct buf line = { 0 };
	va_list args;
	char *message = NULL;
	int len;

	va_start(args, format);
	len = vasprintf(&message, format, args);
	va_end(args);
	if (len < 0)
		return;
	buf_puts(&line, "pcbscope: ");
	text_escape(&line, message, (size_t)len, "\\");
	buf_putc(&line, '\n');
	fwrite(line.data, 1, line.len, stderr);
	buf_free(&line);
	free(message);
}

static void out_of_memory(void)
{
	static const char message[] = "pcbscope: out of memory\n";

	fwrite(message, 1, sizeof(message) - 1, stderr);
	_Exit(STATUS_FAILURE);
}

void *xmalloc(size_t bytes)
{
	void *new = malloc(bytes ? bytes : 1);

	if (!new)
		out_of_memory();
	return new;
}

void *xcalloc(size_t nr, size_t bytes)
{
	void *new = calloc(nr ? nr : 1, bytes ? bytes : 1);

	if (!new)
		out_of_memory();
	return new;
}

void *xrealloc(void *old, size_t nr, size_t bytes)
{
	void *new = reallocarray(old, nr ? nr : 1, bytes);

	if (!new)
		out_of_memory();
	return new;
}

char *xstrdup(const char *string)
{
	char *new = strdup(string);

	if (!new)
		out_of_memory();
	return new;
}

static void buf_reserve(struct buf *buf, size_t more)
{
	size_t size = buf->size ? buf->size : 64;

	if (buf->size - buf->len > more)
		return;
	while (size - buf->len <= more)
		size *= 2;
	buf->data = xrealloc(buf->data, size, 1);
	buf->size = size;
}

/** buf_reset() - empty @buf, keeping its memory; @buf->data is then "" */
void buf_reset(struct buf *buf)
{
	buf_reserve(buf, 1);
	buf->len = 0;
	buf->data[0] = '\0';
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	buf_reserve(buf, len);
	if (len)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_puts(struct buf *buf, const char *string)
{
	buf_add(buf, string, strlen(string));
}

void buf_putc(struct buf *buf, char c)
{
	buf_reserve(buf, 1);
	buf->data[buf->len++] = c;
	buf->data[buf->len] = '\0';
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	char text[256];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (len >= (int)sizeof(text))
		len = sizeof(text) - 1;
	if (len > 0)
		buf_add(buf, text, (size_t)len);
}

/** buf_u64() - append a number; a walk prints millions of them */
void buf_u64(struct buf *buf, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	buf_add(buf, digits + at, sizeof(digits) - at);
}

void buf_s64(struct buf *buf, int64_t number)
{
	if (number < 0)
		buf_putc(buf, '-');
	buf_u64(buf, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

void buf_free(struct buf *buf)
{
	free(buf->data);
	memset(buf, 0, sizeof(*buf));
}

/**
 * parse_u32() - read a decimal number, digits only
 * @string: the whole of it must be the number
 * @number: result
 *
 * Return: false if @string is empty, holds anything but digits, or does not
 * fit; strtoul() would forgive blanks, signs and trailing text.
 */
bool parse_u32(const char *string, uint32_t *number)
{
	uint64_t sum = 0;

	if (!*string)
		return false;
	for (; *string; string++) {
		if (*string < '0' || *string > '9')
			return false;
		sum = sum * 10 + (uint64_t)(*string - '0');
		if (sum > UINT32_MAX)
			return false;
	}
	*number = (uint32_t)sum;
	return true;
}

int compare_u32(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void crc32_fill(uint32_t table[256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
		table[i] = crc;
	}
}

/**
 * crc32_add() - CRC-32 (IEEE 802.3), as in gzip
 * @crc: 0, or the result for what came before
 */
uint32_t crc32_add(uint32_t crc, const void *bytes, size_t len)
{
	static uint32_t table[256];
	const uint8_t *p = bytes;

	if (!table[255])
		crc32_fill(table);
	crc = ~crc;
	while (len--)
		crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
	return ~crc;
}
