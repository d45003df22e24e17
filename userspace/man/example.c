/* pcbs.c - print pid, state and name of every process. */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "pcbscope.h"

static const char *const word[PCBSCOPE_NR_STATES] = {
	"new", "ready", "running", "waiting", "terminated",
};

static uint64_t buf[16384];		/* 128 KiB, aligned */
static uint32_t group_bytes[64];	/* of each group, by bit number */

/* A newer module may have longer groups: ask for their lengths. */
static void learn(int fd)
{
	struct pcbscope_schema schema = {
		.buf = (uintptr_t)buf,
		.buf_bytes = sizeof(buf),
	};
	const char *at = (const char *)buf;

	if (ioctl(fd, PCBSCOPE_IOC_SCHEMA, &schema) < 0)
		err(1, "PCBSCOPE_IOC_SCHEMA");
	while (schema.nr_groups--) {
		const struct pcbscope_group *group = (const void *)at;

		group_bytes[group->bit % 64] = group->bytes;
		at += schema.group_bytes;
	}
}

static const void *find(const struct pcbscope_record *record, uint64_t want)
{
	const char *at = (const char *)(record + 1);

	if (!(record->groups & want))
		return NULL;
	for (int bit = 0; want != 1ULL << bit; bit++)
		if (record->groups & (1ULL << bit))
			at += group_bytes[bit];
	return at;
}

static void show(const struct pcbscope_record *record)
{
	const struct pcbscope_identity *id;
	const struct pcbscope_state *state;

	id = find(record, PCBSCOPE_GROUP_IDENTITY);
	state = find(record, PCBSCOPE_GROUP_STATE);
	if (!id || !state || state->state >= PCBSCOPE_NR_STATES)
		return;
	printf("%7u %c %-10s %.16s\n", id->pid, (int)state->kernel_state,
	       word[state->state], id->comm);
}

int main(void)
{
	struct pcbscope_query query = {
		.groups = PCBSCOPE_GROUP_IDENTITY | PCBSCOPE_GROUP_STATE,
		.buf = (uintptr_t)buf,
		.buf_bytes = sizeof(buf),
	};
	int fd = open(PCBSCOPE_DEVICE, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", PCBSCOPE_DEVICE);
	learn(fd);
	do {
		const char *at = (const char *)buf;

		if (ioctl(fd, PCBSCOPE_IOC_QUERY, &query) < 0)
			err(1, "PCBSCOPE_IOC_QUERY");
		while (query.nr_records--) {
			const struct pcbscope_record *record = (const void *)at;

			show(record);
			at += record->bytes;
		}
	} while (query.cursor);
	return 0;
}
