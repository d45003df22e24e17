// SPDX-License-Identifier: GPL-2.0
/*
 * equal.c - do the module and the BPF rival tell the same?
 *
 * The rival's walk is taken between two of ours. A task that both of ours
 * describe alike has not moved meanwhile, so the rival must agree with them in
 * every member; the times since an event must lie between our two.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

/* All groups in the order of their bits, as in a record that holds all. */
struct all_groups {
#define PCB_GROUP(bit, NAME, name, box, flags) struct pcbscope_##name name;
#include "pcbscope_fields.h"
};

enum {
#define PCB_GROUP(bit, NAME, name, box, flags) BIT_##name = bit,
#include "pcbscope_fields.h"
};

struct member {
	int group;
	const char *name;
	size_t group_offset;
	size_t offset;
	size_t bytes;
};

static const struct member members[] = {
#define PCB_FIELD(group, member, type, unit, vocabulary, since, help)	\
	{ BIT_##group, #group "." #member,				\
	  offsetof(struct all_groups, group),				\
	  offsetof(struct all_groups, group.member),			\
	  sizeof(((struct all_groups *)NULL)->group.member) },
#include "pcbscope_fields.h"
};

_Static_assert(offsetof(struct all_groups, credentials) ==
	       offsetof(struct rival_cheap, credentials),
	       "the rival's record has our groups in the order of their bits");

struct look {
	void *records;
	const struct rival_cheap **tasks;	/* by tid */
	long n;
};

/* The two clocks of the kernel that "since" may be reckoned by differ. */
#define CLOCK_SLACK_NS	100000000ULL

static long nr_compared, nr_moved, nr_differing;

static bool is_since(const struct member *m)
{
	size_t at = m->offset - m->group_offset;

	if (m->group == BIT_state)
		return at == offsetof(struct pcbscope_state, dead_ns);
	return m->group == BIT_scheduling &&
		at == offsetof(struct pcbscope_scheduling, last_run_ns);
}

static int by_tid(const void *a, const void *b)
{
	const struct rival_cheap *x = *(const struct rival_cheap **)a;
	const struct rival_cheap *y = *(const struct rival_cheap **)b;

	return (x->identity.tid > y->identity.tid) -
	       (x->identity.tid < y->identity.tid);
}

/* Only records that hold all the groups asked for can be laid over a struct. */
static int look_index(struct look *look, size_t bytes)
{
	char *at = look->records, *end = at + bytes;
	long i = 0;

	look->tasks = calloc(look->n, sizeof(*look->tasks));
	if (!look->tasks)
		return -1;
	while (at < end && i < look->n) {
		struct pcbscope_record *r = (struct pcbscope_record *)at;

		if (r->groups == RIVAL_GROUPS)
			look->tasks[i++] = (struct rival_cheap *)(r + 1);
		at += r->bytes;
	}
	look->n = i;
	qsort(look->tasks, i, sizeof(*look->tasks), by_tid);
	return 0;
}

static int look_take(struct look *look)
{
	size_t bytes;

	look->n = ours_records(RIVAL_GROUPS, &look->records, &bytes);
	return look->n < 0 ? -1 : look_index(look, bytes);
}

static void look_free(struct look *look)
{
	free(look->tasks);
	free(look->records);
}

static const struct rival_cheap *look_find(const struct look *look,
					   const struct rival_cheap *key)
{
	const struct rival_cheap **found;

	found = bsearch(&key, look->tasks, look->n, sizeof(*look->tasks),
			by_tid);
	return found ? *found : NULL;
}

static __u64 valid_of(const void *task, const struct member *m)
{
	return *(const __u64 *)((const char *)task + m->group_offset);
}

/* Position of the member among those of its group: its bit in .valid. */
static int bit_of(unsigned int i)
{
	unsigned int first = i;

	while (first && members[first - 1].group == members[i].group)
		first--;
	return i - first;
}

static bool same(const struct member *m, const void *a, const void *b)
{
	return !memcmp((const char *)a + m->offset,
		       (const char *)b + m->offset, m->bytes);
}

static bool between(const struct member *m, const void *a, const void *b,
		    const void *c)
{
	__u64 low = *(const __u64 *)((const char *)a + m->offset);
	__u64 mid = *(const __u64 *)((const char *)b + m->offset);
	__u64 high = *(const __u64 *)((const char *)c + m->offset);

	return mid + CLOCK_SLACK_NS >= low && mid <= high + CLOCK_SLACK_NS;
}

static bool has_moved(const void *before, const void *after)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(members); i++) {
		const struct member *m = &members[i];

		if (!(RIVAL_GROUPS >> m->group & 1))
			continue;
		if (valid_of(before, m) != valid_of(after, m) ||
		    (!is_since(m) && !same(m, before, after)))
			return true;
	}
	return false;
}

static void complain(const struct rival_cheap *ours, const void *theirs,
		     const struct member *m)
{
	__u64 a = 0, b = 0;
	size_t bytes = m->bytes < sizeof(a) ? m->bytes : sizeof(a);

	memcpy(&a, (const char *)ours + m->offset, bytes);
	memcpy(&b, (const char *)theirs + m->offset, bytes);
	if (nr_differing++ < 10)
		printf("       %u (%.16s) %s: module %#llx, BPF %#llx\n",
		       ours->identity.tid, ours->identity.comm, m->name, a, b);
}

static void compare(const void *before, const void *theirs, const void *after)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(members); i++) {
		const struct member *m = &members[i];

		if (!(RIVAL_GROUPS >> m->group & 1) ||
		    !(valid_of(before, m) >> bit_of(i) & 1))
			continue;
		if (is_since(m) ? between(m, before, theirs, after) :
				  same(m, before, theirs))
			continue;
		complain(before, theirs, m);
	}
	nr_compared++;
}

static void compare_all(const struct look *before, const struct look *after,
			long nr_theirs)
{
	const struct rival_cheap *theirs = bpf_records();
	long i;

	for (i = 0; i < nr_theirs; i++) {
		const struct rival_cheap *a = look_find(before, &theirs[i]);
		const struct rival_cheap *c = look_find(after, &theirs[i]);

		if (!a || !c || has_moved(a, c))
			nr_moved++;
		else
			compare(a, &theirs[i], c);
	}
}

int equal_check(long at_least)
{
	const struct variant rival = { .program = OC_CHEAP };
	struct look before, after;
	long n;

	if (look_take(&before))
		return -1;
	n = bpf_walk(&rival);
	if (n < 0 || look_take(&after))
		return -1;
	nr_compared = 0;
	nr_moved = 0;
	nr_differing = 0;
	compare_all(&before, &after, n);
	look_free(&before);
	look_free(&after);
	printf("check  %ld records compared with BPF's, %ld members differ (%ld tasks moved)\n",
	       nr_compared, nr_differing, nr_moved);
	return nr_differing || nr_compared < at_least ? -1 : 0;
}
