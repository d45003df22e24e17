// SPDX-License-Identifier: GPL-2.0
/* SCHEMA: the field list as data, and that some task fills every field. */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/kinds.h"

FIXTURE(schema) {
	int fd;
	struct pcbscope_schema head;
	unsigned char *buf;
	const struct pcbscope_group *groups;
	const struct pcbscope_field *fields;
	const struct pcbscope_word *words;
};

static int ask_schema(int fd, struct pcbscope_schema *schema, void *buf, size_t bytes)
{
	memset(schema, 0, sizeof(*schema));
	schema->buf = (uintptr_t)buf;
	schema->buf_bytes = bytes;
	return ioctl(fd, PCBSCOPE_IOC_SCHEMA, schema) ? -errno : 0;
}

FIXTURE_SETUP(schema)
{
	size_t bytes;

	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(-EOVERFLOW, ask_schema(self->fd, &self->head, NULL, 0));
	bytes = self->head.used_bytes;
	ASSERT_LT(0, (long)bytes);
	self->buf = calloc(1, bytes + 64);
	ASSERT_NE(NULL, self->buf);
	memset(self->buf + bytes, 0xA5, 64);
	ASSERT_EQ(0, ask_schema(self->fd, &self->head, self->buf, bytes + 64));
	ASSERT_EQ(bytes, self->head.used_bytes);
	EXPECT_EQ(0xA5, self->buf[bytes]);
	self->groups = (void *)self->buf;
	self->fields = (void *)(self->groups + self->head.nr_groups);
	self->words = (void *)(self->fields + self->head.nr_fields);
}

FIXTURE_TEARDOWN(schema)
{
	free(self->buf);
	close(self->fd);
}

TEST_F(schema, length_is_that_of_its_entries)
{
	const struct pcbscope_schema *head = &self->head;

	EXPECT_EQ(sizeof(struct pcbscope_group), head->group_bytes);
	EXPECT_EQ(sizeof(struct pcbscope_field), head->field_bytes);
	EXPECT_EQ(sizeof(struct pcbscope_word), head->word_bytes);
	EXPECT_EQ((__u64)head->nr_groups * head->group_bytes +
		  head->nr_fields * head->field_bytes +
		  head->nr_words * head->word_bytes, head->used_bytes);
}

TEST_F(schema, a_buffer_too_small_tells_the_need_and_is_not_touched)
{
	size_t full = self->head.used_bytes, bytes;
	struct pcbscope_schema head;

	for (bytes = 1; bytes < full; bytes += bytes < 64 ? 1 : full / 7) {
		memset(self->buf, 0xA5, full);
		EXPECT_EQ(-EOVERFLOW, ask_schema(self->fd, &head, self->buf, bytes));
		EXPECT_EQ(full, head.used_bytes);
		EXPECT_EQ(0xA5, self->buf[bytes]);
	}
	EXPECT_EQ(-EOVERFLOW, ask_schema(self->fd, &head, self->buf, full - 1));
	EXPECT_EQ(0, ask_schema(self->fd, &head, self->buf, full));
}

TEST_F(schema, bad_buffers_fault)
{
	void *read_only = mmap(NULL, 65536, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct pcbscope_schema head;

	EXPECT_EQ(-EFAULT, ask_schema(self->fd, &head, read_only, 65536));
	EXPECT_EQ(-EFAULT, ask_schema(self->fd, &head, (void *)0x1000, 65536));
	EXPECT_EQ(-EFAULT, ask_schema(self->fd, &head, (void *)0xffff888000100000UL, 65536));
	EXPECT_GT(0, ask_schema(self->fd, &head, NULL, 65536));
	EXPECT_GT(0, ask_schema(self->fd, &head, self->buf, 0));
}

TEST_F(schema, groups_are_those_of_the_list)
{
	unsigned int count, i;
	const struct group *want = groups(&count);
	const struct pcbscope_group *got = self->groups;

	ASSERT_EQ(count, self->head.nr_groups);
	for (i = 0; i < count; i++, want++, got++) {
		EXPECT_EQ(want->bit, got->bit);
		EXPECT_EQ(want->bytes, got->bytes);
		EXPECT_EQ(want->nr_fields, got->nr_fields);
		EXPECT_EQ(want->flags, got->flags & ~PCBSCOPE_GROUP_IS_UNSUPPORTED);
		EXPECT_STREQ(want->name, got->name);
		EXPECT_STREQ(want->box, got->box);
	}
}

TEST_F(schema, fields_are_those_of_the_list)
{
	unsigned int count, i;
	const struct field *want = fields(&count);
	const struct pcbscope_field *got = self->fields;

	ASSERT_EQ(count, self->head.nr_fields);
	for (i = 0; i < count; i++, want++, got++) {
		EXPECT_STREQ(want->name, got->name);
		EXPECT_STREQ(want->help, got->help);
		EXPECT_EQ(want->group, got->group);
		EXPECT_EQ(want->type, got->type);
		EXPECT_EQ(want->unit, got->unit);
		EXPECT_EQ(want->vocabulary, got->vocabulary);
		EXPECT_EQ(want->offset, got->offset);
		EXPECT_EQ(want->bytes, got->bytes);
		EXPECT_EQ(want->since, got->since);
		EXPECT_EQ(0, got->flags & ~PCBSCOPE_FIELD_IS_UNSUPPORTED);
	}
}

TEST_F(schema, words_are_those_of_the_list)
{
	unsigned int count, i;
	const struct word *want = words(&count);
	const struct pcbscope_word *got = self->words;

	ASSERT_EQ(count, self->head.nr_words);
	for (i = 0; i < count; i++, want++, got++) {
		EXPECT_EQ(want->vocabulary, got->vocabulary);
		EXPECT_EQ(want->value, got->value);
		EXPECT_STREQ(want->name, got->name);
	}
}

TEST_F(schema, names_are_unique_and_carry_their_unit)
{
	const struct pcbscope_field *f = self->fields;
	unsigned int i, j, length;

	for (i = 0; i < self->head.nr_fields; i++) {
		length = strlen(f[i].name);
		if (f[i].unit == PCBSCOPE_UNIT_NS) {
			EXPECT_STREQ("_ns", f[i].name + length - 3);
		}
		if (f[i].unit == PCBSCOPE_UNIT_BYTES) {
			EXPECT_STREQ("_bytes", f[i].name + length - 6);
		}
		for (j = 0; j < i; j++) {
			EXPECT_STRNE(f[j].name, f[i].name);
		}
	}
}

/* What a lab machine has no cause to make other than 0. */
static const char * const may_be_zero[] = {
	"swap_bytes", "pinned_bytes", "major_faults", "group_major_faults",
};

struct sighting {
	bool valid;
	bool not_zero;
};

static void look_for(const struct walk *walk, const char *name, struct sighting *seen)
{
	const struct pcbscope_record *record;
	const char *bytes;
	long long value;
	size_t length;

	for_each_record(walk, record) {
		if (!record_has(record, name))
			continue;
		seen->valid = true;
		bytes = record_bytes(record, name, &length);
		if (field_find(name)->type >= PCBSCOPE_TYPE_TEXT &&
		    field_find(name)->type <= PCBSCOPE_TYPE_CPUS)
			seen->not_zero |= length && *bytes;
		else if (record_number(record, name, &value))
			seen->not_zero |= value != 0;
	}
}

/* A population in which every field applies to somebody. */
struct population {
	struct child children[64];
	unsigned int count;
	struct child exited, killed, leader, spinner;
};

static bool populate(struct population *all)
{
	static int status = 42, signal = -SIGUSR1, cpu;
	unsigned int count, i;
	const struct kind *kind = kinds(&count);

	cpu = last_cpu();
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	memset(all, 0, sizeof(*all));
	for (i = 0; i < count; i++)
		if (child_make(&all->children[all->count++], kind[i].clone_flags,
			       kind[i].fn, (void *)kind[i].arg))
			return false;
	if (child_make(&all->exited, 0, kind_zombie, &status) ||
	    child_make(&all->killed, 0, kind_zombie, &signal) ||
	    child_make(&all->leader, 0, kind_dead_leader, NULL) ||
	    child_make(&all->spinner, 0, child_spinner, &cpu))
		return false;
	child_go(&all->exited);
	child_go(&all->killed);
	if (ptrace(PTRACE_SEIZE, all->children[0].pid, 0, 0))
		return false;
	return wait_letter(all->exited.pid, "Z") && wait_letter(all->killed.pid, "Z");
}

static void depopulate(struct population *all)
{
	children_end(all->children, all->count);
	child_end(&all->exited);
	child_end(&all->killed);
	child_end(&all->leader);
	child_end(&all->spinner);
}

static bool is_listed(const char *name, const char * const *list, unsigned int count)
{
	while (count--)
		if (!strcmp(name, *list++))
			return true;
	return false;
}

TEST_F_TIMEOUT(schema, every_supported_field_is_filled_by_somebody, 120)
{
	struct ask ask = { .groups = ALL_GROUPS };
	struct walk processes, threads;
	struct population all;
	struct sighting seen[256] = { 0 };
	unsigned int i, filled = 0, round;

	ASSERT_TRUE(populate(&all));
	for (round = 0; round < 5; round++) {
		ask.flags = 0;
		ASSERT_EQ(0, walk(self->fd, &ask, &processes));
		ask.flags = PCBSCOPE_QUERY_THREADS;
		ASSERT_EQ(0, walk(self->fd, &ask, &threads));
		for (i = 0; i < self->head.nr_fields; i++) {
			look_for(&processes, self->fields[i].name, &seen[i]);
			look_for(&threads, self->fields[i].name, &seen[i]);
		}
		EXPECT_SOUND(walk_fault(&processes, ALL_GROUPS, true));
		EXPECT_SOUND(walk_fault(&threads, ALL_GROUPS, true));
		walk_free(&processes);
		walk_free(&threads);
	}
	depopulate(&all);
	for (i = 0; i < self->head.nr_fields; i++) {
		const struct pcbscope_field *f = &self->fields[i];
		bool unsupported = f->flags & PCBSCOPE_FIELD_IS_UNSUPPORTED;

		EXPECT_EQ(!unsupported, seen[i].valid) {
			TH_LOG("%s: supported %d", f->name, !unsupported);
		}
		filled += seen[i].valid;
		if (unsupported || !strcmp(f->name, "sched_delayed") ||
		    is_listed(f->name, may_be_zero, ARRAY_SIZE(may_be_zero)))
			continue;
		EXPECT_TRUE(seen[i].not_zero) {
			TH_LOG("%s is 0 in every record", f->name);
		}
	}
	TH_LOG("%u of %u fields filled", filled, self->head.nr_fields);
}

PCB_TEST_MAIN
