// SPDX-License-Identifier: GPL-2.0
/*
 * The access matrix. Readers that are let in: whatever they are told of a task,
 * procfs tells them, too. Readers that are refused: at open, on every way in.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>

#include "lib/harness.h"
#include "lib/matrix.h"

#define AREA 16384

FIXTURE(matrix) {
	struct held held;
};

/* The readers' functions are told nothing else. */
static struct held *held;

FIXTURE_SETUP(matrix)
{
	const char *failed = ways_make(&self->held);

	ASSERT_EQ(NULL, failed) {
		TH_LOG("cannot make: %s", failed);
	}
	held = &self->held;
}

FIXTURE_TEARDOWN(matrix)
{
	ways_end(&self->held);
}

static void expect_tally(struct __test_metadata *_metadata, struct tally *tally)
{
	EXPECT_EQ(0, tally->wrong) {
		TH_LOG("%llu wrong, first: %s", tally->wrong, tally->first);
	}
	figure("matrix cells", tally->cells);
	figure("matrix cells with data", tally->with_data);
	figure("matrix cells refused", tally->refused);
	figure("matrix procfs comparisons", tally->compared);
	figure("matrix exceptions of an LSM, as expected", tally->exceptions);
}

/* --- readers that are let in --- */

/* Who asks, on what way, and of whom. */
struct asking {
	const struct reader *reader;
	struct tally *tally;
	const char *way;
	pid_t pid;
	const struct told *told;
};

/* Every group alone, then all, of one task. */
static void ask_device(const struct asking *a, int fd, void *area, __u64 flags)
{
	static __u64 room[AREA / 8];
	const __u32 id = a->pid;
	struct walk found = { .buf = area ? area : room };
	const struct pcbscope_record *record;
	unsigned int group;
	int error;

	for (group = 0; group <= MATRIX_GROUPS; group++) {
		struct pcbscope_query query = {
			.groups = group < MATRIX_GROUPS ? 1ULL << group : ALL_GROUPS,
			.flags = flags | (area ? PCBSCOPE_QUERY_MAPPED : 0),
			.nr_pids = id ? 1 : 0, .pids = id ? (uintptr_t)&id : 0,
			.buf_bytes = AREA, .buf = area ? 0 : (uintptr_t)room,
		};

		a->tally->cells++;
		error = device_query(fd, &query);
		if (error && error != -ESRCH)
			tally_wrong(a->tally, "%s, %s: query of %u: %s", a->reader->name, a->way,
				    id, strerror(-error));
		found.bytes = error ? 0 : query.used_bytes;
		for_each_record(&found, record)
			if (record_identity(record)->tid == id)
				told_check_record(a->told, record, a->reader, a->tally, a->way);
	}
}

static void ask_pcb(const struct asking *a, const char *folder)
{
	int fd = text_open(folder, "pcb");
	char *text = NULL;
	size_t bytes;

	a->tally->cells++;
	errno = fd < 0 ? -fd : 0;
	if (fd >= 0 && dprintf(fd, "%d", a->pid) > 0)
		text = text_read_fd(fd, 8192, &bytes);
	if (text)
		told_check_text(a->told, text, a->reader, a->tally, a->way);
	else if (errno != ESRCH)
		tally_wrong(a->tally, "%s, %s: pcb of %d: %s", a->reader->name, a->way, a->pid,
			    strerror(errno));
	free(text);
	close(fd);
}

/* All rows of a list that are about a target. */
static void ask_list(const struct reader *reader, struct tally *tally, const char *folder,
		     const char *name, const char *word, const struct told *tolds)
{
	char path[96];
	struct table *table;
	unsigned int i;
	int row;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	table = table_read(path, word);
	for (i = 0; i < tally->nr_targets; i++) {
		tally->cells++;
		row = table ? table_find(table, "tid", tally->targets[i]) : -1;
		if (row < 0 && table && table_column(table, "tid") < 0)
			row = table_find(table, "pid", tally->targets[i]);
		if (row >= 0)
			told_check_row(&tolds[i], table, row, reader, tally, path);
	}
	table_free(table);
}

static void ask_by_device(const struct reader *reader, struct tally *tally, const char *path,
			  const struct told *tolds)
{
	struct asking a = { reader, tally, path, 0, NULL };
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *area = mmap(NULL, AREA, PROT_READ, MAP_SHARED, fd, 0);
	unsigned int i;

	if (fd < 0 || area == MAP_FAILED) {
		tally_wrong(tally, "%s cannot open %s: %s", reader->name, path, strerror(errno));
		return;
	}
	for (i = 0; i < tally->nr_targets; i++) {
		a.pid = tally->targets[i];
		a.told = &tolds[i];
		ask_device(&a, fd, NULL, 0);
		ask_device(&a, fd, NULL, PCBSCOPE_QUERY_TIDS);
		ask_device(&a, fd, NULL, PCBSCOPE_QUERY_THREADS);
		ask_device(&a, fd, area, PCBSCOPE_QUERY_TIDS);
	}
	munmap(area, AREA);
	close(fd);
}

static void ask_by_text(const struct reader *reader, struct tally *tally, const char *folder,
			const struct told *tolds)
{
	struct asking a = { reader, tally, folder, 0, NULL };
	unsigned int i;

	for (i = 0; i < tally->nr_targets; i++) {
		a.pid = tally->targets[i];
		a.told = &tolds[i];
		ask_pcb(&a, folder);
	}
	ask_list(reader, tally, folder, "tasks", "processes", tolds);
	ask_list(reader, tally, folder, "tasks", "threads", tolds);
	ask_list(reader, tally, folder, "tree", "processes", tolds);
	ask_list(reader, tally, folder, "tree", "threads", tolds);
}

/* As one reader: procfs first, then pcbscope by every way that is open to it. */
static void ask_all(const struct reader *reader, struct tally *tally)
{
	static struct told tolds[MATRIX_TARGETS];
	const unsigned int others = tally->nr_targets;
	char path[64];
	struct child own;
	unsigned int i;
	int fd;

	if (!child_make(&own, 0, child_idle, NULL)) {
		wait_letter(own.pid, "S");
		target_add(tally, own.pid);
	}
	for (i = 0; i < tally->nr_targets; i++)
		told_take(tally->targets[i], &tolds[i]);
	for (i = 0; i < (run_is_long() ? NR_NODES : 1); i++)
		if (!access(nodes[i], F_OK))
			ask_by_device(reader, tally, nodes[i], tolds);
	fd = device_open();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ask_by_device(reader, tally, path, tolds);
	for (i = 0; i < (run_is_long() ? NR_FOLDERS : 1); i++) {
		snprintf(path, sizeof(path), "%s/pcb", folders[i]);
		if (!access(path, R_OK))
			ask_by_text(reader, tally, folders[i], tolds);
	}
	close(fd);
	child_end(&own);
	tally->nr_targets = others;
}

/* Only where the kernel says so itself there is nobody whom Landlock confines. */
static bool lacks_landlock(void)
{
	char modules[256];

	return file_read("/sys/kernel/security/lsm", modules, sizeof(modules)) > 0 &&
		!strstr(modules, "landlock");
}

TEST(every_field_has_its_line_in_the_table)
{
	const char *missing = matrix_missing();

	EXPECT_EQ(NULL, missing) {
		TH_LOG("%s", missing);
	}
}

TEST_F_TIMEOUT(matrix, who_is_let_in_is_told_no_more_than_by_procfs, 300)
{
	struct tally *tally = self->held.tally;
	unsigned long long data = 0;
	const struct reader *reader;
	unsigned int i, count;
	int error;

	reader = readers(&count);
	for (i = 0; i < count; i++, reader++) {
		if (!reader->let_in)
			continue;
		data = tally->with_data;
		error = reader_run(reader, ask_all, tally);
		if (error == -ENOSYS && reader->confined && lacks_landlock())
			continue;
		EXPECT_EQ(0, error) {
			TH_LOG("%s: %s", reader->name, strerror(-error));
		}
		EXPECT_LT(data + 50, tally->with_data) {
			TH_LOG("%s got nothing", reader->name);
		}
		/* The one exception, which is there, and is only that one's. */
		EXPECT_EQ(reader->confined, tally->exceptions > 0);
	}
	expect_tally(_metadata, tally);
}

/* --- readers that are refused --- */

static void refuse_path(const struct reader *reader, struct tally *tally, const char *path,
			int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK);

	tally->cells++;
	if (fd < 0 && (errno == EPERM || errno == EACCES || errno == ENOENT)) {
		tally->refused++;
		return;
	}
	tally_wrong(tally, "%s: open of %s: %s", reader->name, path,
		    fd < 0 ? strerror(errno) : "succeeds");
	close(fd);
}

static void refuse_reopening(const struct reader *reader, struct tally *tally, const char *folder)
{
	char path[64];
	unsigned int i;

	snprintf(path, sizeof(path), "%s/%d", folder, held->device);
	refuse_path(reader, tally, path, O_RDONLY);
	for (i = 0; i < NR_TEXTS; i++) {
		snprintf(path, sizeof(path), "%s/%d", folder, held->text[i]);
		refuse_path(reader, tally, path, O_RDONLY);
		refuse_path(reader, tally, path, O_RDWR);
	}
}

static void refuse_all(const struct reader *reader, struct tally *tally)
{
	static const int flags[] = { O_RDONLY, O_WRONLY, O_RDWR };
	unsigned int i, j, k;
	char path[96];

	for (k = 0; k < ARRAY_SIZE(flags); k++) {
		for (i = 0; i < NR_NODES; i++)
			refuse_path(reader, tally, nodes[i], flags[k]);
		for (i = 0; i < NR_FOLDERS; i++)
			for (j = 0; j < NR_TEXTS; j++) {
				snprintf(path, sizeof(path), "%s/%s", folders[i], texts[j]);
				refuse_path(reader, tally, path, flags[k]);
			}
	}
	/* What was inherited, opened anew; and what another one holds. */
	refuse_reopening(reader, tally, "/proc/self/fd");
	refuse_reopening(reader, tally, "/proc/thread-self/fd");
	snprintf(path, sizeof(path), "/proc/%d/fd", held->pid);
	refuse_reopening(reader, tally, path);
	snprintf(path, sizeof(path), MATRIX_FOLDER "/proc/%d/fd", held->pid);
	refuse_reopening(reader, tally, path);
}

TEST_F_TIMEOUT(matrix, who_is_refused_is_refused_on_every_way_and_by_any_mode, 120)
{
	const struct reader *reader;
	unsigned int i, count, open;

	for (open = 0; open < 2; open++) {
		ways_set_modes(open);
		reader = readers(&count);
		for (i = 0; i < count; i++, reader++) {
			if (reader->let_in)
				continue;
			EXPECT_EQ(0, reader_run(reader, refuse_all, self->held.tally)) {
				TH_LOG("%s", reader->name);
			}
		}
	}
	expect_tally(_metadata, self->held.tally);
}

PCB_TEST_MAIN
