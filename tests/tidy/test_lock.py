"""The lock: everything that is installed, by version and hash, from wherever it comes."""

import re
import tomllib

from tests.tidy.pages import ROOT, text

LOCK = text(ROOT / "requirements.lock")
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==[^\s;]+(?: ; [^\\\n]+)? \\\n", re.MULTILINE)
HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")


def _name(text_: str) -> str:
    """A package's name as the index writes it."""
    found = re.match(r"[A-Za-z0-9._-]+", text_)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def test_every_pinned_version_has_hashes_and_nothing_else_stands_in_the_lock() -> None:
    """A line pins one version or gives one hash of it: no address of an index, no option, and no
    version without a hash, so that pip can be told to take nothing else."""
    lines = [line for line in LOCK.splitlines() if line and not line.startswith("#")]
    pins = [n for n, line in enumerate(lines) if PINNED.match(f"{line}\n")]
    assert pins
    for n, line in enumerate(lines):
        if n in pins:
            assert HASH.fullmatch(lines[n + 1]), line
        else:
            assert HASH.fullmatch(line), line
    assert "://" not in LOCK


def test_every_dependency_is_in_the_lock() -> None:
    """What the package, its extras and its build ask for is pinned; but not what benchmarks are
    held against, which neither a node nor a test needs."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        found = tomllib.load(file)
    project = found["project"]
    asked = [*found["build-system"]["requires"], *project["dependencies"]]
    extras = project["optional-dependencies"]
    asked += [each for extra in extras if extra != "bench" for each in extras[extra]]
    wanted = {_name(each) for each in asked} - {"clearline"}
    assert wanted <= {_name(name) for name in PINNED.findall(LOCK)}


def test_set_up_installs_by_hash() -> None:
    """The script that sets a machine up lets pip take only what the lock names by hash."""
    assert "--require-hashes -r requirements.lock" in text(ROOT / "tools" / "setup.sh")
