// SPDX-License-Identifier: GPL-2.0
/*
 * The text files in steps of many sizes, and everything while tasks come and
 * go: no byte of the buffer's old content, no address, no poison.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "lib/harness.h"
#include "lib/scan.h"
#include "lib/storm.h"

#define ROOM 65536
#define PAGE 4096

static const unsigned char fills[] = { 0x01, 0xd3 };	/* neither is ever in text */

struct text_case {
	const char *name;
	const char *word;
};

static const struct text_case cases[] = {
	{ "version", NULL }, { "tasks", "processes" }, { "tasks", "threads" },
	{ "tree", "processes" }, { "tree", "threads" }, { "states", "processes" },
	{ "states", "threads" }, { "pcb", "1" }, { "pcb", "2" },
};

FIXTURE(text) {
	unsigned char *room;	/* with a page behind it that cannot be touched */
	struct child child;
	struct scan scan;
	unsigned long long leftover;
	unsigned long long touched;
	unsigned long long outputs;
};

typedef FIXTURE_DATA(text) text_data;

FIXTURE_SETUP(text)
{
	self->room = mmap(NULL, ROOM + PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->room);
	ASSERT_EQ(0, mprotect(self->room + ROOM, PAGE, PROT_NONE));
	ASSERT_EQ(0, child_make(&self->child, 0, child_idle, NULL));
}

FIXTURE_TEARDOWN(text)
{
	child_end(&self->child);
	munmap(self->room, ROOM + PAGE);
}

static void expect_clean(struct __test_metadata *_metadata, text_data *self)
{
	EXPECT_EQ(0, self->scan.found) {
		TH_LOG("%u finds, first: %s", self->scan.found, self->scan.first);
	}
	EXPECT_EQ(0, self->leftover);
	EXPECT_EQ(0, self->touched);
	EXPECT_LT(0, self->outputs);
	figure("leak outputs looked through", self->outputs);
	figure("leak bytes looked through", self->scan.bytes);
}

static int open_case(const struct text_case *which)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), PROC_DIR "/%s", which->name);
	fd = open(path, (which->word ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd >= 0 && which->word && write(fd, which->word, strlen(which->word)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What lies in the room behind a read of @got bytes at @buf. */
static void look_at(text_data *self, unsigned char *buf, ssize_t got,
		    unsigned char fill, const char *what)
{
	unsigned char *end = self->room + ROOM;

	got = got < 0 ? 0 : got;
	self->outputs++;
	self->leftover += memchr(buf, fill, got) != NULL;
	if (!scan_untouched(buf + got, end - buf - got, fill) ||
	    !scan_untouched(self->room, buf - self->room, fill))
		self->touched++;
	scan_text(&self->scan, (char *)buf, got, what);
}

static void read_in_steps(text_data *self, const struct text_case *which, size_t step,
			  unsigned char fill, bool at_offset)
{
	unsigned char *buf = self->room + ROOM - step;
	int fd = open_case(which), calls = 0;
	off_t at = 0;
	ssize_t got;

	do {
		memset(self->room, fill, ROOM);
		got = at_offset ? pread(fd, buf, step, at) : read(fd, buf, step);
		look_at(self, buf, got, fill, which->name);
		at += got;
	} while (got > 0 && ++calls < 40);
	close(fd);
}

/* The detector first: what is planted must be found. */
TEST(the_scan_finds_what_it_is_for)
{
	static const unsigned char poisons[] = { 0x5a, 0x6b, 0xa5, 0xbb, 0xcc, 0xaa };
	static const uint64_t addresses[] = {
		0xffff888100123456, 0xffffc90000001000, 0xffffffff81000000, 0xffffffffc0201234,
		0xffffea0000000000,
	}, wide[] = { 0xff5c4d5b80423d40, 0xff783539804839b0, 0xff21319bc18c2ca8 };
	static const char * const lines[] = {
		"x ffff888100123456 y", "0xffffffff81000000", "v:\t18446612686397030400\n",
		"-121382312521216", "000000003fa3b2c1", "(____ptrval____)", "ff783539804839b0",
	};
	unsigned char memory[64] = { 0 };
	struct scan scan = { 0 };
	unsigned int i, at;

	for (i = 0; i < sizeof(memory); i++)
		memory[i] = i;
	scan_memory(&scan, memory, sizeof(memory), "clean");
	scan_text(&scan, "18446744073709551615 0x7fff12345678 65535 -20", 45, "clean");
	EXPECT_EQ(0, scan.found);
	for (at = 0; at < 50; at++) {
		for (i = 0; i < ARRAY_SIZE(addresses); i++) {
			memset(memory, 1, sizeof(memory));
			memcpy(memory + at, &addresses[i], 8);
			scan = (struct scan){ 0 };
			scan_memory(&scan, memory, sizeof(memory), "address");
			EXPECT_LT(0, scan.found);
		}
		for (i = 0; i < ARRAY_SIZE(poisons); i++) {
			memset(memory, 1, sizeof(memory));
			memset(memory + at, poisons[i], 4);
			scan = (struct scan){ 0 };
			scan_memory(&scan, memory, sizeof(memory), "poison");
			EXPECT_EQ(1, scan.found);
		}
	}
	for (i = 0; i < ARRAY_SIZE(wide); i++) {
		scan = (struct scan){ 0 };
		scan_memory(&scan, &wide[i], 8, "address of 57 bits");
		EXPECT_EQ(1, scan.found);
	}
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		scan = (struct scan){ 0 };
		scan_text(&scan, lines[i], strlen(lines[i]), "text");
		EXPECT_LT(0, scan.found) {
			TH_LOG("%s", lines[i]);
		}
	}
	memset(memory, 0x3c, 32);
	memset(memory + 32, 0xd3, 32);
	EXPECT_EQ(32, scan_unwritten(memory, 0x3c, memory, 0x3c, 64));
	EXPECT_EQ(0, scan_unwritten(memory, 0x3c, memory, 0xd3, 64));
	EXPECT_FALSE(scan_untouched(memory, 33, 0x3c));
}

TEST_F(text, reads_fill_what_they_say_and_no_more)
{
	static const size_t steps[] = { 1, 7, 64, 1000, 4096, 4097, ROOM };
	unsigned int i, step, fill;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		for (step = 0; step < ARRAY_SIZE(steps); step++)
			for (fill = 0; fill < 2; fill++) {
				read_in_steps(self, &cases[i], steps[step], fills[fill], false);
				read_in_steps(self, &cases[i], steps[step], fills[fill], true);
			}
	expect_clean(_metadata, self);
}

TEST_F(text, a_fault_half_way_writes_only_text)
{
	unsigned int i, fill;
	size_t room;
	ssize_t got;
	int fd;

	for (i = 0; i < ARRAY_SIZE(cases) * 4; i++)
		for (fill = 0; fill < 2; fill++) {
			unsigned char *buf;

			room = 3 + i * 29;
			buf = self->room + ROOM - room;
			memset(self->room, fills[fill], ROOM);
			fd = open_case(&cases[i / 4]);
			got = read(fd, buf, room + PAGE);
			EXPECT_GE((ssize_t)room, got);
			/* After a fault before the end even what was written is not reported. */
			scan_text(&self->scan, (char *)buf, room, "fault");
			EXPECT_TRUE(scan_untouched(self->room, buf - self->room, fills[fill]));
			self->outputs++;
			close(fd);
		}
	expect_clean(_metadata, self);
}

TEST_F(text, scattered_reads_fill_what_they_say_and_no_more)
{
	struct iovec parts[3];
	unsigned int i, fill;
	ssize_t got;
	int fd;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		for (fill = 0; fill < 2; fill++) {
			memset(self->room, fills[fill], ROOM);
			fd = open_case(&cases[i]);
			parts[0] = (struct iovec){ self->room + ROOM - 100, 5 };
			parts[1] = (struct iovec){ self->room + ROOM - 95, 17 };
			parts[2] = (struct iovec){ self->room + ROOM - 78, 78 };
			got = readv(fd, parts, 3);
			EXPECT_LT(0, got);
			look_at(self, self->room + ROOM - 100, got, fills[fill], cases[i].name);
			close(fd);
		}
	expect_clean(_metadata, self);
}

/* Tasks that are born, exec and end leave their memory to the next ones. */
TEST_F(text, nothing_leaks_while_tasks_come_and_go)
{
	const unsigned long wanted = counted(100000, 20000);
	struct ask ask = { .groups = ALL_GROUPS, .flags = PCBSCOPE_QUERY_THREADS };
	unsigned long records = 0, rounds = 0;
	int fd = device_open();
	struct storm storm;
	struct walk all;
	char *lines;
	size_t bytes;

	ASSERT_LE(0, fd);
	ASSERT_TRUE(storm_start(&storm, 2));
	while (records < wanted) {
		ask.step = 3000 + rounds++ * 977 % 60000;
		if (walk(fd, &ask, &all))
			break;
		EXPECT_SOUND(walk_fault(&all, ALL_GROUPS, true));
		scan_walk(&self->scan, &all, "walk under a storm");
		records += all.nr_records;
		walk_free(&all);
		if (rounds % 16)
			continue;
		lines = text_read(rounds % 32 ? PROC_DIR "/tasks" : PROC_DIR "/tree", 5000, &bytes);
		if (!lines)
			break;
		scan_text(&self->scan, lines, bytes, "text under a storm");
		free(lines);
	}
	EXPECT_LT(0, storm_forks(&storm));
	storm_end(&storm);
	close(fd);
	EXPECT_LE(wanted, records);
	self->outputs = rounds;
	figure("leak records under a storm", records);
	expect_clean(_metadata, self);
}

PCB_TEST_MAIN
