"""Planned failures, for tests and simulation: a commit that fails or a process that dies around it.

A store calls ``before`` when a commit has reached it and ``after`` when it is durable, with the
commit's number, from 1, counted by this store object. Whatever they raise comes out of ``commit``:
from ``before`` nothing is durable, from ``after`` everything is and nobody has heard of it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from clearline.node.ports import Commit

Hook = Callable[[int, Commit], None]


def nothing(number: int, commit: Commit) -> None:
    """No failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What happens around each commit."""

    before: Hook = nothing
    after: Hook = nothing


def raise_at(number: int, error: BaseException) -> Hook:
    """A hook that raises at the commit of this number, counted from 1."""

    def hook(at: int, commit: Commit) -> None:
        if at == number:
            raise error

    return hook
