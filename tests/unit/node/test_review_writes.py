"""All statements of a write or none: what is refused leaves nothing behind."""

import pytest

from clearline.model.entry import Amend, Field, Message, Notice, Precedence, Withdraw
from clearline.model.refusal import Code
from clearline.node import write
from clearline.node.state import Signing
from clearline.picture.situation import Version
from clearline.words.sentences import sentence
from tests.town import Town, at, disc, volume


def test_refused_second_statement_leaves_no_head_and_no_mark() -> None:
    """The first of two statements is not written when the second is refused: neither a head nor the
    high-water mark may count it."""
    here = Town(("AAA", "BBB"))
    here.wait(1_000)
    node = here.nodes["AAA"]
    size = here.at("AAA").frontier(here.feed("AAA")).size
    place = (volume(disc(34, 35, 1), at(60), at(90)),)
    outcome = here.try_to_say(
        "AAA",
        Message(template="text-check", fields=(Field(name="check", value=1),)),
        Notice(cls="nothing", label="x", volumes=place),
    )
    assert outcome.refusal is not None
    assert outcome.refusal.at.startswith("/statements/1")
    assert here.at("AAA").frontier(here.feed("AAA")).size == size
    head = node.head(here.line, here.feed("AAA"))
    assert head is not None
    assert head.checkpoint.size == size
    mark = node.high_water.read(here.line, here.feed("AAA"))
    assert mark is not None
    assert mark.size == size
    again = here.make("AAA", node.store, node.high_water)
    again.start(here.now)
    assert again.state.lines[here.line].signing is Signing.READY


def test_beyond_a_number_of_own_versions_no_routine_notice_is_filed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """CL-OWN-015: a further notice is refused with the number; FLASH, an amendment and an end go,
    what the other files is taken, and with room it goes again."""
    monkeypatch.setattr(write, "OWN_LIVE_MAX", 2)
    here = Town(("AAA", "BBB"))
    place = (volume(disc(34, 35, 1), at(60), at(90)),)

    def notice(label: str) -> Notice:
        return Notice(cls="air-movement", label=label, volumes=place)

    first, _ = here.say("AAA", notice("1"), notice("2"))
    refusal = here.try_to_say("AAA", notice("3")).refusal
    assert refusal is not None
    assert (refusal.code, refusal.clause) == (Code.TOO_MANY, "CL-OWN-015")
    assert (refusal.params["found"], refusal.params["high"]) == (3, 2)
    assert sentence(refusal), "it is said in words"
    here.say("AAA", notice("now"), prec=Precedence.FLASH)
    here.say("BBB", notice("b1"), notice("b2"))
    here.settle()
    assert len(here.at("AAA").picture.feed(here.feed("BBB")).live) == 2
    here.say("AAA", Amend(notice=first, to=notice("1 again")))
    here.say("AAA", Withdraw(versions=tuple(sorted(v.ref for v in own(here)))))
    here.say("AAA", notice("3"))


def own(here: Town) -> tuple[Version, ...]:
    """What stands of AAA."""
    return tuple(here.at("AAA").picture.feed(here.feed("AAA")).live.values())
