"""Which key speaks where."""

import msgspec

from clearline.model.entry import Kind, Rekey
from clearline.model.ids import FeedId, PartyId
from clearline.model.refusal import Code
from clearline.trust import roster as rosters
from clearline.trust.chain import change_root
from clearline.trust.documents import DocType, sign
from clearline.trust.party import KeyRole, NodeKey, certificate_der
from clearline.trust.roster import Admission, Place
from tests.trust_people import (
    ALFA,
    BRAVO,
    CHARLIE,
    NOON,
    ROOT_A,
    ROOT_B,
    Person,
    agreed,
    good,
    line,
    mark,
    next_version,
    refused,
    signer,
    terms,
)

FEED = FeedId("ALFA.0")
EPOCH = FeedId("ALFA.1")


def rekeyed(size: int = 7) -> rosters.Roster:
    """The line after ALFA's first key ended at that size of its feed."""
    roster = line()
    manifest = ALFA.second(mark(roster.line, "ALFA.0", size))
    return good(rosters.with_links(roster, ALFA.id, [ALFA.signed(manifest)]))


def opened(roster: rosters.Roster, *, by: object = None, **changes: object) -> object:
    opening = ALFA.opening(roster.line, **changes)
    return rosters.with_opening(roster, sign(DocType.EPOCH, opening, (by or ALFA.root,)))


def test_key_is_found_by_place() -> None:
    """The old key signs up to the stated size, the new one from the next entry on."""
    roster = rekeyed(7)
    assert ALFA.node(0).public == rosters.key_for(roster, FEED, 0)
    assert ALFA.node(0).public == rosters.key_for(roster, FEED, 7)
    assert ALFA.node(1).public == rosters.key_for(roster, FEED, 8)
    assert BRAVO.node(0).public == rosters.key_for(roster, FeedId("BRAVO.0"), 8)
    assert rosters.key_for(roster, FeedId("CHARLIE.0"), 1) is None
    assert rosters.key_for(roster, EPOCH, 1) is None


def test_key_ended_without_a_mark_ended_at_zero() -> None:
    """In a feed that the manifest does not name the successor signs from the first entry."""
    roster = good(rosters.with_links(line(), ALFA.id, [ALFA.signed(ALFA.second())]))
    assert ALFA.node(1).public == rosters.key_for(roster, FEED, 0)
    assert ALFA.node(1).public == rosters.key_for(roster, FEED, 1)
    assert Place.VOID == rosters.place(roster, FEED, 1, ROOT_A, ALFA.node(0).public)
    assert Place.GOOD == rosters.place(roster, FEED, 0, ROOT_A, ALFA.node(1).public)


def test_place_tells_good_void_fork_and_unknown_apart() -> None:
    """Beyond its end a key's checkpoint is void, at its end with another root it is a fork."""
    roster = rekeyed(7)
    old, new = ALFA.node(0).public, ALFA.node(1).public
    assert Place.GOOD == rosters.place(roster, FEED, 6, ROOT_B, old)
    assert Place.GOOD == rosters.place(roster, FEED, 7, ROOT_A, old)
    assert Code.FORK == refused(rosters.place(roster, FEED, 7, ROOT_B, old)).code
    assert Place.VOID == rosters.place(roster, FEED, 8, ROOT_B, old)
    assert Place.GOOD == rosters.place(roster, FEED, 8, ROOT_B, new)
    assert Code.UNKNOWN_KEY == refused(rosters.place(roster, FEED, 7, ROOT_A, new)).code
    stranger = signer("stranger").public
    assert Code.UNKNOWN_KEY == refused(rosters.place(roster, FEED, 8, ROOT_A, stranger)).code


def test_answers_do_not_depend_on_how_documents_arrived() -> None:
    """Links one by one or together, ALFA first or BRAVO first: the same roster."""
    start = good(rosters.begin(agreed(terms(), ALFA, BRAVO)))
    links = [ALFA.signed(ALFA.first()), ALFA.signed(ALFA.second(mark(start.line, "ALFA.0", 7)))]
    whole = good(rosters.with_links(start, BRAVO.id, [BRAVO.signed(BRAVO.first())]))
    whole = good(rosters.with_links(whole, ALFA.id, links))
    assert rekeyed(7) == whole


def test_key_limited_to_a_line_signs_only_there() -> None:
    """Two nodes of one party on two lines have each their own feed."""
    roster = good(rosters.begin(agreed(terms(), ALFA, BRAVO)))
    keys = (
        NodeKey(key=ALFA.node(0).public.hex, role=KeyRole.NODE, lines=("d" * 64,)),
        NodeKey(key=ALFA.node(1).public.hex, role=KeyRole.NODE, lines=(roster.line,)),
    )
    manifest = msgspec.structs.replace(ALFA.first(), keys=keys)
    roster = good(rosters.with_links(roster, ALFA.id, [ALFA.signed(manifest)]))
    assert ALFA.node(1).public == rosters.key_for(roster, FEED, 1)


def test_epoch_is_written_by_the_key_that_its_opening_names() -> None:
    """The root opens an epoch for a key; everything is admitted in it."""
    roster = good(opened(line()))
    assert ALFA.node(0).public == rosters.key_for(roster, EPOCH, 1)
    assert Admission.YES == rosters.admits(roster, EPOCH, 0, Kind.NOTICE)
    assert (FEED, EPOCH) == rosters.feeds_of(roster, ALFA.id)
    assert Code.GAP == refused(opened(line(), epoch=2)).code


def test_epoch_follows_the_one_before() -> None:
    """An opening names the end of the very epoch before it, on this line, of this party."""
    roster = line()
    wrong = mark(roster.line, "ALFA.1", 5)
    assert Code.WRONG_PREDECESSOR == refused(opened(roster, previous=wrong)).code
    assert Code.FOREIGN_LINE == refused(opened(roster, line="d" * 64)).code
    assert Code.UNKNOWN_PARTY == refused(opened(roster, party=PartyId("CHARLIE"))).code


def test_emergency_epoch_admits_only_what_saves_lives() -> None:
    """Before the root confirms it: STOP, DISTRESS, ACCIDENT and bare receipts; the rest waits."""
    roster = good(opened(line(), by=ALFA.node(0), emergency=True))
    for kind in (Kind.STOP, Kind.DISTRESS, Kind.ACCIDENT, Kind.RECEIPT, Kind.HEARTBEAT):
        assert Admission.YES == rosters.admits(roster, EPOCH, 0, kind)
    assert Admission.WAIT == rosters.admits(roster, EPOCH, 3, Kind.NOTICE)
    assert Admission.YES == rosters.admits(roster, FEED, 3, Kind.NOTICE)
    confirmed = good(opened(roster, open_from=3))
    assert Admission.NO == rosters.admits(confirmed, EPOCH, 2, Kind.NOTICE)
    assert Admission.YES == rosters.admits(confirmed, EPOCH, 3, Kind.NOTICE)
    assert Admission.YES == rosters.admits(confirmed, EPOCH, 2, Kind.STOP)


def test_root_outranks_an_emergency_opening() -> None:
    """When the root opens the epoch for another key, what the first wrote in it is void."""
    roster = rekeyed(7)
    opening = {"key": ALFA.node(1).public.hex}
    standby = signer("ALFA standby")
    keys = (NodeKey(key=standby.public.hex, role=KeyRole.STANDBY),)
    manifest = msgspec.structs.replace(
        ALFA.second(mark(roster.line, "ALFA.0", 7)),
        serial=3,
        previous=roster.chains[ALFA.id].links[-1],
        keys=(NodeKey(key=ALFA.node(1).public.hex, role=KeyRole.NODE), *keys),
    )
    roster = good(rosters.with_links(roster, ALFA.id, [ALFA.signed(manifest)]))
    thief = good(opened(roster, by=ALFA.node(1), emergency=True, **opening))
    assert ALFA.node(1).public == rosters.key_for(thief, EPOCH, 1)
    ruled = good(opened(thief, key=standby.public.hex))
    assert standby.public == rosters.key_for(ruled, EPOCH, 1)
    assert Place.VOID == rosters.place(ruled, EPOCH, 1, ROOT_A, ALFA.node(1).public)


def test_two_openings_of_one_epoch_are_a_fork() -> None:
    """The root cannot open one epoch twice in two ways."""
    roster = good(opened(line()))
    assert roster == opened(roster)
    assert Code.FORK == refused(opened(roster, open_from=9)).code


def test_rekey_waits_for_its_manifest() -> None:
    """A rekey entry names a manifest that travels beside it."""
    roster = rekeyed(7)
    held = roster.chains[ALFA.id].links[1]
    assert rosters.rekey_fault(roster, FEED, Rekey(manifest=held, serial=2)) is None
    early = rosters.rekey_fault(line(), FEED, Rekey(manifest=held, serial=2))
    assert early is not None
    assert Code.GAP == early.code
    wrong = rosters.rekey_fault(roster, FEED, Rekey(manifest=held, serial=1))
    assert wrong is not None
    assert Code.BAD_MANIFEST == wrong.code


def test_certificate_names_its_party() -> None:
    """A connection is whoever's pinned certificate it shows."""
    roster = line()
    der = certificate_der(BRAVO.first().tls[0])
    assert der is not None
    assert (der,) == rosters.pins(roster, BRAVO.id)
    assert BRAVO.id == rosters.party_by_certificate(roster, der)
    assert rosters.party_by_certificate(roster, der + b"x") is None


def test_joiner_comes_with_the_next_version() -> None:
    """A party that a later version names is a member from then on, with its own chain."""
    before = terms()
    joined = next_version(before, parties=terms(ALFA, BRAVO, CHARLIE).parties)
    roster = good(rosters.with_version(line(), agreed(joined, ALFA, BRAVO, CHARLIE)))
    assert (ALFA.id, BRAVO.id, CHARLIE.id) == roster.parties
    links = [CHARLIE.signed(CHARLIE.first())]
    roster = good(rosters.with_links(roster, CHARLIE.id, links))
    assert CHARLIE.node(0).public == rosters.key_for(roster, FeedId("CHARLIE.0"), 1)
    assert roster == rosters.with_version(roster, roster.versions[-1])


def test_new_root_in_the_terms_must_be_on_the_chain() -> None:
    """A version that names another root key waits for the root change that leads to it."""
    new = signer("ALFA root 2")
    parties = (
        msgspec.structs.replace(terms().parties[0], root_key=new.public.hex),
        terms().parties[1],
    )
    changed = next_version(terms(), parties=parties)
    raw = good(_agreement_by(changed, new, BRAVO.root))
    assert "CL-AGR-007" == refused(rosters.with_version(line(), raw)).clause
    roster = line()
    link = good(change_root(roster.chains[ALFA.id], ALFA.root, new, issued=NOON))
    roster = good(rosters.with_links(roster, ALFA.id, [link]))
    assert 2 == len(good(rosters.with_version(roster, raw)).versions)


def test_stranger_has_no_chain() -> None:
    """Links of a party that no version names are not taken."""
    stranger = Person(PartyId("DELTA"))
    raws = [stranger.signed(stranger.first())]
    assert Code.UNKNOWN_PARTY == refused(rosters.with_links(line(), stranger.id, raws)).code


def _agreement_by(agreement: object, *signers: object) -> object:
    from clearline.trust.agreement import read_agreement, sign_agreement

    return read_agreement(good(sign_agreement(agreement, *signers)))
