// SPDX-License-Identifier: GPL-2.0
/*
 * bench.c - measure the module beside its rivals, interleaved, in one process.
 *
 * usage: bench [-h HOST_FILE] [-o TSV] [-p POPULATION] [-b] [-r]
 *   -h  a file served by the host, whose times give wall time under icount;
 *       without it nothing is said about instructions, and no gate applies
 *   -o  where to write the machine-readable copy
 *   -p  only this population of plan.c; no gate applies
 *   -b  without the BPF rivals (before Linux 6.7)
 *   -r  the rivals alone, without the module
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define BURST_INSNS	3e7	/* long enough to be seen from outside */
#define MAX_BURST	5000
#define BURST_SAMPLES	16
#define MAX_SPREAD	0.02
#define MAX_AGAIN	3
#define MAX_ROUNDS	15
#define COUNT_TRIES	5

_Static_assert(BURST_SAMPLES * (MAX_ROUNDS + MAX_AGAIN) <= MAX_SAMPLES,
	       "grow MAX_SAMPLES");

struct result results[MAX_POPULATIONS][MAX_VARIANTS];
bool every_thread;

static bool without_bpf, without_ours;
static const char *only;
static int burst[MAX_VARIANTS];
static long nr_tasks;	/* in the population at hand, agreed on by all */

struct crowd {
	pid_t pid;
	int input;	/* closed to end it */
};

static void crowd_exec(const struct population *p, int input, int output)
{
	dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	execl("./populate", "populate", p->args[0], p->args[1], p->args[2],
	      NULL);
	perror("bench: populate");
	_exit(127);
}

static int crowd_begin(struct crowd *crowd, const struct population *p)
{
	int in[2], out[2];
	char byte;
	bool there;

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		return -1;
	crowd->pid = fork();
	if (!crowd->pid)
		crowd_exec(p, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	there = read(out[0], &byte, 1) == 1;
	close(out[0]);
	crowd->input = in[1];
	return there ? 0 : -1;
}

static void crowd_end(struct crowd *crowd)
{
	close(crowd->input);
	waitpid(crowd->pid, NULL, 0);
}

static bool is_left_out(const struct variant *v)
{
	const struct pcbscope_info *info = ours_info();

	if (v->ours)
		return without_ours || (v->flags & ~info->query_flags &
					PCBSCOPE_QUERY_EXACT_RSS);
	return v->walk == bpf_walk && without_bpf;
}

static double walk_once(unsigned int i, struct result *r)
{
	__u64 start = clock_insns();
	long n = variants[i].walk(&variants[i]);
	__u64 insns = clock_insns() - start;

	if (n < 0) {
		fprintf(stderr, "bench: %s: %s\n", variants[i].title,
			strerror(-n));
		exit(1);
	}
	if (n)
		r->nr_tasks = n;
	return insns;
}

/* A burst is one sample of wall time, and several of instructions. */
static void measure(unsigned int i, struct result *r)
{
	__u64 start = clock_wall_ns();
	int runs = burst[i], run;
	double insns;

	for (run = 0; run < runs; run++) {
		insns = walk_once(i, r);
		if (run < BURST_SAMPLES)
			r->samples[r->nr_samples++] = insns;
	}
	r->walls[r->nr_bursts++] = (double)(clock_wall_ns() - start) / runs;
}

static int rounds_of(enum weight weight, const struct population *p)
{
	bool large = p->size >= 10000;

	if (!clock_counts_insns() && weight == LIGHT)
		return MAX_ROUNDS;
	switch (weight) {
	case LIGHT:
		return 3;
	case HEAVY:
		return 2;
	default:
		return large ? 1 : 2;
	}
}

/*
 * Whatever a first run has to fetch or to allocate is not counted. It would
 * take minutes for the slowest in the largest population, which has been run
 * in a smaller one before.
 */
static void warm_up(unsigned int p)
{
	unsigned int i;

	for (i = 0; i < nr_variants; i++) {
		struct result *r = &results[p][i];
		double insns;

		r->ran = !is_left_out(&variants[i]);
		burst[i] = 1;
		if (!r->ran || (variants[i].weight == SLOWEST &&
				populations[p].size >= 10000))
			continue;
		walk_once(i, r);
		insns = variants[i].weight == HEAVY ? 0 : walk_once(i, r);
		if (variants[i].weight != LIGHT)
			continue;
		burst[i] = BURST_INSNS / (insns + 1);
		burst[i] = burst[i] < 1 ? 1 : burst[i];
		burst[i] = burst[i] > MAX_BURST ? MAX_BURST : burst[i];
	}
}

static bool counts_agree(unsigned int p)
{
	unsigned int i;

	nr_tasks = -1;
	for (i = 0; i < nr_variants; i++) {
		struct result *r = &results[p][i];

		if (!r->ran || variants[i].walk == ps_walk)
			continue;
		if (variants[i].weight == LIGHT)
			walk_once(i, r);
		if (nr_tasks < 0)
			nr_tasks = r->nr_tasks;
		if (nr_tasks != r->nr_tasks)
			return false;
	}
	return nr_tasks >= populations[p].size;
}

/* A kernel worker may be born in between: look again. */
static int check_counts(unsigned int p)
{
	int try;

	for (try = 0; try < COUNT_TRIES; try++) {
		if (counts_agree(p)) {
			printf("check  all see %ld tasks\n", nr_tasks);
			return 0;
		}
		warm_up(p);
	}
	for (unsigned int i = 0; i < nr_variants; i++)
		printf("check  %s sees %ld tasks\n", variants[i].title,
		       results[p][i].nr_tasks);
	return -1;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, unsigned int n)
{
	qsort(values, n, sizeof(*values), by_size);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void summarise(struct result *r)
{
	double insns = median(r->samples, r->nr_samples);

	r->spread = (insns - r->samples[0]) / insns;
	r->insns = insns / r->nr_tasks;
	r->wall_ns = median(r->walls, r->nr_bursts) / r->nr_tasks;
}

static void measure_all(unsigned int p)
{
	unsigned int i, turn;
	int round;

	for (round = 0; round < MAX_ROUNDS; round++) {
		for (i = 0; i < nr_variants; i++) {
			turn = (i + round) % nr_variants;
			if (results[p][turn].ran &&
			    round < rounds_of(variants[turn].weight,
					      &populations[p]))
				measure(turn, &results[p][turn]);
		}
	}
}

/* Returns how many variants stay unsteady. */
static int settle_all(unsigned int p)
{
	int unsteady = 0;
	unsigned int i;

	for (i = 0; i < nr_variants; i++) {
		struct result *r = &results[p][i];

		if (!r->ran)
			continue;
		summarise(r);
		while (clock_counts_insns() && r->spread > MAX_SPREAD &&
		       r->again++ < MAX_AGAIN) {
			measure(i, r);
			summarise(r);
		}
		/* Another process may wait now and then: marked, no more. */
		unsteady += clock_counts_insns() && r->spread > MAX_SPREAD &&
			variants[i].weight != SLOWEST;
	}
	return unsteady;
}

/* Its rows are not counted: they are those of the others, and its own. */
static void count_rows_of_ps(unsigned int p)
{
	unsigned int i;

	for (i = 0; i < nr_variants; i++)
		if (variants[i].walk == ps_walk)
			results[p][i].nr_tasks = nr_tasks;
}

static int measure_population(unsigned int p)
{
	struct crowd crowd;
	int bad;

	every_thread = populations[p].threads;
	printf("\n%s\n", populations[p].title);
	if (crowd_begin(&crowd, &populations[p]))
		return 1;
	warm_up(p);
	bad = check_counts(p) != 0;
	if (!without_bpf && !without_ours)
		bad |= equal_check(populations[p].size) != 0;
	count_rows_of_ps(p);
	measure_all(p);
	bad |= settle_all(p) != 0;
	report_population(p);
	fflush(stdout);
	crowd_end(&crowd);
	return bad;
}

static int check_groups(void)
{
	const struct pcbscope_info *info = ours_info();
	__u64 cheap = info->cheap_groups & ~PCBSCOPE_GROUP_AFFINITY;
	unsigned int i;

	for (i = 0; i < nr_variants; i++)
		variants[i].groups &= info->groups;
	if (cheap == RIVAL_GROUPS)
		return 0;
	printf("check  the cheap groups are %#llx, the BPF rivals have %#llx\n",
	       cheap, RIVAL_GROUPS);
	return -1;
}

static int bench(const char *tsv)
{
	unsigned int p;
	int bad = 0;

	if (clock_counts_insns() && clock_check())
		return 1;
	if (!without_ours && (ours_open() || check_groups()))
		return 1;
	if (!without_bpf && bpf_open())
		return 1;
	for (p = 0; p < nr_populations; p++)
		if (!only || !strcmp(only, populations[p].key))
			bad |= measure_population(p);
	if (bad)
		printf("\na self-check failed: do not trust these numbers\n");
	if (clock_counts_insns() && !without_ours && !only)
		bad |= report_gates();
	if (tsv)
		bad |= report_tsv(tsv);
	return bad;
}

int main(int argc, char **argv)
{
	const char *tsv = NULL, *host_file = NULL;
	int opt;

	while ((opt = getopt(argc, argv, "h:o:p:br")) != -1) {
		switch (opt) {
		case 'h':
			host_file = optarg;
			break;
		case 'o':
			tsv = optarg;
			break;
		case 'p':
			only = optarg;
			break;
		case 'b':
			without_bpf = true;
			break;
		case 'r':
			without_ours = true;
			break;
		default:
			return 2;
		}
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	return clock_init(host_file) || bench(tsv);
}
