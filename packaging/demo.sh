#!/usr/bin/env bash
# The app in company: four neighbours on this computer, three honest and one hostile, in one room.
# Called by packaging/start.sh --demo. Everything lives in a temporary folder and ends with the window;
# without a display, after about a minute, with pictures in build/release/screenshots/demo.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

bin=$PWD/build/release/bin
room=$(mktemp -d)
pictures=$PWD/build/release/screenshots/demo
declare -A pid port device

finish() {
    local name
    for name in "${!pid[@]}"; do
        kill "${pid[$name]}" 2>/dev/null || true # it may have ended by itself
    done
    stop_display
    wait 2>/dev/null || true # their ends are as asked
    rm -rf "$room"
}
trap finish EXIT

field() { sed -n "s/.*\"$2\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$1" | head -n 1; }

# Waits until the command succeeds, half a minute at most.
await() {
    local turns=300
    until "$@" >/dev/null 2>&1; do
        turns=$((turns - 1))
        [ "$turns" -gt 0 ] || stop "The demonstration did not come about: waited for '$*'."
        read -r -t 0.1 <> <(:) || true # a tenth of a second
    done
}

online() { # NAME OPTION...
    local name=$1
    shift
    : >"$room/$name.out"
    "$bin/nlbd-peer" --profile "$room/$name" --json run --loopback \
        --listen "127.0.0.1:${port[$name]:-0}" "$@" >"$room/$name.out" 2>"$room/$name.err" &
    pid[$name]=$!
    await grep -q '"online"' "$room/$name.out"
    port[$name]=$(field "$room/$name.out" port)
    device[$name]=$(field "$room/$name.out" device)
}

offline() {
    kill "${pid[$1]}"
    wait "${pid[$1]}" || true # ended as asked
    unset "pid[$1]"
}

peer() { "$bin/nlbd-peer" --profile "$room/$1" --json "${@:2}"; }
founded() { peer "$1" list | grep -q '"workspace"'; }

say "Five people make an identity: you, Thea, Sofia, Nikos, and Malory, who is not to be trusted."
for name in You Thea Sofia Nikos Malory; do
    peer "$name" init "$name" >/dev/null
    online "$name" --accept-founding
done
cards=()
for name in Thea Sofia Nikos Malory; do
    cards+=("$(peer "$name" card --address "127.0.0.1:${port[$name]}" | sed 's/.*"card":"\([^"]*\)".*/\1/')")
done
say "They found the room Agora together. Each says yes; nobody owns it."
peer You found --name Agora --with "${cards[@]}" >/dev/null
for name in You Thea Sofia Nikos Malory; do await founded "$name"; done
say "You bring a document: notes of a meeting in the garden."
peer You import resources/demo/garden.txt --title "Garden meeting" >/dev/null
holds() { peer "$1" list | grep -q "Garden meeting"; }
for name in Thea Sofia Nikos; do await holds "$name"; done
offline You
offline Malory
for name in Thea Sofia; do
    offline "$name"
    online "$name" --type-demo
done
say "Thea and Sofia write. Malory sends forgeries to everybody."

targets=()
for name in You Thea Sofia Nikos; do
    targets+=(--target "127.0.0.1:${port[$name]}=${device[$name]}")
done
sees_you() { peer Nikos status | grep -q '"isOnline":true[^}]*"name":"You"'; }
attack() {
    await sees_you
    for verb in forge-signature impersonate tamper-payload op-target; do
        "$bin/nlbd-malory" --profile "$room/Malory" --attack "$verb" "${targets[@]}"
    done
}
window=("$bin/nlbd" --profile "$room/You" --loopback --listen "127.0.0.1:${port[You]}")
if lacks_display; then
    start_display
    rm -rf "$pictures"
    mkdir -p "$pictures"
    window+=(--screenshot "$pictures" --after 40000 --every 5000)
fi
"${window[@]}" &
pid[You]=$!
attack >"$room/attacks" 2>&1 &
pid[attacks]=$!
wait "${pid[You]}"
unset "pid[You]"
say "What Malory tried:"
cat "$room/attacks"
say "What Nikos, who only read, refused; nothing of it is in his text:"
peer Nikos evidence | grep -o '"code":"E[^"]*"' | sort | uniq -c
if [ -d "$pictures" ]; then say "Pictures are in $pictures."; fi
