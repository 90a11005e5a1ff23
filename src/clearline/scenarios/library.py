"""The scenarios that come with the project, and files of one's own."""

from functools import lru_cache
from importlib import resources
from pathlib import Path

from clearline.scenarios.lint import lint
from clearline.scenarios.reading import Fault
from clearline.scenarios.script import Script

SUFFIXES = (".toml", ".json")


def names() -> tuple[str, ...]:
    """The shipped scenarios, sorted."""
    return tuple(sorted(_shipped()))


def _shipped() -> dict[str, str]:
    folder = resources.files("clearline.scenarios").joinpath("data")
    found = (item.name for item in folder.iterdir() if item.name.endswith(SUFFIXES))
    return {Path(name).stem: name for name in found}


def file_of(name: str) -> str | None:
    """The file of a shipped scenario, in the package's data."""
    return _shipped().get(name)


@lru_cache(maxsize=16)
def shipped(name: str) -> Script | tuple[Fault, ...] | None:
    """A shipped scenario by its name; None if there is none."""
    file = _shipped().get(name)
    if file is None:
        return None
    raw = resources.files("clearline.scenarios").joinpath("data", file).read_bytes()
    return lint(raw, is_json=file.endswith(".json"))


def from_file(path: Path, raw: bytes) -> Script | tuple[Fault, ...]:
    """A scenario from the bytes of a file: JSON by its name, else TOML."""
    return lint(raw, is_json=path.suffix == ".json")


__all__ = ["SUFFIXES", "file_of", "from_file", "names", "shipped"]
