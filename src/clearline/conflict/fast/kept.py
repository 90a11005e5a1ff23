"""Where compiled functions are kept: found without importing numba, which takes its time.

The folder is named after the source of the whole package and numba's version: numba itself looks
only at the file of a function, and would go on using an old callee of another file. It lies beside
the source or, where that cannot be written, in the user's cache; ``NUMBA_CACHE_DIR`` in the
environment comes first. ``CLEARLINE_COMPILED=0`` does without compiling.
"""

import hashlib
import os
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

SWITCH: Final = "CLEARLINE_COMPILED"
_PACKAGE: Final = Path(__file__).resolve().parent.parent
_DIGITS: Final = 16


@lru_cache(maxsize=1)
def numba_version() -> str | None:
    """The installed numba's version; None where there is none."""
    try:
        return version("numba")
    except PackageNotFoundError:
        return None


def is_wanted() -> bool:
    """Whether functions are to be compiled: numba is there, and nobody has said otherwise."""
    return os.environ.get(SWITCH, "1") != "0" and numba_version() is not None


@lru_cache(maxsize=1)
def _stamp() -> str:
    """A digest of every source file of the engine and of numba's version."""
    digest = hashlib.sha256((numba_version() or "").encode())
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def folder() -> Path:
    """Where compiled functions are kept; numba makes it when it first has something to keep."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given) / f"compiled-{_stamp()}"
    if os.access(_PACKAGE, os.W_OK):
        return _PACKAGE / "__pycache__" / f"compiled-{_stamp()}"
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(home or Path.home() / ".cache") / "clearline" / f"compiled-{_stamp()}"


KERNEL: Final = "kernel"
INDEX: Final = "index"
TRACKS: Final = "tracks"
WHOLE: Final = "whole"
"""Files that stand in the folder once that part is compiled. The kernel: the distance of two and
the grid around many, which are parts of the index. The whole: all that a node needs."""
_HOLD: Final = {KERNEL: (KERNEL, INDEX, WHOLE), INDEX: (INDEX, WHOLE), TRACKS: (TRACKS, WHOLE),
                WHOLE: (WHOLE,)}  # fmt: skip
"""In which parts a part is held."""


def is_new(part: str = WHOLE) -> bool:
    """Whether what comes will have to be compiled first: not all of this very source is kept."""
    if not is_wanted():
        return False
    return not any((folder() / name).exists() for name in _HOLD[part])


def can_keep() -> bool:
    """Whether what is compiled will be found again: the folder is there, or can be made."""
    place = folder()
    while not place.exists() and place != place.parent:
        place = place.parent
    return place.is_dir() and os.access(place, os.W_OK)


def do_without() -> None:
    """Have nothing compiled in this process. To be called before anything that is compiled is
    imported: that decides for the whole life of the process."""
    os.environ[SWITCH] = "0"


def say_kept(part: str) -> None:
    """Note that a part is compiled; where nothing can be written, the next process compiles too."""
    try:
        (folder() / part).write_text("")
        if all((folder() / name).exists() for name in (INDEX, TRACKS)):
            (folder() / WHOLE).write_text("")
    except OSError:
        return
