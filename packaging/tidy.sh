#!/usr/bin/env bash
# Runs clang-tidy-19 with .clang-tidy over the product's sources. Takes minutes, so ctest does not.
#
#     packaging/tidy.sh [FILE...]        all of core, net, ui and app unless files are named
set -euo pipefail
[ $# -eq 0 ] || mapfile -t files < <(realpath -- "$@")
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install_missing app test fuzz
configure tidy
if [ $# -eq 0 ]; then
    mapfile -t files < <(find core net ui app -name '*.cpp' | sort)
fi
say "Reading ${#files[@]} files with clang-tidy."
printf '%s\0' "${files[@]}" |
    xargs -0 -n 1 -P "$(job_count)" clang-tidy-19 -p build/tidy --quiet --warnings-as-errors='*' ||
    stop "clang-tidy found something (see above)."
say "clang-tidy found nothing."
