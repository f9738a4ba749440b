#!/bin/sh
# How many worlds of 60 virtual seconds the simulator plays in a minute of one processor, as JSON.
# PROTOCOL D5 wants 3,000 of 4 peers, 200 of 16 and 5 of 64.
#
#     tests/bench/bench_sim.sh [BIN_DIR]
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
bin=${1:-$root/build/release/bin}
for run in '4 100 3000' '16 6 200' '64 1 5'; do
    # shellcheck disable=SC2086 # three words
    set -- $run
    said=$("$bin/nlbd-sim" --seed 1 --count "$2" --peers "$1" --virtual 60 | tail -n 1)
    speed=$(printf '%s\n' "$said" | sed 's/.*"seedsPerMinuteAndCore":\([0-9.]*\).*/\1/')
    printf '{"bench":"sim","peers":%s,"seeds":%s,"virtualSeconds":60,' "$1" "$2"
    printf '"seedsPerMinuteAndCore":%s,"wanted":%s}\n' "$speed" "$3"
done
