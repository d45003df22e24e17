// SPDX-License-Identifier: GPL-2.0
/* bpf.c - loads and runs the BPF rivals of rivals.bpf.c. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "rivals.skel.h"

#define READ_BYTES	(64 << 10)

static struct rivals *rivals;
static struct bpf_link *links[IT_CLASSIC + 1];
static const struct rival_cheap *records;
static char read_buffer[READ_BYTES];

static struct bpf_program *program(int which)
{
	switch (which) {
	case OC_CHEAP:
		return rivals->progs.oc_cheap;
	case OC_FEW:
		return rivals->progs.oc_few;
	case OC_CLASSIC:
		return rivals->progs.oc_classic;
	case OC_NULL:
		return rivals->progs.oc_null;
	case IT_CHEAP:
		return rivals->progs.it_cheap;
	default:
		return rivals->progs.it_classic;
	}
}

int bpf_open(void)
{
	int which;

	rivals = rivals__open_and_load();
	if (!rivals)
		return -1;
	for (which = IT_CHEAP; which <= IT_CLASSIC; which++) {
		links[which] = bpf_program__attach_iter(program(which), NULL);
		if (!links[which])
			return -1;
	}
	records = mmap(NULL, RIVAL_MAX_TASKS * sizeof(*records), PROT_READ,
		       MAP_SHARED, bpf_map__fd(rivals->maps.cheap_records), 0);
	return records == MAP_FAILED ? -1 : 0;
}

/* Of the last OC_CHEAP walk; the first one is process 0, which is no task. */
const struct rival_cheap *bpf_records(void)
{
	return records + 1;
}

static long run_open_coded(int which)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (bpf_prog_test_run_opts(bpf_program__fd(program(which)), &opts))
		return -errno;
	return rivals->bss->nr_records - 1;
}

static long run_iterator(int which)
{
	size_t one = which == IT_CHEAP ? sizeof(struct rival_cheap) :
					 sizeof(struct rival_classic);
	int fd = bpf_iter_create(bpf_link__fd(links[which]));
	ssize_t bytes;
	long sum = 0;

	if (fd < 0)
		return -errno;
	while ((bytes = read(fd, read_buffer, sizeof(read_buffer))) > 0)
		sum += bytes;
	close(fd);
	return bytes < 0 ? -errno : sum / (long)one;
}

long bpf_walk(const struct variant *v)
{
	rivals->bss->walk_flags = every_thread;
	if (v->program >= IT_CHEAP)
		return run_iterator(v->program);
	return run_open_coded(v->program);
}
