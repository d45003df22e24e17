/* SPDX-License-Identifier: GPL-2.0 */
/*
 * newer_schema.h - the field list of a module newer than the companion.
 */
#ifndef PCBSCOPE_NEWER_SCHEMA_H
#define PCBSCOPE_NEWER_SCHEMA_H

#include "schema.h"

void newer_schema_extend(struct buf *blob, struct schema_shape *shape);

#endif /* PCBSCOPE_NEWER_SCHEMA_H */
