"""Two and three real nodes over real sockets: delivery, receipts, overtaking, healing."""

import asyncio
from pathlib import Path

from tests.link_nodes import pair, row
from tests.town import disc, level, volume

from clearline.model.entry import Notice
from clearline.model.ids import PartyId, feed_of
from clearline.model.time import HOUR, Instant
from clearline.node.runtime import Runtime


def notice(node_runtime: Runtime, lat: float = 34.0) -> Notice:
    now = node_runtime.now()
    window = Instant(now + HOUR), Instant(now + 2 * HOUR)
    return Notice(
        cls="hazardous-air",
        label="area",
        volumes=(volume(disc(lat, 35.0, 10), *window, level(100), level(200)),),
    )


def test_notice_is_stored_and_receipted_over_one_listening_end(tmp_path: Path) -> None:
    """A notice from the end that only dials, and one from the end that only listens, are held and
    receipted by the other."""

    async def play() -> None:
        async with pair(tmp_path) as street:
            for author, other in (("AAA", "BBB"), ("BBB", "AAA")):
                node = street[author]
                (ref,) = await node.say(notice(node.runtime))
                await street.until(
                    lambda n=node, r=ref, o=other: n.seen(o, r.feed) > r.index, "its receipt"
                )
            await street.until_level()
            for party in street.parties:
                assert street["AAA"].holds(party) == street["BBB"].holds(party)

    asyncio.run(play())


def test_third_feed_goes_by_way_of_the_middle_node(tmp_path: Path) -> None:
    """AAA and CCC never connect; each holds the other's feed by way of BBB."""

    async def play() -> None:
        async with row(tmp_path, "AAA", "BBB", "CCC") as street:
            a = street["AAA"]
            (ref,) = await a.say(notice(a.runtime))
            await street.until(
                lambda: a.seen("CCC", ref.feed) > ref.index, "the receipt of CCC at AAA"
            )
            assert (street["AAA"].line, PartyId("CCC")) not in {
                key for key, talk in a.links.talks.items() if talk.wires
            }
            await street.until_level()
            feed = feed_of(PartyId("AAA"))
            assert street["CCC"].state.frontier(feed) == a.state.frontier(feed)

    asyncio.run(play())
