// SPDX-License-Identifier: GPL-2.0
/* Signals in the middle of a walk, and many threads on one descriptor. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "lib/harness.h"

#define NR_FROZEN 60
#define NR_THREADS 6
#define AREA (1U << 18)

FIXTURE(concurrency) {
	struct child children[NR_FROZEN];
	int fd;
};

FIXTURE_SETUP(concurrency)
{
	self->fd = device_open();
	ASSERT_LE(0, self->fd);
	ASSERT_TRUE(children_freeze(self->children, NR_FROZEN));
}

FIXTURE_TEARDOWN(concurrency)
{
	children_end(self->children, NR_FROZEN);
	close(self->fd);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int signal)
{
	alarms++;
}

static void set_timer(unsigned int us)
{
	struct itimerval timer = { { 0, us }, { 0, us } };
	struct sigaction action = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

TEST_F(concurrency, a_walk_cut_short_by_signals_resumes_where_it_was)
{
	struct ask ask = { .groups = ALL_GROUPS };
	unsigned int rounds = counted(1000, 250), pieces = 0, whole = 0, i;
	struct walk all;

	set_timer(700);
	while (rounds--) {
		ASSERT_EQ(0, walk(self->fd, &ask, &all));
		EXPECT_SOUND(walk_fault(&all, ALL_GROUPS, true));
		for (i = 0; i < NR_FROZEN; i++) {
			EXPECT_EQ(1, walk_count(&all, self->children[i].pid));
		}
		pieces += all.nr_calls;
		whole++;
		walk_free(&all);
	}
	set_timer(0);
	EXPECT_LT(0, alarms);
	TH_LOG("%u walks in %u pieces, %d signals", whole, pieces, (int)alarms);
}

struct shared {
	int fd;
	int text;
	const unsigned char *area;
	unsigned int rounds;
	unsigned int kind;
	unsigned long faults;
	const char *first;
	const struct child *children;
};

static void complain(struct shared *s, const char *fault)
{
	if (!s->faults++)
		s->first = fault;
}

static void use_copy(struct shared *s)
{
	struct ask ask = { .groups = ALL_GROUPS, .step = s->kind ? 9000 : 0,
			   .flags = s->kind ? PCBSCOPE_QUERY_THREADS : 0 };
	struct walk all;
	int i, error = walk(s->fd, &ask, &all);

	if (error) {
		complain(s, strerror(-error));
		return;
	}
	if (walk_fault(&all, ALL_GROUPS, true))
		complain(s, walk_fault(&all, ALL_GROUPS, true));
	for (i = 0; i < NR_FROZEN; i++)
		if (walk_count(&all, s->children[i].pid) != 1)
			complain(s, "a child was lost or doubled");
	walk_free(&all);
}

/* The area is one: what two threads ask for lands in the same place. */
static void use_area(struct shared *s)
{
	struct pcbscope_query query = {
		.groups = PCBSCOPE_GROUP_STATE, .flags = PCBSCOPE_QUERY_MAPPED,
		.buf_bytes = AREA,
	};
	int error = device_query(s->fd, &query);

	if (error)
		complain(s, strerror(-error));
}

static void use_text(struct shared *s)
{
	char part[777];

	if (pread(s->text, part, sizeof(part), (s->rounds * 3001) % 9000) < 0)
		complain(s, strerror(errno));
	if (write(s->text, s->rounds % 2 ? "threads" : "processes", s->rounds % 2 ? 7 : 9) < 0)
		complain(s, strerror(errno));
}

static void use_map(struct shared *s)
{
	void *area = mmap(NULL, AREA, PROT_READ, MAP_SHARED, s->fd, 0);

	if (area == MAP_FAILED)
		complain(s, "mmap");
	else
		munmap(area, AREA);
}

static void *use(void *arg)
{
	struct shared *s = arg;

	while (s->rounds--) {
		switch (s->kind) {
		case 0:
		case 1:
			use_copy(s);
			break;
		case 2:
			use_area(s);
			break;
		case 3:
			use_map(s);
			break;
		default:
			use_text(s);
		}
	}
	return NULL;
}

TEST_F_TIMEOUT(concurrency, many_threads_may_use_one_descriptor, 120)
{
	struct shared shared[NR_THREADS];
	pthread_t threads[NR_THREADS];
	int text = open(PROC_DIR "/tasks", O_RDWR | O_CLOEXEC), i;
	void *area = mmap(NULL, AREA, PROT_READ, MAP_SHARED, self->fd, 0);

	ASSERT_NE(MAP_FAILED, area);
	for (i = 0; i < NR_THREADS; i++) {
		shared[i] = (struct shared){
			.fd = self->fd, .text = text, .area = area, .kind = i,
			.rounds = counted(1000, 250), .children = self->children,
		};
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, use, &shared[i]));
	}
	for (i = 0; i < NR_THREADS; i++) {
		pthread_join(threads[i], NULL);
		EXPECT_EQ(0, shared[i].faults) {
			TH_LOG("thread %d: %s", i, shared[i].first);
		}
	}
	close(text);
}

static void read_for_ever(struct child *self, void *arg)
{
	struct ask ask = { .groups = ALL_GROUPS, .flags = PCBSCOPE_QUERY_THREADS };
	int fd = device_open();
	struct walk all;
	size_t bytes;

	child_ready(self);
	for (;;) {
		if (!walk(fd, &ask, &all))
			walk_free(&all);
		free(text_read(PROC_DIR "/tree", 4096, &bytes));
	}
}

TEST_F(concurrency, a_reader_killed_inside_leaves_nothing_open)
{
	unsigned int rounds = counted(600, 150), i;
	struct child child;
	int fds[65];

	for (i = 0; i < rounds; i++) {
		ASSERT_EQ(0, child_make(&child, 0, read_for_ever, NULL));
		child_end(&child);
	}
	for (i = 0; i < 63; i++) {	/* 64 in all, one is ours */
		fds[i] = device_open();
		ASSERT_LE(0, fds[i]);
	}
	EXPECT_EQ(-EMFILE, device_open());
	while (i--)
		close(fds[i]);
}

PCB_TEST_MAIN
