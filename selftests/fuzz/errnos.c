// SPDX-License-Identifier: GPL-2.0
/*
 * The errnos that a call may end with. Those of the module are the ones that
 * pcbscope(4) and pcbscope(5) list; the others are the kernel's own, given before
 * or without the module, as the manual page of the system call has them.
 */
#include "fuzz.h"

#define ERRNOS_MAX 16

struct row {
	enum call on;
	unsigned int files;
	short module[ERRNOS_MAX];
	short kernel[ERRNOS_MAX];
};

static const struct row table[] = {
	{ ON_OPEN, ALL_FILES, { EPERM, EMFILE, ENOMEM },
	  { EACCES, EEXIST, ENOTDIR, EINVAL, EOPNOTSUPP, ELOOP, ENOENT, EISDIR, EBUSY, EFAULT,
	    ENXIO } },
	{ ON_CLOSE, ALL_FILES, {}, {} },
	{ ON_DUP, ALL_FILES, {}, { EINVAL, EBUSY } },
	{ ON_READ, BIT(DEVICE), { EINVAL }, { EFAULT, EISDIR, EOPNOTSUPP } },
	{ ON_READ, TEXTS, { EPERM, EFAULT, EINTR, ENOMEM }, { EINVAL, EOPNOTSUPP } },
	{ ON_READ, BIT(TREE), { E2BIG }, {} },
	{ ON_READ, BIT(PCB), { EINVAL, ESRCH }, {} },
	{ ON_PREAD, BIT(DEVICE), { ESPIPE, EINVAL }, { EFAULT, EOPNOTSUPP } },
	{ ON_PREAD, TEXTS, { EPERM, EFAULT, EINTR, ENOMEM }, { EINVAL, EOVERFLOW, EOPNOTSUPP } },
	{ ON_PREAD, BIT(TREE), { E2BIG }, {} },
	{ ON_PREAD, BIT(PCB), { ESRCH }, {} },
	{ ON_WRITE, BIT(DEVICE), { EINVAL }, { EFAULT } },
	{ ON_WRITE, TEXTS, { EPERM, EFAULT, EINVAL, EINTR }, {} },
	{ ON_WRITE, BIT(VERSION), { EIO }, {} },
	{ ON_WRITE, BIT(PCB), { ESRCH, ENOMEM }, {} },
	{ ON_PWRITE, BIT(DEVICE), { ESPIPE, EINVAL }, { EFAULT } },
	{ ON_PWRITE, TEXTS, { ESPIPE }, { EINVAL, EFAULT } },
	{ ON_LSEEK, BIT(DEVICE), { ESPIPE }, { EINVAL } },
	{ ON_LSEEK, TEXTS, { EINVAL, EINTR, ENOMEM, EPERM }, { EOVERFLOW } },
	{ ON_LSEEK, BIT(TREE), { E2BIG }, {} },
	{ ON_LSEEK, BIT(PCB), { ESRCH }, {} },
	{ ON_INFO, BIT(DEVICE), { EFAULT, EINVAL, E2BIG, ENOMEM, EPERM }, {} },
	{ ON_SCHEMA, BIT(DEVICE), { EFAULT, EINVAL, E2BIG, EOVERFLOW, EPERM }, {} },
	{ ON_QUERY, BIT(DEVICE), { EFAULT, EINVAL, E2BIG, EOVERFLOW, EPERM, ENOMEM, EINTR, ESRCH,
				   EOPNOTSUPP }, {} },
	{ ON_IOCTL, BIT(DEVICE), { ENOTTY, EPERM }, { EFAULT } },
	{ ON_IOCTL, TEXTS, { ENOTTY }, { EFAULT } },
	{ ON_MMAP, BIT(DEVICE), { EACCES, EINVAL, ENOMEM, EPERM },
	  { EOVERFLOW, EAGAIN, EOPNOTSUPP, EEXIST } },
	{ ON_MMAP, TEXTS, { EIO }, { EACCES, EINVAL, ENOMEM, EOVERFLOW, EAGAIN, EPERM, ENODEV,
				     EOPNOTSUPP } },
	{ ON_MUNMAP, ALL_FILES, {}, { EINVAL, ENOMEM } },
	{ ON_MPROTECT, ALL_FILES, { EACCES }, { EINVAL, ENOMEM } },
	{ ON_MREMAP, ALL_FILES, { EFAULT }, { EINVAL, ENOMEM, EAGAIN } },
	{ ON_MADVISE, ALL_FILES, {}, { EINVAL, ENOMEM, EACCES, EBUSY, EAGAIN, EIO, EPERM,
				       EFAULT } },
	{ ON_POLL, ALL_FILES, {}, { EINTR, EINVAL, EFAULT } },
	{ ON_EPOLL, ALL_FILES, {}, { EPERM, EEXIST, ENOENT, EINVAL } },
	{ ON_FCNTL, ALL_FILES, {}, { EINVAL, EPERM, EAGAIN, EACCES, EFAULT, ENOTDIR, ESRCH, EMFILE,
				     EOVERFLOW, EBUSY, ENOLCK, ENOTTY } },
	{ ON_FLOCK, ALL_FILES, {}, { EWOULDBLOCK, EINVAL, EINTR } },
	{ ON_TRUNCATE, ALL_FILES, {}, { EINVAL, EPERM, EFBIG, EACCES } },
	{ ON_FALLOCATE, ALL_FILES, {}, { EINVAL, ESPIPE, ENODEV, EOPNOTSUPP, EFBIG, EPERM } },
	{ ON_SYNC, ALL_FILES, {}, { EINVAL } },
	{ ON_STAT, ALL_FILES, {}, { EFAULT, EOPNOTSUPP, EINVAL, EACCES, ENODATA, ERANGE, ENOTDIR,
				    EPERM } },
	{ ON_SPLICE, BIT(DEVICE), { EINVAL, ESPIPE }, { EAGAIN, EFAULT } },
	{ ON_SPLICE, TEXTS, { EPERM, EINTR, ENOMEM, ESRCH, E2BIG, EINVAL },
	  { EAGAIN, EFAULT, EOVERFLOW } },
	{ ON_SPLICE_IN, ALL_FILES, { EINVAL, EPERM }, { ESPIPE, EAGAIN, EFAULT } },
	{ ON_SENDFILE, BIT(DEVICE), { EINVAL, ESPIPE }, { EFAULT, EAGAIN, EOVERFLOW } },
	{ ON_SENDFILE, TEXTS, { EPERM, EINTR, ENOMEM, ESRCH, E2BIG, EINVAL },
	  { EAGAIN, EFAULT, EOVERFLOW } },
	{ ON_COPY, ALL_FILES, { EINVAL, EPERM }, { EXDEV, EOPNOTSUPP, EOVERFLOW, EFAULT, EISDIR,
						   ESPIPE } },
	{ ON_PASS, ALL_FILES, {}, { EAGAIN, ETOOMANYREFS, EINTR } },
};

static bool is_listed(const short *list, int error)
{
	unsigned int i;

	for (i = 0; i < ERRNOS_MAX && list[i]; i++)
		if (list[i] == error)
			return true;
	return false;
}

/* A sibling may have closed the descriptor, so EBADF always fits. */
bool errno_is_documented(enum call on, enum file_kind file, int error)
{
	unsigned int i;

	if (error == EBADF)
		return true;
	for (i = 0; i < COUNT(table); i++)
		if (table[i].on == on && table[i].files & BIT(file) &&
		    (is_listed(table[i].module, error) || is_listed(table[i].kernel, error)))
			return true;
	return false;
}

const char *call_name(enum call on)
{
	static const char *const names[NR_CALLS] = {
		"open", "close", "dup", "read", "pread", "write", "pwrite", "lseek", "INFO",
		"SCHEMA", "QUERY", "ioctl", "mmap", "munmap", "mprotect", "mremap", "madvise",
		"poll", "epoll", "fcntl", "flock", "ftruncate", "fallocate", "fsync", "fstat",
		"splice from", "splice to", "sendfile", "copy_file_range", "SCM_RIGHTS",
	};

	return on < NR_CALLS ? names[on] : "?";
}
