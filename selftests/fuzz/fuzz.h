/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fuzzer: operations on the device and on the files of /proc/pcbscope.
 *
 * An operation is a kind, a descriptor and a row of numbers; running it takes
 * the numbers one after the other as its choices. So it can be printed, run
 * again, and changed in one choice, which is what the corpus of sequences that
 * reached new code lives on. Every system call goes through fuzz_call(), which
 * knows the errnos that are documented for it.
 */
#ifndef PCB_FUZZ_H
#define PCB_FUZZ_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include "pcbscope.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define BIT(n) (1U << (n))

/* What a descriptor number stands for is fixed, so that a stale one harms nothing. */
enum file_kind { DEVICE, VERSION, TASKS, TREE, STATES, PCB, NR_FILE_KINDS };
#define TEXTS (BIT(VERSION) | BIT(TASKS) | BIT(TREE) | BIT(STATES) | BIT(PCB))
#define ALL_FILES (BIT(DEVICE) | TEXTS)
#define NR_SLOTS 10
#define FIRST_FD 100
#define SANE_FD 99
extern const enum file_kind slot_kinds[NR_SLOTS];
extern const char *const file_paths[NR_FILE_KINDS];

/* Calls, as the table of errnos knows them. */
enum call {
	ON_OPEN, ON_CLOSE, ON_DUP, ON_READ, ON_PREAD, ON_WRITE, ON_PWRITE, ON_LSEEK, ON_INFO,
	ON_SCHEMA, ON_QUERY, ON_IOCTL, ON_MMAP, ON_MUNMAP, ON_MPROTECT, ON_MREMAP, ON_MADVISE,
	ON_POLL, ON_EPOLL, ON_FCNTL, ON_FLOCK, ON_TRUNCATE, ON_FALLOCATE, ON_SYNC, ON_STAT,
	ON_SPLICE, ON_SPLICE_IN, ON_SENDFILE, ON_COPY, ON_PASS, NR_CALLS
};

const char *call_name(enum call on);
bool errno_is_documented(enum call on, enum file_kind file, int error);

#define NR_CHOICES 14
struct op {
	uint32_t kind;
	uint32_t slot;
	uint64_t choice[NR_CHOICES];
};

#define SEQUENCE_MAX 6
struct sequence {
	uint32_t nr;
	struct op op[SEQUENCE_MAX];
};

/* What the watchdog and the report read, in memory shared with the parent. */
struct desk {
	atomic_ulong nr_ops;
	atomic_ulong begun_ns;	/* when the operation at hand began; 0: none */
	atomic_int done;
	uint64_t seed;
	uint64_t hash;		/* of all operations so far */
	pid_t tid;
	struct op op;
	enum call on;
	long call[7];
	long result;
	uint64_t errnos[3];	/* bits: seen */
	unsigned long nr_errors;
	unsigned long nr_stalls;
	char fault[512];
};

#define NR_DESKS 8
#define PCS_MAX (1U << 18)
#define CORPUS_MAX 1024
struct shared {
	atomic_int stop;
	atomic_uint nr_corpus;
	atomic_uint nr_pcs;
	struct desk desk[NR_DESKS];
	struct sequence corpus[CORPUS_MAX];
	unsigned char pcs[PCS_MAX];	/* module text, by the byte: reached */
};

struct mapping {
	unsigned char *at;
	size_t bytes;
	int slot;
};

#define NR_MAPPINGS 4
#define OUT_BYTES (64UL << 10)
#define ARENA_BYTES (OUT_BYTES + (64UL << 10))
#define PATTERN 0xc5

struct stall;
struct kcov;

enum stranger { NOBODY, BY_EUID, BY_CAPABILITY, BY_FSUID, BY_EGID, BY_GROUPS, NR_STRANGERS };

/* One thread of the fuzzer. */
struct worker {
	struct shared *shared;
	struct desk *desk;
	uint64_t rng;
	unsigned long nr_ops;
	const struct op *op;
	unsigned int next_choice;
	enum stranger stranger;	/* these credentials did not open the files */
	unsigned int stranger_for;	/* operations more; 0: for good */
	bool born_stranger;
	bool alone;		/* nobody shares its descriptors */
	bool can_compat;
	bool guided;
	bool go_on;		/* say what is wrong, and do not stop */
	unsigned char *arena;	/* below 4 GiB, pages without access around it */
	unsigned char *bad_pages;
	unsigned char *scratch;
	struct mapping mapping[NR_MAPPINGS];
	int pipe[2];
	int file;
	int socket[2];
	struct stall *stall;
	struct kcov *kcov;
	bool has_new;
};

/* worker.c */
uint64_t fuzz_random(uint64_t *state);
uint64_t fuzz_mix(uint64_t a, uint64_t b);
uint64_t choose(struct worker *w);
uint64_t pick(struct worker *w, uint64_t below);
bool one_in(struct worker *w, unsigned int n);
void fault(struct worker *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
long fuzz_call(struct worker *w, enum call on, long number, long a, long b, long c, long d,
	       long e, long f);
long fuzz_compat(struct worker *w, enum call on, unsigned long request, unsigned long arg);
bool compat_works(void);
#define CALL6(w, on, nr, a, b, c, d, e, f) \
	fuzz_call(w, on, nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL4(w, on, nr, a, b, c, d) CALL6(w, on, nr, a, b, c, d, 0, 0)
#define CALL3(w, on, nr, a, b, c) CALL6(w, on, nr, a, b, c, 0, 0, 0)
static inline enum file_kind op_file(const struct worker *w)
{
	return slot_kinds[w->op->slot];
}

static inline int op_fd(const struct worker *w)
{
	return FIRST_FD + (int)w->op->slot;
}

void run_op(struct worker *w, const struct op *op);
void worker_run(struct worker *w);
bool worker_begin(struct worker *w);
void worker_end(struct worker *w);
bool is_sane(struct worker *w, int fd);

/* process.c */
bool open_all(void);
void quiet_signals(void);
void churn(void) __attribute__((noreturn));

/* memory.c */
struct out {
	unsigned char *at;
	size_t bytes;
	size_t slack;
	bool ours;		/* in the arena: it can be looked at */
};

bool memory_begin(struct worker *w);
void memory_end(struct worker *w);
size_t odd_size(struct worker *w);
uint64_t odd_number(struct worker *w);
/* An address to read from or write to: most often @good. */
void *pointer(struct worker *w, void *good, size_t bytes);
struct out out_buffer(struct worker *w, size_t bytes);
void out_check(struct worker *w, const struct out *out, size_t used);
/* NULL, or what no reader may ever be given. */
const char *secret_in(const void *at, size_t bytes);
const char *secret_in_text(const char *text, size_t bytes);
bool is_pattern(const unsigned char *at, size_t bytes);
bool peek(struct worker *w, const void *from, void *to, size_t bytes);

/* stall.c: memory whose page faults are answered late */
struct stall *stall_begin(struct worker *w);
void stall_end(struct stall *stall);
void *stall_arm(struct worker *w, const void *content, size_t bytes);

/* kcov.c */
bool kcov_open_module(void);
struct kcov *kcov_begin(void);
void kcov_end(struct kcov *kcov);
void kcov_reset(struct kcov *kcov);
bool kcov_gather(struct kcov *kcov, struct shared *shared);

/* op_*.c */
void op_info(struct worker *w);
void op_schema(struct worker *w);
void op_query(struct worker *w);
void op_ioctl(struct worker *w);
void op_open(struct worker *w);
void op_close(struct worker *w);
void op_dup(struct worker *w);
void op_read(struct worker *w);
void op_write(struct worker *w);
void op_lseek(struct worker *w);
void op_poll(struct worker *w);
void op_fcntl(struct worker *w);
void op_meta(struct worker *w);
void op_splice(struct worker *w);
void op_copy(struct worker *w);
void op_mmap(struct worker *w);
void op_area(struct worker *w);
void op_pass(struct worker *w);
void op_credentials(struct worker *w);
void op_fork(struct worker *w);
void op_signal(struct worker *w);
void op_burst(struct worker *w);
void credentials_back(struct worker *w);
bool become(enum stranger stranger);

#endif
