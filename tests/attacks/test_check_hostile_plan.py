"""A plan or a list of notices from somebody who wishes the checker ill."""

import io
import json
import tracemalloc

import msgspec
import pytest

from clearline.model.refusal import Code
from clearline.model.time import Instant
from clearline.plan.answer import Answer
from clearline.plan.check import check_notices
from clearline.plan.report import report
from tests.plan_cases import circle, item, lines, polygon, raw

GOOD = item(circle(35, 36, 100), id="good")


def check(hostile: bytes) -> Answer:
    """One hostile line, then a good item, against a notice that meets the good one."""
    source = io.BytesIO(hostile + b"\n" + raw(GOOD) + b"\n")
    found = check_notices(source, lines(item(circle(35, 36, 100))), Instant(0))
    assert isinstance(found, Answer)
    return found


def many(count: int) -> dict[str, object]:
    corners = [(0.0, k / 1e5) for k in range(count - 1)] + [(1.0, 0.0)]
    return item(polygon(*corners))


HOSTILE = {
    "deep lists": (b'{"volume":' + b"[" * 200_000, Code.NOT_JSON),
    "deep objects": (b'{"volume":' * 100_000, Code.NOT_JSON),
    "deep number": (
        raw(item(circle(0.5, 0, 1))).replace(b"0.5", b"[" * 5_000 + b"]" * 5_000),
        Code.NOT_JSON,
    ),
    "huge integer": (
        raw(item(circle(0.5, 0, 1))).replace(b"0.5", b"9" * 100_000),
        Code.NUMBER_RANGE,
    ),
    "huge exponent": (
        raw(item(circle(0, 0, 0.5))).replace(b"0.5", b"1e999999999"),
        Code.NUMBER_RANGE,
    ),
    "tiny exponent": (
        raw(item(circle(0, 0, 0.5))).replace(b"0.5", b"1e-999999999"),
        Code.NUMBER_RANGE,
    ),
    "large radius": (raw(item(circle(0, 0, 1e20))), Code.BAD_GEOMETRY),
    "many vertices": (raw(many(100_000)), Code.TOO_MANY),
    "many volumes": (raw({"volumes": [item(circle(0, 0, 1))] * 1_001}), Code.TOO_MANY),
    "many holes": (
        raw(item(polygon((0, 0), (0, 1), (1, 0), holes=[[{"lat": 0, "lng": 0}]] * 101))),
        Code.TOO_LARGE,
    ),
    "bidi name": (raw(item(circle(0, 0, 1), id="safe\u202etxt")), Code.BAD_TEXT),
    "control name": (raw(item(circle(0, 0, 1), id="a\x1b[2Jb")), Code.BAD_TEXT),
    "long name": (raw(item(circle(0, 0, 1), id="x" * 1_000)), Code.BAD_TEXT),
    "lone surrogate": (
        b'{"id":"\\ud800","volume":' + raw(circle(0, 0, 1)) + b"}",
        Code.NOT_JSON,
    ),
    "nul bytes": (b"\x00" * 1_000, Code.NOT_JSON),
    "posing field": (
        b'{"a` - at `$.volume": 1, "volume":' + raw(circle(0, 0, 1)) + b"}",
        Code.UNKNOWN_FIELD,
    ),
    "ends of time": (raw(item(circle(0, 0, 1), end="9999-12-31T23:59:59Z")), Code.BAD_WINDOW),
    "pole to pole": (raw(item(polygon((-90, 0), (90, 0), (0, 90)))), Code.BAD_GEOMETRY),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_item_is_refused_and_the_next_is_judged(name) -> None:
    """By its line, with its code; the conflict beside it is told; nothing raises."""
    data, code = HOSTILE[name]
    answer = check(data)
    assert [(r.place, r.code) for r in answer.refused] == [(1, code)]
    assert (answer.exit, answer.findings_count["YES"]) == (2, 1)
    assert answer.findings[0].plan.id == "good"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_never_act_in_the_report(name) -> None:
    """No control, escape or direction character of theirs reaches the terminal."""
    text = "\n".join(report(check(HOSTILE[name][0])))
    assert not set(text) & set("\x1b\x00\u202e\u2066\u200f\r")
    assert max(map(len, text.split("\n"))) < 1_000


def test_ten_thousand_vertices_are_judged_in_bounded_time() -> None:
    """The largest polygon that is taken."""
    corners = [(0.5 + 0.4 * ((k * 7919) % 2) / 1e3, k / 9999) for k in range(9_999)]
    answer = check(raw(item(polygon(*corners, (-1.0, 0.5)))))
    assert answer.exit in (1, 2)


def test_a_flood_of_lines_takes_bounded_memory() -> None:
    """What is kept of broken lines is limited, however many there are; no line is held."""

    class Flood(io.RawIOBase):
        left = 20_000
        good = raw(GOOD) + b"\n"

        def readline(self, limit: int | None = -1, /) -> bytes:
            self.left -= 1
            if self.left < 0:
                return b""
            return b'{"volume": {}}\n' if self.left % 100 else self.good

        def read(self, limit: int | None = -1, /) -> bytes:
            return b""

    notices = lines(item(circle(35, 36, 100)))
    tracemalloc.start()
    try:
        answer = check_notices(Flood(), notices, Instant(0), hold_plan=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert isinstance(answer, Answer)
    assert answer.findings_count["YES"] == 200
    assert answer.plan.refused == 19_800
    assert peak < 16 << 20


def test_json_of_a_hostile_answer_is_json() -> None:
    """Unknown names are quoted back cut and clean."""
    answer = check(b'{"\xe2\x80\xaex": 1}')
    text = msgspec.json.encode(answer).decode()
    assert json.loads(text)["refused"][0]["code"] == "unknown-field"
    assert "\u202e" not in text
