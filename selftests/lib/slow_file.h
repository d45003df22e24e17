/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file whose content never comes: who reads it, or touches a mapping of it,
 * waits until slow_file_end(). It is served by a process of ours through FUSE.
 */
#ifndef PCB_TEST_SLOW_FILE_H
#define PCB_TEST_SLOW_FILE_H

#include <stdbool.h>

#include "factory.h"

#define SLOW_FILE_BYTES 4096

struct slow_file {
	char folder[64];
	char path[80];
	struct child server;
};

/* False: this kernel has no FUSE, or will not mount it. */
bool slow_file_start(struct slow_file *file);
/* Wait until somebody waits for its content, which is told once for each. */
bool slow_file_is_awaited(struct slow_file *file);
void slow_file_end(struct slow_file *file);

#endif
