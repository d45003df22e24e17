/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pcb.h - what the files of the module share.
 *
 * Calls go down only: exporters (chardev, procfs) -> query -> walk, access,
 * collectors -> compat.
 */
#ifndef _PCB_H
#define _PCB_H

#include <linux/bits.h>
#include <linux/cred.h>
#include <linux/mutex.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "pcbscope.h"

/* Named caps: nothing is sized by a reader beyond these. */
#define PCB_RECORD_BYTES_MAX	(16 * 1024)	/* longest record */
#define PCB_BOUNCE_BYTES	(32 * 1024)	/* copied to the reader at once */
#define PCB_AREA_BYTES_MAX	(32 * 1024 * 1024)
#define PCB_CMDLINE_BYTES_MAX	4096
#define PCB_SECTION_TASKS	64		/* tasks in one RCU section */
#define PCB_BATCH_TASKS		PCB_SECTION_TASKS /* handed on at once */
#define PCB_PINNED_TASKS	16		/* tasks referenced at once */

/* Every group, and those collected without sleeping. */
#define PCB_FLAG_CHEAP 1ULL
#define PCB_FLAG_PINNED 0ULL
enum {
	PCB_GROUPS_ALL = 0
#define PCB_GROUP(bit, NAME, name, box, flags) | BIT_ULL(bit)
#include "pcbscope_fields.h"
	,
	PCB_GROUPS_CHEAP = 0
#define PCB_GROUP(bit, NAME, name, box, flags) | PCB_FLAG_##flags << (bit)
#include "pcbscope_fields.h"
	,
};

#define PCB_GROUPS_PINNED (PCB_GROUPS_ALL & ~PCB_GROUPS_CHEAP)

/*
 * PCB_VALID(group, field): the bit of a field in its group's valid member.
 * The enumeration numbers groups and fields in the order of the list.
 */
enum {
#define PCB_GROUP(bit, NAME, name, box, flags) PCB_AT_##name,
#define PCB_FIELD(group, member, type, unit, vocabulary, since, help) \
	PCB_AT_##group##_##member,
#include "pcbscope_fields.h"
};

#define PCB_VALID(group, member) \
	BIT_ULL(PCB_AT_##group##_##member - PCB_AT_##group - 1)

/* Kinds of openers, each under a cap of its own. */
enum pcb_kind {
	PCB_KIND_DEVICE,
	PCB_KIND_TEXT,
};

/**
 * struct pcb_opener - one reader, bound at open
 * @list: in the list of openers
 * @kind: what was opened
 * @uid: who opened
 * @pid_ns: pid namespace of the opener (reference held)
 * @user_ns: user namespace of the opener (owned by the file's f_cred)
 * @lock: one request at a time
 * @boottime_ns: when the walk at hand began
 * @generation: its number
 * @seats: per CPU, the tid that this walk has called running
 */
struct pcb_opener {
	struct list_head list;
	enum pcb_kind kind;
	kuid_t uid;
	struct pid_namespace *pid_ns;
	struct user_namespace *user_ns;
	struct mutex lock; /* one request at a time */
	u64 boottime_ns;
	u64 generation;
	u32 *seats;
};

/**
 * struct pcb_look - one look at one task
 * @opener: the reader, who decides how ids are named
 * @task: the task; alive as long as RCU or a reference holds it
 * @tid: its thread id in the opener's pid namespace
 * @root_ids: the opener is in the first pid namespace, where the ids of a task
 *            stand in the task itself
 * @is_thread: the record describes one thread, not a process
 * @exec_locked: exec_update_lock is held: credentials and program agree
 * @clock_ns: scheduler clock at the start of the RCU section
 * @record: the record that is being filled
 * @end: end of the buffer
 * @bytes: length of the record so far, also beyond @end
 */
struct pcb_look {
	const struct pcb_opener *opener;
	struct task_struct *task;
	u32 tid;
	bool root_ids;
	bool is_thread;
	bool exec_locked;
	u64 clock_ns;
	struct pcbscope_record *record;
	char *end;
	size_t bytes;
};

/**
 * struct pcb_walk - where a walk over tasks stands: numbers, never a task
 * @ns: pid namespace that is walked
 * @type: PIDTYPE_TGID for processes, PIDTYPE_PID for threads
 * @tids: the listed ids are those of single threads
 * @pids: listed ids, or NULL for the whole table
 * @nr_pids: how many
 * @first: position of @pids[0] in the reader's own list
 * @index: position in @pids
 * @next: next id to look at in the table
 * @only: take only threads of this process (its id in the first namespace)
 * @tid: id of the task returned last
 * @nr_listed: tasks of the list returned so far
 * @budget: slots that may still be looked at in this RCU section
 * @done: the walk has ended
 * @slots: chunk of the table at hand, valid in this RCU section only
 * @used: its occupied slots that are still to be looked at
 * @base: id of its first slot
 * @after: id at which the table is searched for the next chunk
 */
struct pcb_walk {
	struct pid_namespace *ns;
	enum pid_type type;
	bool tids;
	const u32 *pids;
	u32 nr_pids;
	u32 first;
	u32 index;
	u32 next;
	pid_t only;
	u32 tid;
	u64 nr_listed;
	int budget;
	bool done;
	void __rcu **slots;
	unsigned long used;
	u32 base;
	u32 after;
};

/**
 * struct pcb_place - a place in a list that is walked
 * @index: of the listed id
 * @next: id among the threads of that process; 0: not begun
 */
struct pcb_place {
	u32 index;
	u32 next;
};

/**
 * struct pcb_batch - a few tasks of a walk
 * @task: the tasks
 * @tid: their ids in the walked namespace
 * @places: how to come back to each, one for each task; NULL: need not
 */
struct pcb_batch {
	struct task_struct *task[PCB_BATCH_TASKS];
	u32 tid[PCB_BATCH_TASKS];
	struct pcb_place *places;
};

/**
 * struct pcb_query - one request on its way
 * @opener: the reader; its lock must be held
 * @groups: groups wanted and allowed
 * @denied: groups wanted and refused
 * @flags: PCBSCOPE_QUERY_*
 * @states: mask of states to keep, 0 for all
 * @walk: where it stands
 * @fixed_bytes: length of a record without strings and lists
 * @used_bytes: out: bytes filled
 * @nr_records: out: records filled
 * @needed_bytes: out: with -EOVERFLOW, length of the record that did not fit
 */
struct pcb_query {
	struct pcb_opener *opener;
	u64 groups;
	u64 denied;
	u64 flags;
	u64 states;
	struct pcb_walk walk;
	size_t fixed_bytes;
	size_t used_bytes;
	u32 nr_records;
	size_t needed_bytes;
};

/* access.c */
struct pcb_opener *pcb_access_open(const struct file *file,
				   enum pcb_kind kind);
void pcb_access_close(struct pcb_opener *opener);
int pcb_access_check(const struct pcb_opener *opener, const struct file *file);
u64 pcb_access_may(const struct pcb_opener *opener, u64 groups);

/* walk.c */
void pcb_walk_enter(struct pcb_walk *walk);
unsigned int pcb_walk_batch(struct pcb_walk *walk, struct pcb_batch *batch,
			    unsigned int max);
void pcb_walk_rewind(struct pcb_walk *walk, const struct pcb_batch *batch,
		     unsigned int nr);

/**
 * pcb_room() - bytes that are left from the record at hand on
 * @look: the look at hand
 *
 * Return: the number of bytes.
 */
static inline size_t pcb_room(const struct pcb_look *look)
{
	return look->end - (char *)look->record;
}

/* query.c */
u64 pcb_query_flags(void);
u64 pcb_query_generation(void);
int pcb_query_begin(struct pcb_query *q, u64 cursor);
u64 pcb_query_cursor(const struct pcb_query *q);
int pcb_query_fill(struct pcb_query *q, void *buf, size_t bytes);
struct pcbscope_ref pcb_query_append(struct pcb_look *look, const void *data,
				     size_t bytes);

/* fields.c */
extern const struct pcbscope_group pcb_fields_groups[];
extern const struct pcbscope_field pcb_fields_list[];
extern const struct pcbscope_word pcb_fields_words[];
extern const unsigned int pcb_fields_nr_groups;
extern const unsigned int pcb_fields_nr;
extern const unsigned int pcb_fields_nr_words;
const char *pcb_fields_word(u32 vocabulary, u32 value);
const void *pcb_fields_group(const struct pcbscope_record *record, u32 bit);

/* area.c */
struct vm_area_struct;

/**
 * struct pcb_area - memory that a reader mapped from the device
 * @bytes: its length
 * @data: its start; zero until a query of this reader fills it
 */
struct pcb_area {
	size_t bytes;
	void *data;
};

int pcb_area_mmap(struct pcb_area **slot, struct vm_area_struct *vma);
void pcb_area_free(struct pcb_area *area);

/* text.c */
struct seq_file;
void pcb_text_show_name(struct seq_file *m, const char *name, size_t bytes);
void pcb_text_show_comm(struct seq_file *m, const char *comm);
void pcb_text_show_record(struct seq_file *m,
			  const struct pcbscope_record *record);

/* forest.c */
struct pcb_node;
struct pcb_forest;
struct pcb_forest *pcb_forest_get(struct pcb_opener *opener, u64 flags);
void pcb_forest_put(struct pcb_forest *forest);
const struct pcb_node *pcb_forest_next(const struct pcb_forest *forest,
				       loff_t index);
void pcb_forest_show(struct seq_file *m, const struct pcb_node *node);

/* exporters */
int pcb_chardev_init(void);
void pcb_chardev_exit(void);
int pcb_procfs_init(void);
void pcb_procfs_exit(void);

/**
 * pcb_id() - the number of a pid as the reader sees it
 * @look: the look at hand
 * @pid: a struct pid, or NULL; alive under RCU or by a reference
 *
 * Return: the number, or 0 where the reader's namespace has none for it.
 */
static inline u32 pcb_id(const struct pcb_look *look, const struct pid *pid)
{
	const struct pid_namespace *ns = look->opener->pid_ns;

	if (!pid)
		return 0;
	if (look->root_ids)
		return pid->numbers[0].nr;
	if (ns->level > pid->level || pid->numbers[ns->level].ns != ns)
		return 0;
	return pid->numbers[ns->level].nr;
}

/**
 * pcb_tgid() - the process id of a task as the reader sees it
 * @look: the look at hand
 * @task: a task, alive under RCU or by a reference
 *
 * Return: the number, or 0 where the reader's namespace has none for it.
 */
static inline u32 pcb_tgid(const struct pcb_look *look,
			   const struct task_struct *task)
{
	if (look->root_ids)
		return task->tgid;
	return pcb_id(look, READ_ONCE(task->signal->pids[PIDTYPE_TGID]));
}

#endif /* _PCB_H */
