# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Canaries of the verdict: machines that go wrong on purpose must be seen to, by the very scripts that judge the tests.

# expect_bad DESCRIPTION STATUS PATTERN BOOT-ARGUMENTS...: the machine fails with that status, and says why.
expect_bad() { expect_all_bad "$1" "$2" 1 "${@:3}"; }

# expect_all_bad DESCRIPTION STATUS COUNT PATTERN... BOOT-ARGUMENTS...: it says as many things.
expect_all_bad() {
	local description=$1 wanted=$2 patterns=("${@:4:$3}") pattern dir status=0 missing=''
	shift $((3 + $3))
	dir=$(mktemp -d)
	"$VM/boot" -x -c 1 -M 1G -o "$dir" "$@" > "$dir/output" 2>&1 || status=$?
	for pattern in "${patterns[@]}"; do
		grep -qE "$pattern" "$dir/output" || missing+=" \"$pattern\""
	done
	if [ $status = "$wanted" ] && [ -z "$missing" ]; then
		tap_ok "canary: $description"
	else
		sed 's/^/# | /' "$dir/output" | tail -n 30
		tap_not_ok "canary: $description: status $status (wanted: $wanted), not said:${missing:- nothing}"
	fi
	rm -rf "$dir"
}

# What comes on the console after the guest's own look at its log.
console_complaint() {
	local dir=$BUILD/canary/late status=0
	mkdir -p "$dir"
	echo 0 > "$dir/qemu.status"
	echo "verdict: pass" > "$dir/verdict"
	: > "$dir/console"
	! "$VM/verdict" "$dir" || return 1
	echo "[ 1.0] all is well" > "$dir/console"
	"$VM/verdict" "$dir" || return 1
	echo "[ 9.9] BUG: canary" >> "$dir/console"
	"$VM/verdict" "$dir" || status=$?
	[ $status = 1 ]
}

# is_missed RELEASE WORDS FILE...: of a kernel whose debugfs has these files only, the judge says that.
is_missed() {
	local release=$1 words=$2 dir=$BUILD/canary/debugfs file
	shift 2
	rm -rf "$dir"
	for file in "$@"; do mkdir -p "$dir/${file%/*}" && : > "$dir/$file"; done
	(
		. "$VM/judge.sh"
		report() { echo "$*"; }
		debugfs=$dir
		detectors_are_there "$release" | grep "$words"
	)
}

# What the judge looks at is there to be looked at.
missing_detectors() {
	tap_run "canary: no debugfs" is_missed 6.1.0-amd64 'debugfs: not mounted' kmemleak
	tap_run "canary: no kmemleak" is_missed 6.1.0-debug 'without kmemleak' sched/preempt slab/x/alloc_traces
	tap_run "canary: callers of the allocator that are not told" is_missed 6.1.0-amd64 'nobody knows' sched/preempt
}

# shellcheck disable=SC2016 # for the machine's shell
left_bad='insmod "$PCBSCOPE_MODULE" && { (exec 3< /dev/pcbscope; exec sleep 999) & } && sleep 2
	dmesg -C; echo "BUG: canary" > /dev/kmsg; echo 512 > /proc/sys/kernel/tainted
	echo none > /sys/kernel/debug/sched/preempt; exit 3'
# shellcheck disable=SC2016
debug_bad='echo off > /sys/kernel/debug/kmemleak
	insmod "$CANARY"; echo lock_inversion > /sys/module/canary/parameters/bug'

bad_ends() {
	local module canary
	module=$(printf %q "$("$VM/build" 6.1)")
	canary=$(printf %q "$BUILD/canary/6.1/canary.ko")
	expect_all_bad "a command that leaves a mess" 1 8 'command: 3' 'left running: [0-9]+ \(sleep\)' \
		'module: 1 references' 'rmmod: refused' 'not preempt=full' 'tainted: [0-9]+' \
		'log: its beginning is lost' 'log: 1 complaints.*canary' \
		-k 6.1 -t 600 -- "PCBSCOPE_MODULE=$module; $left_bad"
	expect_all_bad "nodes and memory left behind" 1 2 'left behind: /dev/pcbscope' 'memory of no owner' \
		-k 6.1 -t 600 -- "mknod /dev/pcbscope c 10 250; insmod $canary bug=leak; rmmod canary"
	tap_run "canary: a complaint after the verdict" console_complaint
}

# The detectors of the debug kernel that can switch themselves off.
debug_bad_ends() {
	local dir=$BUILD/canary/debug
	tap_run "the module of the canaries, for the debug kernel" "$TOP/selftests/canary/build" debug "$dir"
	expect_all_bad "detectors that are switched off" 1 2 'kmemleak: it has switched itself off' \
		'lockdep: it has switched itself off' \
		-k debug -M 2G -t 900 -- "CANARY=$(printf %q "$dir/canary.ko"); $debug_bad"
}

count_of() { printf '%b' "$2" > "$BUILD/canary/tap"; "$VM/tap" $1 "$BUILD/canary/tap" | tail -n 1; }

# expect_count DESCRIPTION TAP COUNTS [OPTION]
expect_count() { tap_run "canary: $1" [ "$(count_of "${4-}" "$2")" = "count $3" ]; }

counts() {
	expect_count "a test that passes" '1..1\n# 1..1\n# ok 1 a\nok 1 x\n' "1 0 0"
	expect_count "a test that fails" '1..1\n# 1..2\n# ok 1 a\n# not ok 2 b\nnot ok 1 x\n' "1 1 0"
	expect_count "a program that crashes half-way" '1..1\n# 1..3\n# ok 1 a\nnot ok 1 x\n' "1 1 0"
	expect_count "a program that fails without a word" '1..1\nnot ok 1 x # exit=139\n' "0 1 0"
	expect_count "a program that was never reached" '1..2\nok 1 x\n' "1 1 0"
	expect_count "no plan, so no end" 'ok 1 x\n' "1 1 0"
	expect_count "nothing at all" '' "0 1 0"
	expect_count "a skip that must not be" '1..1\nok 1 x # SKIP no module\n' "0 1 0" --strict
	expect_count "a skip that may be" '1..1\nok 1 x # SKIP not on this kernel: 6.12 only\n' "0 0 1" --strict
	tap_run "canary: a step without a result" step_is_refused '1..0\n'
	tap_run "canary: a step that skips all there is" step_is_refused '1..1\nok 1 x # SKIP not on this kernel\n'
}

# A step whose results are those, in place of one of ./steps.
step_is_refused() {
	local dir=$BUILD/canary/steps
	mkdir -p "$dir"
	ln -sf "$VM/tap" "$dir/tap"
	printf '#!/bin/sh\nprintf "%%b" "%s"\n' "$1" > "$dir/steps"
	chmod +x "$dir/steps"
	echo "count 5 0 0" > "$dir/other.count"
	(
		. "$VM/runner.sh"
		out=$dir VM=$dir
		run_step canary
		! total canary other
	)
}

verdicts_step() {
	tap_run "the module of the canaries" "$TOP/selftests/canary/build" 6.1 "$BUILD/canary/6.1"
	counts
	missing_detectors
	expect_bad "a kernel warning" 125 'Kernel panic.*panic_on_warn' -k 6.1 -t 400 -- \
		"insmod $(printf %q "$BUILD/canary/6.1/canary.ko") bug=warning"
	expect_bad "a kernel that crashes" 125 'Kernel panic' -k 6.12 -t 400 -- 'echo c > /proc/sysrq-trigger; sleep 60'
	expect_bad "a kernel that does not come up" 125 'did not come up' -k 6.12 -t 400 -a rdinit=/none -- true
	expect_bad "a command that never ends" 124 'time was up' -k 6.1 -t 45 -- 'while :; do :; done'
	expect_bad "a machine that is switched off early" 125 'without a verdict' -k 6.1 -t 400 -- \
		'echo o > /proc/sysrq-trigger; sleep 60'
	bad_ends
	debug_bad_ends
	tap_end
}
