"""clearline party: make a party's keys and card, compare fingerprints, change keys."""

import base64
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from clearline.cli.output import AsJson, need, now, read, refuse, show, usage
from clearline.model.ids import (
    Digest,
    FeedId,
    LineId,
    PartyId,
    epoch_of,
    is_digest,
    is_feed_id,
    is_party_id,
    party_of,
)
from clearline.model.refusal import Code, Refusal
from clearline.signing import Signer, SoftwareSigner
from clearline.store import keyfile
from clearline.store.party_files import PartyFiles
from clearline.trust.chain import Chain, change_root, extend
from clearline.trust.documents import DocType, sign
from clearline.trust.party import (
    VERSION,
    EndedKey,
    EndReason,
    EpochOpening,
    FeedMark,
    KeyRole,
    Manifest,
    NodeKey,
    OpeningReason,
    PartyCard,
    fingerprint,
    make_card,
    read_card,
    same_fingerprint,
)

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)

Dir = Annotated[Path, typer.Option("--dir", help="The party's folder.")]
PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="Read the root key's passphrase from this file."),
]
MARK_FORM: Final = "LINE:FEED:SIZE:ROOT"


@app.command()
def new(
    party: Annotated[str, typer.Argument(metavar="ID", help="2 to 12 of A-Z, 0-9: ISR, OCHA.")],
    name: Annotated[str, typer.Option("--name", help="The name that others read.")],
    folder: Dir,
    passphrase_file: PassphraseFile = None,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help="Leave the root key unsealed (exercises only).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a party: root key, node key, TLS certificate, first manifest, card.

    Example: clearline party new ALFA --name "Northern Command" --dir alfa
    """
    if not is_party_id(party):
        usage(f"{party!r} is not a party's id: 2 to 12 of A-Z and 0-9, first a letter")
    folder = folder.resolve()
    if folder == Path.cwd():
        usage("name a folder for the party other than the one that you are in")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        why = "the folder is not empty; no key is ever overwritten"
        params = {"file": str(folder), "why": why}
        refuse(
            Refusal(code=Code.CONFLICTING_REQUEST, clause="CL-KEY-004", params={**params}),
            as_json=as_json,
        )
    passphrase = None if no_passphrase else _new_passphrase(passphrase_file)
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        scratch.mkdir(mode=0o700)
        card = fill_party(PartyFiles(scratch), PartyId(party), name, passphrase, as_json=as_json)
        scratch.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    _show_card(card, folder / "card.json", as_json=as_json)


@app.command()
def card(
    folder: Dir,
    as_json: AsJson = False,
) -> None:
    """Show a party's own card and its fingerprint, to give to the others.

    Example: clearline party card --dir alfa
    """
    files = PartyFiles(folder)
    signed = need(files.card(), as_json=as_json)
    _show_card(signed.body, files.card_path, as_json=as_json)


@app.command("fingerprint")
def fingerprint_(
    card_file: Annotated[Path, typer.Argument(metavar="CARD", help="A card.json that you got.")],
    expect: Annotated[
        str | None, typer.Option("--expect", help="The seven groups, as the party read them out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the fingerprint of a card in seven groups of digits; with --expect, compare it.

    Let the other party read its groups to you, in person, from its own screen. Exit 1 if they
    differ: then somebody put another key in its place.

    Example: clearline party fingerprint bravo/card.json --expect "12345 ... 67890"
    """
    signed = need(read_card(read(card_file, as_json=as_json)), as_json=as_json)
    found = fingerprint(signed.body.id, signed.body.root_key)
    if expect is not None and not same_fingerprint(found, expect):
        params = {"party": signed.body.id, "found": found, "expected": expect[:80]}
        refuse(Refusal(code=Code.BAD_KEY, clause="CL-TRU-011", params={**params}), as_json=as_json)
    compared = "the same" if expect is not None else "not compared"
    show(
        (f"{signed.body.id} {signed.body.name}", f"  {found}", f"  {compared}"),
        {
            "party": signed.body.id,
            "name": signed.body.name,
            "fingerprint": found,
            "same": None if expect is None else True,
        },
        as_json=as_json,
    )


@app.command()
def rekey(
    folder: Dir,
    end: Annotated[
        list[str] | None,
        typer.Option("--end", help=f"Where the old node key ended, {MARK_FORM}; repeat per feed."),
    ] = None,
    nothing_signed: Annotated[
        bool, typer.Option("--nothing-signed", help="The old key never signed in any feed.")
    ] = False,
    node: Annotated[
        Path | None, typer.Option("--node", help="The node's folder: looked at before anything.")
    ] = None,
    elsewhere: Annotated[
        bool,
        typer.Option(
            "--node-elsewhere",
            help="It is on another machine, and its status waits for no CONFIRMATION.",
        ),
    ] = False,
    reason: Annotated[EndReason, typer.Option("--reason")] = EndReason.ROTATED,
    new_tls: Annotated[bool, typer.Option("--new-tls", help="A new TLS certificate too.")] = False,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """A new node key: the next manifest, which ends the old key at the stated sizes and roots.

    What the old key signed beyond them is void. In a feed that is not named it ended at size 0, so
    name every feed that it wrote ("clearline line status" shows size and root). Without any --end
    it must be said that the old key signed nothing.

    While an epoch that an emergency opened waits for the root key, nothing is ended: the others
    could never take the confirmation any more. Confirm it first ("clearline party epoch").

    Example: clearline party rekey --dir alfa --node alfa-node --end 9c0f...:ALFA.0:120:77ab...
    """
    files, own, chain = _open(folder, as_json=as_json)
    assert chain.manifest is not None, "a chain without a manifest"
    marks = tuple(sorted((_mark(text, own.id) for text in end or ()), key=_place))
    if bool(marks) == nothing_signed:
        usage("name each feed that the old key wrote with --end, or say --nothing-signed")
    if (node is None) is not elsewhere:
        usage("give --node, or say --node-elsewhere: an epoch may wait for the root key")
    if node is not None:
        _look_at_node(node, own.id, marks, as_json=as_json)
    root = _root(files, chain, passphrase_file, as_json=as_json)
    seed, signer = keyfile.new_signer()
    manifest = _next_manifest(chain, chain.manifest, signer, marks, reason)
    if new_tls:
        tls = (*chain.manifest.tls, _write_tls(files, own.id))
        manifest = _with_tls(manifest, tls)
    raw = sign(DocType.MANIFEST, manifest, (root,))
    longer = need(extend(chain, raw), as_json=as_json)
    keyfile.write_key(files.key_path("node", signer.public.hex), seed, None)
    keyfile.create(files.link_path(longer.serial), raw)
    show(
        (
            f"{own.id}: manifest {longer.serial}, node key {signer.public.hex}",
            f"  {files.link_path(longer.serial)}",
        ),
        {
            "party": own.id,
            "serial": longer.serial,
            "manifest": longer.links[-1],
            "node_key": signer.public.hex,
            "file": str(files.link_path(longer.serial)),
        },
        as_json=as_json,
    )


@app.command("new-root")
def new_root(
    folder: Dir,
    passphrase_file: PassphraseFile = None,
    new_passphrase_file: Annotated[
        Path | None, typer.Option("--new-passphrase-file", help="The new key's passphrase.")
    ] = None,
    no_passphrase: Annotated[
        bool, typer.Option("--no-passphrase", help="Leave the new key unsealed (exercises only).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """A new root key, signed by the old and the new one, and a new card to compare in person.

    Example: clearline party new-root --dir alfa
    """
    files, own, chain = _open(folder, as_json=as_json)
    root = _root(files, chain, passphrase_file, as_json=as_json)
    passphrase = None if no_passphrase else _new_passphrase(new_passphrase_file)
    seed, signer = keyfile.new_signer()
    raw = need(change_root(chain, root, signer, issued=now()), as_json=as_json)
    longer = need(extend(chain, raw), as_json=as_json)
    keyfile.write_key(files.key_path("root", signer.public.hex), seed, passphrase)
    keyfile.create(files.link_path(longer.serial), raw)
    keyfile.replace(files.card_path, make_card(own.id, own.name, signer))
    fresh = need(files.card(), as_json=as_json)
    _show_card(fresh.body, files.card_path, as_json=as_json)


@app.command()
def epoch(
    folder: Dir,
    number: Annotated[int, typer.Option("--epoch", min=1, max=9_999)],
    previous: Annotated[
        str, typer.Option("--previous", help=f"Last known checkpoint before, {MARK_FORM}.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="Where to write the opening.")],
    reason: Annotated[OpeningReason, typer.Option("--reason")] = OpeningReason.RESTORED,
    open_from: Annotated[
        int, typer.Option("--open-from", min=0, help="Confirms an emergency: first free index.")
    ] = 0,
    passphrase_file: PassphraseFile = None,
    as_json: AsJson = False,
) -> None:
    """Open a new epoch of the party's feed on one line, after a restore, a takeover or a fork.

    Example: clearline party epoch --dir alfa --epoch 1 --previous 9c0f:ALFA.0:120:77ab -o e.json
    """
    files, own, chain = _open(folder, as_json=as_json)
    mark = _mark(previous, own.id)
    root = _root(files, chain, passphrase_file, as_json=as_json)
    writer = need(files.node_key(chain), as_json=as_json)
    opening = EpochOpening(
        v=VERSION, party=own.id, line=mark.line, epoch=number, key=writer.public.hex,
        previous=mark, reason=reason, issued=now(), open_from=open_from,
    )  # fmt: skip
    keyfile.create(output, sign(DocType.EPOCH, opening, (root,)))
    show(
        (f"{own.id}: opening of {own.id}.{number} written to {output}",),
        {"party": own.id, "feed": f"{own.id}.{number}", "file": str(output)},
        as_json=as_json,
    )


# --- parts -----------------------------------------------------------------------------------


def fill_party(
    files: PartyFiles, party: PartyId, name: str, passphrase: bytes | None, *, as_json: bool
) -> PartyCard:
    """All files of a new party, in a folder that has not got its name yet."""
    (files.folder / "keys").mkdir(mode=0o700)
    (files.folder / "chain").mkdir()
    root_seed, root = keyfile.new_signer()
    node_seed, node = keyfile.new_signer()
    card = need(read_card(make_card(party, name, root)), as_json=as_json)
    keyfile.write_key(files.key_path("root", root.public.hex), root_seed, passphrase)
    keyfile.write_key(files.key_path("node", node.public.hex), node_seed, None)
    manifest = Manifest(
        v=VERSION, party=party, name=name, root_key=root.public.hex, serial=1, issued=now(),
        keys=(NodeKey(key=node.public.hex, role=KeyRole.NODE),), tls=(_write_tls(files, party),),
    )  # fmt: skip
    raw = sign(DocType.MANIFEST, manifest, (root,))
    need(extend(Chain(party=party), raw), as_json=as_json)
    keyfile.create(files.link_path(1), raw)
    keyfile.create(files.card_path, make_card(party, name, root))
    return card.body


def _write_tls(files: PartyFiles, party: PartyId) -> str:
    """A new certificate and its key on disk; the certificate as a manifest carries it."""
    private, der = keyfile.new_tls(party)
    certificate_path, key_path = files.tls_paths(der)
    keyfile.create(key_path, private, keyfile.PRIVATE_MODE)
    keyfile.create(certificate_path, keyfile.pem(der))
    return base64.b64encode(der).decode("ascii")


def _next_manifest(
    chain: Chain,
    old: Manifest,
    signer: Signer,
    marks: tuple[FeedMark, ...],
    reason: EndReason,
) -> Manifest:
    """The manifest that ends every node key in use and puts one new key in their place."""
    fresh = signer.public.hex
    assert chain.root is not None, "a chain without a root"
    ended = tuple(
        EndedKey(
            key=key.key, role=key.role, reason=reason, lines=key.lines, next=fresh, feeds=marks
        )
        for key in old.keys
        if key.role is KeyRole.NODE
    )
    staying = tuple(key for key in old.keys if key.role is KeyRole.STANDBY)
    return Manifest(
        v=VERSION, party=old.party, name=old.name, root_key=chain.root, serial=chain.serial + 1,
        issued=now(), keys=(NodeKey(key=fresh, role=KeyRole.NODE), *staying), tls=old.tls,
        ended=(*old.ended, *ended), previous=chain.links[-1],
    )  # fmt: skip


def _look_at_node(
    folder: Path, party: PartyId, marks: tuple[FeedMark, ...], *, as_json: bool
) -> None:
    """Ends the command while an emergency's epoch is not confirmed, and where a feed that the key
    wrote is not named. The node's database is only read, also beside the running node."""
    from clearline.assembly import CannotRun
    from clearline.cli.lookup import stored_node_view
    from clearline.config import ConfigError, read_config
    from clearline.node.ports import StoreUnreadable
    from clearline.node.views import Wait

    try:
        view = stored_node_view(read_config(folder), now())
    except (CannotRun, ConfigError, StoreUnreadable) as why:
        usage(f"{folder} cannot be looked at: {why}")
    if view.party != party:
        usage(f"{folder} is a node of {view.party}, not of {party}")
    named = {(mark.line, mark.feed) for mark in marks}
    for line in view.lines:
        if any(each.what is Wait.CONFIRMATION for each in line.waits):
            size = next((head.size for head in line.heads if head.feed == line.feed), 0)
            words = (
                f"an emergency opened {line.feed} on “{line.title}”, and the root key has not"
                " confirmed it. Confirm it first: clearline party epoch --epoch"
                f" {epoch_of(line.feed)} --open-from {size}, put the file into the node's folder"
                " documents, and look at its status"
            )
            params = {"file": str(folder), "why": words}
            refuse(
                Refusal(code=Code.NOT_ALLOWED, clause="CL-KEY-005", params={**params}),
                as_json=as_json,
            )
        for head in line.heads:
            if party_of(head.feed) == party and head.size and (line.line, head.feed) not in named:
                usage(
                    f"{head.feed} on “{line.title}” is not named and would end at size 0: "
                    f"--end {line.line}:{head.feed}:{head.size}:{head.root}, or the size and root"
                    " that you stand by"
                )


def _with_tls(manifest: Manifest, tls: tuple[str, ...]) -> Manifest:
    return Manifest(
        v=manifest.v, party=manifest.party, name=manifest.name, root_key=manifest.root_key,
        serial=manifest.serial, issued=manifest.issued, keys=manifest.keys, tls=tls,
        ended=manifest.ended, previous=manifest.previous,
    )  # fmt: skip


def _open(folder: Path, *, as_json: bool) -> tuple[PartyFiles, PartyCard, Chain]:
    files = PartyFiles(folder)
    own = need(files.card(), as_json=as_json).body
    return files, own, need(files.chain(own.id, own.root_key), as_json=as_json)


def _root(
    files: PartyFiles, chain: Chain, passphrase_file: Path | None, *, as_json: bool
) -> SoftwareSigner:
    assert chain.root is not None, "a chain without a root"
    return need(files.root(chain.root, lambda: passphrase(passphrase_file)), as_json=as_json)


def passphrase(file: Path | None) -> bytes:
    """The passphrase of a file, its last newline apart, or typed at the prompt."""
    if file is not None:
        return file.read_bytes().rstrip(b"\r\n")
    return str(typer.prompt("Passphrase of the root key", hide_input=True, err=True)).encode()


def _new_passphrase(file: Path | None) -> bytes:
    if file is None and not sys.stdin.isatty():
        usage("the root key needs a passphrase: give --passphrase-file")
    if file is not None:
        typed = passphrase(file)
    else:
        typed = str(
            typer.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True)
        ).encode()
    if not typed:
        usage("the passphrase is empty")
    return typed


def _mark(text: str, party: PartyId) -> FeedMark:
    """LINE:FEED:SIZE:ROOT as a place in a feed."""
    parts = text.split(":")
    if len(parts) != 4 or not is_digest(parts[0]) or not is_digest(parts[3]):
        usage(f"{text!r} is not {MARK_FORM}")
    line, feed, size, root = parts
    if not is_feed_id(feed) or feed.partition(".")[0] != party or not size.isdecimal():
        usage(f"{text!r}: {feed} and {size} are not a feed of {party} and its size")
    return FeedMark(line=LineId(line), feed=FeedId(feed), size=int(size), root=Digest(root))


def _place(mark: FeedMark) -> tuple[str, str]:
    return (mark.line, mark.feed)


def _show_card(card: PartyCard, path: Path, *, as_json: bool) -> None:
    digits = fingerprint(card.id, card.root_key)
    show(
        (
            f"{card.id} {card.name}",
            f"  card         {path}",
            f"  root key     {card.root_key}",
            f"  fingerprint  {digits}",
            "Give the others the card, and read the fingerprint to each of them in person.",
        ),
        {
            "party": card.id,
            "name": card.name,
            "card": str(path),
            "root_key": card.root_key,
            "fingerprint": digits,
        },
        as_json=as_json,
    )
