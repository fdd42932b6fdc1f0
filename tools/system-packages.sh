#!/usr/bin/env bash
# Installs what is missing of the Debian or Ubuntu packages named; does nothing, and needs no rights, when all are there.
# Usage: system-packages.sh [chromium] [postgresql] [any other package]
set -euo pipefail

is_here() {
    case $1 in
        chromium) for name in chromium chromium-browser google-chrome; do command -v "$name" >/dev/null && return; done ;;
        postgresql) command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null ;;
        *) dpkg-query --show --showformat '${Status}' "$1" 2>/dev/null | grep --quiet 'ok installed' ;;
    esac
}

# Ubuntu has Chromium under another name.
package_of() {
    if [ "$1" = chromium ] && grep --quiet '^ID=ubuntu' /etc/os-release; then echo chromium-browser; else echo "$1"; fi
}

missing=()
for wanted in "$@"; do
    is_here "$wanted" || missing+=("$(package_of "$wanted")")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=()
elif command -v sudo >/dev/null; then
    as_root=(sudo)
else
    echo "These packages are missing: ${missing[*]}. Next, as root: apt-get install ${missing[*]}" >&2
    exit 1
fi

echo "Installing: ${missing[*]}"
apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@"; }
apt update
apt install --yes --no-install-recommends "${missing[@]}" >/dev/null

for wanted in "$@"; do
    is_here "$wanted" || { echo "$wanted was installed but cannot be found." >&2; exit 1; }
done
