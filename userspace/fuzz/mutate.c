// SPDX-License-Identifier: GPL-2.0
/*
 * mutate.c - mutations that know a recording's chunks.
 *
 * Bytes changed at random are refused for their checksum and never meet the
 * code behind it. So one chunk at a time is changed, grown, shrunk, doubled or
 * dropped, and then everything that counts or sums is made to fit; one time in
 * 16 it is left as it is.
 */
#include <stdlib.h>
#include <string.h>

#include "mutate.h"
#include "source_file.h"
#include "util.h"

#define CHUNKS_MAX 64

struct map {
	size_t at[CHUNKS_MAX + 1];	/* of each chunk; behind the last one */
	unsigned int nr;
};

static void find_chunks(const uint8_t *data, size_t bytes, struct map *map)
{
	size_t at = sizeof(struct recording_head);
	struct recording_chunk chunk;

	map->nr = 0;
	while (at <= bytes && bytes - at >= sizeof(chunk) && map->nr < CHUNKS_MAX) {
		memcpy(&chunk, data + at, sizeof(chunk));
		if (chunk.bytes > bytes - at - sizeof(chunk))
			break;
		map->at[map->nr++] = at;
		at += sizeof(chunk) + chunk.bytes;
	}
	map->at[map->nr] = at;
}

/* Records as far as their lengths can be followed. */
static uint64_t count_records(const uint8_t *payload, size_t bytes)
{
	uint64_t nr = 0;
	uint32_t length;
	size_t at = 0;

	while (bytes - at >= sizeof(length)) {
		memcpy(&length, payload + at, sizeof(length));
		if (length < 8 || length > bytes - at)
			break;
		at += length;
		nr++;
	}
	return nr;
}

static void mend_end(uint8_t *data, size_t at, uint64_t nr_records)
{
	struct recording_end end = {
		.nr_records = nr_records,
		.file_bytes = at + sizeof(struct recording_chunk) + sizeof(end),
		.crc = crc32_add(0, data, at),
	};

	memcpy(data + at + sizeof(struct recording_chunk), &end, sizeof(end));
}

static void mend_crc(uint8_t *data, size_t at, struct recording_chunk *chunk)
{
	chunk->crc = 0;
	chunk->crc = crc32_add(0, chunk, sizeof(*chunk));
	chunk->crc = crc32_add(chunk->crc, data + at + sizeof(*chunk),
			       chunk->bytes);
	memcpy(data + at, chunk, sizeof(*chunk));
}

/* An END chunk behind what can be followed, if it lacks one. */
static size_t add_end(uint8_t *data, size_t at, size_t room)
{
	const struct recording_chunk end = {
		.type = RECORDING_END, .bytes = sizeof(struct recording_end),
	};

	if (room - at < sizeof(end) + end.bytes)
		return at;
	memcpy(data + at, &end, sizeof(end));
	return at + sizeof(end) + end.bytes;
}

static bool ends(const uint8_t *data, const struct map *map)
{
	struct recording_chunk chunk;

	if (!map->nr)
		return false;
	memcpy(&chunk, data + map->at[map->nr - 1], sizeof(chunk));
	return chunk.type == RECORDING_END &&
	       chunk.bytes == sizeof(struct recording_end);
}

size_t mend(uint8_t *data, size_t bytes, size_t room)
{
	struct recording_chunk chunk;
	uint64_t nr_records = 0;
	struct map map;

	if (bytes < sizeof(struct recording_head))
		return bytes;
	find_chunks(data, bytes, &map);
	bytes = map.at[map.nr];
	if (!ends(data, &map)) {
		bytes = add_end(data, bytes, room);
		find_chunks(data, bytes, &map);
	}
	for (unsigned int i = 0; i < map.nr; i++) {
		size_t at = map.at[i];

		memcpy(&chunk, data + at, sizeof(chunk));
		if (chunk.type == RECORDING_RECORDS) {
			chunk.nr = count_records(data + at + sizeof(chunk),
						 chunk.bytes);
			nr_records += chunk.nr;
		} else if (chunk.type == RECORDING_END &&
			   chunk.bytes == sizeof(struct recording_end)) {
			mend_end(data, at, nr_records);
		}
		mend_crc(data, at, &chunk);
	}
	return bytes;
}

/* Give a chunk another length; what follows moves. */
static size_t resize(uint8_t *data, size_t bytes, size_t room, size_t at,
		     size_t length)
{
	struct recording_chunk chunk;
	size_t old, rest;

	memcpy(&chunk, data + at, sizeof(chunk));
	old = at + sizeof(chunk) + chunk.bytes;
	rest = bytes - old;
	length = ALIGN8(length);
	if (at + sizeof(chunk) + length + rest > room)
		return bytes;
	memmove(data + at + sizeof(chunk) + length, data + old, rest);
	if (length > chunk.bytes)
		memset(data + old, 0, length - chunk.bytes);
	chunk.bytes = length;
	memcpy(data + at, &chunk, sizeof(chunk));
	return at + sizeof(chunk) + length + rest;
}

static size_t mutate_payload(uint8_t *data, size_t bytes, size_t room, size_t at)
{
	struct recording_chunk chunk;
	uint8_t *payload = data + at + sizeof(chunk);
	size_t length, most;
	uint8_t *copy;

	memcpy(&chunk, data + at, sizeof(chunk));
	most = chunk.bytes + (room - bytes) / 2;
	copy = xmalloc(most + 8);
	memcpy(copy, payload, chunk.bytes);
	length = LLVMFuzzerMutate(copy, chunk.bytes, most);
	bytes = resize(data, bytes, room, at, length);
	memcpy(&chunk, data + at, sizeof(chunk));
	memcpy(payload, copy, length < chunk.bytes ? length : chunk.bytes);
	free(copy);
	return bytes;
}

/* One word of the payload becomes a number that is often a limit. */
static void mutate_word(uint8_t *data, size_t at, unsigned int seed)
{
	static const uint64_t telling[] = {
		0, 1, 7, 8, 16, 31, 32, 63, 64, 100, 4096, 65535, 65536,
		0x7fffffff, 0x80000000, 0xffffffff, 1ULL << 32, 1ULL << 63,
		~0ULL, ~7ULL,
	};
	struct recording_chunk chunk;
	size_t where, wide = seed & 1 ? 8 : 4;

	memcpy(&chunk, data + at, sizeof(chunk));
	if (chunk.bytes < 8)
		return;
	where = (size_t)rand() % (chunk.bytes / wide) * wide;
	memcpy(data + at + sizeof(chunk) + where,
	       &telling[(size_t)rand() % ARRAY_SIZE(telling)], wide);
}

/* The chunk once more, behind itself. */
static size_t repeat(uint8_t *data, size_t bytes, size_t room, size_t at,
		     size_t end)
{
	if (bytes + (end - at) > room)
		return bytes;
	memmove(data + end + (end - at), data + end, bytes - end);
	memcpy(data + end, data + at, end - at);
	return bytes + (end - at);
}

static size_t drop(uint8_t *data, size_t bytes, size_t from, size_t end)
{
	memmove(data + from, data + end, bytes - end);
	return bytes - (end - from);
}

static size_t mutate_chunk(uint8_t *data, size_t bytes, size_t room)
{
	unsigned int which, how = (unsigned int)rand() % 16;
	struct map map;
	size_t at, end;

	find_chunks(data, bytes, &map);
	if (!map.nr)
		return LLVMFuzzerMutate(data, bytes, room);
	which = (unsigned int)rand() % map.nr;
	at = map.at[which];
	end = map.at[which + 1];
	if (how < 6)
		return mutate_payload(data, bytes, room, at);
	if (how == 6)
		return repeat(data, bytes, room, at, end);
	if (how == 7)
		return drop(data, bytes, at, end);
	for (unsigned int i = 1 + (unsigned int)rand() % 3; i; i--)
		mutate_word(data, at, (unsigned int)rand());
	return bytes;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t room,
			       unsigned int seed)
{
	size_t length;

	srand(seed);
	if (bytes <= 1 + sizeof(struct recording_head) || !(seed % 64))
		return LLVMFuzzerMutate(data, bytes, room);
	if (rand() % 4 == 0)
		data[0] = (uint8_t)rand();
	length = mutate_chunk(data + 1, bytes - 1, room - 1);
	if (rand() % 16)
		length = mend(data + 1, length, room - 1);
	return length + 1;
}
