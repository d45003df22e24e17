/* SPDX-License-Identifier: GPL-2.0 */
/*
 * source_file.h - the recording format, version 1.
 *
 * A recording is a file head and a sequence of chunks, and nothing else:
 *
 *	struct recording_head			16 bytes
 *	chunk INFO	struct pcbscope_info of the module
 *	chunk SCHEMA	struct recording_schema, then the schema blob
 *	chunk WALK	struct recording_walk
 *	chunk RECORDS	whole records, as PCBSCOPE_IOC_QUERY gives them; any
 *			number of such chunks, also none
 *	chunk END	struct recording_end
 *
 * A chunk is a struct recording_chunk (24 bytes) and its payload, whose length
 * is a multiple of 8. All numbers have the byte order of the machine that
 * wrote the file, which the head tells; a reader of the other order refuses.
 * The layout is the same on all architectures otherwise. A SCHEMA blob is padded
 * with zeros to a multiple of 8.
 *
 * CRCs are CRC-32 as in gzip. That of a chunk covers its header, with crc 0,
 * and its payload; that in END covers every byte of the file before the END
 * chunk. A reader checks the whole file before it shows anything: order of the
 * chunks, all lengths, both CRCs, the counts in END, the schema, and each
 * record. What follows END makes a recording invalid, so two of them must
 * not be concatenated.
 */
#ifndef PCBSCOPE_SOURCE_FILE_H
#define PCBSCOPE_SOURCE_FILE_H

#include <linux/types.h>

#define RECORDING_MAGIC		"PCBSCOPE"
#define RECORDING_BYTE_ORDER	0x0a0b0c0d
#define RECORDING_VERSION	1

/**
 * struct recording_head - the first bytes
 * @magic: RECORDING_MAGIC, without NUL
 * @byte_order: RECORDING_BYTE_ORDER
 * @version: RECORDING_VERSION; changes when old readers cannot read on
 */
struct recording_head {
	char magic[8];
	__u32 byte_order;
	__u32 version;
};

enum recording_type {
	RECORDING_INFO = 1,
	RECORDING_SCHEMA = 2,
	RECORDING_WALK = 3,
	RECORDING_RECORDS = 4,
	RECORDING_END = 5,
};

/**
 * struct recording_chunk - head of a chunk
 * @type: enum recording_type
 * @crc: of this head, with 0 here, and the payload
 * @bytes: length of the payload, a multiple of 8
 * @nr: records in a RECORDS chunk, else 0
 */
struct recording_chunk {
	__u32 type;
	__u32 crc;
	__u64 bytes;
	__u64 nr;
};

/**
 * struct recording_schema - what is in the blob behind it
 * @blob_bytes: its length, without padding
 * @nr_groups: struct pcbscope_group entries
 * @nr_fields: struct pcbscope_field entries
 * @nr_words: struct pcbscope_word entries
 * @group_bytes: size of a group entry
 * @field_bytes: size of a field entry
 * @word_bytes: size of a word entry
 */
struct recording_schema {
	__u64 blob_bytes;
	__u32 nr_groups;
	__u32 nr_fields;
	__u32 nr_words;
	__u32 group_bytes;
	__u32 field_bytes;
	__u32 word_bytes;
};

/**
 * struct recording_walk - the walk that was recorded
 * @groups: groups asked for; identity is always there
 * @flags: PCBSCOPE_QUERY_*
 * @states: mask of states asked for, 0: all
 * @boottime_ns: CLOCK_BOOTTIME when it began
 * @generation: its number since the module was loaded
 * @nr_pids: processes asked for by number, 0: all
 */
struct recording_walk {
	__u64 groups;
	__u64 flags;
	__u64 states;
	__u64 boottime_ns;
	__u64 generation;
	__u64 nr_pids;
};

/**
 * struct recording_end - what must have been read by now
 * @nr_records: in all RECORDS chunks
 * @file_bytes: length of the whole file
 * @crc: of every byte before the END chunk
 * @reserved: 0
 */
struct recording_end {
	__u64 nr_records;
	__u64 file_bytes;
	__u32 crc;
	__u32 reserved;
};

#endif /* PCBSCOPE_SOURCE_FILE_H */
