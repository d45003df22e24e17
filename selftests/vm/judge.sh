# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What is looked at when a machine's command is done; sourced by ./guest. Each detector complains of what it sees;
# ./verdicts.sh and ../canary prove that each of them does.

# What a kernel says when something is wrong with it; ./verdict looks for it on the console, too.
complaints='BUG|WARN|KASAN|UBSAN|KCSAN|ODEBUG|possible (recursive|circular|irq)|INFO: (rcu|task|trying)'
complaints+='|rcu.*stall|soft lockup|hung task|blocked for more than|refcount_t|scheduling while atomic'
complaints+='|leak(ed|ing)|Oops|general protection|Call Trace'
complaints+='|corruption|[Uu]se.after.free|Objects remaining|Redzone|Poison overwritten|underflow|already registered'
complaints+='|kmemleak: .*(disabled|empty)|locking correctness validator|pcbscope\[[0-9]+\]: segfault|traps: pcbscope'

# find_complaints LOG: the lines that are one. None are: what RCU says at boot of its checks, and the trace of an
# allocation that fault_load_test made fail.
find_complaints() {
	awk '/fault_load_test: (vmalloc error|page allocation failure)/ { asked = 6 }
		asked-- > 0 && /Call Trace:/ { next } { print }' "$1" |
		grep -aE "$complaints" | grep -v 'debug is enabled'
}

debugfs=/sys/kernel/debug

bad=0
complain() { report "$*"; bad=1; }

# settled COMMAND...: wait up to five seconds until it says nothing; else `said` is what it says.
settled() {
	local i
	for ((i = 0; i < 25; i++)); do
		said=$("$@")
		[ -n "$said" ] || return 0
		sleep 0.2
	done
	return 1
}

# User processes besides process 1 and this very subshell; a kernel thread has no executable file.
strangers() {
	local dir name
	for dir in /proc/[0-9]*; do
		[ "$dir" != /proc/1 ] && [ "$dir" != "/proc/$BASHPID" ] && [ -e "$dir/exe" ] || continue
		read -r name 2>/dev/null < "$dir/comm" && printf '%s ' "${dir#/proc/} ($name)"
	done
}

left_running() {
	settled strangers || complain "left running: $said"
}

references() {
	local count
	read -r count 2>/dev/null < /sys/module/pcbscope/refcnt && [ "$count" != 0 ] && echo "$count"
}

remove_module() {
	local left
	if [ -d /sys/module/pcbscope ]; then
		settled references || complain "module: $said references are held"
		rmmod pcbscope || { complain "rmmod: refused"; return; }
	fi
	left=$(ls -d /dev/pcbscope* /proc/pcbscope /sys/module/pcbscope /sys/class/misc/pcbscope* \
		/sys/kernel/slab/pcb* /sys/kernel/debug/pcbscope \
		/sys/kernel/tracing/events/pcbscope 2>/dev/null | xargs)
	left+=$(grep -hw 'pcbscope' /proc/misc /proc/modules /proc/devices)
	[ -z "$left" ] || complain "left behind: $left"
}

# Where these are missing, looks further down would see nothing, and not mind.
detectors_are_there() {
	local release=${1-$(uname -r)}
	[ -d "$debugfs/sched" ] || { complain "debugfs: not mounted"; return; }
	if [ "$release" != "${release%-debug}" ]; then
		[ -f "$debugfs/kmemleak" ] && [ -f /proc/lockdep_stats ] || complain "debug kernel: without kmemleak or lockdep"
	else
		ls "$debugfs"/slab/*/alloc_traces > /dev/null 2>&1 || complain "slab: nobody knows who allocated what"
	fi
}

# Memory allocated by code that is gone: its caller's address has no name any more. With slub_debug=U every slab cache
# remembers the callers, vmalloc always does. (Deeper in the stack such an address says nothing: what the kernel keeps
# for itself may have been made while the module called it.)
orphaned_memory() {
	local nameless=' 0xffffffff[a-f][0-9a-f]+' found
	found=$(
		grep -hE "$nameless" /proc/vmallocinfo
		grep -hE "$nameless.* age=" "$debugfs"/slab/*/alloc_traces 2>/dev/null
	)
	[ -n "$found" ] || return 0
	printf '%s\n' "$found" > /vmout/orphans
	complain "memory of no owner: $(head -n 1 /vmout/orphans)"
}

# The allocator looks at every object's red zones and poison, and puts what it finds into the log.
validate_slabs() {
	local cache
	for cache in /sys/kernel/slab/*; do
		# Linux 7.3 finds this one of its own corrupt, also where no module was ever loaded.
		[ "${cache##*/}" = kmem_cache_node ] || echo 1 > "$cache/validate"
	done 2>/dev/null
}

# kmemleak reports what is older than five seconds. It can only be switched off: a detector that gave up refuses to
# scan.
leak_scan() {
	local file=$debugfs/kmemleak round found=0
	[ -f $file ] || return 0
	: > /vmout/kmemleak
	for round in 1 2; do
		sleep 6
		# Only what two scans agree on is reported.
		{ { [ $round = 2 ] || echo scan > $file; } && echo scan > $file; } 2>/dev/null ||
			{ complain "kmemleak: it has switched itself off"; return; }
		cat $file >> /vmout/kmemleak
		found=$(grep -c ^unreferenced /vmout/kmemleak)
		[ "$found" = 0 ] || { complain "kmemleak: $found objects in round $round"; return; }
	done
}

# After its first report, or when its tables are full, lockdep looks no further.
lockdep_works() {
	local file=/proc/lockdep_stats
	[ ! -f $file ] || grep -qE '^ *debug_locks: +1$' $file || complain "lockdep: it has switched itself off"
}

# Loading this module taints: out of tree (12), unsigned (13). Everything else is a complaint the kernel keeps count of.
no_taint() {
	local taint
	read -r taint < /proc/sys/kernel/tainted
	[ $((taint & ~(1 << 12 | 1 << 13))) = 0 ] || complain "tainted: $taint"
}

# What was asked for on the command line and is there to be had.
is_preemptible() {
	local file=$debugfs/sched/preempt mode
	mode=$(sed -n 's/.*preempt=\([a-z]*\).*/\1/p' /proc/cmdline)
	[ ! -f "$file" ] || grep -q "($mode)" "$file" || complain "not preempt=$mode: $(cat "$file")"
}

scan_log() {
	dmesg > /vmout/dmesg
	head -n 1 /vmout/dmesg | grep -q 'Linux version' || complain "log: its beginning is lost"
	find_complaints /vmout/dmesg > /run/lab/complaints || return 0
	complain "log: $(wc -l < /run/lab/complaints) complaints, first: $(head -n 1 /run/lab/complaints)"
}

judge() {
	detectors_are_there
	left_running
	remove_module
	is_preemptible
	orphaned_memory
	leak_scan
	validate_slabs
	lockdep_works
	no_taint
	scan_log
}
