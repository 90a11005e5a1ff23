"""FM27: a party will not tell early. It checks on its own machine and nothing leaves; it commits to
a plan and opens it later; what was opened otherwise, or larger, is flagged at both ends."""

import hashlib

import pytest

from clearline.canonical import encode
from clearline.evidence.facts import What
from clearline.model.alert import TroubleKind
from clearline.model.entry import Notice, Open, Seal
from clearline.model.finding import Verdict
from clearline.model.ids import Digest, EntryRef
from clearline.model.time import MINUTE
from clearline.node.drafts import check
from clearline.node.reading import Reading
from tests.evidence_town import checked, export
from tests.liar import Liar
from tests.live_town import every_byte
from tests.town import Town, at, disc, level, volume

SALT = "5a" * 32


def plan(radius_km: float = 4, label: str = "raid") -> Notice:
    """What is not to be told yet: a disc for an hour, in an hour."""
    window = volume(disc(34.0, 35.0, radius_km), at(60), at(120), level(100), level(200))
    return Notice(cls="hazardous-air", label=label, volumes=(window,))


def town() -> Town:
    """BBB protects a flight where AAA plans."""
    here = Town(("AAA", "BBB"))
    way = volume(disc(34.0, 35.0, 8), at(50), at(130), level(90), level(250))
    here.say("BBB", Notice(cls="air-movement", label="RELIEF 12", volumes=(way,)))
    here.settle()
    return here


def held(here: Town) -> list[bytes]:
    return sorted(every_byte(here))


def sealed(here: Town, what: Notice, envelope: EntryRef | None = None) -> EntryRef:
    """AAA commits to a plan."""
    digest = Digest(hashlib.sha256(bytes.fromhex(SALT) + encode(what)).hexdigest())
    (ref,) = here.say("AAA", Seal(sha256=digest, opens=at(30), envelope=envelope))
    here.settle()
    return ref


def rung(here: Town, party: str) -> list[TroubleKind]:
    here.tick()
    troubles = here.nodes[party].state.troubles.values()
    return [each.kind for each in troubles if each.kind is TroubleKind.SEAL]


def test_own_check_finds_the_conflict_and_sends_no_byte_of_the_plan() -> None:
    """AAA's node says YES; nothing is under way, and no feed of any node has grown."""
    here = town()
    before, wants = held(here), len(here.wants)
    node, ls = here.nodes["AAA"], here.at("AAA")
    judge = node.tools.judge(here.line)
    judge.sync(ls.picture)
    assert ls.terms is not None
    of = Reading(ls=ls, terms=ls.terms, judge=judge, now=here.now)
    view = check(of, (plan(),))
    assert view.verdict is Verdict.YES
    here.settle()
    assert (held(here), len(here.wants)) == (before, wants)
    assert not any(b"raid" in entry for entry in held(here))


def test_seal_tells_nothing_until_it_is_opened_and_then_is_checked_at_once() -> None:
    """The commitment is on every feed, its content on none; opened at T-30 it is the plan, rings
    nobody about the seal, and conflicts with the flight at both ends."""
    here = town()
    ref = sealed(here, plan())
    assert not any(b"raid" in entry for entry in held(here))
    here.wait(30 * MINUTE)
    here.say("AAA", Open(seal=ref, salt=SALT, to=plan()))
    here.settle()
    for party in ("AAA", "BBB"):
        assert rung(here, party) == []
        kinds = {each.kind for each in here.nodes[party].state.troubles.values()}
        assert TroubleKind.CONFLICT in kinds


def test_opened_plan_that_does_not_match_rings_and_stands_in_the_evidence() -> None:
    """A party whose tool does not stop it: the others are rung, and the verifier names it."""
    here = town()
    ref = sealed(here, plan())
    liar = Liar(here, "AAA")
    liar.write(Open(seal=ref, salt=SALT, to=plan(label="other")))
    liar.push("BBB")
    assert TroubleKind.SEAL in {t.kind for t in here.nodes["BBB"].state.troubles.values()}
    found = checked(export(here, "BBB")).findings
    assert What.SEAL in {each.what for each in found}


@pytest.mark.parametrize(("radius_km", "outside"), [(4, False), (12, True)])
def test_coarse_first_and_fine_within_it_or_flagged(radius_km: float, outside: bool) -> None:
    """The envelope is an ordinary notice of 10 km. Fine inside it: nothing; fine of 12 km: rung at
    both ends, and a finding in the evidence."""
    here = town()
    (coarse,) = here.say("AAA", plan(10, "area"))
    here.settle()
    ref = sealed(here, plan(radius_km), coarse)
    here.say("AAA", Open(seal=ref, salt=SALT, to=plan(radius_km)))
    here.settle()
    for party in ("AAA", "BBB"):
        assert (rung(here, party) == [TroubleKind.SEAL]) is outside
    found = {each.what for each in checked(export(here, "BBB")).findings}
    assert (What.ENVELOPE in found) is outside
    here.check()
