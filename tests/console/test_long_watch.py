"""A page that is left open for a watch: cut off and back without a gap, no bigger at its end, and
nothing that moves for who does not bear it."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import CDPSession, Locator, Page, Route, expect

from tests.api_node import Running, notice, until
from tests.console import busy
from tests.console.conftest import Desk, Opener, Pair, comes_true
from tests.tcp_proxy import Road

STALE_WAIT_MS = 90_000
"""Two heartbeats and a little are 22 s; much more on a busy machine."""
HEAP_GROWTH_MAX = 3_000_000
NODES_GROWTH_MAX = 400
LOOKS, EVENTS = 4, 1_500

KEEP_EVENTS = """
const Plain = window.EventSource;
window.streams = [];
window.events = [];
window.EventSource = class extends Plain {
  constructor(address, how) {
    super(address, how);
    window.streams.push(address);
    for (const name of ['alert', 'reset']) {
      this.addEventListener(name, (event) => window.events.push([name, event.lastEventId]));
    }
  }
};
"""


@contextmanager
def road_to(node: Running) -> Iterator[tuple[Road, asyncio.AbstractEventLoop]]:
    """A path to a node's console that can be cut; it runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    host, port = node.address.removeprefix("http://").split(":")
    road = asyncio.run_coroutine_threadsafe(Road((host, int(port))).start(), loop).result()
    try:
        yield road, loop
    finally:
        asyncio.run_coroutine_threadsafe(road.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def keeping_events(desk: Opener, node: Running, address: str) -> Desk:
    """An armed page at an address, that keeps which events it was told."""
    here = desk(node, signed_in=False)
    here.page.add_init_script(KEEP_EVENTS)
    here.page.goto("about:blank")
    here.page.goto(f"{address}/console/#link={node.link()}")
    here.page.locator(".shell").wait_for()
    with here.page.expect_response(lambda r: "/v1/events" in r.url and "desk=" in r.url):
        here.page.get_by_role("button", name="Arm the watch").click()
    return here


def collide(pair: Pair, lat: float, label: str) -> None:
    """A notice of each party's over one place; ALFA's node has the alarm when it is done."""
    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        alfa.file(pair.alfa.line, notice(pair.alfa.now(), lat, 35.2, label=f"Ours {label}"))
        bravo.file(pair.bravo.line, notice(pair.bravo.now(), lat, 35.3, label=label))
        until(alfa, lambda: any(label in alert.words for alert in alfa.alerts()))


def test_stream_that_was_silent_goes_on_without_a_gap_and_says_that_it_was_stale(
    pair: Pair, desk: Opener
) -> None:
    """The way to the node swallows everything: after two heartbeats the page says since when it is
    stale. What rang meanwhile comes when the way is back, event by event as on a page that was
    never cut off, and for a while the page says what it missed."""
    with road_to(pair.alfa) as (road, loop):
        host, port = road.address
        cut = keeping_events(desk, pair.alfa, f"http://{host}:{port}")
        whole = keeping_events(desk, pair.alfa, pair.alfa.address)
        collide(pair, 34.0, "Before")
        for here in (cut, whole):
            expect(
                here.page.locator('[data-item^="alert:"]', has_text="Before").first
            ).to_be_visible()
        loop.call_soon_threadsafe(road.hold)
        collide(pair, 36.0, "Meanwhile")
        expect(missed(whole).first).to_be_visible()
        stale = cut.page.get_by_text("FEED STALE SINCE")
        expect(stale).to_be_visible(timeout=STALE_WAIT_MS)
        expect(missed(cut)).to_have_count(0)
        loop.call_soon_threadsafe(road.heal)
        expect(missed(cut).first).to_be_visible()
        expect(stale).to_be_hidden()
        expect(cut.page.get_by_text("The feed was stale from")).to_be_visible()
        assert "after=" in str(cut.state("window.streams.at(-1)"))
        comes_true(cut.page, lambda: told(cut) == told(whole))
        cut.complaints.clear()  # the browser tells of each request that was lost on the way


def missed(here: Desk) -> Locator:
    """The alarms that rang while one page was cut off."""
    return here.page.locator('[data-item^="alert:"]', has_text="Meanwhile")


def told(here: Desk) -> list[list[str]]:
    """The events that a page was told, each with its id."""
    events = here.state("window.events")
    assert isinstance(events, list)
    return events


def measured(cdp: CDPSession) -> tuple[int, int, int]:
    """Bytes on the heap, nodes of the document and listeners, when what can go is gone."""
    cdp.send("HeapProfiler.collectGarbage")
    counters = cdp.send("Memory.getDOMCounters")
    used = cdp.send("Runtime.getHeapUsage")["usedSize"]
    return int(used), counters["nodes"], counters["jsEventListeners"]


def looked_about(page: Page) -> None:
    """What a watch does again and again: every list, a detail, two dialogs, a sheet."""
    for n in range(page.get_by_role("tab").count()):
        page.get_by_role("tab").nth(n).click()
        rows = page.locator(".list .item")
        if rows.count() > 0:
            rows.first.click()
    page.get_by_role("tab", name="Alarms").click()
    page.locator('[data-item^="alert:"]').first.click()
    for key in ("u", "x", "t", "h"):
        page.keyboard.press(key)
        page.keyboard.press("Escape")


def test_page_left_open_for_a_day_grows_neither_in_memory_nor_in_nodes(
    pair: Pair, desk: Opener
) -> None:
    """Six thousand events, as a bad day has them: alarms that come and go, lines that change, a
    thousand tracks that move, the watch that looks at everything in between. After the first rounds
    the heap and the document stay as they are."""
    collide(pair, 35.0, "Standing")
    with pair.alfa.http() as http:
        alert = next(a for a in http.get("/v1/alerts").json() if "Standing" in a["words"])
        line = pair.alfa.line
    rounds: list[int] = []

    def day(route: Route) -> None:
        rounds.append(len(rounds))
        first, now = rounds[-1] * EVENTS, pair.alfa.now()
        hello = {"position": f"e{first}", "now": now, "lines": [line], "desk": "console"}
        frames = [f"event: hello\ndata: {json.dumps(hello)}\n\n"]
        for n in range(first, first + EVENTS, 3):
            come = {**alert, "id": f"{n:032x}", "words": f"Alarm {n}", "presented": now}
            for state in ("raised", "closed"):
                what = {"ring": state == "raised", "alert": {**come, "state": state}}
                frames.append(f"id: e{n}\nevent: alert\ndata: {json.dumps(what)}\n\n")
            changed = {"lines": [line], "duties": True}
            frames.append(f"event: changed\ndata: {json.dumps(changed)}\n\n")
        # The last stays open on the page until the node is read again: it is drawn and undrawn.
        what = {"ring": True, "alert": {**alert, "id": "f" * 32, "words": f"Round {rounds[-1]}"}}
        frames.append(f"event: alert\ndata: {json.dumps(what)}\n\n")
        route.fulfill(content_type="text/event-stream", body="".join(frames))

    here = desk(pair.alfa, query="list=alerts")
    page = here.page
    page.route("**/v1/events?*", day)
    page.get_by_role("button", name="Arm the watch").click()
    cdp = page.context.new_cdp_session(page)
    figures = []
    for _ in range(LOOKS):
        with page.expect_response("**/v1/events?*"):
            busy.feed(pair.alfa, 1000, step=len(rounds))
        looked_about(page)
        figures.append(measured(cdp))
    page.unroute("**/v1/events?*")
    page.get_by_role("tab", name="Alarms").click()
    figures.append(measured(cdp))
    assert len(rounds) >= LOOKS
    settled, last = figures[1], figures[-1]
    assert last[0] - settled[0] < HEAP_GROWTH_MAX, figures
    assert last[1] - settled[1] < NODES_GROWTH_MAX, figures
    assert last[2] - settled[2] < NODES_GROWTH_MAX, figures
    expect(page.locator(".list .item", has_text="Standing").first).to_be_visible()
    expect(page.locator(".list .item", has_text="Alarm 1")).to_have_count(0)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_who_asked_for_less_motion(pair: Pair, desk: Opener, motion: str) -> None:
    """An alarm that nobody has taken flashes; for who asked for less motion it has a thick border
    instead, and nothing on the page is animated."""
    collide(pair, 33.5, f"Moving {motion}")
    here = desk(pair.alfa, query="list=alerts", reduced_motion=motion)
    row = here.page.locator(".unacknowledged", has_text=f"Moving {motion}").first
    expect(row).to_be_visible()
    if motion == "reduce":
        expect(row).to_have_css("animation-name", "none")
        expect(row).to_have_css("outline-style", "solid")
        here.page.wait_for_function("() => document.getAnimations().length === 0")
    else:
        expect(row).to_have_css("animation-name", "flash")
        here.page.wait_for_function("() => document.getAnimations().length > 0")
