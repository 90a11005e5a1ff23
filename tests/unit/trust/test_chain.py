"""A party's manifests and root changes, in order."""

import msgspec

from clearline.model.refusal import Code
from clearline.trust.chain import Chain, anchored, change_root, extend, read_chain
from clearline.trust.documents import DocType, sign
from clearline.trust.party import EndReason, KeyRole, NodeKey
from tests.trust_people import ALFA, BRAVO, NOON, good, mark, refused, signer

LINE = "c" * 64
FIRST = ALFA.signed(ALFA.first())
SECOND = ALFA.signed(ALFA.second(mark(LINE, "ALFA.0", 7)))
ANCHOR = ALFA.root.public.hex


def one() -> Chain:
    return good(read_chain(ALFA.id, ANCHOR, [FIRST]))


def two() -> Chain:
    return good(read_chain(ALFA.id, ANCHOR, [FIRST, SECOND]))


def test_chain_grows_by_the_next_link() -> None:
    """Each link names the one before; the newest manifest is in force."""
    chain = two()
    assert 2 == chain.serial
    assert chain.manifest is not None
    assert ALFA.node(1).public.hex == chain.manifest.keys[0].key
    assert {ANCHOR, ALFA.node(0).public.hex, ALFA.node(1).public.hex} == chain.keys


def test_newest_link_again_changes_nothing() -> None:
    """Documents arrive more than once."""
    assert two() == extend(two(), SECOND)


def test_missing_link_is_a_gap() -> None:
    """A link that comes before its predecessor waits for it."""
    assert Code.GAP == refused(extend(Chain(party=ALFA.id), SECOND)).code


def test_wrong_predecessor_is_refused() -> None:
    """A link must name the very link before it."""
    other = msgspec.structs.replace(ALFA.second(), previous="d" * 64)
    assert Code.WRONG_PREDECESSOR == refused(extend(one(), ALFA.signed(other))).code


def test_chain_of_another_party_is_refused() -> None:
    """A manifest stays with its party."""
    raw = BRAVO.signed(BRAVO.first())
    assert Code.UNKNOWN_PARTY == refused(extend(Chain(party=ALFA.id), raw)).code


def test_key_in_use_cannot_vanish() -> None:
    """A manifest that forgets a key, without ending it, is refused."""
    fresh = (NodeKey(key=signer("new").public.hex, role=KeyRole.NODE),)
    gone = msgspec.structs.replace(ALFA.second(), keys=fresh, ended=())
    fault = refused(extend(one(), ALFA.signed(gone)))
    assert (Code.BAD_MANIFEST, "CL-TRU-024") == (fault.code, fault.clause)


def test_end_of_a_key_cannot_be_rewritten() -> None:
    """Where a key ended is said once."""
    moved = ALFA.second(mark(LINE, "ALFA.0", 9)).ended
    third = msgspec.structs.replace(ALFA.second(), serial=3, previous=two().links[-1], ended=moved)
    assert "CL-TRU-024" == refused(extend(two(), ALFA.signed(third))).clause


def test_end_of_a_key_keeps_its_role_and_lines() -> None:
    """A manifest cannot end a key as something that it was not."""
    ended = msgspec.structs.replace(ALFA.second().ended[0], role=KeyRole.STANDBY)
    bad = msgspec.structs.replace(ALFA.second(), ended=(ended,))
    assert "CL-TRU-024" == refused(extend(one(), ALFA.signed(bad))).clause


def test_node_key_cannot_become_stand_by() -> None:
    """A key stops signing by ending, with a size and a root."""
    lower = (NodeKey(key=ALFA.node().public.hex, role=KeyRole.STANDBY),)
    bad = msgspec.structs.replace(ALFA.first(), serial=2, previous=one().links[-1], keys=lower)
    assert "CL-TRU-024" == refused(extend(one(), ALFA.signed(bad))).clause


def test_stand_by_may_become_the_node_key() -> None:
    """A stand-by takes over when the manifest ends the key before it."""
    standby = NodeKey(key=ALFA.node(1).public.hex, role=KeyRole.STANDBY)
    first = msgspec.structs.replace(ALFA.first(), keys=(*ALFA.first().keys, standby))
    chain = good(extend(Chain(party=ALFA.id), ALFA.signed(first)))
    second = msgspec.structs.replace(ALFA.second(), previous=chain.links[-1])
    assert 2 == good(extend(chain, ALFA.signed(second))).serial


def test_root_change_needs_both_signatures() -> None:
    """Neither the old nor the new root key alone changes the root."""
    new = signer("ALFA root 2")
    raw = good(change_root(two(), ALFA.root, new, issued=NOON))
    chain = good(extend(two(), raw))
    assert (ANCHOR, new.public.hex) == chain.roots
    assert new.public.hex == chain.root
    body = msgspec.json.decode(raw)["doc"]
    for signers in ((ALFA.root,), (new,), (ALFA.root, new, BRAVO.root)):
        from_json = msgspec.convert(body, type=_root_change())
        alone = sign(DocType.ROOT_CHANGE, from_json, signers)
        assert Code.NOT_SIGNED == refused(extend(two(), alone)).code


def test_old_root_signs_nothing_after_the_change() -> None:
    """From the change on only the new root key signs manifests."""
    new = signer("ALFA root 2")
    chain = good(extend(one(), good(change_root(one(), ALFA.root, new, issued=NOON))))
    third = msgspec.structs.replace(ALFA.second(), serial=3, previous=chain.links[-1])
    assert Code.NOT_SIGNED == refused(extend(chain, ALFA.signed(third))).code
    renewed = msgspec.structs.replace(third, root_key=new.public.hex)
    assert 3 == good(extend(chain, ALFA.signed(renewed, new))).serial


def test_chain_must_pass_through_the_compared_root() -> None:
    """A chain of somebody else's root is not the party's, however well it is signed."""
    other = refused(read_chain(ALFA.id, BRAVO.root.public.hex, [FIRST]))
    assert "CL-TRU-033" == other.clause
    new = signer("ALFA root 2")
    raw = good(change_root(one(), ALFA.root, new, issued=NOON))
    assert anchored(good(extend(one(), raw)), new.public.hex) is None


def test_root_change_to_a_used_key_is_refused() -> None:
    """A node key cannot become the root key."""
    raw = good(change_root(one(), ALFA.root, ALFA.node(), issued=NOON))
    assert "CL-TRU-025" == refused(extend(one(), raw)).clause


def test_first_manifest_ends_nothing() -> None:
    """There is no key before the first."""
    bad = msgspec.structs.replace(ALFA.second(reason=EndReason.STOLEN), serial=1, previous=None)
    assert "CL-TRU-024" == refused(extend(Chain(party=ALFA.id), ALFA.signed(bad))).clause


def _root_change() -> type:
    from clearline.trust.party import RootChange

    return RootChange
