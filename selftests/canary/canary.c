// SPDX-License-Identifier: GPL-2.0
/*
 * canary.c - one deliberate bug of each kind, to prove that each is seen.
 *
 * Writing the name of a bug to /sys/module/canary/parameters/bug commits it.
 * Never installed, never packaged: built by ./run, inserted in a lab machine.
 */
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#define BYTES 64

static unsigned int stall_ms = 12000;
module_param(stall_ms, uint, 0600);
MODULE_PARM_DESC(stall_ms, "how long an RCU section is held, milliseconds");

/* What the compiler must not see through. */
static noinline void write_byte(char *at)
{
	WRITE_ONCE(*at, 1);
}

static noinline void read_byte(const char *at)
{
	(void)READ_ONCE(*at);
}

/* Objects of a cache of their own, so that nobody else is handed what was damaged. */
static struct kmem_cache *cache;
static bool damaged;

static char *get_object(void)
{
	char *object = kmem_cache_zalloc(cache, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(object);
	return object;
}

static void put_object(const char *object)
{
	kmem_cache_free(cache, (void *)object);
}

static void commit_none(void)
{
	put_object(get_object());
}

static void commit_warning(void)
{
	WARN(1, "pcbscope canary\n");
}

static void commit_use_after_free(void)
{
	char *object = get_object();
	const char *stale = object;

	OPTIMIZER_HIDE_VAR(stale);
	put_object(object);
	read_byte(stale);
}

/* The allocator looks at an object's poison when it hands it out again. */
static void commit_write_after_free(void)
{
	char *object = get_object(), *stale = object;

	OPTIMIZER_HIDE_VAR(stale);
	damaged = true;
	put_object(object);
	write_byte(stale + BYTES / 2);
	put_object(get_object());
}

static void commit_double_free(void)
{
	char *object = get_object();
	const char *stale = object;

	OPTIMIZER_HIDE_VAR(stale);
	damaged = true;
	put_object(object);
	put_object(stale);
}

static void commit_out_of_bounds(void)
{
	char *object = get_object();

	damaged = true;
	write_byte(object + BYTES);
	put_object(object);
}

static void commit_area_out_of_bounds(void)
{
	char *area = vzalloc(BYTES);

	OPTIMIZER_HIDE_VAR(area);
	read_byte(area + BYTES);
	vfree(area);
}

static void commit_leak(void)
{
	char *object = kzalloc(BYTES, GFP_KERNEL);

	OPTIMIZER_HIDE_VAR(object);
	strscpy(object, "pcbscope canary", BYTES);
}

static DEFINE_MUTEX(first_lock);
static DEFINE_MUTEX(second_lock);

static void commit_lock_inversion(void)
{
	mutex_lock(&first_lock);
	mutex_lock(&second_lock);
	mutex_unlock(&second_lock);
	mutex_unlock(&first_lock);
	mutex_lock(&second_lock);
	mutex_lock(&first_lock);
	mutex_unlock(&first_lock);
	mutex_unlock(&second_lock);
}

static DEFINE_SPINLOCK(spin);

static void commit_sleep_in_atomic(void)
{
	spin_lock(&spin);
	put_object(get_object());
	spin_unlock(&spin);
}

/* Kernels without CONFIG_DEBUG_ATOMIC_SLEEP see it only when it is too late. */
static void commit_schedule_in_atomic(void)
{
	spin_lock(&spin);
	msleep(20);
	/* The scheduler has forgotten that the lock is held. */
	preempt_disable();
	spin_unlock(&spin);
}

static int __rcu *shared;

static void commit_rcu_unlocked(void)
{
	(void)rcu_dereference(shared);
}

static void commit_rcu_stall(void)
{
	rcu_read_lock();
	(void)start_poll_synchronize_rcu();
	mdelay(stall_ms);
	rcu_read_unlock();
}

static struct rcu_head head;

static void nothing(struct rcu_head *unused)
{
}

static void commit_double_call_rcu(void)
{
	rcu_read_lock();
	call_rcu(&head, nothing);
	call_rcu(&head, nothing);
	rcu_read_unlock();
}

static void commit_refcount_underflow(void)
{
	refcount_t count = REFCOUNT_INIT(1);
	unsigned int nr_zero = 0;

	nr_zero += refcount_dec_and_test(&count);
	nr_zero += refcount_dec_and_test(&count);
	pr_debug("%u times zero\n", nr_zero);
}

static void commit_list_corruption(void)
{
	LIST_HEAD(list);
	struct list_head entry;

	list_add(&entry, &list);
	list_del(&entry);
	list_del(&entry);
}

static void commit_shift(void)
{
	int bits = 40, shifted;

	OPTIMIZER_HIDE_VAR(bits);
	shifted = 1 << bits;
	OPTIMIZER_HIDE_VAR(shifted);
}

/* Give user space what lies behind an object. */
static void commit_exposure(void)
{
	char *object = get_object();
	unsigned long bytes = 2 * BYTES;
	unsigned long to = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, 0);

	OPTIMIZER_HIDE_VAR(bytes);
	if (!IS_ERR_VALUE(to) && copy_to_user((void __user *)to, object, bytes))
		pr_err("no page to expose to\n");
	put_object(object);
}

static const struct {
	const char *name;
	void (*commit)(void);
} bugs[] = {
#define KIND(name) { #name, commit_##name }
	KIND(none),
	KIND(warning),
	KIND(use_after_free),
	KIND(write_after_free),
	KIND(double_free),
	KIND(out_of_bounds),
	KIND(area_out_of_bounds),
	KIND(leak),
	KIND(lock_inversion),
	KIND(sleep_in_atomic),
	KIND(schedule_in_atomic),
	KIND(rcu_unlocked),
	KIND(rcu_stall),
	KIND(double_call_rcu),
	KIND(refcount_underflow),
	KIND(list_corruption),
	KIND(shift),
	KIND(exposure),
};

static int set_bug(const char *word, const struct kernel_param *param)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bugs); i++) {
		if (!sysfs_streq(word, bugs[i].name))
			continue;
		/* Parameters are set before a module's init is called. */
		if (!cache)
			cache = kmem_cache_create("canary", BYTES, 0, 0, NULL);
		if (!cache)
			return -ENOMEM;
		bugs[i].commit();
		return 0;
	}
	return -EINVAL;
}

static const struct kernel_param_ops bug_ops = { .set = set_bug };

module_param_cb(bug, &bug_ops, NULL, 0200);
MODULE_PARM_DESC(bug, "the bug to commit now");

static int __init canary_init(void)
{
	return 0;
}

static void __exit canary_exit(void)
{
	rcu_barrier();
	if (!damaged)
		kmem_cache_destroy(cache);
}

module_init(canary_init);
module_exit(canary_exit);
MODULE_DESCRIPTION("pcbscope: bugs on purpose");
MODULE_LICENSE("GPL");
