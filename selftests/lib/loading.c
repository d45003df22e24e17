// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "loading.h"
#include "pcbscope.h"
#include "procfs.h"
#include "text.h"

static const char *find_beside(char *path, size_t bytes)
{
	char self[256] = "", *slash;
	struct utsname uts;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return NULL;
	slash = strrchr(self, '/');
	*slash = '\0';
	uname(&uts);
	snprintf(path, bytes, "%s/../%s/" MODULE ".ko", self, uts.release);
	if (!access(path, R_OK))
		return path;
	snprintf(path, bytes, "%s/../../" MODULE ".ko", self);
	return access(path, R_OK) ? NULL : path;
}

const char *module_path(void)
{
	static char path[512];
	const char *given = getenv("PCBSCOPE_MODULE");

	if (!given)
		return find_beside(path, sizeof(path));
	return access(given, R_OK) ? NULL : given;
}

int module_load(const char *parameters)
{
	int fd = open(module_path(), O_RDONLY | O_CLOEXEC), error = 0;

	if (fd < 0)
		return -errno;
	if (syscall(SYS_finit_module, fd, parameters, 0))
		error = -errno;
	close(fd);
	return error;
}

int module_unload(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? -errno : 0;
}

bool module_is_loaded(void)
{
	return !access("/sys/module/" MODULE, F_OK);
}

long module_references(void)
{
	char text[32];

	if (file_read("/sys/module/" MODULE "/refcnt", text, sizeof(text)) <= 0)
		return -1;
	return atol(text);
}

const char *module_remains(void)
{
	static const char * const nodes[] = {
		PCBSCOPE_DEVICE, PROC_DIR, "/sys/module/" MODULE, "/sys/class/misc/" MODULE,
		"/sys/devices/virtual/misc/" MODULE,
	};
	static const char * const lists[] = { "/proc/misc", "/proc/modules" };
	static char text[65536];
	unsigned int i;

	for (i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		if (!access(nodes[i], F_OK))
			return nodes[i];
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (file_read(lists[i], text, sizeof(text)) >= 0 && strstr(text, MODULE))
			return lists[i];
	return NULL;
}
