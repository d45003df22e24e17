#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lint.sh PAGE...: mandoc finds nothing to say, the example compiles, and the
# pages agree with the code: errors that are returned, files of /proc, and
# the companion's commands, options and columns.
set -u
export LC_ALL=C
top=../..
bad=0
complain() { echo "lint: $*" >&2; bad=1; }

page1=man1/pcbscope.1 page4=man4/pcbscope.4 page5=man5/pcbscope.5

check_mandoc() {
	local said
	said=$("${MANDOC:-mandoc}" -T lint -W warning "$@")
	[ -z "$said" ] || { echo "$said" >&2; complain "mandoc is not content"; }
}

check_example() {
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh/{/^\.Bd/,/^\.Ed/{/^\./d;s/\\&//g;s/\\e/\\/g;p}}' \
		$page4 > build/example.c
	[ -s build/example.c ] || complain "no example in $page4"
	"${CC:-cc}" -Wall -Wextra -Werror -I $top/module/uapi -fsyntax-only \
		build/example.c || complain "the example does not compile"
}

# Every error that the exporters can return has its cause in a page.
check_errors() {
	local name
	for name in $(grep -ohE -- '-E[A-Z0-9]{3,}' \
			$top/module/{chardev,area,access,query,forest,proc}*.c |
			sed 's/^-//' | sort -u); do
		case $name in
		EIOCBQUEUED | ENOIOCTLCMD) continue ;;
		ERESTARTSYS) name=EINTR ;;
		esac
		grep -q "Er $name\b" $page4 $page5 ||
			complain "$name is returned, but not documented"
	done
}

# same WHAT: the lists on descriptors 3 (code) and 4 (page) are alike.
same() {
	local here there
	here=$(sort -u <&3)
	there=$(sort -u <&4)
	[ -n "$here" ] || complain "no $1 found in the code"
	comm -23 <(echo "$here") <(echo "$there") | while read -r name; do
		echo "lint: $1 '$name' is not documented" >&2
	done
	comm -13 <(echo "$here") <(echo "$there") | while read -r name; do
		echo "lint: $1 '$name' is documented, but not there" >&2
	done
	[ "$here" = "$there" ] || bad=1
}

# section TITLE PAGE: the lines of a section or subsection.
section() {
	awk -v title="$1" '/^\.S[hs] / { on = substr($0, 5) == title; next } on' "$2"
}

check_files() {
	same "file of /proc/pcbscope" \
		3< <(sed -n 's/^\t{ "\([a-z]*\)", 0[0-7]*, .*/\1/p' \
			$top/module/procfs.c) \
		4< <(section DESCRIPTION $page5 | sed -n 's/^\.It Pa //p')
}

columns_of() {
	local command
	for command in $commands; do
		"$companion" "$command" -H -r 2>/dev/null |
			sed -n 's/^name="\([^"]*\)".*/\1/p' |
			if [ "$command" = show ]; then sed 's/^[^.]*\.//'; else cat; fi
	done
}

# Boxes without a field are columns of show; they are told of under JSON.
boxes() { printf '%s\n' context files wait; }

check_companion() {
	local companion=${PCBSCOPE:-../pcbscope} help commands
	if ! help=$("$companion" --help); then
		complain "cannot run $companion: make cli"
		return
	fi
	commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\).*/\1/p' <<< "$help")
	same command 3< <(echo "$commands") \
		4< <(section COMMANDS $page1 | sed -n 's/^\.It Cm \([a-z]*\).*/\1/p')
	same option \
		3< <(grep -E '^ +-' <<< "$help" | grep -oE '(^|[ ,])--?[A-Za-z][a-z-]*' |
			tr -d ' ,') \
		4< <({ section Selection $page1; section "GLOBAL OPTIONS" $page1; } |
			sed -n 's/^\.It Fl/Fl/p' | sed 's/Fl Fl /--/g; s/Fl /-/g' |
			grep -oE '(^|[ ,])--?[A-Za-z][a-z-]*' | tr -d ' ,')
	same column 3< <(columns_of | grep -vxFf <(boxes)) \
		4< <(sed -n '/^\.Sh COLUMNS/,/^\.Sh JSON/s/^\.It Va //p' $page1 |
			sed 's/ Pq .*//; s/ , /\n/g')
}

check_mandoc "$@"
check_example
check_errors
check_files
check_companion
exit $bad
