// SPDX-License-Identifier: GPL-2.0
/*
 * A reader whose memory never comes stalls nobody but himself: his buffer, his
 * request, his list or his word lies in pages that userfaultfd holds back.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "lib/harness.h"

#define PAGE 4096UL
#define PATIENCE_NS 20000000000ULL

static void *held_page(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	void *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	range.range.start = (uintptr_t)at;
	range.range.len = PAGE;
	if (at == MAP_FAILED || fd < 0 || ioctl(fd, UFFDIO_API, &api) ||
	    ioctl(fd, UFFDIO_REGISTER, &range))
		_exit(1);
	return at;
}

enum way { BY_BUFFER, BY_REQUEST, BY_LIST, BY_INFO, BY_TEXT, BY_WORD, NR_WAYS };

struct how {
	enum way way;
	int device;
	int text;
};

static void get_stuck(struct child *self, void *arg)
{
	struct how *how = arg;
	struct pcbscope_query q = { .groups = ALL_GROUPS, .buf_bytes = PAGE };
	static char room[PAGE];
	void *held = held_page();

	q.buf = (uintptr_t)(how->way == BY_BUFFER ? held : room);
	if (how->way == BY_LIST) {
		q.pids = (uintptr_t)held;
		q.nr_pids = 4;
	}
	if (how->way == BY_INFO)
		ioctl(how->device, PCBSCOPE_IOC_INFO, held);
	else if (how->way == BY_TEXT)
		read(how->text, held, PAGE);
	else if (how->way == BY_WORD)
		write(how->text, held, 8);
	else
		ioctl(how->device, PCBSCOPE_IOC_QUERY, how->way == BY_REQUEST ? held : &q);
	_exit(2);
}

/* The kernel's own word that the child waits in the fault. */
static bool is_stuck(pid_t pid)
{
	struct deadline deadline = deadline_in(DEADLINE_MS);
	char wchan[64];
	ssize_t got;

	do {
		got = proc_read(pid, 0, "wchan", wchan, sizeof(wchan) - 1);
		wchan[got > 0 ? got : 0] = '\0';
		if (strstr(wchan, "userfault"))
			return true;
	} while (not_yet(deadline));
	return false;
}

/* Everything that another reader does, without waiting for the first one. */
static void be_another(struct __test_metadata *_metadata)
{
	struct ask ask = { .groups = ALL_GROUPS, .flags = PCBSCOPE_QUERY_THREADS };
	unsigned long long begun = now_ns();
	static char text[1U << 20];
	struct walk all;
	int fd = device_open();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, walk(fd, &ask, &all));
	EXPECT_EQ(1, walk_count(&all, getpid()));
	walk_free(&all);
	EXPECT_LT(0, file_read("/proc/pcbscope/tasks", text, sizeof(text)));
	EXPECT_LT(0, file_read("/proc/pcbscope/states", text, sizeof(text)));
	EXPECT_LT(0, file_read("/proc/pcbscope/tree", text, sizeof(text)));
	/* Refused at once: the device is open. */
	EXPECT_EQ(-1, syscall(SYS_delete_module, "pcbscope", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	close(fd);
	EXPECT_GT(PATIENCE_NS, now_ns() - begun);
}

static void stall_by(struct __test_metadata *_metadata, enum way way)
{
	struct how how = { .way = way };
	unsigned long long begun;
	struct child child;

	how.device = device_open();
	how.text = open(way == BY_WORD ? "/proc/pcbscope/pcb" : "/proc/pcbscope/tasks", O_RDWR);
	ASSERT_LE(0, how.device);
	ASSERT_LE(0, how.text);
	ASSERT_EQ(0, child_start(&child, 0, get_stuck, &how));
	EXPECT_TRUE(is_stuck(child.pid)) {
		TH_LOG("way %d", way);
	}
	be_another(_metadata);
	begun = now_ns();
	child_end(&child);
	EXPECT_GT(PATIENCE_NS, now_ns() - begun);
	close(how.device);
	close(how.text);
}

TEST(a_reader_whose_memory_never_comes_stalls_nobody_else)
{
	enum way way;

	for (way = 0; way < NR_WAYS; way++)
		stall_by(_metadata, way);
	figure("ways to be stuck", NR_WAYS);
}

PCB_TEST_MAIN
