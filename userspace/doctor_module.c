// SPDX-License-Identifier: GPL-2.0
/*
 * doctor_module.c - checks of the loaded module and its device.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "source.h"

static const char load_it[] =
	"load it: 'sudo modprobe pcbscope', or "
	"'sudo insmod pcbscope.ko' in the folder where it was built";

void doctor_check_loaded(struct check *check)
{
	FILE *modules = fopen("/proc/modules", "re");
	char line[512];

	check->what = "module loaded";
	while (modules && fgets(line, sizeof(line), modules))
		if (strncmp(line, "pcbscope ", 9) == 0)
			check->pass = true;
	if (modules)
		fclose(modules);
	buf_puts(&check->detail, check->pass ? "pcbscope is in /proc/modules" :
		 "pcbscope is not in /proc/modules");
	buf_puts(&check->cure, load_it);
}

void doctor_check_device(struct check *check)
{
	struct stat st;

	check->what = "device";
	if (stat(PCBSCOPE_DEVICE, &st) < 0) {
		buf_printf(&check->detail, "%s: %s", PCBSCOPE_DEVICE,
			   strerror(errno));
		buf_puts(&check->cure, access(PCBSCOPE_LOADED, F_OK) ? load_it :
			 "the module is loaded: run it outside of the container, or load the module again");
		return;
	}
	check->pass = S_ISCHR(st.st_mode);
	buf_printf(&check->detail, "%s is %s, mode %04o, user %u",
		   PCBSCOPE_DEVICE, check->pass ? "a device" : "no device",
		   (unsigned int)st.st_mode & 07777, (unsigned int)st.st_uid);
	buf_puts(&check->cure,
		 "something else took its name: remove it, then reload the module");
}

void doctor_check_permission(struct check *check)
{
	int fd = open(PCBSCOPE_DEVICE, O_RDONLY | O_CLOEXEC);
	const char *cure = "run it as root, or with CAP_SYS_PTRACE";

	if (fd < 0 && errno == ENOENT)
		cure = load_it;
	else if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		cure = "too many have it open: close some, 'fuser /dev/pcbscope' names them";
	check->what = "permission";
	check->pass = fd >= 0;
	if (fd >= 0)
		close(fd);
	buf_printf(&check->detail, "open %s: %s", PCBSCOPE_DEVICE,
		   check->pass ? "allowed" : strerror(errno));
	buf_puts(&check->cure, cure);
}

/* The answer of the module, by the same code that every command uses. */
static bool ask(struct pcbscope_info *info)
{
	struct source source;
	bool known;

	if (!source_is_there())
		return false;
	known = source_open_device(&source) == STATUS_OK;
	*info = source.info;
	source_close(&source);
	return known;
}

static void no_answer(struct check *check)
{
	if (access(PCBSCOPE_DEVICE, F_OK) == 0 && !source_is_there()) {
		buf_puts(&check->detail, ", the module cannot be asked without permission");
		buf_puts(&check->cure, "run 'sudo pcbscope doctor'");
		return;
	}
	buf_puts(&check->detail, ", no answer from the module");
	buf_puts(&check->cure, access(PCBSCOPE_LOADED, F_OK) ? load_it :
		 "install module and companion from one release, then reload the module");
}

void doctor_check_abi(struct check *check)
{
	struct pcbscope_info info = { 0 };

	check->what = "ABI";
	check->pass = ask(&info);
	buf_printf(&check->detail, "companion %d.%d", PCBSCOPE_ABI_MAJOR,
		   PCBSCOPE_ABI_MINOR);
	if (check->pass)
		buf_printf(&check->detail, ", module %u.%u", info.abi_major,
			   info.abi_minor);
	else
		no_answer(check);
}

void doctor_check_skew(struct check *check)
{
	struct pcbscope_info info = { 0 };

	check->what = "versions";
	buf_printf(&check->detail, "companion %s", PCBSCOPE_VERSION);
	if (!ask(&info)) {
		no_answer(check);
		return;
	}
	check->pass = strcmp(info.module_version, PCBSCOPE_VERSION) == 0;
	buf_printf(&check->detail, ", module %s", info.module_version);
	buf_puts(&check->cure,
		 "they work together, but install both from one release: 'sudo make install' and 'sudo make dkms-install', then reload the module");
}
