#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tour of `make demo`: each step is a caption, the command, and what the command really prints. Runs as root in
# the lab machine; CAST is the program that plays the interesting processes, MODULE the .ko to insert.
export COLUMNS=96 PATH=$LAB_TOP/userspace:$PATH NO_COLOR=1
steps=0
line=$(printf '=%.0s' {1..92})

title() { printf '\n== %s %s\n' "$*" "$(printf '%.*s' $((92 - ${#1})) "$line")"; }
text() { printf '   %s\n' "$@"; }

# cut(1) counts bytes, and would break a box-drawing character.
fit() {
	local line
	while IFS= read -r line; do printf '%s\n' "${line:0:$COLUMNS}"; done
}

# show LINES COMMAND: the command as typed, then its output, cut after LINES lines.
show() {
	local lines=$1 output status
	printf '\n$ %s\n' "$2"
	output=$(eval "$2" 2>&1)
	status=$?
	[ -z "$output" ] || printf '%s\n' "$output" | head -n "$lines" | fit
	[ "$(printf '%s\n' "$output" | wc -l)" -le "$lines" ] || echo "..."
	steps=$((steps + 1))
	# A pipe into head may end a command early; nothing else may fail here.
	[ $status = 0 ] || [ $status = 141 ] || { echo "tour: that command failed with status $status"; exit 1; }
}

# The cast tells its pids through a file; it is complete once the last line is there.
start_cast() {
	coproc CAST_PROCESS { exec "$CAST"; }
	# Its end is no news: the shell need not report it.
	disown "$CAST_PROCESS_PID"
	local line
	while read -r line; do
		declare -g "${line//-/_}"
	done <&"${CAST_PROCESS[0]}"
}

stop_cast() {
	kill -KILL "$spinner" "$spinner2" "$consumer" "$stopped" "$neglectful" "$dining" "$cast" 2>/dev/null
}

title "The module"
text "A process is represented in the operating system by a process control block (PCB). In Linux the" \
	"PCB is struct task_struct, and only the kernel can see it. So we go there: a kernel module."
show 3 "insmod $(printf %q "$MODULE")"
show 3 "dmesg | tail -n 1"
show 6 "cat /proc/pcbscope/version"

start_cast

title "The process list"
text "The kernel links all PCBs into one list; the module walks it. One line per process:"
show 6 "cat /proc/pcbscope/tasks"
echo
text "The same through the device /dev/pcbscope, by the companion program, as a table:"
show 14 "pcbscope ps -o pid,ppid,comm,state,kernel_state,policy,nice,rss_bytes -p $cast,$spinner,$spinner2,$consumer,$stopped,$neglectful,$dining"

title "Process creation: a tree"
text "A process creates others; parent and children form a tree whose root is process 1 (and 2 for" \
	"the kernel's own threads)."
show 16 "pcbscope tree"
show 8 "head -n 8 /proc/pcbscope/tree"

title "Process state"
text "new, ready, running, waiting, terminated. Two spinners share one CPU: at any instant one is" \
	"running, the other is ready. The letter beside the word is Linux's own."
show 12 "cat /proc/pcbscope/states"
show 30 "pcbscope states"

title "One process control block, box by box"
text "State, CPU scheduling, memory, accounting, relations: the fields of the book's figure."
show 70 "pcbscope show $dining"

title "Threads"
text "A process may have several threads of control: each has its own state and CPU time, and all" \
	"share the code, the data and the open files. Five philosophers and who serves them:"
show 10 "pcbscope threads $dining"

title "Process termination: a zombie"
text "A process that has ended keeps its PCB until its parent calls wait() for its exit status." \
	"This parent never does:"
show 6 "pcbscope zombies"

title "The same, with nothing but a shell"
text "Write a pid to /proc/pcbscope/pcb, read its PCB back (the book's programming project)."
# shellcheck disable=SC2016 # shown as typed, expanded by show
show 24 'exec 3<>/proc/pcbscope/pcb; echo $$ >&3; cat <&3; exec 3>&-'

title "Removing the module"
stop_cast
show 3 "rmmod pcbscope"
show 3 "lsmod | grep -c pcbscope || true"
title "Next"
text "make shell     the same machine, at your fingertips: pcbscope --help, man pcbscope" \
	"make check     prove that all of this is right" \
	"README.md      install it on a machine of yours"
echo
