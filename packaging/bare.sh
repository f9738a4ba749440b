# Sourced after common.sh: a bare Debian 12 made by debootstrap, to try things as a newcomer would.
#
# The first system is kept as build/bare/base.tar and the packages that were fetched in
# build/bare/archives, so that later tries are quick. Everything runs in mount and process namespaces
# of its own: what is mounted and started there is gone when the command ends, however it ends.

bare=

# The mirror that this computer uses itself; NLBD_MIRROR names another.
mirror() {
    if [ -n "${NLBD_MIRROR:-}" ]; then
        echo "$NLBD_MIRROR"
        return
    fi
    apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk '$1 == "Debian" && $2 == "bookworm" { print $3; exit }'
}

# make_bare: a fresh system in $bare; remove_bare takes it away.
make_bare() {
    [ "$(id -u)" = 0 ] || stop "A bare system can only be made as root."
    install_missing deb
    local base=$root/build/bare/base.tar
    mkdir -p build/bare/archives
    if [ ! -f "$base" ]; then
        local from
        from=$(mirror)
        [ -n "$from" ] || stop "This computer's package sources name no Debian 12. Set NLBD_MIRROR to a mirror's address."
        say "Making a bare Debian 12 with debootstrap (kept for the next time)."
        local first=$root/build/bare/first
        rm -rf "$first"
        debootstrap --variant=minbase bookworm "$first" "$from" >build/bare/debootstrap.log 2>&1 ||
            stop "debootstrap failed; see build/bare/debootstrap.log."
        rm -f "$first"/var/cache/apt/archives/*.deb
        tar -C "$first" -cf "$base.part" . && mv "$base.part" "$base"
        rm -rf "$first"
    fi
    bare=$(mktemp -d -t nlbd-bare-XXXXXX)
    trap remove_bare EXIT
    say "Unpacking a bare Debian 12 into $bare."
    tar -C "$bare" -xf "$base"
    cp /etc/resolv.conf "$bare/etc/resolv.conf"
    grep -rhis '^Acquire::[a-z]*::proxy' /etc/apt/apt.conf /etc/apt/apt.conf.d \
        >"$bare/etc/apt/apt.conf.d/99proxy" || true
}

# in_bare COMMAND...: runs it inside as root, without display, locale or settings of this computer.
in_bare() {
    unshare --mount --pid --ipc --fork --kill-child bash -euc '
        bare=$1 archives=$2
        shift 2
        mount --make-rprivate /
        mount -t proc proc "$bare/proc"
        mount -t tmpfs tmpfs "$bare/dev/shm"
        mount --bind "$archives" "$bare/var/cache/apt/archives"
        exec chroot "$bare" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 "$@"
    ' in_bare "$bare" "$root/build/bare/archives" "$@"
}

remove_bare() {
    [ -n "$bare" ] || return 0
    rm -rf --one-file-system "$bare"
    bare=
}
