/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every test program includes: kselftest's harness, a main() that insists
 * on the module, and the counts of a quick and a long run.
 */
#ifndef PCB_TEST_HARNESS_H
#define PCB_TEST_HARNESS_H

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "device.h"
#include "factory.h"
#include "procfs.h"
#include "records.h"
#include "text.h"

/* A fault is NULL, or the words that say what is wrong. */
#define EXPECT_SOUND(fault)					\
	do {							\
		const char *_fault = (fault);			\
								\
		EXPECT_TRUE(!_fault) {				\
			TH_LOG("%s", _fault);			\
		}						\
	} while (0)

/* `make check-long` asks for full counts. */
static inline bool run_is_long(void)
{
	const char *text = getenv("CHECK_LONG");

	return text && *text && strcmp(text, "0");
}

/* KASAN and lockdep make every step five to ten times as dear. */
static inline bool on_debug_kernel(void)
{
	return access("/sys/kernel/debug/kmemleak", F_OK) == 0;
}

/* How often: the full count for a stock or a debug kernel, a tenth of it in a quick run. */
static inline unsigned int counted(unsigned int stock, unsigned int debug)
{
	unsigned int full = on_debug_kernel() ? debug : stock;

	return run_is_long() ? full : (full + 9) / 10;
}

/* Counts grow tenfold in a long run. */
static inline unsigned int scaled(unsigned int quick)
{
	return run_is_long() ? quick * 10 : quick;
}

/* What a run reached; check-long gathers these lines in its table. */
static inline void figure(const char *what, unsigned long long reached)
{
	printf("# figure: %s: %llu\n", what, reached);
	fflush(stdout);
}

/* An emulated machine on a busy host is slow: only what hangs shall time out. */
static inline void stretch_timeouts(void)
{
	struct __fixture_metadata *fixture;
	struct __test_metadata *test;

	for (fixture = __fixture_list; fixture; fixture = fixture->next)
		for (test = fixture->tests; test; test = test->next)
			test->timeout *= scaled(3) * (on_debug_kernel() ? 4 : 1);
}

/* Without the module: SKIP, or FAIL where PCBSCOPE_REQUIRED=1 says it must be there. */
static inline int module_is_absent(const char *why)
{
	const char *required = getenv("PCBSCOPE_REQUIRED");

	printf("TAP version 13\n");
	if (required && !strcmp(required, "1")) {
		printf("1..1\nnot ok 1 " PCBSCOPE_DEVICE ": %s\n", why);
		return KSFT_FAIL;
	}
	printf("1..0 # SKIP " PCBSCOPE_DEVICE ": %s\n", why);
	return KSFT_SKIP;
}

static inline int timed_run(int argc, char **argv)
{
	time_t start = time(NULL);
	int status = test_harness_run(argc, argv);

	figure("seconds", time(NULL) - start);
	return status;
}

#define PCB_TEST_MAIN						\
	int main(int argc, char **argv)				\
	{							\
		int fd = device_open();				\
								\
		if (fd < 0)					\
			return module_is_absent(strerror(-fd));	\
		close(fd);					\
		stretch_timeouts();				\
		return timed_run(argc, argv);			\
	}							\
	static void __attribute__((constructor))		\
	__constructor_order_last(void)				\
	{							\
		if (!__constructor_order)			\
			__constructor_order = _CONSTRUCTOR_ORDER_BACKWARD; \
	}

#endif
