// SPDX-License-Identifier: GPL-2.0
/* The files of /proc/pcbscope: formats, escapes, choices, positions. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#include "lib/harness.h"
#include "lib/kinds.h"

#define NR_FROZEN 20

FIXTURE(text) {
	struct child children[NR_FROZEN];
	char *text;
	struct table *table;
};

FIXTURE_SETUP(text)
{
	memset(self, 0, sizeof(*self));
	ASSERT_TRUE(children_freeze(self->children, NR_FROZEN));
}

FIXTURE_TEARDOWN(text)
{
	children_end(self->children, NR_FROZEN);
	free(self->text);
	table_free(self->table);
}

TEST_F(text, version_names_module_abi_and_kernel)
{
	char value[96], want[32];
	struct utsname uts;
	size_t bytes;

	uname(&uts);
	self->text = text_read(PROC_DIR "/version", 4096, &bytes);
	ASSERT_NE(NULL, self->text);
	ASSERT_TRUE(key_text(self->text, "module", value, sizeof(value)));
	EXPECT_LT(0, (long)strlen(value));
	ASSERT_TRUE(key_text(self->text, "abi", value, sizeof(value)));
	snprintf(want, sizeof(want), "%d.%d", PCBSCOPE_ABI_MAJOR, PCBSCOPE_ABI_MINOR);
	EXPECT_STREQ(want, value);
	ASSERT_TRUE(key_text(self->text, "kernel", value, sizeof(value)));
	EXPECT_STREQ(uts.release, value);
	EXPECT_EQ(0, strncmp("module:\t", self->text, 8));
}

static const char * const task_columns[] = {
	"PID", "TID", "PPID", "STATE", "S", "CPU", "POLICY", "NICE", "PRIORITY", "THREADS",
	"UID", "UTIME_NS", "STIME_NS", "VOLUNTARY", "INVOLUNTARY", "VSIZE_BYTES", "RSS_BYTES",
	"START_BOOTTIME_NS", "COMM",
};

TEST_F(text, tasks_lists_every_process_once_under_one_heading)
{
	unsigned int i;

	self->table = table_read(PROC_DIR "/tasks", NULL);
	ASSERT_NE(NULL, self->table);
	EXPECT_SOUND(self->table->fault);
	for (i = 0; i < ARRAY_SIZE(task_columns); i++) {
		EXPECT_EQ((int)i, table_column(self->table, task_columns[i]));
	}
	for (i = 0; i < NR_FROZEN; i++) {
		EXPECT_EQ(1, table_count(self->table, "tid", self->children[i].pid));
	}
	for (i = 1; i < self->table->nr_rows; i++) {
		EXPECT_LT(table_number(self->table, i - 1, "tid"),
			  table_number(self->table, i, "tid"));
	}
}

TEST_F(text, tasks_shows_what_the_device_gives)
{
	const struct pcbscope_record *record;
	static const struct {
		const char *column, *field;
	} pairs[] = {
		{ "PID", "pid" }, { "TID", "tid" }, { "PPID", "ppid" }, { "CPU", "cpu" },
		{ "NICE", "nice" }, { "PRIORITY", "priority" }, { "THREADS", "threads" },
		{ "UID", "uid" }, { "UTIME_NS", "utime_ns" }, { "STIME_NS", "stime_ns" },
		{ "VOLUNTARY", "voluntary_switches" }, { "INVOLUNTARY", "involuntary_switches" },
		{ "VSIZE_BYTES", "vsize_bytes" }, { "RSS_BYTES", "rss_bytes" },
		{ "START_BOOTTIME_NS", "start_boottime_ns" },
	};
	int fd = device_open(), row;
	struct walk one;
	unsigned int i, j;

	self->table = table_read(PROC_DIR "/tasks", NULL);
	ASSERT_NE(NULL, self->table);
	for (i = 0; i < NR_FROZEN; i++) {
		struct ask ask = { .groups = ALL_GROUPS, .nr_pids = 1,
				   .pids = (__u32 *)&self->children[i].pid };

		ASSERT_EQ(0, walk(fd, &ask, &one));
		record = walk_next(&one, NULL);
		row = table_find(self->table, "tid", self->children[i].pid);
		ASSERT_LE(0, row);
		for (j = 0; j < ARRAY_SIZE(pairs); j++) {
			EXPECT_EQ(number(record, pairs[j].field),
				  table_number(self->table, row, pairs[j].column)) {
				TH_LOG("%s", pairs[j].column);
			}
		}
		EXPECT_STREQ("waiting", table_cell(self->table, row, "STATE"));
		EXPECT_STREQ("T", table_cell(self->table, row, "S"));
		EXPECT_STREQ("normal", table_cell(self->table, row, "POLICY"));
		EXPECT_STREQ("text_test", table_cell(self->table, row, "COMM"));
		walk_free(&one);
	}
}

static const struct {
	const char *name, *shown;
} names[] = {
	{ "a b", "a\\040b" },
	{ "line\nbreak", "line\\012break" },
	{ "back\\slash", "back\\134slash" },
	{ "\033[31mred", "\\033[31mred" },
	{ "tab\there", "tab\\011here" },
	{ "bell\a\b\r\v\f", "bell\\007\\010\\015\\013\\014" },
	{ "del\177", "del\\177" },
	{ "\xff\xfe", "\\377\\376" },
	{ "c1\xc2\x9b", "c1\\302\\233" },
	{ "\xe2\x82", "\\342\\202" },
	{ "\xc0\xaf", "\\300\\257" },
	{ "\xed\xa0\x80", "\\355\\240\\200" },
	{ "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9" },
	{ "\xe2\x82\xac", "\xe2\x82\xac" },
	{ "a) R 1 (b", "a)\\040R\\0401\\040(b" },
	{ "plain-1.2:3/4", "plain-1.2:3/4" },
	{ "", "\\000" },
};

static void take_name(struct child *self, void *arg)
{
	prctl(PR_SET_NAME, arg);
	child_idle(self, NULL);
}

TEST_F(text, names_that_could_harm_are_escaped_everywhere)
{
	static const char * const files[] = { PROC_DIR "/tasks", PROC_DIR "/tree" };
	struct child child;
	char value[128];
	unsigned int i, j;
	size_t bytes;
	int row, fd;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		ASSERT_EQ(0, child_make(&child, 0, take_name, (void *)names[i].name));
		for (j = 0; j < ARRAY_SIZE(files); j++) {
			self->table = table_read(files[j], NULL);
			ASSERT_NE(NULL, self->table);
			EXPECT_SOUND(self->table->fault);
			row = table_find(self->table, "tid", child.pid);
			ASSERT_LE(0, row);
			EXPECT_STREQ(names[i].shown, table_cell(self->table, row, "comm"));
			table_free(self->table);
			self->table = NULL;
		}
		fd = open(PROC_DIR "/pcb", O_RDWR);
		ASSERT_LT(0, dprintf(fd, "%d\n", child.pid));
		self->text = text_read_fd(fd, 65536, &bytes);
		ASSERT_NE(NULL, self->text);
		ASSERT_TRUE(key_text(self->text, "comm", value, sizeof(value)));
		EXPECT_STREQ(names[i].shown, value);
		free(self->text);
		self->text = NULL;
		close(fd);
		child_end(&child);
	}
}

static void write_word(struct __test_metadata *_metadata, int fd, const char *word, int error)
{
	ssize_t done = write(fd, word, strlen(word));

	EXPECT_EQ(error ? error : (ssize_t)strlen(word), done < 0 ? -errno : done) {
		TH_LOG("'%s'", word);
	}
}

TEST_F(text, lists_show_threads_when_told_to)
{
	struct thread_plan plan = { .count = 4, .cpu = -1 };
	static const char * const files[] = { PROC_DIR "/tasks", PROC_DIR "/tree" };
	struct child child;
	unsigned int tids[8], i, j;

	ASSERT_EQ(0, child_make(&child, 0, kind_threads, &plan));
	ASSERT_EQ(5, thread_list(child.pid, tids, 8));
	for (i = 0; i < 2; i++) {
		self->table = table_read(files[i], "threads");
		ASSERT_NE(NULL, self->table);
		EXPECT_SOUND(self->table->fault);
		for (j = 0; j < 5; j++) {
			EXPECT_EQ(1, table_count(self->table, "tid", tids[j]));
		}
		EXPECT_EQ(5, table_count(self->table, "pid", child.pid));
		table_free(self->table);
		self->table = table_read(files[i], "processes\n");
		ASSERT_NE(NULL, self->table);
		EXPECT_EQ(1, table_count(self->table, "pid", child.pid));
		table_free(self->table);
		self->table = NULL;
	}
	child_end(&child);
}

TEST_F(text, words_that_mean_nothing_are_refused)
{
	static const char * const files[] = { "tasks", "tree", "states", "pcb" };
	static const char * const words[] = {
		"", "thread", "threads ", "THREADS", "1 2", "-1", "0", "0x1", "1x", "\n", " 1",
		"4294967296", "99999999999999999999", "threads\n\n", "1234567890123456789012345678901234567890",
	};
	char path[64];
	unsigned int i, j;
	int fd;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), PROC_DIR "/%s", files[i]);
		fd = open(path, O_RDWR | O_CLOEXEC);
		ASSERT_LE(0, fd);
		for (j = 1; j < ARRAY_SIZE(words); j++) {
			write_word(_metadata, fd, words[j], -EINVAL);
		}
		EXPECT_EQ(-1, write(fd, "1\0", 2));
		EXPECT_EQ(-1, write(fd, (void *)0x1000, 4));
		EXPECT_EQ(EFAULT, errno);
		close(fd);
	}
	fd = open(PROC_DIR "/version", O_WRONLY | O_CLOEXEC);	/* root may: its mode is 0400 */
	EXPECT_EQ(-1, write(fd, "threads", 7));
	close(fd);
}

TEST_F(text, one_byte_at_a_time_gives_the_same_lines)
{
	static const char * const files[] = { "version", "tasks", "tree" };
	char path[64], *part, *line, *save;
	unsigned int i, j;
	size_t bytes;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		size_t steps[] = { 1, 7, 4096 };

		snprintf(path, sizeof(path), PROC_DIR "/%s", files[i]);
		for (j = 0; j < ARRAY_SIZE(steps); j++) {
			char number[16];
			unsigned int found = 0;

			part = text_read(path, steps[j], &bytes);
			ASSERT_NE(NULL, part);
			EXPECT_EQ(strlen(part), bytes);
			self->text = text_read(path, 1 << 20, &bytes);
			ASSERT_NE(NULL, self->text);
			/* what stands still has the very same line */
			for (line = strtok_r(self->text, "\n", &save); line;
			     line = strtok_r(NULL, "\n", &save)) {
				if (sscanf(line, "%15s", number) == 1 &&
				    atoi(number) >= self->children[0].pid &&
				    atoi(number) <= self->children[NR_FROZEN - 1].pid) {
					EXPECT_NE(NULL, strstr(part, line));
					found++;
				}
			}
			if (i) {
				EXPECT_EQ(NR_FROZEN, found);
			}
			free(part);
			free(self->text);
			self->text = NULL;
		}
	}
}

TEST_F(text, positions_can_be_sought)
{
	char whole[4096], part[4096];
	int fd = open(PROC_DIR "/version", O_RDONLY);
	ssize_t bytes = read(fd, whole, sizeof(whole)), i;

	ASSERT_LT(20, bytes);
	for (i = 0; i < bytes; i++) {
		EXPECT_EQ(bytes - i, pread(fd, part, sizeof(part), i));
		EXPECT_EQ(0, memcmp(whole + i, part, bytes - i));
		EXPECT_EQ(i, lseek(fd, i, SEEK_SET));
		EXPECT_EQ(bytes - i, read(fd, part, sizeof(part)));
		EXPECT_EQ(0, memcmp(whole + i, part, bytes - i));
	}
	EXPECT_EQ(0, pread(fd, part, sizeof(part), bytes));
	EXPECT_EQ(0, pread(fd, part, sizeof(part), 1LL << 40));
	EXPECT_EQ(-1, lseek(fd, -1, SEEK_SET));
	close(fd);
	fd = open(PROC_DIR "/tasks", O_RDONLY);
	EXPECT_LT(0, pread(fd, part, 100, 50));
	EXPECT_LT(0, pread(fd, part, 100, 4000));
	EXPECT_LT(0, pread(fd, part, 100, 0));
	EXPECT_EQ(0, strncmp("    PID", part, 7));
	EXPECT_EQ(0, pread(fd, part, 100, 1LL << 40));
	close(fd);
}

TEST_F(text, states_counts_every_task_and_names_who_runs)
{
	static const char * const states[] = {
		"new", "ready", "running", "waiting", "terminated",
	};
	long long count[5], all = 0, pid;
	int status = 0, i;
	struct child zombie;
	char cpu[32];
	size_t bytes;

	ASSERT_EQ(0, child_make(&zombie, 0, kind_zombie, &status));
	child_go(&zombie);
	ASSERT_TRUE(wait_letter(zombie.pid, "Z"));
	pin_to_cpu(0, 0);
	self->text = text_read(PROC_DIR "/states", 65536, &bytes);
	self->table = table_read(PROC_DIR "/tasks", NULL);
	ASSERT_NE(NULL, self->text);
	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(key_numbers(self->text, states[i], &count[i], 1));
		all += count[i];
	}
	EXPECT_LE(1, count[4]);
	EXPECT_LE(1, count[2]);
	EXPECT_LE(NR_FROZEN, count[3]);
	EXPECT_GE((long long)last_cpu() + 1, count[2]);
	EXPECT_LE((long long)self->table->nr_rows - 3, all);
	EXPECT_GE((long long)self->table->nr_rows + 3, all);
	ASSERT_TRUE(key_numbers(self->text, "cpu0", &pid, 1));
	EXPECT_EQ(getpid(), pid);
	for (i = 0; i <= (int)last_cpu(); i++) {
		snprintf(cpu, sizeof(cpu), "cpu%d:\t", i);
		EXPECT_NE(NULL, strstr(self->text, cpu));
	}
	child_end(&zombie);
}

PCB_TEST_MAIN
