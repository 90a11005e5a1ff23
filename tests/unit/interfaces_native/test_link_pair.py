"""Two and three real nodes over real sockets: delivery, receipts, overtaking, healing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from clearline.interfaces.native import Timing
from clearline.interfaces.native.pace import Pace
from clearline.model.entry import Notice, Precedence
from clearline.model.ids import EntryRef, PartyId, feed_of
from clearline.model.time import HOUR, Instant
from clearline.node.inbound import Papers
from clearline.node.runtime import Runtime
from tests.link_nodes import (
    QUICK,
    LinkNode,
    Street,
    manifest_with,
    new_certificate,
    pair,
    pin,
    row,
    write_identity,
)
from tests.tcp_proxy import Road
from tests.town import certificate_of, disc, level, volume


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


class Narrow(Pace):
    """A link on which one batch is a kilobyte, for ever."""

    def answered(self, wire_bytes: int, record_bytes: int, elapsed_s: float) -> None:
        self.batch_bytes = 1_024


def ahead(node: LinkNode) -> set[EntryRef]:
    return set(node.state.stored_ahead)


def test_flash_overtakes_a_backlog(tmp_path: Path) -> None:
    """FLASH entries said while a backlog is on its way arrive before its end, in their own order,
    and each is folded once in its place."""

    async def play() -> None:
        async with pair(tmp_path) as street:
            a, b = street["AAA"], street["BBB"]
            await b.stop()
            for n in range(6):
                await a.say(*(notice(a.runtime, 30 + n + m / 20) for m in range(10)))
            talk = a.links.talk(a.line, PartyId("BBB"))
            assert talk is not None
            talk.pace = Narrow(batch_bytes=1_024)
            begin = b.size("AAA")
            arrivals: list[EntryRef] = []

            def note() -> None:
                arrivals.extend(sorted(ahead(b) - set(arrivals)))

            await b.start(peers={"AAA": a.address})
            b.runtime.watchers.append(lambda _: note())
            await street.until(lambda: b.size("AAA") > begin + 2, "the backlog is moving")
            first = await a.say(notice(a.runtime, 50.0), prec=Precedence.FLASH)
            second = await a.say(notice(a.runtime, 51.0), prec=Precedence.FLASH)
            await street.until(lambda: len(arrivals) == 2, "both are there")
            assert b.size("AAA") < first[0].index, "the backlog is still on its way"
            assert arrivals == [*first, *second]
            await street.until_level()
            assert not ahead(b)
            assert a.holds("AAA") == b.holds("AAA")
            assert len(set(b.holds("AAA"))) == len(b.holds("AAA"))

    asyncio.run(play())


def test_partition_heals_and_everything_is_there_once(tmp_path: Path) -> None:
    """Both ends write while the road between them is cut; once it is open again each holds all of
    the other's, once, and has receipted it."""

    async def play() -> None:
        async with roads(tmp_path) as (street, road):
            a, b = street["AAA"], street["BBB"]
            road.cut()
            await street.until(lambda: not (linked(a, "BBB") or linked(b, "AAA")), "both noticed")
            refs = [(await a.say(notice(a.runtime, 30 + n)))[0] for n in range(5)]
            back = [(await b.say(notice(b.runtime, 40 + n)))[0] for n in range(5)]
            assert b.size("AAA") <= refs[0].index
            road.heal()
            await street.until(lambda: a.seen("BBB", refs[-1].feed) > refs[-1].index, "receipt")
            await street.until(lambda: b.seen("AAA", back[-1].feed) > back[-1].index, "receipt")
            await street.until_level()
            for party in street.parties:
                assert a.holds(party) == b.holds(party)

    asyncio.run(play())


def test_black_hole_is_noticed_and_left_behind(tmp_path: Path) -> None:
    """A road that swallows everything and tells nobody: the end that waits for an answer lets go,
    and goes on over a new connection."""

    async def play() -> None:
        timing = replace(QUICK, answer_s=0.2, handshake_s=1.0)
        async with roads(tmp_path, timing) as (street, road):
            a = street["AAA"]
            road.hold()
            (ref,) = await a.say(notice(a.runtime))
            await street.until(lambda: not linked(a, "BBB"), "nothing came back")
            road.heal()
            await street.until(lambda: a.seen("BBB", ref.feed) > ref.index, "its receipt")
            await street.until_level()

    asyncio.run(play())


def test_new_manifest_takes_effect_without_restart(tmp_path: Path) -> None:
    """A party's next certificate is accepted as soon as the manifest that names it has come over
    the line; the one that it no longer names is shown out."""

    async def play() -> None:
        async with pair(tmp_path) as street:
            a, b = street["AAA"], street["BBB"]
            key, der = new_certificate("BBB")
            both = manifest_with("BBB", serial=2, certificates=(certificate_of("BBB"), pin(der)))
            await take(b, both)
            await street.until(lambda: serial(a, "BBB") == 2, "AAA holds the manifest")
            new = write_identity(tmp_path / "BBB-new", key, der)
            road = a.address
            await b.stop()
            await b.start(peers={"AAA": road}, identity=new)
            await street.until(lambda: linked(a, "BBB") and linked(b, "AAA"), "by the new one")
            only = manifest_with("BBB", serial=3, certificates=(pin(der),), before=both)
            await take(b, only)
            await street.until(lambda: serial(a, "BBB") == 3, "AAA holds the next manifest")
            (ref,) = await a.say(notice(a.runtime))
            await street.until(lambda: a.seen("BBB", ref.feed) > ref.index, "its receipt")
            await b.stop()
            await b.start(peers={"AAA": road})
            strangers = f"a stranger at {road[0]}"
            before = a.links.seldom.count(strangers)
            talk = a.links.talk(a.line, PartyId("BBB"))
            assert talk is not None
            await until_refused(a, strangers, before + 2)
            assert not talk.wires

    asyncio.run(play())


async def take(node: LinkNode, *documents: bytes) -> None:
    """The documents must be taken by the node."""
    outcome = await node.submit(Papers(line=node.line, peer=None, documents=documents))
    assert outcome.refusal is None, outcome.refusal


async def until_refused(node: LinkNode, sort: str, count: int) -> None:
    """Wait until so many strangers were refused."""
    reached = asyncio.Event()
    warn = node.links.seldom.warn

    def counting(of: str, text: str) -> None:
        warn(of, text)
        if node.links.seldom.count(sort) >= count:
            reached.set()

    node.links.seldom.warn = counting  # type: ignore[method-assign]
    async with asyncio.timeout(20):
        await reached.wait()


def linked(node: LinkNode, peer: str) -> bool:
    return node.state.peers[PartyId(peer)].connected


def serial(node: LinkNode, party: str) -> int:
    return node.state.roster.chains[PartyId(party)].serial


@asynccontextmanager
async def roads(folder: Path, timing: Timing = QUICK) -> AsyncIterator[tuple[Street, Road]]:
    """AAA listens; BBB dials it over a road that can be cut."""
    street = Street(folder, "AAA", "BBB", timing=timing)
    await street["AAA"].start(listen=True)
    road = await Road(street["AAA"].address).start()
    try:
        await street["BBB"].start(peers={"AAA": road.address})
        await street.until(lambda: linked(street["AAA"], "BBB") and linked(street["BBB"], "AAA"))
        nodes = street.nodes.values()
        await street.until(lambda: all(n.size("AAA") and n.size("BBB") for n in nodes))
        await street.until_level()
        yield street, road
    finally:
        for node in street.nodes.values():
            await node.stop()
        await road.stop()
