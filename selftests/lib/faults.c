// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "faults.h"
#include "procfs.h"

#define FAULTS_MAX 5000		/* of one operation: it has no end */
#define TIMES 1000000		/* a countdown of injected faults; no limit */

enum fault_kind { FAULT_SLAB, FAULT_PAGE, FAULT_COPY, FAULT_KINDS };

static const char * const folders[FAULT_KINDS] = {
	[FAULT_SLAB] = "/sys/kernel/debug/failslab",
	[FAULT_PAGE] = "/sys/kernel/debug/fail_page_alloc",
	[FAULT_COPY] = "/sys/kernel/debug/fail_usercopy",
};

/* Shared by all tests of the program. */
static struct {
	unsigned long operations;
	unsigned long injected[FAULT_KINDS];
	unsigned long failed;
} *totals;

static int fail_nth_fd;

static void __attribute__((constructor)) share_totals(void)
{
	totals = mmap(NULL, sizeof(*totals), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static bool set(enum fault_kind kind, const char *name, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", folders[kind], name);
	return file_write(path, value);
}

/* Only what fail-nth asks for shall fail, and whatever may sleep, too. */
static bool configure(const char *ignore, const char *times)
{
	enum fault_kind kind;
	bool set_all = true;

	for (kind = 0; kind < FAULT_KINDS; kind++)
		set_all &= set(kind, "probability", "0") && set(kind, "verbose", "0") &&
			set(kind, "times", times);
	return set_all && set(FAULT_SLAB, "ignore-gfp-wait", ignore) &&
		set(FAULT_PAGE, "ignore-gfp-wait", ignore) &&
		set(FAULT_PAGE, "ignore-gfp-highmem", ignore) &&
		set(FAULT_PAGE, "min-order", *ignore == 'N' ? "0" : "1");
}

const char *faults_begin(void)
{
	char times[16];

	fail_nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth_fd < 0)
		return "this kernel has no fault injection";
	snprintf(times, sizeof(times), "%d", TIMES);
	if (!configure("N", times))
		return "fault injection of this kernel lacks a setting";
	/* No page of this program shall be fetched while a fault is armed. */
	return mlockall(MCL_CURRENT) ? "mlockall" : NULL;
}

void faults_end(void)
{
	munlockall();
	configure("Y", "1");
}

static bool arm(unsigned int nth)
{
	char text[16];
	int bytes = sprintf(text, "%u", nth);

	return pwrite(fail_nth_fd, text, bytes, 0) == bytes;
}

/*
 * Disarm. Did the fault fire before? Reading the number is a user copy, too: if
 * that one fails, 1 was left.
 */
static bool disarm(void)
{
	char left[16] = "1";

	if (pread(fail_nth_fd, left, sizeof(left) - 1, 0) < 0)
		return false;
	while (!arm(0))
		;
	return atoi(left) == 0;
}

/* The fault that was injected since the last call. (These files cannot be reread.) */
static enum fault_kind find_kind(void)
{
	static int before[FAULT_KINDS];
	enum fault_kind kind, found = FAULT_KINDS;

	for (kind = 0; kind < FAULT_KINDS; kind++) {
		char path[96], text[16] = "";
		int now;

		snprintf(path, sizeof(path), "%s/times", folders[kind]);
		if (file_read(path, text, sizeof(text)) <= 0)
			continue;
		now = atoi(text);
		if (now != before[kind])
			found = kind;
		before[kind] = now;
	}
	return found;
}

static const char *say(const char *format, ...)
{
	static char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return text;
}

/* One run, by the rules: with the @nth fault, or none for 0. */
struct attempt {
	long result;
	bool fired;
	enum fault_kind kind;
};

static const char *run(const struct fault_op *op, unsigned int nth, struct attempt *attempt)
{
	find_kind();
	if (nth && !arm(nth))
		return "cannot write fail-nth";
	attempt->result = op->run(op->arg);
	attempt->fired = nth && disarm();
	attempt->kind = find_kind();
	if (attempt->result < 0 || !op->right)
		return NULL;
	if (op->right(op->arg, !attempt->fired))
		return NULL;
	return say("%s: fault %u: success, but what it gave is wrong", op->name, nth);
}

/* Is this what the manual says of that fault? */
static const char *judge(const struct fault_op *op, unsigned int nth, const struct attempt *attempt)
{
	const int wanted = attempt->kind == FAULT_COPY ? -EFAULT : -ENOMEM;

	if (attempt->kind == FAULT_KINDS)
		return say("%s: fault %u: fired, but nothing counted it", op->name, nth);
	totals->injected[attempt->kind]++;
	if (attempt->result >= 0)
		return NULL;
	totals->failed++;
	if (attempt->result == wanted || attempt->result == op->also)
		return NULL;
	return say("%s: fault %u, of %s: %s", op->name, nth, folders[attempt->kind] + 18,
		   strerror(-attempt->result));
}

/* The fault, then at once the same call without one. */
static const char *try_nth(const struct fault_op *op, unsigned int nth, bool *fired)
{
	struct attempt attempt = { .kind = FAULT_KINDS }, next = { .kind = FAULT_KINDS };
	const char *fault;
	int error = op->before ? op->before(op->arg) : 0;

	if (error)
		return say("%s: %s before the call", op->name, strerror(-error));
	fault = run(op, nth, &attempt);
	*fired = attempt.fired;
	if (!fault && attempt.fired)
		fault = judge(op, nth, &attempt);
	if (!fault && !attempt.fired && attempt.result < 0)
		fault = say("%s: %s without a fault", op->name, strerror(-attempt.result));
	if (!fault && attempt.result < 0 && op->clean && !op->clean(op->arg))
		fault = say("%s: fault %u left something behind", op->name, nth);
	if (!fault && attempt.fired && attempt.result < 0) {
		fault = run(op, 0, &next);
		attempt.result = next.result;
		if (!fault && next.result < 0)
			fault = say("%s: %s in the call after fault %u", op->name,
				    strerror(-next.result), nth);
	}
	if (op->after)
		op->after(op->arg, attempt.result);
	return fault;
}

const char *faults_try(const struct fault_op *op)
{
	unsigned int nth, stride = op->stride ? op->stride : 1;
	const char *fault = NULL;
	bool fired = true;

	/* Once without: caches are warm then. */
	fault = try_nth(op, 0, &fired);
	for (nth = 1, fired = true; !fault && fired && nth < FAULTS_MAX; nth += stride)
		fault = try_nth(op, nth, &fired);
	totals->operations++;
	if (!fault && fired)
		return say("%s: more than %u faults", op->name, FAULTS_MAX);
	return fault;
}

static void tell(const char *what, unsigned long reached)
{
	printf("# figure: %s: %lu\n", what, reached);
}

const char *faults_tell(void)
{
	enum fault_kind kind;

	tell("operations under faults", totals->operations);
	tell("faults of slab allocations", totals->injected[FAULT_SLAB]);
	tell("faults of page allocations", totals->injected[FAULT_PAGE]);
	tell("faults of user copies", totals->injected[FAULT_COPY]);
	tell("calls that a fault made fail", totals->failed);
	fflush(stdout);
	for (kind = 0; kind < FAULT_KINDS; kind++)
		if (!totals->injected[kind])
			return say("no fault was injected by %s", folders[kind]);
	return totals->failed ? NULL : "no fault made a call fail";
}
