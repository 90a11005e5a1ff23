"""The page for who is on no line, as it comes out of a printer."""

import re

import pytest
from playwright.sync_api import Browser, Page

from clearline.model.ids import PartyId
from clearline.node.requests import PageAsk
from clearline.words.sentences import said
from tests.api_node import notice
from tests.console.conftest import Pair

SHEET = (710, 1043)
"""CSS pixels of A4 within its margins."""
BASE = "https://line.northern-command.example/answers"
OVER_THE_EDGE = """() => [...document.querySelectorAll('body :not(svg *)')]
  .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((each) => each.outerHTML)"""
TORN = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const torn = [];
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (text.parentElement.closest('pre, .screen') !== null) continue;
    const whole = /\\d{4}-\\d\\d-\\d\\dT[\\d:]+Z|[A-Z0-9]{4}-[A-Z0-9]{4}|wrong|locks/g;
    for (const found of text.data.matchAll(whole)) {
      const range = document.createRange();
      range.setStart(text, found.index);
      range.setEnd(text, found.index + found[0].length);
      const rows = [...range.getClientRects()].map((at) => Math.round(at.top));
      if (new Set(rows).size > 1) torn.push(found[0]);
    }
  }
  return torn;
}"""


@pytest.mark.parametrize("languages", [(), ("ar",), ("he",), ("uk",)])
def test_printed_page_is_one_sheet_with_nothing_cut(
    pair: Pair, browser: Browser, languages: tuple[str, ...]
) -> None:
    """Place, times, drawing and code reach the reader on one sheet of A4, in any language beside
    English; nothing lies beyond its edge, and no time or code is torn."""
    node = pair.alfa
    draft = notice(node.now(), 34.9, 35.9, label="Firing range 7, southern sector, second phase")
    with node.client() as client:
        ref = client.file(node.line, draft).refs[0]
        asked = PageAsk(
            of=ref, to=PartyId("SYRAD"), base=BASE, contact="+963 11 555 0142, duty officer",
            zone="Asia/Damascus", languages=languages,
        )  # fmt: skip
        made = client.page(node.line, asked)
    sheet = browser.new_page(viewport={"width": SHEET[0], "height": SHEET[1]})
    sheet.emulate_media(media="print")
    sheet.set_content(made.html)
    assert sheet.evaluate(OVER_THE_EDGE) == []
    assert sheet.evaluate(TORN) == []
    assert sheets(sheet) == 1
    assert made.page in printed_foot(sheet)
    sheet.close()


def sheets(page: Page) -> int:
    """How many sheets the browser prints."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def printed_foot(page: Page) -> str:
    """What the page tells the printer to write below each sheet."""
    text: str = page.locator("style").inner_text()
    return text[text.rindex("@page") :]


LEFT_ENDS = """words => {
  const text = document.querySelector('p').firstChild;
  return words.map((word) => {
    const range = document.createRange();
    range.setStart(text, text.data.indexOf(word));
    range.setEnd(text, text.data.indexOf(word) + word.length);
    return range.getBoundingClientRect().left;
  });
}"""
IN_ORDER = {
    "voice-write": ["clearline", "notice", "said", "ALFA.0/7"],
    "page-height-FL": ["1013.25", "hPa", "29.92", "inHg"],
    "page-height-AMSL": ["5100", "ft", "1555"],
    "page-height-AGL": ["5100", "ft", "1555"],
    "page-height-W84": ["5100", "ft", "1555"],
}


@pytest.mark.parametrize("lang", ["ar", "he"])
@pytest.mark.parametrize("name", IN_ORDER)
def test_command_or_height_in_a_sentence_from_right_to_left_keeps_its_order(
    browser: Browser, lang: str, name: str
) -> None:
    """What is typed or set as it stands is read from left to right, whatever stands around it."""
    facts = {"entry": "ALFA.0/7", "level": "051", "feet": "5100", "metres": "1555"}
    page = browser.new_page()
    page.set_content(f'<p dir="rtl">{said(lang, name, **facts)}</p>')
    left = page.evaluate(LEFT_ENDS, IN_ORDER[name])
    assert left == sorted(left)
    page.close()
