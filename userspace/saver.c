// SPDX-License-Identifier: GPL-2.0
/*
 * saver.c - write records as they pass, in the format of source_file.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"
#include "source_file.h"

#define CHUNK_BYTES	(64 * 1024)

/**
 * struct saver - a recording being written
 * @path: where it shall be
 * @temporary: where it is until it is complete, or NULL: written in place
 * @fd: where it is written
 * @error: errno of the first write that failed
 * @crc: of all that was written
 * @bytes: written
 * @nr_records: written
 * @pending: payload of the RECORDS chunk being filled
 * @nr_pending: records in it
 */
struct saver {
	const char *path;
	char *temporary;
	int fd;
	int error;
	uint32_t crc;
	uint64_t bytes;
	uint64_t nr_records;
	struct buf pending;
	uint64_t nr_pending;
};

/* For the signal handler: the file to remove, or NULL. */
static char *volatile unfinished;

static void on_signal(int number)
{
	if (unfinished)
		unlink(unfinished);
	signal(number, SIG_DFL);
	raise(number);
}

static void clean_up_on_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (signal(numbers[i], on_signal) == SIG_IGN)
			signal(numbers[i], SIG_IGN);
}

static bool in_place(const char *path)
{
	struct stat st;

	return strcmp(path, "-") == 0 ||
	       (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

static int open_in_place(const char *path)
{
	if (strcmp(path, "-") == 0)
		return dup(STDOUT_FILENO);
	return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
}

static int open_temporary(struct saver *saver)
{
	struct buf name = { 0 };
	int fd;

	buf_puts(&name, saver->path);
	buf_puts(&name, ".XXXXXX");
	saver->temporary = name.data;
	clean_up_on_signals();
	fd = mkostemp(saver->temporary, O_CLOEXEC);
	unfinished = fd < 0 ? NULL : saver->temporary;
	return fd;
}

/**
 * saver_open() - prepare to write a recording
 * @saver: result
 * @path: a file to replace, a device or pipe to write to, or "-" for stdout
 *
 * A file appears under its name, with mode 0600, when it is complete, and not
 * before: what was there stays if anything goes wrong.
 */
enum status saver_open(struct saver **saver, const char *path)
{
	struct saver *new = xcalloc(1, sizeof(*new));

	new->path = path;
	new->fd = in_place(path) ? open_in_place(path) : open_temporary(new);
	if (new->fd < 0) {
		err("cannot write the recording '%s': %s; name a file in a folder you may write to",
		    path, strerror(errno));
		free(new->temporary);
		free(new);
		return STATUS_FAILURE;
	}
	*saver = new;
	return STATUS_OK;
}

static void put(struct saver *saver, const void *bytes, size_t len)
{
	const char *p = bytes;

	saver->crc = crc32_add(saver->crc, bytes, len);
	saver->bytes += len;
	while (len && !saver->error) {
		ssize_t done = write(saver->fd, p, len);

		if (done < 0 && errno != EINTR)
			saver->error = errno;
		if (done <= 0)
			continue;
		p += done;
		len -= (size_t)done;
	}
}

static void put_chunk(struct saver *saver, uint32_t type, uint64_t nr,
		      const void *payload, size_t bytes)
{
	struct recording_chunk chunk = { .type = type, .bytes = bytes,
					 .nr = nr };

	chunk.crc = crc32_add(0, &chunk, sizeof(chunk));
	chunk.crc = crc32_add(chunk.crc, payload, bytes);
	put(saver, &chunk, sizeof(chunk));
	put(saver, payload, bytes);
}

static void put_schema(struct saver *saver, const struct schema *schema)
{
	static const char zeros[8];
	struct recording_schema head = {
		.blob_bytes = schema->blob_bytes,
		.nr_groups = schema->shape.nr_groups,
		.nr_fields = schema->shape.nr_fields,
		.nr_words = schema->shape.nr_words,
		.group_bytes = schema->shape.group_bytes,
		.field_bytes = schema->shape.field_bytes,
		.word_bytes = schema->shape.word_bytes,
	};
	struct buf payload = { 0 };

	buf_add(&payload, &head, sizeof(head));
	buf_add(&payload, schema->blob, schema->blob_bytes);
	buf_add(&payload, zeros, ALIGN8(payload.len) - payload.len);
	put_chunk(saver, RECORDING_SCHEMA, 0, payload.data, payload.len);
	buf_free(&payload);
}

/** saver_begin() - write all that comes before the records */
void saver_begin(struct saver *saver, const struct source *source)
{
	struct recording_head head = { .byte_order = RECORDING_BYTE_ORDER,
				       .version = RECORDING_VERSION };
	struct recording_walk walk = {
		.groups = source->walk.groups | PCBSCOPE_GROUP_IDENTITY,
		.flags = source->walk.flags,
		.states = source->walk.states,
		.boottime_ns = source->walk.boottime_ns,
		.generation = source->walk.generation,
		.nr_pids = source->walk.nr_pids,
	};

	memcpy(head.magic, RECORDING_MAGIC, sizeof(head.magic));
	put(saver, &head, sizeof(head));
	put_chunk(saver, RECORDING_INFO, 0, &source->info,
		  sizeof(source->info));
	put_schema(saver, &source->schema);
	put_chunk(saver, RECORDING_WALK, 0, &walk, sizeof(walk));
}

static void flush_records(struct saver *saver)
{
	if (saver->nr_pending)
		put_chunk(saver, RECORDING_RECORDS, saver->nr_pending,
			  saver->pending.data, saver->pending.len);
	saver->nr_records += saver->nr_pending;
	saver->nr_pending = 0;
	buf_reset(&saver->pending);
}

void saver_add(struct saver *saver, const struct pcbscope_record *record)
{
	buf_add(&saver->pending, record, record->bytes);
	saver->nr_pending++;
	if (saver->pending.len >= CHUNK_BYTES)
		flush_records(saver);
}

static void put_end(struct saver *saver)
{
	struct recording_end end = { .crc = saver->crc };

	end.nr_records = saver->nr_records;
	end.file_bytes = saver->bytes + sizeof(struct recording_chunk) +
			 sizeof(end);
	put_chunk(saver, RECORDING_END, 0, &end, sizeof(end));
}

static int finish(struct saver *saver)
{
	if (close(saver->fd) < 0 && !saver->error)
		saver->error = errno;
	saver->fd = -1;
	if (saver->error || !saver->temporary)
		return saver->error;
	if (rename(saver->temporary, saver->path) < 0)
		return errno;
	unfinished = NULL;
	free(saver->temporary);
	saver->temporary = NULL;
	return 0;
}

/** saver_commit() - complete the recording and give it its name */
enum status saver_commit(struct saver *saver)
{
	int error;

	flush_records(saver);
	put_end(saver);
	error = finish(saver);
	if (!error)
		return STATUS_OK;
	if (error != EPIPE)
		err("cannot write the recording '%s': %s; nothing was saved",
		    saver->path, strerror(error));
	return STATUS_FAILURE;
}

/** saver_drop() - forget a recording; what is not complete leaves no file */
void saver_drop(struct saver *saver)
{
	if (saver->fd >= 0)
		close(saver->fd);
	if (saver->temporary)
		unlink(saver->temporary);
	unfinished = NULL;
	free(saver->temporary);
	buf_free(&saver->pending);
	free(saver);
}
