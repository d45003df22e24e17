/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Insert and remove the module. PCBSCOPE_MODULE names the file; else it is
 * looked for beside the test programs.
 */
#ifndef PCB_TEST_LOADING_H
#define PCB_TEST_LOADING_H

#include <stdbool.h>

#define MODULE "pcbscope"

/* The path of the file, or NULL where there is none. */
const char *module_path(void);
/* Both return 0 or -errno; removing does not wait. */
int module_load(const char *parameters);
int module_unload(void);
bool module_is_loaded(void);
/* References that keep it from being removed, or -1. */
long module_references(void);
/* What an unloaded module has left behind, or NULL. */
const char *module_remains(void);

#endif
