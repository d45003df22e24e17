# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154,SC2016 # names of the runner; text that is meant as it is
# cases.sh: what is tested; read by run.

always='["pid","tid","ppid","comm","state","kernel_state","threads","uid","cpu","policy","nice","priority","utime_ns",
"stime_ns","start_boottime_ns","voluntary_switches","involuntary_switches","vsize_bytes","rss_bytes"]'

golden_cases() {
	golden ps 0 ps --from lab.rec
	golden ps-json 0 --from lab.rec ps -J
	golden ps-raw 0 ps -r --from lab.rec
	golden ps-threads 0 -T ps --from threads.rec
	golden ps-empty 0 ps --from empty.rec
	golden ps-empty-json 0 ps -J --from empty.rec
	golden ps-empty-raw 0 ps -r --from empty.rec
	golden ps-noheadings 0 -n ps --from shell.rec
	golden ps-columns 0 ps --from lab.rec -o PID,exe,Command,rss,cpus_allowed
	golden ps-plus 0 ps --from shell.rec -o +age,sid -p 100,101
	golden ps-columns-json 0 ps -J --from lab.rec -o pid,exe,cmdline,cpus_allowed,task_flags,time
	golden ps-color 0 ps --from shell.rec --color=always -o state,comm
	check "columns: the field list, in its order" lists_fields
	golden tree 0 tree --from lab.rec
	golden tree-json 0 tree -J --from lab.rec -o pid,ppid,comm
	golden tree-raw 0 tree -r --from lab.rec -o pid,ppid,comm
	golden tree-below 0 tree 100 --from lab.rec
	golden tree-threads 0 tree -T --from threads.rec
	golden show 0 show 101 --from lab.rec
	golden show-kernel 0 show 2 --from lab.rec
	golden show-refused 3 show 400 --from lab.rec
	golden show-json 0 show 300 -J --from lab.rec
	golden show-refused-json 3 show 400 -J --from lab.rec
	golden show-busy-json 0 show 401 -J --from lab.rec -o identity.pid,exe,memory.rss_bytes
	golden show-two 0 show 101,102 --from lab.rec
	golden show-two-json 0 show 102 101 -J --from lab.rec -o pid,state
	golden show-raw 0 show 101 -r --from lab.rec -o pid,state,context
	golden threads 0 threads 500 --from threads.rec
	golden threads-json 0 threads 500 -J --from threads.rec -o pid,tid,state,cpu
	golden states 0 states --from threads.rec
	golden states-threads 0 states -T --from threads.rec
	golden states-json 0 states -J --from threads.rec
	golden states-raw 0 states -r --from threads.rec
	golden states-of-processes 0 states --from lab.rec
	golden states-of-processes-json 0 states -J --from lab.rec
	golden zombies 0 zombies --from lab.rec
	golden zombies-json 0 zombies -J --from lab.rec
	golden zombies-none 0 zombies --from shell.rec
	golden bare 0 ps --from bare.rec
	golden bare-json 0 ps -J --from bare.rec
	golden threads-as-processes-json 0 ps -J --from threads.rec
	golden help 0 --help
	golden help-ps 0 ps --help
	golden not-utf8 0 ps --from lab.rec -p 203,204,208 -o pid,comm
	LC_ALL=C golden ascii-ps 0 ps --from lab.rec -p 203,204,208 -o pid,comm
	LC_ALL=C golden ascii-tree 0 tree 100 --from lab.rec
	LC_ALL=C golden ascii-states 0 states --from threads.rec
	COLUMNS=120 golden show-wide 0 show 101 --from lab.rec
}

# Straight from the lines of the header, so that a new field needs no new expectation here.
lists_fields() {
	local fields='s/^PCB_FIELD(\([a-z]*\), \([a-z_0-9]*\), \([A-Z0-9]*\), \([A-Z]*\), [A-Z]*, [0-9]*, "\(.*\)")$/name="\2" type="\L\3\E" unit="\L\4\E" group="\1" help="\5"/p'
	sed -n "$fields" "$here/../../module/uapi/pcbscope_fields.h" | sed 's/unit="none"/unit=""/' > wanted
	[ -s wanted ] && run ps -H -r --from shell.rec && grep -v 'group="computed"' out | diff wanted -
}

selection_cases() {
	json "-p" '[.processes[].pid] == [100, 102]' ps -J --from lab.rec -p 102,100,102
	json "-p twice" '[.processes[].pid] == [100, 102]' ps -J --from lab.rec -p 102 -p 100
	json "-u by number" '[.processes[].pid] == [100]' ps -J --from lab.rec -u 3000001
	json "-u by name" '.processes | length > 10 and all(.uid == 0)' ps -J --from lab.rec -u root
	json "-c exact" '[.processes[].pid] == [101, 102]' ps -J --from lab.rec -c spinner
	json "-c is no pattern" '.processes == []' ps -J --from lab.rec -c spin
	json "-c with a newline" '[.processes[].pid] == [200]' ps -J --from lab.rec -c $'a\nPID 1 root'
	json "-s" '[.processes[].pid] == [101, 102]' ps -J --from lab.rec -s running,ready
	json "-s and -c and -p" '[.processes[].pid] == [102]' ps -J --from lab.rec -s ready -c spinner -p 102,101
	json "tree of a selection" '[.processes[].pid] == [101, 102]' tree -J --from lab.rec -c spinner
	json "zombies of a selection" '[.zombies[] | [.pid, .reaper.comm]] == [[301, "bash"]]' zombies -J --from lab.rec -p 301
	json "states of a selection" '.states == {"new":0,"ready":1,"running":1,"waiting":0,"terminated":0}' \
		states -J --from lab.rec -c spinner
}

newer_cases() {
	json "fields of a newer module" '.processes[0] == {"pid":9,"waiting_ns":1234567,"wait_kind":"futex","riddle":null}' \
		ps -J --from newer.rec -o pid,waiting,wait_kind,riddle
	json "they are listed" '[.columns[] | select(.group == "wait") | .name] == ["waiting_ns","wait_kind","riddle"]' ps -H -J --from newer.rec
	json "they fill their box" '.pcb.wait == {"waiting_ns":1234567,"wait_kind":"futex","riddle":null}' show 9 -J --from newer.rec
	json "they are saved and read again" '.processes[0].wait_kind == "futex"' ps -J --from newer-again.rec -o wait_kind
}

json_cases() {
	json "keys that are always there" "all(.processes[]; . as \$row | $always | all(. as \$key | \$row | has(\$key)))" \
		ps -J --from shell.rec
	json "denied is listed, and null" '.processes[0] | .denied == ["memory","program"] and .rss_bytes == null and has("rss_bytes")' \
		ps -J --from lab.rec -c secret
	json "busy is null" '.processes[0] | has("exe") and .exe == null and (has("denied") | not)' \
		ps -J --from lab.rec -c busy -o pid,exe
	json "unsupported is null" '.processes[0] | has("pinned_bytes") and .pinned_bytes == null' \
		ps -J --from lab.rec -p 1 -o pinned_bytes
	json "not applicable has no key" '.processes[0] | has("exit_code") | not' ps -J --from lab.rec -p 1 -o pid,exit_code
	json "an unknown reaper" '.zombies[] | select(.pid == 304) | .reaper == {"pid":9999,"comm":null,"state":null,"wait_kind":null}' \
		zombies -J --from lab.rec
	json "a tracer reaps before the parent" '.zombies[] | select(.pid == 302) | .reaper.pid == 102' zombies -J --from lab.rec
	json "exact bytes in hex" '.processes[0] | .comm == "\ufffd\ufffd\ufffd(" and .comm_hex == "fffec328"' ps -J --from lab.rec -p 203
	json "no hex for UTF-8" '.processes[0] | .comm == "gr\u00fc\u00dfe" and (has("comm_hex") | not)' ps -J --from lab.rec -p 204
	json "quotes cannot leave a string" '.processes[0].comm == "\"},{\"pid\":1"' ps -J --from lab.rec -p 201
	json "an idle CPU is null" '.cpus == [{"cpu":0,"running":null},{"cpu":1,"running":{"pid":500,"tid":501,"comm":"server"}},{"cpu":3,"running":null}]' \
		states -J --from threads.rec
	json "boxes of the PCB" '.pcb | keys_unsorted == ["identity","state","context","scheduling","memory","accounting","files","relations","credentials","wait"] and .context == null and .files == null and .wait == null' \
		show 101 -J --from lab.rec
	json "columns as JSON" '.columns | map(.name) | index("pid") and index("utime_ns")' ps -H -J --from lab.rec
	json "nobody is lost or doubled in a tree" '[.. | .pid? // empty] | length == 30 and (unique | length) == 30' tree -J --from lab.rec
	json "a younger parent is none" '[.processes[].pid] | index(403) and index(404) and (index(405) | not)' tree -J --from lab.rec
	json "doctor" '.checks | length > 10 and all(has("what") and has("pass") and has("detail") and (.pass or has("cure")))' doctor -J
}

usage_cases() {
	refused "unknown command" 2 "unknown command 'pss'; valid commands: ps " pss
	refused "no prefix matching of commands" 2 "unknown command 'zomb'" zomb --from lab.rec
	refused "unknown option" 2 "unknown option '--bogus'" ps --bogus
	refused "unknown short option" 2 "unknown option '-Z'" ps -Z
	refused "no prefix matching of options" 2 "unknown option '--js'" ps --js --from lab.rec
	refused "no prefix matching with =" 2 "unknown option '--outp=pid'" ps --outp=pid --from lab.rec
	refused "option without its argument" 2 "'-p' needs an argument" ps -p
	refused "long option without its argument" 2 "'--from' needs an argument" ps --from
	refused "unknown column" 2 "unknown column 'bogus'; valid columns: .*rss_bytes" ps -o pid,bogus --from lab.rec
	refused "empty column" 2 "unknown column ''" ps -o pid,,tid --from lab.rec
	refused "unknown state" 2 "unknown state 'asleep'; valid states: new, ready" ps -s asleep --from lab.rec
	refused "unknown user" 2 "unknown user 'no-such-user'" ps -u no-such-user --from lab.rec
	refused "empty user" 2 "unknown user ''" ps -u '' --from lab.rec
	refused "both formats" 2 "cannot be used together" ps -J -r --from lab.rec
	refused "unknown colour" 2 "--color cannot be 'pink'" ps --color=pink --from lab.rec
	refused "--atomic" 2 "not available in this version" ps --atomic --from lab.rec
	refused "arguments to ps" 2 "'ps' takes no arguments" ps 1 --from lab.rec
	refused "threads without a process" 2 "needs a process id" threads --from lab.rec
	refused "show without a process" 2 "needs a process id" show --from lab.rec
	refused "-T where there are no threads" 2 "takes no -T" show -T 1 --from lab.rec
	refused "selection for doctor" 2 "takes no -p" doctor -p 1
	refused "recording for doctor" 2 "takes no --from" doctor --from lab.rec
	local pid
	for pid in abc 0 '' 99999999999 -1 1x ' 1' '1,' +1 0x1 4194305 1.5; do
		refused "-p '$pid'" 2 "is not a process id" ps -p "$pid" --from lab.rec
		refused "show '$pid'" 2 "is not a process id" show --from lab.rec -- "$pid"
	done
	check "an escape in an argument stays on its line" no_escape
	check "no command: help on stderr, status 2" no_command
	check "options before and after" both_sides
	check "version" grep -qE '^pcbscope [0-9.]+ \(ABI 1\.[0-9]+\)$' <("$pcbscope" -V)
	[ -e /dev/pcbscope ] || refused "no module" 4 "cannot open /dev/pcbscope: No such file or directory.*modprobe" ps
	[ -e /dev/pcbscope ] || refused "no module, JSON" 4 "modprobe" -J states
	check "columns without a module" columns_without_module
	check "NO_COLOR" no_color
}

no_escape() {
	run $'\033[2J\n'
	grep -qF '\033[2J\012' err && [ "$(wc -l < err)" = 1 ]
}

no_command() {
	local status=0
	run || status=$?
	[ $status = 2 ] && [ ! -s out ] && grep -q '^Usage: pcbscope' err
}

both_sides() {
	run -J --from lab.rec ps -o pid -p 1 && cp out first
	run ps -o pid -p 1 --from lab.rec --json && cmp first out
}

columns_without_module() { run ps -H && grep -q '^rss_bytes' out; }

no_color() { NO_COLOR=1 run ps --from lab.rec --color=auto && ! grep -q $'\033' out; }

missing_cases() {
	refused "the only process is missing" 1 "no process 77 in the recording" ps -p 77 --from lab.rec
	refused "the only process is missing, JSON" 1 "no process 77 in the recording" ps -J -p 77 --from lab.rec
	refused "show: it is missing" 1 "no process 77" show 77 --from lab.rec
	refused "threads: it is missing" 1 "no process 77" threads 77 --from threads.rec
	refused "tree: it is missing" 1 "no process 77" tree 77 --from lab.rec
	refused "zombies: it is missing" 1 "no process 77" zombies -p 77 --from lab.rec
	golden some-missing 3 ps -p 77,100 -o pid,comm --from lab.rec
	golden some-missing-json 3 ps -J -p 77,100 -o pid,comm --from lab.rec
	golden some-missing-show-json 3 show 77 100 -J -o pid --from lab.rec
	golden some-missing-tree 3 tree 77 101 --from lab.rec
}

recording_cases() {
	refused "no such recording" 1 "cannot read the recording 'nowhere'" ps --from nowhere
	refused "a folder" 1 "cannot read the recording '/'" ps --from /
	refused "an empty file" 1 "not a recording, or was cut short" ps --from /dev/null
	refused "endless zeros" 1 "is not a recording" ps --from /dev/zero
	head -c 40000 /dev/urandom > random
	refused "random bytes" 1 "is not a recording" ps -J --from random
	head -c -1 lab.rec > short
	refused "the last byte is missing" 1 "damaged or was cut short" ps -J --from short
	{ cat lab.rec; printf x; } > long
	refused "one byte too many" 1 "damaged or was cut short" states --from long
	cat lab.rec lab.rec > twice
	refused "two in one" 1 "damaged" ps --from twice
	refused "a newer ABI" 1 "an ABI that this companion does not know" ps --from future.rec
	{ head -c 8 lab.rec; printf '\x0a\x0b\x0c\x0d'; tail -c +13 lab.rec; } > swapped
	refused "the other byte order" 1 "the other byte order" ps --from swapped
	{ head -c 12 lab.rec; printf '\x02\0\0\0'; tail -c +17 lab.rec; } > version
	refused "another version" 1 "a version that this companion does not know" ps --from version
	refused "processes only, threads wanted" 1 "holds processes, not threads" ps -T --from lab.rec
	check "from stdin" from_stdin
	check "saved again, it is the same" saved_again
	check "--save - replaces the output" saved_to_stdout
	check "a recording has mode 0600" has_mode
	check "a failure leaves what was there" leaves_old
	check "an interrupted one leaves nothing" leaves_nothing
	refused "cannot be saved" 1 "cannot write the recording '/nowhere/x'" ps --save /nowhere/x --from lab.rec
	check "fuzz: truncated, damaged, attacked" fuzz
}

from_stdin() { stdin=lab.rec run ps --from - && cmp out "$here/expected/ps"; }

saved_again() {
	run ps -J --from lab.rec --save saved && cp out first
	run ps -J --from saved && cmp first out
}

saved_to_stdout() { run ps -J --from lab.rec --save - && cp out saved && run ps -J --from saved && cmp out "$here/expected/ps-json"; }

has_mode() { [ "$(stat -c %a saved)" = 600 ]; }

leaves_old() {
	echo old > kept
	run ps -p 77 --save kept --from lab.rec
	[ "$(cat kept)" = old ] && [ "$(find . -name 'kept*')" = ./kept ]
}

# It waits for a reader of the FIFO on stdout, with the recording half written.
leaves_nothing() {
	local reader
	mkfifo fifo
	"$pcbscope" ps --from many.rec --save interrupted > fifo &
	reader=$!
	exec 5< fifo
	until [ "$(find . -name 'interrupted.*')" ]; do kill -0 $reader || return; done
	kill -TERM $reader
	wait $reader
	[ $? = 143 ] && [ ! "$(find . -name 'interrupted*')" ]
	exec 5<&-
}

fuzz() { "$bin/fuzz_recording" shell.rec "${FUZZ_ROUNDS:-2000}" 2> fuzz.err > fuzz.out || { cat fuzz.out; tail -n 40 fuzz.err; }; }

output_cases() {
	check "a closed pipe is quiet" closed_pipe ps
	check "a closed pipe is quiet, JSON" closed_pipe ps -J
	check "a closed pipe is quiet, tree" closed_pipe tree -J
	check "a full disk is said" full_disk ps
	check "a full disk is said, JSON" full_disk ps -J
	check "a chain of 30,000" deep_chain
	check "a chain of 30,000 as JSON" deep_chain_json
	check "text never moves the cursor" no_controls
	check "raw can be evaluated by a shell" raw_is_safe
}

closed_pipe() {
	local status
	"$pcbscope" "$@" --from many.rec 2> err | head -c 10 > /dev/null
	status=${PIPESTATUS[0]}
	cat err
	[ "$status" = 1 ]
}

full_disk() {
	local status=0
	"$pcbscope" "$@" --from many.rec 2> err > /dev/full || status=$?
	[ $status = 1 ] && grep -q 'No space left on device' err && [ "$(wc -l < err)" = 1 ]
}

deep_chain() { run tree --from chain.rec && [ "$(wc -l < out)" = 30001 ]; }

deep_chain_json() {
	run tree -J -o pid --from chain.rec
	[ "$(grep -o '"children":\[' out | wc -l)" = 30000 ] && [ "$(tr -cd '{[' < out | wc -c)" = "$(tr -cd '}]' < out | wc -c)" ]
}

no_controls() {
	local format
	for format in "" -r; do
		run ps --from lab.rec -o +exe,cmdline,task,command $format
		! LC_ALL=C grep -nP '[\x00-\x08\x0b-\x1f\x7f]' out
		[ "$(wc -l < out)" = $((30 + $([ $format ] && echo 0 || echo 1))) ] || echo "lines: $(wc -l < out)"
	done
}

raw_is_safe() {
	run ps -r --from lab.rec -o comm,exe
	local line comm exe
	while read -r line; do
		eval "$line"
	done < out
	[ "$comm" = orphan ]
	run ps -r --from lab.rec -o comm -p 205
	eval "$(cat out)"
	[ "$(printf %b "$comm")" = '$(reboot)`id`' ]
}

golden_cases
selection_cases
"$pcbscope" ps --from newer.rec -o wait_kind --save newer-again.rec > /dev/null
newer_cases
json_cases
usage_cases
missing_cases
recording_cases
output_cases
