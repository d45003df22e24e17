// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation and user copy of inserting the module and of removing it
 * fails once: the errno is the documented one, nothing is left behind, and the
 * next call works. Needs a kernel with fault injection.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>

#include "lib/harness.h"
#include "lib/faults.h"
#include "lib/loading.h"

static int file;

static int open_module(void *arg)
{
	file = open(module_path(), O_RDONLY | O_CLOEXEC);
	return file < 0 ? -errno : 0;
}

static long run_insert(void *arg)
{
	return syscall(SYS_finit_module, file, "", 0) ? -errno : 0;
}

static bool module_works(void *arg, bool whole)
{
	struct pcbscope_info now;
	int fd = device_open();
	bool works = fd >= 0 && !device_info(fd, &now);

	close(fd);
	return works && !access(PROC_DIR "/pcb", F_OK);
}

static bool module_is_gone(void *arg)
{
	return !module_remains();
}

static void remove_inserted(void *arg, long result)
{
	close(file);
	if (result >= 0)
		module_unload();
}

static int insert(void *arg)
{
	return module_is_loaded() ? 0 : module_load("");
}

static long run_remove(void *arg)
{
	return module_unload();
}

static bool is_removed(void *arg, bool whole)
{
	return module_is_gone(arg);
}

FIXTURE(fault_load) {
};

FIXTURE_SETUP(fault_load)
{
	const char *why;

	if (!on_debug_kernel()) {
		SKIP(return, "only a debug kernel has fault injection");
	}
	why = faults_begin();
	ASSERT_EQ(NULL, why) {
		TH_LOG("%s", why);
	}
	ASSERT_NE(NULL, module_path());
}

FIXTURE_TEARDOWN(fault_load)
{
	faults_end();
	insert(NULL);
}

TEST_F_TIMEOUT(fault_load, remove, 300)
{
	EXPECT_SOUND(faults_try(&(struct fault_op) {
		.name = "remove", .before = insert, .run = run_remove, .right = is_removed }));
}

/*
 * The misc device layer says EBUSY where it has no memory for a number. A quick
 * run takes every 16th fault only.
 */
TEST_F_TIMEOUT(fault_load, insert, 900)
{
	if (module_is_loaded()) {
		ASSERT_EQ(0, module_unload());
	}
	EXPECT_SOUND(faults_try(&(struct fault_op) {
		.name = "insert", .before = open_module, .run = run_insert,
		.right = module_works, .clean = module_is_gone, .after = remove_inserted,
		.stride = run_is_long() ? 1 : 16, .also = -EBUSY }));
}

TEST_F(fault_load, what_was_reached)
{
	EXPECT_SOUND(faults_tell());
}

PCB_TEST_MAIN
