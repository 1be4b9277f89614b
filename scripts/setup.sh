#!/usr/bin/env bash
# Makes the virtual environment with exactly the pinned versions, then puts this project into it.
#   scripts/setup.sh PYTHON VENV
set -euo pipefail
python=$1
venv=$2

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "Huiyin needs Python 3.11 or newer; '$python' is $("$python" --version 2>&1 || echo missing)." >&2
  echo "Name another one: make setup PYTHON=/path/to/python3.11" >&2
  exit 1
fi
if [ ! -x "$venv/bin/python" ]; then
  echo "Making $venv with $("$python" --version) ..."
  if ! "$python" -m venv "$venv"; then
    echo "The module venv is missing or incomplete. On Debian: apt-get install python3-venv" >&2
    exit 1
  fi
fi
echo "Installing the pinned packages (a minute or two the first time) ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
# the project itself has no hash, so it goes in alone
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
