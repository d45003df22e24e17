#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# cli_test.sh: the companion where the module is loaded, against ps, /proc and children that know their own state.
set -u
here=$(dirname "$(realpath "$0")")
for pcbscope in "${PCBSCOPE:-}" "$here/../userspace/pcbscope" "$here/../../userspace/pcbscope" "$(command -v pcbscope)"; do
	[ ! -x "$pcbscope" ] || break
done
echo "TAP version 13"
if [ ! -x "$pcbscope" ] || ! command -v jq > /dev/null || [ ! -e /dev/pcbscope ]; then
	echo "1..0 # SKIP it takes the companion ('make cli'), jq and the loaded module"
	exit 4
fi
work=$(mktemp -d)
children=
trap 'kill -KILL $children 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
number=0
failures=0

# check NAME COMMAND...: passes if the command does; what it says is shown if not.
check() {
	local name=$1 said
	shift
	number=$((number + 1))
	if said=$("$@" 2>&1); then
		echo "ok $number - $name"
	else
		echo "not ok $number - $name"
		# shellcheck disable=SC2001 # several lines
		sed 's/^/# /' <<< "$said" | head -n 20
		failures=$((failures + 1))
	fi
}

# json FILTER ARGUMENTS...: one JSON document for which the filter is true.
json() {
	local filter=$1
	shift
	"$pcbscope" -J "$@" > document || return
	jq -e -s "length == 1 and (.[0] | $filter)" < document || { cat document; return 1; }
}

# status WANTED ARGUMENTS...: that exit status; for 1, 2 and 4 nothing on stdout.
status() {
	local want=$1 got=0
	shift
	"$pcbscope" "$@" > out 2> err || got=$?
	cat err
	[ $got = "$want" ] && { [ "$want" = 0 ] || [ "$want" = 3 ] || [ ! -s out ]; }
}

# stat_field PID N: field N of /proc/PID/stat, for names without blanks.
stat_field() { cut -d ' ' -f "$2" "/proc/$1/stat"; }

# until_letter PID LETTER: wait until the kernel says so; a child cannot be late for ever.
until_letter() {
	local end=$((SECONDS + 60))
	until [ "$(stat_field "$1" 3)" = "$2" ]; do [ $SECONDS -lt $end ] || return 1; done
}

same_as_recorded() {
	"$pcbscope" -J ps --save recording > live && "$pcbscope" -J ps --from recording > replayed && cmp live replayed
}

every_process() {
	ps -e -o pid= | tr -d ' ' | sort > before
	"$pcbscope" -r ps -o pid | tr -cd '0-9\n' | sort > ours || return
	ps -e -o pid= | tr -d ' ' | sort > after
	comm -12 before after | comm -23 - ours > lost
	cat lost
	[ ! -s lost ] && [ -s ours ]
}

fits() {
	COLUMNS=80 "$pcbscope" ps -p "$stopped,$spinner,$$" > out && [ "$(wc -L < out)" -le 80 ] && cat out
}

# As somebody who may run the companion, but not read the device.
refused() {
	local got=0
	setpriv --reuid 65534 --regid 65534 --clear-groups "$pcbscope" ps > out 2> err || got=$?
	cat err
	[ $got = 1 ] && [ ! -s out ] && grep -q 'Permission denied' err
}

start() {
	"$@" &
	children+=" $!"
	child=$!
	disown
}

until_tail() { until [ "$(cat "/proc/$1/comm")" = tail ]; do :; done; }

start tail -f /dev/null
stopped=$child
until_tail "$stopped"
kill -STOP "$stopped"
until_letter "$stopped" T
start bash -c 'while :; do :; done'
spinner=$child
start bash -c 'bash -c "exit 5" & exec tail -f /dev/null'
parent=$child
until_tail "$parent"
zombie=$(ps -o pid= --ppid "$parent" | tr -d ' ')
until_letter "$zombie" Z

row=".processes[0] |"
check "a stopped child waits" json "$row .state == \"waiting\" and .kernel_state == \"T\"" ps -p "$stopped"
check "a spinner runs or is ready" json "$row .state == \"running\" or .state == \"ready\"" ps -p "$spinner"
check "parent, group, session, threads" json "$row [.ppid, .pgid, .sid, .threads] == [$$, $(stat_field "$stopped" 5), $(stat_field "$stopped" 6), 1]" ps -p "$stopped"
check "nice and priority" json "$row [.nice, .priority] == [$(stat_field "$stopped" 19), $(stat_field "$stopped" 18)]" ps -p "$stopped"
check "size of the address space" json "$row .vsize_bytes == $(stat_field "$stopped" 23)" ps -p "$stopped"
check "switches" json "$row .voluntary_switches == $(sed -n 's/^voluntary_ctxt_switches:\t//p' "/proc/$stopped/status")" ps -p "$stopped"
check "executable and arguments" json "$row .exe == \"$(readlink "/proc/$stopped/exe")\" and .cmdline == [\"tail\",\"-f\",\"/dev/null\"]" \
	ps -p "$stopped" -o exe,cmdline
check "times within two ticks" json "$row (.utime_ns / 10000000 - $(stat_field "$stopped" 14) | fabs) <= 2" ps -p "$stopped"
check "the whole tree hangs together" json "[.. | .pid? // empty] | index($stopped) and length == (unique | length)" tree
check "children are below their parent" json ".processes[0] | .pid == $$ and ([.children[].pid] | index($stopped))" tree $$
check "the boxes of the PCB" json '.pcb | .identity.comm == "tail" and .state.kernel_state == "T" and .memory.vsize_bytes > 0 and .wait == null' show "$stopped"
check "one thread" json "[.threads[].tid] == [$stopped]" threads "$stopped"
check "counts of states" json '.states | (.running >= 1) and .waiting > 1 and .terminated >= 1 and has("new") and has("ready")' states
check "who runs on each CPU" json "(.cpus | length) == $(nproc --all) and any(.cpus[]; .running.comm == \"pcbscope\")" states
check "a zombie, and who must reap it" json ".zombies[] | select(.pid == $zombie) | .exit_code == 5 and .reaper == {pid: $parent, comm: \"tail\", state: \"waiting\", wait_kind: null}" zombies
check "every process that lives through both" every_process
check "sorted by pid, then tid" json '[.threads[] | [.pid, .tid]] | . == sort' ps -T
check "a recording shows the same" same_as_recorded
check "some are missing: status 3" status 3 ps -p "$stopped,4194304"
check "it is missing: status 1" status 1 show 4194304
check "wrong usage: status 2" status 2 ps --bogus
check "text fits 80 columns" fits
check "doctor finds nothing" status 0 doctor
check "refused to nobody: status 1" refused
echo "1..$number"
[ $failures = 0 ]
