#!/usr/bin/env bash
# Tries the README's commands as a newcomer would: a bare Debian 12, a fresh clone, nothing else.
#
#     packaging/try-bare.sh [test] [start] [demo]      all three unless named; needs root
#
# What is committed is tried, not what lies in the work tree.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
source packaging/bare.sh

tries=("$@")
[ $# -gt 0 ] || tries=(test start demo)
for try in "${tries[@]}"; do
    case "$try" in
        test|start|demo) ;;
        *) stop "There is nothing to try that is called '$try': test, start or demo." ;;
    esac
done

make_bare
command -v git >/dev/null || stop "git is needed to make a clone."
git clone --quiet --no-hardlinks "$root" "$bare/home/no-leader"
say "Cloned $(git rev-parse --short HEAD) into it."

for try in "${tries[@]}"; do
    case "$try" in
        test) command=(packaging/test.sh) ;;
        start) command=(packaging/start.sh) ;;
        demo) command=(packaging/start.sh --demo) ;;
    esac
    for time in first second; do
        [ "$try$time" != testsecond ] || continue # the tests take as long again
        [ "$try$time" != demosecond ] || continue
        say "--- ${command[*]}, the $time time"
        began=$SECONDS
        in_bare "/home/no-leader/${command[0]}" "${command[@]:1}" ||
            stop "--- ${command[*]} failed in a bare system (see above)."
        say "--- ${command[*]} took $((SECONDS - began)) seconds."
    done
done

kept=$root/build/bare/screenshots
rm -rf "$kept"
[ ! -d "$bare/home/no-leader/build/release/screenshots" ] ||
    { cp -r "$bare/home/no-leader/build/release/screenshots" "$kept"; say "Pictures: build/bare/screenshots."; }
say "Everything that was tried works in a bare Debian 12."
