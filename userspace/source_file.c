// SPDX-License-Identifier: GPL-2.0
/*
 * source_file.c - records from a recording; the format is in source_file.h.
 *
 * The whole file is read and checked before the first record is given out, so
 * that a damaged one prints nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "source.h"
#include "source_file.h"

#define FILE_BYTES_MAX	(4ULL * 1024 * 1024 * 1024)

/**
 * struct file - a recording in memory
 * @data: all of it
 * @len: its length
 * @at: offset that is being read
 * @records_at: offset of the first chunk behind WALK
 * @chunk_end: end of the RECORDS chunk being given out
 * @nr_records: counted so far
 * @leaders_only: the command wants processes, the recording has threads
 * @pid: field
 * @tid: field
 */
struct file {
	char *data;
	size_t len;
	size_t at;
	size_t records_at;
	size_t chunk_end;
	uint64_t nr_records;
	bool leaders_only;
	const struct field *pid;
	const struct field *tid;
};

static const char *check_head(const struct file *file)
{
	struct recording_head head;

	if (file->len < sizeof(head))
		return "it is not a recording, or was cut short";
	memcpy(&head, file->data, sizeof(head));
	if (memcmp(head.magic, RECORDING_MAGIC, sizeof(head.magic)) != 0)
		return "it is not a recording";
	if (head.byte_order == __builtin_bswap32(RECORDING_BYTE_ORDER))
		return "it comes from a machine of the other byte order; "
		       "read it on one of that kind";
	if (head.byte_order != RECORDING_BYTE_ORDER)
		return "it is damaged";
	if (head.version != RECORDING_VERSION)
		return "it has a version that this companion does not know; "
		       "read it with the pcbscope that wrote it";
	return NULL;
}

/* Stops early at what cannot be a recording: /dev/zero has no end. */
static int read_all(struct file *file, int fd)
{
	size_t size = 0;

	for (;;) {
		ssize_t got;

		if (file->len >= sizeof(struct recording_head) &&
		    check_head(file))
			return 0;
		if (file->len == size) {
			size = size ? size * 2 : 256 * 1024;
			if (size > FILE_BYTES_MAX)
				return -EFBIG;
			file->data = xrealloc(file->data, size, 1);
		}
		got = read(fd, file->data + file->len, size - file->len);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == 0)
			return 0;
		if (got > 0)
			file->len += (size_t)got;
	}
}

static enum status load(struct file *file, const char *path)
{
	bool is_stdin = strcmp(path, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	int error = fd < 0 ? -errno : read_all(file, fd);

	if (fd >= 0 && !is_stdin)
		close(fd);
	if (!error)
		return STATUS_OK;
	err("cannot read the recording '%s': %s; name a file written with --save",
	    path, strerror(-error));
	return STATUS_FAILURE;
}

/* The chunk at file->at, with its CRC checked; NULL if it is not whole. */
static const char *take_chunk(struct file *file, struct recording_chunk *chunk)
{
	struct recording_chunk zeroed;
	const char *payload;
	uint32_t crc;

	if (file->len - file->at < sizeof(*chunk))
		return NULL;
	memcpy(chunk, file->data + file->at, sizeof(*chunk));
	if (chunk->bytes % 8 ||
	    chunk->bytes > file->len - file->at - sizeof(*chunk))
		return NULL;
	payload = file->data + file->at + sizeof(*chunk);
	zeroed = *chunk;
	zeroed.crc = 0;
	crc = crc32_add(0, &zeroed, sizeof(zeroed));
	if (crc32_add(crc, payload, chunk->bytes) != chunk->crc)
		return NULL;
	file->at += sizeof(*chunk) + chunk->bytes;
	return payload;
}

static const char *take_typed(struct file *file, uint32_t type, uint64_t least,
			      uint64_t *bytes)
{
	struct recording_chunk chunk;
	const char *payload = take_chunk(file, &chunk);

	if (!payload || chunk.type != type || chunk.bytes < least)
		return NULL;
	*bytes = chunk.bytes;
	return payload;
}

static bool take_info(struct file *file, struct pcbscope_info *info)
{
	uint64_t bytes;
	const char *payload = take_typed(file, RECORDING_INFO,
					 PCBSCOPE_INFO_SIZE_VER0, &bytes);

	if (!payload)
		return false;
	memcpy(info, payload, bytes < sizeof(*info) ? bytes : sizeof(*info));
	info->module_version[sizeof(info->module_version) - 1] = '\0';
	info->kernel_release[sizeof(info->kernel_release) - 1] = '\0';
	info->arch[sizeof(info->arch) - 1] = '\0';
	return true;
}

static bool take_schema(struct file *file, struct schema *schema)
{
	struct recording_schema head;
	struct schema_shape shape;
	uint64_t bytes;
	const char *payload = take_typed(file, RECORDING_SCHEMA, sizeof(head),
					 &bytes);

	if (!payload)
		return false;
	memcpy(&head, payload, sizeof(head));
	if (head.blob_bytes > bytes - sizeof(head))
		return false;
	shape = (struct schema_shape){
		.nr_groups = head.nr_groups,
		.nr_fields = head.nr_fields,
		.nr_words = head.nr_words,
		.group_bytes = head.group_bytes,
		.field_bytes = head.field_bytes,
		.word_bytes = head.word_bytes,
	};
	return schema_load(schema, payload + sizeof(head), head.blob_bytes,
			   &shape);
}

static bool take_walk(struct file *file, struct walk *walk)
{
	struct recording_walk saved;
	uint64_t bytes;
	const char *payload = take_typed(file, RECORDING_WALK, sizeof(saved),
					 &bytes);

	if (!payload)
		return false;
	memcpy(&saved, payload, sizeof(saved));
	*walk = (struct walk){
		.groups = saved.groups,
		.flags = saved.flags,
		.states = saved.states,
		.boottime_ns = saved.boottime_ns,
		.generation = saved.generation,
		.nr_pids = saved.nr_pids,
	};
	return true;
}

static bool records_ok(struct file *file, const struct schema *schema,
		       const char *payload, const struct recording_chunk *chunk)
{
	size_t at = 0;
	uint64_t nr = 0;

	for (; at < chunk->bytes; nr++) {
		const struct pcbscope_record *head = (const void *)(payload + at);

		if (!record_check(head, chunk->bytes - at, schema))
			return false;
		at += head->bytes;
	}
	file->nr_records += nr;
	return nr == chunk->nr;
}

static bool end_ok(const struct file *file, const char *payload,
		   const struct recording_chunk *chunk)
{
	struct recording_end end;
	size_t before;

	if (chunk->bytes != sizeof(end))
		return false;
	memcpy(&end, payload, sizeof(end));
	before = file->len - sizeof(*chunk) - sizeof(end);
	return file->at == file->len && end.file_bytes == file->len &&
	       end.nr_records == file->nr_records && !end.reserved &&
	       !chunk->nr && end.crc == crc32_add(0, file->data, before);
}

static bool check_records(struct file *file, const struct schema *schema)
{
	for (;;) {
		struct recording_chunk chunk;
		const char *payload = take_chunk(file, &chunk);

		if (!payload)
			return false;
		if (chunk.type == RECORDING_END)
			return end_ok(file, payload, &chunk);
		if (chunk.type != RECORDING_RECORDS ||
		    !records_ok(file, schema, payload, &chunk))
			return false;
	}
}

static const char *check(struct file *file, struct source *source)
{
	static const char damaged[] = "it is damaged or was cut short";
	const char *problem = check_head(file);

	if (problem)
		return problem;
	file->at = sizeof(struct recording_head);
	if (!take_info(file, &source->info))
		return damaged;
	if (source->info.abi_major != PCBSCOPE_ABI_MAJOR)
		return "its module spoke an ABI that this companion does not know; "
		       "read it with the pcbscope that wrote it";
	if (!take_schema(file, &source->schema) ||
	    !take_walk(file, &source->walk))
		return damaged;
	file->records_at = file->at;
	return check_records(file, &source->schema) ? NULL : damaged;
}

static void warn_missing(const struct source *source, uint64_t missing)
{
	struct buf names = { 0 };

	schema_group_names(&source->schema, missing, &names);
	if (names.len)
		err("the recording '%s' lacks what some columns need (%s): they are shown as unknown",
		    source->name, names.data);
	buf_free(&names);
}

/*
 * In a recording of threads, times and faults are those of one thread each. What
 * the process used in all is not their sum: threads that ended are missing.
 */
static enum status adapt(struct source *source, const struct request *request)
{
	struct file *file = source->private;
	uint64_t missing = request->groups & ~source->walk.groups;
	bool has_threads = source->walk.flags & PCBSCOPE_QUERY_THREADS;
	bool wants_threads = request->flags & PCBSCOPE_QUERY_THREADS;

	if (wants_threads && !has_threads) {
		err("the recording '%s' holds processes, not threads; save one with 'pcbscope ps -T --save FILE'",
		    source->name);
		return STATUS_FAILURE;
	}
	file->leaders_only = has_threads && !wants_threads;
	source->hidden = file->leaders_only ? PCBSCOPE_GROUP_CPUTIME : 0;
	missing |= request->groups & source->hidden;
	warn_missing(source, missing);
	return STATUS_OK;
}

static enum status file_begin(struct source *source,
			      const struct request *request)
{
	struct file *file = source->private;

	file->at = file->chunk_end = file->records_at;
	file->pid = schema_field(&source->schema, "pid");
	file->tid = schema_field(&source->schema, "tid");
	return adapt(source, request);
}

static bool is_wanted(const struct file *file, const struct record *record)
{
	if (!file->leaders_only)
		return true;
	return record_number(record, file->pid, 0) ==
	       record_number(record, file->tid, 0);
}

static bool take_record(struct source *source, struct record *record)
{
	struct file *file = source->private;

	while (file->at == file->chunk_end) {
		struct recording_chunk chunk;

		memcpy(&chunk, file->data + file->at, sizeof(chunk));
		if (chunk.type == RECORDING_END)
			return false;
		file->at += sizeof(chunk);
		file->chunk_end = file->at + chunk.bytes;
	}
	record->head = (const void *)(file->data + file->at);
	record->schema = &source->schema;
	record->hidden = 0;
	file->at += record->head->bytes;
	return true;
}

static int file_next(struct source *source, struct record *record)
{
	do {
		if (!take_record(source, record))
			return 0;
	} while (!is_wanted(source->private, record));
	return 1;
}

static void file_close(struct source *source)
{
	struct file *file = source->private;

	free(file->data);
	free(file);
}

static const struct source_ops file_ops = {
	.begin = file_begin,
	.next = file_next,
	.close = file_close,
};

/**
 * source_open_file() - read and check a recording
 * @source: filled; to be given to source_close() whatever is returned
 * @path: a file, or "-" for stdin
 */
enum status source_open_file(struct source *source, const char *path)
{
	struct file *file = xcalloc(1, sizeof(*file));
	enum status status;
	const char *problem;

	memset(source, 0, sizeof(*source));
	source->ops = &file_ops;
	source->name = path;
	source->private = file;
	status = load(file, path);
	if (status != STATUS_OK)
		return status;
	problem = check(file, source);
	if (!problem)
		return STATUS_OK;
	err("cannot use the recording '%s': %s", path, problem);
	return STATUS_FAILURE;
}
