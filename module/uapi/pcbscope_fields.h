/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * pcbscope_fields.h - the field list: one line per PCB field.
 *
 * Meant to be included more than once: whoever includes it defines the macros
 * that he needs, this file supplies empty ones for the rest and undefines all
 * of them at the end. Module, tests and manual are all made from these lines;
 * the companion gets them from the module through PCBSCOPE_IOC_SCHEMA.
 *
 * PCB_GROUP(bit, NAME, name, box, flags)
 *	flags: CHEAP (plain fields, collected without sleeping) or PINNED (needs
 *	a lock, sleeps, or walks other tasks: the task is referenced first)
 * PCB_FIELD(group, member, type, unit, vocabulary, since, help)
 *	in the order of the bits of the group's valid member; append only
 * PCB_WORD(vocabulary, value, name)
 *
 * "Group" in a help text is the thread group, that is, the process.
 */
#ifndef PCB_GROUP
#define PCB_GROUP(bit, NAME, name, box, flags)
#endif
#ifndef PCB_FIELD
#define PCB_FIELD(group, member, type, unit, vocabulary, since, help)
#endif
#ifndef PCB_WORD
#define PCB_WORD(vocabulary, value, name)
#endif

PCB_GROUP(0, IDENTITY, identity, "identity", CHEAP)
PCB_FIELD(identity, tid, U32, ID, NONE, 0, "thread id; equals pid in the first thread of a process")
PCB_FIELD(identity, pid, U32, ID, NONE, 0, "process id: the thread-group id")
PCB_FIELD(identity, ppid, U32, ID, NONE, 0, "process id of the parent; 0: none in the reader's namespace")
PCB_FIELD(identity, pgid, U32, ID, NONE, 0, "process-group id")
PCB_FIELD(identity, sid, U32, ID, NONE, 0, "session id")
PCB_FIELD(identity, comm, TEXT, NONE, NONE, 0, "name of the command, at most 15 bytes")
PCB_FIELD(identity, threads, U32, COUNT, NONE, 0, "threads of the process")
PCB_FIELD(identity, kernel_thread, BOOL, NONE, NONE, 0, "runs in the kernel only, has no program of its own")
PCB_FIELD(identity, start_boottime_ns, U64, NS, NONE, 0, "when it was created, CLOCK_BOOTTIME")
PCB_FIELD(identity, ns_depth, U32, COUNT, NONE, 0, "pid namespaces between the reader's own and the task's")
PCB_FIELD(identity, ns_pid, U32, ID, NONE, 0, "process id inside its own pid namespace")
PCB_FIELD(identity, ns_tid, U32, ID, NONE, 0, "thread id inside its own pid namespace")

PCB_GROUP(1, STATE, state, "state", CHEAP)
PCB_FIELD(state, state, WORD, NONE, STATE, 0, "the book's process state")
PCB_FIELD(state, kernel_state, LETTER, NONE, NONE, 0, "the kernel's own letter, as ps prints it")
PCB_FIELD(state, cpu, U32, ID, NONE, 0, "CPU it runs on, is queued on, or ran on last")
PCB_FIELD(state, on_cpu, BOOL, NONE, NONE, 0, "executing on that CPU when looked at (task_struct.on_cpu)")
PCB_FIELD(state, on_rq, U32, NONE, NONE, 0, "on a run queue: 1 queued, 2 migrating (task_struct.on_rq)")
PCB_FIELD(state, sched_delayed, BOOL, NONE, NONE, 0, "asleep, but not yet taken off its run queue (se.sched_delayed, 6.12)")
PCB_FIELD(state, state_flags, FLAGS, NONE, NONE, 0, "raw task_struct.__state")
PCB_FIELD(state, exit_flags, FLAGS, NONE, NONE, 0, "raw task_struct.exit_state")
PCB_FIELD(state, task_flags, FLAGS, NONE, NONE, 0, "raw task_struct.flags (PF_*)")
PCB_FIELD(state, exit_code, U32, NONE, NONE, 0, "status given to exit(2), when it ended that way")
PCB_FIELD(state, exit_signal, U32, NONE, NONE, 0, "signal that ended it, when one did")
PCB_FIELD(state, wait_status, FLAGS, NONE, NONE, 0, "status as wait(2) will report it, when the whole process has ended")
PCB_FIELD(state, dead_ns, U64, NS, NONE, 0, "time since its last turn on a CPU began, when it has ended and never had other threads")

PCB_GROUP(2, SCHEDULING, scheduling, "scheduling", CHEAP)
PCB_FIELD(scheduling, policy, WORD, NONE, POLICY, 0, "scheduling policy")
PCB_FIELD(scheduling, nice, S32, NONE, NONE, 0, "nice value, -20 (most favoured) to 19")
PCB_FIELD(scheduling, priority, S32, NONE, NONE, 0, "kernel priority, as field 18 of /proc/PID/stat: lower runs first")
PCB_FIELD(scheduling, rt_priority, U32, NONE, NONE, 0, "real-time priority, 1 to 99; 0: not real-time")
PCB_FIELD(scheduling, reset_on_fork, BOOL, NONE, NONE, 0, "children start with the default policy and priority")
PCB_FIELD(scheduling, nr_cpus_allowed, U32, COUNT, NONE, 0, "CPUs it may run on")
PCB_FIELD(scheduling, last_run_ns, U64, NS, NONE, 0, "time since it last got a CPU, without time suspended")

PCB_GROUP(3, ACCOUNTING, accounting, "accounting", CHEAP)
PCB_FIELD(accounting, voluntary_switches, U64, COUNT, NONE, 0, "times this thread gave up its CPU to wait")
PCB_FIELD(accounting, involuntary_switches, U64, COUNT, NONE, 0, "times this thread was taken off its CPU")
PCB_FIELD(accounting, runtime_ns, U64, NS, NONE, 0, "time this thread ran, as the scheduler counts it")
PCB_FIELD(accounting, run_delay_ns, U64, NS, NONE, 0, "time this thread was ready but waited for a CPU")
PCB_FIELD(accounting, nr_dispatches, U64, COUNT, NONE, 0, "times this thread was given a CPU")
PCB_FIELD(accounting, sampled_utime_ns, U64, NS, NONE, 0, "user time of this thread as sampled by the tick")
PCB_FIELD(accounting, sampled_stime_ns, U64, NS, NONE, 0, "system time of this thread as sampled by the tick")
PCB_FIELD(accounting, minor_faults, U64, COUNT, NONE, 0, "page faults of this thread served without I/O")
PCB_FIELD(accounting, major_faults, U64, COUNT, NONE, 0, "page faults of this thread that needed I/O")

PCB_GROUP(4, MEMORY, memory, "memory", CHEAP)
PCB_FIELD(memory, vsize_bytes, U64, BYTES, NONE, 0, "size of the address space; 0: has none")
PCB_FIELD(memory, rss_bytes, U64, BYTES, NONE, 0, "resident memory, as /proc/PID/stat gives it; 0: no address space")
PCB_FIELD(memory, rss_anon_bytes, U64, BYTES, NONE, 0, "resident anonymous memory")
PCB_FIELD(memory, rss_file_bytes, U64, BYTES, NONE, 0, "resident file mappings")
PCB_FIELD(memory, rss_shmem_bytes, U64, BYTES, NONE, 0, "resident shared memory (tmpfs, System V, shared anonymous)")
PCB_FIELD(memory, swap_bytes, U64, BYTES, NONE, 0, "anonymous memory swapped out")
PCB_FIELD(memory, peak_vsize_bytes, U64, BYTES, NONE, 0, "largest vsize_bytes so far")
PCB_FIELD(memory, peak_rss_bytes, U64, BYTES, NONE, 0, "largest rss_bytes so far")
PCB_FIELD(memory, page_tables_bytes, U64, BYTES, NONE, 0, "memory used by its page tables")
PCB_FIELD(memory, locked_bytes, U64, BYTES, NONE, 0, "memory locked by mlock(2)")
PCB_FIELD(memory, pinned_bytes, U64, BYTES, NONE, 0, "memory pinned for devices")
PCB_FIELD(memory, data_bytes, U64, BYTES, NONE, 0, "private writable mappings: data and heap")
PCB_FIELD(memory, stack_bytes, U64, BYTES, NONE, 0, "stack mappings")
PCB_FIELD(memory, exec_bytes, U64, BYTES, NONE, 0, "executable mappings: text of program and libraries")

PCB_GROUP(5, CREDENTIALS, credentials, "credentials", CHEAP)
PCB_FIELD(credentials, uid, U32, ID, NONE, 0, "effective user id")
PCB_FIELD(credentials, ruid, U32, ID, NONE, 0, "real user id")
PCB_FIELD(credentials, suid, U32, ID, NONE, 0, "saved user id")
PCB_FIELD(credentials, fsuid, U32, ID, NONE, 0, "user id for file access")
PCB_FIELD(credentials, gid, U32, ID, NONE, 0, "effective group id")
PCB_FIELD(credentials, rgid, U32, ID, NONE, 0, "real group id")
PCB_FIELD(credentials, sgid, U32, ID, NONE, 0, "saved group id")
PCB_FIELD(credentials, fsgid, U32, ID, NONE, 0, "group id for file access")
PCB_FIELD(credentials, user_ns, U32, ID, NONE, 0, "user namespace: inode number of /proc/PID/ns/user")
PCB_FIELD(credentials, user_ns_depth, U32, COUNT, NONE, 0, "user namespaces above it; 0: the first one")

PCB_GROUP(6, AFFINITY, affinity, "scheduling", PINNED)
PCB_FIELD(affinity, cpus_allowed, CPUS, NONE, NONE, 0, "CPUs it may run on, as a list")

PCB_GROUP(7, CPUTIME, cputime, "accounting", PINNED)
PCB_FIELD(cputime, utime_ns, U64, NS, NONE, 0, "user time: of the whole process, in a thread row of the thread")
PCB_FIELD(cputime, stime_ns, U64, NS, NONE, 0, "system time: of the whole process, in a thread row of the thread")
PCB_FIELD(cputime, thread_utime_ns, U64, NS, NONE, 0, "user time of this one thread, as procfs adjusts it")
PCB_FIELD(cputime, thread_stime_ns, U64, NS, NONE, 0, "system time of this one thread, as procfs adjusts it")
PCB_FIELD(cputime, children_utime_ns, U64, NS, NONE, 0, "user time of children that were waited for")
PCB_FIELD(cputime, children_stime_ns, U64, NS, NONE, 0, "system time of children that were waited for")
PCB_FIELD(cputime, group_minor_faults, U64, COUNT, NONE, 0, "minor faults of the whole process, exited threads too; not in thread rows")
PCB_FIELD(cputime, group_major_faults, U64, COUNT, NONE, 0, "major faults of the whole process, exited threads too; not in thread rows")

PCB_GROUP(8, RELATIONS, relations, "relations", PINNED)
PCB_FIELD(relations, parent_tid, U32, ID, NONE, 0, "thread of the parent that created or adopted it")
PCB_FIELD(relations, traced, BOOL, NONE, NONE, 0, "being traced by ptrace(2)")
PCB_FIELD(relations, tracer_pid, U32, ID, NONE, 0, "process that traces it")
PCB_FIELD(relations, reaper_pid, U32, ID, NONE, 0, "process that would adopt its children if the whole process ended")
PCB_FIELD(relations, is_child_subreaper, BOOL, NONE, NONE, 0, "adopts orphaned descendants (PR_SET_CHILD_SUBREAPER)")
PCB_FIELD(relations, under_child_subreaper, BOOL, NONE, NONE, 0, "has, or had, an ancestor that is a child subreaper")

PCB_GROUP(9, PROGRAM, program, "identity", PINNED)
PCB_FIELD(program, exe, STRING, NONE, NONE, 0, "path of the executable; ends in ' (deleted)' if it was unlinked")
PCB_FIELD(program, cmdline, STRINGS, NONE, NONE, 0, "arguments as /proc/PID/cmdline gives them, at most 4096 bytes")
PCB_FIELD(program, cmdline_bytes, U64, BYTES, NONE, 0, "length of the whole argument area")

PCB_WORD(STATE, PCBSCOPE_STATE_NEW, "new")
PCB_WORD(STATE, PCBSCOPE_STATE_READY, "ready")
PCB_WORD(STATE, PCBSCOPE_STATE_RUNNING, "running")
PCB_WORD(STATE, PCBSCOPE_STATE_WAITING, "waiting")
PCB_WORD(STATE, PCBSCOPE_STATE_TERMINATED, "terminated")
PCB_WORD(POLICY, 0, "normal")
PCB_WORD(POLICY, 1, "fifo")
PCB_WORD(POLICY, 2, "rr")
PCB_WORD(POLICY, 3, "batch")
PCB_WORD(POLICY, 5, "idle")
PCB_WORD(POLICY, 6, "deadline")
PCB_WORD(POLICY, 7, "ext")

#undef PCB_GROUP
#undef PCB_FIELD
#undef PCB_WORD
