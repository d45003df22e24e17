# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# make_initrd: the initial RAM disk of the lab machine: busybox, the modules needed to reach the host's files, ./init.

# Debian builds the transports as modules; print, in loading order, the files that provide them.
boot_modules() {
	local kernel_dir=$1 release=$2 module
	for module in virtio_pci virtio_console 9pnet_virtio 9p overlay; do
		/sbin/modprobe -d "$kernel_dir" -S "$release" --show-depends "$module" 2>/dev/null || true
	done | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'
}

copy_module() {
	local file=$1 dir=$2 name=${1##*/}
	case $file in
	*.xz) name=${name%.xz} && xz -dc "$file" > "$dir/$name" ;;
	*) cp "$file" "$dir/$name" ;;
	esac
	echo "$name" >> "$dir/order"
}

# make_initrd FILE KERNEL_DIR RELEASE CONFIG COMMAND GUEST
make_initrd() {
	local file=$1 kernel_dir=$2 release=$3 root=$1.d path
	shift 3
	mkdir -p "$root"/{bin,proc,sys,dev,modules,lower,upper,newroot,lab}
	cp "$(command -v busybox)" "$root/bin/busybox"
	cp "$VM/init" "$root/init"
	cp "$@" "$root/lab/"
	: > "$root/modules/order"
	if [ -n "$kernel_dir" ]; then
		while read -r path; do copy_module "$path" "$root/modules"; done < <(boot_modules "$kernel_dir" "$release")
	fi
	(cd "$root" && find . | cpio -o -H newc --quiet) > "$file"
	rm -rf "$root"
}
