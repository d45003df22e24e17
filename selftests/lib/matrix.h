/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The access matrix: readers x ways in x questions x targets x groups. The table
 * of fields is matrix_table.h; readers and targets are tables in their own
 * files; every cell is made by loops over them.
 */
#ifndef PCB_TEST_MATRIX_H
#define PCB_TEST_MATRIX_H

#include <stdbool.h>
#include <sys/types.h>

#include "device.h"
#include "procfs.h"
#include "text.h"

#define MATRIX_FOLDER "/mnt"	/* a file system of our own there, programs may be setuid */
#define MATRIX_USER 1234
#define MATRIX_OTHER 1235
#define MATRIX_TARGETS 16
#define MATRIX_GROUPS 10

/* Counted by all readers, in memory that they share. */
struct tally {
	unsigned long long cells;
	unsigned long long with_data;
	unsigned long long refused;
	unsigned long long compared;
	unsigned long long exceptions;	/* the LSM's, expected */
	unsigned long long wrong;
	char first[256];		/* the first that was wrong */
	unsigned int nr_targets;
	pid_t targets[MATRIX_TARGETS];
};

void tally_wrong(struct tally *tally, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- matrix_readers.c --- */

struct reader {
	const char *name;
	int (*become)(void);	/* may go on in a child; 0 or -errno */
	bool let_in;
	bool confined;		/* by an LSM: the expected exception */
};

const struct reader *readers(unsigned int *count);
/* Run fn(reader, tally) as that reader. 0; -ENOSYS: this kernel has none such; or -errno. */
int reader_run(const struct reader *reader,
	       void (*fn)(const struct reader *reader, struct tally *tally), struct tally *tally);

/* --- matrix_targets.c --- */

/* Tasks of all kinds, whose ids are put in the tally. NULL, or the kind that failed. */
const char *targets_make(struct tally *tally);
void targets_end(void);
/* One more, made by the reader itself. */
void target_add(struct tally *tally, pid_t pid);

/* --- matrix_witness.c --- */

/* What procfs tells this reader, here and now. */
struct told {
	bool exists;
	bool read;		/* passes the gate READ */
	bool moves;		/* the reader itself: its numbers are not those of before */
	struct proc_stat stat;
	char status[8192];
	char exe[4400];
	char cmdline[4097];
	ssize_t exe_bytes;
	ssize_t cmdline_bytes;
	long long user_ns;
};

/* One answer of pcbscope: a number, or bytes. */
struct given {
	long long number;
	const char *bytes;	/* NULL: a number */
	size_t nr_bytes;
	bool escaped;		/* as text files write it */
};

void told_take(pid_t pid, struct told *told);
/* Hold all fields of a record, or of the text of pcb, or of one row, against it. */
void told_check_record(const struct told *told, const struct pcbscope_record *record,
		       const struct reader *reader, struct tally *tally, const char *how);
void told_check_text(const struct told *told, const char *lines, const struct reader *reader,
		     struct tally *tally, const char *how);
void told_check_row(const struct told *told, const struct table *table, unsigned int row,
		    const struct reader *reader, struct tally *tally, const char *how);
/* NULL, or the field without a line in matrix_table.h. */
const char *matrix_missing(void);

/* --- matrix_ways.c --- */

#define NR_NODES 3
#define NR_FOLDERS 4
#define NR_TEXTS 5

/* Where the device, and the folder of text files, can be reached; the files. */
extern const char * const nodes[NR_NODES];
extern const char * const folders[NR_FOLDERS];
extern const char * const texts[NR_TEXTS];

/* What root holds open, for others to reach for. */
struct held {
	struct tally *tally;	/* shared, and to be found again after exec */
	int tally_fd;
	int device;
	int text[NR_TEXTS];
	pid_t pid;		/* who holds it */
};

/* Mounts, programs, descriptors and targets. NULL, or what failed. */
const char *ways_make(struct held *held);
void ways_end(struct held *held);
/* Modes are no part of the policy: with all of them open nothing may change. */
void ways_set_modes(bool open);
/* A text file that can be read at once; a descriptor or -errno. */
int text_open(const char *folder, const char *name);

/* --- matrix_use.c --- */

/*
 * All that can be done with a descriptor, for every group and target; each must
 * end with @expected: 0, or -EPERM with nothing written.
 */
void use_device(int fd, int expected, struct tally *tally, const char *how);
void use_text(int fd, int expected, struct tally *tally, const char *how);
/* What a copy of this program does that runs as "matrix-user TALLY DEVICE TEXT EXPECTED". */
void use_after_exec(int tally_fd, int device, int text, int expected);

#endif
