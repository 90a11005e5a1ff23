"""The page itself, as HTML for A4 and as plain text: the same facts, codes and original."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from html import escape
from itertools import groupby
from typing import Final

import msgspec

from clearline.model.entry import Entry
from clearline.model.ids import PartyId, party_of
from clearline.model.terms import Agreement, Effect, Represented
from clearline.model.time import Instant, format_length
from clearline.onepage.block import Original, write_block
from clearline.onepage.bounds import heights_said
from clearline.onepage.drawing import drawing
from clearline.onepage.facts import VOLUMES_MAX, Row, class_of, facts, moment, volumes_of
from clearline.words.language import language
from clearline.words.reader import ENGLISH, Langs
from clearline.words.sentences import plain, said

BREAK: Final = "\n"


class Codes(msgspec.Struct, frozen=True, kw_only=True):
    """What the reader gives back: the page's id, the short code, the link ("": none)."""

    page: str
    phone: str
    phone_until: Instant
    link: str
    link_until: Instant
    tries: int


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a page is made of. ``checkpoint``: as signed, to be compared on paper;
    ``contact``: how the reader reaches the sender, in the sender's words."""

    entry: Entry
    terms: Agreement
    to: Represented
    relay: PartyId
    original: Original
    checkpoint: str
    codes: Codes
    made: Instant
    zone: tzinfo | None = None
    contact: str = ""
    langs: Langs = ENGLISH


def _said(made: Made, name: str, /, **blanks: str | int) -> list[str]:
    """A phrase in each of the reader's languages, English first."""
    tags = dict.fromkeys((*ENGLISH, *made.langs))
    return [said(tag, name, **blanks) for tag in tags]


def _asks(made: Made) -> list[str]:
    term = class_of(made.entry.body, made.terms)
    if not volumes_of(made.entry.body):
        name = "page-ask-message"
    else:
        hazard = term is None or term.effect is Effect.HAZARD
        name = "page-ask-hazard" if hazard else "page-ask-keep-clear"
    return [*_said(made, name), *_said(made, "page-ask-code")]


def _reply(made: Made) -> Iterator[str]:
    codes, zone = made.codes, made.zone
    until = moment(codes.phone_until, zone)
    shown = f"{codes.phone[:4]}-{codes.phone[4:]}"
    yield from _said(made, "page-by-phone", code=shown, until=until, tries=codes.tries)
    if made.contact:
        yield from _said(made, "page-contact", contact=plain(made.contact))
    if codes.link:
        until = moment(codes.link_until, zone)
        yield from _said(made, "page-by-link", link=codes.link, until=until)
    yield from _said(made, "page-proves")


def _names(made: Made) -> tuple[str, str]:
    """Relay and author, with their names."""
    names = {each.id: each.name for each in made.terms.parties}
    author = party_of(made.entry.feed)
    both = (made.relay, author)
    relay, author_ = (plain(f"{each} ({names.get(each, each)})") for each in both)
    return relay, author_


def _head(made: Made) -> list[str]:
    relay, author = _names(made)
    return _said(made, "page-sender", relay=relay, author=author, line=plain(made.terms.title))


def _age(made: Made) -> list[str]:
    relay, _ = _names(made)
    age = format_length(made.made - made.entry.t)
    at = moment(made.made, made.zone)
    return _said(made, "page-age", page=made.codes.page, made=at, relay=relay, age=age)


def _record(made: Made) -> list[str]:
    entry = made.entry
    return _said(made, "page-record", entry=str(entry.ref), line=entry.line[:16], leaf=entry.leaf)


def _reminders(made: Made) -> list[str]:
    return _said(made, "reminder")


def _by_volume(made: Made) -> list[tuple[int, list[Row]]]:
    rows = facts(made.entry, made.terms, made.zone)
    return [(n, list(group)) for n, group in groupby(rows, key=lambda row: row.volume)]


def _more(made: Made) -> list[str]:
    left = len(volumes_of(made.entry.body)) - VOLUMES_MAX
    return _said(made, "page-more", count=left) if left > 0 else []


# --- plain text ----------------------------------------------------------------------------------


def text_page(made: Made) -> str:
    """The page for a telefax, a telegram or a screen without a browser."""
    relay_to = plain(made.to.name)
    parts: list[str] = []
    if made.terms.exercise:
        parts += _said(made, "page-exercise")
    parts += [*_said(made, "page-title", name=relay_to), ""]
    parts += [*_head(made), "", *_heading(made, "page-asked"), *_asks(made), ""]
    for n, rows in _by_volume(made):
        parts += [f"({n})"] if n else []
        for row in rows:
            parts += [
                f"  {_label(row)}: {row.value}",
                *(f"    {each}" for each in _beside(made, row)),
            ]
    parts += [*_more(made), "", *_heading(made, "page-reply"), *_reply(made), ""]
    parts += [*_age(made), *_reminders(made), "", *_heading(made, "page-origin")]
    parts += [*_record(made), "", made.checkpoint.rstrip(), "", write_block(made.original)]
    if made.terms.exercise:
        parts += _said(made, "page-exercise")
    return BREAK.join(parts) + BREAK


def _beside(made: Made, row: Row) -> list[str]:
    """What a row says, in words, for who does not know its signs."""
    if row.name != "heights":
        return []
    volume = volumes_of(made.entry.body)[row.volume - 1]
    return [heights_said(volume, tag) for tag in dict.fromkeys((*ENGLISH, *made.langs))]


def _heading(made: Made, name: str) -> list[str]:
    return [" / ".join(_said(made, name)).upper()]


def _label(row: Row, langs: Langs = ENGLISH) -> str:
    tags = dict.fromkeys((*ENGLISH, *langs))
    return " / ".join(dict.fromkeys(said(tag, f"page-row-{row.name}") for tag in tags))


# --- HTML ----------------------------------------------------------------------------------------

STYLE: Final = """
@page{size:A4;margin:10mm 11mm 12mm}
*{box-sizing:border-box}
body{font:10.5pt/1.32 "DejaVu Sans",Arial,sans-serif;color:#000;background:#fff;max-width:186mm;
margin:0 auto;padding:4mm}
h1{font-size:17pt;margin:0 0 1mm}
h2{font-size:11pt;margin:3.5mm 0 1mm;border-bottom:.4mm solid #000}
p{margin:.8mm 0}
.exercise{border:1mm double #000;padding:1.5mm;text-align:center;font-weight:bold;margin:0 0 2mm}
.ask{font-size:11.5pt;font-weight:bold}
.two{display:flex;gap:4mm;align-items:flex-start;flex-wrap:wrap}
.two>table{flex:1 1 100mm;width:auto;min-width:0}
.two>figure{flex:0 1 66mm;margin:0}
table{border-collapse:collapse;width:100%}
th{text-align:left;font-weight:normal;color:#333;padding:.4mm 3mm .4mm 0;vertical-align:top;
width:33mm}
td{min-width:48mm;overflow-wrap:break-word;padding:.4mm 0;font-weight:bold;vertical-align:top}
td>.said{font-weight:normal;font-size:8.5pt;margin:.2mm 0}
tr.first>*{border-top:.2mm solid #777}
.reply{border:.5mm solid #000;padding:1.5mm 3mm}
.link{overflow-wrap:anywhere}
.small{font-size:8.5pt}
pre{font:8pt/1.25 "DejaVu Sans Mono",monospace;white-space:pre-wrap;word-break:break-all;
margin:1mm 0}
svg{width:100%;height:auto;font:11px "DejaVu Sans",Arial,sans-serif}
.volume{fill:#000;fill-opacity:.18;stroke:#000;stroke-width:1.8}
.wide{fill:none;stroke-opacity:.25;stroke-linecap:round;stroke-linejoin:round}
.line{fill:none;stroke-width:1.4}
.zone{fill:none;stroke:#000;stroke-width:1.2;stroke-dasharray:6 4}
.net{stroke:#999;stroke-width:.6;fill:none}
.rim{fill:none;stroke:#000;stroke-width:1.2}
.bar,.north{fill:none;stroke:#000;stroke-width:1.6}
.north{fill:#000}
.n{font-weight:bold;font-size:15px;text-anchor:middle;paint-order:stroke;stroke:#fff;stroke-width:3}
.deg{fill:#333;paint-order:stroke;stroke:#fff;stroke-width:2}
label{display:block;margin:2mm 0}
textarea{width:100%;height:18mm}
button{font-size:12pt;padding:2mm 6mm}
@media print{.screen{display:none}
body{padding:0;max-width:none;font-size:10pt;line-height:1.26}
h1{font-size:15pt;margin:0 0 .5mm}h2{margin:2.5mm 0 .8mm;break-after:avoid}
p{margin:.5mm 0}.exercise{padding:.8mm;margin:0 0 1mm}.reply{padding:.8mm 2.5mm}
.reply,figure,tr,pre{break-inside:avoid}
.beside{font-size:8.6pt;line-height:1.22}.beside h1{font-size:12.5pt}.beside h2{font-size:9.5pt;
margin:1.6mm 0 .5mm}.beside .ask{font-size:9.6pt}.beside .small,.beside td>.said{font-size:7.4pt}
.beside pre{font-size:6.8pt;line-height:1.15;margin:.5mm 0}.beside p{margin:.3mm 0}
.beside th{width:38mm}.beside .two>figure{flex-basis:58mm}.beside :is(th,td){padding-block:.2mm}}
"""
"""Printed, a notice of one place is one sheet of A4: with a second language beside the first, in
smaller letters. What needs more sheets has its number on each (``_foot``)."""


def html_page(made: Made, form: str = "") -> str:
    """The page for a browser and for paper; ``form``: what the link shows besides, as HTML."""
    to = plain(made.to.name)
    titles = _said(made, "page-title", name=to)
    groups = _by_volume(made)
    body = [
        _banner(made),
        *(f"<h1>{escape(each)}</h1>" for each in titles),
        _paragraphs(_head(made)),
        _h2(made, "page-asked"),
        _paragraphs(_asks(made), "ask"),
        '<div class="two"><table>',
        *(_table(made, n, rows) for n, rows in groups),
        "</table>",
        _figure(made),
        "</div>",
        _paragraphs(_more(made)),
        form if form else _reply_box(made),
        _paragraphs([*_age(made), *_reminders(made)], "small"),
        _h2(made, "page-origin"),
        _paragraphs(_record(made), "small"),
        f"<pre>{escape(made.checkpoint.rstrip())}</pre>",
        f'<details class="screen"><summary>{escape(str(made.entry.ref))}</summary>'
        f"<pre>{escape(write_block(made.original))}</pre></details>",
        _banner(made),
    ]
    return document(titles[0], "\n".join(body), made.langs, _foot(made))


def _foot(made: Made) -> str:
    """Below each sheet: which page it is of, and how many sheets belong together. One of them may
    be lost in a telefax machine."""
    exercise = "EXERCISE " if made.terms.exercise else ""
    left = f'@bottom-left{{content:"{exercise}{made.codes.page}"}}'
    return f'@page{{{left}@bottom-right{{content:counter(page) " / " counter(pages)}}}}'


def document(title: str, body: str, langs: Sequence[str] = ENGLISH, style: str = "") -> str:
    """A whole HTML document: nothing is fetched, nothing runs."""
    way = language(langs[-1]).direction if langs else "ltr"
    kind = ' class="beside"' if set(langs) - set(ENGLISH) else ""
    return (
        f'<!DOCTYPE html>\n<html lang="en" data-dir="{way}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="referrer" content="no-referrer"><meta name="robots" content="noindex">'
        f"<title>{escape(title)}</title><style>{STYLE}{style}</style></head>\n<body{kind}>\n{body}\n"
        "</body></html>\n"
    )


def _banner(made: Made) -> str:
    if not made.terms.exercise:
        return ""
    return f'<div class="exercise">{escape(" / ".join(_said(made, "page-exercise")))}</div>'


def _paragraphs(lines: Sequence[str], css: str = "") -> str:
    kind = f' class="{css}"' if css else ""
    return "".join(f'<p dir="auto"{kind}>{escape(line)}</p>' for line in lines)


def _h2(made: Made, name: str) -> str:
    return f"<h2>{escape(' / '.join(dict.fromkeys(_said(made, name))))}</h2>"


def _table(made: Made, n: int, rows: Sequence[Row]) -> str:
    found = []
    for i, row in enumerate(rows):
        again = i > 0 and rows[i - 1].name == row.name
        label = "" if again else _label(row, made.langs)
        if n and i == 0:
            label = f"{n}. {label}"
        css = ' class="first"' if i == 0 else ""
        value = f"{escape(row.value)}{_paragraphs(_beside(made, row), 'said')}"
        found.append(f"<tr{css}><th>{escape(label)}</th><td>{value}</td></tr>")
    return "".join(found)


def _figure(made: Made) -> str:
    volumes = volumes_of(made.entry.body)
    if not volumes:
        return ""
    zones = [(zone.label, zone.footprint) for zone in made.to.zones]
    shown = [volume.footprint for volume in volumes[:VOLUMES_MAX]]
    caption = _paragraphs(_said(made, "page-drawing"), "small")
    return f"<figure>{drawing(shown, zones, str(made.entry.ref))}{caption}</figure>"


def _reply_box(made: Made) -> str:
    lines = "".join(f'<p dir="auto" class="link">{escape(each)}</p>' for each in _reply(made))
    return f'{_h2(made, "page-reply")}<div class="reply">{lines}</div>'


def form_of(made: Made) -> str:
    """The form that the link shows: it is sent to the very address of the page."""
    one, more, send = (" / ".join(dict.fromkeys(_said(made, name))) for name in _FORM)
    return (
        f'{_h2(made, "page-reply")}<form class="reply" method="post">'
        '<label><input type="radio" name="outcome" value="TOLD" required> '
        f"{escape(one)}</label>"
        '<label><input type="radio" name="outcome" value="ANSWERED"> '
        f'{escape(more)}<textarea name="text" maxlength="280"></textarea></label>'
        f"<button>{escape(send)}</button>{_paragraphs(_said(made, 'page-proves'), 'small')}</form>"
    )


_FORM: Final = ("page-answer", "page-answer-more", "page-send")


def note_page(name: str, /, **blanks: str | int) -> str:
    """A page of one sentence: recorded, nothing here, too often."""
    words = said("en", name, **blanks)
    return document(words, _paragraphs([words], "ask"))
