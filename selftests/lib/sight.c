// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device.h"
#include "records.h"
#include "sight.h"
#include "text.h"

#define AREA (1UL << 20)

static const struct way table[] = {
	{ "device, copied", COPIED, .threads = true, .step = AREA },
	{ "device, copied in small steps", COPIED, .threads = true, .step = 4096 },
	{ "device, mapped", MAPPED, .threads = true, .step = AREA },
	{ "device, all groups", COPIED, .threads = true, .groups = ALL_GROUPS, .step = AREA },
	{ "device, a list of threads", LISTED, .threads = true, .any_order = true, .step = AREA },
	{ "tasks", TEXT, .threads = true, .path = PROC_DIR "/tasks" },
	{ "tree", TEXT, .threads = true, .any_order = true, .path = PROC_DIR "/tree" },
	{ "device, processes", COPIED, .step = AREA },
	{ "device, processes, all groups", COPIED, .groups = ALL_GROUPS, .step = AREA },
	{ "device, mapped processes", MAPPED, .step = AREA },
	{ "tasks, processes", TEXT, .path = PROC_DIR "/tasks" },
	{ "tree, processes", TEXT, .any_order = true, .path = PROC_DIR "/tree" },
};

static const struct way by_procfs[] = {
	{ "procfs, processes", PROCFS, .threads = false },
	{ "procfs", PROCFS, .threads = true },
};

const struct way *ways(unsigned int *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

const struct way *way_by_procfs(bool threads)
{
	return &by_procfs[threads];
}

static int add(struct sight *s, unsigned int tid, unsigned int pid)
{
	unsigned int room = s->room ? 2 * s->room : 4096;

	if (s->nr == s->room) {
		s->tids = realloc(s->tids, room * sizeof(*s->tids));
		s->pids = realloc(s->pids, room * sizeof(*s->pids));
		if (!s->tids || !s->pids)
			return -ENOMEM;
		s->room = room;
	}
	s->tids[s->nr] = tid;
	s->pids[s->nr++] = pid;
	return 0;
}

static int add_records(struct sight *s, const void *buf, size_t bytes)
{
	struct walk chunk = { .buf = (void *)buf, .bytes = bytes };
	const struct pcbscope_record *record;
	int error = 0;

	for_each_record(&chunk, record) {
		const struct pcbscope_identity *id = record_identity(record);

		error = error ? error : add(s, id->tid, id->pid);
	}
	return error;
}

static int by_device(const struct way *way, int fd, const __u32 *pids, unsigned int nr,
		     struct sight *sight, unsigned int *listed)
{
	bool mapped = way->medium == MAPPED;
	void *buf = mmap(NULL, way->step, mapped ? PROT_READ : PROT_READ | PROT_WRITE,
			 mapped ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, mapped ? fd : -1, 0);
	struct pcbscope_query query = {
		.groups = way->groups,
		.flags = (mapped ? PCBSCOPE_QUERY_MAPPED : 0) |
			(way->threads && !pids ? PCBSCOPE_QUERY_THREADS : 0) |
			(pids ? PCBSCOPE_QUERY_TIDS : 0),
		.buf = mapped ? 0 : (uintptr_t)buf,
		.buf_bytes = way->step,
		.pids = (uintptr_t)pids,
		.nr_pids = nr,
	};
	int error = buf == MAP_FAILED ? -errno : 0;

	while (!error) {
		error = device_query(fd, &query);
		if (error == -EINTR)
			error = 0;
		else if (!error)
			*listed += query.nr_records;
		if (!error && sight)
			error = add_records(sight, buf, query.used_bytes);
		if (!query.cursor)
			break;
	}
	if (buf != MAP_FAILED)
		munmap(buf, way->step);
	return error;
}

/* Lines, without the heading, in a text that stays in the file's own pieces. */
static int count_lines(int fd, unsigned int *listed)
{
	static char piece[1 << 16];
	ssize_t got, i;

	while ((got = read(fd, piece, sizeof(piece))) > 0)
		for (i = 0; i < got; i++)
			*listed += piece[i] == '\n';
	--*listed;
	return got < 0 ? -errno : 0;
}

static int by_text(const struct way *way, struct sight *sight, unsigned int *listed)
{
	const char *words = way->threads ? "threads" : "processes";
	struct table *table;
	unsigned int row;
	int error = 0, fd;

	if (!sight) {
		fd = open(way->path, O_RDWR | O_CLOEXEC);
		if (fd < 0 || write(fd, words, strlen(words)) < 0)
			return -errno;
		error = count_lines(fd, listed);
		close(fd);
		return error;
	}
	table = table_read(way->path, words);
	if (!table)
		return -errno;
	if (table->fault)
		error = -EPROTO;
	for (row = 0; !error && row < table->nr_rows; row++)
		error = add(sight, table_number(table, row, "tid"),
			    table_number(table, row, "pid"));
	table_free(table);
	return error;
}

static int list_threads(const char *pid, struct sight *sight)
{
	struct dirent *entry;
	char path[300];
	int error = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	dir = opendir(path);
	while (dir && !error && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			error = add(sight, atoi(entry->d_name), atoi(pid));
	if (dir)
		closedir(dir);
	return error;
}

static int list_procfs(const struct way *way, struct sight *sight)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	int error = dir ? 0 : -errno;

	while (!error && (entry = readdir(dir))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		error = way->threads ? list_threads(entry->d_name, sight) :
			add(sight, atoi(entry->d_name), atoi(entry->d_name));
	}
	if (dir)
		closedir(dir);
	return error;
}

int sight_take(const struct way *way, int fd, const __u32 *pids, unsigned int nr,
	       struct sight *sight)
{
	unsigned int listed = 0;

	memset(sight, 0, sizeof(*sight));
	switch (way->medium) {
	case PROCFS:
		return list_procfs(way, sight);
	case TEXT:
		return by_text(way, sight, &listed);
	case LISTED:
		return by_device(way, fd, pids, nr, sight, &listed);
	default:
		return by_device(way, fd, NULL, 0, sight, &listed);
	}
}

int sight_measure(const struct way *way, int fd, unsigned int *listed)
{
	*listed = 0;
	if (way->medium == TEXT)
		return by_text(way, NULL, listed);
	return by_device(way, fd, NULL, 0, NULL, listed);
}

void sight_free(struct sight *sight)
{
	free(sight->tids);
	free(sight->pids);
	memset(sight, 0, sizeof(*sight));
}
