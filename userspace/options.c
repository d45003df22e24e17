// SPDX-License-Identifier: GPL-2.0
/*
 * options.c - the command line.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "options.h"

enum { OPT_FROM = 256, OPT_SAVE, OPT_ATOMIC, OPT_COLOR };

static const char short_options[] = ":Jrno:HhVp:u:c:s:T";

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'J' },
	{ "raw", no_argument, NULL, 'r' },
	{ "noheadings", no_argument, NULL, 'n' },
	{ "output", required_argument, NULL, 'o' },
	{ "list-columns", no_argument, NULL, 'H' },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "save", required_argument, NULL, OPT_SAVE },
	{ "atomic", no_argument, NULL, OPT_ATOMIC },
	{ "color", required_argument, NULL, OPT_COLOR },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ }
};

static enum status set_color(struct options *options, const char *when)
{
	const char *no_color = getenv("NO_COLOR");

	if (strcmp(when, "always") == 0)
		options->color = true;
	else if (strcmp(when, "never") == 0)
		options->color = false;
	else if (strcmp(when, "auto") == 0)
		options->color = !(no_color && *no_color) &&
				 isatty(STDOUT_FILENO);
	else
		goto unknown;
	return STATUS_OK;
unknown:
	err("--color cannot be '%s'; give auto, always or never", when);
	return STATUS_USAGE;
}

static enum status set_format(struct options *options, enum out_format format)
{
	if (options->format != OUT_TABLE && options->format != format) {
		err("-J and -r cannot be used together; choose one");
		return STATUS_USAGE;
	}
	options->format = format;
	return STATUS_OK;
}

static enum status set_selection(struct options *options, int option)
{
	options->selects = true;
	switch (option) {
	case 'p':
		return select_pids(&options->selection.pids, optarg);
	case 'u':
		return select_users(&options->selection, optarg);
	case 's':
		return select_states(&options->selection, optarg);
	default:
		select_comm(&options->selection, optarg);
		return STATUS_OK;
	}
}

static enum status complain(int option, const char *given)
{
	if (option == ':')
		err("option '%s' needs an argument; see 'pcbscope --help'",
		    given);
	else
		err("unknown option '%s'; see 'pcbscope --help'", given);
	return STATUS_USAGE;
}

static enum status set(struct options *options, int option)
{
	switch (option) {
	case 'J':
		return set_format(options, OUT_JSON);
	case 'r':
		return set_format(options, OUT_RAW);
	case 'n':
		options->no_headings = true;
		break;
	case 'o':
		options->output = optarg;
		break;
	case 'H':
		options->list_columns = true;
		break;
	case 'h':
		options->help = true;
		break;
	case 'V':
		options->version = true;
		break;
	case 'T':
		options->threads = true;
		break;
	case OPT_FROM:
		options->from = optarg;
		break;
	case OPT_SAVE:
		options->save = optarg;
		break;
	case OPT_COLOR:
		return set_color(options, optarg);
	case OPT_ATOMIC:
		err("--atomic is not available in this version; leave it out: tasks are then looked at one after the other");
		return STATUS_USAGE;
	default:
		return set_selection(options, option);
	}
	return STATUS_OK;
}

/* getopt_long() takes "--js" for "--json"; names here are exact. */
static bool is_exact(char **argv, int index)
{
	const char *name = long_options[index].name;
	const char *word = argv[optind - 1];

	if (optarg && optarg == word)
		word = argv[optind - 2];
	return strncmp(word, "--", 2) == 0 &&
	       strncmp(word + 2, name, strlen(name)) == 0 &&
	       (word[2 + strlen(name)] == '\0' ||
		word[2 + strlen(name)] == '=');
}

static enum status complain_here(int option, char **argv)
{
	char short_name[] = { '-', (char)optopt, '\0' };

	if (optopt > 0 && optopt < 256 && strncmp(argv[optind - 1], "--", 2))
		return complain(option, short_name);
	return complain(option, argv[optind - 1]);
}

/**
 * options_parse() - read the command line
 * @options: filled; zeroed by the caller
 * @argc: of main()
 * @argv: of main(); reordered, and kept for its strings
 *
 * Options may stand before and after the command. "--" ends them.
 */
enum status options_parse(struct options *options, int argc, char **argv)
{
	enum status status = set_color(options, "auto");

	opterr = 0;
	while (status == STATUS_OK) {
		int index = -1;
		int option = getopt_long(argc, argv, short_options,
					 long_options, &index);

		if (option < 0)
			break;
		if (option == '?' || option == ':')
			status = complain_here(option, argv);
		else if (index >= 0 && !is_exact(argv, index))
			status = complain('?', argv[optind - 1]);
		else
			status = set(options, option);
	}
	if (status != STATUS_OK || optind >= argc)
		return status;
	options->command = argv[optind];
	options->args = argv + optind + 1;
	options->nr_args = (uint32_t)(argc - optind - 1);
	return STATUS_OK;
}
