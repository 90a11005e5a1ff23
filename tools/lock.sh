#!/bin/sh
# Remakes requirements.lock from pyproject.toml in a new virtual environment.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --upgrade hatchling ".[dev]"
{
    echo "# Exact versions that CI runs with, every dependency of .[dev]. Remade by: tools/lock.sh"
    "$folder/venv/bin/pip" freeze | grep -v "^clearline"
} >requirements.lock
