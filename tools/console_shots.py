"""Takes pictures of every view of the console in three themes, on a desk's screen and on a tablet,
from right to left, and as those see it who tell few colours or none apart; from two real nodes.

Usage: python -m tools.console_shots -o FOLDER [--readme] [--theme night]

With ``--readme`` only the pictures that README shows are made: console.png and board.png. Look at
what changed before it is committed: ``python -m tools.console_shots -o docs/pictures --readme``.
"""

import argparse
import html
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from clearline.cli.board import rows
from clearline.cli.desk import Desk
from clearline.model.entry import Stop
from tests.api_node import found, make_parties, notice, running, until
from tests.console import busy
from tests.console.conftest import ARGUMENTS, CHROMIUM, DESKTOP, TABLET, Pair, linked

SIZE_MAX: Final = 300_000
"""Bytes of a picture in the repository."""
THEMES: Final = ("day", "night", "red")
SIGHTS: Final = ("protanopia", "deuteranopia", "tritanopia", "achromatopsia")
"""As the browser's own simulation names them."""
LISTS: Final = ("alerts", "conflicts", "inbox", "inview")
DIALOGS: Final = {
    "unable": "u", "read-back": "b", "object": "o", "ways": "p", "coordinate": "c", "silence": "z",
    "call": "l", "stop": "x", "distress": "d", "accident": "Shift+A", "keys": "?",
    "palette": "Control+k",
}  # fmt: skip
REPLAYED: Final = "1537210980000"
"""2018-09-17T19:03:00Z: minutes before the Il-20 was hit."""
BOARD: Final = """<meta charset="utf-8"><body style="margin:0;background:#0e1114;width:max-content">
<pre style="margin:0;padding:12px;color:#e6e8ea;font:15px/1.25 'DejaVu Sans Mono',monospace"
>{rows}</pre>"""
LOOK: Final = {
    "bold": "font-weight:700;color:#fff", "dim": "color:#a9b1ba",
    "underline": "text-decoration:underline", "reverse": "background:#e6e8ea;color:#0e1114",
}  # fmt: skip


@contextmanager
def night(folder: Path, others: int) -> Iterator[Pair]:
    """Two nodes with an evening on them: a conflict, other areas of each, movers, tracks."""
    make_parties(folder / "parties", "ALFA", "BRAVO")
    with linked(folder / "parties", folder) as pair:
        now = pair.alfa.now()
        busy.file(pair.alfa, busy.areas(now, others, busy.CLASSES, seed=11))
        busy.file(pair.bravo, busy.areas(now, others, busy.CLASSES, seed=12))
        with pair.alfa.client() as alfa, pair.bravo.client() as bravo:
            ours = notice(now, 35.05, 36.0, label="Range 7 firing", radius_km=14, in_minutes=25)
            theirs = notice(now, 35.1, 36.2, label="Medical flight", cls="air-movement",
                            radius_km=12, in_minutes=40)  # fmt: skip
            alfa.file(pair.alfa.line, ours)
            bravo.file(pair.bravo.line, theirs)
            until(alfa, lambda: any("Medical" in alert.words for alert in alfa.alerts()))
        busy.movers(pair.alfa)
        busy.feed(pair.alfa, 60)
        yield pair


def opened(
    browser: Browser, pair: Pair, theme: str, query: str, size: tuple[int, int], *,
    wall: bool = False,
) -> Page:  # fmt: skip
    """A page signed in at ALFA, in a theme, when its lists are there."""
    page = visited(browser, pair, theme, size, f"?{query}#link={pair.alfa.link('commander')}",
                   wall=wall)  # fmt: skip
    page.locator(".deaf button").click()
    page.locator(".list .item, .wall-list").first.wait_for()
    return page


def visited(
    browser: Browser, pair: Pair, theme: str, size: tuple[int, int], tail: str, *,
    wall: bool = False,
) -> Page:  # fmt: skip
    """A page of ALFA's as it comes, in a theme."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, base_url=pair.alfa.address,
        reduced_motion="reduce",
    )  # fmt: skip
    page = context.new_page()
    kept = json.dumps(json.dumps({"theme": theme, "wall": wall}))
    page.add_init_script(f"localStorage.setItem('clearline.choices', {kept})")
    page.goto(f"/console/{tail}")
    return page


def conflict_of(pair: Pair) -> str:
    """The selection that the picture of README shows."""
    with pair.alfa.client() as alfa:
        pairs = alfa.conflicts(pair.alfa.line)
        named = [each for each in pairs if "Medical flight" in (each.a_label, each.b_label)]
        return next(a.id for a in alfa.alerts() if named[0].a in a.about and named[0].b in a.about)


def of_readme(browser: Browser, pair: Pair, out: Path) -> None:
    """The page with the conflict of the evening chosen, and the board of the same desk."""
    query = f"list=alerts&map=35.1,36.0,8.6&sel=alert:{conflict_of(pair)}"
    page = opened(browser, pair, "day", query, (1360, 820))
    page.locator(".sections").wait_for()
    page.locator(".host[data-shapes]").wait_for()
    page.locator(".cut").wait_for(state="detached")
    page.screenshot(path=out / "console.png", animations="disabled")
    page.context.close()
    with pair.alfa.client() as client:
        desk = Desk(client, "terminal", lambda _: (0, []))
        desk.read()
        desk.selected = conflict_of(pair)
        screen = rows(desk.screen(110, 22))
    lines = "\n".join(
        f'<span style="{";".join(LOOK[word] for word in row.look.split())}">'
        f"{html.escape(row.text)}</span>"
        for row in screen
    )
    page = browser.new_page()
    page.set_content(BOARD.format(rows=lines))
    page.locator("pre").screenshot(path=out / "board.png")
    for name in ("console.png", "board.png"):
        size = (out / name).stat().st_size
        print(f"{out / name}: {size} bytes")
        if size > SIZE_MAX:
            sys.exit(f"{name} is larger than {SIZE_MAX} bytes")


def of_theme(browser: Browser, pair: Pair, theme: str, out: Path) -> None:
    """Every view on a desk's screen, on a tablet, and from right to left."""
    looks = (("desk", "", DESKTOP), ("tablet", "", TABLET), ("ar", "lang=ar", DESKTOP),
             ("he", "lang=he", TABLET))  # fmt: skip
    for name, query, size in looks:
        every_view(browser, pair, theme, f"list=alerts&{query}", size, out / f"{theme}-{name}")
    for size, name in ((DESKTOP, "desk"), (TABLET, "tablet")):
        page = opened(browser, pair, theme, "", size, wall=True)
        take(page, out / f"{theme}-{name}-wall")
        page.context.close()
        page = visited(browser, pair, theme, size, "")
        page.locator(".signin").wait_for()
        take(page, out / f"{theme}-{name}-signin")
        page.context.close()


def every_view(
    browser: Browser, pair: Pair, theme: str, query: str, size: tuple[int, int], to: Path
) -> None:
    """Every list with its first item chosen, some dialogs, a draft, and every sheet."""
    page = opened(browser, pair, theme, query, size)
    for name in LISTS:
        page.locator(f"#tab-{name}").click()
        page.locator(".list .item").first.click()
        take(page, Path(f"{to}-list-{name}"))
        page.keyboard.press("Escape")
    page.locator("#tab-alerts").click()
    page.locator('[data-item^="alert:"]', has_text="Medical").first.click()
    for name, key in DIALOGS.items():
        page.keyboard.press(key)
        page.get_by_role("dialog").wait_for()
        if name == "ways":  # it is looked for at the node first
            page.locator("dialog .way").first.wait_for()
        take(page, Path(f"{to}-dialog-{name}"))
        page.keyboard.press("Escape")
    page.keyboard.press("n")
    take(page, Path(f"{to}-draft"))
    menu = page.locator("button[popovertarget=works]")
    sheets = page.locator("#works [role=menuitem]:not(.me)")  # that one is hidden on a desk's
    for n in range(sheets.count()):
        menu.click()
        sheets.nth(n).click()
        page.locator(".work").wait_for()
        name = parse_qs(urlsplit(page.url).query)["work"][0]
        if name == "handover":
            page.locator(".items li").first.wait_for()
        if name == "replay":
            page.locator(".mark ~ * input[type=range]").fill(REPLAYED)
        if name == "messages":
            page.locator("button.primary").first.click()
            page.locator("select").first.select_option("report")
        take(page, Path(f"{to}-sheet-{name}"))
    page.context.close()


def take(page: Page, to: Path) -> None:
    """A picture of the window."""
    page.screenshot(path=f"{to}.png", animations="disabled")


def of_sight(browser: Browser, pair: Pair, theme: str, out: Path) -> None:
    """What must be told at a glance, as those see it who tell few colours or none apart."""
    query = f"list=alerts&map=35.1,36.0,8.6&sel=alert:{conflict_of(pair)}"
    page = opened(browser, pair, theme, query, DESKTOP)
    page.locator(".sections").wait_for()
    cdp = page.context.new_cdp_session(page)
    for sight in SIGHTS:
        cdp.send("Emulation.setEmulatedVisionDeficiency", {"type": sight})
        page.locator("#tab-alerts").click()
        take(page, out / f"{theme}-{sight}-alerts")
        page.locator("#tab-conflicts").click()
        take(page, out / f"{theme}-{sight}-conflicts")
        page.keyboard.press("t")
        page.locator(".work article").first.wait_for()
        take(page, out / f"{theme}-{sight}-third")
        page.keyboard.press("Escape")
    page.context.close()


def of_emergency(browser: Browser, pair: Pair, theme: str, out: Path) -> None:
    """A STOP of the other's over everything."""
    for size, name in ((DESKTOP, "desk"), (TABLET, "tablet")):
        page = opened(browser, pair, theme, "list=alerts", size)
        page.locator("[data-emergency-of=stop]").first.wait_for()
        page.locator(".host[data-shapes]").wait_for()
        take(page, out / f"{theme}-{name}-stop-received")
        page.context.close()


def of_nobody(browser: Browser, folder: Path, themes: tuple[str, ...], out: Path) -> None:
    """A line whose other end does not answer, with nothing on it: sound off, then armed."""
    make_parties(folder / "parties", "ALFA", "BRAVO")
    with running(found(folder / "parties", folder / "alfa", "ALFA", "BRAVO")) as alone:
        for theme in themes:
            page = visited(browser, Pair(alone, alone), theme, DESKTOP,
                           f"?list=alerts#link={alone.link('commander')}")  # fmt: skip
            page.locator("button.line.down").wait_for()
            for name in LISTS:
                page.locator(f"#tab-{name}").click()
                take(page, out / f"{theme}-nobody-{name}")
            page.locator(".deaf button").click()
            page.locator("button.line").click()
            take(page, out / f"{theme}-nobody-peer")
            page.context.close()


def main() -> None:
    """Make the pictures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("-o", "--out", type=Path, required=True)
    asked.add_argument("--readme", action="store_true")
    asked.add_argument("--theme", choices=THEMES, action="append")
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        night(Path(folder), 1 if given.readme else 7) as pair,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        if given.readme:
            of_readme(browser, pair, given.out)
            return
        themes = given.theme or THEMES
        for theme in themes:
            of_theme(browser, pair, theme, given.out)
            of_sight(browser, pair, theme, given.out)
        with pair.bravo.client() as bravo:
            bravo.say(pair.bravo.line, Stop())
        for theme in themes:
            of_emergency(browser, pair, theme, given.out)
        of_nobody(browser, Path(folder) / "nobody", tuple(themes), given.out)
        print(f"{len(list(given.out.glob('*.png')))} pictures in {given.out}")


if __name__ == "__main__":
    main()
