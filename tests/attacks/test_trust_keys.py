"""Attacks on keys: forged cards, swapped roots, old manifests, shared and ended keys, epochs."""

import msgspec
import pytest

from clearline.model.entry import Kind
from clearline.model.ids import FeedId, PartyId
from clearline.model.refusal import Code
from clearline.trust import roster as rosters
from clearline.trust.chain import change_root, extend, read_chain
from clearline.trust.documents import DocType, sign
from clearline.trust.party import (
    EndReason,
    KeyRole,
    NodeKey,
    fingerprint,
    make_card,
    manifest_fault,
    read_card,
    same_fingerprint,
)
from clearline.trust.roster import Admission, Place
from tests.trust_people import (
    ALFA,
    BRAVO,
    NOON,
    ROOT_A,
    ROOT_B,
    Person,
    good,
    line,
    mark,
    refused,
    signer,
)

EVE = Person(PartyId("EVE"))
FEED = FeedId("ALFA.0")


def test_forged_card_with_the_partys_key_is_refused() -> None:
    """Whoever does not hold the root key cannot put another name on it."""
    forged = msgspec.structs.replace(ALFA.card, name="Northern Command")
    assert Code.NOT_SIGNED == refused(read_card(sign(DocType.CARD, forged, (EVE.root,)))).code
    both = sign(DocType.CARD, forged, (EVE.root, BRAVO.root))
    assert Code.NOT_SIGNED == refused(read_card(both)).code


def test_swapped_root_shows_in_the_fingerprint() -> None:
    """A card with the attacker's own key is well signed; the comparison in person finds it."""
    swapped = good(read_card(make_card(ALFA.id, "ALFA Command", EVE.root))).body
    read_out = fingerprint(ALFA.id, ALFA.root.public.hex)
    assert not same_fingerprint(fingerprint(swapped.id, swapped.root_key), read_out)


def test_swapped_root_does_not_pass_the_anchor() -> None:
    """A whole chain under another root is not the party's on a line that names the real one."""
    forged = msgspec.structs.replace(ALFA.first(), root_key=EVE.root.public.hex)
    raw = ALFA.signed(forged, EVE.root)
    assert "CL-TRU-033" == refused(read_chain(ALFA.id, ALFA.root.public.hex, [raw])).clause
    fresh = rosters.Roster(line=line().line, versions=line().versions, chains={}, openings={})
    assert "CL-TRU-033" == refused(rosters.with_links(fresh, ALFA.id, [raw])).clause


def test_manifest_signed_by_a_node_key_is_refused() -> None:
    """A stolen node key cannot name its own successor."""
    second = ALFA.second(mark(line().line, "ALFA.0", 7))
    raw = ALFA.signed(second, ALFA.node())
    assert Code.NOT_SIGNED == refused(rosters.with_links(line(), ALFA.id, [raw])).code
    claimed = msgspec.structs.replace(second, root_key=ALFA.node().public.hex)
    raw = ALFA.signed(claimed, ALFA.node())
    assert Code.NOT_SIGNED == refused(rosters.with_links(line(), ALFA.id, [raw])).code


def test_rolled_back_manifest_is_refused() -> None:
    """A peer cannot revive a key that it has withdrawn by showing the older manifest again."""
    first, second = ALFA.signed(ALFA.first()), ALFA.signed(ALFA.second())
    roster = good(rosters.with_links(line(), ALFA.id, [second]))
    assert Code.ROLLBACK == refused(rosters.with_links(roster, ALFA.id, [first])).code


def test_second_manifest_of_one_serial_is_a_fork() -> None:
    """A root that signs two manifests with one serial is caught by whoever holds one of them."""
    roster = good(rosters.with_links(line(), ALFA.id, [ALFA.signed(ALFA.second())]))
    other = ALFA.second(mark(roster.line, "ALFA.0", 3))
    fault = refused(rosters.with_links(roster, ALFA.id, [ALFA.signed(other)]))
    assert (Code.FORK, "CL-TRU-023") == (fault.code, fault.clause)


def test_strangers_manifest_of_a_held_serial_is_no_fork() -> None:
    """Somebody else's key cannot make a party look forked."""
    roster = good(rosters.with_links(line(), ALFA.id, [ALFA.signed(ALFA.second())]))
    other = msgspec.structs.replace(ALFA.second(), root_key=EVE.root.public.hex)
    raw = ALFA.signed(other, EVE.root)
    assert Code.NOT_SIGNED == refused(rosters.with_links(roster, ALFA.id, [raw])).code


def test_ended_key_cannot_come_back() -> None:
    """No later manifest puts an ended key into use, under the same root or otherwise."""
    chain = good(read_chain(ALFA.id, ALFA.root.public.hex, [ALFA.signed(ALFA.first())]))
    chain = good(extend(chain, ALFA.signed(ALFA.second(reason=EndReason.STOLEN))))
    revived = NodeKey(key=ALFA.node(0).public.hex, role=KeyRole.NODE)
    for ended in (ALFA.second(reason=EndReason.STOLEN).ended, ()):
        third = msgspec.structs.replace(
            ALFA.second(), serial=3, previous=chain.links[-1], keys=(revived,), ended=ended
        )
        assert Code.BAD_MANIFEST == refused(extend(chain, ALFA.signed(third))).code


@pytest.mark.parametrize("what", ["node", "root", "certificate"])
def test_key_of_another_party_is_refused(what: str) -> None:
    """A party cannot name another's node key, root key or certificate as its own."""
    roster = good(rosters.begin(line().versions[0]))
    roster = good(rosters.with_links(roster, BRAVO.id, [BRAVO.signed(BRAVO.first())]))
    stolen = BRAVO.root if what == "root" else BRAVO.node()
    keys = (NodeKey(key=stolen.public.hex, role=KeyRole.NODE),)
    manifest = (
        msgspec.structs.replace(ALFA.first(), tls=BRAVO.first().tls)
        if what == "certificate"
        else msgspec.structs.replace(ALFA.first(), keys=keys)
    )
    fault = refused(rosters.with_links(roster, ALFA.id, [ALFA.signed(manifest)]))
    assert (Code.BAD_KEY, "CL-TRU-034") == (fault.code, fault.clause)


def test_small_order_keys_are_refused() -> None:
    """A key under which one signature fits many messages is nobody's root, node or signing key."""
    identity, order_two = "01" + "0" * 62, "ec" + "f" * 60 + "7f"
    for weak in (identity, order_two, "0" * 64):
        card = msgspec.structs.replace(ALFA.card, root_key=weak)
        raw = sign(DocType.CARD, card, (ALFA.root,)).replace(
            ALFA.root.public.hex.encode(), weak.encode()
        )
        assert Code.BAD_KEY == refused(read_card(raw)).code
        keys = (NodeKey(key=weak, role=KeyRole.NODE),)
        fault = manifest_fault(msgspec.structs.replace(ALFA.first(), keys=keys))
        assert fault is not None
        assert Code.BAD_KEY == fault.code


def test_checkpoint_of_an_ended_key_beyond_its_end_is_void_and_no_fork() -> None:
    """A thief that goes on signing proves nothing against the party."""
    roster = line()
    manifest = ALFA.second(mark(roster.line, "ALFA.0", 7), reason=EndReason.STOLEN)
    roster = good(rosters.with_links(roster, ALFA.id, [ALFA.signed(manifest)]))
    for size in (8, 9, 1 << 39):
        assert Place.VOID == rosters.place(roster, FEED, size, ROOT_B, ALFA.node(0).public)
        assert ALFA.node(1).public == rosters.key_for(roster, FEED, size)


def test_end_of_a_key_cannot_rewrite_what_it_signed() -> None:
    """A party that states another root at the end than its key signed has forked its record."""
    roster = line()
    manifest = ALFA.second(mark(roster.line, "ALFA.0", 7, ROOT_B))
    roster = good(rosters.with_links(roster, ALFA.id, [ALFA.signed(manifest)]))
    fault = refused(rosters.place(roster, FEED, 7, ROOT_A, ALFA.node(0).public))
    assert (Code.FORK, "CL-TRU-032") == (fault.code, fault.clause)


def test_epoch_opened_by_a_stranger_is_refused() -> None:
    """Neither a stranger, another party, nor a node key that speaks for the root opens one."""
    roster = line()
    opening = ALFA.opening(roster.line)
    for by in (EVE.root, BRAVO.root, BRAVO.node(), ALFA.node()):
        raw = sign(DocType.EPOCH, opening, (by,))
        assert Code.NOT_SIGNED == refused(rosters.with_opening(roster, raw)).code
    emergency = ALFA.opening(roster.line, emergency=True, key=EVE.root.public.hex)
    raw = sign(DocType.EPOCH, emergency, (EVE.root,))
    assert Code.UNKNOWN_KEY == refused(rosters.with_opening(roster, raw)).code


def test_emergency_opening_does_not_grant_itself_more() -> None:
    """A stolen node key cannot use an emergency to file notices."""
    roster = line()
    greedy = ALFA.opening(roster.line, emergency=True, open_from=1)
    raw = sign(DocType.EPOCH, greedy, (ALFA.node(),))
    assert "CL-TRU-043" == refused(rosters.with_opening(roster, raw)).clause
    raw = sign(DocType.EPOCH, ALFA.opening(roster.line, emergency=True), (ALFA.node(),))
    opened = good(rosters.with_opening(roster, raw))
    assert Admission.WAIT == rosters.admits(opened, FeedId("ALFA.1"), 1, Kind.NOTICE)


def test_stolen_key_opens_no_epoch_after_its_end() -> None:
    """Once a manifest has ended a key, not even an emergency can be opened with it."""
    roster = line()
    manifest = ALFA.second(mark(roster.line, "ALFA.0", 7), reason=EndReason.STOLEN)
    roster = good(rosters.with_links(roster, ALFA.id, [ALFA.signed(manifest)]))
    raw = sign(DocType.EPOCH, ALFA.opening(roster.line, emergency=True), (ALFA.node(0),))
    assert Code.KEY_ENDED == refused(rosters.with_opening(roster, raw)).code
    # The same opening counts when the manifest itself says that the key wrote in that epoch.
    wrote = ALFA.second(
        mark(roster.line, "ALFA.0", 7), mark(roster.line, "ALFA.1", 2), reason=EndReason.LOST
    )
    honest = good(rosters.with_links(line(), ALFA.id, [ALFA.signed(wrote)]))
    assert ALFA.node(0).public == rosters.key_for(
        good(rosters.with_opening(honest, raw)), FeedId("ALFA.1"), 2
    )


def test_opening_signed_by_a_root_that_was_replaced_is_refused() -> None:
    """A stolen old root key opens nothing after the change of root."""
    roster = line()
    new = signer("ALFA root 2")
    link = good(change_root(roster.chains[ALFA.id], ALFA.root, new, issued=NOON))
    roster = good(rosters.with_links(roster, ALFA.id, [link]))
    opening = ALFA.opening(roster.line)
    old = sign(DocType.EPOCH, opening, (ALFA.root,))
    assert Code.NOT_SIGNED == refused(rosters.with_opening(roster, old)).code
    again = sign(DocType.EPOCH, opening, (ALFA.root, new))
    assert FeedId("ALFA.1") in good(rosters.with_opening(roster, again)).openings
