// SPDX-License-Identifier: GPL-2.0
/* Who may open, and that a descriptor serves its opener only. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "lib/harness.h"
#include "lib/privilege.h"

#define OPENS_ALL 64
#define OPENS_UID 8

static const char * const texts[] = { "version", "tasks", "tree", "states", "pcb" };

static int try_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int open_text(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), PROC_DIR "/%s", name);
	return try_open(path);
}

static int ask_info(int fd)
{
	struct pcbscope_info info;

	return device_info(fd, &info);
}

TEST(modes_are_for_root_only)
{
	struct stat st;
	char path[64];
	unsigned int i;

	ASSERT_EQ(0, stat(PCBSCOPE_DEVICE, &st));
	EXPECT_EQ(S_IFCHR | 0400, st.st_mode);
	EXPECT_EQ(0, st.st_uid);
	EXPECT_EQ(0, st.st_gid);
	ASSERT_EQ(0, stat(PROC_DIR, &st));
	EXPECT_EQ(S_IFDIR | 0500, st.st_mode);
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		snprintf(path, sizeof(path), PROC_DIR "/%s", texts[i]);
		ASSERT_EQ(0, stat(path, &st));
		EXPECT_EQ(0, st.st_mode & 0177);
		if (!strcmp(texts[i], "pcb")) {
			EXPECT_EQ(S_IFREG | 0600, st.st_mode);
		}
	}
}

static int as_stranger(void *arg)
{
	const char *path = arg;
	int fd;

	if (syscall(SYS_setgroups, 0, NULL) || setresgid(1234, 1234, 1234) ||
	    setresuid(1234, 1234, 1234))
		return -EIO;
	fd = try_open(path);
	return fd < 0 ? fd : 0;
}

TEST(another_user_is_refused_by_the_modes)
{
	EXPECT_EQ(-EACCES, in_child(as_stranger, PCBSCOPE_DEVICE));
	EXPECT_EQ(-EACCES, in_child(as_stranger, PROC_DIR));
	EXPECT_EQ(-EACCES, in_child(as_stranger, PROC_DIR "/version"));
	EXPECT_EQ(-EACCES, in_child(as_stranger, PROC_DIR "/tasks"));
}

static int without_ptrace(void *arg)
{
	int error = drop_capability(CAP_SYS_PTRACE);
	int fd = error ? -EIO : try_open(arg);

	return fd < 0 ? fd : 0;
}

TEST(root_without_the_capability_is_refused_at_open)
{
	char path[64];
	unsigned int i;

	EXPECT_EQ(-EPERM, in_child(without_ptrace, PCBSCOPE_DEVICE));
	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		snprintf(path, sizeof(path), PROC_DIR "/%s", texts[i]);
		EXPECT_EQ(-EPERM, in_child(without_ptrace, path)) {
			TH_LOG("%s", path);
		}
	}
}

/* Root of a user namespace of his own has the capability there, not here. */
static int as_fake_root(void *arg)
{
	int fd;

	if (unshare(CLONE_NEWUSER))
		return -EIO;
	fd = try_open(arg);
	return fd < 0 ? fd : 0;
}

TEST(root_of_another_user_namespace_is_refused)
{
	int error = in_child(as_fake_root, PCBSCOPE_DEVICE);

	EXPECT_TRUE(error == -EPERM || error == -EACCES);
	error = in_child(as_fake_root, PROC_DIR "/tasks");
	EXPECT_TRUE(error == -EPERM || error == -EACCES);
}

static int capable_stranger(void *arg)
{
	int error = become_capable(1234), fd;

	if (error)
		return error;
	fd = try_open(arg);
	if (fd < 0)
		return fd;
	return !strcmp(arg, PCBSCOPE_DEVICE) ? ask_info(fd) : 0;
}

TEST(another_user_with_the_capability_is_let_in)
{
	EXPECT_EQ(0, in_child(capable_stranger, PCBSCOPE_DEVICE));
	EXPECT_EQ(0, in_child(capable_stranger, PROC_DIR "/tasks"));
}

/* A descriptor opened by us, used by somebody else. */
struct borrowed {
	int device;
	int text;
	int pcb;
	int (*change)(void);
};

static int change_uid(void)
{
	return setresuid(1234, 1234, 1234);
}

static int change_gid(void)
{
	return setresgid(1234, 1234, 1234);
}

static int change_euid(void)
{
	return seteuid(1234);
}

static int change_capability(void)
{
	return drop_capability(CAP_SYS_PTRACE);
}

static int change_user_ns(void)
{
	return unshare(CLONE_NEWUSER);
}

static int change_nothing(void)
{
	return 0;
}

static int use_borrowed(void *arg)
{
	static unsigned char room[65536];
	struct pcbscope_query query = {
		.buf = (uintptr_t)room, .buf_bytes = sizeof(room),
	};
	struct borrowed *b = arg;
	int expected = b->change == change_nothing ? 0 : -EPERM;
	char byte;

	if (b->change())
		return -EIO;
	if (ask_info(b->device) != expected)
		return -1;
	if (device_query(b->device, &query) != expected)
		return -2;
	if ((mmap(NULL, 4096, PROT_READ, MAP_SHARED, b->device, 0) == MAP_FAILED) != !!expected)
		return -3;
	if (expected && errno != EPERM)
		return -4;
	if (read(b->text, &byte, 1) != (expected ? -1 : 1))
		return -5;
	if (expected && errno != EPERM)
		return -6;
	if (write(b->pcb, "1", 1) != (expected ? -1 : 1))
		return -7;
	return expected && errno != EPERM ? -8 : 0;
}

static void borrow(struct borrowed *b, int (*change)(void))
{
	b->device = device_open();
	b->text = open_text("tasks");
	b->pcb = open(PROC_DIR "/pcb", O_RDWR | O_CLOEXEC);
	b->change = change;
}

TEST(a_descriptor_serves_its_opener_only)
{
	int (*changes[])(void) = {
		change_nothing, change_uid, change_gid, change_euid, change_capability,
		change_user_ns,
	};
	struct borrowed b;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		borrow(&b, changes[i]);
		ASSERT_LE(0, b.device);
		ASSERT_LE(0, b.text);
		ASSERT_LE(0, b.pcb);
		EXPECT_EQ(0, in_child(use_borrowed, &b)) {
			TH_LOG("change %u", i);
		}
		close(b.device);
		close(b.text);
		close(b.pcb);
	}
}

static void use_in_namespace(struct child *self, void *arg)
{
	struct borrowed *b = arg;

	b->change = change_uid;	/* any but change_nothing: refusal is expected */
	child_tell(self, ask_info(b->device) == -EPERM &&
		   read(b->text, &(char){ 0 }, 1) == -1 && errno == EPERM);
}

TEST(a_descriptor_is_refused_in_another_pid_namespace)
{
	unsigned long long refused = 0;
	struct child child;
	struct borrowed b;

	borrow(&b, change_nothing);
	ASSERT_EQ(0, child_start(&child, CLONE_NEWPID, use_in_namespace, &b));
	ASSERT_TRUE(child_hear(&child, &refused));
	EXPECT_EQ(1, refused);
	child_end(&child);
	EXPECT_EQ(0, ask_info(b.device));
}

static int receive_and_use(void *arg)
{
	int sock = *(int *)arg, fd;

	if (setresuid(1234, 1234, 1234))
		return -EIO;
	fd = receive_fd(sock);
	return fd < 0 ? -ENODATA : ask_info(fd);
}

TEST(a_descriptor_passed_to_another_user_is_refused)
{
	int pair[2], fd = device_open();

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	ASSERT_EQ(0, send_fd(pair[0], fd));
	EXPECT_EQ(-EPERM, in_child(receive_and_use, &pair[1]));
}

static int count_opens(void)
{
	int fds[OPENS_ALL + 8], count = 0, i;

	while (count < OPENS_ALL + 8) {
		fds[count] = device_open();
		if (fds[count] < 0)
			break;
		count++;
	}
	if (count < OPENS_ALL + 8 && fds[count] != -EMFILE)
		count = -1;
	for (i = 0; i < count; i++)
		close(fds[i]);
	return count;
}

static int capable_opens(void *arg)
{
	int error = become_capable(*(uid_t *)arg);

	return error ? error : -count_opens();
}

TEST(opens_are_capped_in_all_and_for_each_user)
{
	uid_t uid;
	int i;

	for (i = 0; i < 3; i++) {
		EXPECT_EQ(OPENS_ALL, count_opens());
	}
	for (uid = 1234; uid < 1237; uid++) {
		EXPECT_EQ(-OPENS_UID, in_child(capable_opens, &uid));
	}
}

PCB_TEST_MAIN
