/* SPDX-License-Identifier: GPL-2.0 */
/* The witness: what the kernel itself says in /proc/PID. */
#ifndef PCB_TEST_PROCFS_H
#define PCB_TEST_PROCFS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PROC_STAT_FIELDS 53

/* /proc/PID/stat; value[n] is field n as proc(5) counts them, from 1. */
struct proc_stat {
	char comm[64];
	char letter;
	long long value[PROC_STAT_FIELDS];
};

/* Of process @pid, or of its thread @tid where that is not 0. False: gone. */
bool proc_stat(pid_t pid, pid_t tid, struct proc_stat *stat);
/* A whole file of /proc/PID (or /proc/PID/task/TID): its length, or -errno. */
ssize_t proc_read(pid_t pid, pid_t tid, const char *name, void *buf, size_t bytes);
ssize_t proc_link(pid_t pid, const char *name, char *buf, size_t bytes);
/* The text behind "Key:" in a file of such lines; false: no such key. */
bool key_text(const char *lines, const char *key, char *value, size_t bytes);
bool key_numbers(const char *lines, const char *key, long long *values, unsigned int count);
/* The same of /proc/PID/status, where sizes in kB are given in bytes. */
bool status_numbers(pid_t pid, pid_t tid, const char *key, long long *values,
		    unsigned int count);
long long status_number(pid_t pid, pid_t tid, const char *key);
/* The whole of any file, NUL-terminated; its length, or -errno. */
ssize_t file_read(const char *path, void *buf, size_t bytes);
bool file_write(const char *path, const char *text);
/* The inode number of a namespace link: "user:[4026531837]". */
long long ns_inode(pid_t pid, const char *name);
/* "0-2,5" as bits; the list's text in bitmap words. */
bool parse_cpu_list(const char *text, unsigned long long *words, unsigned int count);

#endif
