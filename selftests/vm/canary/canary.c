// SPDX-License-Identifier: GPL-2.0
/* A module that warns, to prove that a warning cannot pass unseen. */
#include <linux/bug.h>
#include <linux/module.h>

static int __init canary_init(void)
{
	WARN(1, "pcbscope canary\n");
	return 0;
}

static void __exit canary_exit(void)
{
}

module_init(canary_init);
module_exit(canary_exit);
MODULE_DESCRIPTION("pcbscope: a warning on purpose");
MODULE_LICENSE("GPL");
