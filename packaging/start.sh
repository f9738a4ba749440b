#!/usr/bin/env bash
# Installs what is missing from Debian, builds No Leader and starts it.
#
#     packaging/start.sh [ARGUMENT...]   the app; arguments are handed to it
#     packaging/start.sh --demo          the app in a room with four neighbours, one of them hostile
#
# Safe to run again, from any folder; asks nothing. The second time it needs a few seconds and no
# network. On a machine without a display it uses an invisible one and leaves pictures in
# build/release/screenshots.
set -euo pipefail

case "${1:-}" in
    -h|--help) sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
esac
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

lists=app
[ "${1:-}" = --demo ] && lists="$lists test"
lacks_display && lists="$lists display"
install_missing $lists

if [ "${1:-}" = --demo ]; then
    configure release -DNLBD_BUILD_TESTS=ON
    build release nlbd nlbd-peer nlbd-malory
    exec packaging/demo.sh "${@:2}"
fi

# Tests stay in the build if packaging/test.sh was here before; a first start does not need them.
grep -qs '^NLBD_BUILD_TESTS:BOOL=ON' build/release/CMakeCache.txt || tests_off=-DNLBD_BUILD_TESTS=OFF
configure release ${tests_off:-}
build release nlbd nlbd-peer

if lacks_display; then
    say "This machine has no display, so the app is shown to nobody: it starts on an invisible one, its"
    say "first window is kept as a picture, and it is closed again. For work without a window there is"
    say "build/release/bin/nlbd-peer; packaging/start.sh --demo shows more."
    start_display
    trap stop_display EXIT
    build/release/bin/nlbd "$@" --screenshot build/release/screenshots/start
    say "The pictures are in build/release/screenshots/start."
    exit
fi
say "Starting No Leader."
cd "$called_from"
exec "$root/build/release/bin/nlbd" "$@"
