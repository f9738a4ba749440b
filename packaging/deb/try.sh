#!/usr/bin/env bash
# Makes the Debian package and tries it where nothing else is: checks it with lintian, installs it with
# apt in a bare Debian 12, starts the app there until its window stands, and removes it again.
#
#     packaging/deb/try.sh            needs root
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
source packaging/bare.sh

install_missing app deb
configure release
build release
say "Making the package."
rm -rf build/release/packages
(cd build/release && cpack -G DEB) >build/release/cpack.log 2>&1 ||
    { cat build/release/cpack.log >&2; stop "cpack failed (see above)."; }
package=$(echo build/release/packages/*.deb)
say "Made $package, $(stat -c %s "$package") bytes."

say "Checking menu entry, description and package."
desktop-file-validate packaging/linux/dev.nlbd.noleader.desktop
appstreamcli validate --no-net --pedantic packaging/linux/dev.nlbd.noleader.metainfo.xml >/dev/null
lintian --allow-root --fail-on error,warning,info \
    --suppress-tags binary-has-unneeded-section "$package" || stop "lintian objects (see above)."
contents=$(dpkg-deb --contents "$package")
case "$contents" in
    *nlbd-malory*) stop "The hostile test peer is in the package." ;;
esac

make_bare
cp "$package" "$bare/tmp/nlbd.deb"
mkdir -p "$bare/tmp/lists"
packages_in display >"$bare/tmp/lists/display"
cat >"$bare/tmp/try" <<'TRY'
set -eu
say() { printf '%s\n' "$*"; }
quietly() { "$@" </dev/null >/tmp/log 2>&1 || { cat /tmp/log; say "$* failed."; exit 1; }; }
say "Inside: installing the package with apt."
quietly apt-get update -q
quietly apt-get install -y -q --no-install-recommends /tmp/nlbd.deb
say "Inside: $(nlbd --version), $(nlbd-peer --version)."
say "Inside: installing an invisible display to look at it."
quietly apt-get install -y -q --no-install-recommends $(cat /tmp/lists/display)
Xvfb :7 -screen 0 1280x800x24 -nolisten tcp >/tmp/display.log 2>&1 &
display=$!
export DISPLAY=:7 NLBD_PROFILE=/tmp/profile
nlbd >/tmp/app.log 2>&1 &
app=$!
waited=0
until xwininfo -root -tree 2>/dev/null | grep -q 'No Leader'; do
    kill -0 $app 2>/dev/null || { cat /tmp/app.log; say "The app ended by itself."; exit 1; }
    waited=$((waited + 1))
    [ $waited -le 300 ] || { cat /tmp/app.log; say "No window within 30 seconds."; exit 1; }
    sleep 0.1
done
say "Inside: the window stands after $waited tenths of a second: $(xwininfo -root -tree | sed -n 's/.*\("[^"]*No Leader[^"]*"\).*/\1/p' | head -n 1)"
kill $app
wait $app 2>/dev/null || true
kill $display
say "Inside: removing the package."
quietly apt-get purge -y -q nlbd
left=$(find /usr -iname '*nlbd*' | head)
[ -z "$left" ] || { say "Left behind: $left"; exit 1; }
say "Inside: nothing of it is left."
TRY
in_bare bash /tmp/try || stop "The package failed in a bare system (see above)."
say "The package installs, starts and leaves without a trace: $package"
