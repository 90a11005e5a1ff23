"""clearline review: what both staffs can put on the table, and two parties' reviews side by side.

Offline: from an evidence bundle, or from the store of a node that runs or is stopped.
"""

import contextlib
from pathlib import Path
from typing import Annotated, NoReturn

import msgspec
import typer

from clearline.canonical import Plain
from clearline.cli.evidence import export_of, free, verified_file, write_whole
from clearline.cli.output import USAGE, AsJson, need, refuse, show, usage
from clearline.cli.remote import LineName as NodeLine
from clearline.cli.remote import NodeFolder, Role, Token, Url, line_id, plain, ref, run
from clearline.client import Client, asks
from clearline.evidence.facts import Verified
from clearline.evidence.parts import Scope
from clearline.evidence.review.claims import WISH
from clearline.evidence.review.facts import Review, read_review, schema, write_review
from clearline.evidence.review.make import review as make_review
from clearline.evidence.review.page import (
    reconciled_page,
    reconciled_text,
    review_page,
    review_text,
)
from clearline.evidence.review.reconcile import reconcile
from clearline.evidence.review.words import Said
from clearline.evidence.verify import verify
from clearline.evidence.words import EXERCISE_LINE, NOTICE_LINES
from clearline.model.entry import Field, FreeText, Message
from clearline.model.ids import LineId, is_digest
from clearline.model.notes import WISH_NOTE
from clearline.model.refusal import Refusal
from clearline.model.time import Instant, parse_utc
from clearline.node.requests import Remark
from clearline.node.views import FiledView
from clearline.words.catalogue import templates
from clearline.words.language import FALLBACK, languages

app = typer.Typer(rich_markup_mode=None)

Html = Annotated[Path | None, typer.Option("--html", help="Write a page to print, too.")]
Lang = Annotated[
    str,
    typer.Option("--lang", envvar="CLEARLINE_LANG", help="The language: ar, en, fr, he, ru, uk."),
]
Force = Annotated[bool, typer.Option("--force", help="Replace files that are there.")]


@app.callback(invoke_without_command=True)
def make(
    ctx: typer.Context,
    first: Annotated[str | None, typer.Option("--from", help="From when, with its zone.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Up to when, with its zone.")] = None,
    node: NodeFolder = None,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="A bundle (.clb), instead of a node's folder.")
    ] = None,
    line: NodeLine = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="A folder for review.json and review.html."),
    ] = None,
    html: Html = None,
    desk: Annotated[
        bool, typer.Option("--desk", help="With your own unsent wishes and desk notes.")
    ] = False,
    lang: Lang = FALLBACK,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Make the review of a period: lead times, answers, outages, drills, deviations, disputes, and
    what each party wants changed. Every row names its claimant. Nothing is sent.

    Exit as evidence verify: 0 whole, 1 something in the evidence is wrong, 3 not all is here.

    Example: clearline review --from 2026-10-01T00:00Z --to 2026-11-01T00:00Z --node alfa-node
    -o october
    """
    if ctx.invoked_subcommand is not None:
        return
    lang = _known(lang)
    if first is None or until is None:
        usage("which period? --from and --to, each with its zone")
    begins, ends = period(first, until)
    pages = _places(output, html)
    for path in pages:
        free(path, force=force)
    held = evidence_of(node, bundle, line, desk=desk, as_json=as_json)
    found = need(make_review(held, begins, ends), as_json=as_json)
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    for path, form in pages.items():
        write_whole(path, _bytes(found, form, lang))
    if output is not None and not as_json:
        drill = (EXERCISE_LINE,) if found.exercise else ()
        said = [*drill, *map(str, pages), *NOTICE_LINES, Said(lang)(f"evidence-{found.exit}")]
        show(said, None, as_json=False)
    else:
        show(review_text(found, lang), plain_review(found), as_json=as_json)
    raise typer.Exit(found.exit)


def _places(output: Path | None, html: Path | None) -> dict[Path, str]:
    """Which file holds what."""
    found = {html: "html"} if html is not None else {}
    if output is not None:
        found |= {output / "review.json": "json", output / "review.html": "html"}
    return found


def _bytes(found: Review, form: str, lang: str) -> bytes:
    return write_review(found) if form == "json" else review_page(found, lang).encode()


def _known(lang: str) -> str:
    """A language that there is: the first of a wish such as ``ar,en``."""
    tag = lang.partition(",")[0].strip()
    if tag not in languages():
        usage(f"there is no language {tag!r}; there are: {', '.join(languages())}")
    return tag


def period(first: str, until: str) -> tuple[Instant, Instant]:
    """A period as it was typed; or the end of the command."""
    try:
        begins, ends = parse_utc(first), parse_utc(until)
    except ValueError as error:
        usage(str(error))
    if begins >= ends:
        usage(f"the period ends before it begins: --from {first} --to {until}")
    return begins, ends


def evidence_of(
    node: Path | None, bundle: Path | None, line: str | None, *, desk: bool, as_json: bool
) -> Verified:
    """The verified evidence of a bundle, or of a node's store, made in memory; offline."""
    if (node is None) == (bundle is None):
        usage("whose record? --node DIR, or --bundle FILE")
    if bundle is not None:
        if line is not None and not is_digest(line):
            usage("a bundle is of one line: --line is its whole name, 64 hex digits, or not given")
        return verified_file(bundle, None if line is None else LineId(line), as_json=as_json)
    assert node is not None, "one of the two was given"
    raw, _ = export_of(node, line, Scope(desk=desk, proofs=False), as_json=as_json)
    result = verify(raw)
    assert isinstance(result, Verified), "it was just made"
    return result


def plain_review(found: Review) -> Plain:
    """The review's JSON, as its file has it."""
    made: Plain = msgspec.json.decode(write_review(found))
    return made


@app.command()
def compare(
    left: Annotated[Path, typer.Argument(metavar="A.json")],
    right: Annotated[Path, typer.Argument(metavar="B.json")],
    html: Html = None,
    lang: Lang = FALLBACK,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Lay two parties' reviews of one line and period side by side, row by row.

    Exit 0: all that is public is the same; 1: something differs, both values with whose they are;
    3: nothing differs, but something public is in one alone; 2: they cannot be compared.

    Example: clearline review compare ours/review.json theirs/review.json --html both.html
    """
    lang = _known(lang)
    if html is not None:
        free(html, force=force)
    both = reconcile(_read(left, as_json=as_json), _read(right, as_json=as_json))
    if isinstance(both, Refusal):
        _unusable(both, as_json=as_json)
    if html is not None:
        write_whole(html, reconciled_page(both, lang).encode())
    said: dict[str, Plain] = {
        "says": list(NOTICE_LINES), "line": both.left.line,
        "exercise": both.left.exercise or both.right.exercise, "left": both.left.maker,
        "right": both.right.maker, "exit": both.exit, "lines": plain(both.lines),
    }  # fmt: skip
    show(reconciled_text(both, lang), said, as_json=as_json)
    raise typer.Exit(both.exit)


def _read(path: Path, *, as_json: bool) -> Review:
    try:
        found = read_review(path.read_bytes())
    except OSError as error:
        usage(f"{path}: {error.strerror or error}")
    if isinstance(found, Refusal):
        _unusable(found, as_json=as_json)
    return found


def _unusable(refusal: Refusal, *, as_json: bool) -> NoReturn:
    with contextlib.suppress(typer.Exit):
        refuse(refusal, as_json=as_json)
    raise typer.Exit(USAGE)


@app.command("schema")
def show_schema() -> None:
    """Print the JSON schema of a review.

    Example: clearline review schema
    """
    typer.echo(schema().decode(), nl=False)


@app.command()
def wish(
    text: Annotated[str, typer.Argument(metavar="WISH", help="What is to change, in your words.")],
    topic: Annotated[str, typer.Option("--topic", help="What it is about; see --topic list.")],
    about: Annotated[
        str | None, typer.Option("--about", metavar="REF", help="The entry that shows why.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="The language of your words.")] = "en",
    send: Annotated[
        bool, typer.Option("--send", help="Say it on the line; else it stays on this node.")
    ] = False,
    node: NodeFolder = None, url: Url = None, token_file: Token = None, line: NodeLine = None,
    role: Role = None, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Note what you want changed in the agreement, for the next review. It stays in this node's
    private desk record, and only your own review shows it; with --send the others read it now.

    Example: clearline review wish "30 min for convoys" --topic lead-times --node alfa-node
    """
    topics = next(f.choices for f in templates()[WISH].fields if f.name == "topic")
    if topic not in topics:
        usage(f"{topic!r} is no topic: {', '.join(topics)}")
    place = str(ref(about)) if about is not None else None

    def do(client: Client) -> FiledView:
        name = line_id(client, line)
        if not send:
            facts: dict[str, str | int] = {"wish": text, "topic": topic, "lang": lang}
            facts |= {"about": place} if place is not None else {}
            return client.do(asks.note(name, Remark(what=WISH_NOTE, params=facts)))
        fields = [Field(name="topic", value=topic)]
        fields += [Field(name="entry", value=place)] if place is not None else []
        said = Message(
            template=WISH, fields=tuple(fields), remark=FreeText(lang=lang, text=text)
        )  # fmt: skip
        return client.say(name, said, role=role)

    done = run(node, url, token_file, do, as_json=as_json, role="watch")
    show([done.words], plain(done), as_json=as_json)
