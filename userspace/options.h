/* SPDX-License-Identifier: GPL-2.0 */
/*
 * options.h - the command line.
 */
#ifndef PCBSCOPE_OPTIONS_H
#define PCBSCOPE_OPTIONS_H

#include "out.h"
#include "select.h"

/**
 * struct options - what was asked for on the command line
 * @command: its name, or NULL
 * @args: what follows it and is no option
 * @nr_args: how many
 * @format: -J, -r
 * @no_headings: -n
 * @list_columns: -H
 * @help: -h
 * @version: -V
 * @threads: -T
 * @color: --color, NO_COLOR and whether stdout is a terminal, resolved
 * @selects: one of -p, -u, -c, -s was given
 * @output: -o, or NULL
 * @from: --from, or NULL
 * @save: --save, or NULL
 * @selection: -p, -u, -c, -s
 */
struct options {
	const char *command;
	char **args;
	uint32_t nr_args;
	enum out_format format;
	bool no_headings;
	bool list_columns;
	bool help;
	bool version;
	bool threads;
	bool color;
	bool selects;
	const char *output;
	const char *from;
	const char *save;
	struct selection selection;
};

enum status options_parse(struct options *options, int argc, char **argv);

#endif /* PCBSCOPE_OPTIONS_H */
