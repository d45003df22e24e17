// SPDX-License-Identifier: GPL-2.0
/*
 * select.c - which tasks are wanted.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "select.h"

#define PID_MAX	(1U << 22)	/* PID_MAX_LIMIT of 64-bit kernels */

static const char *const state_words[PCBSCOPE_NR_STATES] = {
#define PCB_WORD(vocabulary, value, name)	WORD_##vocabulary(value, name)
#define WORD_STATE(value, name)			[value] = name,
#define WORD_POLICY(value, name)
#include <pcbscope_fields.h>
};

void numbers_add(struct numbers *numbers, uint32_t number)
{
	numbers->all = xrealloc(numbers->all, numbers->nr + 1,
				sizeof(*numbers->all));
	numbers->all[numbers->nr++] = number;
}

void numbers_sort(struct numbers *numbers)
{
	uint32_t kept = 0;

	if (!numbers->nr)
		return;
	qsort(numbers->all, numbers->nr, sizeof(*numbers->all), compare_u32);
	for (uint32_t i = 0; i < numbers->nr; i++)
		if (!kept || numbers->all[kept - 1] != numbers->all[i])
			numbers->all[kept++] = numbers->all[i];
	numbers->nr = kept;
	free(numbers->seen);
	numbers->seen = xcalloc(kept, sizeof(*numbers->seen));
}

static uint32_t *find(const struct numbers *numbers, uint64_t number)
{
	uint32_t key = (uint32_t)number;

	if (!numbers->nr || number > UINT32_MAX)
		return NULL;
	return bsearch(&key, numbers->all, numbers->nr, sizeof(key),
		       compare_u32);
}

bool numbers_have(const struct numbers *numbers, uint64_t number)
{
	return find(numbers, number) != NULL;
}

void numbers_see(struct numbers *numbers, uint64_t number)
{
	uint32_t *found = find(numbers, number);

	if (found)
		numbers->seen[found - numbers->all] = true;
}

void numbers_free(struct numbers *numbers)
{
	free(numbers->all);
	free(numbers->seen);
	memset(numbers, 0, sizeof(*numbers));
}

/** select_pids() - add the process ids in @list, separated by commas */
enum status select_pids(struct numbers *pids, const char *list)
{
	char *copy = xstrdup(list), *rest = copy, *word;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && (word = strsep(&rest, ","))) {
		uint32_t pid;

		if (parse_u32(word, &pid) && pid >= 1 && pid <= PID_MAX) {
			numbers_add(pids, pid);
			continue;
		}
		err("'%s' is not a process id; give a number from 1 to %u, or several separated by commas",
		    word, PID_MAX);
		status = STATUS_USAGE;
	}
	free(copy);
	return status;
}

static bool user_id(const char *user, uint32_t *uid)
{
	struct passwd *entry;

	if (parse_u32(user, uid))
		return true;
	entry = *user ? getpwnam(user) : NULL;
	if (entry)
		*uid = entry->pw_uid;
	return entry != NULL;
}

/** select_users() - add the users in @list, names or numbers */
enum status select_users(struct selection *selection, const char *list)
{
	char *copy = xstrdup(list), *rest = copy, *word;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && (word = strsep(&rest, ","))) {
		uint32_t uid;

		if (user_id(word, &uid)) {
			numbers_add(&selection->uids, uid);
			continue;
		}
		err("unknown user '%s'; give a name that 'getent passwd' lists, or a number",
		    word);
		status = STATUS_USAGE;
	}
	free(copy);
	return status;
}

static bool add_state(struct selection *selection, const char *word)
{
	for (unsigned int i = 0; i < PCBSCOPE_NR_STATES; i++) {
		if (strcmp(state_words[i], word) != 0)
			continue;
		selection->states |= 1ULL << i;
		return true;
	}
	return false;
}

/** select_states() - add the state words in @list */
enum status select_states(struct selection *selection, const char *list)
{
	char *copy = xstrdup(list), *rest = copy, *word;
	enum status status = STATUS_OK;

	while (status == STATUS_OK && (word = strsep(&rest, ","))) {
		if (add_state(selection, word))
			continue;
		err("unknown state '%s'; valid states: new, ready, running, waiting, terminated",
		    word);
		status = STATUS_USAGE;
	}
	free(copy);
	return status;
}

void select_comm(struct selection *selection, const char *comm)
{
	selection->comms = xrealloc(selection->comms, selection->nr_comms + 1,
				    sizeof(*selection->comms));
	selection->comms[selection->nr_comms++] = comm;
}

/** selection_bind() - find in @schema the fields that selecting needs */
void selection_bind(struct selection *selection, const struct schema *schema)
{
	numbers_sort(&selection->pids);
	numbers_sort(&selection->uids);
	selection->fields.pid = schema_field(schema, "pid");
	selection->fields.uid = schema_field(schema, "uid");
	selection->fields.comm = schema_field(schema, "comm");
	selection->fields.state = schema_field(schema, "state");
}

/** selection_groups() - which groups must be asked for to select */
uint64_t selection_groups(const struct selection *selection)
{
	uint64_t groups = PCBSCOPE_GROUP_IDENTITY;

	if (selection->nr_comms && selection->fields.comm)
		groups |= 1ULL << selection->fields.comm->abi.group;
	if (selection->uids.nr && selection->fields.uid)
		groups |= 1ULL << selection->fields.uid->abi.group;
	if (selection->states && selection->fields.state)
		groups |= 1ULL << selection->fields.state->abi.group;
	return groups;
}

static bool comm_selected(const struct selection *selection,
			  const struct record *record)
{
	struct value comm;

	if (!selection->nr_comms)
		return true;
	if (!selection->fields.comm)
		return false;
	comm = record_get(record, selection->fields.comm);
	if (comm.kind != VALUE_BYTES)
		return false;
	for (uint32_t i = 0; i < selection->nr_comms; i++)
		if (strlen(selection->comms[i]) == comm.len &&
		    memcmp(selection->comms[i], comm.bytes, comm.len) == 0)
			return true;
	return false;
}

static bool state_selected(const struct selection *selection,
			   const struct record *record)
{
	struct value state;

	if (!selection->states)
		return true;
	if (!selection->fields.state)
		return false;
	state = record_get(record, selection->fields.state);
	if (state.kind != VALUE_BYTES)
		return false;
	for (unsigned int i = 0; i < PCBSCOPE_NR_STATES; i++)
		if (selection->states >> i & 1 &&
		    strlen(state_words[i]) == state.len &&
		    memcmp(state_words[i], state.bytes, state.len) == 0)
			return true;
	return false;
}

static bool number_selected(const struct numbers *numbers,
			    const struct record *record,
			    const struct field *field)
{
	if (!numbers->nr)
		return true;
	return numbers_have(numbers,
			    record_number(record, field, UINT64_MAX));
}

/** selection_has() - is this task selected? It must match all kinds given. */
bool selection_has(const struct selection *selection,
		   const struct record *record)
{
	return number_selected(&selection->pids, record,
			       selection->fields.pid) &&
	       number_selected(&selection->uids, record,
			       selection->fields.uid) &&
	       comm_selected(selection, record) &&
	       state_selected(selection, record);
}

void selection_free(struct selection *selection)
{
	numbers_free(&selection->pids);
	numbers_free(&selection->uids);
	free(selection->comms);
	memset(selection, 0, sizeof(*selection));
}
