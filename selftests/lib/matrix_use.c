// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include "matrix.h"
#include "scan.h"

#define ROOM 16384
#define FILL 0xd3

static unsigned char room[ROOM] __attribute__((aligned(8)));

/* One cell. What was refused must have left the room as it was. */
static void count(struct tally *tally, int got, int expected, const char *how, const char *what,
		  pid_t target)
{
	tally->cells++;
	if (got == -EPERM)
		tally->refused++;
	if (got == expected && (!expected || scan_untouched(room, ROOM, FILL)))
		return;
	tally_wrong(tally, "%s: %s (pid %d) gave %s, not %s", how, what, target,
		    got == expected ? "data" : strerror(-got), strerror(-expected));
	memset(room, FILL, ROOM);
}

static void query_target(int fd, int expected, struct tally *tally, const char *how,
			 __u32 pid, __u64 flags)
{
	unsigned int group;

	for (group = 0; group < MATRIX_GROUPS; group++) {
		struct pcbscope_query query = {
			.groups = 1ULL << group, .flags = flags, .nr_pids = 1,
			.pids = (uintptr_t)&pid, .buf_bytes = ROOM,
			.buf = flags & PCBSCOPE_QUERY_MAPPED ? 0 : (uintptr_t)room,
		};

		int got = device_query(fd, &query);

		/* A thread that is not the first is no process. */
		if (!expected && got == -ESRCH)
			got = 0;
		count(tally, got, expected, how, "query", pid);
	}
}

static int ask_schema(int fd)
{
	struct pcbscope_schema schema = { .buf = (uintptr_t)room, .buf_bytes = ROOM };
	int error = ioctl(fd, PCBSCOPE_IOC_SCHEMA, &schema) ? -errno : 0;

	/* Too little room for it is an answer, too. */
	return error == -EOVERFLOW ? 0 : error;
}

void use_device(int fd, int expected, struct tally *tally, const char *how)
{
	static const __u64 flags[] = {
		0, PCBSCOPE_QUERY_TIDS, PCBSCOPE_QUERY_THREADS, PCBSCOPE_QUERY_MAPPED,
	};
	struct pcbscope_query walk = { .groups = ALL_GROUPS, .buf_bytes = ROOM,
				       .buf = (uintptr_t)room };
	struct pcbscope_info info;
	unsigned int i, j;
	void *area;

	memset(room, FILL, ROOM);
	area = mmap(NULL, ROOM, PROT_READ, MAP_SHARED, fd, 0);
	count(tally, area == MAP_FAILED ? -errno : 0, expected, how, "mmap", 0);
	count(tally, device_info(fd, &info), expected, how, "info", 0);
	count(tally, ask_schema(fd), expected, how, "schema", 0);
	count(tally, device_query(fd, &walk), expected, how, "walk", 0);
	for (i = 0; i < tally->nr_targets; i++)
		for (j = 0; j < 4; j++)
			query_target(fd, expected, tally, how, tally->targets[i], flags[j]);
	if (expected)
		count(tally, ioctl(fd, _IO(PCBSCOPE_IOC_MAGIC, 99)) ? -errno : 0, expected, how,
		      "unknown request", 0);
	/* The device has no read and no write at all. */
	if (read(fd, room, ROOM) >= 0 || write(fd, room, 1) >= 0)
		tally_wrong(tally, "%s: the device can be read or written", how);
	if (area != MAP_FAILED)
		munmap(area, ROOM);
}

static int result(ssize_t got)
{
	return got < 0 ? -errno : 0;
}

static int read_parts(int fd)
{
	struct iovec parts[2] = { { room, 100 }, { room + 100, 100 } };

	return result(readv(fd, parts, 2));
}

/* By way of the kernel: to a file, to a pipe. */
static int send_on(int fd, bool by_splice)
{
	int to = by_splice ? -1 : memfd_create("to", MFD_CLOEXEC), ends[2] = { -1, -1 };
	off_t at = 0;
	int error;

	if (by_splice && pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -EIO;
	error = result(by_splice ? splice(fd, NULL, ends[1], NULL, 4096, 0) :
		       sendfile(to, fd, &at, 4096));
	close(to);
	close(ends[0]);
	close(ends[1]);
	return error;
}

void use_text(int fd, int expected, struct tally *tally, const char *how)
{
	char pid[16];
	unsigned int i;

	memset(room, FILL, ROOM);
	count(tally, result(pread(fd, room, 1000, 0)), expected, how, "pread", 0);
	count(tally, result(read(fd, room, 1000)), expected, how, "read", 0);
	count(tally, read_parts(fd), expected, how, "readv", 0);
	count(tally, send_on(fd, true), expected, how, "splice", 0);
	count(tally, send_on(fd, false), expected, how, "sendfile", 0);
	if (!expected || (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDWR)
		return;
	for (i = 0; i < tally->nr_targets; i++) {
		snprintf(pid, sizeof(pid), "%d", tally->targets[i]);
		count(tally, result(write(fd, pid, strlen(pid))), expected, how, "write",
		      tally->targets[i]);
		count(tally, result(pread(fd, room, 1000, 0)), expected, how, "pread",
		      tally->targets[i]);
	}
}

void use_after_exec(int tally_fd, int device, int text, int expected)
{
	struct tally *tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE, MAP_SHARED,
				   tally_fd, 0);

	if (tally == MAP_FAILED)
		_exit(101);
	use_device(device, expected, tally, "after exec");
	use_text(text, expected, tally, "after exec");
	_exit(0);
}
