/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fields.h - the field list as lines for expand.awk. Never compiled, only
 * preprocessed, with the macros of pcbscope.h known (see Makefile).
 */
#define PCB_QUOTE(x) #x
#define PCB_GROUP(bit, NAME, name, box, flags) \
	@group #bit #name box #flags
#define PCB_FIELD(group, member, type, unit, vocabulary, since, help) \
	@field #group #member #type #unit #vocabulary #since help
#define PCB_WORD(vocabulary, value, name) \
	@word #vocabulary PCB_QUOTE(value) name
#include "pcbscope_fields.h"
