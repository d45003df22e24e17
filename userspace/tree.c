// SPDX-License-Identifier: GPL-2.0
/*
 * tree.c - who is whose child. Pure functions on tasks.
 *
 * Tasks are looked at one after the other, so parents and children need not fit
 * together: a parent may be gone and its number taken by somebody else. An
 * edge is believed only if the parent is older than the child; age orders all
 * tasks strictly, so there can be no loop, whatever the records say.
 */
#include <stdlib.h>

#include "tree.h"

#define NONE	UINT32_MAX

/**
 * struct link - the tree around one task, as indices into the list
 */
struct link {
	uint32_t parent;
	uint32_t first_child;
	uint32_t next_sibling;
};

static bool is_older(const struct task *parent, const struct task *child)
{
	if (parent->start_ns != child->start_ns)
		return parent->start_ns < child->start_ns;
	return parent->pid < child->pid;
}

/* Threads hang below their process, processes below the parent's. */
static uint32_t parent_of(const struct task_list *list, uint32_t i)
{
	const struct task *task = &list->all[i], *parent;
	bool is_leader = task->pid == task->tid;

	parent = tasks_find(list, is_leader ? task->ppid : task->pid);
	if (!parent || (is_leader && !is_older(parent, task)))
		return NONE;
	return (uint32_t)(parent - list->all);
}

/* Backwards, so that children end up in ascending order. */
static struct link *make_links(const struct task_list *list, uint32_t *root)
{
	struct link *links = xcalloc(list->nr, sizeof(*links));

	*root = NONE;
	for (uint32_t i = 0; i < list->nr; i++)
		links[i].first_child = NONE;
	for (uint32_t i = list->nr; i-- > 0;) {
		uint32_t *head = root;

		links[i].parent = parent_of(list, i);
		if (links[i].parent != NONE)
			head = &links[links[i].parent].first_child;
		links[i].next_sibling = *head;
		*head = i;
	}
	return links;
}

/* Depth first, without recursion: chains may be as long as the list. */
static uint32_t next_of(const struct link *links, uint32_t i, uint32_t *depth)
{
	if (links[i].first_child != NONE) {
		++*depth;
		return links[i].first_child;
	}
	while (links[i].next_sibling == NONE && links[i].parent != NONE) {
		i = links[i].parent;
		--*depth;
	}
	return links[i].next_sibling;
}

/**
 * tree_order() - put tasks in depth-first order
 * @list: sorted by tasks_sort(); the depth of the tasks returned is set
 * @nr: result: how many indices are returned
 * @roots: show only these processes and what is below them; empty: all
 *
 * Return: indices into @list, to be freed.
 */
uint32_t *tree_order(struct task_list *list, uint32_t *nr,
		     struct numbers *roots)
{
	uint32_t *order = xcalloc(list->nr, sizeof(*order));
	uint32_t depth = 0, base = NONE, i;
	struct link *links = make_links(list, &i);

	*nr = 0;
	for (; i != NONE; i = next_of(links, i, &depth)) {
		struct task *task = &list->all[i];
		bool is_root = task->pid == task->tid &&
			       numbers_have(roots, task->pid);

		if (is_root)
			numbers_see(roots, task->pid);
		if (!roots->nr)
			base = 0;
		else if (base == NONE || depth <= base)
			base = is_root ? depth : NONE;
		if (base == NONE)
			continue;
		task->depth = depth - base;
		order[(*nr)++] = i;
	}
	free(links);
	return order;
}
