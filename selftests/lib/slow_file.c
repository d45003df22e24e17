// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "slow_file.h"

#define FILE_NODE 2

static void answer(int fd, const struct fuse_in_header *in, int error, const void *data,
		   size_t bytes)
{
	struct fuse_out_header out = {
		.len = sizeof(out) + bytes, .error = error, .unique = in->unique,
	};
	struct iovec parts[] = { { &out, sizeof(out) }, { (void *)data, bytes } };

	if (writev(fd, parts, 2) < 0 && errno != ENOENT)
		_exit(103);
}

static struct fuse_attr attributes(unsigned long node)
{
	return (struct fuse_attr) {
		.ino = node, .nlink = 1, .size = node == FILE_NODE ? SLOW_FILE_BYTES : 0,
		.mode = node == FILE_NODE ? S_IFREG | 0444 : S_IFDIR | 0555,
	};
}

static void serve(struct child *self, int fd, const struct fuse_in_header *in)
{
	struct fuse_init_out init = {
		.major = FUSE_KERNEL_VERSION, .minor = 31, .max_write = SLOW_FILE_BYTES,
	};
	struct fuse_entry_out entry = { .nodeid = FILE_NODE, .attr = attributes(FILE_NODE) };
	struct fuse_attr_out attr = { .attr = attributes(in->nodeid) };
	struct fuse_open_out open = { .fh = 1 };

	switch (in->opcode) {
	case FUSE_READ:			/* no answer is the point of it all */
		return child_tell(self, 1);
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		return;
	case FUSE_INIT:
		return answer(fd, in, 0, &init, sizeof(init));
	case FUSE_LOOKUP:
		return answer(fd, in, 0, &entry, sizeof(entry));
	case FUSE_GETATTR:
		return answer(fd, in, 0, &attr, sizeof(attr));
	case FUSE_OPEN:
		return answer(fd, in, 0, &open, sizeof(open));
	case FUSE_RELEASE:
		return answer(fd, in, 0, NULL, 0);
	default:
		return answer(fd, in, -ENOSYS, NULL, 0);
	}
}

static void server(struct child *self, void *folder)
{
	static char buf[2 * FUSE_MIN_READ_BUFFER] __attribute__((aligned(8)));
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[96];
	ssize_t bytes;

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (fd < 0 || mount("slow", folder, "fuse", MS_NOSUID | MS_NODEV, options))
		_exit(103);
	child_ready(self);
	while ((bytes = read(fd, buf, sizeof(buf))) > 0 || errno == EINTR || errno == ENOENT)
		if (bytes > 0)
			serve(self, fd, (const struct fuse_in_header *)buf);
}

bool slow_file_start(struct slow_file *file)
{
	strcpy(file->folder, "/tmp/slow-XXXXXX");
	if (!mkdtemp(file->folder))
		return false;
	snprintf(file->path, sizeof(file->path), "%s/file", file->folder);
	/* Debian's kernels have it as a module. */
	if (access("/dev/fuse", F_OK) && system("modprobe fuse"))
		return false;
	return !child_make(&file->server, 0, server, file->folder);
}

bool slow_file_is_awaited(struct slow_file *file)
{
	unsigned long long one;

	return child_hear(&file->server, &one);
}

void slow_file_end(struct slow_file *file)
{
	if (file->server.pid > 0)
		child_end(&file->server);
	umount2(file->folder, MNT_DETACH);
	rmdir(file->folder);
}
