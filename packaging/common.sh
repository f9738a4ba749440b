# Sourced by the scripts beside it: the tree's root, plain sentences, and the one way in which
# packages are installed and presets are built.

called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

say() { printf '%s\n' "$*"; }

stop() {
    printf '%s\n' "$*" >&2
    exit 1
}

# Without UTF-8 neither compiler nor tests show names as people write them.
case "$(locale charmap 2>/dev/null)" in
    UTF-8) ;;
    *) export LC_ALL=C.UTF-8 ;;
esac

# packages_in LIST...: the names in packaging/packages/LIST.txt.
packages_in() {
    local list
    for list in "$@"; do
        sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$root/packaging/packages/$list.txt"
    done
}

# packages_missing LIST...: those of them that this system does not have.
packages_missing() {
    local package
    for package in $(packages_in "$@"); do
        case "$(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null)" in
            ii*|hi*) ;;
            *) printf '%s ' "$package" ;;
        esac
    done
}

# find_root: fills `as_root` with what gives the right to install. The only question that may come is
# sudo's own for a password, and that only to somebody who sits at a terminal.
find_root() {
    as_root=()
    [ "$(id -u)" = 0 ] && return
    if command -v sudo >/dev/null; then
        sudo -n true 2>/dev/null && { as_root=(sudo -n); return; }
        [ -t 0 ] && sudo true && { as_root=(sudo); return; }
    fi
    stop "Installing packages needs root, and this user has no right to it. Run this as root, then start again:
    apt-get install --no-install-recommends $missing"
}

# install_missing LIST...: installs what Debian offers and this system lacks. Needs the network only
# if something is missing, and asks nothing.
install_missing() {
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
        stop "This script installs packages as Debian 12 does, and this system is not one. What it would need stands in packaging/packages/."
    missing=$(packages_missing "$@")
    if [ -z "$missing" ]; then
        say "Everything that is needed from Debian is installed already."
        return
    fi
    find_root
    say "Installing from Debian, this once: $missing"
    mkdir -p build
    local log=$root/build/install.log
    {
        "${as_root[@]}" apt-get update -q &&
            "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
                apt-get install -y -q --no-install-recommends $missing
    } </dev/null >"$log" 2>&1 || {
        tail -n 15 "$log" >&2
        stop "Debian's packages could not be installed (see above; all of it stands in build/install.log). Is the network there, and is this Debian 12?"
    }
    say "Installed."
}

# How many compilers run at once: one per processor, and 1.5 GB of memory for each.
job_count() {
    local processors memory
    processors=$(nproc)
    memory=$(awk '/^MemAvailable:/ { print int($2 / 1572864) }' /proc/meminfo)
    [ "${memory:-1}" -ge 1 ] || memory=1
    [ "$memory" -lt "$processors" ] && echo "$memory" || echo "$processors"
}

# configure PRESET OPTION...: quiet unless it fails.
configure() {
    local preset=$1
    shift
    mkdir -p "build/$preset"
    # A tree that was moved or copied brings the cache of another place along.
    local cache=build/$preset/CMakeCache.txt
    if [ -f "$cache" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
        set -- --fresh "$@"
    fi
    cmake --preset "$preset" "$@" >"build/$preset/configure.log" 2>&1 || {
        cat "build/$preset/configure.log" >&2
        stop "The build could not be set up (see above)."
    }
}

# build PRESET TARGET...: shows ninja's progress.
build() {
    local preset=$1
    shift
    say "Building build/$preset (the first time takes minutes, later only what changed)."
    cmake --build --preset "$preset" --parallel "$(job_count)" ${1:+--target "$@"} ||
        stop "The build failed; the first error stands above."
}

# lacks_display: true if no window could be shown.
lacks_display() { [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; }

# start_display: an invisible X server of our own on a free number; stop_display ends it.
start_display() {
    local number_file
    number_file=$(mktemp)
    Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp 3>"$number_file" >/dev/null 2>&1 &
    display_process=$!
    local waited=0
    until [ -s "$number_file" ]; do
        kill -0 "$display_process" 2>/dev/null || stop "The invisible display (Xvfb) did not start."
        waited=$((waited + 1))
        [ "$waited" -le 100 ] || stop "The invisible display (Xvfb) did not answer within 10 seconds."
        sleep 0.1
    done
    DISPLAY=:$(tr -d '[:space:]' <"$number_file")
    export DISPLAY
    rm -f "$number_file"
    # Qt wants a private folder for sockets, which only a login gives.
    [ -n "${XDG_RUNTIME_DIR:-}" ] || { XDG_RUNTIME_DIR=$(mktemp -d) && display_folder=$XDG_RUNTIME_DIR; }
    export XDG_RUNTIME_DIR
}

stop_display() {
    [ -n "${display_process:-}" ] || return 0
    kill "$display_process" 2>/dev/null
    wait "$display_process" 2>/dev/null
    display_process=
    [ -z "${display_folder:-}" ] || rm -rf "$display_folder"
}
