#!/bin/sh
# Tells the programs that are built with mutants to be wrong in one way after the other, and prints
# what noticed after how much (PROTOCOL D5). A survivor means that a test is missing: exit 1.
#
#     tests/sim/mutants.sh [BIN_DIR] [SCENARIOS]
#
# The names stand at their places in the sources: NLBD_MUTANT("name"). Those of the agreement are
# looked for by scenarios. What these do not build is looked for by suites and by named runs of the
# simulator, one after the other until one notices; all of them pass without a mutant.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${1:-$root/build/release/bin}
count=${2:-200000}
program=$bin/nlbd-scenarios-mutants
export QT_QPA_PLATFORM=offscreen NLBD_SOURCE_DIR="$root"
for needed in nlbd-scenarios-mutants nlbd-sim-mutants care_keys_test-mutants records_test-mutants \
    short_close_test-mutants fence_test-mutants proposal_book_test-mutants; do
    [ -x "$bin/$needed" ] || { echo "$needed is missing: build the target mutants first" >&2; exit 2; }
done

# Who looks for the mutants of a feature.
killers() {
    case $1 in
    care-*) echo "care_keys_test records_test sim" ;;
    short-*) echo "short_close_test sim" ;;
    fence-*) echo "fence_test proposal_book_test sim" ;;
    esac
}

# What NAME says with the mutant on; 1 if it notices.
ask() {
    case $1 in
    sim) NLBD_MUTANT=$2 timeout 600 "$bin/nlbd-sim-mutants" --seed 1 --count 60 --stop \
        --profile hostile+decisions 2>&1 ;;
    *) NLBD_MUTANT=$2 timeout 300 "$bin/$1-mutants" 2>&1 ;;
    esac
}

# "after|by" of what NAME said.
found() {
    case $1 in
    sim) echo "$2" | sed -n 's/^FAILED seed \([0-9]*\)[^:]*: \(.*\)/\1|nlbd-sim: \2/p' | head -1 ;;
    *) tests=$(echo "$2" | grep -Ec '^(PASS|FAIL!|QFATAL)')
        line=$(echo "$2" | grep -Em 1 '^(FAIL!|QFATAL)' | sed 's/^[A-Z!]* *: *//; s/(.*) .*/()/')
        echo "$tests|$1: ${line:-it ended itself}" ;;
    esac
}

row() {
    printf '%-30s %-9s %9s  %s\n' "$@"
}

for name in care_keys_test records_test short_close_test fence_test proposal_book_test sim; do
    ask $name none >/dev/null || { echo "$name fails without a mutant" >&2; exit 2; }
done

names=$(grep -rho --include='*.cpp' 'NLBD_MUTANT("[a-z0-9+-]*")' "$root/core/consensus" \
    "$root/core/engine" "$root/tests/sim" | sed 's/.*("//; s/")//' | sort -u)
survivors=0
total=0
row mutant result after by
for name in $names; do
    total=$((total + 1))
    by=
    if [ -z "$(killers "$name")" ]; then
        output=$("$program" --seed 1 --count "$count" --stop --mutant "$name" 2>/dev/null)
        line=$(printf '%s\n' "$output" | grep -m 1 '^FAILED')
        if [ -n "$line" ]; then
            by=$(printf '%s\n' "$line" | sed 's/.* after \([0-9]*\) scenarios: \(.*\)/\1|\2/')
        else
            missed=$(printf '%s\n' "$output" | grep never)
        fi
    fi
    for killer in $(killers "$name"); do
        if ! output=$(ask "$killer" "$name"); then
            by=$(found "$killer" "$output")
            break
        fi
        missed="not by $(killers "$name")"
    done
    if [ -n "$by" ]; then
        row "$name" killed "${by%%|*}" "${by#*|}"
    else
        survivors=$((survivors + 1))
        row "$name" SURVIVED - "$missed"
    fi
done
echo "$total mutants, $survivors survived"
[ "$survivors" -eq 0 ]
