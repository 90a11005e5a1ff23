"""A line's record on a stick: what one node writes another takes, with no link between them."""

from pathlib import Path

import pytest

from clearline.interfaces.native import export_file, import_file
from clearline.model.entry import Notice
from clearline.model.ids import FeedId
from clearline.model.refusal import Code, Refusal
from tests.town import Town, at, disc, level, volume


def notice(lat: float) -> Notice:
    area = volume(disc(lat, 35.0, 10), at(60), at(120), level(100), level(200))
    return Notice(cls="hazardous-air", label="area", volumes=(area,))


@pytest.fixture
def town() -> Town:
    """CCC has missed what AAA and BBB said."""
    town = Town(("AAA", "BBB", "CCC"))
    for n in range(20):
        town.say("AAA", notice(30 + n))
        town.push("AAA", "BBB", FeedId("AAA.0"))
        town.push("BBB", "AAA", FeedId("BBB.0"))
    town.wants.clear()
    return town


def write(town: Town, party: str, path: Path, since: dict[FeedId, int]) -> bytes:
    content = b"".join(export_file(town.nodes[party], town.line, since))
    path.write_bytes(content)
    return content


def sizes(town: Town, party: str) -> dict[FeedId, int]:
    return {feed: front.size for feed, front in town.at(party).frontiers.items()}


def test_stick_brings_every_feed_level(town: Town, tmp_path: Path) -> None:
    """After taking BBB's file CCC holds all that BBB held, of the third party too, and has written
    its own receipt; taking it again changes nothing."""
    path = tmp_path / "line.clx"
    held = sizes(town, "BBB")
    write(town, "BBB", path, sizes(town, "CCC"))
    for _ in range(2):
        for what in import_file(path):
            assert not isinstance(what, Refusal)
            assert town.take("CCC", what).outcomes[0].refusal is None
        assert held == {**sizes(town, "CCC"), FeedId("CCC.0"): held[FeedId("CCC.0")]}
    assert sizes(town, "CCC")[FeedId("CCC.0")] > held[FeedId("CCC.0")]


def test_stick_that_was_cut_off_brings_what_is_whole(town: Town, tmp_path: Path) -> None:
    """Every cut gives the stretches before it, and then says that it was cut off."""
    path = tmp_path / "line.clx"
    content = write(town, "AAA", path, {})
    whole = list(import_file(path))
    for cut in range(len(content) - 1, 25, -len(content) // 9):
        path.write_bytes(content[:cut])
        *before, last = import_file(path)
        assert isinstance(last, Refusal)
        assert last.code is Code.TRUNCATED
        assert before == whole[: len(before)]


def test_stick_with_a_flipped_bit_is_never_believed(town: Town, tmp_path: Path) -> None:
    """Whatever bit is flipped, nothing that the authors did not write is taken."""
    path = tmp_path / "line.clx"
    content = write(town, "AAA", path, sizes(town, "CCC"))
    refused = 0
    for place in range(21, len(content), 97):
        path.write_bytes(content[:place] + bytes((content[place] ^ 4,)) + content[place + 1 :])
        for what in import_file(path):
            if isinstance(what, Refusal) or town.take("CCC", what).outcomes[0].refusal is not None:
                refused += 1
    assert refused
    for feed in (FeedId("AAA.0"), FeedId("BBB.0")):
        mine = [e.data for e in town.nodes["CCC"].store.iterate_entries(town.line, feed)]
        author = town.nodes[feed[:3]].store
        assert mine == [e.data for e in author.iterate_entries(town.line, feed)][: len(mine)]
