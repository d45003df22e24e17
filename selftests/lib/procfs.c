// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "procfs.h"

ssize_t file_read(const char *path, void *buf, size_t bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t done = 0;
	ssize_t got = 0;

	if (fd < 0)
		return -errno;
	while (done < bytes - 1) {
		got = read(fd, (char *)buf + done, bytes - 1 - done);
		if (got <= 0)
			break;
		done += got;
	}
	if (got < 0)
		got = -errno;
	close(fd);
	((char *)buf)[done] = '\0';
	return got < 0 ? got : (ssize_t)done;
}

bool file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done;

	if (fd < 0)
		return false;
	done = write(fd, text, strlen(text));
	close(fd);
	return done == (ssize_t)strlen(text);
}

static void proc_path(char *path, size_t bytes, pid_t pid, pid_t tid, const char *name)
{
	if (tid)
		snprintf(path, bytes, "/proc/%d/task/%d/%s", pid, tid, name);
	else
		snprintf(path, bytes, "/proc/%d/%s", pid, name);
}

ssize_t proc_read(pid_t pid, pid_t tid, const char *name, void *buf, size_t bytes)
{
	char path[96];

	proc_path(path, sizeof(path), pid, tid, name);
	return file_read(path, buf, bytes);
}

ssize_t proc_link(pid_t pid, const char *name, char *buf, size_t bytes)
{
	char path[96];
	ssize_t got;

	proc_path(path, sizeof(path), pid, 0, name);
	got = readlink(path, buf, bytes - 1);
	if (got < 0)
		return -errno;
	buf[got] = '\0';
	return got;
}

bool proc_stat(pid_t pid, pid_t tid, struct proc_stat *stat)
{
	char text[2048], *open, *close, *at;
	int i;

	memset(stat, 0, sizeof(*stat));
	if (proc_read(pid, tid, "stat", text, sizeof(text)) <= 0)
		return false;
	open = strchr(text, '(');
	close = strrchr(text, ')');
	if (!open || !close || close - open > (long)sizeof(stat->comm))
		return false;
	memcpy(stat->comm, open + 1, close - open - 1);
	stat->value[1] = atoi(text);
	stat->letter = close[2];
	at = close + 3;
	for (i = 4; i < PROC_STAT_FIELDS; i++)
		stat->value[i] = (long long)strtoull(at, &at, 10);
	return true;
}

bool key_text(const char *lines, const char *key, char *value, size_t bytes)
{
	size_t length = strlen(key), end;
	const char *at = lines;

	while (at && *at) {
		if (!strncmp(at, key, length) && at[length] == ':') {
			at += length + 1;
			at += strspn(at, " \t");
			end = strcspn(at, "\n");
			if (end >= bytes)
				return false;
			memcpy(value, at, end);
			value[end] = '\0';
			return true;
		}
		at = strchr(at, '\n');
		if (at)
			at++;
	}
	return false;
}

bool key_numbers(const char *lines, const char *key, long long *values, unsigned int count)
{
	char text[512], *at = text, *end;
	unsigned int i;

	if (!key_text(lines, key, text, sizeof(text)))
		return false;
	for (i = 0; i < count; i++) {
		values[i] = strtoll(at, &end, 10);
		if (end == at)
			return false;
		at = end;
	}
	if (!strcmp(at, " kB"))
		for (i = 0; i < count; i++)
			values[i] *= 1024;
	return true;
}

bool status_numbers(pid_t pid, pid_t tid, const char *key, long long *values,
		    unsigned int count)
{
	char text[8192];

	if (proc_read(pid, tid, "status", text, sizeof(text)) <= 0)
		return false;
	return key_numbers(text, key, values, count);
}

long long status_number(pid_t pid, pid_t tid, const char *key)
{
	long long value;

	return status_numbers(pid, tid, key, &value, 1) ? value : -1;
}

long long ns_inode(pid_t pid, const char *name)
{
	char link[64], path[32], *bracket;

	snprintf(path, sizeof(path), "ns/%s", name);
	if (proc_link(pid, path, link, sizeof(link)) < 0)
		return -1;
	bracket = strchr(link, '[');
	return bracket ? atoll(bracket + 1) : -1;
}

bool parse_cpu_list(const char *text, unsigned long long *words, unsigned int count)
{
	unsigned long first, last;
	char *end;

	memset(words, 0, count * sizeof(*words));
	while (*text) {
		first = strtoul(text, &end, 10);
		last = *end == '-' ? strtoul(end + 1, &end, 10) : first;
		if (end == text || last >= 64UL * count)
			return false;
		for (; first <= last; first++)
			words[first / 64] |= 1ULL << first % 64;
		text = *end == ',' ? end + 1 : end;
		if (*end && *end != ',')
			return false;
	}
	return true;
}
