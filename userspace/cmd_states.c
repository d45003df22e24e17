// SPDX-License-Identifier: GPL-2.0
/*
 * cmd_states.c - the book's five states with live counts, and the CPUs.
 */
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

#define NR_CPUS	(8 * sizeof(((struct pcbscope_info *)NULL)->online_cpus))

static const char figure[] =
"  ┌────────────┐                                          ┌────────────┐\n"
"  │    new     │                                          │ terminated │\n"
"  │            │                                          │   (Z X)    │\n"
"  │{new       }│                                          │{terminated}│\n"
"  └─────┬──────┘                                          └─────▲──────┘\n"
"        │ admitted             interrupt                   exit │\n"
"        │       ┌───────────────────────────────────────┐       │\n"
"        ▼       ▼                                       │       │\n"
"  ┌──────────────────┐                           ┌──────┴───────┴───┐\n"
"  │    ready (R)     │    scheduler dispatch     │   running (R)    │\n"
"  │{ready           }├──────────────────────────►│{running         }│\n"
"  └────────▲─────────┘                           └────────┬─────────┘\n"
"           │                                              │\n"
"           │ I/O or event              I/O or event wait  │\n"
"           │ completion    ┌──────────────────┐           │\n"
"           └───────────────┤     waiting      │◄──────────┘\n"
"                           │   (S D I T t)    │\n"
"                           │{waiting         }│\n"
"                           └──────────────────┘\n";

/**
 * struct census - how many are in each state; subject of the first collection
 * @schema: whose words they are
 * @counts: for each word of the schema
 */
struct census {
	const struct schema *schema;
	uint64_t *counts;
};

/**
 * struct cpu - one CPU; subject of the second collection
 * @number: its number
 * @running: the task on it, or NULL
 * @is_known: without one, it is idle
 */
struct cpu {
	uint32_t number;
	const struct task *running;
	bool is_known;
};

static struct value get_count(const struct column *column, const void *subject)
{
	const struct census *census = subject;

	for (uint32_t i = 0; i < census->schema->shape.nr_words; i++)
		if (strcmp(census->schema->words[i].name, column->name) == 0)
			return value_u(census->counts[i]);
	return value_none(VALUE_UNKNOWN);
}

static struct value get_cpu(const struct column *column, const void *subject)
{
	const struct cpu *cpu = subject;

	(void)column;
	return value_u(cpu->number);
}

static struct value get_running(const struct column *column,
				const void *subject)
{
	const struct cpu *cpu = subject;

	if (!cpu->running)
		return value_none(cpu->is_known ? VALUE_ABSENT : VALUE_UNSAVED);
	return record_get(&cpu->running->record, column->field);
}

static void add_running(struct context *context, const char *name,
			const char *heading, const char *field)
{
	struct column column = {
		.name = name, .heading = heading, .group = "cpus",
		.get = get_running,
		.field = schema_field(&context->source.schema, field),
		.help = "of the task running on the CPU; absent if none was seen on it",
	};

	if (!column.field)
		return;
	column.type = column.field->abi.type;
	column.unit = column.field->abi.unit;
	columns_add(&context->pool, &column);
}

static void columns(struct context *context)
{
	static const struct column cpu = {
		.name = "cpu", .group = "cpus", .get = get_cpu,
		.type = PCBSCOPE_TYPE_U32, .unit = PCBSCOPE_UNIT_ID,
		.help = "number of the CPU",
	};
	const struct schema *schema = &context->source.schema;

	for (uint32_t i = 0; i < schema->shape.nr_words; i++) {
		struct column column = {
			.name = schema->words[i].name, .group = "states",
			.get = get_count, .type = PCBSCOPE_TYPE_U64,
			.unit = PCBSCOPE_UNIT_COUNT,
			.help = "processes in this state; with -T, threads",
		};

		if (schema->words[i].vocabulary == PCBSCOPE_WORDS_STATE)
			columns_add(&context->pool, &column);
	}
	columns_add(&context->pool, &cpu);
	add_running(context, "running.pid", "PID", "pid");
	add_running(context, "running.tid", "TID", "tid");
	add_running(context, "running.comm", "COMM", "comm");
}

/* The chosen columns of one of the two collections. */
static struct column_set part(const struct context *context, const char *group)
{
	struct column_set set = { 0 };

	for (uint32_t i = 0; i < context->chosen.nr; i++)
		if (strcmp(context->chosen.columns[i].group, group) == 0)
			columns_add(&set, &context->chosen.columns[i]);
	return set;
}

static bool is_word(const struct value *value, const char *word)
{
	return value->kind == VALUE_BYTES && strlen(word) == value->len &&
	       memcmp(value->bytes, word, value->len) == 0;
}

static void count(struct context *context, const struct task_list *list,
		  struct census *census)
{
	const struct schema *schema = census->schema;

	for (uint32_t i = 0; i < list->nr; i++) {
		const struct task *task = &list->all[i];
		struct value state = record_get_named(&task->record, "state");

		if (task->pid != task->tid && !context->options->threads)
			continue;
		if (!context_selects(context, task))
			continue;
		for (uint32_t j = 0; j < schema->shape.nr_words; j++)
			if (schema->words[j].vocabulary ==
			    PCBSCOPE_WORDS_STATE &&
			    is_word(&state, schema->words[j].name))
				census->counts[j]++;
	}
}

static void print_states(struct context *context, struct census *census,
			 const struct column_set *set)
{
	struct collection collection = {
		.name = "states",
		.shape = SHAPE_OBJECT,
		.columns = set,
		.figure = set->nr == PCBSCOPE_NR_STATES ? figure : NULL,
	};

	if (!set->nr)
		return;
	out_open(&context->writer, &collection);
	context_row(context, set, census, NULL);
	out_note(&context->writer, context->options->threads ?
		 "Threads, each by its own state." :
		 "Processes, by the state of their first thread; -T counts threads.");
	out_note(&context->writer,
		 "Linux differs from the book: its letter R says ready and running alike.");
	out_close(&context->writer);
}

/* Who runs on each CPU, in one pass. Result: to be freed. */
static const struct task **find_running(const struct context *context,
					const struct task_list *list)
{
	const struct task **running = xcalloc(NR_CPUS, sizeof(*running));
	const struct schema *schema = &context->source.schema;
	const struct field *on = schema_field(schema, "cpu");
	const struct field *state = schema_field(schema, "state");

	for (uint32_t i = 0; on && state && i < list->nr; i++) {
		const struct task *task = &list->all[i];
		struct value word = record_get(&task->record, state);
		uint64_t cpu = record_number(&task->record, on, NR_CPUS);

		if (cpu < NR_CPUS && is_word(&word, "running"))
			running[cpu] = task;
	}
	return running;
}

static void print_cpus(struct context *context, const struct task_list *list,
		       const struct column_set *set)
{
	const __u64 *online = context->source.info.online_cpus;
	const struct task **running;
	struct collection collection = {
		.name = "cpus",
		.shape = SHAPE_LIST,
		.columns = set,
	};

	if (!set->nr)
		return;
	running = find_running(context, list);
	out_open(&context->writer, &collection);
	for (uint32_t i = 0; i < NR_CPUS; i++) {
		struct cpu cpu = { .number = i, .running = running[i] };

		cpu.is_known = context->source.walk.flags &
			       PCBSCOPE_QUERY_THREADS;
		if (!(online[i / 64] >> i % 64 & 1))
			continue;
		if (!context_row(context, set, &cpu, NULL))
			break;
	}
	free(running);
	if (context->source.walk.flags & PCBSCOPE_QUERY_THREADS)
		out_note(&context->writer, "A CPU without a task (-) was idle, or ran none that this reader sees.");
	else
		out_note(&context->writer, "The recording holds processes only: a CPU marked ? may run another thread.");
	out_close(&context->writer);
}

static void print(struct context *context, const struct task_list *list)
{
	struct census census = { .schema = &context->source.schema };
	struct column_set states = part(context, "states");
	struct column_set cpus = part(context, "cpus");

	census.counts = xcalloc(census.schema->shape.nr_words,
				sizeof(*census.counts));
	count(context, list, &census);
	context_begin(context);
	print_states(context, &census, &states);
	print_cpus(context, list, &cpus);
	free(census.counts);
	columns_free(&states);
	columns_free(&cpus);
}

/* Threads are needed to see who runs; a recording may be without. */
static uint64_t query_flags(const struct context *context)
{
	if (context->options->from && !context->options->threads)
		return context->source.walk.flags & PCBSCOPE_QUERY_THREADS;
	return PCBSCOPE_QUERY_THREADS;
}

static enum status run(struct context *context)
{
	struct numbers *pids = &context->options->selection.pids;
	struct task_list list = { 0 };
	enum status status = context_query(context, PCBSCOPE_GROUP_STATE,
					   query_flags(context));

	if (status != STATUS_OK)
		return status;
	context_collect(context, &list, false);
	for (uint32_t i = 0; i < list.nr; i++)
		numbers_see(pids, list.all[i].pid);
	status = context_missing(context, pids);
	if (status != STATUS_FAILURE)
		print(context, &list);
	tasks_free(&list);
	return status;
}

const struct command cmd_states = {
	.name = "states",
	.args = "",
	.summary = "count who is in each of the five states, and who runs on each CPU",
	.flags = COMMAND_SELECTS | COMMAND_THREADS | COMMAND_WHOLE_WALK,
	.columns = columns,
	.run = run,
};
