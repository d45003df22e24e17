// SPDX-License-Identifier: GPL-2.0
/*
 * doctor.c - checks of the machine: kernel, headers, module file, what forbids
 * modules. They read files only, and need neither root nor the module.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"

#define CAP_SYS_PTRACE	19

/* The beginning of a small file, without its newline; "" if it is not there. */
static void read_line(const char *path, char *line, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? 0 : read(fd, line, size - 1);

	line[got > 0 ? got : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
}

static uint64_t effective_capabilities(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	uint64_t mask = 0;

	while (status && fgets(line, sizeof(line), status))
		if (sscanf(line, "CapEff: %" SCNx64, &mask) == 1)
			break;
	if (status)
		fclose(status);
	return mask;
}

static bool module_is_loaded(void)
{
	return access("/sys/module/pcbscope", F_OK) == 0;
}

/* What is only needed to get the module loaded is not needed any more. */
static void pass_if_loaded(struct check *check)
{
	if (check->pass || !module_is_loaded())
		return;
	check->pass = true;
	buf_puts(&check->detail, "; not needed, the module is loaded");
}

static void check_capability(struct check *check)
{
	check->what = "privilege";
	check->pass = effective_capabilities() >> CAP_SYS_PTRACE & 1;
	buf_printf(&check->detail, "user id %u, %s CAP_SYS_PTRACE",
		   (unsigned int)geteuid(), check->pass ? "with" : "without");
	buf_puts(&check->cure, geteuid() ?
		 "run it as root: 'sudo pcbscope ...'; the device shows every process" :
		 "this root lacks the capability: run it outside of the container or service that dropped it");
}

static void check_kernel(struct check *check)
{
	unsigned int major, minor;
	struct utsname uts;

	uname(&uts);
	check->what = "kernel";
	if (sscanf(uts.release, "%u.%u", &major, &minor) == 2)
		check->pass = major > 6 || (major == 6 && minor >= 1);
	buf_printf(&check->detail, "%s on %s; supported: 6.1 and newer; tested: 6.1, 6.12, 7.3",
		   uts.release, uts.machine);
	buf_puts(&check->cure,
		 "boot a supported kernel, or use the lab machine: 'make shell'");
}

static void check_modules(struct check *check)
{
	char disabled[8];

	check->what = "module support";
	read_line("/proc/sys/kernel/modules_disabled", disabled,
		  sizeof(disabled));
	if (access("/proc/modules", F_OK) < 0) {
		buf_puts(&check->detail, "this kernel takes no modules (no /proc/modules)");
		buf_puts(&check->cure,
			 "use the lab machine: 'make shell' boots a kernel that does");
		return;
	}
	check->pass = disabled[0] != '1';
	buf_puts(&check->detail, check->pass ?
		 "this kernel takes modules" :
		 "loading is switched off (kernel.modules_disabled is 1)");
	buf_puts(&check->cure,
		 "reboot: modules_disabled cannot be set back while the machine runs");
}

static void check_headers(struct check *check)
{
	struct utsname uts;
	char path[128];

	uname(&uts);
	snprintf(path, sizeof(path), "/lib/modules/%s/build", uts.release);
	check->what = "kernel headers";
	check->pass = access(path, F_OK) == 0;
	buf_printf(&check->detail, "%s %s", path,
		   check->pass ? "is there" : "is missing");
	pass_if_loaded(check);
	buf_puts(&check->cure,
		 "to build the module here: 'apt install linux-headers-$(uname -r)'");
}

static bool find_module(const char *pattern, struct buf *found)
{
	glob_t matches;
	bool any = glob(pattern, 0, NULL, &matches) == 0;

	if (any)
		buf_puts(found, matches.gl_pathv[0]);
	globfree(&matches);
	return any;
}

static void check_module_file(struct check *check)
{
	static const char *const folders[] = {
		"updates/dkms", "updates", "extra", "kernel/drivers/misc",
	};
	struct utsname uts;
	char pattern[192];

	uname(&uts);
	check->what = "module file";
	for (size_t i = 0; i < ARRAY_SIZE(folders) && !check->pass; i++) {
		snprintf(pattern, sizeof(pattern),
			 "/lib/modules/%s/%s/pcbscope.ko*", uts.release,
			 folders[i]);
		check->pass = find_module(pattern, &check->detail);
	}
	if (!check->pass && find_module("pcbscope.ko", &check->detail))
		check->pass = true;
	if (!check->pass)
		buf_puts(&check->detail, "no pcbscope.ko in /lib/modules or this folder");
	pass_if_loaded(check);
	buf_puts(&check->cure,
		 "build it with 'make module', or install it with 'sudo make dkms-install'");
}

/* Four bytes of attributes come first, then the value. */
static int secure_boot(void)
{
	char value[8];
	int fd = open("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c",
		      O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -1;
	got = read(fd, value, sizeof(value));
	close(fd);
	return got >= 5 ? value[4] : -1;
}

static void check_secure_boot(struct check *check)
{
	int state = secure_boot();

	check->what = "Secure Boot";
	check->pass = state != 1 || module_is_loaded();
	if (state < 0)
		buf_puts(&check->detail, "no such setting on this machine");
	else if (state == 0)
		buf_puts(&check->detail, "off");
	else
		buf_puts(&check->detail, check->pass ? "on, and the module was accepted" :
			 "on: an unsigned module is refused");
	buf_puts(&check->cure,
		 "sign the module with a key the machine knows: 'sudo make dkms-install', then 'sudo mokutil --import /var/lib/dkms/mok.pub' and reboot");
}

static void check_lockdown(struct check *check)
{
	char line[64];

	check->what = "lockdown";
	read_line("/sys/kernel/security/lockdown", line, sizeof(line));
	check->pass = !line[0] || strstr(line, "[none]") || module_is_loaded();
	buf_puts(&check->detail, line[0] ? line : "not in use");
	buf_puts(&check->cure,
		 "a locked-down kernel takes signed modules only: enrol the DKMS key with mokutil, or switch Secure Boot off");
}

/* Only said, never wrong: an out-of-tree module taints the kernel by design. */
static void check_taint(struct check *check)
{
	char line[32];
	unsigned long taint;

	read_line("/proc/sys/kernel/tainted", line, sizeof(line));
	taint = strtoul(line, NULL, 10);
	check->what = "taint";
	check->pass = true;
	buf_printf(&check->detail, "%lu", taint);
	buf_puts(&check->detail, !taint ? ": not tainted" :
		 taint & (1UL << 12) ? ": by out-of-tree modules, as ours is" :
		 ": by something else");
}

/**
 * doctor_check() - look at everything
 * @nr: result: how many checks were made
 *
 * Return: the checks, for doctor_free().
 */
struct check *doctor_check(uint32_t *nr)
{
	static void (*const all[])(struct check *check) = {
		check_kernel, check_modules, check_secure_boot, check_lockdown,
		check_headers, check_module_file, doctor_check_loaded,
		check_capability, doctor_check_device, doctor_check_permission,
		doctor_check_abi, doctor_check_skew, check_taint,
	};
	struct check *checks = xcalloc(ARRAY_SIZE(all), sizeof(*checks));

	*nr = ARRAY_SIZE(all);
	for (uint32_t i = 0; i < *nr; i++)
		all[i](&checks[i]);
	return checks;
}

void doctor_free(struct check *checks, uint32_t nr)
{
	for (uint32_t i = 0; i < nr; i++) {
		buf_free(&checks[i].detail);
		buf_free(&checks[i].cure);
	}
	free(checks);
}
