/* SPDX-License-Identifier: GPL-2.0 */
/*
 * doctor.h - checks of the machine that pcbscope is to work on.
 */
#ifndef PCBSCOPE_DOCTOR_H
#define PCBSCOPE_DOCTOR_H

#include "util.h"

/**
 * struct check - one thing that was looked at
 * @what: its name
 * @pass: nothing is wrong with it
 * @detail: what was found
 * @cure: what to do about it, if something is wrong
 */
struct check {
	const char *what;
	bool pass;
	struct buf detail;
	struct buf cure;
};

struct check *doctor_check(uint32_t *nr);
void doctor_free(struct check *checks, uint32_t nr);

void doctor_check_loaded(struct check *check);
void doctor_check_device(struct check *check);
void doctor_check_permission(struct check *check);
void doctor_check_abi(struct check *check);
void doctor_check_skew(struct check *check);

#endif /* PCBSCOPE_DOCTOR_H */
