# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Results in the Test Anything Protocol, for scripts.
tap_count=0
tap_failed=0

tap_ok() { tap_count=$((tap_count + 1)); echo "ok $tap_count - $*"; }
tap_not_ok() { tap_count=$((tap_count + 1)); tap_failed=$((tap_failed + 1)); echo "not ok $tap_count - $*"; }

# tap_run DESCRIPTION COMMAND...: passes if the command succeeds; where it does not, its output is shown before.
tap_run() {
	local description=$1 output status=0
	shift
	output=$("$@" 2>&1) || status=$?
	if [ $status = 0 ]; then
		tap_ok "$description"
	else
		printf '%s\n' "$output" | tail -n 40 | sed 's/^/# | /'
		tap_not_ok "$description (status $status)"
	fi
}

# tap_silent DESCRIPTION COMMAND...: passes if the command says nothing.
tap_silent() {
	local description=$1 output
	shift
	output=$("$@" 2>&1) || output+=" (failed)"
	if [ -z "$output" ]; then
		tap_ok "$description"
	else
		printf '%s\n' "$output" | head -n 60 | sed 's/^/# | /'
		tap_not_ok "$description"
	fi
}

tap_end() {
	echo "1..$tap_count"
	[ $tap_failed = 0 ]
}
