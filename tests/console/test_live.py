"""A live page: how soon it shows what the other party's process did, and what it makes of a stream
that breaks off in a word, a node that starts anew, a computer that slept, a clock that is wrong."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from clearline.api.people import read_people
from clearline.api.sign_ins import new_link
from clearline.client import Client
from clearline.config import read_config
from clearline.model.ids import LineId
from clearline.model.time import MINUTE, format_utc
from clearline.node.runtime import Clock
from clearline.store.disk import write_whole
from tests.api_node import found, notice, running, until
from tests.console.conftest import Desk, Opener, Pair, comes_true, linked
from tests.console.test_alerts import WATCH_FOR

ON_SCREEN_MS = 1_000
TRIES = 8
STOP_S = 30
NAMES = '[[places]]\nnames = ["{name}"]\nat = "35.5317N 35.7901E"\nradius_km = 15\n'
KEEP_STREAMS = """
const Plain = window.EventSource;
window.streams = [];
window.EventSource = class extends Plain {
  constructor(address, how) { super(address, how); window.streams.push(address); }
};
"""


@dataclass(frozen=True)
class Process:
    """A node in a process of its own, as whoever runs it has it."""

    folder: Path
    address: str
    line: LineId

    def client(self) -> Client:
        """A client of its watch."""
        return Client(self.address, (self.folder / "tokens" / "watch.token").read_text().strip())

    def link(self, role: str = "watch") -> str:
        """The code of a fresh one-time link."""
        placed = read_config(self.folder)
        who = next(p for p in read_people(placed.tokens) if p.role == role)
        return new_link(placed.sign_ins, who, Clock().now(), write_whole)


@contextmanager
def process(folder: Path) -> Iterator[Process]:
    """``clearline node run`` for as long as the block lasts."""
    run = [sys.executable, "-m", "clearline", "node", "run", str(folder), "--quiet"]
    env = {**os.environ, "PYTHONPATH": str(Path("src").resolve())}
    started = subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env)
    try:
        assert started.stdout is not None
        first = started.stdout.readline().decode()
        address = re.search(r"http://127\.0\.0\.1:\d+", first)
        assert address is not None, first
        here = Process(folder, address[0], LineId(""))
        with here.client() as client:
            (line,) = client.lines()
        yield Process(folder, address[0], line.line)
    finally:
        started.send_signal(signal.SIGINT)
        started.communicate(timeout=STOP_S)


def free_port() -> int:
    """A port that nobody had a moment ago."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def test_other_processs_conflict_is_on_this_screen_within_a_second_of_its_filing(
    parties: Path, tmp_path: Path, desk: Opener
) -> None:
    """From the request to the other party's node, through its disk, the line, our node, its judging
    and its stream, to the row on our page: two processes and a browser, one clock. Of several the
    best, since other work may have the machine."""
    port = free_port()
    listen = f"127.0.0.1:{port}"
    bravo_at = found(parties, tmp_path / "bravo", "BRAVO", "ALFA", listen=listen)
    alfa_at = found(parties, tmp_path / "alfa", "ALFA", "BRAVO")
    config = alfa_at / "node.toml"
    config.write_text(
        config.read_text().replace("[link.peers]", f'[link.peers]\nBRAVO = "{listen}"')
    )
    with ExitStack() as stack:
        bravo = stack.enter_context(process(bravo_at))
        alfa = stack.enter_context(process(alfa_at))
        page = desk(alfa, query="list=alerts").page
        theirs, ours = stack.enter_context(bravo.client()), stack.enter_context(alfa.client())
        until(ours, lambda: all(peer.state == "UP" for peer in ours.lines()[0].peers))
        took: list[float] = []
        for n in range(TRIES):
            if took and min(took) < ON_SCREEN_MS:
                break
            now, lat = Clock().now(), 33.5 + n / 2
            ours.file(alfa.line, notice(now, lat, 35.2, label=f"Ours {n}"))
            page.evaluate(WATCH_FOR, f"Sudden {n}")
            before = time.time() * 1000
            theirs.file(bravo.line, notice(now, lat, 35.3, label=f"Sudden {n}"))
            page.wait_for_function("() => window.seenAt !== null")
            took.append(page.evaluate("window.seenAt") - before)
    assert min(took) < ON_SCREEN_MS, took


def alarm(page: Page, label: str) -> Locator:
    """Alarms about something, in the list."""
    return page.locator('[data-item^="alert:"]', has_text=label)


def items(page: Page, label: str) -> list[str]:
    """What each of them is called, as often as it stands there."""
    return alarm(page, label).evaluate_all("all => all.map(e => e.dataset.item)")


def meets(pair: Pair, lat: float, label: str) -> None:
    """A notice of each party's over one place; ALFA's node has the alarm when it is done."""
    with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
        alfa.file(pair.alfa.line, notice(pair.alfa.now(), lat, 35.2, label=f"Ours {label}"))
        bravo.file(pair.bravo.line, notice(pair.bravo.now(), lat, 35.3, label=label))
        until(alfa, lambda: any(label in alert.words for alert in alfa.alerts()))


def watching(desk: Opener, pair: Pair) -> Desk:
    """An armed page that keeps which streams it opened."""
    here = desk(pair.alfa, signed_in=False)
    here.page.add_init_script(KEEP_STREAMS)
    here.page.goto("about:blank")
    here.page.goto(f"{pair.alfa.address}/console/?list=alerts#link={pair.alfa.link()}")
    here.page.locator(".shell").wait_for()
    return here


def test_reading_that_was_answered_before_an_alarm_does_not_take_it_off_the_page(
    pair: Pair, desk: Opener
) -> None:
    """The answer to what was asked before it rang comes after it, and nothing can be read any more:
    the alarm stands."""
    here = watching(desk, pair)
    page = here.page
    with page.expect_response(lambda r: "/v1/events" in r.url and "desk=" in r.url):
        page.get_by_role("button", name="Arm the watch").click()
    late: list[tuple[Route, APIResponse]] = []

    def answer(route: Route) -> None:
        if late:
            return route.abort()
        return late.append((route, route.fetch()))

    with page.expect_request("**/v1/duties*"):
        page.route("**/v1/duties*", answer)
    comes_true(page, lambda: late != [])
    meets(pair, 34.4, "Rang meanwhile")
    rang = alarm(page, "Rang meanwhile").filter(has_text="CONFLICT")
    expect(rang).to_have_count(1)
    with page.expect_response("**/v1/duties*"):
        late[0][0].fulfill(response=late[0][1])
    with page.expect_request("**/v1/duties*"):  # it is taken, and the next one asked
        pass
    expect(rang).to_have_count(1)
    here.complaints.clear()


def test_stream_that_breaks_off_in_a_word_goes_on_behind_the_last_whole_event(
    pair: Pair, desk: Opener
) -> None:
    """Half an event is none: the page asks again for what comes after the last one that it had
    whole, and what was cut in two is told once."""
    here = watching(desk, pair)
    page = here.page
    meets(pair, 34.0, "Cut in two")
    with pair.alfa.http() as http:
        alert = next(a for a in http.get("/v1/alerts").json() if "Cut in two" in a["words"])
    now = pair.alfa.now()
    hello = {"position": "p-1", "now": now, "lines": [pair.alfa.line], "desk": "console"}
    first = {"ring": True, "alert": {**alert, "id": "a" * 32, "words": "Whole event"}}
    second = {"ring": True, "alert": {**alert, "id": "b" * 32, "words": "Event in two"}}
    half = json.dumps(second)
    asked: list[str] = []

    def answer(route: Route) -> None:
        if "desk=" not in route.request.url:  # not yet a desk
            return route.continue_()
        asked.append(route.request.url)
        if len(asked) > 2:
            return route.continue_()
        frames = [f"id: p-1\nevent: hello\ndata: {json.dumps(hello)}\n\n"]
        if len(asked) == 1:
            frames.append(f"id: p-2\nevent: alert\ndata: {json.dumps(first)}\n\n")
            frames.append(f"id: p-3\nevent: alert\ndata: {half[: len(half) // 2]}")
        else:
            frames.append(f"id: p-3\nevent: alert\ndata: {half}\n\n")
        return route.fulfill(content_type="text/event-stream", body="".join(frames))

    page.route("**/v1/events?*", answer)
    page.route("**/v1/duties*", lambda route: route.abort())  # what is heard stays as it was heard
    page.get_by_role("button", name="Arm the watch").click()
    expect(alarm(page, "Whole event")).to_have_count(1)
    expect(alarm(page, "Event in two")).to_have_count(1)
    assert asked[1].endswith("after=p-2")
    page.wait_for_function("() => window.streams.some((each) => each.includes('after=p-3'))")
    here.complaints.clear()


def test_node_that_starts_anew_finds_its_page_again_with_what_rang_meanwhile(
    parties: Path, tmp_path: Path, desk: Opener
) -> None:
    """The page says that it is cut off; the node comes back at its address with other names of
    places and another alarm: both are there without anybody's touch, and nothing stands twice."""
    with linked(parties, tmp_path) as pair:
        folder = pair.alfa.folder
        toml = folder / "node.toml"
        said = toml.read_text("utf-8").replace("\n# places =", "\nplaces =")
        api = pair.alfa.address.removeprefix("http://")
        said, n = re.subn(r'"127\.0\.0\.1:0"', f'"{api}"', said, count=1)
        assert n == 1
        pair.alfa.stop()
        toml.write_text(said, "utf-8")
        places = folder / "places.toml"
        places.write_text(NAMES.format(name="Old name"), "utf-8")
        with running(folder) as first:
            here = desk(first, query="list=alerts&map=35.5317,35.7901,11")
            page = here.page
            expect(page.locator(".host")).to_have_attribute("data-names", "1")
            meets(Pair(first, pair.bravo), 34.0, "Before")
            expect(alarm(page, "Before").first).to_be_visible()
            before = set(items(page, "Before"))
        expect(page.get_by_text("connecting again")).to_be_visible()
        places.write_text(NAMES.format(name="New name"), "utf-8")
        with running(folder) as again:
            meets(Pair(again, pair.bravo), 36.5, "Meanwhile")
            expect(alarm(page, "Meanwhile").first).to_be_visible()
            expect(page.get_by_text("connecting again")).to_be_hidden()
            for item in before:
                expect(page.locator(f'[data-item="{item}"]')).to_have_count(1)
            rung = items(page, "Before")
            assert len(rung) == len(set(rung))
            box = page.locator("main.centre canvas").first.bounding_box()
            assert box is not None
            expect(page.locator(".host")).to_have_attribute("data-names", "1")
            page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            detail = page.get_by_label("Detail", exact=True)
            expect(detail.get_by_role("heading", name="New name")).to_be_visible()
        here.complaints.clear()  # the browser tells of each request that nobody answered


def test_page_that_slept_has_what_rang_meanwhile(pair: Pair, desk: Opener) -> None:
    """The page is stopped in the middle of a step: no timer runs and nothing is heard. When it goes
    on, what rang meanwhile stands there without anybody's touch."""
    page = desk(pair.alfa, query="list=alerts").page
    page.evaluate(WATCH_FOR, "Slept through")
    cdp = page.context.new_cdp_session(page)
    paused: list[object] = []
    cdp.on("Debugger.paused", lambda event: paused.append(event))
    cdp.send("Debugger.enable")
    cdp.send("Debugger.pause")
    while not paused:
        cdp.send("Debugger.setSkipAllPauses", {"skip": False})
    meets(pair, 35.5, "Slept through")
    woken = time.time() * 1000
    cdp.send("Debugger.resume")
    expect(alarm(page, "Slept through").first).to_be_visible()
    assert page.evaluate("window.seenAt") >= woken, "it did not sleep"


@pytest.mark.parametrize(("minutes", "way"), [(95, "ahead of the node"), (-40, "behind the node")])
def test_page_goes_by_the_nodes_clock_and_says_how_wrong_this_computers_is(
    pair: Pair, desk: Opener, minutes: int, way: str
) -> None:
    """A computer that is an hour and a half off shows the node's time all the same, and says so."""
    here = desk(pair.alfa, signed_in=False)
    page = here.page
    wrong = pair.alfa.now() + minutes * MINUTE
    page.clock.install(time=wrong / 1000)
    page.goto("about:blank")
    page.goto(f"/console/#link={pair.alfa.link()}")
    page.locator(".shell").wait_for()
    expect(page.get_by_text(way)).to_be_visible()
    said = page.locator(".clock strong").inner_text()
    now = pair.alfa.now()
    near = {format_utc(type(now)(now + s * 1000))[11:19] for s in range(-20, 21)}
    assert said.removesuffix("Z") in near
