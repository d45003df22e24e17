// SPDX-License-Identifier: GPL-2.0
/* One thread of the fuzzer: from a seed to operations, and every call of theirs. */
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "device.h"
#include "factory.h"
#include "fuzz.h"
#include "records.h"

const enum file_kind slot_kinds[NR_SLOTS] = {
	DEVICE, DEVICE, DEVICE, DEVICE, VERSION, TASKS, TREE, STATES, PCB, PCB,
};

const char *const file_paths[NR_FILE_KINDS] = {
	PCBSCOPE_DEVICE, "/proc/pcbscope/version", "/proc/pcbscope/tasks", "/proc/pcbscope/tree",
	"/proc/pcbscope/states", "/proc/pcbscope/pcb",
};

#define EVERY_SLOT 0x3ff
#define DEVICES 0x00f
#define FILES 0x3f0

/* How often each operation is chosen, and on which slots. */
static const struct {
	void (*run)(struct worker *w);
	unsigned int weight;
	unsigned int slots;
} kinds[] = {
	{ op_query, 220, DEVICES }, { op_info, 50, DEVICES }, { op_schema, 50, DEVICES },
	{ op_ioctl, 60, EVERY_SLOT }, { op_open, 110, EVERY_SLOT }, { op_close, 40, EVERY_SLOT },
	{ op_dup, 20, EVERY_SLOT }, { op_read, 110, FILES }, { op_read, 10, DEVICES },
	{ op_write, 70, FILES }, { op_write, 6, DEVICES }, { op_lseek, 40, EVERY_SLOT },
	{ op_poll, 30, EVERY_SLOT }, { op_fcntl, 30, EVERY_SLOT }, { op_meta, 30, EVERY_SLOT },
	{ op_splice, 20, EVERY_SLOT }, { op_copy, 10, EVERY_SLOT }, { op_mmap, 50, DEVICES },
	{ op_mmap, 6, FILES }, { op_area, 50, DEVICES }, { op_pass, 10, EVERY_SLOT },
	{ op_credentials, 15, EVERY_SLOT }, { op_fork, 4, EVERY_SLOT },
	{ op_signal, 20, EVERY_SLOT }, { op_burst, 1, DEVICES },
};

uint64_t fuzz_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

uint64_t fuzz_mix(uint64_t a, uint64_t b)
{
	uint64_t state = a ^ (b * 0xd6e8feb86659fd93ULL);

	return fuzz_random(&state);
}

/* The next choice of the operation; behind the last one they follow from it. */
uint64_t choose(struct worker *w)
{
	unsigned int i = w->next_choice++;

	if (i < NR_CHOICES)
		return w->op->choice[i];
	return fuzz_mix(w->op->choice[i % NR_CHOICES], i);
}

uint64_t pick(struct worker *w, uint64_t below)
{
	return (choose(w) >> 11) % below;
}

bool one_in(struct worker *w, unsigned int n)
{
	return !pick(w, n);
}

void fault(struct worker *w, const char *format, ...)
{
	struct desk *desk = w->desk;
	char text[sizeof(desk->fault)];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(text + length, sizeof(text) - length, " (as %s)",
		 w->stranger ? "a stranger" : "the opener");
	if (w->go_on) {
		dprintf(STDOUT_FILENO, "# fault: %s\n", text);
		return;
	}
	if (!desk->fault[0])
		strcpy(desk->fault, text);
	atomic_store(&w->shared->stop, 1);
}

/* What a stranger must never get: data, or anything done. */
static bool is_served(enum call on, long result)
{
	switch (on) {
	case ON_READ:
	case ON_PREAD:
	case ON_WRITE:
	case ON_SPLICE:
	case ON_SENDFILE:
	case ON_COPY:
		return result > 0;
	case ON_INFO:
	case ON_SCHEMA:
	case ON_QUERY:
	case ON_MMAP:
		return result >= 0;
	default:
		return false;
	}
}

static void check_result(struct worker *w, enum call on, long result)
{
	enum file_kind file = op_file(w);

	if (w->stranger && is_served(on, result))
		fault(w, "%s of %s served a stranger: %ld", call_name(on), file_paths[file],
		      result);
	if (result >= 0 || result < -4095)
		return;
	w->desk->nr_errors++;
	if (-result < 192)
		w->desk->errnos[-result / 64] |= 1ULL << (-result % 64);
	if (!errno_is_documented(on, file, (int)-result))
		fault(w, "%s of %s: %s (%ld) is not documented", call_name(on),
		      file_paths[file], strerror((int)-result), -result);
}

static void note_call(struct worker *w, enum call on, const long *call)
{
	w->desk->on = on;
	memcpy(w->desk->call, call, sizeof(w->desk->call));
}

/* A system call: its result, or -errno. */
long fuzz_call(struct worker *w, enum call on, long number, long a, long b, long c, long d,
	       long e, long f)
{
	const long call[7] = { number, a, b, c, d, e, f };
	long result;

	note_call(w, on, call);
	result = syscall(number, a, b, c, d, e, f);
	if (result == -1)
		result = -errno;
	w->desk->result = result;
	check_result(w, on, result);
	return result;
}

#ifdef __x86_64__
static long ioctl_32(int fd, unsigned long request, unsigned long arg)
{
	long result;

	asm volatile("int $0x80" : "=a" (result)
		     : "a" (54L), "b" ((long)fd), "c" (request), "d" (arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return (int)result;
}
#else
static long ioctl_32(int fd, unsigned long request, unsigned long arg)
{
	return -ENOSYS;
}
#endif

/* The same as ioctl(2) of a 32-bit program, whose pointers have 32 bits. */
long fuzz_compat(struct worker *w, enum call on, unsigned long request, unsigned long arg)
{
	const long call[7] = { -54, op_fd(w), (long)request, (long)arg };
	long result;

	note_call(w, on, call);
	result = ioctl_32(op_fd(w), request, arg);
	w->desk->result = result;
	check_result(w, on, result);
	return result;
}

/* A kernel without 32-bit emulation kills who tries. */
bool compat_works(void)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		_exit(ioctl_32(-1, 0, 0) == -EBADF ? 0 : 1);
	}
	return waitpid(pid, &status, 0) == pid && !status;
}

static void make_op(struct worker *w, struct op *op)
{
	unsigned int total = 0, i, at;

	for (i = 0; i < COUNT(kinds); i++)
		total += kinds[i].weight;
	at = fuzz_random(&w->rng) % total;
	for (i = 0; at >= kinds[i].weight; i++)
		at -= kinds[i].weight;
	op->kind = i;
	op->slot = fuzz_random(&w->rng) % NR_SLOTS;
	for (i = 0; i < NR_CHOICES; i++)
		op->choice[i] = fuzz_random(&w->rng);
}

/* Slots that the operation cannot use lead to one that it can. */
static void fit_slot(struct op *op)
{
	while (!(kinds[op->kind].slots & BIT(op->slot)))
		op->slot = (op->slot + 1) % NR_SLOTS;
}

static void mutate(struct worker *w, struct sequence *sequence)
{
	struct op *op = &sequence->op[fuzz_random(&w->rng) % sequence->nr];

	switch (fuzz_random(&w->rng) % 5) {
	case 0:
		make_op(w, op);
		break;
	case 1:
		op->slot = fuzz_random(&w->rng) % NR_SLOTS;
		break;
	case 2:
		if (sequence->nr < SEQUENCE_MAX)
			make_op(w, &sequence->op[sequence->nr++]);
		break;
	default:
		op->choice[fuzz_random(&w->rng) % NR_CHOICES] = fuzz_random(&w->rng);
	}
}

static void make_sequence(struct worker *w, struct sequence *sequence)
{
	unsigned int nr = atomic_load(&w->shared->nr_corpus), i;

	if (w->guided && nr && fuzz_random(&w->rng) % 2) {
		nr = nr < CORPUS_MAX ? nr : CORPUS_MAX;
		*sequence = w->shared->corpus[fuzz_random(&w->rng) % nr];
		if (sequence->nr && sequence->nr <= SEQUENCE_MAX) {
			mutate(w, sequence);
			return;
		}
	}
	sequence->nr = 1 + fuzz_random(&w->rng) % SEQUENCE_MAX;
	for (i = 0; i < sequence->nr; i++)
		make_op(w, &sequence->op[i]);
}

static void keep(struct worker *w, const struct sequence *sequence)
{
	unsigned int at = atomic_load(&w->shared->nr_corpus);

	if (at < CORPUS_MAX) {
		w->shared->corpus[at] = *sequence;
		atomic_compare_exchange_strong(&w->shared->nr_corpus, &at, at + 1);
	}
}

void run_op(struct worker *w, const struct op *op)
{
	w->op = op;
	w->next_choice = 0;
	if (w->kcov)
		kcov_reset(w->kcov);
	kinds[op->kind].run(w);
	if (w->kcov && kcov_gather(w->kcov, w->shared))
		w->has_new = true;
	if (w->stranger_for && !--w->stranger_for)
		credentials_back(w);
}

static void hash_op(struct desk *desk, const struct op *op)
{
	unsigned int i;

	desk->hash = fuzz_mix(desk->hash, (uint64_t)op->kind << 32 | op->slot);
	for (i = 0; i < NR_CHOICES; i++)
		desk->hash = fuzz_mix(desk->hash, op->choice[i]);
}

/* The sane request, on a descriptor that no operation touches: it finds its reader. */
bool is_sane(struct worker *w, int fd)
{
	struct walk walk;
	int error = walk_one(fd, getpid(), ALL_GROUPS, &walk);
	bool good;

	if (error) {
		fault(w, "a sane request fails: %s", strerror(-error));
		return false;
	}
	good = walk.nr_records == 1 && !walk_fault(&walk, ALL_GROUPS, true) &&
		record_identity((void *)walk.buf)->pid == (uint32_t)getpid();
	if (!good)
		fault(w, "a sane request does not find its reader");
	walk_free(&walk);
	return good;
}

static void run_sequence(struct worker *w, struct sequence *sequence)
{
	struct desk *desk = w->desk;
	unsigned int i;

	w->has_new = false;
	for (i = 0; i < sequence->nr && !atomic_load(&w->shared->stop); i++) {
		fit_slot(&sequence->op[i]);
		desk->op = sequence->op[i];
		hash_op(desk, &desk->op);
		atomic_store(&desk->begun_ns, now_ns());
		run_op(w, &sequence->op[i]);
		atomic_store(&desk->begun_ns, 0);
		atomic_fetch_add(&desk->nr_ops, 1);
	}
	if (w->has_new)
		keep(w, sequence);
}

void worker_run(struct worker *w)
{
	unsigned long sane_at = 0, nr_ops = w->nr_ops, nr;
	struct sequence sequence;

	w->desk->tid = (pid_t)syscall(SYS_gettid);
	while ((nr = atomic_load(&w->desk->nr_ops)) < nr_ops && !atomic_load(&w->shared->stop)) {
		make_sequence(w, &sequence);
		if (sequence.nr > nr_ops - nr)
			sequence.nr = nr_ops - nr;
		run_sequence(w, &sequence);
		if (!w->stranger && nr >= sane_at && is_sane(w, SANE_FD))
			sane_at = nr + 500;
	}
	if (w->stranger && !w->born_stranger)
		credentials_back(w);
	atomic_store(&w->desk->done, 1);
}

bool worker_begin(struct worker *w)
{
	w->rng = w->desk->seed;
	return memory_begin(w) &&
		!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, w->socket);
}

void worker_end(struct worker *w)
{
	unsigned int i;

	for (i = 0; i < NR_MAPPINGS; i++)
		if (w->mapping[i].at)
			munmap(w->mapping[i].at, w->mapping[i].bytes);
	close(w->socket[0]);
	close(w->socket[1]);
	memory_end(w);
}
