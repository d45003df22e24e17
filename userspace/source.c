// SPDX-License-Identifier: GPL-2.0
/*
 * source.c - what is common to all sources of records.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "source.h"

enum status source_begin(struct source *source, const struct request *request)
{
	enum status status = source->ops->begin(source, request);

	if (status == STATUS_OK && source->saver)
		saver_begin(source->saver, source);
	return status;
}

/**
 * source_next() - the next record
 * @source: with a walk under way
 * @record: filled; good until the next call
 *
 * Return: 1; 0 at the end; -1 after a complaint.
 */
int source_next(struct source *source, struct record *record)
{
	int more = source->ops->next(source, record);

	if (more != 1)
		return more;
	record->schema = &source->schema;
	record->asked = source->walk.groups;
	record->hidden = source->hidden;
	return 1;
}

/** source_save() - write @record to the recording, if one was asked for */
void source_save(struct source *source, const struct record *record)
{
	if (source->saver)
		saver_add(source->saver, record->head);
}

void source_close(struct source *source)
{
	if (source->ops && source->ops->close)
		source->ops->close(source);
	if (source->saver)
		saver_drop(source->saver);
	schema_free(&source->schema);
	memset(source, 0, sizeof(*source));
}

/**
 * source_open_builtin() - a source without records
 *
 * Stands in for the device where only the list of columns is wanted.
 */
enum status source_open_builtin(struct source *source)
{
	static const struct source_ops none;
	struct utsname uts;

	memset(source, 0, sizeof(*source));
	source->ops = &none;
	source->name = "this companion";
	schema_load_builtin(&source->schema);
	uname(&uts);
	snprintf(source->info.kernel_release,
		 sizeof(source->info.kernel_release), "%.63s", uts.release);
	snprintf(source->info.arch, sizeof(source->info.arch), "%.31s",
		 uts.machine);
	return STATUS_OK;
}
