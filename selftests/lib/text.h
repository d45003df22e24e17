/* SPDX-License-Identifier: GPL-2.0 */
/* The files of /proc/pcbscope: tables with a heading, and lists of keys. */
#ifndef PCB_TEST_TEXT_H
#define PCB_TEST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROC_DIR "/proc/pcbscope"
#define MAX_COLUMNS 64

struct table {
	char *text;			/* blanks replaced by NULs */
	unsigned int nr_columns;
	unsigned int nr_rows;		/* without the heading */
	char **cells;			/* nr_rows * nr_columns */
	const char *heads[MAX_COLUMNS];
	const char *fault;		/* what is wrong with the format, or NULL */
};

/* Read @path to its end in steps of @step bytes; malloced, or NULL and errno. */
char *text_read(const char *path, size_t step, size_t *bytes);
/* The same from an open file, where it stands, after writing @words to it. */
char *text_read_fd(int fd, size_t step, size_t *bytes);

/* Takes over @text. The last column may be a name drawn as a tree. */
struct table *table_parse(char *text);
struct table *table_read(const char *path, const char *words);
void table_free(struct table *table);
int table_column(const struct table *table, const char *head);
const char *table_cell(const struct table *table, unsigned int row, const char *head);
long long table_number(const struct table *table, unsigned int row, const char *head);
/* The row whose @head column is @value, or -1; how many there are. */
int table_find(const struct table *table, const char *head, long long value);
unsigned int table_count(const struct table *table, const char *head, long long value);

#endif
