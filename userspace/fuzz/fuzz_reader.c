// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_reader.c - a libFuzzer target: recordings that an attacker made.
 *
 * An input is one byte, which chooses the command line, and a recording. The
 * companion itself runs on it, in this process, from its options to the last
 * byte printed. The sanitizers watch the reader; this file watches what comes
 * out: nothing at all after a failure, one document as JSON, and never a byte
 * that a terminal would obey.
 */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mutate.h"
#include "util.h"

#define WORDS_MAX 12

int pcbscope_main(int argc, char **argv);
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const char *const command_lines[] = {
	"ps", "ps -T", "ps -J", "ps -T -J", "ps -r", "ps -H", "ps -H -J",
	"ps -n -p 1,100,4294967295", "ps -J -p 100", "ps -u root -c sh -r",
	"ps -s waiting,running --color=always", "ps -J -u 0 -s terminated",
	"ps -T -o +exe,cmdline,cpus_allowed,utime_ns", "ps -o +rss_bytes,exe -J",
	"ps -o all", "tree", "tree -J", "tree -r", "tree -T -J", "tree -T",
	"tree -H", "show 1", "show 100 -J", "show 100 -r", "show 1 100",
	"threads 100", "threads 100 -J", "threads 1 -r", "states", "states -J",
	"states -T -r", "states -T --color=always", "zombies", "zombies -J",
	"zombies -r", "ps --save -", "tree --save - -T", "show 100 --color=always",
};

static int memory_file;
static FILE *silent;

/* Written in place: a recording that the companion is to read. */
static void write_recording(const uint8_t *data, size_t bytes)
{
	if (ftruncate(memory_file, 0) ||
	    pwrite(memory_file, data, bytes, 0) != (ssize_t)bytes)
		abort();
}

static int split(char *line, char **argv)
{
	int argc = 0;
	char *word, *rest = line;

	while ((word = strsep(&rest, " ")) && argc < WORDS_MAX)
		argv[argc++] = word;
	return argc;
}

static void complain(const char *line, const char *what)
{
	fflush(stderr);
	dprintf(STDERR_FILENO, "fuzz_reader: '%s': %s\n", line, what);
	abort();
}

/* Tabs and newlines are layout, ESC only begins the colours we wrote ourselves. */
static bool is_harmless(const char *text, size_t bytes, bool coloured)
{
	for (size_t i = 0; i < bytes; i++) {
		unsigned char c = (unsigned char)text[i];

		if (coloured && c == 0x1b && i + 1 < bytes && text[i + 1] == '[')
			continue;
		if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f)
			return false;
		if (c == 0xc2 && i + 1 < bytes &&
		    (unsigned char)text[i + 1] >= 0x80 &&
		    (unsigned char)text[i + 1] < 0xa0)
			return false;
	}
	return true;
}

static bool is_one_document(const char *text, size_t bytes)
{
	json_tokener *tokener = json_tokener_new_ex(256);
	json_object *object;
	bool good;

	/* Bytes that are no UTF-8 or a second document must not pass. */
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
					JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, (int)bytes);
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		object = json_tokener_parse_ex(tokener, "", 1);
	good = object && json_tokener_get_error(tokener) == json_tokener_success;
	/* Nesting deeper than the parser's stack is no fault of the document. */
	if (json_tokener_get_error(tokener) == json_tokener_error_depth)
		good = true;
	json_object_put(object);
	json_tokener_free(tokener);
	return good;
}

static void judge(const char *line, int status, const char *text, size_t bytes)
{
	bool failed = status != STATUS_OK && status != STATUS_PARTIAL;

	if (failed && getenv("FUZZ_MUST_READ"))
		complain(line, "a recording that is sound was refused");
	if (failed && bytes)
		complain(line, "stdout is not empty after a failure");
	if (failed || strstr(line, "--save"))
		return;
	if (!is_harmless(text, bytes, strstr(line, "--color=always")))
		complain(line, "a control byte was printed");
	if (strstr(line, "-J") && !is_one_document(text, bytes))
		complain(line, "what was printed is no JSON document");
}

/* The companion prints to stdout and stderr; both are ours while it runs. */
static void run_companion(const char *line)
{
	FILE *old_out = stdout, *old_err = stderr;
	char *argv[WORDS_MAX + 4] = { (char *)"pcbscope", (char *)"--from" };
	char path[64], *copy = xstrdup(line), *text = NULL;
	int argc, status;
	size_t bytes = 0;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", memory_file);
	argv[2] = path;
	argc = 3 + split(copy, argv + 3);
	stdout = open_memstream(&text, &bytes);
	stderr = silent;
	if (!stdout)
		abort();
	optind = 0;
	status = pcbscope_main(argc, argv);
	fclose(stdout);
	stdout = old_out;
	stderr = old_err;
	judge(line, status, text, bytes);
	free(text);
	free(copy);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	memory_file = memfd_create("recording", MFD_CLOEXEC);
	silent = fopen("/dev/null", "w");
	if (memory_file < 0 || !silent || !freopen("/dev/null", "w", stdout))
		return 1;
	setenv("COLUMNS", "80", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("NO_COLOR");
	return 0;
}

/* Bugs on purpose, to see that such are seen. */
static void misbehave(const char *how)
{
	volatile char *bytes = xmalloc(16);

	if (!strcmp(how, "overrun"))
		bytes[16] = bytes[15];
	if (strcmp(how, "leak"))
		free((char *)bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	const char *canary = getenv("FUZZ_CANARY");

	if (canary)
		misbehave(canary);
	if (!bytes)
		return 0;
	write_recording(data + 1, bytes - 1);
	run_companion(command_lines[data[0] % ARRAY_SIZE(command_lines)]);
	return 0;
}
