"""clearline replay: what the line would have said, minute by minute, on public claims."""

import shutil
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from clearline.canonical import Plain
from clearline.cli.output import REFUSED, show, usage
from clearline.cli.scenario import fault_lines
from clearline.model.time import SECOND, parse_utc
from clearline.scenarios.events import Event, Layer
from clearline.scenarios.library import SUFFIXES, from_file, names, shipped
from clearline.scenarios.replay import replay
from clearline.scenarios.script import Script
from clearline.scenarios.stage import Unplayable
from clearline.store.party_files import read_file

Pause = Callable[[float], object]
"""Waits so many seconds."""
PAUSE: Pause = threading.Event().wait

MARKS: Final = {
    Layer.CLAIM: "claim",
    Layer.ASSUMED: "taken",
    Layer.PLAY: "  does",
    Layer.LINE: "  LINE",
    Layer.RESULT: "check",
}
"""How the layers are told apart in the margin: claims, and what the line itself says."""
WIDTH_MIN: Final = 60
WIDTH_MAX: Final = 120


def command(
    scenario: Annotated[
        str | None,
        typer.Argument(metavar="SCENARIO", help="A shipped scenario, or a .toml or .json file."),
    ] = None,
    variant: Annotated[
        str | None, typer.Option("--variant", help="Whose account is played; see --list.")
    ] = None,
    speed: Annotated[
        float | None,
        typer.Option("--speed", help="So many times faster than it was; without it, at once."),
    ] = None,
    listing: Annotated[
        bool,
        typer.Option("--list", help="List the shipped scenarios, or the variants of one."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON array of events instead of text.")
    ] = False,
) -> None:
    """Play a scenario through real nodes on a virtual clock.

    Claims stand with their claimants and their evidence (F public source, M unverified, D derived);
    what the line itself says is marked LINE. Exits 1 if something that the scenario expects was
    not found.

    Examples: clearline replay --list; clearline replay il20 --variant russia;
    clearline replay il20 --variant unknown --speed 60
    """
    if listing:
        _list(names() if scenario is None else (scenario,), as_json=as_json)
        return
    if scenario is None:
        usage(f"name a scenario: {', '.join(names())}; or a file")
    if speed is not None and not speed > 0:
        usage("--speed must be above 0")
    script = load(scenario)
    known = [each.id for each in script.variants]
    chosen = variant or (known[0] if len(known) == 1 else None)
    if chosen not in known:
        usage(f"say --variant: one of {', '.join(known)}")
    try:
        played = replay(script, chosen)
    except Unplayable as why:
        usage(str(why))
    lines = json_lines(played.events) if as_json else text_lines(played.events, _width())
    for wait_s, text in paced(lines, speed):
        if wait_s:
            PAUSE(wait_s)
        typer.echo(text)
    if not played.met:
        raise typer.Exit(REFUSED)


def load(scenario: str) -> Script:
    """A shipped scenario or a file; what is wrong with it is printed, and ends the command."""
    if scenario.endswith(SUFFIXES):
        raw = read_file(Path(scenario))
        if not isinstance(raw, bytes):
            usage(f"{scenario}: cannot be read")
        found = from_file(Path(scenario), raw)
    else:
        held = shipped(scenario)
        if held is None:
            usage(f"there is no scenario {scenario!r}: {', '.join(names())}; or name a file")
        found = held
    if not isinstance(found, Script):
        for line in fault_lines(scenario, found):
            typer.echo(line, err=True)
        raise typer.Exit(REFUSED)
    return found


def _list(wanted: tuple[str, ...], *, as_json: bool) -> None:
    """One line for each scenario; for one alone a line for each of its variants too."""
    scripts = [load(name) for name in wanted]
    lines = []
    for script in scripts:
        known = " | ".join(each.id for each in script.variants)
        lines.append(f"{script.id}: {script.title} [--variant {known}]")
        if len(scripts) == 1:
            lines += [f"  --variant {each.id}: {each.title}" for each in script.variants]
    plain: list[Plain] = [
        {"id": script.id, "title": script.title, "variants": _variants(script)}
        for script in scripts
    ]
    show(lines, {"scenarios": plain}, as_json=as_json)


def _variants(script: Script) -> list[Plain]:
    return [{"id": each.id, "title": each.title} for each in script.variants]


# --- pacing ---------------------------------------------------------------------------------------

Timed = tuple[str | None, str]
"""When it happened (None: no time is published, or it is not part of the timeline), and a line."""


def paced(lines: Iterable[Timed], speed: float | None) -> Iterator[tuple[float, str]]:
    """Each line with how long to wait before it, in seconds."""
    before: int | None = None
    for t, text in lines:
        wait_s = 0.0
        if speed is not None and t is not None:
            now = parse_utc(t)
            if before is not None and now > before:
                wait_s = (now - before) / SECOND / speed
            before = now
        yield wait_s, text


def json_lines(events: tuple[Event, ...]) -> Iterator[Timed]:
    """A JSON array, one event a line."""
    yield None, "["
    for n, event in enumerate(events):
        comma = "," if n + 1 < len(events) else ""
        t = None if event.kind == "variant" else event.t
        yield t, msgspec.json.encode(event).decode() + comma
    yield None, "]"


# --- text -----------------------------------------------------------------------------------------


def _width() -> int:
    return min(WIDTH_MAX, max(WIDTH_MIN, shutil.get_terminal_size((100, 24)).columns))


def text_lines(events: tuple[Event, ...], width: int) -> Iterator[Timed]:
    """The story for a terminal: what is taken as given, the timeline, the last table."""
    yield from _head(events, width)
    day = ""
    for event in events:
        if event.layer is Layer.ASSUMED or event.kind == "result" or event.t is None:
            continue
        if event.t[:10] != day:
            day = event.t[:10]
            yield None, f"--- {day} ---"
        for n, line in enumerate(_event(event, width)):
            yield (event.t if n == 0 else None), line
    rows = [event for event in events if event.kind == "result"]
    if rows:
        yield None, ""
        yield None, "What failed then, what the line does, by how many minutes:"
        yield from ((None, line) for line in _table(rows, width))
    expected = [event for event in events if event.met is not None]
    missed = sum(event.met is False for event in expected)
    yield None, ""
    yield None, f"{len(expected) - missed} of {len(expected)} expectations met."
    yield None, "A notice gives no permission; the absence of one removes no protection."


def _head(events: tuple[Event, ...], width: int) -> Iterator[Timed]:
    for event in events:
        if event.kind == "variant":
            yield from ((None, line) for line in _wrapped("", event.text, width))
            yield None, ""
        elif event.kind == "assumption":
            first = f"assumed {event.id}: "
            says = f"{event.text} [by {event.by}]"
            yield from ((None, line) for line in _wrapped(first, says, width))
    yield None, ""
    for event in events:
        if event.layer is Layer.CLAIM and event.t is None:
            for line in _wrapped("no time   claim   ", _claimed(event), width):
                yield None, line
    yield None, ""


def _event(event: Event, width: int) -> list[str]:
    assert event.t is not None, "the timeline has times"
    clock = event.t[11:19] + "Z"
    says = _claimed(event) if event.layer is Layer.CLAIM else event.text
    if event.layer is not Layer.CLAIM:
        says = f"{event.by}: {says}"
    if event.basis and event.layer is Layer.PLAY:
        says += f" [rests on {', '.join(event.basis)}]"
    if event.t_min is not None:
        says += f" [known only to lie between {event.t_min[11:19]}Z and {clock}: the latest]"
    return _wrapped(f"{clock} {MARKS[event.layer]:<7} ", says, width)


def _claimed(event: Event) -> str:
    """A claim, with everything that belongs to it."""
    parts = [f"{event.id} {event.by} says: {event.text}"]
    if event.t_max is not None and event.t is not None:
        parts.append(f"[{event.t[11:16]}Z to {event.t_max[11:16]}Z]")
    parts.append(f"[{event.evidence}]")
    if event.stated_on is not None:
        parts.append(f"[stated on {event.stated_on}]")
    if event.disputed_by:
        parts.append(f"[disputed by {', '.join(event.disputed_by)}]")
    return " ".join(parts)


HEADS: Final = ("failed then", "the line", "by how many minutes")
LAST_WIDTH: Final = 22
"""Characters of the table's last column: "cannot be said:" and two words more."""


def _table(rows: list[Event], width: int) -> Iterator[str]:
    """The last table, each row's grounds under what failed then."""
    last = LAST_WIDTH
    first = (width - last - 6) // 2
    widths = (first, width - last - 6 - first, last)
    yield from _cells(HEADS, widths)
    rule = "-+-".join("-" * each for each in widths)
    for row in rows:
        yield rule
        grounds = f"[{', '.join(row.basis)}]"
        yield from _cells((f"{row.failed} {grounds}", row.does or "", row.gain or ""), widths)


def _cells(cells: tuple[str, str, str], widths: tuple[int, int, int]) -> Iterator[str]:
    wrapped = [textwrap.wrap(cell, wide) for cell, wide in zip(cells, widths, strict=True)]
    for line in zip_longest(*wrapped, fillvalue=""):
        yield " | ".join(
            f"{cell:<{wide}}" for cell, wide in zip(line, widths, strict=True)
        ).rstrip()


def _wrapped(first: str, says: str, width: int) -> list[str]:
    inset = " " * (len(first) if len(first) < width // 2 else 4)
    return textwrap.wrap(
        first + says, width, subsequent_indent=inset, break_long_words=False,
        break_on_hyphens=False, drop_whitespace=True, replace_whitespace=False,
    ) or [first.rstrip()]  # fmt: skip


__all__ = ["command", "json_lines", "paced", "text_lines"]
