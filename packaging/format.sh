#!/usr/bin/env bash
# Lays out every C++ file as .clang-format says; tests/lint/check_format.py checks it.
#
#     packaging/format.sh [FILE...]
set -euo pipefail
[ $# -eq 0 ] || mapfile -t files < <(realpath -- "$@")
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
install_missing test
if [ $# -gt 0 ]; then
    clang-format-14 -i "${files[@]}"
else
    find core net ui app tests packaging \( -name '*.h' -o -name '*.cpp' \) -print0 | xargs -0 clang-format-14 -i
fi
