"""Bundles from nodes' stores: what is shown, withheld, known at a time, and said about it."""

from base64 import b64encode
from functools import lru_cache

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearline.evidence.bundle import read_bundle
from clearline.evidence.container import Container, pack, unpack
from clearline.evidence.facts import Level, Verified, What
from clearline.evidence.feed_export import read_withhold
from clearline.evidence.gather import gather
from clearline.evidence.parts import Scope
from clearline.evidence.words import NOTICE_LINES
from clearline.ledger.merkle import Frontier, entry_leaf
from clearline.model.entry import Kind, Precedence, Relay, Relayed, RelayOutcome, Stop
from clearline.model.ids import Digest, FeedId, PartyId, feed_of
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.node.inbound import Beaten, Item, Papers, Pushed
from clearline.trust.documents import DocType, read, sign
from clearline.trust.party import (
    EndedKey,
    EndReason,
    EpochOpening,
    FeedMark,
    KeyRole,
    Manifest,
    NodeKey,
    OpeningReason,
)
from clearline.wire.entry import read_frame, write_frame
from tests.attacks.test_evidence_tampering import signed_by
from tests.evidence_town import (
    SkewedTown,
    SkewedTownOf,
    busy,
    checked,
    export,
    gathered,
    members,
    named,
    notice,
    resealed,
)
from tests.town import BEGIN, MINUTE, SECOND, at, manifest_of, node_key_of, root_of


@lru_cache
def town() -> SkewedTown:
    return busy()


def test_same_content_gives_the_same_bytes() -> None:
    """A bundle follows from what is in it: made twice at one time, it is the same file."""
    assert export(town(), "AAA") == export(town(), "AAA")


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z0-9][a-z0-9.-]{0,8}(/[a-z0-9]{1,5})?", fullmatch=True),
        st.binary(max_size=60),
        min_size=1,
        max_size=6,
    )
)
def test_container_gives_back_what_was_packed(found: dict[str, bytes]) -> None:
    """Packing and unpacking is identity, and the file is in its one form."""
    assert unpack(pack(found)) == Container(found, exact=True)


def test_container_opens_with_any_unzip() -> None:
    """A bundle is an ordinary zip to others."""
    import io
    import zipfile

    raw = export(town(), "AAA")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        assert archive.testzip() is None
        assert {n: archive.read(n) for n in archive.namelist()} == members(raw)


@pytest.mark.parametrize("name", ["../up", "/root", "a//b", "a b", "", "a/../b", "x" * 121])
def test_container_refuses_names_that_climb(name: str) -> None:
    """No member can be unpacked outside its folder."""
    with pytest.raises(ValueError, match="cannot name"):
        pack({name: b""})


def test_every_export_says_what_a_notice_is_not() -> None:
    """The two sentences stand verbatim in the manifest and in the read-me."""
    raw = export(town(), "AAA")
    assert read_bundle(raw).manifest.says == NOTICE_LINES
    assert NOTICE_LINES[0].encode() in members(raw)["README.txt"]
    assert "no permission" in NOTICE_LINES[0]
    assert "removes no protection" in NOTICE_LINES[0]


@pytest.mark.parametrize(
    ("word", "hidden"),
    [("stop", {"BBB.0/8"}), ("notice", {"AAA.0/5", "BBB.0/6"})],
)
def test_withheld_kind_keeps_its_place_and_says_so(word: str, hidden: set[str]) -> None:
    """Withheld entries are counted by place, their commitments stay, nothing else is wrong, and
    nowhere in the file is their content."""
    raw = export(town(), "AAA", Scope(withhold=(word,)))
    result = checked(raw)
    assert result.exit == 3
    assert named(result, What.WITHHELD) == hidden
    assert {checked.fact.size for checked in result.feeds} == {10}
    assert not {str(event.ref) for event in result.events} & hidden
    assert not any(f"/{ref}.".encode() in raw for ref in hidden)
    for ref in hidden:
        feed, index = ref.split("/")
        stored = town().nodes["AAA"].store.entries(town().line, FeedId(feed), int(index), 1)
        assert b64encode(stored[0].salt) not in raw
        assert b64encode(stored[0].data) not in raw
        assert b64encode(stored[0].salt) in export(town(), "AAA")


def test_withheld_party_keeps_what_the_proof_leans_on() -> None:
    """A party's entries are withheld but for those that say when it joined and what it adopted."""
    result = checked(export(town(), "AAA", Scope(withhold=("BBB",))))
    kinds = {event.kind for event in result.events if event.ref.feed == "BBB.0"}
    assert (result.exit, kinds) == (3, {"join", "adopt"})
    assert read_bundle(export(town(), "AAA", Scope(withhold=("BBB",)))).manifest.alerts_withheld


def test_range_and_before_withhold_by_own_clock() -> None:
    """--from, --to and before: go by when things reached this node."""
    middle = Instant(BEGIN + 15 * SECOND)
    after = {"BBB.0/6", "AAA.0/7", "BBB.0/8", "AAA.0/9"}
    for scope, shown in (
        (Scope(first=middle), after),
        (Scope(until=middle), {"AAA.0/5"}),
        (Scope(withhold=("before:2026-03-01T00:00:15Z",)), after),
    ):
        result = checked(export(town(), "AAA", scope))
        told = {str(e.ref) for e in result.events if e.kind not in ("join", "adopt")}
        assert (result.exit, told) == (3, shown)


@pytest.mark.parametrize("word", ["join", "adopt", "rekey", "leave", "nonsense", "before:noon"])
def test_withhold_refuses_what_cannot_be_withheld(word: str) -> None:
    """What the proof leans on, and what is no kind, party or time, is refused with a sentence."""
    with pytest.raises(ValueError, match=r"."):
        read_withhold([word])


def test_withhold_reads_kinds_parties_and_times() -> None:
    """The three ways to say what is withheld."""
    read = read_withhold(["stop", "BBB", "before:2026-03-01T00:00:15Z"])
    assert (read.kinds, read.parties) == ({Kind.STOP}, {"BBB"})
    assert read.before == BEGIN + 15 * SECOND


def test_what_could_be_known_at_a_time_holds_nothing_later() -> None:
    """--at shows only what had reached this node by then: entries, alerts, heartbeats, answers."""
    moment = Instant(BEGIN + 25 * SECOND)
    raw = export(town(), "AAA", Scope(at=moment, desk=True))
    result, content = checked(raw), read_bundle(raw).content
    assert (result.exit, result.findings) == (0, ())
    assert {str(e.ref) for e in result.events} >= {"AAA.0/5", "BBB.0/6"}
    assert not {str(e.ref) for e in result.events} & {"AAA.0/7", "BBB.0/8"}
    assert all(t <= moment for times in content.received.values() for t in times)
    assert all(beat.received <= moment for beat in content.beats)
    assert content.alerts
    for alert in content.alerts:
        stated = (alert.raised, alert.presented or 0, alert.taken_at or 0)
        assert max(stated) <= moment
        assert alert.answer is None
    assert len(result.desk_shown) == 2


def test_desk_record_is_left_out_unless_asked_for() -> None:
    """The private desk record leaves only on request."""
    assert not any(n.startswith("desk/") for n in members(export(town(), "AAA")))
    result = checked(export(town(), "AAA", Scope(desk=True)))
    assert b"signed-in" in result.desk_shown[0][1]
    assert result.exit == 0


def test_export_without_a_mark_is_refused() -> None:
    """A node that does not know how far it has signed signs nothing, evidence included."""
    node = town().nodes["AAA"]
    refused = gather(
        node.store,
        town().line,
        FeedId("AAA.0"),
        marks={},
        signers=node.signers,
        scope=Scope(),
    )
    assert isinstance(refused, Refusal)
    assert refused.code is Code.NOT_SIGNING


def test_unreadable_entry_is_named_and_the_bundle_stands() -> None:
    """An entry that no node can apply stands in its place, with code and clause; nothing is wrong
    with the bundle that shows it."""
    place = busy()
    held = place.at("AAA").frontier(FeedId("BBB.0"))
    salt, data = bytes(range(32)), b'{"what":"ever"}'
    front = held.append(entry_leaf(salt, data))
    pushed = Pushed(
        line=place.line,
        peer=PartyId("BBB"),
        feed=FeedId("BBB.0"),
        first=held.size,
        items=(Item(salt, data),),
        checkpoint=signed_by("BBB", place.line, FeedId("BBB.0"), front),
    )
    assert place.take("AAA", pushed).outcomes[0].refusal is None
    result = checked(export(place, "AAA"))
    assert named(result, What.UNREADABLE) == {"BBB.0/10"}
    (found,) = result.findings
    assert (found.level, result.exit) == (Level.NOTE, 0)
    assert (found.code, found.clause) == (Code.UNKNOWN_FIELD, "CL-WIR-007")


def test_entry_that_admission_refuses_is_named_with_its_clause() -> None:
    """A readable entry that no node admits (it joins twice) is named by the rule of admission."""
    place = busy()
    feed = FeedId("BBB.0")
    held = place.at("AAA").frontier(feed)
    first = place.nodes["AAA"].store.entries(place.line, feed, 0, 1)[0]
    last = place.nodes["AAA"].store.entries(place.line, feed, held.size - 1, 1)[0]
    join, newest = read_frame(first.data), read_frame(last.data)
    assert not isinstance(join, Refusal)
    assert not isinstance(newest, Refusal)
    again = msgspec.structs.replace(join, index=held.size, t=newest.t, seen=newest.seen)
    salt, data = bytes(32), write_frame(again)
    checkpoint = signed_by("BBB", place.line, feed, held.append(entry_leaf(salt, data)))
    pushed = Pushed(
        line=place.line,
        peer=PartyId("BBB"),
        feed=feed,
        first=held.size,
        items=(Item(salt, data),),
        checkpoint=checkpoint,
    )
    assert place.take("AAA", pushed).outcomes[0].refusal is None
    (found,) = checked(export(place, "AAA")).findings
    assert (found.what, found.clause) == (What.UNREADABLE, "CL-ADM-001")


def test_fork_that_gossip_shows_is_exported_with_its_proof() -> None:
    """A checkpoint of another history, signed by BBB and shown by CCC, goes into AAA's bundle as a
    proof that anybody can check."""
    place = busy(("AAA", "BBB", "CCC"))
    other = place.at("AAA").frontier(FeedId("AAA.0"))
    forked = signed_by("BBB", place.line, FeedId("BBB.0"), other)
    assert other.size <= place.at("AAA").frontier(FeedId("BBB.0")).size
    beat = Beaten(
        line=place.line,
        peer=PartyId("CCC"),
        sequence=900,
        sent=place.now,
        echo=None,
        reply=True,
        heads=(forked,),
    )
    place.take("AAA", beat)
    raw = export(place, "AAA")
    assert read_bundle(raw).content.forks
    result = checked(raw)
    assert result.exit == 1
    assert named(result, What.FORKED) == {f"BBB.0/{other.size - 1}"}
    assert not named(result, What.NO_FORK)


def test_new_epoch_is_exported_and_verified() -> None:
    """A record that goes on in a new epoch: both feeds and the opening are in the bundle."""
    place = busy()
    front = place.at("AAA").frontier(FeedId("AAA.0"))
    opening = EpochOpening(
        v=1,
        party=PartyId("AAA"),
        line=place.line,
        epoch=1,
        key=node_key_of("AAA").public.hex,
        previous=FeedMark(
            line=place.line, feed=FeedId("AAA.0"), size=front.size, root=Digest(front.root.hex())
        ),
        reason=OpeningReason.RESTORED,
        issued=place.now,
    )
    raw = sign(DocType.EPOCH, opening, (root_of("AAA"),))
    for party in place.parties:
        done = place.take(party, Papers(line=place.line, peer=None, documents=(raw,)))
        assert done.outcomes[0].refusal is None
    place.tick()
    place.say("AAA", notice(35.0))
    place.settle()
    for party in place.parties:
        result = checked(export(place, party))
        assert result.exit == 0, result.findings
        assert {c.fact.feed for c in result.feeds} == {"AAA.0", "AAA.1", "BBB.0"}
        assert any(e.ref.feed == feed_of(PartyId("AAA"), 1) for e in result.events)


def test_lagging_node_says_that_more_exists() -> None:
    """A node that has not got all of a third party's record: nothing wrong, not all is here."""
    place = busy(("AAA", "BBB", "CCC"))
    held = place.at("AAA").frontier(FeedId("CCC.0")).size
    place.say("CCC", notice(40.0))
    place.wants.clear()
    place.push("CCC", "BBB", FeedId("CCC.0"))  # BBB has it, and AAA only BBB's receipt
    place.wants.clear()
    place.push("BBB", "AAA", FeedId("BBB.0"))
    result = checked(export(place, "AAA"))
    assert result.exit == 3
    assert named(result, What.NOT_HELD) == {f"CCC.0/{held}"}
    assert {one.what for one in result.findings} == {What.NOT_HELD}


def test_flash_entry_ahead_of_its_record_is_exported_with_its_proof() -> None:
    """An entry held beyond a gap goes with the proof of its place; an altered one is named."""
    place = busy()
    feed = FeedId("BBB.0")
    held = place.at("AAA").frontier(feed).size
    place.say("BBB", notice(40.0))
    (stop,) = place.say("BBB", Stop(), prec=Precedence.FLASH)
    place.wants.clear()
    flash = place.nodes["BBB"].flash(place.line, feed, stop.index, held)
    assert flash is not None
    assert place.take("AAA", flash).outcomes[0].refusal is None
    raw = export(place, "AAA")
    name = f"ahead/BBB.0/{stop.index}.entry"
    assert name in members(raw)
    assert not [one for one in checked(raw).findings if one.level is Level.WRONG]
    spoilt = resealed(raw, "AAA", {name: members(raw)[name].replace(b"stop", b"stap")})
    assert named(checked(spoilt), What.PROOF) == {str(stop)}
    without = export(place, "AAA", Scope(withhold=("stop",)))
    assert name not in members(without)
    assert read_bundle(without).manifest.alerts_withheld > 1
    assert b'"kind":"stop"' not in without


def test_three_reports_of_one_origin_are_one_origin() -> None:
    """FM22: what two relays tell of one notice, one of them of the other's telling, is one."""
    place = SkewedTown(("AAA", "BBB", "CCC"))
    (origin,) = place.say("AAA", notice(34.0))
    place.settle()
    third = PartyId("SYR")
    (first,) = place.say("BBB", Relay(of=origin, to=third))
    place.settle()
    told = Relayed(of=origin, to=third, outcome=RelayOutcome.TOLD, means="phone", at=at(1))
    place.say("BBB", told)
    place.say("CCC", Relay(of=first, to=third))
    place.settle()
    (found,) = checked(export(place, "AAA")).origins
    assert (found.origin, len(found.reports)) == (str(origin), 3)
    assert found.parties == ("BBB", "CCC")


def test_late_notice_shows_lead_by_both_accounts() -> None:
    """FM24: with clocks 40 s apart the author's account and the receiver's receipt differ, both
    stand there, and the receiver's decides."""
    place = SkewedTownOf({"BBB": 40_000})(("AAA", "BBB"))
    place.wait(MINUTE)
    place.tick()
    place.say("AAA", notice(34.0, start=2))
    place.settle()
    result = checked(export(place, "AAA"))
    (lead,) = next(e for e in result.events if e.kind == "notice").leads
    assert lead.issuer_ms == 60_000
    assert lead.receiver_ms == 20_000
    assert lead.minimum_ms == 30 * MINUTE
    assert [(o.peer, o.last) for o in result.offsets] == [("BBB", 40_000)]


def test_answers_and_alerts_are_labelled_by_what_they_rest_on() -> None:
    """Signed claims and the maker's own word are told apart, field by field."""
    from clearline.evidence.said import plain

    said = plain(checked(export(town(), "AAA")))
    assert {event["t_grade"] for event in said["events"]} == {"signed claim"}
    assert {event["received_grade"] for event in said["events"]} == {"own word"}
    assert {alert["grade"] for alert in said["alerts"]} == {"own word"}
    assert {offset["grade"] for offset in said["offsets"]} == {"own word"}


def test_gathered_reads_leave_the_store_as_it_was() -> None:
    """Making a bundle writes nothing."""
    store = town().nodes["AAA"].store
    before = (store.journal_end(), store.desk_count(town().line), len(store.outbox()))
    gathered(town(), "AAA")
    assert before == (store.journal_end(), store.desk_count(town().line), len(store.outbox()))


def test_verified_result_is_plain_about_an_empty_line() -> None:
    """A line on which nothing but joining happened verifies."""
    place = SkewedTown(("AAA", "BBB"))
    result = checked(export(place, "AAA"))
    assert isinstance(result, Verified)
    assert result.exit == 0


def test_backlog_that_has_not_all_come_is_left_out_and_counted() -> None:
    """Entries under a checkpoint of a longer record than is held cannot be proved yet: the bundle
    says how many there are, and nothing is wrong."""
    place = busy()
    feed = FeedId("BBB.0")
    held = place.at("AAA").frontier(feed).size
    for lat in range(40, 46):
        place.say("BBB", notice(lat))
    place.wants.clear()
    pushed = place.nodes["BBB"].push(place.line, feed, held, bytes_max=1, entries_max=2)
    assert pushed is not None
    assert place.take("AAA", pushed).outcomes[0].refusal is None
    assert place.at("AAA").frontier(feed).size == held + len(pushed.items)
    raw = export(place, "AAA")
    stated = {one.feed: (one.size, one.uncovered) for one in read_bundle(raw).manifest.held}
    assert stated[feed] == (held, len(pushed.items))
    result = checked(raw)
    assert result.exit == 3
    assert {one.what for one in result.findings} == {What.NOT_HELD}
    hidden = resealed(raw, "AAA", {}, held=tuple(
        msgspec.structs.replace(one, uncovered=0) for one in read_bundle(raw).manifest.held
    ))  # fmt: skip
    assert named(checked(hidden), What.TRUNCATED) == {f"BBB.0/{held}"}


def test_bundle_at_a_time_leans_on_no_other_history() -> None:
    """A forged longer checkpoint that somebody showed is never what a bundle is shown under."""
    place = busy(("AAA", "BBB", "CCC"))
    moment = Instant(BEGIN + 25 * SECOND)
    held = place.at("AAA").frontier(FeedId("BBB.0")).size
    for size in range(1, held + 1):
        leaves = [entry_leaf(bytes(32), b"%d" % n) for n in range(size)]
        forged = signed_by("BBB", place.line, FeedId("BBB.0"), Frontier().extend(leaves))
        beat = Beaten(
            line=place.line,
            peer=PartyId("CCC"),
            sequence=900 + size,
            sent=moment,
            echo=None,
            reply=True,
            heads=(forged,),
        )
        place.take("AAA", beat)
    result = checked(export(place, "AAA", Scope(at=moment)))
    assert not named(result, What.BAD_ROOT, What.WRONGLY_SIGNED)
    assert [c.fact.good for c in result.feeds] == [True, True, True]


def test_record_whose_key_has_changed_is_exported_and_verified() -> None:
    """After a rekey the newest manifest's key signs record and bundle; the old part still holds,
    for the party itself and for its peer, and so does what was known before the change."""
    place = busy()
    before = place.now
    place.wait(MINUTE)
    feed = FeedId("BBB.0")
    front = place.at("BBB").frontier(feed)
    old, new = node_key_of("BBB").public.hex, node_key_of("BBB", 1)
    first = read(manifest_of("BBB"), DocType.MANIFEST, Manifest)
    assert not isinstance(first, Refusal)
    mark = FeedMark(line=place.line, feed=feed, size=front.size, root=Digest(front.root.hex()))
    ended = EndedKey(
        key=old, role=KeyRole.NODE, reason=EndReason.ROTATED, next=new.public.hex, feeds=(mark,)
    )
    second = msgspec.structs.replace(
        first.body,
        serial=2,
        previous=first.digest,
        keys=(NodeKey(key=new.public.hex, role=KeyRole.NODE),),
        ended=(ended,),
    )
    raw = sign(DocType.MANIFEST, second, (root_of("BBB"),))
    place.nodes["BBB"].signers[new.public.hex] = new
    for party in place.parties:
        done = place.take(party, Papers(line=place.line, peer=None, documents=(raw,)))
        assert done.outcomes[0].refusal is None
    place.tick()
    place.say("BBB", notice(45.0))
    place.settle()
    assert place.at("AAA").frontier(feed).size > front.size
    whole = checked(export(place, "AAA"))
    assert (whole.exit, whole.findings) == (0, ())
    assert "rekey" in {event.kind for event in whole.events}
    early = checked(export(place, "AAA", Scope(at=before)))
    assert (early.exit, early.findings) == (0, ())
    own = checked(export(place, "BBB", signer=new))
    assert (own.exit, own.findings) == (0, ())
    assert named(checked(export(place, "BBB")), What.MAKER)  # under the key that has ended


def test_bundle_without_proofs_holds_and_has_none() -> None:
    """What `--no-proofs` asks for: no tlog-proof is in it, and it is whole all the same."""
    town = busy()
    assert any(name.startswith("proofs/") for name in members(export(town, "AAA")))
    bare = export(town, "AAA", Scope(proofs=False))
    assert not any(name.startswith("proofs/") for name in members(bare))
    assert checked(bare).exit == 0
