// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading: refused or safe while files are open, nothing left
 * behind.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/harness.h"
#include "lib/loading.h"

FIXTURE(unload) {
	struct child readers[3];
};

FIXTURE_SETUP(unload)
{
	memset(self, 0, sizeof(*self));
	ASSERT_NE(NULL, module_path()) {
		TH_LOG("where is " MODULE ".ko? Set PCBSCOPE_MODULE");
	}
	if (!module_is_loaded()) {
		ASSERT_EQ(0, module_load(""));
	}
}

FIXTURE_TEARDOWN(unload)
{
	children_end(self->readers, 3);
	if (!module_is_loaded())
		module_load("");
}

TEST_F(unload, an_open_device_refuses_it)
{
	void *area;
	int fd = device_open();

	ASSERT_LE(0, fd);
	EXPECT_EQ(-EWOULDBLOCK, module_unload());
	area = mmap(NULL, 65536, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, area);
	close(fd);
	EXPECT_EQ(-EWOULDBLOCK, module_unload());	/* the mapping holds it, too */
	munmap(area, 65536);
	EXPECT_EQ(0, module_unload());
	EXPECT_EQ(NULL, module_remains());
}

TEST_F(unload, open_text_files_fail_from_then_on)
{
	static const char * const names[] = { "version", "tasks", "tree", "states", "pcb" };
	char path[64], byte;
	int fds[5], i, error;

	for (i = 0; i < 5; i++) {
		snprintf(path, sizeof(path), PROC_DIR "/%s", names[i]);
		fds[i] = open(path, (i ? O_RDWR : O_RDONLY) | O_CLOEXEC);
		ASSERT_LE(0, fds[i]);
		if (i == 4) {
			ASSERT_EQ(1, write(fds[i], "1", 1));
		}
		EXPECT_EQ(1, read(fds[i], &byte, 1));
	}
	error = module_unload();
	EXPECT_TRUE(!error || error == -EWOULDBLOCK);
	for (i = 0; i < 5; i++) {
		if (!error) {
			EXPECT_EQ(-1, read(fds[i], &byte, 1));
			EXPECT_EQ(-1, write(fds[i], "1", 1));
			EXPECT_EQ(-1, lseek(fds[i], 0, SEEK_SET));
		}
		close(fds[i]);
	}
	if (error) {
		EXPECT_EQ(0, module_unload());
	}
	EXPECT_EQ(NULL, module_remains());
}

TEST_F(unload, only_access_root_is_accepted)
{
	static const char * const bad[] = {
		"access=other", "access=", "access=filtered", "access=ROOT", "access=root2",
		"access=0",
	};
	char text[32] = "";
	struct stat st;
	unsigned int i;

	ASSERT_EQ(0, module_unload());
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, module_load(bad[i])) {
			TH_LOG("%s", bad[i]);
		}
		EXPECT_EQ(NULL, module_remains());
	}
	EXPECT_EQ(0, module_load("access=root"));
	EXPECT_LT(0, file_read("/sys/module/" MODULE "/parameters/access", text, sizeof(text)));
	EXPECT_STREQ("root\n", text);
	ASSERT_EQ(0, stat("/sys/module/" MODULE "/parameters/access", &st));
	EXPECT_EQ(0444, st.st_mode & 07777);
}

TEST_F(unload, a_second_load_is_refused)
{
	EXPECT_EQ(-EEXIST, module_load(""));
}

struct race {
	unsigned long done;
	unsigned long odd_errors;
	int first;
};

/* Errors that a reader may meet while the module comes and goes. */
static bool is_absence(int error)
{
	return error == ENOENT || error == ENODEV || error == ENXIO || error == EIO ||
		error == ENOTDIR || error == ESTALE;
}

static void note(struct race *race, bool ok)
{
	int error = errno;

	if (ok)
		__atomic_add_fetch(&race->done, 1, __ATOMIC_RELAXED);
	else if (!is_absence(error) && !race->odd_errors++)
		race->first = error;
}

static void read_device(struct child *self, void *arg)
{
	struct ask ask = { .groups = ALL_GROUPS, .flags = PCBSCOPE_QUERY_THREADS };
	struct race *race = arg;
	struct walk all;
	int fd, error;

	child_ready(self);
	for (;;) {
		fd = device_open();
		if (fd < 0) {
			errno = -fd;
			note(race, false);
			continue;
		}
		error = walk(fd, &ask, &all);
		errno = -error;
		note(race, !error);
		if (!error)
			walk_free(&all);
		close(fd);
	}
}

static void read_text(struct child *self, void *arg)
{
	static const char * const files[] = { "tasks", "tree", "states" };
	struct race *race = arg;
	char path[64], *text;
	size_t bytes;
	int i;

	child_ready(self);
	for (i = 0;; i++) {
		snprintf(path, sizeof(path), PROC_DIR "/%s", files[i % 3]);
		text = text_read(path, 500, &bytes);
		note(race, text);
		free(text);
	}
}

TEST_F_TIMEOUT(unload, twenty_cycles_with_readers_racing, 200)
{
	unsigned int cycles = scaled(20), refused = 0, i;
	struct race *races = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct deadline deadline;
	int error;

	ASSERT_EQ(0, child_make(&self->readers[0], 0, read_device, &races[0]));
	ASSERT_EQ(0, child_make(&self->readers[1], 0, read_text, &races[1]));
	ASSERT_EQ(0, child_make(&self->readers[2], 0, read_text, &races[2]));
	for (i = 0; i < cycles; i++) {
		deadline = deadline_in(DEADLINE_MS);
		while ((error = module_unload()) == -EWOULDBLOCK && not_yet(deadline))
			refused++;
		ASSERT_EQ(0, error);
		EXPECT_EQ(NULL, module_remains());
		ASSERT_EQ(0, module_load(""));
		deadline = deadline_in(50);
		while (not_yet(deadline))
			;
	}
	children_end(self->readers, 3);
	for (i = 0; i < 3; i++) {
		EXPECT_LT(0, races[i].done);
		EXPECT_EQ(0, races[i].odd_errors) {
			TH_LOG("reader %u: %s", i, strerror(races[i].first));
		}
	}
	TH_LOG("%u cycles, refused %u times while the device was open, %lu walks, %lu texts",
	       cycles, refused, races[0].done, races[1].done + races[2].done);
	EXPECT_EQ(0, module_unload());
	EXPECT_EQ(NULL, module_remains());
}

PCB_TEST_MAIN
