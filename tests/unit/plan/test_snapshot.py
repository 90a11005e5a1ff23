"""A signed picture verifies by itself, and holds what the exporter's node held."""

import msgspec
import pytest

from clearline.cli.picture import document_of
from clearline.model.entry import Distress, Notice, Withdraw
from clearline.model.ids import LineId
from clearline.model.refusal import Code, Refusal
from clearline.model.time import HOUR, Instant
from clearline.plan.export import export_picture
from clearline.plan.snapshot import (
    SignedPicture,
    looks_like_picture,
    read_picture,
    sign_picture,
    unexpected,
)
from tests.plan_cases import document, picture, picture_bytes
from tests.town import Town, disc, node_key_of, root_of, volume


def test_exported_picture_reads_back_as_it_was() -> None:
    """Every field of the document comes back, and the terms in force with it."""
    found = picture()
    assert found.doc == document()
    assert found.terms[0].version == 1
    assert found.key == node_key_of("BRAVO").public.hex
    assert found.root_key == root_of("BRAVO").public.hex
    assert looks_like_picture(picture_bytes()[:16])


def test_picture_holds_positions_and_the_authors_own_checkpoints() -> None:
    """Sizes and roots are those of the folded feeds; the other party's is proved by its note."""
    found = picture()
    assert {position.feed for position in found.doc.feeds} == {"ALFA.0", "BRAVO.0"}
    assert "ALFA.0" in found.proved
    assert [peer.party for peer in found.doc.peers] == ["ALFA"]
    assert found.doc.peers[0].last_entry is not None


def test_picture_holds_what_is_live_and_nothing_else() -> None:
    """A withdrawn notice is gone, distress counts, and every one has its standing in words."""
    town = Town(("ALFA", "BRAVO"))
    window = Instant(town.now + HOUR), Instant(town.now + 2 * HOUR)
    gone, kept = (
        town.say(
            "ALFA",
            Notice(cls="air-movement", label=name, volumes=(volume(disc(1, 2, 3), *window),)),
        )[0]
        for name in ("gone", "kept")
    )
    town.say("ALFA", Withdraw(versions=(gone,)))
    (ring,) = town.say(
        "ALFA", Distress(what="aircraft down", volumes=(volume(disc(1, 2, 3), *window),))
    )
    town.settle()
    found = read_picture(
        export_picture(document_of(town.nodes["BRAVO"], town.line, town.now), node_key_of("BRAVO"))
    )
    assert isinstance(found, SignedPicture), found
    assert {live.ref for live in found.doc.live} == {kept, ring}
    assert all("as of" in live.standing for live in found.doc.live)


def test_picture_by_another_key_is_refused() -> None:
    """A key that no manifest of the exporter's names, and another party's key."""
    for signer in (node_key_of("BRAVO", 7), node_key_of("ALFA"), root_of("BRAVO")):
        found = read_picture(sign_picture(document(), signer))
        assert isinstance(found, Refusal)
        assert (found.code, found.clause) == (Code.UNKNOWN_KEY, "CL-PIC-002")


def test_picture_of_another_line_is_not_the_expected_one() -> None:
    """By the line's name and by the fingerprint of the exporter's root key."""
    found = picture()
    assert unexpected(found) is None
    assert unexpected(found, line=found.doc.line, typed=found.fingerprint) is None
    other = unexpected(found, line=LineId("0" * 64))
    assert other is not None
    assert other.code is Code.FOREIGN_LINE
    typed = unexpected(found, typed=found.fingerprint.replace("1", "2").replace("7", "8"))
    assert typed is not None
    assert typed.clause == "CL-PIC-007"


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"line": LineId("0" * 64)}, "CL-PIC-003"),
        ({"agreements": ()}, "CL-PIC-003"),
        ({"by": "CHARLIE"}, "CL-PIC-003"),
        ({"by": "ALFA"}, "CL-PIC-002"),
        ({"chains": ()}, "CL-PIC-002"),
        ({"in_force": ()}, "CL-PIC-005"),
        ({"in_force": (2,)}, "CL-PIC-005"),
        ({"v": 2}, "CL-PIC-001"),
    ],
)
def test_picture_that_contradicts_itself_is_refused(change, clause) -> None:
    """Rightly signed, and wrong all the same: by whom, of which line, under which terms."""
    doc = msgspec.structs.replace(document(), **change)
    found = read_picture(sign_picture(doc, node_key_of("BRAVO")))
    assert isinstance(found, Refusal)
    assert found.clause == clause


def test_picture_with_a_position_that_its_checkpoint_does_not_prove_is_refused() -> None:
    """Another size or root beside the author's own note."""
    position = next(p for p in document().feeds if p.checkpoint is not None)
    for wrong in ({"size": position.size + 1}, {"root": "0" * 64}):
        feeds = (msgspec.structs.replace(position, **wrong),)
        doc = msgspec.structs.replace(document(), feeds=feeds)
        found = read_picture(sign_picture(doc, node_key_of("BRAVO")))
        assert isinstance(found, Refusal)
        assert found.code is Code.BAD_ROOT


def test_picture_with_a_volume_that_cannot_be_judged_is_refused() -> None:
    """An invalid volume would be skipped or misjudged: neither may happen."""
    live = document().live[0]
    footprint = msgspec.structs.replace(live.volumes[0].footprint, radius_mm=0)
    bad = msgspec.structs.replace(live.volumes[0], footprint=footprint)
    for volumes in ((bad,), ()):
        lives = (msgspec.structs.replace(live, volumes=volumes),)
        doc = msgspec.structs.replace(document(), live=lives)
        found = read_picture(sign_picture(doc, node_key_of("BRAVO")))
        assert isinstance(found, Refusal)
        assert found.at.startswith("/doc/live/0/volumes")
