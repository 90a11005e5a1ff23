"""Attack: somebody, the maker itself included, changes what a bundle shows.

``resealed`` bundles are forged by their own maker: the list of members and its signature are right,
and only what others signed can tell.
"""

from base64 import b64decode, b64encode
from functools import lru_cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearline.evidence.bundle import read_bundle
from clearline.evidence.facts import Level, What
from clearline.evidence.parts import Scope
from clearline.evidence.said import plain, says, text
from clearline.evidence.verify import verify
from clearline.ledger.checkpoint import Checkpoint, origin_of, sign_checkpoint
from clearline.ledger.merkle import Frontier, commitment, leaf_hash
from clearline.model.entry import Answer, Reply
from clearline.model.ids import FeedId, LineId
from clearline.model.refusal import Refusal
from clearline.wire.entry import read_frame, write_frame
from tests.evidence_town import (
    SkewedTown,
    busy,
    checked,
    export,
    lines,
    members,
    named,
    notice,
    resealed,
)
from tests.town import MINUTE, node_key_of

ENTRIES = "feeds/BBB.0/entries"
LEAVES = "feeds/BBB.0/leaves"


@lru_cache
def town() -> SkewedTown:
    return busy()


@lru_cache
def whole() -> bytes:
    return export(town(), "AAA", Scope(desk=True))


def forged(name: str, changed: list[bytes], **manifest: object) -> bytes:
    """The whole bundle with the lines of one member replaced, sealed by its maker."""
    return resealed(whole(), "AAA", {name: b"".join(changed)}, **manifest)


def entry_line(index: int, salt: bytes, data: bytes) -> bytes:
    return b"%d %b %b\n" % (index, b64encode(salt), b64encode(data))


def opened(index: int, name: str = ENTRIES) -> tuple[bytes, bytes]:
    _, salt, data = lines(whole(), name)[index].split(b" ")
    return b64decode(salt), b64decode(data)


def test_whole_bundle_holds_in_every_step() -> None:
    """The bundle that the other tests spoil is whole before they do."""
    result = checked(whole(), line=town().line)
    assert (result.exit, result.findings) == (0, ())
    assert [step.number for step in result.steps] == list(range(1, 13))


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 1 << 30), bit=st.integers(0, 7))
def test_any_flipped_bit_is_noticed(at: int, bit: int) -> None:
    """No bit of the file can change, in contents, names, headers or directory, without notice."""
    raw = bytearray(whole())
    raw[at % len(raw)] ^= 1 << bit
    result = verify(bytes(raw))
    assert isinstance(result, Refusal) or result.exit == 1


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 1 << 30), value=st.integers(0, 255))
def test_any_inserted_or_removed_byte_is_noticed(at: int, value: int) -> None:
    """A byte more or less anywhere is noticed too."""
    raw, place = whole(), at % len(whole())
    for spoilt in (raw[:place] + bytes((value,)) + raw[place:], raw[:place] + raw[place + 1 :]):
        result = verify(spoilt)
        assert isinstance(result, Refusal) or result.exit == 1


@settings(max_examples=40, deadline=None)
@given(at=st.integers(0, 1 << 30))
def test_truncated_file_is_noticed(at: int) -> None:
    """A file that breaks off is refused or named as wrong, wherever it breaks."""
    result = verify(whole()[: at % len(whole())])
    assert isinstance(result, Refusal) or result.exit == 1


@settings(max_examples=40, deadline=None)
@given(raw=st.binary(max_size=400))
def test_random_bytes_are_refused(raw: bytes) -> None:
    """What is no bundle is refused, with code and clause, and never raises."""
    assert isinstance(verify(raw), Refusal)
    assert isinstance(verify(b"PK\x03\x04" + raw), Refusal)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_flip_in_a_resealed_member_is_noticed(data: st.DataObject) -> None:
    """Even its maker, who can sign the list anew, cannot flip a bit of what others have signed."""
    found = members(whole())
    names = [n for n in sorted(found) if n.startswith(("feeds/B", "proofs/B", "documents/"))]
    name = data.draw(st.sampled_from(names))
    spoilt = bytearray(found[name])
    at = data.draw(st.integers(0, len(spoilt) - 1))
    spoilt[at] ^= 1 << data.draw(st.integers(0, 7))
    result = verify(resealed(whole(), "AAA", {name: bytes(spoilt)}))
    assert isinstance(result, Refusal) or result.exit == 1


def test_altered_entry_is_named() -> None:
    """Another word in an entry: its place, code, clause and sentence are said."""
    every = lines(whole(), ENTRIES)
    salt, data = opened(6)
    every[6] = entry_line(6, salt, data.replace(b"area", b"zone"))
    result = checked(forged(ENTRIES, every))
    assert named(result, What.ALTERED) == {"BBB.0/6"}
    assert "BBB.0/6" in "\n".join(text(result))
    (finding,) = [one for one in result.findings if one.what is What.ALTERED]
    assert (finding.code, finding.clause) == ("bad-proof", "CL-EVI-006")
    assert says(finding).startswith("Entry BBB.0/6 was altered")


def test_dropped_entry_is_named() -> None:
    """An entry that is left out without a word is named, by the maker's own commitment."""
    every = lines(whole(), ENTRIES)
    del every[6]
    assert named(checked(forged(ENTRIES, every)), What.DROPPED) == {"BBB.0/6"}


def test_dropped_leaf_is_named() -> None:
    """A commitment that is taken out with its entry breaks the root, and the place is named."""
    leaves, every = lines(whole(), LEAVES), lines(whole(), ENTRIES)
    del leaves[4]
    raw = resealed(whole(), "AAA", {LEAVES: b"".join(leaves), ENTRIES: b"".join(every)})
    assert "BBB.0/4" in named(checked(raw), What.DROPPED)


def test_reordered_entries_are_named_with_where_they_belong() -> None:
    """Two entries that change places are both named, with the place that each belongs to."""
    every = lines(whole(), ENTRIES)
    every[5], every[6] = entry_line(5, *opened(6)), entry_line(6, *opened(5))
    result = checked(forged(ENTRIES, every))
    assert named(result, What.REORDERED) == {"BBB.0/5", "BBB.0/6"}
    belongs = {one.index: one.params["belongs"] for one in result.findings if one.params}
    assert belongs == {5: "BBB.0/6", 6: "BBB.0/5"}


def test_reordered_leaves_are_refused() -> None:
    """Commitments that change places with their entries give another root."""
    every, leaves = lines(whole(), ENTRIES), lines(whole(), LEAVES)
    every[5], every[6] = entry_line(5, *opened(6)), entry_line(6, *opened(5))
    leaves[5], leaves[6] = leaves[6], leaves[5]
    raw = resealed(whole(), "AAA", {ENTRIES: b"".join(every), LEAVES: b"".join(leaves)})
    result = checked(raw)
    assert named(result, What.BAD_ROOT, What.LEAF_ALTERED)
    assert named(result, What.MISPLACED, What.LEAF_ALTERED) >= {"BBB.0/5", "BBB.0/6"}


def test_duplicated_entry_is_named() -> None:
    """An entry that stands twice is named."""
    every = lines(whole(), ENTRIES)
    every.insert(7, every[6])
    assert named(checked(forged(ENTRIES, every)), What.DUPLICATED) == {"BBB.0/6"}


def test_added_entry_is_named() -> None:
    """An entry beyond the signed record is named."""
    every = [*lines(whole(), ENTRIES), entry_line(10, *opened(6))]
    assert named(checked(forged(ENTRIES, every)), What.ADDED) == {"BBB.0/10"}


def test_swapped_salts_are_named() -> None:
    """Two entries under each other's salts open nothing: both are named."""
    every = lines(whole(), ENTRIES)
    (salt5, data5), (salt6, data6) = opened(5), opened(6)
    every[5], every[6] = entry_line(5, salt6, data5), entry_line(6, salt5, data6)
    assert named(checked(forged(ENTRIES, every)), What.ALTERED) == {"BBB.0/5", "BBB.0/6"}


def test_altered_commitment_is_told_from_an_altered_entry() -> None:
    """Where only a commitment was spoilt, the entry is proved and the commitment is named."""
    leaves = lines(whole(), LEAVES)
    leaves[6] = b64encode(bytes(32)) + b"\n"
    result = checked(forged(LEAVES, leaves))
    assert named(result, What.LEAF_ALTERED) == {"BBB.0/6"}
    assert not named(result, What.ALTERED)


def test_truncated_record_is_named_through_the_makers_own_receipts() -> None:
    """A maker that cuts another's record at an older checkpoint has signed that it saw more."""
    part = next(p for p in read_bundle(whole()).content.feeds if p.feed == "BBB.0")
    front = Frontier().extend(leaf_hash(leaf) for leaf in part.leaves[:7])
    shorter = signed_by("BBB", town().line, FeedId("BBB.0"), front)
    raw = cut(whole(), "AAA", FeedId("BBB.0"), 7, shorter)
    assert named(checked(raw), What.TRUNCATED) == {"BBB.0/7"}


def test_truncated_own_record_is_named_through_a_peers_receipt() -> None:
    """A maker that cuts its own record short, with a checkpoint that it did sign once: a peer's
    entry has seen more of it."""
    part = next(p for p in read_bundle(whole()).content.feeds if p.feed == "AAA.0")
    front = Frontier().extend(leaf_hash(leaf) for leaf in part.leaves[:6])
    shorter = signed_by("AAA", town().line, FeedId("AAA.0"), front)
    raw = cut(whole(), "AAA", FeedId("AAA.0"), 6, shorter)
    assert named(checked(raw), What.TRUNCATED) == {"AAA.0/6"}


def cut(raw: bytes, party: str, feed: FeedId, size: int, checkpoint: bytes) -> bytes:
    """A bundle whose maker shows only the first entries of a feed, consistently."""
    bundle = read_bundle(raw)
    changed: dict[str, bytes | None] = {
        f"feeds/{feed}/{name}": b"".join(lines(raw, f"feeds/{feed}/{name}")[:size])
        for name in ("leaves", "entries")
    }
    changed[f"feeds/{feed}/checkpoint"] = checkpoint
    changed |= {n: None for n in members(raw) if n.startswith(f"proofs/{feed}/")}
    received = {f: list(t[:size] if f == feed else t) for f, t in bundle.content.received.items()}
    changed["own/received.json"] = msgspec.json.encode(received, order="sorted")
    held = tuple(
        msgspec.structs.replace(one, size=size, shown=size) if one.feed == feed else one
        for one in bundle.manifest.held
    )
    return resealed(raw, party, changed, held=held)


def signed_by(party: str, line: LineId, feed: FeedId, front: Frontier) -> bytes:
    tree = Checkpoint(origin=origin_of(line, feed), size=front.size, root=front.root)
    return sign_checkpoint(tree, node_key_of(party)).text


def rewritten(index: int, earlier_ms: int) -> bytes:
    """AAA's own record with one entry dated earlier, rewritten and signed by AAA with its own key:
    all that AAA alone can make right is right."""
    bundle = read_bundle(whole())
    part = next(p for p in bundle.content.feeds if p.feed == "AAA.0")
    every, leaves = lines(whole(), "feeds/AAA.0/entries"), list(part.leaves)
    frame = read_frame(part.shown[index].data)
    assert not isinstance(frame, Refusal)
    moved = write_frame(msgspec.structs.replace(frame, t=frame.t - earlier_ms))
    salt = part.shown[index].salt
    every[index], leaves[index] = entry_line(index, salt, moved), commitment(salt, moved)
    front = Frontier().extend(leaf_hash(leaf) for leaf in leaves)
    received = {feed: list(times) for feed, times in bundle.content.received.items()}
    received["AAA.0"][index] -= earlier_ms
    changed: dict[str, bytes | None] = {
        "feeds/AAA.0/entries": b"".join(every),
        "feeds/AAA.0/leaves": b"".join(b64encode(leaf) + b"\n" for leaf in leaves),
        "feeds/AAA.0/checkpoint": signed_by("AAA", town().line, FeedId("AAA.0"), front),
        "own/received.json": msgspec.json.encode(received, order="sorted"),
    }
    changed |= {n: None for n in members(whole()) if n.startswith("proofs/AAA.0/")}
    return resealed(whole(), "AAA", changed)


def test_back_dated_entry_is_named_by_what_it_had_seen() -> None:
    """AAA rewrites its answer as a minute earlier: the entry had seen BBB's notice, which was not
    yet written then."""
    result = checked(rewritten(7, 90_000))
    assert "AAA.0/7" in named(result, What.BACK_DATED)
    said = {str(one.params["after"]) for one in result.findings if one.what is What.BACK_DATED}
    assert "BBB.0/6" in said


def test_rewritten_record_contradicts_the_checkpoints_that_peers_showed() -> None:
    """The rewritten record is another history than the one whose checkpoint peers gossiped."""
    result = checked(rewritten(7, 10))
    assert named(result, What.FORKED)
    assert all(one.feed == "AAA.0" for one in result.findings if one.what is What.FORKED)


def test_withheld_entry_that_is_shown_is_named() -> None:
    """A manifest that says withheld of what stands there contradicts itself."""
    raw = export(town(), "AAA", Scope(withhold=("stop",)))
    raw = resealed(raw, "AAA", {ENTRIES: b"".join(lines(whole(), ENTRIES))})
    assert named(checked(raw), What.WITHHELD_SHOWN) == {"BBB.0/8"}


def test_withheld_entry_that_is_not_stated_is_named_as_dropped() -> None:
    """What is not shown and not stated as withheld was dropped."""
    raw = export(town(), "AAA", Scope(withhold=("stop",)))
    assert checked(raw).exit == 3
    assert named(checked(resealed(raw, "AAA", {}, withheld=())), What.DROPPED) == {"BBB.0/8"}


def test_wrongly_signed_checkpoint_is_named() -> None:
    """A checkpoint under another party's key speaks for nobody's record."""
    part = next(p for p in read_bundle(whole()).content.feeds if p.feed == "BBB.0")
    front = Frontier().extend(leaf_hash(leaf) for leaf in part.leaves)
    spoilt = signed_by("AAA", town().line, FeedId("BBB.0"), front)
    result = checked(resealed(whole(), "AAA", {"feeds/BBB.0/checkpoint": spoilt}))
    assert named(result, What.WRONGLY_SIGNED) == {"BBB.0"}


def test_bundle_signed_by_another_party_is_named() -> None:
    """Only a node key of the party that it names can sign a bundle."""
    assert named(checked(resealed(whole(), "BBB", {})), What.MAKER) == {""}


def test_foreign_line_is_named() -> None:
    """A bundle of another line than the reader's is wrong, however consistent in itself."""
    assert named(checked(whole(), line=LineId("0" * 64)), What.FOREIGN_LINE)
    assert checked(whole(), line=LineId("0" * 64)).exit == 1


def test_entry_of_a_foreign_line_is_named() -> None:
    """An entry of another line, put in place by its own writer, is named."""
    other = busy(("AAA", "BBB", "CCC"))
    part = next(p for p in read_bundle(export(other, "AAA")).content.feeds if p.feed == "AAA.0")
    mine = next(p for p in read_bundle(whole()).content.feeds if p.feed == "AAA.0")
    every, leaves = lines(whole(), "feeds/AAA.0/entries"), list(mine.leaves)
    shown = part.shown[7]
    every[7] = entry_line(7, shown.salt, shown.data)
    leaves[7] = commitment(shown.salt, shown.data)
    front = Frontier().extend(leaf_hash(leaf) for leaf in leaves)
    changed: dict[str, bytes | None] = {
        "feeds/AAA.0/entries": b"".join(every),
        "feeds/AAA.0/leaves": b"".join(b64encode(leaf) + b"\n" for leaf in leaves),
        "feeds/AAA.0/checkpoint": signed_by("AAA", town().line, FeedId("AAA.0"), front),
    }
    assert "AAA.0/7" in named(checked(resealed(whole(), "AAA", changed)), What.MISPLACED)


def test_edited_desk_record_is_named() -> None:
    """A desk record that does not open its commitment is named."""
    every = lines(whole(), "desk/records")
    index, salt, data = every[0].split(b" ")
    spoilt = b64encode(b64decode(data).replace(b"signed-in", b"signed-on"))
    every[0] = b"%b %b %b\n" % (index, salt, spoilt)
    result = checked(forged("desk/records", every))
    assert named(result, What.DESK) == {"desk/records"}


@pytest.mark.parametrize("name", ["documents/0001.json", "documents/0002.json"])
def test_missing_document_is_named(name: str) -> None:
    """Without the terms there is no line; without a manifest nobody's key is known."""
    result = checked(resealed(whole(), "AAA", {name: None}))
    assert result.exit == 1
    assert named(result, What.DOCUMENT, What.WRONGLY_SIGNED)


def test_member_that_nobody_listed_is_named() -> None:
    """A file that rides along is named, also when the maker lists it."""
    raw = resealed(whole(), "AAA", {"own/extra.json": b"{}"})
    assert named(checked(raw), What.MEMBER) == {"own/extra.json"}


def test_own_receiving_time_that_contradicts_the_record_is_named() -> None:
    """A receiving time after the maker's own entry that had seen it contradicts what it signed."""
    bundle = read_bundle(whole())
    received = {feed: list(times) for feed, times in bundle.content.received.items()}
    received["BBB.0"] = [t + (60 * MINUTE) for t in received["BBB.0"]]
    raw = msgspec.json.encode(received, order="sorted")
    result = checked(resealed(whole(), "AAA", {"own/received.json": raw}))
    assert named(result, What.OWN_CONTRADICTION)
    assert {one.clause for one in result.findings} == {"CL-EVI-012"}


def test_hostile_words_neither_break_the_page_nor_the_terminal() -> None:
    """Markup, quotes and line breaks in a party's words stay words."""
    from clearline.evidence.report import page

    bad = '<script>alert(1)</script>"><img src=x> \u05d0\u05d1'
    place = SkewedTown(("AAA", "BBB"))
    (ref,) = place.say("AAA", notice(34.0, label=bad))
    place.settle()
    place.say("BBB", Answer(to=ref, reply=Reply.ROGER, role="watch-officer"))
    place.settle()
    result = checked(export(place, "BBB"))
    made = page(result)
    assert "<script" not in made
    assert "<img" not in made
    assert "&lt;script&gt;" in made
    assert "<bdi>" in made
    assert all("\n" not in line for line in text(result))
    assert plain(result)["exit"] == 0


def test_every_finding_has_its_words() -> None:
    """Each kind of finding has a sentence, each of our clauses a rule."""
    from clearline.evidence.words import FINDINGS, RULES

    assert set(FINDINGS) == {what.value for what in What}
    assert len(RULES) == 17
    assert {level.value for level in Level} == {"wrong", "unknown", "note"}


HOSTILE = st.one_of(
    st.integers(-(1 << 53) + 1, (1 << 53) - 1),
    st.sampled_from(["", "\x1b[2J", "\u202eAAA.0", "AAA.0/../x", "<b>", None, True, [], {}]),
    st.lists(st.integers(-5, 5), max_size=3),
)


def _spoil(value: object, data: st.DataObject) -> object:
    """One place of a plain value, wherever it is, replaced by something hostile."""
    if isinstance(value, dict) and value and data.draw(st.booleans()):
        name = data.draw(st.sampled_from(sorted(value)))
        return {**value, name: _spoil(value[name], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 3)):
        at = data.draw(st.integers(0, len(value) - 1))
        return [*value[:at], _spoil(value[at], data), *value[at + 1 :]]
    return data.draw(HOSTILE)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_hostile_statements_of_the_maker_never_raise(data: st.DataObject) -> None:
    """Whatever a maker states in its own name, the verifier ends with a result that reads the same
    as text, JSON and page, and nothing in it can act on a terminal."""
    from clearline.evidence.report import page

    names = [name for name in sorted(members(whole())) if name.startswith("own/")]
    name = data.draw(st.sampled_from([*names, "manifest.json"]))
    spoilt = _spoil(msgspec.json.decode(members(whole())[name]), data)
    raw = msgspec.json.encode(spoilt, order="sorted")
    if name == "manifest.json":
        from clearline.evidence.container import pack

        result = verify(pack({**members(whole()), name: raw}))
    else:
        result = verify(resealed(whole(), "AAA", {name: raw}))
    if isinstance(result, Refusal):
        return
    assert msgspec.json.encode(plain(result))
    assert "<b>" not in page(result)
    assert all(line.isprintable() for line in text(result))
