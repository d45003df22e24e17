/* SPDX-License-Identifier: GPL-2.0 */
/*
 * column.h - what a column is, and the columns of a command.
 */
#ifndef PCBSCOPE_COLUMN_H
#define PCBSCOPE_COLUMN_H

#include "schema.h"
#include "value.h"

#define COLUMN_TREE	(1U << 0)	/* the tree is drawn in it */
#define COLUMN_TRUNC	(1U << 1)	/* may be cut to fit the terminal */
#define COLUMN_WRAP	(1U << 2)	/* may take several lines */
#define COLUMN_HIDDEN	(1U << 3)	/* shown only when asked for */

/**
 * struct column - one column of a command
 * @name: key in JSON and raw output; "a.b" is member b of object a
 * @heading: of tables; NULL: made from @name
 * @section: heading above it where one object fills the screen, or NULL
 * @group: where it comes from, for the list of columns
 * @help: one sentence
 * @type: PCBSCOPE_TYPE_*
 * @unit: PCBSCOPE_UNIT_*
 * @flags: COLUMN_*
 * @groups: what must be asked for to fill it
 * @field: the schema's field, or NULL if @get computes it
 * @get: fill @value from the subject of the row
 * @color: escape sequence that suits @value, or NULL
 * @words: text for a boolean: { for false, for true }, or NULL
 */
struct column {
	const char *name;
	const char *heading;
	const char *section;
	const char *group;
	const char *help;
	uint32_t type;
	uint32_t unit;
	uint32_t flags;
	uint64_t groups;
	const struct field *field;
	struct value (*get)(const struct column *column, const void *subject);
	const char *(*color)(const struct value *value);
	const char *const *words;
};

/**
 * struct column_set - columns, in order
 * @columns: copies; their strings belong to the schema, to the program, or to
 *           the set that owns them
 * @nr: how many
 * @owned: strings to be freed with the set
 * @nr_owned: how many
 */
struct column_set {
	struct column *columns;
	uint32_t nr;
	char **owned;
	uint32_t nr_owned;
};

void columns_add(struct column_set *set, const struct column *column);
void columns_add_fields(struct column_set *set, const struct schema *schema);
const char *columns_own(struct column_set *set, char *string);
void columns_free(struct column_set *set);
const struct column *columns_find(const struct column_set *set,
				  const char *name);
enum status columns_choose(struct column_set *chosen,
			   const struct column_set *pool, const char *defaults,
			   const char *asked);
uint64_t columns_groups(const struct column_set *set);
void column_heading(const struct column *column, struct buf *heading);

#endif /* PCBSCOPE_COLUMN_H */
