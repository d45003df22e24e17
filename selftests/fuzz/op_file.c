// SPDX-License-Identifier: GPL-2.0
/* What can be done to any open file: open, close, read, write, seek, poll, splice. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fuzz.h"

static int odd_open_flags(struct worker *w)
{
	static const int modes[] = { O_RDONLY, O_RDONLY, O_RDWR, O_RDWR, O_WRONLY, O_ACCMODE };
	static const int more[] = {
		O_NONBLOCK, O_APPEND, O_TRUNC, O_DIRECTORY, O_NOFOLLOW, O_SYNC, O_DIRECT,
		O_NOATIME, O_PATH, O_CREAT, O_CREAT | O_EXCL, O_TMPFILE, O_ASYNC, O_NOCTTY,
	};
	int flags = O_CLOEXEC | modes[pick(w, COUNT(modes))];

	while (one_in(w, 4))
		flags |= more[pick(w, COUNT(more))];
	return flags;
}

static void settle(struct worker *w, int fd)
{
	dup3(fd, op_fd(w), O_CLOEXEC);
	close(fd);
}

/* Strangers who keep the capability to open would open files of their own: not these. */
void op_open(struct worker *w)
{
	static const char *const no_path[] = {
		NULL, (char *)8, (char *)0xffff888000000000UL, (char *)-4096L,
	};
	const char *path = file_paths[op_file(w)];
	int flags = odd_open_flags(w);
	char again[32];
	long fd;

	if (w->stranger == BY_EGID || w->stranger == BY_GROUPS)
		return;
	if (one_in(w, 16)) {
		snprintf(again, sizeof(again), "/proc/self/fd/%d", op_fd(w));
		path = again;
	}
	if (one_in(w, 64))	/* nothing that might happen to be a name: O_CREAT */
		path = no_path[pick(w, COUNT(no_path))];
	fd = CALL4(w, ON_OPEN, SYS_openat, AT_FDCWD, path, flags, 0600);
	if (fd < 0)
		return;
	if (w->stranger && !(flags & O_PATH))
		fault(w, "%s was opened by a stranger", file_paths[op_file(w)]);
	settle(w, (int)fd);
}

/* Those who cannot open it again keep it. */
void op_close(struct worker *w)
{
	if (!w->born_stranger)
		CALL3(w, ON_CLOSE, SYS_close, op_fd(w), 0, 0);
}

/* Onto another descriptor of the same kind, or away and back. */
void op_dup(struct worker *w)
{
	unsigned int other = pick(w, NR_SLOTS);
	long fd;

	if (slot_kinds[other] == op_file(w) && one_in(w, 2)) {
		CALL3(w, ON_DUP, SYS_dup3, op_fd(w), FIRST_FD + other, O_CLOEXEC);
		return;
	}
	fd = CALL3(w, ON_DUP, SYS_dup, op_fd(w), 0, 0);
	if (fd >= 0)
		close((int)fd);
}

static void check_text(struct worker *w, const struct out *out, long result)
{
	const char *secret;

	if (result < 0)
		return;
	out_check(w, out, (size_t)result);
	secret = out->ours ? secret_in_text((char *)out->at, (size_t)result) : NULL;
	if (secret)
		fault(w, "%s gave away %s", file_paths[op_file(w)], secret);
}

/* False: not every byte goes where it belongs. */
static bool make_vector(struct worker *w, const struct out *out, struct iovec *vector)
{
	size_t i, piece = out->bytes / 5;
	bool exact = out->ours;

	for (i = 0; i < 4; i++) {
		vector[i].iov_base = pointer(w, out->at + i * piece, piece);
		vector[i].iov_len = piece;
		exact &= vector[i].iov_base == out->at + i * piece;
	}
	if (one_in(w, 16)) {
		vector[pick(w, 4)].iov_len = odd_number(w);
		exact = false;
	}
	return exact;
}

static void read_vector(struct worker *w, const struct out *out)
{
	struct iovec *vector = (struct iovec *)(w->arena + OUT_BYTES);
	bool exact = make_vector(w, out, vector);
	unsigned int nr = (unsigned int)pick(w, 5);
	long result;

	if (one_in(w, 4)) {
		CALL6(w, ON_PREAD, SYS_preadv2, op_fd(w), vector, nr, odd_number(w), 0,
		      one_in(w, 4) ? choose(w) & 0x1f : 0);
		return;
	}
	if (one_in(w, 16)) {
		CALL3(w, ON_READ, SYS_readv, op_fd(w), pointer(w, vector, 64), odd_number(w));
		return;
	}
	result = CALL3(w, ON_READ, SYS_readv, op_fd(w), vector, nr);
	if (exact && result >= 0)
		out_check(w, out, (size_t)result);
}

void op_read(struct worker *w)
{
	struct out out = out_buffer(w, odd_size(w));

	switch (pick(w, 4)) {
	case 0:
		read_vector(w, &out);
		break;
	case 1:
		check_text(w, &out, CALL4(w, ON_PREAD, SYS_pread64, op_fd(w), out.at, out.bytes,
					  one_in(w, 2) ? pick(w, 20000) : odd_number(w)));
		break;
	default:
		check_text(w, &out, CALL3(w, ON_READ, SYS_read, op_fd(w), out.at, out.bytes));
	}
}

static size_t odd_words(struct worker *w, char *to)
{
	static const char *const words[] = {
		"threads", "processes", "threads\n", "processes\n", "", "\n", "1", "0", "-1",
		"2", "4194304", "4294967296", "99999999999999999999999", "0x1", " 1", "1 ",
		"thread", "threadsx", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "1\n\n", "%n%s",
	};
	size_t bytes;

	if (one_in(w, 4))
		return (size_t)sprintf(to, "%d\n", getpid());
	if (one_in(w, 3))
		return (size_t)sprintf(to, "%u", (unsigned int)pick(w, 400));
	bytes = (size_t)sprintf(to, "%s", words[pick(w, COUNT(words))]);
	if (one_in(w, 8))
		to[pick(w, bytes + 1)] = (char)choose(w);
	return one_in(w, 8) ? odd_size(w) : bytes;
}

void op_write(struct worker *w)
{
	char *word = (char *)w->arena + OUT_BYTES;
	size_t bytes = odd_words(w, word);
	void *from = pointer(w, word, 64);

	if (one_in(w, 6))
		CALL4(w, ON_PWRITE, SYS_pwrite64, op_fd(w), from, bytes, odd_number(w));
	else
		CALL3(w, ON_WRITE, SYS_write, op_fd(w), from, bytes);
}

void op_lseek(struct worker *w)
{
	long to = one_in(w, 3) ? 0 : one_in(w, 2) ? (long)pick(w, 30000) : (long)odd_number(w);

	CALL3(w, ON_LSEEK, SYS_lseek, op_fd(w), to, one_in(w, 3) ? pick(w, 8) : SEEK_SET);
}

static void poll_by_epoll(struct worker *w)
{
	struct epoll_event event = { .events = (uint32_t)choose(w) };
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd < 0)
		return;
	CALL4(w, ON_EPOLL, SYS_epoll_ctl, fd, EPOLL_CTL_ADD, op_fd(w), &event);
	epoll_wait(fd, &event, 1, 0);
	if (one_in(w, 2))
		CALL4(w, ON_EPOLL, SYS_epoll_ctl, fd, EPOLL_CTL_DEL, op_fd(w), NULL);
	close(fd);
}

void op_poll(struct worker *w)
{
	struct pollfd polled = { .fd = op_fd(w), .events = (short)choose(w) };

	if (one_in(w, 3))
		poll_by_epoll(w);
	else
		CALL3(w, ON_POLL, SYS_poll, &polled, 1, pick(w, 2));
}

void op_fcntl(struct worker *w)
{
	static const int commands[] = {
		F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETOWN, F_GETOWN, F_SETSIG,
		F_GETSIG, F_GETLEASE, F_NOTIFY, F_SETPIPE_SZ, F_GETPIPE_SZ, F_ADD_SEALS,
		F_GET_SEALS, F_OFD_GETLK, F_OFD_SETLK, 1024 + 11 /* F_GET_RW_HINT */, 777,
	};
	static const int flags[] = { 0, O_NONBLOCK, O_APPEND, O_ASYNC, O_DIRECT, O_NOATIME, ~0 };
	struct flock *lock = (struct flock *)(w->arena + OUT_BYTES);
	int command = commands[pick(w, COUNT(commands))];
	uint64_t arg = odd_number(w);

	*lock = (struct flock) { .l_type = (short)pick(w, 4), .l_whence = (short)pick(w, 4) };
	if (command == F_GETLK || command == F_SETLK || command == F_OFD_GETLK ||
	    command == F_OFD_SETLK)
		arg = (uintptr_t)pointer(w, lock, sizeof(*lock));
	else if (command == F_SETFL)
		arg = (uint64_t)flags[pick(w, COUNT(flags))];
	else if (command == F_SETOWN || command == F_SETSIG)
		arg = 0;	/* nobody is to be sent a signal */
	CALL3(w, ON_FCNTL, SYS_fcntl, op_fd(w), command, arg);
}

void op_meta(struct worker *w)
{
	void *good = w->arena + OUT_BYTES;
	int fd = op_fd(w);

	memcpy(good, "user.pcbscope", 14);
	switch (pick(w, 7)) {
	case 0:
		CALL3(w, ON_TRUNCATE, SYS_ftruncate, fd, odd_number(w), 0);
		break;
	case 1:
		CALL4(w, ON_FALLOCATE, SYS_fallocate, fd, pick(w, 128), odd_number(w),
		      odd_number(w));
		break;
	case 2:
		CALL3(w, ON_SYNC, one_in(w, 2) ? SYS_fsync : SYS_fdatasync, fd, 0, 0);
		break;
	case 3:
		CALL3(w, ON_STAT, SYS_fstat, fd, pointer(w, good, sizeof(struct stat)), 0);
		break;
	case 4:
		CALL4(w, ON_STAT, SYS_fgetxattr, fd, pointer(w, good, 16), good, pick(w, 64));
		break;
	case 5:
		CALL3(w, ON_FLOCK, SYS_flock, fd, pick(w, 16) | LOCK_NB, 0);
		break;
	case 6:
		CALL3(w, ON_STAT, SYS_fchdir, fd, 0, 0);
		break;
	}
}

static void drain(struct worker *w)
{
	while (read(w->pipe[0], w->scratch, OUT_BYTES) > 0)
		;
}

void op_splice(struct worker *w)
{
	uint64_t *offset = (uint64_t *)(w->arena + OUT_BYTES);
	void *at = one_in(w, 3) ? pointer(w, offset, 8) : NULL;
	size_t bytes = odd_size(w);
	unsigned int flags = (unsigned int)pick(w, 16) | 2 /* SPLICE_F_NONBLOCK */;

	*offset = one_in(w, 2) ? pick(w, 5000) : odd_number(w);
	if (one_in(w, 4)) {
		if (write(w->pipe[1], "threads", 7) == 7)
			CALL6(w, ON_SPLICE_IN, SYS_splice, w->pipe[0], NULL, op_fd(w), at, bytes,
			      flags);
	} else {
		CALL6(w, ON_SPLICE, SYS_splice, op_fd(w), at, w->pipe[1], NULL, bytes, flags);
	}
	drain(w);
}

void op_copy(struct worker *w)
{
	uint64_t *offset = (uint64_t *)(w->arena + OUT_BYTES);
	void *at = one_in(w, 3) ? pointer(w, offset, 8) : NULL;
	size_t bytes = pick(w, OUT_BYTES);

	*offset = pick(w, 5000);
	if (one_in(w, 2))
		CALL4(w, ON_SENDFILE, SYS_sendfile, one_in(w, 2) ? w->file : w->pipe[1], op_fd(w),
		      at, bytes);
	else
		CALL6(w, ON_COPY, SYS_copy_file_range, op_fd(w), at, w->file, NULL, bytes, 0);
	drain(w);
	if (lseek(w->file, 0, SEEK_SET) || ftruncate(w->file, 0))
		fault(w, "the file of our own cannot be truncated");
}
