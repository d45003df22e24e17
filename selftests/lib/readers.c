// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"
#include "readers.h"
#include "text.h"

#define PIECE_BYTES 16384	/* no record is longer */
#define AREA_BYTES 65536

struct source {
	int fd;
	enum reader_kind kind;
	unsigned int round;
	struct pcbscope_query query;
};

/* Static: what a reader that was killed had on its heap is nobody's concern. */
static unsigned char piece[PIECE_BYTES] __attribute__((aligned(8)));

static int open_text(struct source *source)
{
	static const char * const paths[READER_KINDS] = {
		[READER_VERSION] = PROC_DIR "/version",
		[READER_TASKS] = PROC_DIR "/tasks",
		[READER_TREE] = PROC_DIR "/tree",
		[READER_STATES] = PROC_DIR "/states",
		[READER_PCB] = PROC_DIR "/pcb",
	};
	const bool writes = source->kind == READER_PCB;

	source->fd = open(paths[source->kind], (writes ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (source->fd < 0 || (writes && write(source->fd, "1", 1) != 1))
		return -errno;
	return 0;
}

static int open_device(struct source *source)
{
	source->query = (struct pcbscope_query) {
		.groups = ALL_GROUPS,
		.flags = PCBSCOPE_QUERY_THREADS,
		.buf = (uintptr_t)piece,
		.buf_bytes = sizeof(piece),
	};
	source->fd = device_open();
	if (source->fd < 0)
		return source->fd;
	if (source->kind == READER_QUERY)
		return 0;
	if (mmap(NULL, AREA_BYTES, PROT_READ, MAP_SHARED, source->fd, 0) == MAP_FAILED)
		return -errno;
	source->query.flags |= PCBSCOPE_QUERY_MAPPED;
	source->query.buf = 0;
	return 0;
}

/* One small step; the listing starts again at its end. */
static int step(struct source *source)
{
	ssize_t got;

	source->round++;
	if (source->kind < READER_FIRST_TEXT)
		return device_query(source->fd, &source->query);
	got = read(source->fd, piece, 1 + source->round * 37 % 400);
	if (!got)
		lseek(source->fd, 0, SEEK_SET);
	return got < 0 ? -errno : 0;
}

/* Errors that a reader may meet while the module goes away. */
static bool is_absence(int error)
{
	return error == ENOENT || error == ENODEV || error == ENXIO || error == EIO;
}

static void read_on(struct child *self, void *arg)
{
	struct reader *reader = arg;
	struct source source = { .kind = reader->kind };
	int error;

	error = source.kind < READER_FIRST_TEXT ? open_device(&source) : open_text(&source);
	if (!error)
		error = step(&source);
	if (reader->holds && source.kind == READER_AREA)
		close(source.fd);
	child_tell(self, -error);
	if (reader->holds)
		child_await(self);
	while (!error) {
		__atomic_store_n(&reader->page->inside, 1, __ATOMIC_SEQ_CST);
		error = step(&source);
		__atomic_store_n(&reader->page->inside, 0, __ATOMIC_SEQ_CST);
		reader->page->calls++;
	}
	if (!is_absence(-error))
		reader->page->odd_error = -error;
}

int reader_start(struct reader *reader)
{
	unsigned long long error = 0;
	int started;

	memset(reader->page, 0, sizeof(*reader->page));
	started = child_start(&reader->child, 0, read_on, reader);
	if (started)
		return started;
	if (!child_hear(&reader->child, &error))
		return -ETIMEDOUT;
	return -(int)error;
}

bool reader_kill(struct reader *reader)
{
	child_end(&reader->child);
	return reader->page->inside;
}

bool reader_ends(struct reader *reader)
{
	struct deadline deadline = deadline_in(DEADLINE_MS);
	pid_t pid;

	do {
		pid = waitpid(reader->child.pid, NULL, WNOHANG);
	} while (!pid && not_yet(deadline));
	if (!pid)
		return false;
	close(reader->child.sock);
	reader->child.pid = 0;
	return true;
}
