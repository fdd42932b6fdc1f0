#!/usr/bin/env bash
# Makes the virtual environment: venv.sh DIRECTORY. Debian and Ubuntu keep the `venv` module in a package of its own.
set -euo pipefail
here=$(dirname "$0")

python=$("$here/python.sh")
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$here/system-packages.sh" "python$version-venv"
fi
# --clear: an environment that was left half made is of no use.
"$python" -m venv --clear "$1"
