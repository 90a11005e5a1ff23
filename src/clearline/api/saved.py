"""Views of the console that a person has saved, and his settings: his own, on this node alone."""

import logging
from pathlib import Path
from typing import Final

import msgspec

from clearline.api.people import digest_of
from clearline.api.problems import Refused
from clearline.api.service import Call, Service
from clearline.canonical import UNREADABLE
from clearline.model.limits import LABEL_CHARS_MAX
from clearline.model.refusal import Code, Refusal
from clearline.node.requests import Asked

LOG = logging.getLogger("clearline.api")

VIEWS_MAX: Final = 100
QUERY_CHARS_MAX: Final = 4_000
"""The address of a view with all its filters; a browser keeps no longer ones for certain."""
SETTINGS_MAX: Final = 64
SETTING_CHARS_MAX: Final = 1_000
BYTES_MAX: Final = 64 << 10
"""Of one person: a thousand people fill 64 MiB."""


class SavedView(Asked, frozen=True):
    """A view under a name: the query of the page's address."""

    name: str
    query: str


class Saved(Asked, frozen=True):
    """Everything that the console keeps for one person; the node reads none of it."""

    views: tuple[SavedView, ...] = ()
    settings: dict[str, str] = msgspec.field(default_factory=dict)


async def get_saved(service: Service, call: Call[None]) -> Saved:
    """One's own saved views and settings."""
    path = _path(service, call)
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MAX + 1)
        return msgspec.json.decode(raw, type=Saved)
    except FileNotFoundError:
        return Saved()
    except (OSError, *UNREADABLE) as why:
        LOG.warning("saved views are not read: %s", why)
        return Saved()


async def put_saved(service: Service, call: Call[Saved]) -> Saved:
    """Keep one's own saved views and settings, in place of those before."""
    saved = call.body
    _within("/views", len(saved.views), VIEWS_MAX)
    _within("/settings", len(saved.settings), SETTINGS_MAX)
    for n, view in enumerate(saved.views):
        _within(f"/views/{n}/name", len(view.name), LABEL_CHARS_MAX)
        _within(f"/views/{n}/query", len(view.query), QUERY_CHARS_MAX)
    for name, value in saved.settings.items():
        _within("/settings", max(len(name), len(value)), SETTING_CHARS_MAX)
    raw = msgspec.json.encode(saved)
    _within("", len(raw), BYTES_MAX)
    try:
        service.console.put(_path(service, call), raw)
    except OSError as error:
        raise Refused(Refusal(code=Code.DISK_FULL, clause="CL-API-004")) from error
    return saved


def _path(service: Service, call: Call[object]) -> Path:
    """A file of the person's own: no name of a person is ever a path."""
    return service.console.folder / f"views-{digest_of(call.who.person)}.json"


def _within(at: str, found: int, limit: int) -> None:
    if found > limit:
        params: dict[str, str | int] = {"found": found, "limit": limit}
        raise Refused(
            Refusal(code=Code.TOO_LARGE, clause="CL-API-004", at=at, params={**params}), 422
        )
