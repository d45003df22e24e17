// SPDX-License-Identifier: GPL-2.0
/*
 * The fuzzer of the device and of /proc/pcbscope: six processes, openers and
 * strangers, beside a churn of others. PCBSCOPE_FUZZ_SEED=N repeats a run;
 * PCBSCOPE_FUZZ_WORKERS=1 has one worker alone, whose operations are the same
 * each time; PCBSCOPE_FUZZ_OPS=N does more or fewer; PCBSCOPE_FUZZ_GO_ON=1 prints
 * faults without stopping.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "fuzz/fuzz.h"

#define NR_PROCESSES 6
#define THREADS_MAX 2
#define HANG_S 60

/* What a process of the fuzzer is, and its share of the operations in percent. */
static const struct role {
	const char *name;
	unsigned int threads;
	unsigned int share;
	enum stranger stranger;
	int unshare;
} roles[NR_PROCESSES] = {
	{ "root, two threads", 2, 44, NOBODY, 0 },
	{ "root", 1, 26, NOBODY, 0 },
	{ "root in a pid namespace", 1, 12, NOBODY, CLONE_NEWPID },
	{ "root without CAP_SYS_PTRACE", 1, 6, BY_CAPABILITY, 0 },
	{ "nobody", 1, 6, BY_EUID, 0 },
	{ "root of a user namespace", 1, 6, BY_FSUID, 0 },
};

struct campaign {
	struct shared *shared;
	uint64_t seed;
	bool guided;
	bool compat;
	pid_t pids[NR_PROCESSES];
	pid_t churn;
};

FIXTURE(fuzz) {
	struct campaign all;
};

static uint64_t environment(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 0) : otherwise;
}

FIXTURE_SETUP(fuzz)
{
	self->all.shared = mmap(NULL, sizeof(*self->all.shared), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->all.shared);
	self->all.seed = environment("PCBSCOPE_FUZZ_SEED", now_ns() ^ (uint64_t)getpid() << 40);
	self->all.compat = compat_works();
	/* Credentials that are put back later must be those that opened. */
	ASSERT_EQ(0, syscall(SYS_setgroups, 0, NULL));
}

FIXTURE_TEARDOWN(fuzz)
{
	munmap(self->all.shared, sizeof(*self->all.shared));
}

static void *thread_main(void *arg)
{
	struct worker *w = arg;
	sigset_t alarms;

	sigemptyset(&alarms);
	sigaddset(&alarms, SIGALRM);
	pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);
	w->kcov = w->guided && !w->born_stranger ? kcov_begin() : NULL;
	worker_run(w);
	kcov_end(w->kcov);
	return NULL;
}

static bool run_threads(struct worker *workers, const struct role *role)
{
	pthread_t threads[THREADS_MAX];
	unsigned int i;

	for (i = 0; i < role->threads; i++)
		if (pthread_create(&threads[i], NULL, thread_main, &workers[i]))
			return false;
	for (i = 0; i < role->threads; i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < role->threads; i++) {
		stall_end(workers[i].stall);
		worker_end(&workers[i]);
	}
	return true;
}

/* One process of the fuzzer; 0: all went well. */
static int process_main(struct worker *workers, const struct role *role)
{
	unsigned int i;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	quiet_signals();
	if (!open_all())
		return 2;
	for (i = 0; i < role->threads; i++) {
		if (!worker_begin(&workers[i]))
			return 3;
		workers[i].alone = role->threads == 1;
		/* Strangers are refused before their memory is looked at. */
		workers[i].stall = role->stranger ? NULL : stall_begin(&workers[i]);
		workers[i].stranger = role->stranger;
		workers[i].born_stranger = role->stranger;
	}
	if (role->stranger && !become(role->stranger))
		return 4;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return run_threads(workers, role) ? 0 : 5;
}

static pid_t start_process(const struct role *role, struct worker *workers)
{
	pid_t pid = (pid_t)syscall(SYS_clone, (unsigned long)(role->unshare | SIGCHLD), 0, 0, 0, 0);

	if (!pid)
		_exit(process_main(workers, role));
	if (pid > 0)
		setpgid(pid, pid);
	return pid;
}

static void say_op(struct __test_metadata *_metadata, const struct desk *desk)
{
	char choices[NR_CHOICES * 20] = "";
	size_t at = 0;
	unsigned int i;

	for (i = 0; i < NR_CHOICES; i++)
		at += (size_t)snprintf(choices + at, sizeof(choices) - at, " %llx",
				       (unsigned long long)desk->op.choice[i]);
	TH_LOG("operation %lu of worker seed 0x%llx: kind %u, slot %u, choices%s",
	       desk->nr_ops, (unsigned long long)desk->seed, desk->op.kind, desk->op.slot, choices);
	TH_LOG("last call: %s: syscall %ld (%lx, %lx, %lx, %lx, %lx, %lx) = %ld",
	       call_name(desk->on), desk->call[0], desk->call[1], desk->call[2], desk->call[3],
	       desk->call[4], desk->call[5], desk->call[6], desk->result);
}

/* A fault that an operation found, or one that it has been in for too long. */
static bool is_well(struct __test_metadata *_metadata, struct shared *shared)
{
	unsigned long long now = now_ns();
	unsigned int i;

	for (i = 0; i < NR_DESKS; i++) {
		struct desk *desk = &shared->desk[i];
		unsigned long begun = atomic_load(&desk->begun_ns);
		bool hangs = begun && now > begun && now - begun > HANG_S * 1000000000ULL;

		if (!desk->fault[0] && !hangs)
			continue;
		TH_LOG("worker %u: %s", i, hangs ? "hangs" : desk->fault);
		say_op(_metadata, desk);
		if (hangs)
			file_write("/proc/sysrq-trigger", "w");
		return false;
	}
	return true;
}

/* What each worker of process @died was at. */
static void say_ops(struct __test_metadata *_metadata, struct shared *shared,
		    const struct role *first, unsigned int died)
{
	struct desk *desk = shared->desk;
	unsigned int i;

	for (i = 0; i < died; i++)
		desk += first[i].threads;
	for (i = 0; i < first[died].threads; i++)
		say_op(_metadata, desk + i);
}

static void kill_all(const pid_t *pids, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (pids[i] <= 0)
			continue;
		kill(-pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
}

/* Until all have ended. False: one complained, hangs, or died. */
static bool watch(struct __test_metadata *_metadata, struct campaign *self,
		  const struct role *first, unsigned int nr)
{
	unsigned int left = nr, i;
	int status;

	while (left) {
		if (!is_well(_metadata, self->shared))
			return false;
		for (i = 0; i < nr; i++) {
			if (self->pids[i] <= 0 ||
			    waitpid(self->pids[i], &status, WNOHANG) != self->pids[i])
				continue;
			self->pids[i] = 0;
			left--;
			if (!status)
				continue;
			TH_LOG("%s ended with status 0x%x", first[i].name, status);
			say_ops(_metadata, self->shared, first, i);
			return false;
		}
		poll(NULL, 0, 50);
	}
	return is_well(_metadata, self->shared);
}

static void arrange_desk(struct campaign *self, struct worker *w, unsigned int at,
			 unsigned long nr_ops)
{
	*w = (struct worker) {
		.shared = self->shared, .desk = &self->shared->desk[at],
		.guided = self->guided, .can_compat = self->compat, .nr_ops = nr_ops,
		.go_on = environment("PCBSCOPE_FUZZ_GO_ON", 0),
	};
	memset(w->desk, 0, sizeof(*w->desk));
	w->desk->seed = fuzz_mix(self->seed, at);
}

static bool fuzz(struct __test_metadata *_metadata, struct campaign *self,
		 const struct role *first, unsigned int nr, unsigned long nr_ops)
{
	static struct worker workers[NR_PROCESSES][THREADS_MAX];
	unsigned int i, j, desk = 0;
	bool good;

	atomic_store(&self->shared->stop, 0);
	for (i = 0; i < nr; i++) {
		unsigned long ops = nr == 1 ? nr_ops :
			(nr_ops * first[i].share / 100 + first[i].threads - 1) / first[i].threads;

		for (j = 0; j < first[i].threads; j++)
			arrange_desk(self, &workers[i][j], desk++, ops);
		self->pids[i] = start_process(&first[i], workers[i]);
	}
	good = watch(_metadata, self, first, nr);
	atomic_store(&self->shared->stop, 1);
	kill_all(self->pids, nr);
	return good;
}

/* Return: how many faults were answered late. */
static unsigned long report(struct campaign *self)
{
	unsigned long ops = 0, errors = 0, stalls = 0;
	uint64_t seen[3] = { 0 };
	unsigned int i, j, nr_errnos = 0;

	for (i = 0; i < NR_DESKS; i++) {
		const struct desk *desk = &self->shared->desk[i];

		ops += desk->nr_ops;
		errors += desk->nr_errors;
		stalls += desk->nr_stalls;
		for (j = 0; j < 3; j++)
			seen[j] |= desk->errnos[j];
	}
	for (j = 0; j < 3; j++)
		nr_errnos += (unsigned int)__builtin_popcountll(seen[j]);
	figure("fuzzer operations", ops);
	figure("fuzzer calls refused", errors);
	figure("fuzzer distinct errnos", nr_errnos);
	figure("fuzzer faults answered late", stalls);
	figure("fuzzer PCs of the module reached", self->shared->nr_pcs);
	figure("fuzzer sequences in the corpus", self->shared->nr_corpus);
	figure("fuzzer seed", self->seed);
	return stalls;
}

TEST_F_TIMEOUT(fuzz, every_result_is_a_documented_one, 400)
{
	unsigned long nr_ops = environment("PCBSCOPE_FUZZ_OPS", counted(1000000, 200000));
	bool one = environment("PCBSCOPE_FUZZ_WORKERS", NR_PROCESSES) == 1;
	unsigned long done = 0, stalls;
	unsigned int i;
	bool good;

	self->all.guided = !one && kcov_open_module();
	printf("# fuzz: PCBSCOPE_FUZZ_SEED=0x%llx, %lu operations%s%s\n",
	       (unsigned long long)self->all.seed, nr_ops,
	       self->all.guided ? ", guided by coverage" : "",
	       self->all.compat ? ", 32-bit calls too" : "");
	fflush(stdout);
	self->all.churn = fork();
	if (!self->all.churn)
		churn();
	good = one ? fuzz(_metadata, &self->all, &roles[1], 1, nr_ops) :
		fuzz(_metadata, &self->all, roles, NR_PROCESSES, nr_ops);
	kill(self->all.churn, SIGKILL);
	waitpid(self->all.churn, NULL, 0);
	stalls = report(&self->all);
	EXPECT_TRUE(good) {
		TH_LOG("again: PCBSCOPE_FUZZ_SEED=0x%llx", (unsigned long long)self->all.seed);
	}
	for (i = 0; i < NR_DESKS; i++)
		done += self->all.shared->desk[i].nr_ops;
	EXPECT_LE(nr_ops, done);
	/* One operation in 500 to 2000. */
	if (nr_ops >= 20000) {
		EXPECT_LT(0, stalls);
	}
	if (on_debug_kernel() && !one) {
		EXPECT_LT(300, self->all.shared->nr_pcs) {
			TH_LOG("%s", self->all.guided ? "few PCs" : "not guided: no KCOV");
		}
	}
}

TEST_F_TIMEOUT(fuzz, a_seed_repeats_its_operations, 100)
{
	uint64_t hashes[3];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		self->all.seed += i == 2;
		ASSERT_TRUE(fuzz(_metadata, &self->all, &roles[1], 1, 1000));
		hashes[i] = self->all.shared->desk[0].hash;
	}
	EXPECT_EQ(hashes[0], hashes[1]);
	EXPECT_NE(hashes[1], hashes[2]);
}

/* The checks of the fuzzer see what they are there for. */
TEST_F(fuzz, the_checks_see_what_is_wrong)
{
	static unsigned char buffer[256];
	uint64_t secrets[] = {
		0xffff888012345678ULL, 0xffffffff81000000ULL, 0xffffc90000001000ULL,
		0xff5c4d5b80423d40ULL, 0xff21319bc18c2ca8ULL,
		0x6b6b6b6b6b6b6b6bULL, 0x5a5a5a5a5a5a5a5aULL,
	};
	struct worker w = { .shared = self->all.shared, .desk = &self->all.shared->desk[0] };
	struct out out = { .at = buffer, .bytes = 128, .slack = 64, .ours = true };
	unsigned int i;

	memset(buffer, PATTERN, sizeof(buffer));
	out_check(&w, &out, 128);
	EXPECT_EQ(0, w.desk->fault[0]);
	buffer[150] = 0;
	out_check(&w, &out, 128);
	EXPECT_NE(0, w.desk->fault[0]);
	for (i = 0; i < COUNT(secrets); i++)
		EXPECT_NE(NULL, secret_in(&secrets[i], 8));
	EXPECT_EQ(NULL, secret_in("\xec\xff\xff\xff\xff\xff\xff\xff", 8));
	EXPECT_NE(NULL, secret_in_text("pc ffffffff81000000\n", 20));
	EXPECT_NE(NULL, secret_in_text("pc ff783539804839b0\n", 20));
	EXPECT_NE(NULL, secret_in_text("7ffffffff8100000012\n", 20));
	EXPECT_EQ(NULL, secret_in_text("ffff ffff\n", 10));
	EXPECT_FALSE(errno_is_documented(ON_QUERY, DEVICE, EIO));
	EXPECT_FALSE(errno_is_documented(ON_READ, TASKS, E2BIG));
	EXPECT_TRUE(errno_is_documented(ON_QUERY, DEVICE, ESRCH));
}

PCB_TEST_MAIN
