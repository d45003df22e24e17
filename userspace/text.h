/* SPDX-License-Identifier: GPL-2.0 */
/*
 * text.h - bytes of unknown origin made fit for a terminal; numbers made fit
 * for people. Knows no PCB field.
 */
#ifndef PCBSCOPE_TEXT_H
#define PCBSCOPE_TEXT_H

#include "util.h"

void text_locale_init(void);
bool text_is_utf8(void);
size_t text_decode(const char *bytes, size_t len, uint32_t *code);
size_t text_columns(const char *string);
void text_escape(struct buf *buf, const char *bytes, size_t len,
		 const char *keep);
void text_duration(struct buf *buf, uint64_t ns);
void text_size(struct buf *buf, uint64_t bytes);
void text_grouped(struct buf *buf, uint64_t number);
void text_wrap(struct buf *buf, const char *sentence, size_t width,
	       size_t indent);
void text_ascii_art(struct buf *buf, const char *figure);

#endif /* PCBSCOPE_TEXT_H */
