// SPDX-License-Identifier: GPL-2.0
/* Buffers that betray what is written beyond them, and addresses of every bad kind. */
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "../lib/scan.h"

#define PAGE 4096UL
#define SLACK 64
#define NR_BAD_PAGES 4
#define END_BYTES (24UL << 10)	/* of the arena that hold no structure */

/* bad_pages: read-only, no access, beyond the end of a file, no access. */
static bool bad_pages_begin(struct worker *w)
{
	unsigned char *at = mmap(NULL, NR_BAD_PAGES * PAGE, PROT_NONE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED || mprotect(at, PAGE, PROT_READ))
		return false;
	w->bad_pages = at;
	return mmap(at + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, w->file,
		    1L << 30) != MAP_FAILED;
}

bool memory_begin(struct worker *w)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	unsigned char *at;

#ifdef MAP_32BIT
	flags |= MAP_32BIT;
#endif
	at = mmap(NULL, ARENA_BYTES + 2 * PAGE, PROT_NONE, flags, -1, 0);
	w->file = memfd_create("fuzz", MFD_CLOEXEC);
	w->scratch = mmap(NULL, OUT_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);
	if (at == MAP_FAILED || w->scratch == MAP_FAILED || w->file < 0 ||
	    pipe2(w->pipe, O_NONBLOCK | O_CLOEXEC))
		return false;
	w->arena = at + PAGE;
	return !mprotect(w->arena, ARENA_BYTES, PROT_READ | PROT_WRITE) && bad_pages_begin(w);
}

void memory_end(struct worker *w)
{
	munmap(w->arena - PAGE, ARENA_BYTES + 2 * PAGE);
	munmap(w->bad_pages, NR_BAD_PAGES * PAGE);
	munmap(w->scratch, OUT_BYTES);
	close(w->file);
	close(w->pipe[0]);
	close(w->pipe[1]);
}

size_t odd_size(struct worker *w)
{
	static const size_t sizes[] = {
		0, 1, 2, 7, 8, 31, 32, 33, 104, 127, 200, 255, 256, 511, 1000, 1024, 2048, 4095,
		4096, 4097, 8192, 16384, 16385, 32767, 65528, 65535, 65536,
	};
	static const size_t huge[] = {
		65537, 1UL << 20, (32UL << 20) + 1, INT_MAX, 1UL << 31, UINT_MAX, 1UL << 32,
		LONG_MAX, 1UL << 63, ~0UL, ~7UL, ~4095UL,
	};

	if (one_in(w, 16))
		return huge[pick(w, COUNT(huge))];
	if (one_in(w, 4))
		return pick(w, OUT_BYTES);
	return sizes[pick(w, COUNT(sizes))];
}

uint64_t odd_number(struct worker *w)
{
	static const uint64_t numbers[] = {
		0, 1, 2, 3, 7, 8, 63, 64, 255, 256, 4095, 4096, 4194304, 4194305, INT_MAX,
		1ULL << 31, UINT_MAX, 1ULL << 32, (1ULL << 32) + 1, LONG_MAX, 1ULL << 63, ~0ULL,
		~1ULL, 0xffffffff00000000ULL,
	};

	switch (pick(w, 4)) {
	case 0:
		return numbers[pick(w, COUNT(numbers))];
	case 1:
		return 1ULL << pick(w, 64);
	case 2:
		return pick(w, 70000);
	}
	return choose(w);
}

/* Read-only, no access, end of file, the vdso, a mapped area, and what is no address. */
static void *bad_pointer(struct worker *w)
{
	static const unsigned long fixed[] = {
		0, 1, 8, 0x10000, 0x7ffffffff000UL, 0x7ffffffffff8UL, 0x800000000000UL,
		0xffff800000000000UL, 0xffff888000000000UL, 0xffffffff81000000UL,
		0xffffffffff600000UL, 0xfffffffffffff000UL, ~0UL, ~7UL, 0xdead000000000100UL,
	};
	unsigned long which = pick(w, 9 + COUNT(fixed));

	switch (which) {
	case 0:
		return w->bad_pages + pick(w, PAGE);
	case 1:
		return w->bad_pages + PAGE + pick(w, PAGE);
	case 2:
		return w->bad_pages + 2 * PAGE + pick(w, PAGE);
	case 3:	/* the last bytes before a page without access */
		return w->arena + ARENA_BYTES - pick(w, 128);
	case 4:
		return w->arena - 1 - pick(w, 64);
	case 5:
		return (void *)getauxval(AT_SYSINFO_EHDR);
	case 6:
	case 7:
	case 8:
		return w->mapping[which % NR_MAPPINGS].at;
	}
	return (void *)fixed[which - 9];
}

void *pointer(struct worker *w, void *good, size_t bytes)
{
	unsigned long which = pick(w, 128);

	if (which < 108)
		return good;
	if (which == 108 && w->stall && bytes <= PAGE)
		return stall_arm(w, good, bytes);
	if (which < 112)	/* misaligned, or over what it is read from */
		return (unsigned char *)good + 1 + pick(w, 31);
	return bad_pointer(w);
}

/* Most often in the arena, behind it a pattern or the end of all access. */
struct out out_buffer(struct worker *w, size_t bytes)
{
	struct out out = { .bytes = bytes, .ours = bytes <= OUT_BYTES - SLACK };
	bool at_end;

	if (!out.ours) {
		out.at = pointer(w, w->arena, 0);
		return out;
	}
	at_end = bytes <= END_BYTES && one_in(w, 2);
	out.at = at_end ? w->arena + ARENA_BYTES - bytes : w->arena;
	out.slack = at_end ? 0 : SLACK;
	memset(out.at, PATTERN, bytes + out.slack);
	if (w->stall && bytes <= PAGE && one_in(w, 150)) {
		out.at = stall_arm(w, out.at, bytes);
		out.ours = false;
	} else if (one_in(w, 8)) {
		void *other = pointer(w, out.at, bytes);

		out.ours = other == out.at;
		out.at = other;
	}
	return out;
}

bool is_pattern(const unsigned char *at, size_t bytes)
{
	return !bytes || (*at == PATTERN && !memcmp(at, at + 1, bytes - 1));
}

/* @used bytes were reported; nothing may have been written behind them. */
void out_check(struct worker *w, const struct out *out, size_t used)
{
	if (!out->ours)
		return;
	if (used > out->bytes)
		fault(w, "%zu bytes reported for a buffer of %zu", used, out->bytes);
	else if (!is_pattern(out->at + used, out->bytes - used + out->slack))
		fault(w, "bytes were written behind the %zu reported (of %zu)", used, out->bytes);
}

static bool is_poison(uint64_t value)
{
	return value == 0x6b6b6b6b6b6b6b6bULL || value == 0x5a5a5a5a5a5a5a5aULL ||
		value == 0xaaaaaaaaaaaaaaaaULL || value == PATTERN * 0x0101010101010101ULL;
}

const char *secret_in(const void *at, size_t bytes)
{
	const unsigned char *p = at;
	uint64_t value;
	size_t i;

	for (i = 0; i + sizeof(value) <= bytes; i += sizeof(value)) {
		memcpy(&value, p + i, sizeof(value));
		if (is_poison(value))
			return "poison, or the buffer's own pattern";
		if (is_kernel_address(value))
			return "a kernel address";
	}
	return NULL;
}

/* Any sixteen digits in a row, also within a longer number. */
const char *secret_in_text(const char *text, size_t bytes)
{
	size_t i, digits = 0;
	char number[17] = "";

	for (i = 0; i < bytes; i++) {
		digits = isxdigit((unsigned char)text[i]) ? digits + 1 : 0;
		if (digits < 16)
			continue;
		memcpy(number, text + i - 15, 16);
		if (is_kernel_address(strtoull(number, NULL, 16)))
			return "a kernel address";
	}
	return memchr(text, PATTERN, bytes) ? "the buffer's own pattern" : NULL;
}

/* Through a pipe, for what may be no longer mapped. */
bool peek(struct worker *w, const void *from, void *to, size_t bytes)
{
	ssize_t got = write(w->pipe[1], from, bytes);

	return got > 0 && read(w->pipe[0], to, got) == got && (size_t)got == bytes;
}
