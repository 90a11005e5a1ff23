"""Loops that numba compiles where it is installed; without it the same functions run as they are.

Where what was compiled is kept, and how to do without: ``kept``.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pickle import UnpicklingError
from types import ModuleType
from typing import Final, ParamSpec, TypeVar, cast, overload

from clearline.conflict.fast.kept import folder, is_wanted

P = ParamSpec("P")
R = TypeVar("R")


def _numba() -> ModuleType | None:
    if not is_wanted():
        return None
    try:
        import numba
    except ImportError:
        return None
    return numba


NUMBA: Final = _numba()
_UNKEPT: Final = (OSError, UnpicklingError, EOFError, ValueError, AttributeError, ImportError,
                  IndexError, KeyError, TypeError)  # fmt: skip
"""What reading or writing a file of numba's may raise; the last ones: a pickle that is damaged."""
IS_COMPILED: Final = NUMBA is not None
_FOLDER: Final = str(folder()) if IS_COMPILED else ""


def _njit(function: Callable[P, R], *, nogil: bool, inline: bool, fused: bool) -> Callable[P, R]:
    """``function`` compiled when it is first called, kept where that is possible."""
    assert NUMBA is not None
    config, before = NUMBA.config, NUMBA.config.CACHE_DIR
    # Numba does not tell apart what it keeps of one function compiled in both ways.
    config.CACHE_DIR = f"{_FOLDER}/{'shared' if nogil else 'alone'}"
    njit = partial(
        NUMBA.njit,
        nogil=nogil,
        forceinline=inline,
        fastmath={"contract"} if fused else False,
        error_model="numpy",
    )
    try:
        made = njit(cache=True)(function)
    except (RuntimeError, OSError):  # no folder can be written: compiled anew by every process
        made = njit()(function)
    finally:
        config.CACHE_DIR = before
    cache = made._cache
    cache.load_overload = _at_best(cache.load_overload)
    cache.save_overload = _at_best(cache.save_overload)
    return cast(Callable[P, R], made)


def _at_best(keep: Callable[P, R]) -> Callable[P, R | None]:
    """What reads or writes the folder, so that a full disk, a folder taken away or a file cut short
    costs time and nothing else: numba then compiles, and goes on with what it compiled."""

    def call(*args: P.args, **kwargs: P.kwargs) -> R | None:
        try:
            return keep(*args, **kwargs)
        except _UNKEPT:
            return None

    return call


@contextmanager
def while_compiling(heard: Callable[[], None]) -> Iterator[None]:
    """Within, ``heard`` is called before every function that is compiled, and for none that is
    found where it was kept."""
    if NUMBA is None:
        yield
        return
    from numba.core.event import Event, Listener, install_listener

    class Heard(Listener):
        def on_start(self, event: Event) -> None:
            heard()

        def on_end(self, event: Event) -> None:
            """Nothing: what is kept is noted when all of it is."""

    with install_listener("numba:compile", Heard()):
        yield


@overload
def compiled(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def compiled(
    *, nogil: bool = ..., inline: bool = ..., fused: bool = ...
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def compiled(
    function: Callable[P, R] | None = None,
    /,
    *,
    nogil: bool = False,
    inline: bool = False,
    fused: bool = False,
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """A function on numpy arrays and numbers, compiled if that is possible. Division by zero gives
    infinity, as in numpy; no reordering of floating point. ``nogil``: for work of milliseconds and
    more, so that other threads go on. ``inline``: always made part of whatever calls it, so that a
    loop around it can become SIMD. ``fused``: a product and the sum that it goes into may be
    rounded once, which is one rounding fewer. ``plain`` gives the function as it was written."""

    def make(function: Callable[P, R]) -> Callable[P, R]:
        return _njit(function, nogil=nogil, inline=inline, fused=fused) if IS_COMPILED else function

    return make if function is None else make(function)


def plain(function: Callable[P, R]) -> Callable[P, R]:
    """A compiled function as it was written in Python (what it calls may still be compiled)."""
    return cast(Callable[P, R], getattr(function, "py_func", function))
