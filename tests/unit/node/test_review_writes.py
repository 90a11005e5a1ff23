"""All statements of a write or none: what is refused leaves nothing behind."""

from clearline.model.entry import Field, Message, Notice
from clearline.node.state import Signing
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
