/* SPDX-License-Identifier: GPL-2.0 */
/*
 * source.h - where records come from: the device or a recording.
 */
#ifndef PCBSCOPE_SOURCE_H
#define PCBSCOPE_SOURCE_H

#include "record.h"

/* There while the module is loaded, whether its device is visible or not. */
#define PCBSCOPE_LOADED "/sys/module/pcbscope"

struct saver;
struct source;

/**
 * struct request - which records are wanted
 * @groups: PCBSCOPE_GROUP_* mask
 * @flags: PCBSCOPE_QUERY_* mask
 * @states: mask of states, 0 for all; the source may ignore it
 * @pids: process ids, ascending, or NULL for all; the source may ignore it
 * @nr_pids: how many
 */
struct request {
	uint64_t groups;
	uint64_t flags;
	uint64_t states;
	const uint32_t *pids;
	uint32_t nr_pids;
};

/**
 * struct source_ops - one kind of source
 * @begin: start a walk; fill source->walk; say what went wrong
 * @next: fill a record: 1, at the end 0, after a complaint -1
 * @close: release what the source holds
 */
struct source_ops {
	enum status (*begin)(struct source *source,
			     const struct request *request);
	int (*next)(struct source *source, struct record *record);
	void (*close)(struct source *source);
};

/**
 * struct walk - what a walk was
 * @groups: asked for
 * @flags: PCBSCOPE_QUERY_*
 * @states: as in struct request
 * @boottime_ns: CLOCK_BOOTTIME when it began
 * @generation: its number since the module was loaded
 * @nr_pids: processes asked for, 0: all
 */
struct walk {
	uint64_t groups;
	uint64_t flags;
	uint64_t states;
	uint64_t boottime_ns;
	uint64_t generation;
	uint64_t nr_pids;
};

/**
 * struct source - an open source
 * @ops: its kind
 * @name: for messages
 * @info: of the module the records come from
 * @schema: the field list they are read through
 * @walk: the walk under way
 * @hidden: groups to hide from the command, see struct record
 * @saver: where records are written as they pass, or NULL
 * @private: of its kind
 */
struct source {
	const struct source_ops *ops;
	const char *name;
	struct pcbscope_info info;
	struct schema schema;
	struct walk walk;
	uint64_t hidden;
	struct saver *saver;
	void *private;
};

bool source_is_there(void);
enum status source_open_device(struct source *source);
enum status source_open_file(struct source *source, const char *path);
enum status source_open_builtin(struct source *source);
enum status source_begin(struct source *source, const struct request *request);
int source_next(struct source *source, struct record *record);
void source_save(struct source *source, const struct record *record);
void source_close(struct source *source);

enum status saver_open(struct saver **saver, const char *path);
void saver_begin(struct saver *saver, const struct source *source);
void saver_add(struct saver *saver, const struct pcbscope_record *record);
enum status saver_commit(struct saver *saver);
void saver_drop(struct saver *saver);

#endif /* PCBSCOPE_SOURCE_H */
