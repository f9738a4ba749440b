#!/bin/sh
# Puts drivers and the packages that they need into a folder of the build tree:
#     install.sh build/release/peers [FOLDER-WITH-DRIVERS-AND-PACKAGE.JSON]
# Prints nothing on stdout. Exit code 0: ready; otherwise the reason stands on stderr.
set -eu

here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
target=${1:?usage: install.sh FOLDER-IN-THE-BUILD-TREE [FOLDER-WITH-DRIVERS]}
source=${2:-$here}
mkdir -p "$target"
target=$(CDPATH= cd -- "$target" && pwd)
case "$target/" in
"$here"/*)
    echo "install.sh: the packages do not belong into the source tree" >&2
    exit 2
    ;;
esac
command -v node >/dev/null 2>&1 || { echo "node is not installed" >&2; exit 3; }
command -v npm >/dev/null 2>&1 || { echo "npm is not installed" >&2; exit 3; }

cp "$source"/*.mjs "$target"/
if [ -f "$target/.installed" ] && cmp -s "$source/package.json" "$target/.installed"; then
    exit 0
fi
rm -f "$target/.installed"
cp "$source/package.json" "$target/package.json"
if ! (cd "$target" && npm install --no-audit --no-fund --no-progress) >"$target/install.log" 2>&1; then
    tail -n 5 "$target/install.log" >&2
    exit 4
fi
cp "$source/package.json" "$target/.installed"
