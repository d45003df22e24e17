# SPDX-License-Identifier: GPL-2.0
# expand.awk - make a manual page from FILE.in and the ABI.
#
# usage: awk -f expand.awk fields.lines abi.h source_file.h \
#		proc_tasks.c forest.c example.c FILE.in
#
# The first file is fields.h preprocessed, the second the ABI headers in a row. In FILE.in a line that consists of
# one of these is replaced:
#
#	@groups@		the groups, with bit and box
#	@fields@		every field, by group
#	@words VOCABULARY@	the words of a vocabulary with their numbers
#	@struct NAME@		the struct as declared, then its members
#	@defines PREFIX@	the commented constants whose names begin so
#	@enum NAME@		the enum as declared
#	@proc-tasks@		the header line of /proc/pcbscope/tasks
#	@proc-tree@		the header line of /proc/pcbscope/tree
#	@example@		example.c
#	@abi@			the ABI version
#	@recording-version@	version of the recording format

function fail(why)
{
	print FILENAME ":" FNR ": " why > "/dev/stderr"
	failed = 1
	exit 1
}

# Text that neither begins a request nor holds an escape.
function plain(s)
{
	gsub(/\\/, "\\e", s)
	if (s ~ /^[.']/)
		s = "\\&" s
	return s
}

function literal(s)
{
	gsub(/\t/, "        ", s)
	return plain(s)
}

FNR == 1 { nr_file++; is_header = nr_file == 2 || nr_file == 3 }

# 1: the lines of fields.h
nr_file == 1 {
	if ($1 !~ /^@(group|field|word)$/)
		next
	kind = $1
	sub(/^@[a-z]+ "/, "")
	sub(/"[ \t]*$/, "")
	n = split($0, f, /"[ \t]+"/)
	if (kind == "@group") {
		g = nr_groups++
		bit[g] = f[1]; group[g] = f[2]; box[g] = f[3]; cost[g] = f[4]
	} else if (kind == "@field") {
		i = nr_fields++
		owner[i] = f[1]; member[i] = f[2]; type[i] = tolower(f[3])
		unit[i] = tolower(f[4]); words[i] = tolower(f[5]); since[i] = f[6]
		help[i] = f[7]
		for (k = 8; k <= n; k++)
			help[i] = help[i] f[k]
	} else {
		i = nr_words++
		vocabulary[i] = tolower(f[1]); value[i] = f[2]; word[i] = f[3]
	}
	next
}

# 2, 3: abi.h (pcbscope.h and pcbscope_groups.h) and source_file.h
is_header && /^#define PCBSCOPE_ABI_MAJOR/ { abi_major = $3 }
is_header && /^#define PCBSCOPE_ABI_MINOR/ { abi_minor = $3 }
is_header && /^#define RECORDING_/ { recording[$2] = $3 }
is_header && /^#define PCBSCOPE_.*\/\*.*\*\// {
	name = $2
	note = $0
	sub(/^.*\/\*[ \t]*/, "", note)
	gsub(/@/, "", note)
	sub(/[ \t]*\*\/.*$/, "", note)
	d = nr_defines++
	define[d] = name; define_note[d] = note
}
is_header && /^ \* struct [a-z_]+ - / {
	doc = $3; last = ""
	next
}
is_header && doc != "" && /^ \* @[a-z_]+:/ {
	last = $2
	gsub(/[@:]/, "", last)
	note = $0
	sub(/^ \* @[a-z_]+:[ \t]*/, "", note)
	k = doc SUBSEP nr_docs[doc]++
	doc_name[k] = last; doc_text[k] = note
	next
}
is_header && doc != "" && /^ \*\// { doc = ""; next }
is_header && doc != "" && /^ \*$/ { last = ""; next }
is_header && doc != "" && last != "" {
	note = $0
	sub(/^ \*[ \t]*/, "", note)
	doc_text[k] = doc_text[k] " " note
	next
}
is_header && /^(struct|enum) [a-z_]+ \{/ { in_struct = $2 }
is_header && in_struct != "" {
	code[in_struct] = code[in_struct] literal($0) "\n"
	if (/^\};/)
		in_struct = ""
	next
}
is_header { next }

# 4, 5: the header lines of lists in /proc/pcbscope
(nr_file == 4 || nr_file == 5) {
	if (/seq_puts\(m, "[^"]*PID / || (heading[nr_file] && !ended[nr_file] &&
	    /seq_puts\(m, "/)) {
		line = $0
		sub(/^[^"]*"/, "", line)
		sub(/"[^"]*$/, "", line)
		ended[nr_file] = sub(/\\n$/, "", line)
		heading[nr_file] = heading[nr_file] line
	}
	next
}

# 6: example.c
nr_file == 6 { example = example literal($0) "\n"; next }

# 7: the page
function put_groups(   g)
{
	print ".Bl -tag -width \"credentials\" -compact"
	for (g = 0; g < nr_groups; g++) {
		printf ".It Cm %s\n", group[g]
		printf "bit %d, box %s%s\n", bit[g], box[g],
		       cost[g] == "CHEAP" ? "" : ", pinned"
	}
	print ".El"
}

function put_fields(   g, i, note)
{
	for (g = 0; g < nr_groups; g++) {
		printf ".Ss Group %s, box %s\n", group[g], box[g]
		print ".Bl -tag -width Ds -compact"
		for (i = 0; i < nr_fields; i++) {
			if (owner[i] != group[g])
				continue
			note = type[i] (unit[i] == "none" ? "" : ", " unit[i])
			if (since[i] > 0)
				note = note ", since ABI " abi_major "." since[i]
			printf ".It Va %s Pq %s\n%s.\n", member[i], note, plain(help[i])
		}
		print ".El"
	}
}

function put_words(v,   i, n)
{
	print ".Bl -tag -width \"terminated\" -compact"
	for (i = 0; i < nr_words; i++)
		if (vocabulary[i] == v) {
			printf ".It Cm %s\n%s\n", word[i], value[i]
			n++
		}
	print ".El"
	if (!n)
		fail("no vocabulary " v)
}

function put_struct(s,   n, k, t, name)
{
	if (code[s] == "")
		fail("no declaration of " s)
	printf ".Bd -literal -offset indent\n%s.Ed\n", code[s]
	if (!nr_docs[s])
		return
	print ".Bl -tag -width Ds -compact"
	for (n = 0; n < nr_docs[s]; n++) {
		k = s SUBSEP n
		t = doc_text[k]
		gsub(/@/, "", t)
		for (name in recording)
			sub(name, name " (" recording[name] ")", t)
		printf ".It Va %s\n%s.\n", doc_name[k], plain(t)
	}
	print ".El"
}

# The columns, separated by one blank each.
function put_heading(n,   text)
{
	text = heading[n]
	gsub(/[ \t]+/, " ", text)
	sub(/^ /, "", text)
	if (text !~ / COMM/)
		fail("no header line of a list in file " n)
	printf ".Bd -ragged -offset indent -compact\n%s\n.Ed\n", text
}

function put_defines(prefix,   d, n)
{
	print ".Bl -tag -width Ds -compact"
	for (d = 0; d < nr_defines; d++)
		if (index(define[d], prefix) == 1) {
			printf ".It Dv %s\n%s.\n", define[d], plain(define_note[d])
			n++
		}
	print ".El"
	if (!n)
		fail("no constant begins with " prefix)
}

/^@.*@$/ {
	arg = $2
	sub(/@$/, "", arg)
	if ($1 == "@groups@")
		put_groups()
	else if ($1 == "@fields@")
		put_fields()
	else if ($1 == "@words")
		put_words(arg)
	else if ($1 == "@struct" || $1 == "@enum")
		put_struct(arg)
	else if ($1 == "@defines")
		put_defines(arg)
	else if ($1 == "@example@")
		printf "%s", example
	else if ($1 == "@abi@")
		printf "%s.%s\n", abi_major, abi_minor
	else if ($1 == "@proc-tasks@")
		put_heading(4)
	else if ($1 == "@proc-tree@")
		put_heading(5)
	else if ($1 == "@recording-version@")
		print recording["RECORDING_VERSION"]
	else
		fail("unknown marker " $0)
	next
}
{ print }

END {
	if (!failed && (!nr_groups || !nr_fields || !nr_words))
		fail("the field list is empty")
}
