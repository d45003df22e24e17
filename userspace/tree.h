/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tree.h - who is whose child.
 */
#ifndef PCBSCOPE_TREE_H
#define PCBSCOPE_TREE_H

#include "select.h"
#include "task.h"

uint32_t *tree_order(struct task_list *list, uint32_t *nr,
		     struct numbers *roots);

#endif /* PCBSCOPE_TREE_H */
