"""Finds the one ``CHANNEL`` that each file of this folder exports, and opens it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Generic, TypeVar

import msgspec

from clearline.node.channel import Channel

Settings = TypeVar("Settings", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind(Generic[Settings]):
    """A kind of channel: its name, what ``node.toml`` may say of it, and how it is opened."""

    name: str
    settings: type[Settings]
    open: Callable[[Settings], Channel]


_AnyKind = ChannelKind[Any]  # each kind has settings of its own


@cache
def _kinds() -> dict[str, _AnyKind]:
    package = import_module("clearline.channels")
    found: dict[str, _AnyKind] = {}
    for module in iter_modules(package.__path__, "clearline.channels."):
        kind = getattr(import_module(module.name), "CHANNEL", None)
        if isinstance(kind, ChannelKind):
            assert kind.name not in found, f"two channels are called {kind.name}"
            found[kind.name] = kind
    return found


def channel_names() -> tuple[str, ...]:
    """The names of all channels that there are."""
    return tuple(sorted(_kinds()))


def open_channel(name: str, settings: object) -> Channel:
    """Open a channel by its kind's name with its table of ``node.toml``.

    Raises ValueError, with a sentence that names the setting, for a name that is not a channel and
    for settings that it cannot work with.
    """
    kind = _kinds().get(name)
    if kind is None:
        raise ValueError(f"{name!r} is not a channel; there are: {', '.join(channel_names())}")
    try:
        return kind.open(msgspec.convert(settings, kind.settings))
    except (msgspec.ValidationError, OSError) as error:
        raise ValueError(f"channel {name}: {error}") from error
