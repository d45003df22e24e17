# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Canaries of the verdict: machines that go wrong on purpose must be seen to, by the very scripts that judge the tests.

# expect_bad DESCRIPTION STATUS PATTERN BOOT-ARGUMENTS...: the machine fails with that status, and says why.
expect_bad() {
	local description=$1 wanted=$2 pattern=$3 dir status=0
	shift 3
	dir=$(mktemp -d)
	"$VM/boot" -x -c 1 -M 1G -o "$dir" "$@" > "$dir/output" 2>&1 || status=$?
	if [ $status = "$wanted" ] && grep -qE "$pattern" "$dir/output"; then
		tap_ok "canary: $description"
	else
		sed 's/^/# | /' "$dir/output" | tail -n 30
		tap_not_ok "canary: $description: status $status, wanted $wanted with \"$pattern\""
	fi
	rm -rf "$dir"
}

build_canary() {
	local dir=$BUILD/canary
	mkdir -p "$dir"
	cp "$VM/canary/Kbuild" "$VM/canary/canary.c" "$dir/"
	make -C "/usr/src/linux-headers-$(kernel_release 6.1)" M="$dir" modules
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
}

verdicts_step() {
	tap_run "the module of the canaries" build_canary
	counts
	expect_bad "a kernel warning" 125 'Kernel panic.*panic_on_warn' -k 6.1 -t 400 -m "$BUILD/canary/canary.ko" -- true
	expect_bad "a kernel that crashes" 125 'Kernel panic' -k 6.12 -t 400 -- 'echo c > /proc/sysrq-trigger; sleep 60'
	expect_bad "a command that never ends" 124 'time was up' -k 6.1 -t 45 -- 'while :; do :; done'
	expect_bad "a machine that is switched off early" 125 'without a verdict' -k 6.1 -t 400 -- \
		'echo o > /proc/sysrq-trigger; sleep 60'
	expect_bad "a command that fails" 1 'command: 3' -k 6.1 -t 400 -- exit 3
	expect_bad "a complaint in the kernel log" 1 'log: 1 complaints.*canary' -k 6.1 -t 400 -- \
		'echo "BUG: canary" > /dev/kmsg'
	expect_bad "a node left behind" 1 'left behind: /dev/pcbscope' -k 6.1 -t 400 -- 'mknod /dev/pcbscope c 10 250'
	tap_end
}
