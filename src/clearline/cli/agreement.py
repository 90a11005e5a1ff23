"""clearline agreement: the terms of a line, from a template to what every party has signed."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer
from msgspec import structs

from clearline.canonical import UNREADABLE, Plain, encode, why_not
from clearline.cli.output import REFUSED, AsJson, need, now, read, refuse, show, usage
from clearline.cli.party import PassphraseFile, passphrase
from clearline.conflict.geoid import GEOID_NAME, GEOID_SHA256
from clearline.model.ids import Digest, PartyId, is_party_id
from clearline.model.refusal import Code, Refusal
from clearline.model.terms import Agreement, DataTerm, PartyTerm
from clearline.model.time import Instant, format_utc, parse_utc
from clearline.store import keyfile
from clearline.store.party_files import PartyFiles
from clearline.trust.agreement import (
    countersign,
    first_fault,
    line_of,
    missing,
    party_term,
    read_agreement,
    sign_agreement,
    successor_fault,
    unsigned,
)
from clearline.trust.documents import Signed, digest_of, envelope, merge
from clearline.trust.draft import compile_draft, fill_template
from clearline.trust.party import PartyCard, fingerprint, read_card
from clearline.trust.show import describe, signatures
from clearline.trust.terms_check import faults
from clearline.trust.writing import next_draft

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

TEMPLATES: Final = ("bilateral-air", "humanitarian", "wildfire")
DATA: Final = (DataTerm(name=GEOID_NAME, sha256=Digest(GEOID_SHA256)),)

File = Annotated[Path, typer.Argument(metavar="FILE")]
Output = Annotated[Path, typer.Option("-o", "--output", help="Where to write the result.")]
Cards = Annotated[
    list[Path] | None, typer.Option("--party", "--card", help="A party's card; repeat.")
]


@app.command()
def draft(
    output: Output,
    template: Annotated[
        str | None, typer.Argument(metavar="TEMPLATE", help=" | ".join(TEMPLATES))
    ] = None,
    party: Cards = None,
    after: Annotated[
        Path | None, typer.Option("--from", help="A signed version: draft the one that follows.")
    ] = None,
    effective: Annotated[
        str | None, typer.Option("--effective", help="UTC, such as 2026-12-01T00:00:00Z; else now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a draft to edit, from a template and the parties' cards, or the next version of terms.
    With --from, cards are of parties that join, and the effective time stays unless one is given.

    Example: clearline agreement draft bilateral-air --party a.json --party b.json -o line.toml
    """
    if (template is None) == (after is None):
        usage("name a template, or a signed version with --from")
    if after is not None:
        signed = need(read_agreement(read(after, as_json=as_json)), as_json=as_json)
        named = structs.replace(signed.body, line=line_of(signed.body))
        body = _joined(named, party or (), as_json=as_json)
        if effective is not None:
            body = structs.replace(body, effective=_instant(effective))
        text = next_draft(body, signed.digest)
    else:
        text = _from_template(str(template), party or (), effective, as_json=as_json)
    try:
        keyfile.create(output, text.encode())
    except FileExistsError:
        usage(f"{output} exists already; a draft that somebody edited is not overwritten")
    show((f"draft written to {output}",), {"draft": str(output)}, as_json=as_json)


@app.command("compile")
def compile_(file: File, output: Output, as_json: AsJson = False) -> None:
    """Check a draft and write the canonical terms that parties sign; all faults are told at once.

    Example: clearline agreement compile line.toml -o line.json
    """
    agreement = _terms(read(file, as_json=as_json), as_json=as_json)
    keyfile.replace(output, encode(agreement))
    show(
        (f"{agreement.title}, version {agreement.version}: {output}", f"  {digest_of(agreement)}"),
        {"line": line_of(agreement), "digest": digest_of(agreement), "file": str(output)},
        as_json=as_json,
    )


@app.command()
def sign(
    file: File,
    folder: Annotated[Path, typer.Option("--as", help="The folder of the party that signs.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Where to write; else FILE itself.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Sign terms with the root key: a draft, compiled terms, or what others have signed already.

    Example: clearline agreement sign line.json --as alfa
    """
    raw = read(file, as_json=as_json)
    signed = need(read_agreement(raw), as_json=as_json) if _is_envelope(raw) else None
    agreement = signed.body if signed is not None else _terms(raw, as_json=as_json)
    files = PartyFiles(folder)
    own = need(files.card(), as_json=as_json).body
    term = party_term(agreement, own.id)
    if term is None or term.root_key != own.root_key:
        params = {"party": own.id, "key": own.root_key}
        refuse(
            Refusal(code=Code.UNKNOWN_KEY, clause="CL-AGR-002", params={**params}), as_json=as_json
        )
    root = need(files.root(own.root_key, lambda: passphrase(passphrase_file)), as_json=as_json)
    if signed is None:
        made = need(sign_agreement(agreement, root), as_json=as_json)
    else:
        made = need(countersign(signed, root), as_json=as_json)
    target = output or _beside(file)
    keyfile.replace(target, made)
    _show_state(need(read_agreement(made), as_json=as_json), target, as_json=as_json)


@app.command("merge")
def merge_(first: File, second: File, output: Output, as_json: AsJson = False) -> None:
    """Put together the signatures that two parties made apart on the same terms.

    Example: clearline agreement merge line-alfa.json line-bravo.json -o line.json
    """
    one = need(read_agreement(read(first, as_json=as_json)), as_json=as_json)
    other = need(read_agreement(read(second, as_json=as_json)), as_json=as_json)
    made = need(merge(one, other), as_json=as_json)
    keyfile.replace(output, made)
    _show_state(need(read_agreement(made), as_json=as_json), output, as_json=as_json)


@app.command("show")
def show_(file: File, as_json: AsJson = False) -> None:
    """Print terms as people read them, signed or not, and who has signed.

    Example: clearline agreement show line.json
    """
    raw = read(file, as_json=as_json)
    if not _is_envelope(raw):
        agreement = _terms(raw, as_json=as_json)
        show(describe(agreement), {"terms": _plain(agreement), "signed": []}, as_json=as_json)
        return
    signed = need(read_agreement(raw), as_json=as_json)
    text = (*describe(signed.body), "Signatures", *signatures(signed))
    plain: Plain = {"terms": _plain(signed.body), "digest": signed.digest, **_state(signed)}
    show(text, plain, as_json=as_json)


@app.command()
def verify(
    file: File,
    card: Cards = None,
    previous: Annotated[
        Path | None, typer.Option("--previous", help="The version before, to check the succession.")
    ] = None,
    left: Annotated[
        list[str] | None, typer.Option("--left", help="A party whose leave is on record; repeat.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check terms and signatures and name who has not signed. Exit 0 when all have, else 1.

    With --card, each root key must be the one of the card whose fingerprint you compared.

    Example: clearline agreement verify line.json --card alfa/card.json --card bravo/card.json
    """
    signed = need(read_agreement(read(file, as_json=as_json)), as_json=as_json)
    for path in card or ():
        _compare(signed.body, need(read_card(read(path, as_json=as_json)), as_json=as_json).body,
                 as_json=as_json)  # fmt: skip
    if previous is not None:
        old = need(read_agreement(read(previous, as_json=as_json)), as_json=as_json)
        fault = successor_fault(old, signed, left=_left(left))
        if fault is not None and fault.clause != "CL-AGR-001":
            refuse(fault, as_json=as_json)
    _show_state(signed, file, as_json=as_json)
    if missing(signed):
        raise typer.Exit(REFUSED)


@app.command()
def adopt(
    file: File,
    node: Annotated[Path, typer.Option("--node", help="The node's folder.")],
    left: Annotated[
        list[str] | None, typer.Option("--left", help="A party whose leave is on record; repeat.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Hand a version that all have signed to a node, which adopts it at its effective time.

    Refused, naming who is missing, until every party has signed.

    Example: clearline agreement adopt line.json --node alfa-node
    """
    signed = need(read_agreement(read(file, as_json=as_json)), as_json=as_json)
    absent = unsigned(signed)
    if absent is not None:
        refuse(absent, as_json=as_json)
    line = line_of(signed.body)
    inbox = node / "agreements"
    fault = _place_fault(inbox, signed, _left(left), as_json=as_json)
    if fault is not None:
        refuse(fault, as_json=as_json)
    inbox.mkdir(parents=True, exist_ok=True)
    target = inbox / f"{line}-v{signed.body.version}.json"
    if not target.exists():
        keyfile.create(target, envelope(signed))
    waiting = signed.body.effective > now()
    when = f"from {format_utc(signed.body.effective)}" if waiting else "at once"
    show(
        (f"{signed.body.title}, version {signed.body.version}: {target}", f"  adopted {when}"),
        {
            "line": line,
            "version": signed.body.version,
            "file": str(target),
            "effective": format_utc(signed.body.effective),
        },
        as_json=as_json,
    )


# --- parts -----------------------------------------------------------------------------------


def _from_template(
    name: str, paths: Sequence[Path], effective: str | None, *, as_json: bool
) -> str:
    if name not in TEMPLATES:
        usage(f"there is no template {name!r}: {', '.join(TEMPLATES)}")
    if len(paths) < 2:
        usage("give the cards of at least two parties with --party")
    cards = [need(read_card(read(path, as_json=as_json)), as_json=as_json).body for path in paths]
    text = resources.files("clearline.trust.templates").joinpath(f"{name}.toml").read_text("utf-8")
    return fill_template(text, cards, _instant(effective), DATA)


def _joined(agreement: Agreement, paths: Sequence[Path], *, as_json: bool) -> Agreement:
    """The terms with those whose cards are given as further parties."""
    parties = list(agreement.parties)
    for path in paths:
        card = need(read_card(read(path, as_json=as_json)), as_json=as_json).body
        if any(card.id == party.id for party in parties):
            usage(f"{card.id} is a party of these terms already")
        parties.append(PartyTerm(id=card.id, name=card.name, root_key=card.root_key))
    return structs.replace(agreement, parties=tuple(parties))


def _instant(text: str | None) -> Instant:
    if text is None:
        return Instant(now() // 1_000 * 1_000)
    try:
        return parse_utc(text)
    except ValueError as error:
        usage(str(error))


def _terms(raw: bytes, *, as_json: bool) -> Agreement:
    """Terms without signatures: canonical JSON, or a draft in TOML."""
    if raw.lstrip().startswith(b"{"):
        return _compiled(raw, as_json=as_json)
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        refuse(Refusal(code=Code.NOT_JSON, clause="CL-AGR-030"), as_json=as_json)
    made = compile_draft(text)
    if isinstance(made, tuple):
        refuse(made, as_json=as_json)
    return made


def _compiled(raw: bytes, *, as_json: bool) -> Agreement:
    malformed = why_not(raw)
    if malformed is not None:
        refuse(malformed, as_json=as_json)
    try:
        agreement = msgspec.json.decode(raw, type=Agreement)
    except UNREADABLE as error:
        params = {"why": str(error)[:120]}
        refuse(
            Refusal(code=Code.BAD_AGREEMENT, clause="CL-AGR-030", params={**params}),
            as_json=as_json,
        )
    wrong = faults(agreement)
    if wrong:
        refuse(wrong, as_json=as_json)
    return agreement


def _is_envelope(raw: bytes) -> bool:
    return raw.startswith(b'{"doc":')


def _beside(file: Path) -> Path:
    """Where a signature goes: into the file itself, but beside a draft."""
    return file.with_suffix(".json") if file.suffix == ".toml" else file


def _compare(agreement: Agreement, card: PartyCard, *, as_json: bool) -> None:
    """A root key in the terms must be the card's."""
    term = party_term(agreement, card.id)
    if term is not None and term.root_key == card.root_key:
        return
    params = {
        "party": card.id,
        "found": "none" if term is None else fingerprint(term.id, term.root_key),
        "expected": fingerprint(card.id, card.root_key),
    }
    refuse(Refusal(code=Code.BAD_KEY, clause="CL-TRU-011", params={**params}), as_json=as_json)


def _place_fault(
    inbox: Path, new: Signed[Agreement], left: frozenset[PartyId], *, as_json: bool
) -> Refusal | None:
    """Why a version does not follow what the node has: the first follows nothing, each later one
    the one before it, which must be there."""
    if new.body.version == 1:
        return first_fault(new)
    before = inbox / f"{line_of(new.body)}-v{new.body.version - 1}.json"
    old = need(read_agreement(read(before, as_json=as_json)), as_json=as_json)
    return successor_fault(old, new, left=left)


def _left(names: Sequence[str] | None) -> frozenset[PartyId]:
    for name in names or ():
        if not is_party_id(name):
            usage(f"{name!r} is not a party's id")
    return frozenset(PartyId(name) for name in names or ())


def _state(signed: Signed[Agreement]) -> dict[str, Plain]:
    absent = {term.id for term in missing(signed)}
    return {
        "signed": [term.id for term in signed.body.parties if term.id not in absent],
        "missing": [{"id": term.id, "name": term.name} for term in missing(signed)],
        "complete": not absent,
    }


def _show_state(signed: Signed[Agreement], file: Path, *, as_json: bool) -> None:
    agreement = signed.body
    absent = missing(signed)
    end = (
        f"not complete: {', '.join(f'{term.id} ({term.name})' for term in absent)} not signed"
        if absent
        else "signed by all"
    )
    show(
        (
            f"{agreement.title}, version {agreement.version}: {file}",
            f"  line {line_of(agreement)}",
            *signatures(signed),
            end,
        ),
        {
            "file": str(file), "line": line_of(agreement), "version": agreement.version,
            "digest": signed.digest, **_state(signed),
        },
        as_json=as_json,
    )  # fmt: skip


def _plain(agreement: Agreement) -> Plain:
    found: Plain = msgspec.json.decode(encode(agreement))
    return found
