// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation and user copy behind the files of /proc/pcbscope fails once:
 * the errno is the documented one, and a reader who goes on gets the whole text.
 * Needs a kernel with fault injection.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/prctl.h>

#include "lib/harness.h"
#include "lib/faults.h"

#define NR_FILES 5

static const char * const names[NR_FILES] = { "version", "tasks", "tree", "states", "pcb" };

enum file { VERSION, TASKS, TREE, STATES, PCB };

struct reader {
	enum file file;
	int fd;
	pid_t pid;		/* whose PCB */
	size_t step;		/* bytes for each read(2) */
	size_t limit;		/* read no more than that; 0: all */
	const char *word;	/* what run_write() writes */
	bool goes_on;		/* read on after an error, once */
	size_t used;
};

static struct reader reader;
static char text[1 << 20];

static int write_word(const char *word)
{
	return write(reader.fd, word, strlen(word)) < 0 ? -errno : 0;
}

static int write_pid(void)
{
	char word[16];

	if (reader.file != PCB)
		return 0;
	snprintf(word, sizeof(word), "%d\n", reader.pid);
	return write_word(word);
}

static long run_open(void *arg)
{
	char path[64];

	snprintf(path, sizeof(path), PROC_DIR "/%s", names[reader.file]);
	reader.fd = open(path, (reader.file == VERSION ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	return reader.fd < 0 ? -errno : reader.fd;
}

static int open_file(void *arg)
{
	int error = run_open(arg);

	return error < 0 ? error : write_pid();
}

static void close_file(void *arg, long result)
{
	close(reader.fd);
}

static void close_opened(void *arg, long result)
{
	if (result >= 0)
		close(reader.fd);
}

static long run_close(void *arg)
{
	return close(reader.fd) ? -errno : 0;
}

static size_t next_step(void)
{
	const size_t room = (reader.limit ? reader.limit : sizeof(text) - 1) - reader.used;

	return reader.step < room ? reader.step : room;
}

/* From the start to the end, or to the first error, or the second. */
static long run_read(void *arg)
{
	unsigned int errors = reader.goes_on ? 2 : 1;
	ssize_t got = 1;

	reader.used = 0;
	if (lseek(reader.fd, 0, SEEK_SET))
		return -errno;
	while (got && next_step()) {
		got = read(reader.fd, text + reader.used, next_step());
		if (got >= 0) {
			reader.used += got;
			continue;
		}
		if (!--errors || (errno != ENOMEM && errno != EFAULT))
			return -errno;
		got = 1;
	}
	text[reader.used] = '\0';
	return reader.used;
}

/* Every task has one line, and this process is among them. */
static bool table_is_right(void)
{
	struct table *table = table_parse(strdup(text));
	bool right = table && !table->fault && table_count(table, "TID", getpid()) == 1 &&
		table_count(table, "TID", 1) == 1;

	table_free(table);
	return right;
}

static bool pcb_is_right(void)
{
	char line[32];

	snprintf(line, sizeof(line), "\npid:\t%d\n", reader.pid);
	return strstr(text, line) || !strncmp(text, line + 1, strlen(line + 1));
}

static bool text_is_right(void *arg, bool whole)
{
	if (reader.limit)
		return reader.used == reader.limit;
	switch (reader.file) {
	case VERSION:
		return !strncmp(text, "module:\t", 8) && strstr(text, "\narch:\t");
	case TASKS:
	case TREE:
		return table_is_right();
	case STATES:
		return strstr(text, "waiting:\t") && strstr(text, "\ncpu0:\t");
	default:
		return pcb_is_right();
	}
}

/* What was opened or written can be read. */
static bool file_works(void *arg, bool whole)
{
	return !write_pid() && run_read(arg) > 0 && text_is_right(arg, true);
}

static bool file_shows(void *arg, bool whole)
{
	return run_read(arg) > 0 && text_is_right(arg, true);
}

static long run_write(void *arg)
{
	return write_word(reader.word);
}

/* A process whose arguments, in octal, fill more than a page of text. */
static void have_arguments(struct child *self, void *arg)
{
	static char blob[3500];

	memset(blob, 1, sizeof(blob) - 1);
	child_ready(self);
	execl("/bin/sh", "sh", "-c", "kill -STOP $$; :", blob, NULL);
}

FIXTURE(fault_text) {
	struct child child;
};

FIXTURE_SETUP(fault_text)
{
	const char *why;

	if (!on_debug_kernel()) {
		SKIP(return, "only a debug kernel has fault injection");
	}
	memset(text, 0, sizeof(text));
	reader = (struct reader) { .pid = getpid(), .step = 65536 };
	self->child.pid = 0;
	why = faults_begin();
	ASSERT_EQ(NULL, why) {
		TH_LOG("%s", why);
	}
}

FIXTURE_TEARDOWN(fault_text)
{
	child_end(&self->child);
	faults_end();
}

TEST_F_TIMEOUT(fault_text, open_and_close, 100)
{
	for (reader.file = 0; reader.file < NR_FILES; reader.file++) {
		EXPECT_SOUND(faults_try(&(struct fault_op) {
			.name = names[reader.file], .run = run_open,
			.right = file_works, .after = close_opened }));
		EXPECT_SOUND(faults_try(&(struct fault_op) {
			.name = names[reader.file], .before = open_file,
			.run = run_close }));
	}
}

static const struct fault_op read_op = {
	.before = open_file,
	.run = run_read,
	.right = text_is_right,
	.after = close_file,
};

TEST_F_TIMEOUT(fault_text, read_in_several_sizes, 300)
{
	static const size_t steps[] = { 1000, 65536, sizeof(text) - 1 };
	struct fault_op op = read_op;
	unsigned int i;

	for (reader.file = 0; reader.file < NR_FILES; reader.file++) {
		op.name = names[reader.file];
		for (i = 0; i < ARRAY_SIZE(steps); i++) {
			reader.step = steps[i];
			EXPECT_SOUND(faults_try(&op));
		}
		reader.step = 1;
		reader.limit = 20;
		EXPECT_SOUND(faults_try(&op));
		reader.limit = 0;
	}
}

TEST_F_TIMEOUT(fault_text, who_goes_on_gets_it_whole, 300)
{
	struct fault_op op = read_op;

	reader.goes_on = true;
	reader.step = 3000;
	for (reader.file = 0; reader.file < NR_FILES; reader.file++) {
		op.name = names[reader.file];
		EXPECT_SOUND(faults_try(&op));
	}
}

TEST_F_TIMEOUT(fault_text, text_that_outgrows_its_buffer, 100)
{
	struct fault_op op = read_op;

	ASSERT_EQ(0, child_make(&self->child, 0, have_arguments, NULL));
	ASSERT_TRUE(wait_letter(self->child.pid, "T"));
	reader.pid = self->child.pid;
	reader.file = PCB;
	op.name = "long arguments";
	EXPECT_SOUND(faults_try(&op));
	/* Each of the bytes is four in octal, unless there was no memory for them. */
	EXPECT_LT(3499 * 4, reader.used);
}

TEST_F_TIMEOUT(fault_text, write_a_choice, 100)
{
	static const char * const words[] = { "threads\n", "processes" };
	struct fault_op op = {
		.before = open_file, .run = run_write, .right = file_shows, .after = close_file,
	};
	char pid[16];
	unsigned int i;

	for (reader.file = TASKS; reader.file <= STATES; reader.file++) {
		op.name = names[reader.file];
		for (i = 0; i < ARRAY_SIZE(words); i++) {
			reader.word = words[i];
			EXPECT_SOUND(faults_try(&op));
		}
	}
	snprintf(pid, sizeof(pid), "%d", getpid());
	reader.word = pid;
	reader.file = PCB;
	op.name = "pcb";
	EXPECT_SOUND(faults_try(&op));
}

TEST_F(fault_text, what_was_reached)
{
	EXPECT_SOUND(faults_tell());
}

PCB_TEST_MAIN
