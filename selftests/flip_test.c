// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that change their credentials as fast as they can, by exec of a
 * setuid program and without: no record may join the executable or the command
 * line of one program with the credentials of the other.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/securebits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/privilege.h"

#define NR_FLIPPERS 2
#define NR_READERS 2
#define FOLDER "/mnt"
#define PLAIN_UID 1234
#define SECRET_UID 4321
#define JOINED (PCBSCOPE_GROUP_CREDENTIALS | PCBSCOPE_GROUP_PROGRAM)

/* One program, or what can be seen of one. */
enum side { NEITHER, PLAIN, SECRET };

static const char * const names[] = { NULL, "flip-plain", "flip-secret" };
static const char * const thread_names[] = { NULL, "flip-plain-thread", "flip-secret-thread" };

struct counts {
	unsigned long looks;
	unsigned long seen[3];	/* by the executable */
	unsigned long busy;
	unsigned long joins;
	char first[200];
};

struct shared {
	int stop;
	__u32 pids[NR_FLIPPERS];
	struct counts readers[NR_READERS];
};

/* --- the programs: copies of this one, known by the name they are run under --- */

static void run_other(enum side side, unsigned long left, bool by_thread)
{
	static char path[64], number[24];
	char *args[3] = { (char *)(by_thread ? thread_names : names)[side], number };
	char *none[1] = { NULL };

	snprintf(path, sizeof(path), FOLDER "/%s", names[side]);
	snprintf(number, sizeof(number), "%lu", left);
	execve(path, args, none);
	_exit(99);
}

static unsigned long flips_left;
static enum side next_side;

static void *exec_in_thread(void *arg)
{
	run_other(next_side, flips_left, true);
	return NULL;
}

/* Before main(): one flip more, or the end. */
static void __attribute__((constructor)) flip(int argc, char **argv)
{
	pthread_t thread;
	bool by_thread;

	if (argc != 2 || strncmp(argv[0], "flip-", 5))
		return;
	flips_left = strtoul(argv[1], NULL, 10);
	if (!flips_left--)
		_exit(0);
	by_thread = strstr(argv[0], "-thread");
	next_side = argv[0][5] == 'p' ? SECRET : PLAIN;
	if (!by_thread)
		run_other(next_side, flips_left, false);
	if (pthread_create(&thread, NULL, exec_in_thread, NULL))
		_exit(98);
	for (;;)
		pause();
}

/* --- the readers --- */

static enum side side_of_name(const char *name, size_t bytes)
{
	if (memmem(name, bytes, names[PLAIN], strlen(names[PLAIN])))
		return PLAIN;
	if (memmem(name, bytes, names[SECRET], strlen(names[SECRET])))
		return SECRET;
	return NEITHER;
}

static enum side side_of_uid(long long uid)
{
	return uid == PLAIN_UID ? PLAIN : uid == SECRET_UID ? SECRET : NEITHER;
}

static void judge(struct counts *counts, enum side exe, enum side cmdline, enum side comm,
		  long long uid, const char *how)
{
	const enum side owner = side_of_uid(uid);

	counts->looks++;
	counts->seen[exe]++;
	if ((exe == NEITHER || exe == owner) && (cmdline == NEITHER || cmdline == owner) &&
	    (exe == NEITHER || comm == NEITHER || comm == exe))
		return;
	if (!counts->joins++)
		snprintf(counts->first, sizeof(counts->first),
			 "%s: executable %d, command line %d, name %d, uid %lld (1 plain, 2 secret)",
			 how, exe, cmdline, comm, uid);
}

static void judge_record(struct counts *counts, const struct pcbscope_record *record,
			 const char *how)
{
	size_t exe_bytes, cmdline_bytes, comm_bytes;
	const char *exe = record_bytes(record, "exe", &exe_bytes);
	const char *cmdline = record_bytes(record, "cmdline", &cmdline_bytes);
	const char *comm = record_bytes(record, "comm", &comm_bytes);

	counts->busy += !!(record->busy & PCBSCOPE_GROUP_PROGRAM);
	judge(counts, exe ? side_of_name(exe, exe_bytes) : NEITHER,
	      cmdline ? side_of_name(cmdline, cmdline_bytes) : NEITHER,
	      side_of_name(comm, comm_bytes), number(record, "uid"), how);
}

static void judge_records(struct counts *counts, const void *records, size_t bytes,
			  const char *how)
{
	const struct walk walk = { .buf = (unsigned char *)records, .bytes = bytes };
	const struct pcbscope_record *record;

	for_each_record(&walk, record)
		judge_record(counts, record, how);
}

static void look_by_device(int fd, const struct shared *shared, struct counts *counts,
			   const void *area, __u64 flags, const char *how)
{
	static __u64 room[65536 / 8];
	struct pcbscope_query query = {
		.groups = JOINED, .flags = flags, .buf_bytes = 65536,
		.pids = (uintptr_t)shared->pids, .nr_pids = NR_FLIPPERS,
	};

	if (area)
		query.flags |= PCBSCOPE_QUERY_MAPPED;
	else
		query.buf = (uintptr_t)room;
	if (!device_query(fd, &query))
		judge_records(counts, area ? area : room, query.used_bytes, how);
}

static void look_by_text(const struct shared *shared, struct counts *counts)
{
	char exe[4400], cmdline[200], comm[64], *text;
	int fd = open(PROC_DIR "/pcb", O_RDWR | O_CLOEXEC);
	long long uid;
	size_t bytes;

	if (dprintf(fd, "%u", shared->pids[0]) > 0) {
		text = text_read_fd(fd, 8192, &bytes);
		if (text && key_numbers(text, "uid", &uid, 1) &&
		    key_text(text, "exe", exe, sizeof(exe)) &&
		    key_text(text, "comm", comm, sizeof(comm)) &&
		    key_text(text, "cmdline", cmdline, sizeof(cmdline)))
			judge(counts, side_of_name(exe, strlen(exe)),
			      side_of_name(cmdline, strlen(cmdline)),
			      side_of_name(comm, strlen(comm)), uid, "text");
		free(text);
	}
	close(fd);
}

static void read_on(struct shared *shared, unsigned int which)
{
	struct counts *counts = &shared->readers[which];
	int fd = device_open();
	void *area = mmap(NULL, 65536, PROT_READ, MAP_SHARED, fd, 0);

	if (fd < 0 || area == MAP_FAILED)
		_exit(1);
	/* There are many more looks than flips anyway. */
	setpriority(PRIO_PROCESS, 0, 10);
	while (!__atomic_load_n(&shared->stop, __ATOMIC_ACQUIRE)) {
		look_by_device(fd, shared, counts, which ? area : NULL, 0, "process");
		look_by_device(fd, shared, counts, which ? NULL : area, PCBSCOPE_QUERY_THREADS,
			       "thread");
		look_by_text(shared, counts);
	}
	_exit(0);
}

/* --- the test --- */

FIXTURE(flip) {
	struct shared *shared;
	pid_t flippers[NR_FLIPPERS];
	pid_t readers[NR_READERS];
};

typedef FIXTURE_DATA(flip) flip_data;

FIXTURE_SETUP(flip)
{
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	ASSERT_TRUE(private_tmpfs(FOLDER));
	ASSERT_TRUE(copy_self(FOLDER "/flip-plain", PLAIN_UID, 04755));
	ASSERT_TRUE(copy_self(FOLDER "/flip-secret", SECRET_UID, 04755));
}

FIXTURE_TEARDOWN(flip)
{
	munmap(self->shared, sizeof(*self->shared));
}

static void start(flip_data *self, unsigned long flips, bool by_thread)
{
	unsigned int i;

	for (i = 0; i < NR_FLIPPERS; i++) {
		self->flippers[i] = fork();
		if (!self->flippers[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (become_user(PLAIN_UID))
				_exit(97);
			run_other(PLAIN, flips / NR_FLIPPERS, by_thread);
		}
		self->shared->pids[i] = self->flippers[i];
	}
	for (i = 0; i < NR_READERS; i++) {
		self->readers[i] = fork();
		if (!self->readers[i]) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			read_on(self->shared, i);
		}
	}
}

/* All flips are done, all looks were taken, and none was a join. */
static void finish(struct __test_metadata *_metadata, flip_data *self,
		   unsigned long flips)
{
	struct counts all = { 0 };
	unsigned int i, j;
	int status;

	for (i = 0; i < NR_FLIPPERS; i++) {
		EXPECT_EQ(self->flippers[i], waitpid(self->flippers[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	__atomic_store_n(&self->shared->stop, 1, __ATOMIC_RELEASE);
	for (i = 0; i < NR_READERS; i++) {
		const struct counts *counts = &self->shared->readers[i];

		EXPECT_EQ(self->readers[i], waitpid(self->readers[i], &status, 0));
		EXPECT_EQ(0, status);
		for (j = 0; j < 3; j++)
			all.seen[j] += counts->seen[j];
		all.looks += counts->looks;
		all.busy += counts->busy;
		EXPECT_EQ(0, counts->joins) {
			TH_LOG("%lu joins, first: %s", counts->joins, counts->first);
		}
	}
	EXPECT_LT(flips / 50, all.seen[PLAIN]);
	EXPECT_LT(flips / 50, all.seen[SECRET]);
	figure("setuid-exec flips", flips);
	figure("records of the plain program", all.seen[PLAIN]);
	figure("records of the setuid program", all.seen[SECRET]);
	figure("records while exec was under way", all.busy);
}

TEST_F_TIMEOUT(flip, no_record_joins_program_and_credentials_of_two, 600)
{
	/* An emulated exec is dear: a twentieth will do in a quick run. */
	const unsigned long flips = run_is_long() ? counted(20000, 2000) : counted(10000, 1000);

	start(self, flips, false);
	finish(_metadata, self, flips);
}

TEST_F_TIMEOUT(flip, nor_where_a_thread_does_the_exec, 300)
{
	const unsigned long flips = counted(2000, 200);

	start(self, flips, true);
	finish(_metadata, self, flips);
}

PCB_TEST_MAIN
