// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "factory.h"
#include "leaks.h"
#include "procfs.h"

#define KMEMLEAK "/sys/kernel/debug/kmemleak"
#define KMEMLEAK_AGE_MS 6000	/* it does not report what is younger than five seconds */

/*
 * Page tables, page cache and the like come and go with other work. What the
 * module allocates, references or makes others allocate lies elsewhere.
 */
static bool is_restless(const char *name)
{
	static const char * const names[] = {
		"kmemleak_object", "radix_tree_node", "buffer_head", "maple_node",
		"debug_objects_cache", "vmap_area", "Acpi-", "bio-", "biovec-", "9p-fcall",
		"ext4_", "page->ptl", "avc_", "numa_policy", "extended_perms",
	};
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(name, names[i], strlen(names[i])))
			return true;
	return false;
}

/* Give back what CPUs hold in reserve: only then are the counts exact. */
static void settle(void)
{
	struct dirent *entry;
	char path[320];
	DIR *dir;

	file_write("/proc/sys/vm/drop_caches", "2");
	dir = opendir("/sys/kernel/slab");
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink", entry->d_name);
		file_write(path, "1");
	}
	if (dir)
		closedir(dir);
}

static int count_lines(const char *path, const char *with)
{
	FILE *file = fopen(path, "re");
	char line[1024];
	int lines = 0;

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file))
		lines += !with || strstr(line, with);
	fclose(file);
	return lines;
}

bool leaks_count(struct leak_census *census)
{
	struct leak_count *count = census->counts;
	FILE *file;
	char line[512];

	settle();
	file = fopen("/proc/slabinfo", "re");
	if (!file)
		return false;
	while (fgets(line, sizeof(line), file) && count < census->counts + LEAK_CACHES_MAX - 1)
		if (sscanf(line, "%47s %ld", count->name, &count->objects) == 2 &&
		    !is_restless(count->name))
			count++;
	fclose(file);
	strcpy(count->name, "vmalloc");
	count->objects = count_lines("/proc/vmallocinfo", NULL);
	census->nr = ++count - census->counts;
	return true;
}

static long objects_of(const struct leak_census *census, const char *name)
{
	unsigned int i;

	for (i = 0; i < census->nr; i++)
		if (!strcmp(census->counts[i].name, name))
			return census->counts[i].objects;
	return 0;
}

static const char *compare(const struct leak_census *before, const struct leak_census *now,
			   long limit, struct leak_count *largest)
{
	static char text[1024];
	size_t used = 0;
	unsigned int i;

	*largest = (struct leak_count) { .name = "none" };
	text[0] = '\0';
	for (i = 0; i < now->nr; i++) {
		struct leak_count grown = now->counts[i];

		grown.objects -= objects_of(before, grown.name);
		if (grown.objects > largest->objects)
			*largest = grown;
		if (grown.objects >= limit && used < sizeof(text) - 80)
			used += sprintf(text + used, "%s +%ld ", grown.name, grown.objects);
	}
	return used ? text : NULL;
}

/* What others use for a while goes again; what leaked stays. */
const char *leaks_growth(const struct leak_census *before, long limit,
			 struct leak_count *largest)
{
	struct deadline deadline = deadline_in(DEADLINE_MS);
	static struct leak_census now;
	const char *grown;

	do {
		if (!leaks_count(&now))
			return "no /proc/slabinfo";
		grown = compare(before, &now, limit, largest);
	} while (grown && not_yet(deadline));
	return grown;
}

int leaks_of_vmalloc(void)
{
	return count_lines("/proc/vmallocinfo", "[pcbscope]");
}

int leaks_of_kmemleak(void)
{
	struct deadline deadline = deadline_in(KMEMLEAK_AGE_MS);

	if (access(KMEMLEAK, F_OK))
		return -1;
	while (not_yet(deadline))
		;
	if (!file_write(KMEMLEAK, "scan") || !file_write(KMEMLEAK, "scan"))
		return -1;
	return count_lines(KMEMLEAK, "unreferenced object");
}
