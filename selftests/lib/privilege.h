/* SPDX-License-Identifier: GPL-2.0 */
/* Becoming somebody else, and handing descriptors to somebody else. */
#ifndef PCB_TEST_PRIVILEGE_H
#define PCB_TEST_PRIVILEGE_H

#include <linux/capability.h>
#include <stdbool.h>
#include <sys/types.h>

#define CAPABILITY(number) (1ULL << (number))
/* What another uid needs to be let in where the modes say root. */
#define CAPABILITIES_TO_READ (CAPABILITY(CAP_SYS_PTRACE) | CAPABILITY(CAP_DAC_OVERRIDE) | \
			      CAPABILITY(CAP_DAC_READ_SEARCH))

/* Run fn(arg) in a child; what it returns (0 or -errno), as a wait status tells it. */
int in_child(int (*fn)(void *), void *arg);

/* All return 0 or -errno, and change the calling thread. */
int drop_capability(int capability);
int keep_capabilities(unsigned long long mask);
int become_user(uid_t uid);
int become_user_with(uid_t uid, unsigned long long capabilities);
/* Another uid that keeps CAP_SYS_PTRACE and may read files of root. */
int become_capable(uid_t uid);
/* A user namespace of our own, in which our ids are 0. */
int become_fake_root(void);

int send_fd(int sock, int fd);
int receive_fd(int sock);

/*
 * A file system of our own, in a mount namespace of our own, on which programs
 * may be setuid. False: not allowed.
 */
bool private_tmpfs(const char *where);
/* A copy of the running program at @path, owned by @uid; with @mode. */
bool copy_self(const char *path, uid_t uid, mode_t mode);

#endif
