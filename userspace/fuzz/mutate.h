/* SPDX-License-Identifier: GPL-2.0 */
/* Changes to a recording that its checksums do not give away. */
#ifndef PCBSCOPE_FUZZ_MUTATE_H
#define PCBSCOPE_FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* libFuzzer's own. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t bytes, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t room,
			       unsigned int seed);

/* Make lengths, counts and CRCs fit again; the new length. */
size_t mend(uint8_t *recording, size_t bytes, size_t room);

#endif
