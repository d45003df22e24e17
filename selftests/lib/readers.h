/* SPDX-License-Identifier: GPL-2.0 */
/* Children that read without rest, a little at a time, until the module goes away. */
#ifndef PCB_TEST_READERS_H
#define PCB_TEST_READERS_H

#include <stdbool.h>

#include "factory.h"

enum reader_kind {
	READER_QUERY,		/* ioctl, into a buffer of its own */
	READER_AREA,		/* ioctl, into a mapped area; a holder keeps nothing else */
	READER_VERSION,
	READER_TASKS,
	READER_TREE,
	READER_STATES,
	READER_PCB,
	READER_KINDS,
};
#define READER_FIRST_TEXT READER_VERSION

/* What a reader tells; shared with it. */
struct reader_page {
	int inside;		/* it is in a system call of ours */
	int odd_error;		/* an errno that the module's absence does not explain */
	unsigned long calls;
};

struct reader {
	struct child child;
	enum reader_kind kind;
	bool holds;		/* pause after the first call, until child_go() */
	struct reader_page *page;
};

/* Start it; reader->page is set. Returns when it has read something. */
int reader_start(struct reader *reader);
/* SIGKILL and reap. Was it inside a call? */
bool reader_kill(struct reader *reader);
/* Wait until it ends by itself, as it must without the module; false: it did not. */
bool reader_ends(struct reader *reader);

#endif
