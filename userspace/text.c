// SPDX-License-Identifier: GPL-2.0
/*
 * text.c - bytes of unknown origin made fit for a terminal; numbers made fit
 * for people.
 */
#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>

#include "text.h"

static bool utf8_terminal;

/**
 * text_locale_init() - learn what the terminal can show
 *
 * Only LC_CTYPE, and only for text: numbers, messages and sort order stay
 * those of the C locale, and -J and -r need no locale at all.
 */
void text_locale_init(void)
{
	setlocale(LC_CTYPE, "");
	utf8_terminal = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool text_is_utf8(void)
{
	return utf8_terminal;
}

static size_t sequence_length(uint8_t first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

/**
 * text_decode() - decode one UTF-8 character
 * @bytes: where it begins
 * @len: bytes there are, at least 1
 * @code: result: the code point
 *
 * Return: its length; 0 if no well-formed character begins here (RFC 3629: no
 * overlong forms, no surrogates, nothing above U+10FFFF).
 */
size_t text_decode(const char *bytes, size_t len, uint32_t *code)
{
	static const uint8_t first_mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t need = sequence_length((uint8_t)bytes[0]);
	uint32_t sum;

	if (!need || need > len)
		return 0;
	sum = (uint8_t)bytes[0] & first_mask[need];
	for (size_t i = 1; i < need; i++) {
		if (((uint8_t)bytes[i] & 0xc0) != 0x80)
			return 0;
		sum = sum << 6 | ((uint8_t)bytes[i] & 0x3f);
	}
	if (sum < least[need] || sum > 0x10ffff ||
	    (sum >= 0xd800 && sum <= 0xdfff))
		return 0;
	*code = sum;
	return need;
}

/** text_columns() - characters in a UTF-8 @string, each taken as one wide */
size_t text_columns(const char *string)
{
	size_t columns = 0;

	for (; *string; string++)
		columns += ((uint8_t)*string & 0xc0) != 0x80;
	return columns;
}

/* Controls, and characters that hide or reorder what surrounds them. */
static bool is_harmless(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		return false;
	if (code < 0x200b)
		return code != 0xad && code != 0x61c;
	if (code <= 0x200f || (code >= 0x2028 && code <= 0x202e))
		return false;
	if (code >= 0x2060 && code <= 0x206f)
		return false;
	return code != 0xfeff && code < 0xe0000;
}

/* How many characters from here on need no thought. */
static size_t plain_length(const char *bytes, size_t len)
{
	size_t n = 0;

	while (n < len && bytes[n] >= ' ' && bytes[n] <= '~' &&
	       bytes[n] != '\\' && bytes[n] != '"' && bytes[n] != '$' &&
	       bytes[n] != '`')
		n++;
	return n;
}

/**
 * text_escape() - append bytes so that they can only be looked at
 * @buf: appended to
 * @bytes: anything
 * @len: how many
 * @keep: each character in it is left as it is if it were plain text; a
 *	leading '"' asks for shell quoting: what is special between double
 *	quotes is escaped too
 *
 * Control bytes, backslashes and bytes that are not UTF-8 (or not ASCII, if
 * that is all the terminal shows) become octal escapes: \012.
 */
void text_escape(struct buf *buf, const char *bytes, size_t len,
		 const char *keep)
{
	bool quoted = keep[0] == '"', plain;

	while (len) {
		uint32_t code = 0;
		size_t n = plain_length(bytes, len);

		if (n) {
			buf_add(buf, bytes, n);
			bytes += n;
			len -= n;
			continue;
		}
		n = text_decode(bytes, len, &code);
		plain = n && is_harmless(code) && code != '\\';
		if (n > 1 && !utf8_terminal && !quoted)
			plain = false;
		if (quoted && n == 1 && strchr("\"$`", (int)code))
			plain = false;
		if (!quoted && n == 1 && code && strchr(keep, (int)code))
			plain = true;
		n = n ? n : 1;
		if (plain)
			buf_add(buf, bytes, n);
		else
			for (size_t i = 0; i < n; i++)
				buf_printf(buf, "\\%03o", (uint8_t)bytes[i]);
		bytes += n;
		len -= n;
	}
}

/** text_duration() - append @ns nanoseconds in the two units that tell most */
void text_duration(struct buf *buf, uint64_t ns)
{
	uint64_t seconds = ns / 1000000000, minutes = seconds / 60;
	uint64_t hours = minutes / 60, days = hours / 24;

	if (!ns)
		buf_puts(buf, "0 s");
	else if (ns < 1000)
		buf_printf(buf, "%u ns", (unsigned int)ns);
	else if (ns < 1000000)
		buf_printf(buf, "%u us", (unsigned int)(ns / 1000));
	else if (ns < 100000000)
		buf_printf(buf, "%u.%u ms", (unsigned int)(ns / 1000000),
			   (unsigned int)(ns / 100000 % 10));
	else if (ns < 1000000000)
		buf_printf(buf, "%u ms", (unsigned int)(ns / 1000000));
	else if (minutes < 1)
		buf_printf(buf, "%" PRIu64 ".%02u s", seconds,
			   (unsigned int)(ns / 10000000 % 100));
	else if (hours < 1)
		buf_printf(buf, "%" PRIu64 "m %02us", minutes,
			   (unsigned int)(seconds % 60));
	else if (days < 1)
		buf_printf(buf, "%" PRIu64 "h %02um", hours,
			   (unsigned int)(minutes % 60));
	else
		buf_printf(buf, "%" PRIu64 "d %02uh", days,
			   (unsigned int)(hours % 24));
}

/** text_size() - append @bytes in the binary unit that leaves 1 to 4 digits */
void text_size(struct buf *buf, uint64_t bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB", "TiB", "PiB",
					     "EiB" };
	unsigned int unit = 0;
	uint64_t tenths;

	if (bytes < 1024) {
		buf_printf(buf, "%u B", (unsigned int)bytes);
		return;
	}
	while (bytes >> 20 && unit + 1 < ARRAY_SIZE(units)) {
		bytes >>= 10;
		unit++;
	}
	tenths = bytes * 10 / 1024;
	if (tenths < 100 && tenths % 10)
		buf_printf(buf, "%u.%u %s", (unsigned int)(tenths / 10),
			   (unsigned int)(tenths % 10), units[unit]);
	else
		buf_printf(buf, "%u %s", (unsigned int)(tenths / 10),
			   units[unit]);
}

/** text_grouped() - append @number with a blank between thousands */
void text_grouped(struct buf *buf, uint64_t number)
{
	struct buf digits = { 0 };

	buf_printf(&digits, "%" PRIu64, number);
	for (size_t i = 0; i < digits.len; i++) {
		if (i && (digits.len - i) % 3 == 0)
			buf_putc(buf, ' ');
		buf_putc(buf, digits.data[i]);
	}
	buf_free(&digits);
}

/** text_wrap() - append a sentence, broken at blanks; lines but the first are indented */
void text_wrap(struct buf *buf, const char *sentence, size_t width,
	       size_t indent)
{
	size_t column = 0;

	while (*sentence) {
		size_t len = strcspn(sentence, " ");

		if (column && column + 1 + len > width) {
			buf_printf(buf, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column) {
			buf_putc(buf, ' ');
			column++;
		}
		buf_add(buf, sentence, len);
		column += len;
		sentence += len;
		sentence += strspn(sentence, " ");
	}
}

static char ascii_for(uint32_t code)
{
	static const struct {
		uint32_t code;
		char ascii;
	} map[] = {
		{ 0x2500, '-' }, { 0x2502, '|' }, { 0x25ba, '>' },
		{ 0x25c4, '<' }, { 0x25b2, '^' }, { 0x25bc, 'v' },
		{ 0x2014, '-' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(map); i++)
		if (map[i].code == code)
			return map[i].ascii;
	return '+';
}

/**
 * text_ascii_art() - append a figure drawn with box characters
 * @buf: appended to
 * @figure: UTF-8; on a terminal that lacks it, the lines become - | and +
 */
void text_ascii_art(struct buf *buf, const char *figure)
{
	size_t len = strlen(figure);

	while (len) {
		uint32_t code = 0;
		size_t n = text_decode(figure, len, &code);

		n = n ? n : 1;
		if (n == 1 || utf8_terminal)
			buf_add(buf, figure, n);
		else
			buf_putc(buf, ascii_for(code));
		figure += n;
		len -= n;
	}
}
