#!/bin/sh
# Sets up a fresh machine: Debian packages that the tests use (where apt is at hand and we may use
# it), a virtual environment, the locked dependencies. Running it again changes nothing.
set -eu
PYTHON=${1:-python3}
PACKAGES="python3-venv golang-go golang-golang-x-mod-dev iproute2 nftables chromium"

missing=""
if command -v dpkg-query >/dev/null 2>&1; then
    for package in $PACKAGES; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
    done
fi
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ]; then SUDO=""; else SUDO="sudo -n"; fi
    echo "installing Debian packages:$missing"
    # A list of packages that is older than the mirror gives 404s: refresh it first.
    $SUDO apt-get update -qq && $SUDO env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
        echo "could not install:$missing (the tests that need them are skipped outside CI)" >&2
fi
[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
# Half a minute, once: otherwise the first test or command that asks a distance would wait for it.
.venv/bin/python -m clearline.cli.getting_ready
echo "ready: .venv"
