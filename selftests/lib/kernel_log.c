// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kernel_log.h"

int kernel_log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	lseek(fd, 0, SEEK_END);
	return fd;
}

static int is_stall(const char *line)
{
	static const char * const words[] = {
		"stall", "lockup", "LOCKUP", "hung_task", "blocked for more than",
	};
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strstr(line, words[i]))
			return 1;
	return 0;
}

unsigned int kernel_log_stalls(int fd, char *first, size_t bytes)
{
	unsigned int found = 0;
	char line[8192];
	ssize_t got;

	for (;;) {
		got = read(fd, line, sizeof(line) - 1);
		if (got < 0 && errno == EPIPE)	/* overwritten before it was read */
			continue;
		if (got <= 0)
			return found;
		line[got] = '\0';
		if (is_stall(line) && !found++)
			snprintf(first, bytes, "%s", line);
	}
}
