# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# How check and check-long run their steps (see ./steps): each leaves NAME.tap, NAME.log, NAME.count and NAME.seconds
# in $out and prints one line; a step that did not end counts as a failure.
jobs=${CHECK_JOBS:-$(($(nproc) < 2 ? 1 : 2))}

# after_step NAME: what its caller does with each step that ended.
after_step() { :; }

run_step() {
	local name=$1 start=$SECONDS status=0 counted why
	STEP_OUT=$out "$VM/steps" "$name" > "$out/$name.tap" 2> "$out/$name.log" < /dev/null || status=$?
	counted=$("$VM/tap" --strict "$out/$name.tap") || status=1
	# A step in which nothing passed has tested nothing.
	[[ $counted != *"count 0 0 "* ]] || { status=1 why="tested nothing"; }
	# A step that fails though no result says so is one failure more.
	if [ "$status" != 0 ] && ! grep -q '^not ok:' <<< "$counted"; then
		counted=$(sed "s/^count \(.*\) 0 /not ok: $name ${why:-ended with status $status}\ncount \1 1 /" <<< "$counted")
	fi
	echo $((SECONDS - start)) > "$out/$name.seconds"
	printf '%s\n' "$counted" > "$out/$name.count"
	printf '  %-18s %4d s   %s\n' "$name" $((SECONDS - start)) \
		"$(sed -n 's/^count \(.*\) \(.*\) \(.*\)/\1 passed, \2 failed, \3 skipped/p' "$out/$name.count")"
	if [ "$status" != 0 ]; then
		grep -v '^count' "$out/$name.count" | head -n 120 | sed 's/^/    /' || true
		# The log says something new only where no test said what is wrong.
		! grep -q 'ended with status' "$out/$name.count" || tail -n 12 "$out/$name.log" | cut -c 1-180 | sed 's/^/    | /'
		echo "    whole: ${out#"$TOP"/}/$name.tap, $name.log"
	fi
	after_step "$name"
}

# run_steps NAME...: as many at a time as there are jobs.
run_steps() {
	local name
	for name in "$@"; do
		while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n || true; done
		run_step "$name" &
	done
	wait
}

# total NAME...: the line that counts; true only if nothing failed.
total() {
	local passed=0 failed=0 skipped=0 name p f k
	for name in "$@"; do
		# A step that left no count did not end: that is a failure.
		read -r p f k < <(sed -n 's/^count //p' "$out/$name.count" 2>/dev/null | tail -n 1) || { p=0 f=1 k=0; }
		passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + k))
	done
	echo "$passed passed, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
	[ $failed = 0 ] && [ $passed -gt 0 ]
}
