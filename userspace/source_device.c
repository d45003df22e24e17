// SPDX-License-Identifier: GPL-2.0
/*
 * source_device.c - records from the module. The only caller of ioctl(2).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "source.h"

#define BUFFER_BYTES		(128 * 1024)
#define BUFFER_BYTES_MAX	(64 * 1024 * 1024)
#define SCHEMA_BYTES		(32 * 1024)
#define PIDS_AT_ONCE		1024

/**
 * struct device - the open device and the walk under way
 * @fd: /dev/pcbscope
 * @buffer: records of the last reply
 * @size: of @buffer
 * @at: offset of the next record
 * @query: the request; its cursor tells whether there is more
 * @request: what the command asked for
 * @next_pid: pids of @request that were sent
 */
struct device {
	int fd;
	char *buffer;
	size_t size;
	size_t at;
	struct pcbscope_query query;
	struct request request;
	uint32_t next_pid;
};

static enum status complain_open(int error)
{
	switch (error) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		if (!access(PCBSCOPE_LOADED, F_OK)) {
			err("cannot open %s: %s: the module is loaded, but its device is not here; in a container run it outside, else load the module again so that the device is made anew",
			    PCBSCOPE_DEVICE, strerror(error));
			return STATUS_NO_MODULE;
		}
		err("cannot open %s: %s: the module is not loaded; load it with 'sudo modprobe pcbscope' or 'sudo insmod pcbscope.ko', or see 'pcbscope doctor'",
		    PCBSCOPE_DEVICE, strerror(error));
		return STATUS_NO_MODULE;
	case EACCES:
	case EPERM:
		err("cannot open %s: %s: it is for root and for holders of CAP_SYS_PTRACE, outside of containers; try 'sudo pcbscope ...', or see 'pcbscope doctor'",
		    PCBSCOPE_DEVICE, strerror(error));
		return STATUS_FAILURE;
	case EMFILE:
	case ENFILE:
	case EBUSY:
		err("cannot open %s: %s: too many files are open, or too many readers at once; close some and try again",
		    PCBSCOPE_DEVICE, strerror(error));
		return STATUS_FAILURE;
	default:
		err("cannot open %s: %s; see 'pcbscope doctor'",
		    PCBSCOPE_DEVICE, strerror(error));
		return STATUS_FAILURE;
	}
}

static enum status get_info(int fd, struct pcbscope_info *info)
{
	memset(info, 0, sizeof(*info));
	if (ioctl(fd, PCBSCOPE_IOC_INFO, info) < 0) {
		err("cannot ask %s for its version: %s: it is not the pcbscope module, or one too different from this companion; install both from one release",
		    PCBSCOPE_DEVICE, strerror(errno));
		return STATUS_NO_MODULE;
	}
	info->module_version[sizeof(info->module_version) - 1] = '\0';
	info->kernel_release[sizeof(info->kernel_release) - 1] = '\0';
	info->arch[sizeof(info->arch) - 1] = '\0';
	if (info->abi_major == PCBSCOPE_ABI_MAJOR)
		return STATUS_OK;
	err("cannot use the loaded module: it speaks ABI %u, this companion ABI %d; install both from one release and reload the module",
	    info->abi_major, PCBSCOPE_ABI_MAJOR);
	return STATUS_NO_MODULE;
}

static int ask_schema(int fd, struct buf *blob, struct pcbscope_schema *answer)
{
	size_t size = SCHEMA_BYTES;

	for (;;) {
		blob->data = xrealloc(blob->data, size, 1);
		blob->size = size;
		memset(answer, 0, sizeof(*answer));
		answer->buf = (uintptr_t)blob->data;
		answer->buf_bytes = size;
		if (ioctl(fd, PCBSCOPE_IOC_SCHEMA, answer) == 0)
			return 0;
		if (errno != EOVERFLOW || answer->used_bytes <= size ||
		    answer->used_bytes > BUFFER_BYTES_MAX)
			return -errno;
		size = answer->used_bytes;
	}
}

static enum status get_schema(int fd, struct schema *schema)
{
	struct pcbscope_schema answer;
	struct buf blob = { 0 };
	struct schema_shape shape;
	int error = ask_schema(fd, &blob, &answer);
	bool ok;

	if (error) {
		err("cannot ask %s for its field list: %s; see 'pcbscope doctor'",
		    PCBSCOPE_DEVICE, strerror(-error));
		buf_free(&blob);
		return STATUS_NO_MODULE;
	}
	shape = (struct schema_shape){
		.nr_groups = answer.nr_groups,
		.nr_fields = answer.nr_fields,
		.nr_words = answer.nr_words,
		.group_bytes = answer.group_bytes,
		.field_bytes = answer.field_bytes,
		.word_bytes = answer.word_bytes,
	};
	ok = answer.used_bytes <= blob.size &&
	     schema_load(schema, blob.data, answer.used_bytes, &shape);
	buf_free(&blob);
	if (ok)
		return STATUS_OK;
	err("cannot use the field list of %s: it is not well-formed; install module and companion from one release",
	    PCBSCOPE_DEVICE);
	return STATUS_NO_MODULE;
}

static void send_pids(struct device *device)
{
	const struct request *request = &device->request;
	uint32_t left = request->nr_pids - device->next_pid;
	uint32_t count = left < PIDS_AT_ONCE ? left : PIDS_AT_ONCE;

	device->query.pids = (uintptr_t)(request->pids + device->next_pid);
	device->query.nr_pids = count;
	device->next_pid += count;
	device->query.cursor = 0;
}

static bool grow(struct device *device)
{
	uint64_t needed = device->query.needed_bytes;

	if (needed <= device->size || needed > BUFFER_BYTES_MAX)
		return false;
	free(device->buffer);
	device->size = needed;
	device->buffer = xmalloc(needed);
	return true;
}

/* One reply. A process that is the only one listed, and gone, is no error. */
static int fill(struct device *device)
{
	struct pcbscope_query *query = &device->query;

	do {
		query->buf = (uintptr_t)device->buffer;
		query->buf_bytes = device->size;
		query->used_bytes = 0;
		query->needed_bytes = 0;
		query->nr_records = 0;
		device->at = 0;
		if (ioctl(device->fd, PCBSCOPE_IOC_QUERY, query) == 0)
			return 0;
		if (errno == ESRCH && query->nr_pids == 1) {
			query->used_bytes = 0;
			query->cursor = 0;
			return 0;
		}
	} while (errno == EINTR || (errno == EOVERFLOW && grow(device)));
	err("cannot read processes from %s: %s; see 'pcbscope doctor'",
	    PCBSCOPE_DEVICE, strerror(errno));
	return -1;
}

static enum status device_begin(struct source *source,
				const struct request *request)
{
	struct device *device = source->private;

	device->request = *request;
	memset(&device->query, 0, sizeof(device->query));
	device->query.groups = request->groups & source->info.groups;
	device->query.flags = request->flags;
	device->query.states = request->states;
	device->next_pid = 0;
	if (request->nr_pids)
		send_pids(device);
	if (fill(device) < 0)
		return STATUS_FAILURE;
	source->walk = (struct walk){
		.groups = request->groups,
		.flags = request->flags,
		.states = request->states,
		.boottime_ns = device->query.boottime_ns,
		.generation = device->query.generation,
		.nr_pids = request->nr_pids,
	};
	return STATUS_OK;
}

static int refill(struct device *device)
{
	while (device->at >= device->query.used_bytes) {
		if (!device->query.cursor) {
			if (device->next_pid >= device->request.nr_pids)
				return 0;
			send_pids(device);
		}
		if (fill(device) < 0)
			return -1;
	}
	return 1;
}

static int device_next(struct source *source, struct record *record)
{
	struct device *device = source->private;
	size_t used;
	int more = refill(device);

	if (more != 1)
		return more;
	used = device->query.used_bytes;
	record->head = (const void *)(device->buffer + device->at);
	if (used > device->size ||
	    !record_check(record->head, used - device->at, &source->schema)) {
		err("cannot use a record from %s: it is not well-formed; install module and companion from one release",
		    PCBSCOPE_DEVICE);
		return -1;
	}
	device->at += record->head->bytes;
	return 1;
}

static void device_close(struct source *source)
{
	struct device *device = source->private;

	if (!device)
		return;
	close(device->fd);
	free(device->buffer);
	free(device);
}

static const struct source_ops device_ops = {
	.begin = device_begin,
	.next = device_next,
	.close = device_close,
};

/**
 * source_open_device() - open /dev/pcbscope and learn what it can tell
 * @source: filled; to be given to source_close() whatever is returned
 */
enum status source_open_device(struct source *source)
{
	struct device *device;
	enum status status;
	int fd = open(PCBSCOPE_DEVICE, O_RDONLY | O_CLOEXEC);

	memset(source, 0, sizeof(*source));
	if (fd < 0)
		return complain_open(errno);
	device = xcalloc(1, sizeof(*device));
	device->fd = fd;
	source->ops = &device_ops;
	source->name = PCBSCOPE_DEVICE;
	source->private = device;
	status = get_info(fd, &source->info);
	if (status == STATUS_OK)
		status = get_schema(fd, &source->schema);
	if (status != STATUS_OK)
		return status;
	device->size = BUFFER_BYTES;
	if (source->info.record_bytes_max > device->size &&
	    source->info.record_bytes_max <= BUFFER_BYTES_MAX)
		device->size = source->info.record_bytes_max;
	device->buffer = xmalloc(device->size);
	return STATUS_OK;
}

/** source_is_there() - may the device be opened? Says nothing if not. */
bool source_is_there(void)
{
	return access(PCBSCOPE_DEVICE, R_OK) == 0;
}
