"""Attack: a coarse envelope is given early, and what is opened later is larger (FM27)."""

import hashlib

import pytest
from msgspec.structs import replace

from clearline.canonical import encode
from clearline.evidence.facts import Level, Verified, What
from clearline.model.alert import Trouble, TroubleKind
from clearline.model.entry import Notice, Open, Seal, Withdraw
from clearline.model.finding import Verdict
from clearline.model.ids import Digest, EntryRef
from clearline.model.space import Disc
from clearline.model.time import Instant
from clearline.node import phrases
from clearline.node.inbound import Ticked
from clearline.node.queries import reading, seals
from clearline.node.queries_notices import notice_view
from tests.evidence_town import checked, export
from tests.liar import Liar
from tests.town import HOUR, Town, at, disc, level, volume

SALT = "5a" * 32


def notice(radius_km: float = 10, *, label: str = "area", cls: str = "hazardous-air") -> Notice:
    """A disc between two levels for an hour."""
    window = volume(disc(34.0, 35.0, radius_km), at(60), at(120), level(100), level(200))
    return Notice(cls=cls, label=label, volumes=(window,))


def fine(**changed: object) -> Notice:
    """What is opened: well within the envelope unless changed."""
    small = notice(4, label="fine")
    return replace(small, volumes=(replace(small.volumes[0], **changed),))


def opened(
    town: Town, what: Notice, *, at_seal: bool = True, envelope: Notice | None = None
) -> tuple[EntryRef, EntryRef]:
    """AAA gives an envelope, seals, opens; everybody hears of it: (envelope, opening)."""
    (coarse,) = town.say("AAA", envelope or notice())
    digest = Digest(hashlib.sha256(bytes.fromhex(SALT) + encode(what)).hexdigest())
    seal = Seal(sha256=digest, opens=at(30), envelope=coarse if at_seal else None)
    (sealed,) = town.say("AAA", seal)
    town.settle()
    named = None if at_seal else coarse
    (ref,) = town.say("AAA", Open(seal=sealed, salt=SALT, to=what, envelope=named))
    town.settle()
    return coarse, ref


def rung(town: Town, party: str) -> list[Trouble]:
    """What a desk is rung about seals."""
    town.take(party, Ticked())
    town.settle()
    troubles = town.nodes[party].state.troubles.values()
    return [trouble for trouble in troubles if trouble.kind is TroubleKind.SEAL]


def made() -> Town:
    """Two parties and some time."""
    town = Town(("AAA", "BBB"))
    town.wait(1_000)
    return town


LARGER = {
    "on the map": (fine(footprint=disc(34.0, 35.0, 12)), "lateral", "lateral_m", 2_000),
    "in height": (fine(upper=level(210)), "vertical", "vertical_m", 305),
    "in time": (fine(end=Instant(at(120) + HOUR)), "time", "time_s", 3_600),
}


@pytest.mark.parametrize("at_seal", [True, False])
@pytest.mark.parametrize("how", LARGER)
def test_what_is_opened_larger_than_its_envelope_rings_at_both_ends(
    how: str, at_seal: bool
) -> None:
    """Both desks are told what is outside and by how much, whichever entry named the envelope."""
    what, outside, measure, least = LARGER[how]
    town = made()
    coarse, ref = opened(town, what, at_seal=at_seal)
    for party in ("AAA", "BBB"):
        (trouble,) = rung(town, party)
        assert (ref, coarse) == trouble.about
        assert outside == trouble.params["outside"]
        assert least == trouble.params[measure]
        said = phrases.trouble(trouble)
        assert "OUTSIDE its envelope" in said
        assert str(least) in said
    town.check()


def test_what_is_opened_within_its_envelope_rings_nobody() -> None:
    """Smaller, lower and shorter: no finding, and the view says within."""
    town = made()
    _, ref = opened(town, fine())
    assert [] == rung(town, "AAA") == rung(town, "BBB")
    view = shown(town, "BBB", ref).envelope
    assert view is not None
    assert (view.verdict, view.outside) == (Verdict.YES, ())


def test_what_cannot_be_told_is_a_finding_with_its_datum() -> None:
    """Other references near the limit: not provably within is a finding, never silence."""
    from clearline.model.space import Height, HeightRef

    town = made()
    opened(town, fine(upper=Height(ref=HeightRef.AMSL, mm=6_000_000)))
    for party in ("AAA", "BBB"):
        (trouble,) = rung(town, party)
        assert "undetermined" == trouble.params["why"]
        assert trouble.params["settles"] in ("QNH", "temperature")
        assert "cannot be shown" in phrases.trouble(trouble)


def test_another_class_is_not_what_the_envelope_said() -> None:
    """A movement announced, a hazard opened: another class has other tails and separations."""
    town = made()
    opened(town, fine(), envelope=notice(cls="air-movement"))
    (trouble,) = rung(town, "BBB")
    assert "class" == trouble.params["outside"]


def test_an_envelope_that_had_ended_keeps_nobody_away() -> None:
    """Withdrawn before the opening: a finding. Withdrawn after it, as is meant: none."""
    for before in (True, False):
        town = made()
        (coarse,) = town.say("AAA", notice())
        digest = Digest(hashlib.sha256(bytes.fromhex(SALT) + encode(fine())).hexdigest())
        (sealed,) = town.say("AAA", Seal(sha256=digest, opens=at(30), envelope=coarse))
        steps = [Withdraw(versions=(coarse,)), Open(seal=sealed, salt=SALT, to=fine())]
        for body in steps if before else reversed(steps):
            town.say("AAA", body)
        town.settle()
        found = rung(town, "BBB")
        assert ["ended"] * before == [trouble.params["outside"] for trouble in found]


def test_an_envelope_that_nobody_can_find_is_a_finding() -> None:
    """A reference to an entry that is no notice shows nothing."""
    town = made()
    opened(town, fine())
    digest = Digest(hashlib.sha256(bytes.fromhex(SALT) + encode(fine())).hexdigest())
    (sealed,) = town.say("AAA", Seal(sha256=digest, opens=at(30)))
    town.say("AAA", Open(seal=sealed, salt=SALT, to=fine(), envelope=sealed))
    town.settle()
    (trouble,) = rung(town, "BBB")
    assert "undetermined" == trouble.params["why"]


def test_the_finding_stands_after_a_restart_and_ends_with_the_version() -> None:
    """It follows from the record: a node that starts finds it again; a withdrawal ends it."""
    town = made()
    _, ref = opened(town, LARGER["on the map"][0])
    node = town.nodes["BBB"]
    town.nodes["BBB"] = again = town.make("BBB", node.store, node.high_water)
    again.start(town.now)
    assert 1 == len(rung(town, "BBB"))
    town.say("AAA", Withdraw(versions=(ref,)))
    town.settle()
    assert [] == rung(town, "AAA") == rung(town, "BBB")


def shown(town: Town, party: str, ref: EntryRef):
    """A version as a node's API shows it."""
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    return notice_view(of, town.version(party, ref))


def test_views_and_evidence_say_it_too() -> None:
    """The notice, the list of seals and a verified bundle of either party name envelope and
    measure."""
    town = made()
    coarse, ref = opened(town, LARGER["on the map"][0])
    for party in ("AAA", "BBB"):
        view = shown(town, party, ref)
        assert view.envelope is not None
        assert view.envelope.lateral_m is not None
        assert (view.envelope.verdict, view.envelope.envelope) == (Verdict.NO, coarse)
        assert 1_999.9 < (view.envelope.lateral_m.low or 0) < 2_000.1
        assert "OUTSIDE its envelope" in view.words
        node = town.nodes[party]
        (seal,) = seals(reading(node.state, node.tools, town.line, town.now))
        assert seal.envelope == view.envelope
        bundle: Verified = checked(export(town, party))
        (found,) = [one for one in bundle.findings if one.clause == "CL-EVI-016"]
        assert (found.what, found.level, found.feed, found.index) == (
            What.ENVELOPE, Level.NOTE, ref.feed, ref.index,
        )  # fmt: skip
        assert "lateral by 2000 m" in str(found.params["outside"])


def test_evidence_names_what_is_not_what_was_sealed() -> None:
    """A wrong digest stands in the verification of a bundle."""
    town = made()
    (sealed,) = town.say("AAA", Seal(sha256=Digest("ab" * 32), opens=at(30)))
    town.settle()
    liar = Liar(town, "AAA")
    liar.write(Open(seal=sealed, salt=SALT, to=fine()))
    liar.push("BBB")
    whats = [one.what for one in checked(export(town, "BBB")).findings]
    assert What.SEAL in whats
    assert isinstance(fine().volumes[0].footprint, Disc)
