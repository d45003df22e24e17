#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# lint.sh PAGE...: mandoc finds nothing to say, the example compiles, and
# the pages agree with the code: errors, files of /proc, and (where
# ../pcbscope is built) commands, options and columns.
set -u
export LC_ALL=C
top=../..
bad=0
complain() { echo "lint: $*" >&2; bad=1; }

page1=man1/pcbscope.1 page4=man4/pcbscope.4 page5=man5/pcbscope.5

# Words of a page that follow a macro on any line: words_of MACRO PAGE
words_of() {
	grep -oE "\\b$1 [A-Za-z_-]+" "$2" | sed "s/^$1 //" | sort -u
}

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
			$top/module/{chardev,access,query,procfs}.c |
			sed 's/^-//' | sort -u); do
		case $name in
		EIOCBQUEUED | ENOIOCTLCMD) continue ;;
		ERESTARTSYS) name=EINTR ;;
		esac
		grep -q "Er $name\b" $page4 $page5 ||
			complain "$name is returned, but not documented"
	done
}

check_mandoc "$@"
check_example
check_errors
exit $bad
