"""What the page holds of a line, in a real browser: what came first and every change since."""

import random
from pathlib import Path

import msgspec
from playwright.sync_api import Browser

from clearline.node.queries import asks, seals
from clearline.node.queries_notices import conflicts, notices
from clearline.node.queries_standing import standing_views
from tests.console.parts import CONSOLE, fetched, npm
from tests.shown_cases import Desk, Story
from tests.town import Town

HISTORIES, DOINGS = 8, 40
MINUTES = """(told) => {
  const clock = (at) => new Date(at).toISOString().slice(0, 16);
  const stands = (s) => s && { ...s, as_of: clock(s.as_of), proved_by: null };
  return told.map((each) => ({ ...each, standing: stands(each.standing) }));
}"""
"""As of when, to the minute: the page puts it in anew when that can be seen."""
RUN = f"""({{ steps }}) => {{
  const byMinute = {MINUTES};
  let page = new held.HeldLine();
  const faults = [];
  let same = 0;
  let before = [];
  for (const [n, {{ told, fresh, full }}] of steps.entries()) {{
    if (fresh) page = new held.HeldLine();
    const found = page.take(told);
    for (const name of Object.keys(full)) {{
      const [mine, theirs] = name === 'notices'
        ? [byMinute(found.notices), byMinute(full.notices)] : [found[name], full[name]];
      if (JSON.stringify(mine) !== JSON.stringify(theirs)) {{
        faults.push([n, name, JSON.stringify(mine), JSON.stringify(theirs)]);
      }}
    }}
    same += found.notices.filter((each) => before.includes(each)).length;
    before = found.notices;
  }}
  return {{ faults, same, position: page.position }};
}}"""


def history(seed: int) -> list[dict[str, object]]:
    """What a page is told after each doing, and what a full reading says then. At times the page
    misses some, is opened anew, or the node has begun anew."""
    dice = random.Random(seed)
    story = Story(Town(("AAA", "BBB")), dice)
    desk = Desk(story.town, "AAA")
    position, steps = None, []
    for _ in range(DOINGS):
        story.step()
        if dice.random() < 0.05:
            desk.restart()
        desk.refresh()
        if dice.random() < 0.3:
            continue
        fresh = not steps or dice.random() < 0.05
        told = desk.kept.after(story.town.line, None if fresh else position)
        position, of = told.position, story.town.look("AAA")
        full = {
            "notices": tuple(notices(of)), "conflicts": conflicts(of), "asks": asks(of),
            "movers": tuple(each for _, each in sorted(of.ls.movers.items())), "seals": seals(of),
            "areas": standing_views(of),
        }  # fmt: skip
        steps.append({"told": told, "fresh": fresh, "full": full})
    found: list[dict[str, object]] = msgspec.json.decode(msgspec.json.encode(steps))
    return found


def test_page_holds_what_a_full_reading_says(browser: Browser, tmp_path: Path) -> None:
    """After any history with any cuts the page's lists are, item by item and word by word, what
    the plain questions answer; and what did not change stays the same object, so that nothing is
    drawn again for it."""
    fetched()
    script = tmp_path / "held.js"
    source = str(CONSOLE / "src" / "lib" / "held.ts")
    npm("exec", "--", "rolldown", source, "--format", "iife", "--name", "held", "-o", str(script))
    page = browser.new_page()
    page.add_script_tag(path=script)
    same = 0
    for seed in range(HISTORIES):
        found = page.evaluate(RUN, {"steps": history(seed)})
        assert found["faults"] == []
        same += found["same"]
    assert same > 20 * HISTORIES
    page.close()
