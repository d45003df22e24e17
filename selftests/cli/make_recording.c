// SPDX-License-Identifier: GPL-2.0
/*
 * make_recording.c - recordings of known populations, for the golden tests.
 *
 *	make_recording POPULATION [N] > FILE
 *
 * Records are laid out by hand from the ABI header, as the module would.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "newer_schema.h"
#include "source.h"

#define MS	1000000ULL
#define SECOND	(1000 * MS)
#define ALL(nr)	((1ULL << (nr)) - 1)	/* the lowest bits of a mask */

struct made {
	struct pcbscope_record head;
	struct pcbscope_identity identity;
	struct pcbscope_state state;
	struct pcbscope_scheduling scheduling;
	struct pcbscope_accounting accounting;
	struct pcbscope_memory memory;
	struct pcbscope_credentials credentials;
	struct pcbscope_affinity affinity;
	struct pcbscope_cputime cputime;
	struct pcbscope_relations relations;
	struct pcbscope_program program;
	char extra[2048];
};

static struct source source;
static struct saver *saver;

/* The groups lie one behind the other in struct made; the tail moves up. */
static void append(struct made *made, struct pcbscope_ref *ref,
		   const void *bytes, size_t len)
{
	ref->offset = made->head.bytes;
	ref->bytes = (uint32_t)len;
	memcpy((char *)made + made->head.bytes, bytes, len);
	made->head.bytes += (uint32_t)ALIGN8(len);
}

static void make(struct made *made, uint32_t pid, uint32_t ppid,
		 const char *comm, uint32_t state, char letter)
{
	memset(made, 0, sizeof(*made));
	made->head.bytes = offsetof(struct made, extra);
	made->head.groups = ALL(10);
	made->identity = (struct pcbscope_identity){
		.tid = pid, .pid = pid, .ppid = ppid, .pgid = pid, .sid = 1,
		.threads = 1, .start_boottime_ns = pid * SECOND,
	};
	made->identity.valid = ALL(12);
	made->identity.ns_pid = made->identity.ns_tid = pid;
	memcpy(made->identity.comm, comm, strnlen(comm, 15));
	made->state = (struct pcbscope_state){
		.valid = ALL(9), .state = state,
		.kernel_state = (uint32_t)letter, .cpu = pid % 2,
		.state_flags = letter == 'S', .task_flags = 0x400000,
	};
	made->scheduling = (struct pcbscope_scheduling){
		.valid = ALL(7), .priority = 20, .nr_cpus_allowed = 2,
		.last_run_ns = 250 * MS,
	};
	made->accounting = (struct pcbscope_accounting){
		.valid = ALL(9), .voluntary_switches = 10 * pid,
		.involuntary_switches = pid, .runtime_ns = 3 * MS * pid,
		.run_delay_ns = MS, .nr_dispatches = 11 * pid,
	};
	made->memory = (struct pcbscope_memory){
		.valid = ALL(14) & ~(1ULL << 10), .vsize_bytes = 8 << 20,
		.rss_bytes = 3 << 20, .rss_anon_bytes = 1 << 20,
		.rss_file_bytes = 2 << 20, .peak_vsize_bytes = 9 << 20,
		.peak_rss_bytes = 3500000, .page_tables_bytes = 45056,
	};
	made->credentials = (struct pcbscope_credentials){
		.valid = ALL(10), .user_ns = 4026531837,
	};
	made->affinity.valid = 1;
	made->cputime = (struct pcbscope_cputime){
		.valid = ALL(8), .utime_ns = 2 * MS * pid,
		.stime_ns = MS * pid, .thread_utime_ns = 2 * MS * pid,
		.thread_stime_ns = MS * pid,
	};
	made->relations = (struct pcbscope_relations){
		.valid = ALL(6) & ~4ULL, .parent_tid = ppid, .reaper_pid = 1,
	};
	made->program.valid = ALL(3);
}

static void add(struct made *made)
{
	static const uint64_t cpus[1] = { 0xb };

	if (!made->affinity.cpus_allowed.offset)
		append(made, &made->affinity.cpus_allowed, cpus, sizeof(cpus));
	saver_add(saver, &made->head);
}

static void set_program(struct made *made, const char *exe, const char *args,
			size_t len)
{
	append(made, &made->program.exe, exe, strlen(exe));
	append(made, &made->program.cmdline, args, len);
	made->program.cmdline_bytes = len;
}

/* Leave out the groups in @mask and close the gap. */
static void drop(struct made *made, uint64_t mask)
{
	char *to = (char *)made + sizeof(made->head), *from = to;

	for (uint32_t bit = 0; bit < 10; bit++) {
		uint32_t bytes = source.schema.by_bit[bit]->bytes;

		if (!(mask >> bit & 1)) {
			memmove(to, from, bytes);
			to += bytes;
		}
		from += bytes;
	}
	made->head.groups &= ~mask;
	made->head.bytes = (uint32_t)(to - (char *)made);
}

static void add_kernel_threads(void)
{
	struct made made;

	make(&made, 2, 0, "kthreadd", PCBSCOPE_STATE_WAITING, 'S');
	made.identity.kernel_thread = 1;
	made.identity.start_boottime_ns = 1;
	made.memory.vsize_bytes = made.memory.rss_bytes = 0;
	add(&made);
	make(&made, 3, 2, "kworker/0:0", PCBSCOPE_STATE_WAITING, 'I');
	made.identity.kernel_thread = 1;
	made.identity.start_boottime_ns = 2;
	add(&made);
}

static void add_shell(void)
{
	struct made made;

	make(&made, 1, 0, "systemd", PCBSCOPE_STATE_WAITING, 'S');
	made.identity.start_boottime_ns = 1;
	set_program(&made, "/usr/lib/systemd/systemd", "/sbin/init\0splash\0",
		    18);
	add(&made);
	add_kernel_threads();
	make(&made, 100, 1, "bash", PCBSCOPE_STATE_WAITING, 'S');
	made.credentials.uid = made.credentials.ruid = 3000001;
	set_program(&made, "/usr/bin/bash", "-bash\0", 6);
	add(&made);
	make(&made, 101, 100, "spinner", PCBSCOPE_STATE_RUNNING, 'R');
	made.state.on_cpu = made.state.on_rq = 1;
	set_program(&made, "/tmp/a b\n\033[31m", "./spin\0two words\0\"q\"\0", 21);
	add(&made);
	make(&made, 102, 100, "spinner", PCBSCOPE_STATE_READY, 'R');
	made.state.on_rq = 1;
	made.scheduling.policy = 3;
	made.scheduling.nice = -5;
	made.scheduling.priority = 15;
	add(&made);
}

/* Names that try to leave their cell, their string or their terminal. */
static void add_hostile(void)
{
	static const char *const names[] = {
		"a\nPID 1 root", "\"},{\"pid\":1", "\033[2J\033]0;x\a", "\xff\xfe\xc3(",
		"gr\303\274\303\237e", "$(reboot)`id`", "back\\slash\\", "\342\200\256evil",
		"\23331m", "\x7f\t\b", "\xe4\xb8\xad\xe6\x96\x87",
	};
	struct made made;

	for (uint32_t i = 0; i < ARRAY_SIZE(names); i++) {
		make(&made, 200 + i, 1, names[i], PCBSCOPE_STATE_WAITING, 'S');
		set_program(&made, names[i], names[i], strlen(names[i]) + 1);
		add(&made);
	}
}

static void die(struct made *made, uint32_t code, uint32_t signal)
{
	made->state.state = PCBSCOPE_STATE_TERMINATED;
	made->state.kernel_state = 'Z';
	made->state.valid |= 1ULL << 11 | 1ULL << 12;
	made->state.valid |= signal ? 1ULL << 10 : 1ULL << 9;
	made->state.exit_code = code;
	made->state.exit_signal = signal;
	made->state.wait_status = code << 8 | signal;
	made->state.dead_ns = 12 * SECOND;
	made->memory.valid = 0;
}

static void add_zombies(void)
{
	struct made made;

	make(&made, 300, 100, "exited", 4, 'Z');
	die(&made, 3, 0);
	add(&made);
	make(&made, 301, 100, "killed", 4, 'Z');
	die(&made, 0, 9);
	made.state.valid &= ~(1ULL << 12);
	add(&made);
	make(&made, 302, 101, "traced", 4, 'Z');
	die(&made, 0, 0);
	made.relations.valid |= 4;
	made.relations.traced = 1;
	made.relations.tracer_pid = 102;
	add(&made);
	make(&made, 303, 0, "foreign", 4, 'Z');
	die(&made, 1, 0);
	add(&made);
	make(&made, 304, 9999, "lost", 4, 'Z');
	die(&made, 1, 0);
	add(&made);
	make(&made, 305, 100, "headless", 4, 'Z');
	die(&made, 1, 0);
	made.identity.threads = 3;
	add(&made);
}

/* Refused, busy, in a namespace; a parent that is younger; a loop. */
static void add_odd(void)
{
	struct made made;

	make(&made, 400, 1, "secret", PCBSCOPE_STATE_WAITING, 'S');
	made.head.denied = PCBSCOPE_GROUP_MEMORY | PCBSCOPE_GROUP_PROGRAM;
	drop(&made, made.head.denied);
	saver_add(saver, &made.head);
	make(&made, 401, 1, "busy", PCBSCOPE_STATE_WAITING, 'D');
	made.head.busy = PCBSCOPE_GROUP_PROGRAM;
	drop(&made, made.head.busy);
	saver_add(saver, &made.head);
	make(&made, 402, 1, "container", PCBSCOPE_STATE_WAITING, 'S');
	made.identity.ns_depth = 1;
	made.identity.ns_pid = 1;
	made.relations.is_child_subreaper = 1;
	add(&made);
	make(&made, 403, 405, "of-younger", PCBSCOPE_STATE_WAITING, 'S');
	add(&made);
	make(&made, 404, 404, "own-parent", PCBSCOPE_STATE_WAITING, 'S');
	add(&made);
	make(&made, 405, 403, "of-older", PCBSCOPE_STATE_NEW, 'R');
	add(&made);
	make(&made, 406, 9999, "orphan", PCBSCOPE_STATE_WAITING, 'T');
	add(&made);
}

static void add_threads(void)
{
	struct made made;
	static const uint32_t tids[] = { 500, 501, 30, 502 };

	make(&made, 1, 0, "init", PCBSCOPE_STATE_WAITING, 'S');
	add(&made);
	for (uint32_t i = 0; i < ARRAY_SIZE(tids); i++) {
		make(&made, 500, 1, "server", i == 1 ?
		     PCBSCOPE_STATE_RUNNING : PCBSCOPE_STATE_WAITING,
		     i == 1 ? 'R' : 'S');
		made.head.flags = PCBSCOPE_RECORD_IS_THREAD;
		made.identity.threads = ARRAY_SIZE(tids);
		made.identity.tid = made.identity.ns_tid = tids[i];
		made.state.cpu = i;
		made.cputime.valid &= ~(3ULL << 6);
		add(&made);
	}
	make(&made, 600, 1, "single", PCBSCOPE_STATE_WAITING, 'S');
	add(&made);
}

static void add_chain(uint32_t length)
{
	struct made made;

	for (uint32_t pid = 1; pid <= length; pid++) {
		make(&made, pid, pid - 1, "link", PCBSCOPE_STATE_WAITING, 'S');
		add(&made);
	}
}

static void add_many(uint32_t count)
{
	struct made made;

	for (uint32_t pid = 1; pid <= count; pid++) {
		make(&made, pid, pid > 1, "one-of-many",
		     PCBSCOPE_STATE_WAITING, 'S');
		made.credentials.uid = pid % 3 * 1000;
		add(&made);
	}
}

static void add_bare(void)
{
	struct made made;

	make(&made, 7, 1, "bare", PCBSCOPE_STATE_WAITING, 'S');
	drop(&made, ALL(10) & ~3ULL);
	saver_add(saver, &made.head);
}

/* A group, a vocabulary and a type of field that came after this companion. */
static void add_newer(void)
{
	struct made made;
	uint64_t waits[3] = { 7, 1234567, 2 };

	make(&made, 9, 1, "newer", PCBSCOPE_STATE_WAITING, 'S');
	memcpy(made.extra, waits, sizeof(waits));
	made.head.bytes += sizeof(waits);
	made.head.groups |= 1 << 10;
	add(&made);
}

static void describe_machine(void)
{
	struct pcbscope_info *info = &source.info;

	info->abi_major = PCBSCOPE_ABI_MAJOR;
	info->abi_minor = PCBSCOPE_ABI_MINOR;
	info->groups = info->cheap_groups = ALL(10);
	info->generation = 42;
	info->nr_cpus = 4;
	info->page_bytes = 4096;
	info->record_bytes_max = 65536;
	strcpy(info->module_version, "0.1.0");
	strcpy(info->kernel_release, "6.1.0-test");
	strcpy(info->arch, "x86_64");
	info->online_cpus[0] = 0xb;
	source.walk.groups = ALL(10);
	source.walk.boottime_ns = 1000 * SECOND;
	source.walk.generation = 42;
}

/* This kernel cannot tell pinned_bytes. */
static void make_schema(bool newer)
{
	struct schema_shape shape;
	struct buf blob = { 0 };
	struct pcbscope_field *fields;

	schema_builtin_blob(&blob, &shape);
	if (newer)
		newer_schema_extend(&blob, &shape);
	fields = (void *)(blob.data + shape.nr_groups * shape.group_bytes);
	for (uint32_t i = 0; i < shape.nr_fields; i++)
		if (strcmp(fields[i].name, "pinned_bytes") == 0)
			fields[i].flags |= PCBSCOPE_FIELD_IS_UNSUPPORTED;
	if (!schema_load(&source.schema, blob.data, blob.len, &shape))
		exit(STATUS_FAILURE);
	buf_free(&blob);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	uint32_t number = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;

	make_schema(strcmp(what, "newer") == 0);
	describe_machine();
	if (strcmp(what, "newer") == 0)
		source.walk.groups = ALL(11);
	if (strcmp(what, "threads") == 0)
		source.walk.flags = PCBSCOPE_QUERY_THREADS;
	if (strcmp(what, "bare") == 0)
		source.walk.groups = ALL(2);
	if (strcmp(what, "future") == 0)
		source.info.abi_major++;
	if (saver_open(&saver, "-") != STATUS_OK)
		return STATUS_FAILURE;
	saver_begin(saver, &source);
	if (strcmp(what, "lab") == 0 || strcmp(what, "shell") == 0)
		add_shell();
	if (strcmp(what, "lab") == 0) {
		add_hostile();
		add_zombies();
		add_odd();
	} else if (strcmp(what, "threads") == 0) {
		add_threads();
	} else if (strcmp(what, "chain") == 0) {
		add_chain(number);
	} else if (strcmp(what, "many") == 0) {
		add_many(number);
	} else if (strcmp(what, "bare") == 0) {
		add_bare();
	} else if (strcmp(what, "newer") == 0) {
		add_newer();
	}
	return (int)saver_commit(saver);
}
