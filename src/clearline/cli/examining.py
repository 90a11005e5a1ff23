"""What ``node doctor`` looks at: configuration, keys, people, files, database, every tree."""

import stat
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from clearline.api.people import PeopleUnreadable, read_people
from clearline.assembly import CannotRun, OwnKeys, open_channels, read_keys
from clearline.cli.lookup import stored_node_view
from clearline.config import ALONE, ConfigError, Placed, read_config, stands_alone
from clearline.ledger.merkle import EMPTY_ROOT, entry_leaf, node_hash
from clearline.model.entry import LinkState
from clearline.model.time import DAY, Instant, format_utc
from clearline.node.ports import StoreUnreadable
from clearline.node.views import LineView, NodeView, Wait
from clearline.store.doctor import Found, Grade, Hashing, Premises, examine
from clearline.store.lease import holder

MONTH_MS = 30 * DAY
"""So long before a certificate ends somebody is told: tablets have to get another authority."""
HASHING = Hashing(leaf=entry_leaf, node=node_hash, empty=EMPTY_ROOT)


def examine_node(folder: Path, now: Instant) -> tuple[Found, ...]:
    """Everything that is found; only notes when all is well. Reads only."""
    try:
        placed = read_config(folder)
    except ConfigError as why:
        return tuple(_bad("config", "CL-CFG-001", text) for text in str(why).splitlines())
    found: list[Found] = []
    own: OwnKeys | None = None
    try:
        own = read_keys(placed.party)
        found += _keys(own)
        open_channels(placed)
    except (CannotRun, ConfigError, OSError) as why:
        found.append(_bad("config", "CL-CFG-002", str(why)))
    found += _people(placed, now)
    found += _certificate(placed, now)
    if stands_alone(placed.config):
        found.append(_warning("no-link", "CL-CFG-003", ALONE.removesuffix(" (CL-CFG-003)")))
    view: NodeView | None = None
    if own is not None and placed.database.exists():
        try:
            view = stored_node_view(placed, now)
        except (CannotRun, StoreUnreadable, OSError, AssertionError) as why:
            found.append(_bad("cannot-start", "CL-STO-006", f"the state cannot be read: {why}"))
    feeds = () if view is None else tuple((line.line, line.feed) for line in view.lines)
    premises = Premises(
        database=placed.database, highwater=placed.highwater, lease=placed.lease, own=feeds
    )
    found += examine(premises, hashing=HASHING)
    if view is not None:
        found += _lines(view, placed)
        assert own is not None, "there is no view without keys"
        found += _manifests(view, own, running=holder(placed.lease) is not None)
    return tuple(found)


def _keys(own: OwnKeys) -> Iterator[Found]:
    manifest = own.chain.manifest
    named = set() if manifest is None else {key.key for key in manifest.keys}
    if not named & set(own.signers):
        text = f"no key of {own.party}'s newest manifest is here: nothing can be signed"
        yield _bad("key-missing", "CL-KEY-001", text)


def _people(placed: Placed, now: Instant) -> Iterator[Found]:
    path = placed.tokens
    try:
        people = read_people(path)
    except (OSError, PeopleUnreadable) as why:
        yield _bad("people", "CL-API-001", f"nobody can use the API: {why}")
        return
    if not people:
        yield _warning("people", "CL-API-001", "nobody has a token: nobody can use the API")
    for person in people:
        if person.until is not None and person.until <= now:
            text = f"the token of {person.person} ended at {format_utc(person.until)}"
            yield Found(code="token-ended", clause="CL-API-001", grade=Grade.NOTE, text=text)
    folder = placed.folder / "tokens"
    signed_in = (each for each in placed.sign_ins.rglob("*") if each.is_file())
    private = [path, *(folder.glob("*.token") if folder.is_dir() else ()), *signed_in]
    for file in private:
        if stat.S_IMODE(file.stat().st_mode) & 0o077:
            text = f"{file.name} is open to other accounts of this machine: chmod go= {file.name}"
            yield _warning("open-to-others", "CL-STO-009", text)


def _certificate(placed: Placed, now: Instant) -> Iterator[Found]:
    """Whether browsers still take the certificate of the API and the console."""
    name = placed.config.api.certificate
    if name is None:
        return
    try:
        first = x509.load_pem_x509_certificates(placed.path(name).read_bytes())[0]
    except (OSError, ValueError) as why:
        yield _bad("certificate", "CL-CFG-002", f"api.certificate cannot be read: {why}")
        return
    until = Instant(int(first.not_valid_after_utc.timestamp()) * 1000)
    if until <= now + MONTH_MS:
        ended = "ended" if until <= now else "ends"
        text = f"api.certificate {ended} at {format_utc(until)}: clearline node console-cert"
        yield _warning("certificate-ends", "CL-CFG-002", text)


def _lines(view: NodeView, placed: Placed) -> Iterator[Found]:
    roles = {role.role: role.channels for role in placed.config.roles}
    if not view.lines:
        yield _warning("no-line", "CL-AGR-001", "the node is on no line: clearline agreement adopt")
    for line in view.lines:
        if line.signing not in ("ready", "disk"):
            text = f"{line.feed} signs nothing ({line.signing}) until this is settled"
            yield _bad("not-signing", "CL-STO-007", text)
        link = placed.config.link
        for peer in line.peers:
            if link.listen is None and link.peers and peer.party not in link.peers:
                text = (
                    f"no address of {peer.party} is under [link.peers], and this node does not"
                    " listen: the two cannot meet"
                )
                yield _warning("no-link", "CL-CFG-003", text)
            if peer.state is LinkState.DOWN and peer.round_trip is None and not peer.joined:
                text = f"{peer.party} has not been heard on “{line.title}” yet"
                yield Found(code="not-heard", clause="CL-LNK-011", grade=Grade.NOTE, text=text)
    if not any(roles.values()):
        text = "no role has a channel: nobody would be called"
        yield _warning("no-route", "CL-ALT-001", text)


def _manifests(view: NodeView, own: OwnKeys, *, running: bool) -> Iterator[Found]:
    """The newest manifest of the party's folder against the one that each line uses."""
    newest = own.chain.serial
    for line in view.lines:
        if line.manifest < newest:
            text = (
                f"manifest {newest} of {own.party} has not reached “{line.title}”, which has"
                f" {line.manifest}: "
            )
            step = (
                "the node takes it within seconds; if this stays, its log says why it was refused"
                if running
                else "start the node"
            )
            yield _warning("manifest-waits", "CL-KEY-006", text + step)
        elif line.manifest > newest:
            text = (
                f"“{line.title}” has manifest {line.manifest} of {own.party}, the party's folder"
                f" only {newest}: put the newer ones into its folder chain"
            )
            yield _bad("manifest-lacking", "CL-KEY-006", text)
        elif 0 < line.rekeyed < line.manifest:
            text = (
                f"the record {line.feed} is still written under manifest {line.rekeyed}, not"
                f" {line.manifest}: "
            )
            yield _warning("rekey-waits", "CL-KEY-006", text + _rekey_step(line, running=running))


def _rekey_step(line: LineView, *, running: bool) -> str:
    if line.signing != "ready":
        return f"it signs nothing ({line.signing}) until that is settled"
    for each in line.waits:
        if each.party == line.me and each.what is not Wait.TIME:
            return each.words
    if not line.joined:
        return "this party has not joined yet: see clearline line status"
    return "restart the node" if running else "start the node"


def _bad(code: str, clause: str, text: str) -> Found:
    return Found(code=code, clause=clause, grade=Grade.BAD, text=text)


def _warning(code: str, clause: str, text: str) -> Found:
    return Found(code=code, clause=clause, grade=Grade.WARNING, text=text)


__all__ = ["Found", "Grade", "examine_node"]
