"""Many arrays handed to compiled code as one thing.

To unpack an array for a compiled function takes 0.15 us, and a table of the index has twenty: as
long as to search a million rows. What is handed over again and again is therefore put, once, behind
one reference that compiled code knows (numba's ``structref``); where nothing is compiled it is a
plain object. The arrays are the same ones, not copies: what is written to them later is seen.
"""

from importlib import import_module
from typing import Final, Generic, Protocol, TypeVar, cast

from clearline.conflict.fast.compiled import NUMBA, compiled

T = TypeVar("T")


class Handed(Generic[T]):
    """A reference; ``inner`` is for compiled code to read."""

    __slots__ = ("inner",)

    def __init__(self, inner: T) -> None:
        self.inner = inner


class _Make(Protocol):
    def __call__(self, inner: T, /) -> Handed[T]: ...


def _by_reference() -> tuple[type, type]:
    """The same for compiled code: numba's name for it, and the class."""
    structref = import_module("numba.experimental.structref")
    own = {"__module__": __name__}
    kind = type("HandedType", (import_module("numba.core.types").StructRef,), dict(own))
    proxy = type("HandedProxy", (structref.StructRefProxy,), {**own, "__slots__": ()})
    structref.define_proxy(proxy, structref.register(kind), ["inner"])
    return kind, proxy


HandedType, HandedProxy = (Handed, Handed) if NUMBA is None else _by_reference()
"""By these names compiled functions that are kept find them again."""
_MAKE: Final = cast(_Make, HandedProxy)


@compiled
def hand(inner: T) -> Handed[T]:
    """One reference to all of it."""
    return _MAKE(inner)
