// SPDX-License-Identifier: GPL-2.0
/*
 * main.c - ordered init, reverse exit.
 */
#include <linux/module.h>

#include "pcb.h"

static char *access = "root";
module_param(access, charp, 0444);
MODULE_PARM_DESC(access, "who may read: root (the only value so far)");

static int __init pcbscope_init(void)
{
	int err;

	if (strcmp(access, "root")) {
		pr_err("access=%s is not known; use access=root\n", access);
		return -EINVAL;
	}
	err = pcb_procfs_init();
	if (err)
		return err;
	/* Last: once it is there, somebody may have it open. */
	err = pcb_chardev_init();
	if (err) {
		pcb_procfs_exit();
		return err;
	}
	pr_info("version %s, ABI %u.%u: read /proc/pcbscope/ or run pcbscope\n",
		PCBSCOPE_VERSION, PCBSCOPE_ABI_MAJOR, PCBSCOPE_ABI_MINOR);
	return 0;
}

static void __exit pcbscope_exit(void)
{
	pcb_chardev_exit();
	pcb_procfs_exit();
}

module_init(pcbscope_init);
module_exit(pcbscope_exit);

MODULE_DESCRIPTION("Process control blocks, states and the process tree");
MODULE_AUTHOR("pcbscope developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(PCBSCOPE_VERSION);
