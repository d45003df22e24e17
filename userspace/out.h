/* SPDX-License-Identifier: GPL-2.0 */
/*
 * out.h - writers: rows of typed columns in, text or JSON out. They know no
 * PCB field, and nobody else prints on stdout.
 */
#ifndef PCBSCOPE_OUT_H
#define PCBSCOPE_OUT_H

#include <stdio.h>

#include "column.h"

enum out_format { OUT_TABLE, OUT_JSON, OUT_RAW, OUT_NOTHING };

enum shape {
	SHAPE_LIST,	/* rows one below the other */
	SHAPE_OBJECT,	/* exactly one row, which fills the screen */
	SHAPE_OBJECTS,	/* a list of such */
	SHAPE_TREE,	/* rows in depth-first order, see struct row */
};

/**
 * struct document - what all rows have in common
 * @kernel: as uname -r
 * @arch: as uname -m
 * @generation: number of the walk
 * @boottime_ns: when it began
 * @is_walk: the two above are known
 */
struct document {
	const char *kernel;
	const char *arch;
	uint64_t generation;
	uint64_t boottime_ns;
	bool is_walk;
};

/**
 * struct collection - one list, object or tree of a document
 * @name: key in JSON
 * @shape: how rows hang together
 * @columns: of each row
 * @figure: for text, of an object: a drawing in which {name...} is
 *	replaced by that column, centred in as many characters; or NULL
 * @title: for text, above it; or NULL
 */
struct collection {
	const char *name;
	enum shape shape;
	const struct column_set *columns;
	const char *figure;
	const char *title;
};

/**
 * struct row - one row
 * @values: one for each column
 * @depth: in a tree: 0 for a root, at most one more than the row before
 * @denied: names of the groups refused, as a list of @nr_denied
 * @nr_denied: how many
 */
struct row {
	const struct value *values;
	uint32_t depth;
	const char *const *denied;
	uint32_t nr_denied;
};

struct writer;

/**
 * struct writer_ops - one output format
 * @begin: before the first collection
 * @open: a collection begins
 * @row: one row of it
 * @note: a sentence for people, below the collection
 * @close: the collection ends
 * @end: after the last collection
 */
struct writer_ops {
	void (*begin)(struct writer *writer, const struct document *document);
	void (*open)(struct writer *writer);
	void (*row)(struct writer *writer, const struct row *row);
	void (*note)(struct writer *writer, const char *sentence);
	void (*close)(struct writer *writer);
	void (*end)(struct writer *writer);
};

/**
 * struct writer - an output under way
 * @ops: its format
 * @headings: tables have headings
 * @color: text is coloured
 * @collection: the open one
 * @nr_collections: opened so far
 * @nr_rows: in the open one so far
 * @depth: of the row before
 * @begun: something was printed
 * @scratch: for the writer's own use
 * @notes: text kept until the collection is closed
 * @table: for the writer's own use
 */
struct writer {
	const struct writer_ops *ops;
	bool headings;
	bool color;
	const struct collection *collection;
	uint32_t nr_collections;
	uint64_t nr_rows;
	uint32_t depth;
	bool begun;
	struct buf scratch;
	struct buf notes;
	void *table;
};

extern const struct writer_ops out_table_ops;
extern const struct writer_ops out_json_ops;
extern const struct writer_ops out_raw_ops;

void out_init(struct writer *writer, enum out_format format, bool headings,
	      bool color);
void out_begin(struct writer *writer, const struct document *document);
void out_open(struct writer *writer, const struct collection *collection);
bool out_row(struct writer *writer, const struct row *row);
void out_note(struct writer *writer, const char *sentence);
void out_close(struct writer *writer);
enum status out_end(struct writer *writer);
enum status out_plain(const char *text);
void out_complain(const char *text);
size_t out_width(void);
void out_object(struct writer *writer, const struct row *row);

#endif /* PCBSCOPE_OUT_H */
