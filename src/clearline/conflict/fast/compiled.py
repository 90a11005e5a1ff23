"""Loops that numba compiles where it is installed; without it the same functions run as they are.

What was compiled is kept in a folder named after the source of the whole package and numba's
version: numba itself looks only at the file of a function, and would go on using an old callee of
another file. The folder lies beside the source or, where that cannot be written, in the user's
cache; ``NUMBA_CACHE_DIR`` in the environment comes first. ``CLEARLINE_COMPILED=0`` does without.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Final, ParamSpec, TypeVar, cast, overload

P = ParamSpec("P")
R = TypeVar("R")

SWITCH: Final = "CLEARLINE_COMPILED"
_PACKAGE: Final = Path(__file__).resolve().parent.parent
_DIGITS: Final = 16


def _numba() -> ModuleType | None:
    if os.environ.get(SWITCH, "1") == "0":
        return None
    try:
        import numba
    except ImportError:
        return None
    return numba


NUMBA: Final = _numba()
IS_COMPILED: Final = NUMBA is not None


def _stamp() -> str:
    """A digest of every source file of the engine and of numba's version."""
    digest = hashlib.sha256(str(getattr(NUMBA, "__version__", "")).encode())
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def _cache_folder() -> Path:
    """Where compiled functions are kept; numba makes it when it first has something to keep."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given) / f"compiled-{_stamp()}"
    if os.access(_PACKAGE, os.W_OK):
        return _PACKAGE / "__pycache__" / f"compiled-{_stamp()}"
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(home or Path.home() / ".cache") / "clearline" / f"compiled-{_stamp()}"


_FOLDER: Final = str(_cache_folder()) if IS_COMPILED else ""


def _njit(function: Callable[P, R], *, nogil: bool) -> Callable[P, R]:
    """``function`` compiled when it is first called, kept where that is possible."""
    assert NUMBA is not None
    config, before = NUMBA.config, NUMBA.config.CACHE_DIR
    # Numba does not tell apart what it keeps of one function compiled in both ways.
    config.CACHE_DIR = os.path.join(_FOLDER, "shared" if nogil else "alone")
    try:
        made = NUMBA.njit(cache=True, nogil=nogil, error_model="numpy")(function)
    except (RuntimeError, OSError):  # no folder can be written: compiled anew by every process
        made = NUMBA.njit(nogil=nogil, error_model="numpy")(function)
    finally:
        config.CACHE_DIR = before
    return cast(Callable[P, R], made)


@overload
def compiled(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def compiled(*, nogil: bool) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def compiled(
    function: Callable[P, R] | None = None, /, *, nogil: bool = False
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """A function on numpy arrays and numbers, compiled if that is possible. Division by zero gives
    infinity, as in numpy; no reordering of floating point. ``nogil``: for work of milliseconds and
    more, so that other threads go on. ``plain`` gives the function as it was written."""

    def make(function: Callable[P, R]) -> Callable[P, R]:
        return _njit(function, nogil=nogil) if IS_COMPILED else function

    return make if function is None else make(function)


def plain(function: Callable[P, R]) -> Callable[P, R]:
    """A compiled function as it was written in Python (what it calls may still be compiled)."""
    return cast(Callable[P, R], getattr(function, "py_func", function))


def is_new() -> bool:
    """Whether nothing was kept of this very source yet: what comes will be compiled first."""
    return IS_COMPILED and not any(Path(_FOLDER).rglob("*.nbi"))
