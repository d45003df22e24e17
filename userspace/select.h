/* SPDX-License-Identifier: GPL-2.0 */
/*
 * select.h - which tasks are wanted.
 */
#ifndef PCBSCOPE_SELECT_H
#define PCBSCOPE_SELECT_H

#include "record.h"

/**
 * struct numbers - a set of numbers: sorted, each once, after numbers_sort()
 * @all: the numbers
 * @seen: for each, whether a task had it; NULL until sorted
 * @nr: how many
 */
struct numbers {
	uint32_t *all;
	bool *seen;
	uint32_t nr;
};

/**
 * struct selection - what -p, -u, -c, -s ask for; empty means all
 * @pids: processes
 * @uids: effective users
 * @comms: names, exact; they belong to argv
 * @nr_comms: how many
 * @states: mask of (1 << PCBSCOPE_STATE_*)
 * @fields: where the schema has them, see selection_bind()
 */
struct selection {
	struct numbers pids;
	struct numbers uids;
	const char **comms;
	uint32_t nr_comms;
	uint64_t states;
	struct {
		const struct field *pid;
		const struct field *uid;
		const struct field *comm;
		const struct field *state;
	} fields;
};

void numbers_add(struct numbers *numbers, uint32_t number);
void numbers_sort(struct numbers *numbers);
bool numbers_have(const struct numbers *numbers, uint64_t number);
void numbers_see(struct numbers *numbers, uint64_t number);
void numbers_free(struct numbers *numbers);

enum status select_pids(struct numbers *pids, const char *list);
enum status select_users(struct selection *selection, const char *list);
enum status select_states(struct selection *selection, const char *list);
void select_comm(struct selection *selection, const char *comm);
void selection_bind(struct selection *selection, const struct schema *schema);
uint64_t selection_groups(const struct selection *selection);
bool selection_has(const struct selection *selection,
		   const struct record *record);
void selection_free(struct selection *selection);

#endif /* PCBSCOPE_SELECT_H */
