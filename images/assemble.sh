#!/bin/sh
# Makes the file system of an image: files and packages with the libraries they load, a user, and nothing else.
# Of every package that something is taken from it keeps the licence, and the entry by which a scanner knows its version.
# Usage: assemble.sh FOLDER (FILE | FOLDER | PACKAGE)...
set -eu

root=$1
shift
notes=$(mktemp --directory)

mkdir -p "$root/usr/bin" "$root/usr/sbin" "$root/usr/lib" "$root/usr/lib64" "$root/etc" "$root/tmp" \
    "$root/var/lib/dpkg/status.d"
for folder in bin sbin lib lib64; do
    ln -s "usr/$folder" "$root/$folder"
done
chmod 1777 "$root/tmp"

# Puts files where they are here; reads their paths.
put() {
    sed 's,^/,,' > "$notes/put"
    tar --create --directory / --files-from "$notes/put" "$@" --file "$notes/put.tar"
    tar --extract --directory "$root" --keep-directory-symlink --file "$notes/put.tar"
}

for what in "$@" /etc/ssl/certs/ca-certificates.crt /etc/os-release; do
    case "$what" in
        /*) find "$what" ! -type d ;;
        *) dpkg-query --listfiles "$what" ;;
    esac
done > "$notes/wanted"
# With the file that a link leads to, and without what nobody reads there.
grep --invert-match '^/usr/share/\(bug\|doc\|lintian\|man\)/' "$notes/wanted" | while read -r path; do
    if [ -f "$path" ]; then
        echo "$path"
        readlink --canonicalize "$path"
    fi
done | sort --unique > "$notes/files"
put < "$notes/files"

# `ldd` complains about what is no program; a library that it misses may not be missing.
xargs ldd < "$notes/files" 2> /dev/null | awk '
    $2 == "=>" && $3 == "not" { print $1 " is missing" > "/dev/stderr"; missing = 1 }
    $2 == "=>" && $3 ~ /^\// { print $3 }
    $1 ~ /^\// && $2 ~ /^\(0x/ { print $1 }
    END { exit missing }
' > "$notes/loaded"
sort --unique "$notes/loaded" | put --dereference

# A package may call a file by its place before Debian's folders were merged.
cat "$notes/files" "$notes/loaded" | xargs readlink --canonicalize | sort --unique | sed 'p; s,^/usr,,' > "$notes/places"
{ xargs dpkg-query --search < "$notes/places" 2> /dev/null || true; } \
    | sed '/^diversion /d; s/[:,].*//' > "$notes/packages"
echo ca-certificates >> "$notes/packages"
for package in $(sort --unique "$notes/packages"); do
    dpkg-query --status "$package" > "$root/var/lib/dpkg/status.d/$package"
    mkdir -p "$root/usr/share/doc/$package"
    cp "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
done

echo 'nonroot:x:65532:65532::/:/sbin/nologin' > "$root/etc/passwd"
echo 'nonroot:x:65532:' > "$root/etc/group"
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
rm -r "$notes"
