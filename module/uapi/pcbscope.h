/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * pcbscope.h - the ABI of /dev/pcbscope.
 *
 * A reader opens the device and sends three requests:
 *
 *   PCBSCOPE_IOC_INFO    which versions meet, and what this kernel can tell
 *   PCBSCOPE_IOC_SCHEMA  the list of groups, fields and words, as data
 *   PCBSCOPE_IOC_QUERY   records: the process control blocks themselves
 *
 * A record is
 *
 *   struct pcbscope_record           length, groups held, refused, busy
 *   struct pcbscope_<group> ...      one for each bit of .groups, in bit order
 *   strings and lists                8-byte aligned, named by a pcbscope_ref
 *
 * Every request carries its size in _IOC_SIZE(cmd). A size below the first
 * published one gives EINVAL; a larger one is accepted while the part that
 * the module does not know is zero, else E2BIG. Unknown flags, unknown groups
 * and reserved members that are not zero give EINVAL.
 *
 * All members have a fixed width, are aligned to 8 bytes as a whole and leave
 * no hole, so the layout is the same for 32-bit and 64-bit callers. New members
 * are only ever appended. Ids are those of the opener's pid and user
 * namespaces, fixed at open(2); an id that the opener cannot see is 0.
 *
 * The (tid, start_boottime_ns) pair names a task; a tid alone may be reused.
 */
#ifndef _UAPI_PCBSCOPE_H
#define _UAPI_PCBSCOPE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define PCBSCOPE_DEVICE		"/dev/pcbscope"
#define PCBSCOPE_ABI_MAJOR	1	/* changes when a reader must */
#define PCBSCOPE_ABI_MINOR	0	/* grows with every appended field */

/*
 * Groups: the boxes of the PCB figure, or parts of one. The list itself,
 * with the fields, is pcbscope_fields.h.
 */
#define PCBSCOPE_GROUP_IDENTITY		(1ULL << 0)
#define PCBSCOPE_GROUP_STATE		(1ULL << 1)
#define PCBSCOPE_GROUP_SCHEDULING	(1ULL << 2)
#define PCBSCOPE_GROUP_ACCOUNTING	(1ULL << 3)
#define PCBSCOPE_GROUP_MEMORY		(1ULL << 4)
#define PCBSCOPE_GROUP_CREDENTIALS	(1ULL << 5)
#define PCBSCOPE_GROUP_AFFINITY		(1ULL << 6)
#define PCBSCOPE_GROUP_CPUTIME		(1ULL << 7)
#define PCBSCOPE_GROUP_RELATIONS	(1ULL << 8)
#define PCBSCOPE_GROUP_PROGRAM		(1ULL << 9)

/* The book's five states (vocabulary PCBSCOPE_WORDS_STATE). */
#define PCBSCOPE_STATE_NEW		0	/* being created, never run */
#define PCBSCOPE_STATE_READY		1	/* could run, waits for a CPU */
#define PCBSCOPE_STATE_RUNNING		2	/* on a CPU when looked at */
#define PCBSCOPE_STATE_WAITING		3	/* blocked or stopped */
#define PCBSCOPE_STATE_TERMINATED	4	/* exited, not yet reaped */
#define PCBSCOPE_NR_STATES		5

/* Vocabularies: which list of words a field of type WORD draws from. */
#define PCBSCOPE_WORDS_NONE	0
#define PCBSCOPE_WORDS_STATE	1
#define PCBSCOPE_WORDS_POLICY	2

/* Types of fields. */
#define PCBSCOPE_TYPE_U32	1	/* __u32 */
#define PCBSCOPE_TYPE_S32	2	/* __s32 */
#define PCBSCOPE_TYPE_U64	3	/* __u64 */
#define PCBSCOPE_TYPE_S64	4	/* __s64 */
#define PCBSCOPE_TYPE_BOOL	5	/* __u32, 0 or 1 */
#define PCBSCOPE_TYPE_WORD	6	/* __u32, index into a vocabulary */
#define PCBSCOPE_TYPE_LETTER	7	/* __u32, one ASCII character */
#define PCBSCOPE_TYPE_FLAGS	8	/* __u32, bits; print in hexadecimal */
#define PCBSCOPE_TYPE_TEXT	9	/* char[16], NUL-terminated and -padded */
#define PCBSCOPE_TYPE_STRING	10	/* struct pcbscope_ref, no NUL */
#define PCBSCOPE_TYPE_STRINGS	11	/* ref: strings, each ended by a NUL */
#define PCBSCOPE_TYPE_CPUS	12	/* ref: bitmap in __u64 words, CPU 0 first */

/* Units of fields. */
#define PCBSCOPE_UNIT_NONE	0
#define PCBSCOPE_UNIT_NS	1	/* nanoseconds */
#define PCBSCOPE_UNIT_BYTES	2
#define PCBSCOPE_UNIT_COUNT	3
#define PCBSCOPE_UNIT_ID	4	/* pid, uid, ...: a name, not an amount */

/**
 * struct pcbscope_info - what module and kernel are, and can do
 * @abi_major: PCBSCOPE_ABI_MAJOR of the module
 * @abi_minor: PCBSCOPE_ABI_MINOR of the module
 * @groups: groups that this kernel can supply
 * @cheap_groups: those of them that are collected without sleeping
 * @query_flags: PCBSCOPE_QUERY_* flags that this kernel can serve
 * @generation: queries begun since the module was loaded
 * @boottime_ns: CLOCK_BOOTTIME now
 * @tick_ns: length of a scheduler tick: the grain of sampled CPU times
 * @area_bytes_max: largest area that mmap(2) of the device gives
 * @nr_cpus: CPU numbers run from 0 to @nr_cpus - 1
 * @page_bytes: size of a page of memory
 * @record_bytes_max: no record is longer
 * @reserved: 0, in and out
 * @module_version: version of the module, NUL-terminated
 * @kernel_release: as uname -r, NUL-terminated
 * @arch: as uname -m, NUL-terminated
 * @online_cpus: bitmap of the CPUs that are online now, CPU 0 first
 */
struct pcbscope_info {
	__u32 abi_major;
	__u32 abi_minor;
	__u64 groups;
	__u64 cheap_groups;
	__u64 query_flags;
	__u64 generation;
	__u64 boottime_ns;
	__u64 tick_ns;
	__u64 area_bytes_max;
	__u32 nr_cpus;
	__u32 page_bytes;
	__u32 record_bytes_max;
	__u32 reserved;
	char module_version[32];
	char kernel_release[64];
	char arch[32];
	__u64 online_cpus[128];
};
#define PCBSCOPE_INFO_SIZE_VER0		1232

/**
 * struct pcbscope_group - one group of fields
 * @bit: its bit number in the masks
 * @bytes: sizeof its struct
 * @flags: PCBSCOPE_GROUP_* flags below
 * @nr_fields: fields it has; the n-th has bit n of the struct's valid member
 * @name: of the group
 * @box: box of the book's PCB figure that shows it
 */
struct pcbscope_group {
	__u32 bit;
	__u32 bytes;
	__u32 flags;
	__u32 nr_fields;
	char name[16];
	char box[16];
};
#define PCBSCOPE_GROUP_IS_CHEAP		(1U << 0) /* plain fields, no lock */
#define PCBSCOPE_GROUP_IS_UNSUPPORTED	(1U << 1) /* not on this kernel */

/**
 * struct pcbscope_field - one field of a group
 * @group: bit number of its group
 * @type: PCBSCOPE_TYPE_*
 * @unit: PCBSCOPE_UNIT_*
 * @vocabulary: PCBSCOPE_WORDS_*, for PCBSCOPE_TYPE_WORD
 * @offset: bytes from the start of the group's struct
 * @bytes: size of the member
 * @since: abi_minor that brought it
 * @flags: PCBSCOPE_FIELD_* flags below
 * @name: key in JSON and in /proc/pcbscope/pcb; carries the unit
 * @help: one sentence
 */
struct pcbscope_field {
	__u32 group;
	__u32 type;
	__u32 unit;
	__u32 vocabulary;
	__u32 offset;
	__u32 bytes;
	__u32 since;
	__u32 flags;
	char name[32];
	char help[128];
};
#define PCBSCOPE_FIELD_IS_UNSUPPORTED	(1U << 0) /* not on this kernel: null */

/**
 * struct pcbscope_word - one word of a vocabulary
 * @vocabulary: PCBSCOPE_WORDS_*
 * @value: the number that stands for it in a record
 * @name: the word, lower case
 */
struct pcbscope_word {
	__u32 vocabulary;
	__u32 value;
	char name[24];
};

/**
 * struct pcbscope_schema - ask for the field list
 * @buf: in: address of a buffer, or 0 with @buf_bytes 0 to ask for the length
 * @buf_bytes: in: its length
 * @used_bytes: out: bytes filled, or needed when EOVERFLOW is returned
 * @nr_groups: out: struct pcbscope_group entries, first in the buffer
 * @nr_fields: out: struct pcbscope_field entries, behind the groups
 * @nr_words: out: struct pcbscope_word entries, behind the fields
 * @group_bytes: out: size of one group entry
 * @field_bytes: out: size of one field entry
 * @word_bytes: out: size of one word entry
 * @flags: in: 0
 * @reserved: in: 0
 */
struct pcbscope_schema {
	__u64 buf;
	__u64 buf_bytes;
	__u64 used_bytes;
	__u32 nr_groups;
	__u32 nr_fields;
	__u32 nr_words;
	__u32 group_bytes;
	__u32 field_bytes;
	__u32 word_bytes;
	__u32 flags;
	__u32 reserved;
};
#define PCBSCOPE_SCHEMA_SIZE_VER0	56

/**
 * struct pcbscope_query - ask for records
 * @groups: in: PCBSCOPE_GROUP_* wanted; identity is always given
 * @flags: in: PCBSCOPE_QUERY_* flags below
 * @states: in: mask of (1 << PCBSCOPE_STATE_*) to keep, which adds the state
 *          group; 0 keeps all
 * @cursor: in: 0 to begin, else the value returned last; out: 0 at the end
 * @buf: in: address of the record buffer; 0 with PCBSCOPE_QUERY_MAPPED
 * @buf_bytes: in: its length, or how much of the mapped area to fill
 * @used_bytes: out: bytes of whole records
 * @needed_bytes: out: with EOVERFLOW, the length that the next record needs, or
 *                record_bytes_max where that cannot be told
 * @pids: in: address of an array of __u32 process ids, or 0 for all
 * @nr_pids: in: length of that array
 * @nr_records: out: records filled
 * @boottime_ns: out: CLOCK_BOOTTIME when the walk began (@cursor was 0)
 * @generation: out: number of this walk since the module was loaded
 * @reserved: in: 0
 *
 * Records come in ascending order of tid; with @pids, in the order of that
 * array. A listed process that does not exist gives no record; if it is the
 * only one, ESRCH. Each record is consistent as far as its own fields reach:
 * tasks are looked at one after the other. Within one walk at most one task of
 * a CPU is called running: a task that got the CPU of another one after that
 * was recorded is called ready. One walk at a time goes through a descriptor: a
 * walk that begins before another one has ended spoils the latter's claim to
 * that. A signal ends a call early, with what was filled and a @cursor.
 */
struct pcbscope_query {
	__u64 groups;
	__u64 flags;
	__u64 states;
	__u64 cursor;
	__u64 buf;
	__u64 buf_bytes;
	__u64 used_bytes;
	__u64 needed_bytes;
	__u64 pids;
	__u32 nr_pids;
	__u32 nr_records;
	__u64 boottime_ns;
	__u64 generation;
	__u64 reserved;
};
#define PCBSCOPE_QUERY_SIZE_VER0	104

#define PCBSCOPE_QUERY_THREADS	(1ULL << 0) /* every thread, not only leaders */
#define PCBSCOPE_QUERY_TIDS	(1ULL << 1) /* @pids name single threads */
#define PCBSCOPE_QUERY_MAPPED	(1ULL << 2) /* fill the area mapped from the fd */
#define PCBSCOPE_QUERY_EXACT_RSS (1ULL << 3) /* sum per-CPU counters: dearer */

/**
 * struct pcbscope_record - head of one record
 * @bytes: length of the whole record, a multiple of 8
 * @flags: PCBSCOPE_RECORD_* flags below
 * @groups: groups that follow
 * @denied: groups wanted, but refused to this reader
 * @busy: groups of which something could not be had just now, because the task
 *        itself holds it or memory is short; they are in @groups too, with those
 *        valid bits clear
 */
struct pcbscope_record {
	__u32 bytes;
	__u32 flags;
	__u64 groups;
	__u64 denied;
	__u64 busy;
};
#define PCBSCOPE_RECORD_IS_THREAD (1U << 0) /* describes one thread of several */

/**
 * struct pcbscope_ref - where a string or list lies
 * @offset: bytes from the start of the record; 0: none
 * @bytes: its length, without padding
 */
struct pcbscope_ref {
	__u32 offset;
	__u32 bytes;
};

#include "pcbscope_groups.h"

#define PCBSCOPE_IOC_MAGIC	0xBC
#define PCBSCOPE_IOC_NR_INFO	0
#define PCBSCOPE_IOC_NR_SCHEMA	1
#define PCBSCOPE_IOC_NR_QUERY	2
#define PCBSCOPE_IOC_INFO \
	_IOWR(PCBSCOPE_IOC_MAGIC, PCBSCOPE_IOC_NR_INFO, struct pcbscope_info)
#define PCBSCOPE_IOC_SCHEMA \
	_IOWR(PCBSCOPE_IOC_MAGIC, PCBSCOPE_IOC_NR_SCHEMA, struct pcbscope_schema)
#define PCBSCOPE_IOC_QUERY \
	_IOWR(PCBSCOPE_IOC_MAGIC, PCBSCOPE_IOC_NR_QUERY, struct pcbscope_query)

#endif /* _UAPI_PCBSCOPE_H */
