# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The house's "never"s that a text search can see. Each rule_NAME prints its violations, found below the current
# folder, as file:line: text; each canary_NAME plants one violation there, to prove that the rule fires.

RULES="kernel_versions unexported_symbols foreign_registers target_memory user_copies exporter_dereferences kernel_addresses
device_calls prints writer_fields sleeping_tests long_functions long_files licences unfinished_work this_machine"

c_files() { [ $# = 0 ] || find "$@" -name '*.[ch]' ! -name '*.mod.c' ! -path '*/build/*' ! -path '*/man/*' 2>/dev/null | sort; }
# search PATTERN FILE...: comments do not count.
search() {
	local pattern=$1
	shift
	[ $# = 0 ] || grep -nHE "$pattern" "$@" /dev/null | grep -vE '^[^:]*:[0-9]+:[[:space:]]*(/\*|\*|//)' || true
}
except() { grep -vE "^(\./)?($1)\$" || true; }
in_files() { xargs -r -d '\n' bash -c "$(declare -f search)"'; search "$@"' sh "$1"; }

rule_kernel_versions() {
	c_files module | except 'module/compat\.h' |
		in_files 'LINUX_VERSION_CODE|KERNEL_VERSION|#[[:space:]]*(el)?if.*(CONFIG_|IS_ENABLED|IS_BUILTIN|__has_)'
}
canary_kernel_versions() { echo '#ifdef CONFIG_SMP' > module/canary.c; }

rule_unexported_symbols() { c_files module | in_files 'kallsyms_|kprobe|kretprobe|lookup_symbol_name'; }
canary_unexported_symbols() { echo 'static struct kprobe probe;' > module/canary.c; }

rule_foreign_registers() {
	c_files module | except 'module/compat\.h|module/collect_context[a-z_]*\.c' | in_files 'task_pt_regs|KSTK_E[IS]P'
}
canary_foreign_registers() { echo 'regs = task_pt_regs(task);' > module/canary.c; }

rule_target_memory() { c_files module | in_files 'access_(process|remote)_vm|copy_(to|from)_kernel_nofault'; }
canary_target_memory() { echo 'access_process_vm(task, 0, page, 1, 0);' > module/canary.c; }

rule_user_copies() {
	find module -name 'walk.c' -o -name 'atomic.c' -o -name 'collect_*.c' |
		in_files '\b(copy_(to|from)_user|copy_struct_from_user|put_user|get_user|seq_[a-z]+)[[:space:]]*\(|linux/(uaccess|seq_file)\.h'
}
canary_user_copies() { printf '\tseq_printf(m, "%%d", 1);\n' > module/collect_canary.c; }

rule_exporter_dereferences() {
	find module -name 'chardev.c' -o -name 'procfs.c' -o -name 'text.c' |
		in_files 'struct task_struct|for_each_(process|thread)|\b(current|task|tsk|leader|group_leader)->'
}
canary_exporter_dereferences() { echo 'static struct task_struct *last;' >> module/procfs.c; }

rule_kernel_addresses() { c_files module | in_files '%p([xK]|[^a-zA-Z])'; }
canary_kernel_addresses() { printf '\tpr_info("%%px\\n", task);\n' > module/canary.c; }

rule_device_calls() { c_files userspace | except 'userspace/source_device\.c' | in_files '\bioctl[[:space:]]*\('; }
canary_device_calls() { printf '\tioctl(fd, 0, 0);\n' > userspace/cmd_canary.c; }

rule_prints() {
	c_files userspace | except 'userspace/out(_[a-z]+)?\.c' |
		in_files '\b(printf|puts|putchar|vprintf)[[:space:]]*\(|\b(fprintf|vfprintf|fputs|fputc|putc|fwrite)[[:space:]]*\(.*\bstdout\b'
}
canary_prints() { printf '\tprintf("%%d", 1);\n' > userspace/cmd_canary.c; }

rule_writer_fields() { find userspace -name 'out*.c' 2>/dev/null | in_files '#include.*(pcbscope_fields|source)'; }
canary_writer_fields() { echo '#include "pcbscope_fields.h"' > userspace/out_canary.c; }

rule_sleeping_tests() {
	c_files selftests | except 'selftests/bench/.*' | in_files '\b(u|nano|clock_nano)?sleep[[:space:]]*\('
	find selftests -name '*_test.sh' | in_files '(^|[[:space:];&(])sleep[[:space:]]'
}
canary_sleeping_tests() { printf '\tusleep(10);\n' > selftests/canary_test.c; }

rule_long_functions() {
	c_files module userspace selftests | xargs -r -d '\n' awk '
		FNR == 1 { start = 0 }
		/^\{/ { start = FNR }
		/^\}/ && start { if (FNR - start > 60) printf "%s:%d: function of %d lines\n", FILENAME, start, FNR - start; start = 0 }'
}
canary_long_functions() { { echo 'int f(void)' && echo '{' && yes ';' | head -n 70 && echo '}'; } > module/canary.c; }

scripts() { grep -rlI '^#!' selftests userspace .ci 2>/dev/null || true; }

rule_long_files() {
	{ c_files module userspace selftests && scripts; } | sort -u | xargs -r -d '\n' wc -l |
		awk '$2 != "total" && $1 > 400 { print $2 ":" $1 ": more than 400 lines" }'
}
canary_long_files() { yes '/* */' | head -n 401 > module/canary.h; }

rule_licences() {
	local file
	{
		c_files module userspace selftests
		scripts
		find . -path ./build -prune -o -path ./.git -prune -o \
			\( -name Makefile -o -name Kbuild -o -name 'dkms.conf' -o -name '*.sh' -o -name '*.py' -o -name '*.mk' \) -print
	} | sed 's,^\./,,' | sort -u | while read -r file; do
		head -n 2 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0' || echo "$file:1: no SPDX line"
	done
}
canary_licences() { echo 'int x;' > module/canary.c; }

all_text() {
	find . -path ./build -prune -o -path ./.git -prune -o -type f ! -name LICENSE ! -name '*.o' ! -name '*.ko' -print0 |
		xargs -0 -r grep -nIE "$1" /dev/null || true
}

rule_unfinished_work() { all_text '\b(TO''DO|FIX''ME|XX''X)\b'; }
canary_unfinished_work() { echo "/* FIX""ME: later */" > module/canary.c; }

rule_this_machine() {
	all_text '/wor[k]/|[.][.]/share[d]|deb[.]debian[.]or[g]|security[.]debian[.]or[g]|snapshot[.]debian[.]or[g]|pypi[.]or[g]|registry[.]npmj[s]'
}
canary_this_machine() { echo "# see /wor""k/main" >> Makefile; }
