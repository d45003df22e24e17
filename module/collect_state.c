// SPDX-License-Identifier: GPL-2.0
/*
 * collect_state.c - new, ready, running, waiting, terminated.
 *
 * "As a process executes, it changes state" (3.1.2). Linux has no ready state:
 * R means "could run", on a CPU or not. What tells the two apart is on_cpu; and
 * since 6.12 a task may stay on a run queue for a while after it fell asleep
 * (sched_delayed), so being queued is not being ready.
 */
#include <linux/sched/signal.h>
#include <linux/sched/stat.h>

#define SEAT_TRIES 3
#define SAMPLE_TRIES 3

/* All but what an exit leaves behind, and what this kernel does not have. */
#define ALWAYS_VALID \
	((PCB_VALID(state, exit_code) - 1) & \
	 ~(PCB_HAS_SCHED_DELAYED ? 0 : PCB_VALID(state, sched_delayed)))

/* The fields that decide a task's state, read once. */
struct sample {
	u32 state;
	u32 exit_state;
	u32 cpu;
	u32 on_cpu;
	u32 on_rq;
	u32 delayed;
};

/*
 * State last: a task that falls asleep or wakes up in between is then judged by
 * what it does now. CPU and queue once more: it may have moved.
 */
static __always_inline struct sample read_sample(struct task_struct *task)
{
	struct sample s;
	int tries = 0;

	do {
		s.cpu = task_cpu(task);
		/* Pairs with the release in finish_task(). */
		s.on_cpu = smp_load_acquire(&task->on_cpu);
		s.on_rq = READ_ONCE(task->on_rq);
		s.delayed = pcb_compat_sched_delayed(task);
		/* Order the reads above before those below. */
		smp_rmb();
		s.state = pcb_compat_state(task);
		s.exit_state = READ_ONCE(task->exit_state);
	} while (unlikely(s.cpu != task_cpu(task) ||
			  s.on_rq != READ_ONCE(task->on_rq)) &&
		 ++tries < SAMPLE_TRIES);
	return s;
}

static __always_inline u32 book_state(struct sample s)
{
	if (s.exit_state)
		return PCBSCOPE_STATE_TERMINATED;
	if (s.state & TASK_NEW)
		return PCBSCOPE_STATE_NEW;
	if (s.on_cpu)
		return PCBSCOPE_STATE_RUNNING;
	/* Preempted on the way to sleep is ready, whatever __state says. */
	if (s.on_rq && !s.delayed)
		return PCBSCOPE_STATE_READY;
	/* Woken, about to be queued. */
	if (s.state == TASK_RUNNING || s.state == TASK_WAKING)
		return PCBSCOPE_STATE_READY;
	return PCBSCOPE_STATE_WAITING;
}

/*
 * "Only one process can be running on any processor core at any instant." Two
 * tasks have on_cpu set for a moment in a context switch, and one that gets
 * the CPU after another was recorded would be a second one too. So the first
 * one takes the CPU's seat in this walk; a later one is read again, and if it
 * is still there, it was ready when the first one ran.
 */
static bool take_seat(const struct pcb_look *look, u32 tid, u32 cpu)
{
	u32 *seat = &look->opener->seats[cpu];

	if (*seat && *seat != tid)
		return false;
	*seat = tid;
	return true;
}

/* The status that the parent will get from wait(2). */
static u32 wait_status(const struct pcb_look *look,
		       const struct task_struct *task)
{
	const struct signal_struct *signal = task->signal;

	if (!look->is_thread && (signal->flags & SIGNAL_GROUP_EXIT))
		return signal->group_exit_code;
	return task->exit_code;
}

/*
 * No field holds the time of death. A task leaves its last CPU when it dies, so
 * it died within the turn that began at last_arrival. A process that once had
 * more threads may have outlived its first one: then this kernel cannot tell.
 * (Only a thread that exited within its first tick leaves no run time behind,
 * and then what is said here is wrong by no more than that tick.)
 */
static bool died_in_last_turn(const struct pcb_look *look,
			      const struct task_struct *task)
{
	const struct signal_struct *signal = task->signal;

	return look->is_thread || !signal->sum_sched_runtime;
}

static noinline void fill_exit(const struct pcb_look *look,
			       const struct task_struct *task,
			       struct pcbscope_state *out)
{
	const u64 arrival = task->sched_info.last_arrival;

	/* The first thread has ended, but the process lives on in others. */
	if (!look->is_thread && READ_ONCE(task->signal->nr_threads) > 1)
		return;
	out->wait_status = wait_status(look, task);
	out->exit_signal = out->wait_status & 0x7f;
	out->exit_code = out->wait_status >> 8 & 0xff;
	out->valid |= PCB_VALID(state, wait_status) |
		(out->exit_signal ? PCB_VALID(state, exit_signal) :
		 PCB_VALID(state, exit_code));
	if (out->exit_signal)
		out->exit_code = 0;
	if (!died_in_last_turn(look, task))
		return;
	out->dead_ns = look->clock_ns > arrival ? look->clock_ns - arrival : 0;
	out->valid |= PCB_VALID(state, dead_ns);
}

/* Most tasks sleep interruptibly. */
static __always_inline char letter(struct sample s)
{
	if (likely(s.state == TASK_INTERRUPTIBLE && !s.exit_state))
		return 'S';
	return pcb_compat_letter(s.state, s.exit_state);
}

static __always_inline void
state_fill(const struct pcb_look *look, struct task_struct *task, u32 tid,
	   struct pcbscope_state *out)
{
	const u32 task_flags = READ_ONCE(task->flags);
	struct sample s;
	u32 state, tries = 0;

	do {
		s = read_sample(task);
		state = book_state(s);
		if (state != PCBSCOPE_STATE_RUNNING || take_seat(look, tid, s.cpu))
			break;
		state = PCBSCOPE_STATE_READY;
		cpu_relax();
	} while (++tries < SEAT_TRIES);
	out->valid = ALWAYS_VALID;
	out->dead_ns = 0;
	out->state = state;
	out->kernel_state = letter(s);
	out->cpu = s.cpu;
	out->on_cpu = s.on_cpu;
	out->on_rq = s.on_rq;
	out->sched_delayed = s.delayed;
	out->state_flags = s.state;
	out->exit_flags = s.exit_state;
	out->task_flags = task_flags;
	out->wait_status = 0;
	out->exit_code = 0;
	out->exit_signal = 0;
	if (s.exit_state)
		fill_exit(look, task, out);
}
