// SPDX-License-Identifier: GPL-2.0
/*
 * Memory whose page faults userfaultfd hands to a thread of ours. That thread does
 * something nasty first, closes the very descriptor for one, and answers late.
 */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

#define PAGE 4096UL
#define NR_PAGES 4UL

struct stall {
	pthread_t thread;
	int fd;
	int end[2];
	unsigned char *region;
	unsigned char *content;	/* what the pages are to hold */
	struct worker *w;
	atomic_int close_fd;	/* to be closed, or replaced by the one above */
	atomic_int replace;
	atomic_uint delay_us;
};

static void be_nasty(struct stall *stall)
{
	int fd = atomic_exchange(&stall->close_fd, -1);
	struct timespec delay = { 0 };

	if (fd >= 0 && atomic_load(&stall->replace))
		dup3(SANE_FD, fd, O_CLOEXEC);
	else if (fd >= 0)
		close(fd);
	delay.tv_nsec = 1000L * atomic_load(&stall->delay_us);
	ppoll(NULL, 0, &delay, NULL);
}

static void answer(struct stall *stall, unsigned long address)
{
	struct uffdio_copy copy = {
		.dst = address & ~(PAGE - 1),
		.src = (uintptr_t)stall->content,
		.len = PAGE,
	};
	struct uffdio_range wake = { .start = copy.dst, .len = PAGE };

	/* Given already by a fault on the same page: then only wake. */
	if (ioctl(stall->fd, UFFDIO_COPY, &copy))
		ioctl(stall->fd, UFFDIO_WAKE, &wake);
}

static void *serve(void *arg)
{
	struct stall *stall = arg;
	struct pollfd polled[2] = {
		{ .fd = stall->fd, .events = POLLIN }, { .fd = stall->end[0], .events = POLLIN },
	};
	struct uffd_msg message;

	while (poll(polled, 2, -1) >= 0 || errno == EINTR) {
		if (polled[1].revents)
			break;
		if (read(stall->fd, &message, sizeof(message)) != sizeof(message))
			continue;
		if (message.event != UFFD_EVENT_PAGEFAULT)
			continue;
		be_nasty(stall);
		stall->w->desk->nr_stalls++;
		answer(stall, message.arg.pagefault.address);
	}
	return NULL;
}

static bool watch(struct stall *stall)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { .start = (uintptr_t)stall->region, .len = NR_PAGES * PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};

	stall->fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	return stall->fd >= 0 && !ioctl(stall->fd, UFFDIO_API, &api) &&
		!ioctl(stall->fd, UFFDIO_REGISTER, &range);
}

static unsigned char *pages(size_t bytes)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS;

#ifdef MAP_32BIT
	flags |= MAP_32BIT;
#endif
	return mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
}

struct stall *stall_begin(struct worker *w)
{
	struct stall *stall = calloc(1, sizeof(*stall));

	if (!stall)
		return NULL;
	stall->w = w;
	stall->close_fd = -1;
	stall->region = pages(NR_PAGES * PAGE);
	stall->content = pages(PAGE);
	if (stall->region == MAP_FAILED || stall->content == MAP_FAILED ||
	    pipe2(stall->end, O_CLOEXEC) || !watch(stall) ||
	    pthread_create(&stall->thread, NULL, serve, stall))
		abort();
	return stall;
}

void stall_end(struct stall *stall)
{
	if (!stall)
		return;
	close(stall->end[1]);
	pthread_join(stall->thread, NULL);
	close(stall->fd);
	close(stall->end[0]);
	munmap(stall->region, NR_PAGES * PAGE);
	munmap(stall->content, PAGE);
	free(stall);
}

/* An address in pages that are not there, to hold @content when they come. */
void *stall_arm(struct worker *w, const void *content, size_t bytes)
{
	static const unsigned int delays[] = { 0, 50, 500, 2000, 10000, 60000 };
	uintptr_t at = (uintptr_t)content - (uintptr_t)w->arena;
	struct stall *stall = w->stall;
	int what = (int)pick(w, 4);

	/* What is to be read may be no memory at all, or end where addresses do. */
	if (at < ARENA_BYTES && bytes <= ARENA_BYTES - at)
		memcpy(stall->content, content, bytes);
	madvise(stall->region, NR_PAGES * PAGE, MADV_DONTNEED);
	atomic_store(&stall->delay_us, delays[pick(w, COUNT(delays))]);
	atomic_store(&stall->replace, what == 1 && op_file(w) == DEVICE);
	atomic_store(&stall->close_fd, what < 2 && !w->born_stranger ? op_fd(w) : -1);
	return stall->region + pick(w, NR_PAGES) * PAGE;
}
