// SPDX-License-Identifier: GPL-2.0
/* /proc/pcbscope/pcb: the book's exercise, each opener with his own choice. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/kinds.h"

FIXTURE(pcb) {
	int fd;
	struct child child;
	char text[16384];
};

FIXTURE_SETUP(pcb)
{
	memset(self, 0, sizeof(*self));
	self->fd = open(PROC_DIR "/pcb", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, child_make(&self->child, 0, child_idle, NULL));
	ASSERT_TRUE(child_freeze(&self->child));
}

FIXTURE_TEARDOWN(pcb)
{
	child_end(&self->child);
	close(self->fd);
}

static bool choose(int fd, pid_t pid, const char *end)
{
	char word[32];
	int bytes = snprintf(word, sizeof(word), "%d%s", pid, end);

	return write(fd, word, bytes) == bytes;
}

/* Read to the end; the pid that the text names, or -errno. */
static long long shown(int fd, char *text, size_t bytes)
{
	size_t done = 0;
	long long pid;
	ssize_t got;

	while ((got = read(fd, text + done, bytes - 1 - done)) > 0)
		done += got;
	if (got < 0)
		return -errno;
	text[done] = '\0';
	return key_numbers(text, "pid", &pid, 1) ? pid : -ENODATA;
}

#define SHOWN(fd) shown((fd), self->text, sizeof(self->text))

TEST_F(pcb, reading_before_any_choice_is_refused)
{
	EXPECT_EQ(-EINVAL, SHOWN(self->fd));
	EXPECT_EQ(-EINVAL, SHOWN(self->fd));
	ASSERT_TRUE(choose(self->fd, self->child.pid, ""));
	EXPECT_EQ(self->child.pid, SHOWN(self->fd));
}

TEST_F(pcb, a_pid_may_end_in_a_newline_or_not)
{
	ASSERT_TRUE(choose(self->fd, self->child.pid, "\n"));
	EXPECT_EQ(self->child.pid, SHOWN(self->fd));
	ASSERT_TRUE(choose(self->fd, getpid(), ""));
	EXPECT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(getpid(), SHOWN(self->fd));
}

TEST_F(pcb, a_write_does_not_move_the_read_position)
{
	char head[64], again[64];

	ASSERT_TRUE(choose(self->fd, self->child.pid, ""));
	EXPECT_EQ(0, lseek(self->fd, 0, SEEK_CUR));
	ASSERT_EQ(40, read(self->fd, head, 40));
	ASSERT_TRUE(choose(self->fd, self->child.pid, "\n"));
	EXPECT_EQ(40, lseek(self->fd, 0, SEEK_CUR));
	ASSERT_EQ(40, read(self->fd, again, 40));
	EXPECT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(self->child.pid, SHOWN(self->fd));
	EXPECT_EQ(0, memcmp(self->text, head, 40));
	EXPECT_EQ(0, memcmp(self->text + 40, again, 40));
}

TEST_F(pcb, seeking_to_the_start_reads_anew)
{
	ASSERT_TRUE(choose(self->fd, self->child.pid, ""));
	EXPECT_EQ(self->child.pid, SHOWN(self->fd));
	EXPECT_EQ(-ENODATA, SHOWN(self->fd));		/* at the end */
	kill(self->child.pid, SIGCONT);
	ASSERT_TRUE(wait_letter(self->child.pid, "S"));
	EXPECT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(self->child.pid, SHOWN(self->fd));
	EXPECT_NE(NULL, strstr(self->text, "\nkernel_state:\tS\n"));
	ASSERT_TRUE(child_freeze(&self->child));
	EXPECT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(self->child.pid, SHOWN(self->fd));
	EXPECT_NE(NULL, strstr(self->text, "\nkernel_state:\tT\n"));
}

TEST_F(pcb, a_bad_choice_leaves_the_one_before)
{
	ASSERT_TRUE(choose(self->fd, self->child.pid, ""));
	EXPECT_FALSE(choose(self->fd, 0, ""));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_FALSE(choose(self->fd, -5, ""));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_FALSE(choose(self->fd, 12, "monkeys"));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_FALSE(choose(self->fd, 4194303, ""));
	EXPECT_EQ(ESRCH, errno);
	EXPECT_EQ(self->child.pid, SHOWN(self->fd));
}

TEST_F(pcb, a_process_that_vanished_is_no_such_process)
{
	ASSERT_TRUE(choose(self->fd, self->child.pid, ""));
	EXPECT_EQ(self->child.pid, SHOWN(self->fd));
	child_end(&self->child);
	EXPECT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(-ESRCH, SHOWN(self->fd));
	EXPECT_EQ(-ESRCH, SHOWN(self->fd));
}

TEST_F(pcb, two_openers_do_not_disturb_each_other)
{
	int other = open(PROC_DIR "/pcb", O_RDWR | O_CLOEXEC), i;

	ASSERT_LE(0, other);
	ASSERT_TRUE(choose(self->fd, self->child.pid, ""));
	EXPECT_EQ(-EINVAL, SHOWN(other));
	ASSERT_TRUE(choose(other, getpid(), ""));
	for (i = 0; i < 20; i++) {
		lseek(self->fd, 0, SEEK_SET);
		lseek(other, 0, SEEK_SET);
		EXPECT_EQ(self->child.pid, SHOWN(self->fd));
		EXPECT_EQ(getpid(), SHOWN(other));
	}
	close(other);
}

TEST_F(pcb, a_thread_may_be_chosen_too)
{
	struct thread_plan plan = { .count = 1, .cpu = -1 };
	unsigned int tids[2], i;
	struct child threads;
	long long tid;

	ASSERT_EQ(0, child_make(&threads, 0, kind_threads, &plan));
	ASSERT_EQ(2, thread_list(threads.pid, tids, 2));
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(choose(self->fd, tids[i], ""));
		lseek(self->fd, 0, SEEK_SET);
		EXPECT_EQ(threads.pid, SHOWN(self->fd));
		ASSERT_TRUE(key_numbers(self->text, "tid", &tid, 1));
		EXPECT_EQ(tids[i], tid);
	}
	child_end(&threads);
}

/* The value of a field as the file must show it, where it is a number. */
static void expect_line(struct __test_metadata *_metadata, const char *text,
			const struct field *field, const struct pcbscope_record *record)
{
	char value[8192], want[32];
	long long ours;

	ASSERT_TRUE(key_text(text, field->name, value, sizeof(value))) {
		TH_LOG("no line %s", field->name);
	}
	if (!record_has(record, field->name)) {
		EXPECT_TRUE(!strcmp(value, "-") || !strcmp(value, "?")) {
			TH_LOG("%s is '%s'", field->name, value);
		}
		return;
	}
	EXPECT_STRNE("-", value);
	if (!record_number(record, field->name, &ours) ||
	    !strcmp(field->name, "last_run_ns") || !strcmp(field->name, "dead_ns"))
		return;
	switch (field->type) {
	case PCBSCOPE_TYPE_TEXT:
	case PCBSCOPE_TYPE_STRING:
	case PCBSCOPE_TYPE_STRINGS:
	case PCBSCOPE_TYPE_CPUS:
	case PCBSCOPE_TYPE_WORD:
		return;
	case PCBSCOPE_TYPE_LETTER:
		snprintf(want, sizeof(want), "%c", (int)ours);
		break;
	case PCBSCOPE_TYPE_FLAGS:
		snprintf(want, sizeof(want), "0x%llx", ours);
		break;
	default:
		snprintf(want, sizeof(want), "%lld", ours);
	}
	EXPECT_STREQ(want, value);
}

TEST_F(pcb, every_field_has_its_line_in_the_order_of_the_list)
{
	unsigned int count, i;
	const struct field *field = fields(&count);
	struct ask ask = { .groups = ALL_GROUPS, .nr_pids = 1,
			   .pids = (__u32 *)&self->child.pid };
	char *at = self->text, *next;
	struct walk one;
	int device = device_open();

	ASSERT_TRUE(choose(self->fd, self->child.pid, ""));
	ASSERT_EQ(self->child.pid, SHOWN(self->fd));
	ASSERT_EQ(0, walk(device, &ask, &one));
	for (i = 0; i < count; i++) {
		expect_line(_metadata, self->text, &field[i], walk_next(&one, NULL));
		if (field[i].since)
			continue;
		next = strchr(at, '\n');
		ASSERT_NE(NULL, next);
		EXPECT_EQ(0, strncmp(at, field[i].name, strlen(field[i].name))) {
			TH_LOG("%s expected", field[i].name);
		}
		EXPECT_EQ('\t', at[strlen(field[i].name) + 1]);
		at = next + 1;
	}
	walk_free(&one);
	close(device);
}

PCB_TEST_MAIN
