/* SPDX-License-Identifier: GPL-2.0 */
/* bench.h - what the files of the benchmark share. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "pcbscope.h"
#include "rivals.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define MAX_SAMPLES	512

/* Bytes of a record buffer: all records of the largest population. */
#define BUFFER_BYTES	(16UL << 20)

struct variant;

/* Walk all tasks once; return how many there were, or -errno. */
typedef long (*walk_fn)(const struct variant *v);

enum weight {
	LIGHT,		/* repeated in bursts */
	HEAVY,		/* a few times */
	SLOWEST,	/* once or twice */
};

/* One way to learn about every task. */
struct variant {
	const char *key;	/* in bench.tsv, and for the gates */
	const char *title;
	walk_fn walk;
	enum weight weight;
	bool ours;
	__u64 groups;		/* of ours */
	__u64 flags;		/* of ours */
	int program;		/* of BPF: enum program */
	const char *file;	/* of procfs: second file read, or NULL */
};

/* What came out for one variant in one population. */
struct result {
	bool ran;
	unsigned int nr_samples;
	unsigned int nr_bursts;
	unsigned int again;		/* times the spread was too wide */
	long nr_tasks;			/* rows that one walk gives */
	double samples[MAX_SAMPLES];	/* instructions of one walk */
	double walls[MAX_SAMPLES];	/* nanoseconds of one walk, per burst */
	double insns;			/* medians per task */
	double wall_ns;
	double spread;			/* (median - minimum) / median */
};

struct population {
	const char *key;
	const char *title;
	const char *args[3];	/* of populate */
	bool threads;
	long size;		/* tasks that it adds */
};

enum program { OC_CHEAP, OC_FEW, OC_CLASSIC, OC_NULL, IT_CHEAP, IT_CLASSIC };

#define MAX_VARIANTS	24
#define MAX_POPULATIONS	8

extern struct variant variants[];
extern const struct population populations[];
extern struct result results[MAX_POPULATIONS][MAX_VARIANTS];
extern const unsigned int nr_variants;
extern const unsigned int nr_populations;
extern bool every_thread;	/* of the population at hand */

/* clock.c */
int clock_init(const char *host_file);
bool clock_counts_insns(void);
__u64 clock_insns(void);
__u64 clock_wall_ns(void);
int clock_check(void);

/* ours.c */
int ours_open(void);
const struct pcbscope_info *ours_info(void);
long ours_walk(const struct variant *v);
long ours_records(__u64 groups, void **records, size_t *bytes);

/* rivals.c */
long procfs_walk(const struct variant *v);
long ps_walk(const struct variant *v);

/* bpf.c */
int bpf_open(void);
long bpf_walk(const struct variant *v);
const struct rival_cheap *bpf_records(void);

/* equal.c */
int equal_check(long at_least);

/* report.c */
void report_population(unsigned int p);
int report_gates(void);
int report_tsv(const char *path);

#endif /* BENCH_H */
