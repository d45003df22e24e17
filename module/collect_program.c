// SPDX-License-Identifier: GPL-2.0
/*
 * collect_program.c - the program that the process executes (3.1.1).
 *
 * "A program is a passive entity, such as a file containing a list of
 * instructions stored on disk." The file is held by the kernel; the arguments
 * lie in the process's own memory, where the process may change them. That
 * memory is only copied if it is present: a page that would have to be fetched
 * could make the reader wait for as long as the process likes.
 */
#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "collect.h"

/* Where the arguments and the environment lie. */
struct areas {
	unsigned long arg_start;
	unsigned long arg_end;
	unsigned long env_start;
	unsigned long env_end;
};

static struct areas read_areas(struct mm_struct *mm)
{
	struct areas areas;

	spin_lock(&mm->arg_lock);
	areas = (struct areas) {
		mm->arg_start, mm->arg_end, mm->env_start, mm->env_end
	};
	spin_unlock(&mm->arg_lock);
	return areas;
}

/* Copy memory of the process that is present. Return: bytes, less if not. */
static size_t copy_present(struct mm_struct *mm, unsigned long from, char *to,
			   size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		unsigned long at = from + done;
		size_t part = min(bytes - done, PAGE_SIZE - offset_in_page(at));

		if (!pcb_compat_copy_page(mm, at, to + done, part))
			break;
		done += part;
	}
	return done;
}

/*
 * As procfs does it: a process that wrote over the NUL at the end of its
 * arguments has put a title of its own there, which may reach into the
 * environment and ends at the first NUL. Return: bytes in @buf, -EBUSY where
 * memory is not present.
 */
static ssize_t copy_title(struct mm_struct *mm, const struct areas *areas,
			  char *buf, size_t max)
{
	unsigned long end = areas->arg_end;
	size_t want, got, len;

	if (areas->env_start == areas->arg_end &&
	    areas->env_end > areas->env_start)
		end = areas->env_end;
	want = min_t(size_t, end - areas->arg_start, max);
	got = copy_present(mm, areas->arg_start, buf, want);
	len = strnlen(buf, got);
	if (len == got && got < want)
		return -EBUSY;
	return len < got ? len + 1 : len;
}

/* The arguments. Return: bytes in @buf, -EBUSY where they are not present. */
static ssize_t copy_arguments(struct mm_struct *mm, const struct areas *areas,
			      char *buf, size_t max)
{
	size_t want = min_t(size_t, areas->arg_end - areas->arg_start, max);
	char last;

	if (copy_present(mm, areas->arg_end - 1, &last, 1) != 1)
		return -EBUSY;
	if (last)
		return copy_title(mm, areas, buf, max);
	if (copy_present(mm, areas->arg_start, buf, want) != want)
		return -EBUSY;
	return want;
}

static void fill_cmdline(struct pcb_look *look, struct mm_struct *mm,
			 struct pcbscope_program *out, char *buf)
{
	const struct areas areas = read_areas(mm);
	ssize_t bytes = 0;

	if (!PCB_HAS_PRESENT_PAGES)
		return;
	if (areas.arg_start < areas.arg_end) {
		bytes = -EBUSY;
		if (mmap_read_trylock(mm)) {
			bytes = copy_arguments(mm, &areas, buf,
					       PCB_CMDLINE_BYTES_MAX);
			mmap_read_unlock(mm);
		}
	}
	if (bytes < 0) {
		look->record->busy |= PCBSCOPE_GROUP_PROGRAM;
		return;
	}
	out->cmdline = pcb_query_append(look, buf, bytes);
	out->cmdline_bytes = areas.arg_start < areas.arg_end ?
		areas.arg_end - areas.arg_start : 0;
	out->valid |= PCB_VALID(program, cmdline) |
		PCB_VALID(program, cmdline_bytes);
}

static void fill_exe(struct pcb_look *look, struct mm_struct *mm,
		     struct pcbscope_program *out, char *buf)
{
	struct file *file = pcb_compat_exe_file(mm);
	char *path;

	if (!file)
		return;
	path = d_path(&file->f_path, buf, PATH_MAX);
	if (IS_ERR(path)) {
		/* Longer than anybody can be told, as long as it is. */
		look->record->busy |= PCBSCOPE_GROUP_PROGRAM;
	} else {
		out->exe = pcb_query_append(look, path, strlen(path));
		out->valid |= PCB_VALID(program, exe);
	}
	fput(file);
}

/**
 * pcb_program_fill() - fill the program group
 * @look: the look at hand; without look->exec_locked an exec(2) is under way
 * @out: the group's struct
 *
 * Context: process context, may sleep; look->task is referenced.
 */
void pcb_program_fill(struct pcb_look *look, struct pcbscope_program *out)
{
	struct mm_struct *mm;
	char *buf;

	static_assert(PATH_MAX >= PCB_CMDLINE_BYTES_MAX);
	*out = (struct pcbscope_program) { 0 };
	if (!look->exec_locked) {
		look->record->busy |= PCBSCOPE_GROUP_PROGRAM;
		return;
	}
	mm = get_task_mm(look->task);
	if (!mm)
		return;
	buf = kmalloc(PATH_MAX, GFP_KERNEL_ACCOUNT);
	if (buf) {
		fill_exe(look, mm, out, buf);
		fill_cmdline(look, mm, out, buf);
		kfree(buf);
	} else {
		look->record->busy |= PCBSCOPE_GROUP_PROGRAM;
	}
	mmput_async(mm);
}
