#!/bin/sh
# Tells the extra build of the scenarios to be wrong in one way after the other, and prints which
# invariant noticed after how many scenarios (PROTOCOL D5). A survivor means that a scenario is
# missing: exit 1.
#
#     tests/sim/mutants.sh [BIN_DIR] [SCENARIOS]
#
# The names stand at their places in the sources: NLBD_MUTANT("name").
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${1:-$root/build/release/bin}
count=${2:-200000}
program=$bin/nlbd-scenarios-mutants
[ -x "$program" ] || { echo "build nlbd-scenarios-mutants first" >&2; exit 2; }

names=$(grep -rho --include='*.cpp' 'NLBD_MUTANT("[a-z0-9+-]*")' "$root/core/consensus" "$root/tests/sim" |
    sed 's/.*("//; s/")//' | sort -u)
survivors=0
total=0
printf '%-30s %-9s %9s  %s\n' mutant result scenarios by
for name in $names; do
    total=$((total + 1))
    output=$("$program" --seed 1 --count "$count" --stop --mutant "$name" 2>/dev/null)
    line=$(printf '%s\n' "$output" | grep -m 1 '^FAILED')
    if [ -n "$line" ]; then
        after=$(printf '%s\n' "$line" | sed 's/.* after \([0-9]*\) scenarios.*/\1/')
        by=$(printf '%s\n' "$line" | sed 's/.* scenarios: //')
        printf '%-30s %-9s %9s  %s\n' "$name" killed "$after" "$by"
    else
        survivors=$((survivors + 1))
        printf '%-30s %-9s %9s  %s\n' "$name" SURVIVED "$count" "$(printf '%s\n' "$output" | grep never)"
    fi
done
echo "$total mutants, $survivors survived"
[ "$survivors" -eq 0 ]
