// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

char *text_read_fd(int fd, size_t step, size_t *bytes)
{
	size_t room = step + 1, done = 0;
	char *text = malloc(room), *grown;
	ssize_t got = -1;

	while (text) {
		got = read(fd, text + done, step);
		if (got <= 0)
			break;
		done += got;
		if (done + step + 1 <= room)
			continue;
		room = 2 * room + step;
		grown = realloc(text, room);
		if (!grown)
			break;
		text = grown;
	}
	if (!text || got) {
		free(text);
		return NULL;
	}
	text[done] = '\0';
	*bytes = done;
	return text;
}

static char *read_after(const char *path, const char *words, size_t step, size_t *bytes)
{
	int fd = open(path, (words ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	char *text = NULL;
	int error;

	if (fd < 0)
		return NULL;
	if (!words || write(fd, words, strlen(words)) == (ssize_t)strlen(words))
		text = text_read_fd(fd, step, bytes);
	error = errno;
	close(fd);
	errno = error;
	return text;
}

char *text_read(const char *path, size_t step, size_t *bytes)
{
	return read_after(path, NULL, step, bytes);
}

/* Split one line; false where it has other than @count cells. The last may be empty. */
static bool split(char *line, char **cells, unsigned int count)
{
	char *save, *cell = strtok_r(line, " ", &save);
	unsigned int i;

	for (i = 0; cell; i++, cell = strtok_r(NULL, " ", &save)) {
		if (i == count)
			return false;
		cells[i] = cell;
	}
	if (i == count - 1)
		cells[i++] = "";
	return i == count;
}

static void parse_heading(struct table *table, char *line)
{
	char *save, *cell = strtok_r(line, " ", &save);

	for (; cell; cell = strtok_r(NULL, " ", &save)) {
		if (table->nr_columns == MAX_COLUMNS) {
			table->fault = "too many columns";
			return;
		}
		table->heads[table->nr_columns++] = cell;
	}
	if (!table->nr_columns)
		table->fault = "no heading";
}

static unsigned int count_lines(const char *text)
{
	unsigned int lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}

struct table *table_parse(char *text)
{
	struct table *table = calloc(1, sizeof(*table));
	char *line, *next;

	if (!table || !text || !*text || text[strlen(text) - 1] != '\n') {
		free(table);
		free(text);
		return NULL;
	}
	table->text = text;
	next = strchr(text, '\n');
	*next++ = '\0';
	parse_heading(table, text);
	table->cells = calloc(count_lines(next) + 1,
			      table->nr_columns * sizeof(*table->cells));
	for (line = next; *line && !table->fault; line = next) {
		next = strchr(line, '\n');
		*next++ = '\0';
		if (!split(line, table->cells + table->nr_rows * table->nr_columns,
			   table->nr_columns))
			table->fault = "a line with another number of columns";
		table->nr_rows++;
	}
	return table;
}

struct table *table_read(const char *path, const char *words)
{
	size_t bytes;

	return table_parse(read_after(path, words, 65536, &bytes));
}

void table_free(struct table *table)
{
	if (!table)
		return;
	free(table->cells);
	free(table->text);
	free(table);
}

int table_column(const struct table *table, const char *head)
{
	unsigned int i;

	for (i = 0; i < table->nr_columns; i++)
		if (!strcasecmp(table->heads[i], head))
			return i;
	return -1;
}

const char *table_cell(const struct table *table, unsigned int row, const char *head)
{
	int column = table_column(table, head);

	return column < 0 ? NULL : table->cells[row * table->nr_columns + column];
}

long long table_number(const struct table *table, unsigned int row, const char *head)
{
	const char *cell = table_cell(table, row, head);

	return cell ? atoll(cell) : -1;
}

unsigned int table_count(const struct table *table, const char *head, long long value)
{
	int column = table_column(table, head);
	unsigned int row, count = 0;

	for (row = 0; column >= 0 && row < table->nr_rows; row++)
		count += atoll(table->cells[row * table->nr_columns + column]) == value;
	return count;
}

int table_find(const struct table *table, const char *head, long long value)
{
	int column = table_column(table, head);
	unsigned int row;

	for (row = 0; column >= 0 && row < table->nr_rows; row++)
		if (atoll(table->cells[row * table->nr_columns + column]) == value)
			return row;
	return -1;
}
