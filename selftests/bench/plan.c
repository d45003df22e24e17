// SPDX-License-Identifier: GPL-2.0
/* plan.c - what is measured, and over which idle tasks. */
#include "bench.h"

#define CHEAP	RIVAL_GROUPS
#define FEW	RIVAL_FEW_GROUPS
#define MAPPED	PCBSCOPE_QUERY_MAPPED

struct variant variants[] = {
	{ .key = "cheap_mapped", .title = "QUERY cheap groups, mapped",
	  .walk = ours_walk, .ours = true, .groups = CHEAP, .flags = MAPPED },
	{ .key = "oc_cheap", .title = "BPF open-coded, same fields, mapped",
	  .walk = bpf_walk, .program = OC_CHEAP },
	{ .key = "cheap_copy", .title = "QUERY cheap groups, copied",
	  .walk = ours_walk, .ours = true, .groups = CHEAP },
	{ .key = "it_cheap", .title = "BPF iterator, same fields, read()",
	  .walk = bpf_walk, .program = IT_CHEAP },
	{ .key = "few_mapped", .title = "QUERY of 3 groups, 248 B, mapped",
	  .walk = ours_walk, .ours = true, .groups = FEW, .flags = MAPPED },
	{ .key = "oc_few", .title = "BPF open-coded, same 3 groups, mapped",
	  .walk = bpf_walk, .program = OC_FEW },
	{ .key = "oc_classic", .title = "BPF open-coded, raw 240 B, mapped",
	  .walk = bpf_walk, .program = OC_CLASSIC },
	{ .key = "few_copy", .title = "QUERY of 3 groups, 248 B, copied",
	  .walk = ours_walk, .ours = true, .groups = FEW },
	{ .key = "it_classic", .title = "BPF iterator, raw 240 B, read()",
	  .walk = bpf_walk, .program = IT_CLASSIC },
	{ .key = "identity_mapped", .title = "QUERY identity alone, mapped",
	  .walk = ours_walk, .ours = true, .groups = PCBSCOPE_GROUP_IDENTITY,
	  .flags = MAPPED },
	{ .key = "oc_null", .title = "BPF open-coded walk, no record",
	  .walk = bpf_walk, .program = OC_NULL },
	{ .key = "exact_mapped", .title = "QUERY cheap, exact rss, mapped",
	  .walk = ours_walk, .ours = true, .groups = CHEAP,
	  .flags = MAPPED | PCBSCOPE_QUERY_EXACT_RSS },
	{ .key = "all_copy", .title = "QUERY of every group, copied",
	  .walk = ours_walk, .ours = true, .groups = ~0ULL },
	{ .key = "stat", .title = "/proc/PID/stat, tight reader in C",
	  .walk = procfs_walk, .weight = HEAVY },
	{ .key = "stat_status", .title = "/proc/PID/stat and status, the same",
	  .walk = procfs_walk, .weight = HEAVY, .file = "/status" },
	{ .key = "ps", .title = "ps -eLo, 20 columns",
	  .walk = ps_walk, .weight = SLOWEST },
};
const unsigned int nr_variants = ARRAY_SIZE(variants);

/* The largest last: it need not be ended before the machine is. */
const struct population populations[] = {
	{ "100", "100 idle processes", { "100", "1", "1" }, false, 100 },
	{ "1000", "1,000 idle processes", { "1000", "1", "1" }, false, 1000 },
	{ "sparse", "900 idle processes, pids 64 apart",
	  { "900", "1", "64" }, false, 900 },
	{ "threads", "10 idle processes of 100 threads",
	  { "10", "100", "1" }, true, 1000 },
	{ "10000", "10,000 idle processes",
	  { "10000", "1", "1" }, false, 10000 },
};
const unsigned int nr_populations = ARRAY_SIZE(populations);

_Static_assert(ARRAY_SIZE(variants) <= MAX_VARIANTS, "grow MAX_VARIANTS");
_Static_assert(ARRAY_SIZE(populations) <= MAX_POPULATIONS,
	       "grow MAX_POPULATIONS");
