// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz_recording.c - damaged recordings, as many as there is time for.
 *
 *	fuzz_recording FILE [ROUNDS]
 *
 * First every truncation and every single byte changed: each must be refused.
 * Then bytes changed under CRCs that fit, as an attacker would: nothing must
 * be read out of bounds, whatever is accepted; the sanitizers watch.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "source.h"
#include "source_file.h"

static char *original;
static size_t original_len;
static uint64_t accepted;

static void load(const char *path)
{
	FILE *file = fopen(path, "r");
	struct buf all = { 0 };
	char piece[4096];
	size_t got;

	while (file && (got = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_add(&all, piece, got);
	if (file)
		fclose(file);
	original = all.data;
	original_len = all.len;
}

/* Read all there is, by every way there is. */
static void read_through(struct source *source)
{
	struct request request = { .groups = ~0ULL };
	struct record record;
	struct buf text = { 0 };

	if (source_begin(source, &request) != STATUS_OK)
		return;
	while (source_next(source, &record) == 1) {
		for (uint32_t i = 0; i < source->schema.shape.nr_fields; i++) {
			struct value value = record_get(&record,
				&source->schema.fields[i]);

			buf_reset(&text);
			for (unsigned int style = 0; style < 3; style++)
				value_text(&text, &value, i % 5, style);
		}
	}
	buf_free(&text);
}

static bool is_accepted(const char *bytes, size_t len)
{
	char path[64];
	struct source source;
	int fd = memfd_create("recording", 0);
	bool ok;

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
		exit(STATUS_FAILURE);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok = source_open_file(&source, path) == STATUS_OK;
	if (ok)
		read_through(&source);
	source_close(&source);
	close(fd);
	return ok;
}

/* Make all CRCs fit again, as far as the chunks can still be followed. */
static void mend(char *bytes, size_t len)
{
	size_t at = sizeof(struct recording_head);
	struct recording_chunk chunk;

	while (len - at >= sizeof(chunk)) {
		memcpy(&chunk, bytes + at, sizeof(chunk));
		if (chunk.bytes > len - at - sizeof(chunk))
			return;
		if (chunk.type == RECORDING_END &&
		    chunk.bytes == sizeof(struct recording_end)) {
			uint32_t crc = crc32_add(0, bytes, at);

			memcpy(bytes + at + sizeof(chunk) +
			       offsetof(struct recording_end, crc), &crc, 4);
		}
		chunk.crc = 0;
		chunk.crc = crc32_add(0, &chunk, sizeof(chunk));
		chunk.crc = crc32_add(chunk.crc, bytes + at + sizeof(chunk),
				      chunk.bytes);
		memcpy(bytes + at, &chunk, sizeof(chunk));
		at += sizeof(chunk) + chunk.bytes;
	}
}

static int damage_all(size_t step)
{
	char *copy = malloc(original_len + 8);
	int bad = 0;

	memcpy(copy, original, original_len);
	for (size_t len = 0; len < original_len; len++)
		bad += is_accepted(copy, len);
	for (size_t i = 0; i < original_len; i += step) {
		copy[i] ^= 1 << i % 8;
		bad += is_accepted(copy, original_len);
		copy[i] = original[i];
	}
	memset(copy + original_len, 0, 8);
	bad += is_accepted(copy, original_len + 8);
	free(copy);
	return bad;
}

static void attack(uint32_t rounds)
{
	static const unsigned char telling[] = { 0, 1, 4, 8, 0x7f, 0x80, 0xff };
	char *copy = malloc(original_len);

	srand(1);
	while (rounds--) {
		int changes = 1 + rand() % 4;

		memcpy(copy, original, original_len);
		while (changes--) {
			size_t at = 16 + (size_t)rand() % (original_len - 16);

			copy[at] = (char)(rand() % 2 ? rand() :
				telling[(size_t)rand() % sizeof(telling)]);
		}
		mend(copy, original_len);
		accepted += is_accepted(copy, original_len);
	}
	free(copy);
}

int main(int argc, char **argv)
{
	uint32_t rounds = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 2000;
	int bad;

	load(argc > 1 ? argv[1] : "");
	if (!original_len || !is_accepted(original, original_len))
		return 2;
	bad = damage_all(1);
	attack(rounds);
	printf("%zu bytes: %d damaged files accepted; of %u attacks %llu were read\n",
	       original_len, bad, rounds, (unsigned long long)accepted);
	free(original);
	return bad != 0;
}
