// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - the table of commands, and the frame around each.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"

static const struct command *const commands[] = {
	&cmd_ps, &cmd_tree, &cmd_show, &cmd_threads, &cmd_states, &cmd_zombies,
	&cmd_doctor,
};

static const char options_help[] =
	"\n"
	"Output:\n"
	"  -J, --json            one JSON document\n"
	"  -r, --raw             key=\"value\" ..., one line each\n"
	"  -n, --noheadings      no headings\n"
	"  -o, --output LIST     these columns; +LIST adds to the default\n"
	"  -H, --list-columns    list the columns of the command\n"
	"      --color=WHEN      auto (default), always or never\n"
	"\n"
	"Source:\n"
	"      --from FILE       read a recording (- is stdin), not the device\n"
	"      --save FILE       write a recording too (- is stdout)\n"
	"      --atomic          all tasks at one instant (not in this version)\n";

static const char selection_help[] =
	"\n"
	"Selection:\n"
	"  -p PID,...            these processes\n"
	"  -u USER,...           these effective users, names or numbers\n"
	"  -c COMM               this name, exactly\n"
	"  -s STATE,...          new, ready, running, waiting, terminated\n";

static const char threads_help[] =
	"  -T                    threads, not only processes\n";

static const char end_help[] =
	"\n"
	"  -h, --help            this help; after a command, that command's\n"
	"  -V, --version         version and ABI\n"
	"\n"
	"Exit status: 0 ok, 1 failure, 2 wrong usage, 3 part of the tasks is missing,\n"
	"4 the module is absent or too different.\n";

static void add_usage(struct buf *text, const struct command *command)
{
	buf_printf(text, "Usage: pcbscope [OPTIONS] %s", command->name);
	buf_printf(text, *command->args ? " %s" : "%s", command->args);
	buf_puts(text, " [OPTIONS]\n\n");
	buf_puts(text, command->summary);
	buf_putc(text, '\n');
}

static void add_columns(struct buf *text, const struct command *command)
{
	buf_printf(text, "\nColumns: 'pcbscope %s -H' lists all.",
		   command->name);
	if (command->text_columns) {
		buf_puts(text, " Default:\n  ");
		buf_puts(text, command->text_columns);
	}
	buf_putc(text, '\n');
}

static void help_command(struct buf *text, const struct command *command)
{
	add_usage(text, command);
	buf_puts(text, options_help);
	if (command->flags & COMMAND_SELECTS)
		buf_puts(text, selection_help);
	if (command->flags & COMMAND_THREADS)
		buf_puts(text, threads_help);
	buf_puts(text, end_help);
	add_columns(text, command);
}

static void help_all(struct buf *text)
{
	buf_puts(text,
		 "Usage: pcbscope [OPTIONS] COMMAND [OPTIONS] [ARGS]\n"
		 "\n"
		 "The process chapter of the operating-systems book, live: process control\n"
		 "blocks, states and the process tree, from the pcbscope kernel module.\n"
		 "\n"
		 "Commands:\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		buf_printf(text, "  %-9s", commands[i]->name);
		buf_printf(text, "%-9s", commands[i]->args);
		buf_printf(text, "  %s\n", commands[i]->summary);
	}
	buf_puts(text, options_help);
	buf_puts(text, selection_help);
	buf_puts(text, threads_help);
	buf_puts(text, end_help);
	buf_puts(text, "\nFirst steps: pcbscope doctor; pcbscope states; pcbscope ps; pcbscope show $$\n");
}

static enum status print_help(const struct command *command)
{
	struct buf text = { 0 };
	enum status status;

	if (command)
		help_command(&text, command);
	else
		help_all(&text);
	status = out_plain(text.data);
	buf_free(&text);
	return status;
}

static enum status print_version(void)
{
	struct buf text = { 0 };
	enum status status;

	buf_printf(&text, "pcbscope %s (ABI %d.%d)\n", PCBSCOPE_VERSION,
		   PCBSCOPE_ABI_MAJOR, PCBSCOPE_ABI_MINOR);
	status = out_plain(text.data);
	buf_free(&text);
	return status;
}

static const struct command *find_command(const char *name)
{
	struct buf names = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i]->name, name) == 0) {
			buf_free(&names);
			return commands[i];
		}
		buf_puts(&names, " ");
		buf_puts(&names, commands[i]->name);
	}
	err("unknown command '%s'; valid commands:%s", name, names.data);
	buf_free(&names);
	return NULL;
}

static enum status refuse(const struct command *command, const char *what)
{
	err("'%s' takes no %s; see 'pcbscope %s --help'", command->name, what,
	    command->name);
	return STATUS_USAGE;
}

static enum status check_usage(struct context *context)
{
	const struct command *command = context->command;
	const struct options *options = context->options;
	enum status status = STATUS_OK;

	if (options->selects && !(command->flags & COMMAND_SELECTS))
		return refuse(command, "-p, -u, -c or -s");
	if (options->threads && !(command->flags & COMMAND_THREADS))
		return refuse(command, "-T");
	if ((options->from || options->save) &&
	    command->flags & COMMAND_NO_SOURCE)
		return refuse(command, "--from or --save");
	if (options->nr_args && !(command->flags & COMMAND_ARGS))
		return refuse(command, "arguments");
	for (uint32_t i = 0; i < options->nr_args && !status; i++)
		status = select_pids(&context->args, options->args[i]);
	if (status == STATUS_OK && !options->nr_args && !options->list_columns &&
	    command->flags & COMMAND_NEEDS_ARGS) {
		err("'%s' needs a process id: 'pcbscope %s %s'", command->name,
		    command->name, command->args);
		status = STATUS_USAGE;
	}
	numbers_sort(&context->args);
	return status;
}

/* The list of columns is worth having where there is no module, too. */
static enum status open_source(struct context *context)
{
	const struct options *options = context->options;
	struct source *source = &context->source;

	if (context->command->flags & COMMAND_NO_SOURCE)
		return source_open_builtin(source);
	if (options->from)
		return source_open_file(source, options->from);
	if (!options->list_columns)
		return source_open_device(source);
	if (source_is_there() && source_open_device(source) == STATUS_OK)
		return STATUS_OK;
	source_close(source);
	err("no module to ask: these are the columns that this companion was built with");
	return source_open_builtin(source);
}

static const char *default_columns(const struct context *context)
{
	const struct command *command = context->command;

	if (context->options->format != OUT_TABLE)
		return command->data_columns;
	if (context->options->threads && command->thread_columns)
		return command->thread_columns;
	return command->text_columns;
}

static enum status choose_columns(struct context *context)
{
	const struct command *command = context->command;

	command->columns(context);
	if (context->options->list_columns)
		return STATUS_OK;
	return columns_choose(&context->chosen, &context->pool,
			      default_columns(context),
			      context->options->output);
}

static enum status run(struct context *context)
{
	const struct options *options = context->options;
	enum status status = open_source(context);
	bool to_stdout = options->save && strcmp(options->save, "-") == 0;

	if (status == STATUS_OK)
		status = choose_columns(context);
	if (status != STATUS_OK)
		return status;
	selection_bind(&context->options->selection, &context->source.schema);
	out_init(&context->writer, to_stdout ? OUT_NOTHING : options->format,
		 !options->no_headings, options->color);
	if (options->list_columns) {
		columns_list(context);
		return STATUS_OK;
	}
	if (options->save)
		status = saver_open(&context->source.saver, options->save);
	if (status == STATUS_OK)
		status = context->command->run(context);
	return status;
}

/* What was printed is completed; what was saved is kept if it is of use. */
static enum status finish(struct context *context, enum status status)
{
	enum status printed = out_end(&context->writer);
	enum status saved = STATUS_OK;

	if (context->source.saver &&
	    (status == STATUS_OK || status == STATUS_PARTIAL))
		saved = saver_commit(context->source.saver);
	source_close(&context->source);
	columns_free(&context->pool);
	columns_free(&context->chosen);
	numbers_free(&context->args);
	free(context->values);
	if (printed != STATUS_OK)
		return printed;
	return saved != STATUS_OK ? saved : status;
}

static enum status run_command(struct options *options)
{
	struct context context = { .options = options };
	enum status status;

	context.command = find_command(options->command);
	if (!context.command)
		return STATUS_USAGE;
	if (options->help)
		return print_help(context.command);
	status = check_usage(&context);
	if (status == STATUS_OK)
		status = run(&context);
	return finish(&context, status);
}

static enum status usage_error(void)
{
	struct buf text = { 0 };

	help_all(&text);
	out_complain(text.data);
	buf_free(&text);
	return STATUS_USAGE;
}

int main(int argc, char **argv)
{
	struct options options = { .format = OUT_TABLE };
	enum status status;

	signal(SIGPIPE, SIG_IGN);
	status = options_parse(&options, argc, argv);
	if (status != STATUS_OK)
		goto out;
	if (options.version)
		status = print_version();
	else if (options.command)
		status = run_command(&options);
	else if (options.help)
		status = print_help(NULL);
	else
		status = usage_error();
out:
	selection_free(&options.selection);
	return (int)status;
}
