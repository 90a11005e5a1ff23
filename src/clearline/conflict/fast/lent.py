"""Arrays lent to a loop that is over before their owner lets go of them.

Compiled code counts the owners of every array at every call, also where a function only looks at
one: for two tables of footprints 0.15 us a call, more than most calls have to do. Whoever holds
arrays for as long as a loop runs lends them to it: the same memory, and nobody counts.
"""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Final, Protocol, TypeVar, cast

from clearline.conflict.fast.compiled import NUMBA

T = TypeVar("T")


class _Lend(Protocol):
    def __call__(self, arrays: T, /) -> T: ...


def _itself(arrays: T) -> T:
    return arrays


def _without_owner() -> _Lend:
    """The same for numba: an array is a handful of numbers, of which the first names its owner."""
    types = import_module("numba.core.types")
    array_of = import_module("numba.np.arrayobj").make_array

    def lend_one(
        context: ModuleType, builder: ModuleType, kind: object, value: ModuleType
    ) -> object:
        """Code for it. (What numba hands over has no types of its own here.)"""
        if isinstance(kind, types.Array):
            array = array_of(kind)(context, builder, value)
            array.meminfo = array.meminfo.type(None)
            return array._getvalue()
        if isinstance(kind, types.BaseTuple):
            for k, part in enumerate(kind):
                inner = lend_one(context, builder, part, builder.extract_value(value, k))
                value = builder.insert_value(value, inner, k)
        return value

    def lend(_: object, arrays: Callable[[object], object]) -> tuple[object, object]:
        def code(
            context: ModuleType, builder: ModuleType, signature: ModuleType, given: list[ModuleType]
        ) -> object:
            return lend_one(context, builder, signature.args[0], given[0])

        return arrays(arrays), code

    return cast(_Lend, import_module("numba.extending").intrinsic(lend))


lent: Final = _itself if NUMBA is None else _without_owner()
"""An array, or a tuple of them and of such tuples, to be used while its owner surely holds it: one
that a function was given, never one that it made, which is let go of after its last mention."""
