// SPDX-License-Identifier: GPL-2.0
/* Requests, whole and damaged. */
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device.h"
#include "fuzz.h"
#include "records.h"

/* Structures lie behind the out buffer, lists of pids behind them. */
static void *structure_at(struct worker *w)
{
	return w->arena + OUT_BYTES;
}

static uint32_t *list_at(struct worker *w)
{
	return (uint32_t *)(w->arena + OUT_BYTES + (32UL << 10));
}

/* The size that travels in the number: most often the right one. */
static unsigned long request_of(struct worker *w, unsigned int nr, size_t bytes)
{
	static const size_t sizes[] = { 0, 1, 8, 48, 55, 56, 57, 64, 103, 104, 105, 112, 128, 1231,
					1232, 1233, 1240, 4096, 16383 };
	unsigned int direction = _IOC_READ | _IOC_WRITE;

	if (one_in(w, 10))
		bytes = one_in(w, 2) ? sizes[pick(w, COUNT(sizes))] : pick(w, 16384);
	if (one_in(w, 32))
		direction = pick(w, 4);
	return _IOC(direction, PCBSCOPE_IOC_MAGIC, nr, bytes);
}

static long request(struct worker *w, enum call on, unsigned long number, void *arg)
{
	if (w->can_compat && (uintptr_t)arg >> 32 == 0 && one_in(w, 16))
		return fuzz_compat(w, on, number, (unsigned long)arg);
	return CALL3(w, on, SYS_ioctl, op_fd(w), number, arg);
}

/* Zeroes behind the part that is known, or something. */
static void fill_tail(struct worker *w, unsigned char *at, size_t bytes)
{
	memset(at, 0, 16384 - bytes);
	if (one_in(w, 4))
		at[pick(w, 16384 - bytes)] = (unsigned char)choose(w);
}

void op_info(struct worker *w)
{
	struct pcbscope_info *info = structure_at(w);
	unsigned long number = request_of(w, PCBSCOPE_IOC_NR_INFO, sizeof(*info));
	const char *secret;
	void *arg;

	memset(info, 0, sizeof(*info));
	if (one_in(w, 4))
		((unsigned char *)info)[pick(w, sizeof(*info))] = (unsigned char)choose(w);
	fill_tail(w, (unsigned char *)(info + 1), sizeof(*info));
	arg = pointer(w, info, sizeof(*info));
	if (request(w, ON_INFO, number, arg) || arg != info || _IOC_SIZE(number) < sizeof(*info))
		return;
	secret = secret_in(info, sizeof(*info));
	if (secret)
		fault(w, "INFO gave away %s", secret);
	if (info->abi_major != PCBSCOPE_ABI_MAJOR || info->reserved)
		fault(w, "INFO: abi_major %u, reserved %u", info->abi_major, info->reserved);
}

static void check_schema(struct worker *w, const struct pcbscope_schema *s, const struct out *out,
			 long result)
{
	const char *secret;

	if (result == -EOVERFLOW) {
		if (s->used_bytes <= out->bytes && s->buf_bytes == out->bytes)
			fault(w, "SCHEMA: EOVERFLOW, but %zu would do", (size_t)s->used_bytes);
		return;
	}
	if (result || s->buf_bytes != out->bytes || s->buf != (uintptr_t)out->at)
		return;
	out_check(w, out, s->used_bytes);
	secret = out->ours ? secret_in(out->at, s->used_bytes) : NULL;
	if (secret)
		fault(w, "SCHEMA gave away %s", secret);
}

void op_schema(struct worker *w)
{
	struct pcbscope_schema *s = structure_at(w);
	unsigned long number = request_of(w, PCBSCOPE_IOC_NR_SCHEMA, sizeof(*s));
	size_t bytes = one_in(w, 2) ? 40000 : odd_size(w);
	struct out out = out_buffer(w, bytes);
	void *arg;
	long result;

	*s = (struct pcbscope_schema) { .buf = (uintptr_t)out.at, .buf_bytes = bytes };
	if (one_in(w, 8))
		((uint32_t *)s)[pick(w, sizeof(*s) / 4)] = (uint32_t)odd_number(w);
	fill_tail(w, (unsigned char *)(s + 1), sizeof(*s));
	arg = pointer(w, s, sizeof(*s));
	result = request(w, ON_SCHEMA, number, arg);
	if (arg == s && _IOC_SIZE(number) >= sizeof(*s))
		check_schema(w, s, &out, result);
}

static uint64_t odd_groups(struct worker *w)
{
	switch (pick(w, 8)) {
	case 0:
		return 0;
	case 1:
		return ALL_GROUPS;
	case 2:
		return odd_number(w);
	case 3:
		return 1ULL << pick(w, 10);
	case 4:
		return pick(w, ALL_GROUPS + 1);
	}
	return pick(w, 64);	/* cheap ones */
}

static uint64_t odd_flags(struct worker *w, bool listed)
{
	if (one_in(w, 24))
		return odd_number(w);
	if (listed && one_in(w, 2))
		return PCBSCOPE_QUERY_TIDS;
	return (one_in(w, 4) ? PCBSCOPE_QUERY_THREADS : 0) |
		(one_in(w, 6) ? PCBSCOPE_QUERY_MAPPED : 0) |
		(one_in(w, 8) ? PCBSCOPE_QUERY_EXACT_RSS : 0);
}

static void add_list(struct worker *w, struct pcbscope_query *q)
{
	uint32_t *list = list_at(w);
	uint32_t i, nr = one_in(w, 8) ? pick(w, 600) : 1 + pick(w, 4);

	for (i = 0; i < nr && i < 600; i++)
		list[i] = one_in(w, 4) ? (uint32_t)odd_number(w) : (uint32_t)pick(w, 400);
	if (one_in(w, 3))
		list[0] = getpid();
	q->nr_pids = one_in(w, 24) ? (uint32_t)odd_number(w) : nr;
	/* A list that has no end is walked until memory ends: rarely. */
	q->pids = (uintptr_t)pointer(w, list, 4 * (nr < 600 ? nr : 600));
}

static void make_query(struct worker *w, struct pcbscope_query *q, const struct out *out)
{
	const bool listed = one_in(w, 3);
	uint64_t flags = odd_flags(w, listed);

	*q = (struct pcbscope_query) {
		.groups = odd_groups(w),
		.flags = flags,
		.states = one_in(w, 8) ? pick(w, 64) : 0,
		.cursor = one_in(w, 3) ? pick(w, 5000) : 0,
		.buf = flags & PCBSCOPE_QUERY_MAPPED ? 0 : (uintptr_t)out->at,
		.buf_bytes = out->bytes,
	};
	if (listed)
		add_list(w, q);
	if (listed && one_in(w, 8))
		q->cursor |= pick(w, 4) << 32;
	if (one_in(w, 32))
		q->cursor = odd_number(w);
	if (one_in(w, 8))
		((uint64_t *)q)[pick(w, sizeof(*q) / 8)] = odd_number(w);
	if (one_in(w, 32))	/* records over the request itself */
		q->buf = (uintptr_t)q;
}

/* What was reported must be whole records, and nothing else may have been written. */
static void check_records(struct worker *w, const struct pcbscope_query *asked,
			  const struct pcbscope_query *got, const struct out *out)
{
	struct walk walk = { .bytes = got->used_bytes, .nr_records = got->nr_records };
	uint64_t wanted = asked->groups | (asked->states ? PCBSCOPE_GROUP_STATE : 0);
	const char *why;

	out_check(w, out, got->used_bytes);
	if (!out->ours || got->used_bytes > OUT_BYTES || !got->used_bytes)
		return;
	memcpy(w->scratch, out->at, got->used_bytes);
	walk.buf = w->scratch;
	why = walk_fault(&walk, wanted, !asked->pids);
	if (why)
		fault(w, "QUERY: %s", why);
	why = secret_in(w->scratch, got->used_bytes);
	if (why)
		fault(w, "QUERY gave away %s", why);
}

static void check_query(struct worker *w, const struct pcbscope_query *asked,
			const struct pcbscope_query *got, const struct out *out, long result)
{
	bool is_out = asked->buf == (uintptr_t)out->at && asked->buf_bytes == out->bytes;

	if (result && result != -EOVERFLOW)
		return;
	if (got->used_bytes > asked->buf_bytes)
		fault(w, "QUERY: %llu bytes used of %llu", got->used_bytes, asked->buf_bytes);
	if (result && (got->used_bytes || got->nr_records || !got->needed_bytes))
		fault(w, "QUERY: EOVERFLOW with %llu used, %llu needed", got->used_bytes,
		      got->needed_bytes);
	if (!result && is_out)
		check_records(w, asked, got, out);
}

void op_query(struct worker *w)
{
	struct pcbscope_query *q = structure_at(w), asked;
	unsigned long number = request_of(w, PCBSCOPE_IOC_NR_QUERY, sizeof(*q));
	struct out out = out_buffer(w, one_in(w, 3) ? OUT_BYTES - 64 : odd_size(w));
	unsigned int rounds = 1 + pick(w, 3);
	void *arg;
	long result;

	make_query(w, q, &out);
	fill_tail(w, (unsigned char *)(q + 1), sizeof(*q));
	arg = pointer(w, q, sizeof(*q));
	do {
		asked = *q;
		result = request(w, ON_QUERY, number, arg);
		if (arg != q || _IOC_SIZE(number) < sizeof(*q) || asked.buf == (uintptr_t)q)
			return;
		check_query(w, &asked, q, &out, result);
		if (out.ours)
			memset(out.at, PATTERN, out.bytes + out.slack);
	} while (!result && q->cursor && --rounds);
}

/* Numbers near the right ones, and those that belong to every file. */
void op_ioctl(struct worker *w)
{
	static const unsigned long known[] = {
		FIOCLEX, FIONBIO, FIOASYNC, FIONREAD, FIOQSIZE, 0x5401 /* TCGETS */, 0,
	};
	unsigned int nr = one_in(w, 4) ? pick(w, 256) : 3 + pick(w, 13);
	unsigned int magic = PCBSCOPE_IOC_MAGIC - 1 + (unsigned int)pick(w, 3);
	unsigned long number = _IOC(pick(w, 4), magic, nr, odd_size(w) & _IOC_SIZEMASK);
	enum call on = ON_IOCTL;

	if (one_in(w, 4))
		number = known[pick(w, COUNT(known))];
	if (op_file(w) == DEVICE && _IOC_TYPE(number) == PCBSCOPE_IOC_MAGIC && nr < 3)
		on = ON_INFO + nr;
	memset(structure_at(w), 0, 16384);
	request(w, on, number, pointer(w, structure_at(w), 4096));
}
