"""clearline words: which translations somebody has reviewed, side by side with English, and how a
deployment records that it has."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from clearline.cli.output import AsJson, now, show, usage
from clearline.cli.remote import plain
from clearline.config import FILE as NODE_FILE
from clearline.model.time import format_utc
from clearline.store.disk import write_whole
from clearline.words.deployed import (
    BY_CHARS_MAX,
    FILE,
    Reviews,
    deploy,
    parse_reviews,
    reviewed_now,
)
from clearline.words.language import FALLBACK, SECTIONS, language, languages, review_of
from clearline.words.sentences import plain as cleaned
from clearline.words.sentences import without_isolates

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Folder = Annotated[Path, typer.Option("--node", help="The folder of the node that reads so.")]
Sections = Annotated[
    list[str] | None, typer.Option("--section", help="This section alone; repeat. Else all.")
]
Tag = Annotated[str, typer.Argument(metavar="LANG", help="A language: ar, fr, he, ru, uk.")]
NOBODY: Final = "UNREVIEWED"


class SectionView(msgspec.Struct, frozen=True, kw_only=True):
    """One section of one language: who has read it as it stands, or before it changed."""

    language: str
    section: str
    reviewed: bool
    by: str
    on: str


@app.command()
def review(
    lang: Tag,
    by: Annotated[str, typer.Option("--by", help="The role that has read it; no name.")],
    node: Folder,
    on: Annotated[str, typer.Option("--on", help="The day, 2026-11-22; else today.")] = "",
    section: Sections = None,
    as_json: AsJson = False,
) -> None:
    """Record that somebody who has stood a watch in that language has read its sentences aloud
    beside the English. It counts from the node's next start, until one of the sentences changes.

    Example: clearline words review fr --by "watch officer" --on 2026-11-22 --node alfa-node
    """
    known = _translation(lang)
    day, today = on or format_utc(now())[:10], format_utc(now())[:10]
    if _day(day) is None or day > today:
        usage(f"{on!r} is no day up to today: write it as {today}")
    if not by.strip() or len(by) > BY_CHARS_MAX or cleaned(by) != by:
        usage(f"--by is a role in up to {BY_CHARS_MAX} ordinary characters")
    wanted = _sections(section)
    held = _held(node)
    made = {name: each for name, each in reviewed_now(known, by, day).items() if name in wanted}
    held[known] = {**held.get(known, {}), **made}
    content = msgspec.json.format(msgspec.json.encode(held, order="sorted"), indent=1)
    write_whole(node / FILE, content + b"\n")
    _show(node, (known,), wanted, as_json=as_json)


@app.command()
def status(
    node: Folder,
    lang: Annotated[str | None, typer.Argument(metavar="[LANG]", help="One; else all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Which sections somebody has reviewed as they stand, who and when; and which were reviewed
    before they changed.

    Example: clearline words status --node alfa-node
    """
    tags = (_translation(lang),) if lang else tuple(t for t in languages() if t != FALLBACK)
    _show(node, tags, SECTIONS, as_json=as_json)


@app.command("read")
def read_aloud(lang: Tag, section: Sections = None, as_json: AsJson = False) -> None:
    """The sentences of a language, each beneath the English that it stands for, to be read aloud.

    Example: clearline words read fr --section troubles
    """
    pairs = list(_pairs(_translation(lang), _sections(section)))
    text = [line for name, ours, theirs in pairs for line in ("", name, f"  {ours}", f"  {theirs}")]
    rows = [{"id": name, "english": ours, lang: theirs} for name, ours, theirs in pairs]
    show(map(without_isolates, text), plain(rows), as_json=as_json)


def _translation(lang: str) -> str:
    if lang not in languages() or lang == FALLBACK:
        others = ", ".join(tag for tag in languages() if tag != FALLBACK)
        usage(f"there is no translation {lang!r}; there are: {others}")
    return lang


def _sections(wanted: list[str] | None) -> tuple[str, ...]:
    odd = [name for name in wanted or () if name not in SECTIONS]
    if odd:
        usage(f"there is no section {odd[0]!r}; there are: {', '.join(SECTIONS)}")
    return tuple(wanted or SECTIONS)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-22") else None
    except ValueError:
        return None


def _held(node: Path) -> Reviews:
    """What a deployment has recorded so far; or the end of the command."""
    if not (node / NODE_FILE).is_file():
        usage(f"{node} is no node's folder: there is no {NODE_FILE} in it")
    try:
        found = parse_reviews((node / FILE).read_bytes())
    except FileNotFoundError:
        return {}
    if isinstance(found, str):
        usage(found)
    return found


def _show(node: Path, tags: tuple[str, ...], wanted: tuple[str, ...], *, as_json: bool) -> None:
    held = _held(node)
    unread = deploy(node)
    assert unread is None, "it has just been read"
    found = [_view(tag, name, held) for tag in tags for name in SECTIONS if name in wanted]
    show([_line(view) for view in found], plain(found), as_json=as_json)


def _view(tag: str, name: str, held: Reviews) -> SectionView:
    words = language(tag)
    stands = review_of(words, name)
    shown = stands or held.get(tag, {}).get(name)
    return SectionView(
        language=tag, section=name, reviewed=stands is not None,
        by=shown.by if shown is not None else "", on=shown.on if shown is not None else "",
    )  # fmt: skip


def _line(view: SectionView) -> str:
    if view.reviewed:
        return f"{view.language} {view.section}: reviewed by {view.by} on {view.on}"
    before = f", reviewed by {view.by} on {view.on} and CHANGED since" if view.by else ""
    return f"{view.language} {view.section}: {NOBODY}{before}"


def _pairs(tag: str, wanted: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Id, English and translation of every text of these sections."""
    for name in wanted:
        ours = dict(_texts(getattr(language(FALLBACK), name), name))
        theirs = dict(_texts(getattr(language(tag), name), name))
        for at in [*ours, *(at for at in theirs if at not in ours)]:  # counted words have own forms
            yield at, ours.get(at, ""), theirs.get(at, "")


def _texts(of: object, at: str) -> Iterator[tuple[str, str]]:
    match of:
        case str():
            yield at, of
        case dict():
            for name, each in of.items():
                yield from _texts(each, f"{at}/{name}")
        case tuple():
            for n, each in enumerate(of):
                yield from _texts(each, f"{at}/{n}" if len(of) > 1 else at)
        case msgspec.Struct():
            for name in of.__struct_fields__:
                yield from _texts(getattr(of, name), f"{at}/{name}")
        case _:
            return
