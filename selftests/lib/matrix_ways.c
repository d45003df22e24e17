// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "factory.h"
#include "matrix.h"
#include "privilege.h"

const char * const nodes[NR_NODES] = {
	PCBSCOPE_DEVICE, MATRIX_FOLDER "/node", MATRIX_FOLDER "/bound",
};

const char * const folders[NR_FOLDERS] = {
	PROC_DIR, MATRIX_FOLDER "/proc/pcbscope", MATRIX_FOLDER "/folder",
	MATRIX_FOLDER "/hidden/pcbscope",
};

const char * const texts[NR_TEXTS] = { "version", "tasks", "tree", "states", "pcb" };

/* This program under another name, run by the targets and by those who inherit. */
static void __attribute__((constructor)) under_another_name(int argc, char **argv)
{
	unsigned long long ready = 0;

	if (argc == 1 && !strcmp(argv[0], "matrix-idle")) {
		/* exec of a setuid program cleared it. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (write(0, &ready, sizeof(ready)) != sizeof(ready))
			_exit(1);
		child_pause();
	}
	if (argc == 5 && !strcmp(argv[0], "matrix-user"))
		use_after_exec(atoi(argv[1]), atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
}

int text_open(const char *folder, const char *name)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, strcmp(name, "version") ? O_RDWR : O_RDONLY);
	if (fd < 0)
		return -errno;
	if (!strcmp(name, "pcb") && write(fd, "1", 1) != 1) {
		close(fd);
		return -EIO;
	}
	return fd;
}

/* The ways in that are made of mounts; false: not all could be made. */
static bool make_mounts(void)
{
	static const char * const dirs[] = { "proc", "folder", "hidden", "root" };
	char path[64];
	struct stat st;
	unsigned int i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), MATRIX_FOLDER "/%s", dirs[i]);
		if (mkdir(path, 0755))
			return false;
	}
	close(open(MATRIX_FOLDER "/bound", O_CREAT | O_RDONLY | O_CLOEXEC, 0600));
	return !stat(PCBSCOPE_DEVICE, &st) &&
		!mknod(MATRIX_FOLDER "/node", S_IFCHR | 0600, st.st_rdev) &&
		!chmod(MATRIX_FOLDER "/node", 0666) &&
		!mount(PCBSCOPE_DEVICE, MATRIX_FOLDER "/bound", NULL, MS_BIND, NULL) &&
		!mount("proc", MATRIX_FOLDER "/proc", "proc", 0, NULL) &&
		!mount("proc", MATRIX_FOLDER "/hidden", "proc", 0, "hidepid=invisible") &&
		!mount(PROC_DIR, MATRIX_FOLDER "/folder", NULL, MS_BIND, NULL);
}

static bool open_all(struct held *held)
{
	unsigned int i;

	held->pid = getpid();
	held->tally_fd = memfd_create("tally", 0);
	if (ftruncate(held->tally_fd, sizeof(struct tally)))
		return false;
	held->tally = mmap(NULL, sizeof(struct tally), PROT_READ | PROT_WRITE, MAP_SHARED,
			   held->tally_fd, 0);
	held->device = open(PCBSCOPE_DEVICE, O_RDONLY);
	if (held->tally == MAP_FAILED || held->device < 0)
		return false;
	for (i = 0; i < NR_TEXTS; i++) {
		held->text[i] = text_open(PROC_DIR, texts[i]);
		if (held->text[i] < 0)
			return false;
	}
	return true;
}

const char *ways_make(struct held *held)
{
	if (!private_tmpfs(MATRIX_FOLDER) || chmod(MATRIX_FOLDER, 0755))
		return "a file system of our own";
	if (!copy_self(MATRIX_FOLDER "/setuid", 0, 04755) ||
	    !copy_self(MATRIX_FOLDER "/plain", 0, 0755))
		return "programs";
	if (!make_mounts())
		return "mounts";
	return open_all(held) ? targets_make(held->tally) : "descriptors";
}

void ways_set_modes(bool open)
{
	char path[64];
	unsigned int i;

	chmod(PCBSCOPE_DEVICE, open ? 0666 : 0400);
	chmod(PROC_DIR, open ? 0777 : 0500);
	for (i = 0; i < NR_TEXTS; i++) {
		snprintf(path, sizeof(path), PROC_DIR "/%s", texts[i]);
		chmod(path, open ? 0666 : i ? 0600 : 0400);
	}
}

void ways_end(struct held *held)
{
	ways_set_modes(false);
	targets_end();
	munmap(held->tally, sizeof(struct tally));
}
