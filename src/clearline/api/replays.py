"""Handlers of replays: what the shipped scenarios would have looked like, from files that were made
when the package was. Nothing is played on a node that keeps a line."""

import re
from functools import lru_cache
from importlib import resources
from typing import Final

import msgspec

from clearline.api.problems import Refused
from clearline.api.service import Call, Service
from clearline.model.refusal import Code, Refusal

INDEX: Final = "index.json"
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,40}", re.ASCII)


class ReplayVariant(msgspec.Struct, frozen=True, kw_only=True):
    """Whose account is played."""

    id: str
    title: str


class ReplayListing(msgspec.Struct, frozen=True, kw_only=True):
    """A scenario that can be looked at: public claims, and what the line would have said."""

    id: str
    title: str
    about: str
    variants: tuple[ReplayVariant, ...]


@lru_cache(maxsize=1)
def listed() -> tuple[ReplayListing, ...]:
    """The replays that the package carries."""
    file = resources.files("clearline").joinpath("console", "replays", INDEX)
    if not file.is_file():
        return ()
    return msgspec.json.decode(file.read_bytes(), type=tuple[ReplayListing, ...])


async def list_replays(_: Service, __: Call[None]) -> tuple[ReplayListing, ...]:
    """The replays that there are."""
    return listed()


async def one_replay(_: Service, call: Call[None]) -> msgspec.Raw:
    """One account of a scenario: events by layer, each claim with its claimant, and what is drawn
    when."""
    name, variant = call.path["name"], call.path["variant"]
    known = any(each.id == name and variant in {of.id for of in each.variants} for each in listed())
    if not known or not NAME.fullmatch(name) or not NAME.fullmatch(variant):
        raise Refused(Refusal(code=Code.NOT_FOUND, clause="CL-API-005", params={"name": name[:40]}))
    folder = resources.files("clearline").joinpath("console", "replays")
    return msgspec.Raw(folder.joinpath(f"{name}.{variant}.json").read_bytes())
