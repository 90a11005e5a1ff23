#!/bin/sh
# Remakes requirements.lock from pyproject.toml: exact versions, each with the hash of every file
# that the index offers of it, so that one lock serves every platform and `pip --require-hashes`
# takes nothing else. Versions that still fit stay as they are; with --upgrade the newest are taken.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pip-tools
# The package itself has no hash: its dependencies are listed, and it is installed beside them.
"$folder/venv/bin/python" - >"$folder/all.in" <<'END'
import tomllib

with open("pyproject.toml", "rb") as file:
    found = tomllib.load(file)
project = found["project"]
extras = [
    each
    for name, extra in project["optional-dependencies"].items()
    if name != "bench"
    for each in extra
]
for each in (*found["build-system"]["requires"], *project["dependencies"], *extras):
    if not each.startswith("clearline"):
        print(each)
END
cp requirements.lock "$folder/lock"
# pip-compile names what it found no hash of in the file itself: of such a warning there is no
# lock at all.
"$folder/venv/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-annotate --no-header \
    "$@" -o "$folder/lock" "$folder/all.in"
if grep -q "WARNING" "$folder/lock"; then
    grep "WARNING" "$folder/lock" >&2
    exit 1
fi
{
    echo "# Exact versions that CI runs with: dependencies of the package and of its extras, with the"
    echo "# hash of every file that is offered of each. Remade by: tools/lock.sh"
    grep -v "^#" "$folder/lock"
} >requirements.lock
