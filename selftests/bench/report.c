// SPDX-License-Identifier: GPL-2.0
/* report.c - the tables, the gates, and the machine-readable copy. */
#include <errno.h>
#include <string.h>

#include "bench.h"

#define SECTION_TASKS	64	/* tasks per RCU section, by construction */

struct gate {
	const char *title;
	double value;
	double limit;
	bool at_least;		/* else at most */
};

static int nr_missed;

static const struct result *result(const char *population, const char *variant)
{
	static const struct result none;
	unsigned int p, i;

	for (p = 0; p < nr_populations; p++)
		for (i = 0; i < nr_variants; i++)
			if (!strcmp(populations[p].key, population) &&
			    !strcmp(variants[i].key, variant))
				return &results[p][i];
	return &none;
}

static double insns(const char *population, const char *variant)
{
	return result(population, variant)->insns;
}

static const struct result *yardstick(unsigned int p)
{
	unsigned int i;

	for (i = 0; i < nr_variants - 1; i++)
		if (results[p][i].ran)
			break;
	return &results[p][i];
}

static void print_row(const struct variant *v, const struct result *r,
		      const struct result *one)
{
	printf("  %-37s", v->title);
	if (clock_counts_insns())
		printf(" %10.1f %8.1f %6.1f%s", r->insns,
		       r->insns / one->insns, 100 * r->spread,
		       r->spread > 0.02 ? "!" : " ");
	printf(" %10.2f %8.1f\n", r->wall_ns / 1000, r->wall_ns / one->wall_ns);
}

void report_population(unsigned int p)
{
	const struct result *one = yardstick(p);
	unsigned int i;

	printf("  %-37s", "a task, medians; times the first line");
	if (clock_counts_insns())
		printf(" %10s %8s %6s ", "instrs", "times", "+-%");
	printf(" %10s %8s\n", "wall us", "times");
	for (i = 0; i < nr_variants; i++)
		if (results[p][i].ran)
			print_row(&variants[i], &results[p][i], one);
}

static void judge(const struct gate *gate)
{
	bool ok = gate->at_least ? gate->value >= gate->limit :
				   gate->value <= gate->limit;

	printf("gate   %-56s %8.2f  %s %-5g %s\n", gate->title, gate->value,
	       gate->at_least ? ">=" : "<=", gate->limit, ok ? "ok" : "MISSED");
	nr_missed += !ok;
}

static void judge_all(const struct gate *gates, unsigned int n)
{
	while (n--)
		judge(gates++);
}

static void judge_procfs_and_shape(void)
{
	double dense = insns("1000", "cheap_mapped");
	const struct gate gates[] = {
		{ "stat+status / cheap groups mapped, 1,000",
		  insns("1000", "stat_status") / dense, 200, true },
		{ "cheap groups mapped: 10,000 / 100",
		  insns("10000", "cheap_mapped") / insns("100", "cheap_mapped"),
		  1.2, false },
		{ "cheap groups mapped: 100 / 10,000",
		  insns("100", "cheap_mapped") / insns("10000", "cheap_mapped"),
		  1.2, false },
		{ "cheap groups mapped: sparse pids / dense",
		  insns("sparse", "cheap_mapped") / dense, 3.5, false },
	};

	judge_all(gates, ARRAY_SIZE(gates));
}

static void judge_bpf(void)
{
	const struct gate gates[] = {
		{ "cheap mapped / BPF open-coded, same fields, 1,000",
		  insns("1000", "cheap_mapped") / insns("1000", "oc_cheap"),
		  1, false },
		{ "cheap mapped / BPF open-coded, same fields, 10,000",
		  insns("10000", "cheap_mapped") / insns("10000", "oc_cheap"),
		  1, false },
	};

	judge_all(gates, ARRAY_SIZE(gates));
}

static void tell(const char *title, const char *above, const char *below)
{
	printf("told   %-56s %8.2f\n", title,
	       insns("1000", above) / insns("1000", below));
}

/* Not gated: the copy, which the mapped rival does not make, and the rest. */
static void tell_bpf(void)
{
	tell("cheap copied / BPF open-coded mapped, same fields, 1,000",
	     "cheap_copy", "oc_cheap");
	tell("cheap copied / BPF iterator read(), same fields, 1,000",
	     "cheap_copy", "it_cheap");
	tell("3 groups mapped / BPF open-coded, same fields, 1,000",
	     "few_mapped", "oc_few");
}

int report_gates(void)
{
	printf("\n");
	judge_procfs_and_shape();
	tell("stat+status / cheap groups copied, 1,000", "stat_status",
	     "cheap_copy");
	tell("ps / cheap groups mapped, 1,000", "ps", "cheap_mapped");
	if (result("1000", "oc_cheap")->ran) {
		judge_bpf();
		tell_bpf();
	} else {
		printf("skip   the BPF rivals: the open-coded iterator needs Linux 6.7\n");
	}
	printf("told   an RCU section holds %d tasks at most, by construction: %.0f instructions\n",
	       SECTION_TASKS, SECTION_TASKS * insns("10000", "cheap_mapped"));
	printf("told   wall times are of an emulated machine on a shared host: only ratios\n"
	       "       within one table mean anything, and those are noisy\n");
	return nr_missed != 0;
}

int report_tsv(const char *path)
{
	FILE *file = fopen(path, "w");
	unsigned int p, i;

	if (!file) {
		fprintf(stderr, "bench: %s: %s\n", path, strerror(errno));
		return -1;
	}
	fprintf(file, "population\tvariant\ttasks\tinsns_per_task\tspread\t"
		"wall_ns_per_task\tsamples\n");
	for (p = 0; p < nr_populations; p++) {
		for (i = 0; i < nr_variants; i++) {
			const struct result *r = &results[p][i];

			if (!r->ran)
				continue;
			fprintf(file, "%s\t%s\t%ld\t%.2f\t%.4f\t%.1f\t%u\n",
				populations[p].key, variants[i].key,
				r->nr_tasks, r->insns, r->spread, r->wall_ns,
				r->nr_samples);
		}
	}
	return fclose(file);
}
