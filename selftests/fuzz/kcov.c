// SPDX-License-Identifier: GPL-2.0
/* Which instructions of the module a thread has run through, where the kernel has KCOV. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include "fuzz.h"

#define KCOV_PATH "/sys/kernel/debug/kcov"
#define KCOV_INIT_TRACE _IOR('c', 1, unsigned long)
#define KCOV_ENABLE _IO('c', 100)
#define KCOV_DISABLE _IO('c', 101)
#define KCOV_TRACE_PC 0
#define NR_ENTRIES (64UL << 10)
#define LINKED_AT 0xffffffff81000000UL	/* x86-64: _text without an offset */

struct kcov {
	int fd;
	unsigned long *entries;		/* the first one counts them */
};

static unsigned long text_start;
static unsigned long text_bytes;

/* KCOV takes it off every address, those of modules too. */
static unsigned long kaslr_offset(void)
{
	unsigned long address = 0;
	char type, name[256];
	FILE *file = fopen("/proc/kallsyms", "r");

	while (file && fscanf(file, "%lx %c %255s%*[^\n]", &address, &type, name) == 3)
		if (!strcmp(name, "_text"))
			break;
	if (file)
		fclose(file);
	return address ? address - LINKED_AT : 0;
}

static bool find_module(void)
{
	char name[64], line[512];
	FILE *file = fopen("/sys/module/pcbscope/sections/.text", "r");
	bool found = file && fscanf(file, "%lx", &text_start) == 1;

	if (file)
		fclose(file);
	file = found ? fopen("/proc/modules", "r") : NULL;
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "%63s %lu", name, &text_bytes) == 2 && !strcmp(name, "pcbscope"))
			break;
	if (file)
		fclose(file);
	if (text_bytes > PCS_MAX)
		text_bytes = PCS_MAX;
	text_start -= kaslr_offset();
	return found && text_start && text_bytes;
}

/* False: no KCOV here. */
bool kcov_open_module(void)
{
	if (access(KCOV_PATH, F_OK))
		mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	return !access(KCOV_PATH, R_OK | W_OK) && find_module();
}

/* Of the calling thread; NULL: without. */
struct kcov *kcov_begin(void)
{
	struct kcov *kcov;

	if (!text_bytes)
		return NULL;
	kcov = calloc(1, sizeof(*kcov));
	kcov->fd = open(KCOV_PATH, O_RDWR | O_CLOEXEC);
	if (kcov->fd < 0 || ioctl(kcov->fd, KCOV_INIT_TRACE, NR_ENTRIES))
		abort();
	kcov->entries = mmap(NULL, NR_ENTRIES * sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED,
			     kcov->fd, 0);
	if (kcov->entries == MAP_FAILED || ioctl(kcov->fd, KCOV_ENABLE, KCOV_TRACE_PC))
		abort();
	return kcov;
}

void kcov_end(struct kcov *kcov)
{
	if (!kcov)
		return;
	ioctl(kcov->fd, KCOV_DISABLE, 0);
	munmap(kcov->entries, NR_ENTRIES * sizeof(long));
	close(kcov->fd);
	free(kcov);
}

void kcov_reset(struct kcov *kcov)
{
	__atomic_store_n(&kcov->entries[0], 0, __ATOMIC_RELAXED);
}

/* Note what was reached since the reset; true: some of it for the first time. */
bool kcov_gather(struct kcov *kcov, struct shared *shared)
{
	unsigned long i, nr = __atomic_load_n(&kcov->entries[0], __ATOMIC_RELAXED);
	bool any = false;

	for (i = 1; i <= nr && i < NR_ENTRIES; i++) {
		unsigned long at = kcov->entries[i] - text_start;

		if (at >= text_bytes || shared->pcs[at])
			continue;
		shared->pcs[at] = 1;
		atomic_fetch_add(&shared->nr_pcs, 1);
		any = true;
	}
	return any;
}
