import asyncio

from clearline.channels.desk import DeskEvent, DeskHub, DeskReader, Missed, open_desk
from clearline.channels.kinds import open_channel
from clearline.node.channel import Call, Delivered, Failed
from tests.alert_cases import PLAN, call_of, stop


def rings(hub: DeskHub, count: int, call: Call | None = None) -> list[Delivered | Failed]:
    async def run() -> list[Delivered | Failed]:
        return [await hub.deliver(call or call_of(stop(n))) for n in range(count)]

    return asyncio.run(run())


def numbers(reader: DeskReader) -> list[int | str]:
    """Numbers of all events that are there now; "missed" for a gap."""
    found: list[int | str] = []
    while (event := reader.poll()) is not None:
        found.append("missed" if isinstance(event, Missed) else event.seq)
    return found


def test_desk_that_nobody_has_open_fails() -> None:
    """The ladder goes on; the event waits for who comes."""
    hub = DeskHub("s")
    assert rings(hub, 1) == [Failed(why="nobody")]
    assert hub.last_seq == 1


def test_desk_that_is_open_hears() -> None:
    """A reader gets every ring with its payload, in order."""
    hub = DeskHub("s")
    with hub.open("north") as reader:
        assert rings(hub, 3) == [Delivered()] * 3
        event = reader.poll()
        assert isinstance(event, DeskEvent)
        assert event.ring is not None
        assert (event.seq, event.ring.kind.value) == (1, "stop")
        assert numbers(reader) == [2, 3]


def test_closed_desk_does_not_count() -> None:
    """Who has gone away hears nothing."""
    hub = DeskHub("s")
    with hub.open("north"):
        assert (hub.is_open("north"), hub.open_desks()) == (True, ("north",))
    assert rings(hub, 1) == [Failed(why="nobody")]


def test_another_desk_does_not_count() -> None:
    """A ring for one desk is not heard on another, nor is it shown there."""
    hub = DeskHub("s")
    call = call_of(stop())
    north = Call(
        alert=call.alert,
        ring=type(call.ring)(alert=call.ring.alert, role="watch", rung=0, ring=1, desks=("north",)),
        at=call.at,
        own=call.own,
    )
    with hub.open("south") as reader:
        assert rings(hub, 1, north) == [Failed(why="nobody")]
        assert numbers(reader) == []
    with hub.open("north", after="s-0") as reader:
        assert numbers(reader) == [1]


def test_change_is_shown_without_a_ring() -> None:
    """Taken, answered, ended: the desk follows."""
    hub = DeskHub("s")
    with hub.open("north") as reader:
        hub.show(call_of(stop()).alert)
        event = reader.poll()
        assert isinstance(event, DeskEvent)
        assert event.ring is None


def test_reader_that_comes_back_goes_on_without_a_gap() -> None:
    """From the id of the last event seen, nothing twice and nothing left out."""
    hub = DeskHub("s")
    rings(hub, 5)
    with hub.open("north", after=hub.id_of(2)) as reader:
        assert numbers(reader) == [3, 4, 5]


def test_reader_that_was_away_too_long_is_told() -> None:
    """What is gone is said, then what is left follows."""
    hub = DeskHub("s", events=3)
    rings(hub, 10)
    with hub.open("north", after=hub.id_of(2)) as reader:
        assert numbers(reader) == ["missed", 8, 9, 10]


def test_slow_reader_costs_no_memory_and_is_told() -> None:
    """A reader holds a place, not a queue."""
    hub = DeskHub("s", events=3)
    with hub.open("north") as reader:
        rings(hub, 10)
        assert numbers(reader) == ["missed", 8, 9, 10]


def test_id_of_another_run_means_missed() -> None:
    """After a restart numbers start again: an old one, or one made up, reads as a gap."""
    hub = DeskHub("new")
    rings(hub, 3)
    for after in ("old-2", "2", "", "new-", "new-99", "new--1", "new-٣", "new-" + "9" * 99):
        with hub.open("north", after=after) as reader:
            assert numbers(reader) == ["missed"]


def test_each_run_has_numbers_of_its_own() -> None:
    """Two hubs opened from settings never share ids."""
    first, second = (open_channel("desk", {}) for _ in range(2))
    assert isinstance(first, DeskHub)
    assert isinstance(second, DeskHub)
    assert first.stream != second.stream
    assert open_desk.__name__ == "open_desk"


def test_waiting_reader_wakes_for_an_event_and_for_its_end() -> None:
    """An asynchronous reader sleeps until there is something, and ends when it is closed."""

    async def run() -> list[int]:
        hub, seen = DeskHub("s"), []
        reader = hub.open("north")

        async def read() -> None:
            async for event in reader:
                assert isinstance(event, DeskEvent)
                seen.append(event.seq)
                if event.seq == 2:
                    reader.close()

        task = asyncio.create_task(read())
        await hub.deliver(call_of(stop(1)))
        await hub.deliver(call_of(stop(2)))
        await task
        return seen

    assert asyncio.run(run()) == [1, 2]


def test_desks_of_the_plan_reach_the_ring() -> None:
    """What routing chose is what the hub filters by."""
    from dataclasses import replace

    from clearline.alerting import Desk

    plan = replace(PLAN, desks=(Desk(name="north"), Desk(name="drill", exercise=True)))
    assert call_of(stop(), plan=plan).ring.desks == ("north",)
