// SPDX-License-Identifier: GPL-2.0
/* The area that a reader maps, and all that can be done to a mapping. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"
#include "fuzz.h"
#include "records.h"

#define PAGE 4096UL

static struct mapping *some_mapping(struct worker *w)
{
	return &w->mapping[pick(w, NR_MAPPINGS)];
}

static size_t area_size(struct worker *w)
{
	static const size_t odd[] = {
		0, 1, 4095, 4097, (32UL << 20) + 1, 1UL << 40, ~0UL, ~4095UL,
	};

	if (one_in(w, 8))
		return odd[pick(w, COUNT(odd))];
	if (one_in(w, 100))
		return 32UL << 20;
	return (1 + pick(w, 16)) * PAGE;
}

void op_mmap(struct worker *w)
{
	static const int protections[] = {
		PROT_READ, PROT_READ, PROT_READ, PROT_READ, PROT_NONE, PROT_WRITE,
		PROT_READ | PROT_WRITE, PROT_READ | PROT_EXEC, PROT_EXEC, 7, 8,
	};
	struct mapping *mapping = some_mapping(w);
	size_t bytes = area_size(w);
	int flags = one_in(w, 8) ? (int)pick(w, 4) : one_in(w, 4) ? MAP_PRIVATE : MAP_SHARED;
	long at;

	if (one_in(w, 8))
		flags |= MAP_POPULATE;
	if (one_in(w, 16))
		flags |= MAP_LOCKED | MAP_NORESERVE;
	at = CALL6(w, ON_MMAP, SYS_mmap, NULL, bytes, protections[pick(w, COUNT(protections))],
		   flags, op_fd(w), one_in(w, 8) ? odd_number(w) & ~(PAGE - 1) : 0);
	if (at < 0 && at >= -4095)
		return;
	if (mapping->at)
		munmap(mapping->at, mapping->bytes);
	*mapping = (struct mapping) {
		(unsigned char *)at, (bytes + PAGE - 1) & ~(PAGE - 1), (int)w->op->slot,
	};
}

/* A piece first, then the rest on both sides: the hole may be somebody else's by then. */
static void unmap(struct worker *w, struct mapping *mapping)
{
	size_t first = pick(w, mapping->bytes / PAGE) * PAGE;
	size_t bytes = one_in(w, 2) ? PAGE : mapping->bytes - first;
	struct mapping old = *mapping;

	mapping->at = NULL;
	CALL3(w, ON_MUNMAP, SYS_munmap, old.at + first, bytes, 0);
	if (first)
		munmap(old.at, first);
	if (first + bytes < old.bytes)
		munmap(old.at + first + bytes, old.bytes - first - bytes);
}

static void remap(struct worker *w, struct mapping *mapping)
{
	size_t bytes = area_size(w);
	long at = CALL6(w, ON_MREMAP, SYS_mremap, mapping->at, mapping->bytes, bytes,
			pick(w, 2) /* MREMAP_MAYMOVE */, 0, 0);

	if (at < 0 && at >= -4095)
		return;
	bytes = (bytes + PAGE - 1) & ~(PAGE - 1);
	if (bytes > mapping->bytes)
		fault(w, "mremap made the area grow to %zu bytes", bytes);
	mapping->at = (unsigned char *)at;
	mapping->bytes = bytes;
}

/* Neither to be written to, nor run, nor inherited; MADV_DOFORK would be his own wish. */
static void protect(struct worker *w, struct mapping *mapping)
{
	static const int advice[] = {
		MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED,
		MADV_FREE, MADV_REMOVE, MADV_DONTFORK, MADV_MERGEABLE, MADV_HUGEPAGE,
		MADV_DONTDUMP, MADV_DODUMP, MADV_COLD, MADV_PAGEOUT, MADV_POPULATE_READ,
		MADV_POPULATE_WRITE, 999,
	};
	size_t first = pick(w, mapping->bytes / PAGE) * PAGE;
	int protection = (int)pick(w, 8);
	long result;

	if (one_in(w, 2)) {
		CALL3(w, ON_MADVISE, SYS_madvise, mapping->at + first, mapping->bytes - first,
		      advice[pick(w, COUNT(advice))]);
		return;
	}
	result = CALL3(w, ON_MPROTECT, SYS_mprotect, mapping->at + first, mapping->bytes - first,
		       protection);
	if (!result && protection & (PROT_WRITE | PROT_EXEC))
		fault(w, "the area was given protection %d", protection);
}

static void check_area(struct worker *w, const struct pcbscope_query *q, const void *at)
{
	struct walk walk = {
		.buf = w->scratch, .bytes = q->used_bytes, .nr_records = q->nr_records,
	};
	const char *why;

	if (q->used_bytes > OUT_BYTES) {
		fault(w, "the area: %llu bytes used", q->used_bytes);
		return;
	}
	memcpy(w->scratch, at, q->used_bytes);
	why = walk_fault(&walk, q->groups, true);
	if (!why)
		why = secret_in(w->scratch, q->used_bytes);
	if (why)
		fault(w, "the area: %s", why);
}

/* An area that nobody else fills: its records are as sound as those that are copied. */
static void fill_and_look(struct worker *w)
{
	size_t bytes = (1 + pick(w, 15)) * PAGE;
	struct pcbscope_query q = {
		.groups = pick(w, ALL_GROUPS + 1), .flags = PCBSCOPE_QUERY_MAPPED,
		.buf_bytes = pick(w, bytes + 9),
	};
	long fd = CALL4(w, ON_OPEN, SYS_openat, AT_FDCWD, PCBSCOPE_DEVICE, O_RDONLY | O_CLOEXEC, 0);
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, bytes, PROT_READ, MAP_SHARED, (int)fd, 0);
	if (at == MAP_FAILED) {
		close((int)fd);
		return;
	}
	if (!CALL3(w, ON_QUERY, SYS_ioctl, fd, PCBSCOPE_IOC_QUERY, &q)) {
		/* A sibling would find it there, and fill the area with his own. */
		if (w->alone && one_in(w, 2))
			dup3((int)fd, op_fd(w), O_CLOEXEC);
		check_area(w, &q, at);
	}
	/* The mapping keeps the file. */
	close((int)fd);
	munmap(at, bytes);
}

/* A read-only mapping must not be written by way of /proc/self/mem or a read either. */
static void look(struct worker *w, const struct mapping *mapping)
{
	const char *why;
	size_t at = pick(w, mapping->bytes / PAGE) * PAGE;

	if (!peek(w, mapping->at + at, w->scratch, PAGE))
		return;
	why = secret_in(w->scratch, PAGE);
	if (why)
		fault(w, "the area holds %s", why);
}

void op_area(struct worker *w)
{
	struct mapping *mapping = some_mapping(w);

	if (!mapping->at || !mapping->bytes) {
		op_mmap(w);
		return;
	}
	switch (pick(w, 8)) {
	case 0:
		unmap(w, mapping);
		break;
	case 1:
		remap(w, mapping);
		break;
	case 2:
	case 3:
		protect(w, mapping);
		break;
	case 4:
		look(w, mapping);
		break;
	default:
		if (!w->stranger)
			fill_and_look(w);
		else
			op_mmap(w);
	}
}
