#!/usr/bin/env bash
# Installs what is missing from Debian, builds, and runs all tests, ending in ctest's own summary.
#
#     packaging/test.sh [PRESET] [--sanitizers] [--tsan]
#
# PRESET is release unless named (see CMakePresets.json). --sanitizers adds a run of every test under
# AddressSanitizer and UndefinedBehaviorSanitizer, --tsan one of the threaded tests under
# ThreadSanitizer. Safe to run again, from any folder; asks nothing. Exit code 0: all tests passed.
set -euo pipefail

presets=
for argument in "$@"; do
    case "$argument" in
        --sanitizers) presets="$presets dev" ;;
        --tsan) presets="$presets tsan" ;;
        release|dev|tsan|fuzz) chosen=$argument ;;
        -h|--help) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 0 ;;
        *) echo "There is no preset or option '$argument'; see packaging/test.sh --help." >&2; exit 2 ;;
    esac
done
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

lists="app test"
for preset in ${chosen:-release} $presets; do
    [ "$preset" = fuzz ] && lists="$lists fuzz"
done
install_missing $lists

for preset in ${chosen:-release} $presets; do
    configure "$preset" -DNLBD_BUILD_TESTS=ON
    build "$preset"
done

failed=
for preset in ${chosen:-release} $presets; do
    say "Running the tests of build/$preset."
    # Every third test waits for a network, a disk or a clock: one more than there are processors.
    ctest --preset "$preset" --parallel "$(($(job_count) + 1))" || failed="$failed $preset"
done
[ -z "$failed" ]
