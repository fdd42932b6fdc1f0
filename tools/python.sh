#!/usr/bin/env bash
# Prints the first Python from 3.11 on that is found on PATH; says what to install when there is none.
set -euo pipefail

for name in python3.11 python3.12 python3.13 python3.14 python3; do
    path=$(command -v "$name" 2>/dev/null) || continue
    # A name on PATH may be a shim for a version that is not there: ask it.
    if "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "$path"
        exit 0
    fi
done

echo "Python 3.11 or later was not found. Next: apt-get install python3 python3-venv (as root or with sudo)" >&2
exit 1
