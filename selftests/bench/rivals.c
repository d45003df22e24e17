// SPDX-License-Identifier: GPL-2.0
/* rivals.c - the rivals that read /proc: a tight reader in C, and ps. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

struct entry {		/* what getdents64(2) fills */
	__u64 inode;
	__s64 offset;
	unsigned short bytes;
	unsigned char type;
	char name[];
};

typedef long (*visit_fn)(const struct variant *v, int dir, const char *name);

static char text[1 << 16];

static bool is_number(const char *name)
{
	return *name >= '0' && *name <= '9';
}

static void read_file(int dir, const char *path)
{
	int fd = openat(dir, path, O_RDONLY);

	if (fd < 0)
		return;
	if (read(fd, text, sizeof(text)) < 0)
		perror("bench: read");
	close(fd);
}

/* stpcpy, not snprintf: a tight reader would do no less. */
static long read_task(const struct variant *v, int dir, const char *name)
{
	char path[64];
	char *end = stpcpy(path, name);

	strcpy(end, "/stat");
	read_file(dir, path);
	if (v->file) {
		strcpy(end, v->file);
		read_file(dir, path);
	}
	return 1;
}

static long visit_numbers(const struct variant *v, int dir, visit_fn visit)
{
	char entries[1 << 15] __attribute__((aligned(8)));
	long n = 0, bytes, at;

	while ((bytes = syscall(SYS_getdents64, dir, entries,
				sizeof(entries))) > 0) {
		for (at = 0; at < bytes;) {
			struct entry *e = (struct entry *)(entries + at);

			at += e->bytes;
			if (is_number(e->name))
				n += visit(v, dir, e->name);
		}
	}
	return n;
}

static long read_threads(const struct variant *v, int dir, const char *name)
{
	char path[64];
	long n;
	int fd;

	strcpy(stpcpy(path, name), "/task");
	fd = openat(dir, path, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return 0;
	n = visit_numbers(v, fd, read_task);
	close(fd);
	return n;
}

long procfs_walk(const struct variant *v)
{
	int dir = open("/proc", O_RDONLY | O_DIRECTORY);
	long n;

	if (dir < 0)
		return -errno;
	n = visit_numbers(v, dir, every_thread ? read_threads : read_task);
	close(dir);
	return n;
}

static void exec_ps(void)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	execlp("ps", "ps", "-eLo",
	       "pid,lwp,ppid,pgid,sess,stat,pri,ni,psr,cls,rtprio,uid,gid,time,"
	       "start_time,vsz,rss,min_flt,maj_flt,comm", NULL);
	_exit(127);
}

/* ps lists itself too; the rows are counted by someone else. */
long ps_walk(const struct variant *v)
{
	pid_t child = vfork();
	int status;

	(void)v;
	if (child < 0)
		return -errno;
	if (!child)
		exec_ps();
	if (waitpid(child, &status, 0) != child || status)
		return -ECHILD;
	return 0;
}
