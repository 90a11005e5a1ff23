import json

import pytest
from msgspec.structs import replace

from clearline.alerting import Raised
from clearline.channels.payload import (
    PAYLOAD_BYTES_MAX,
    AlertPayload,
    as_json,
    as_text,
    payload_of,
    plain,
    subject_of,
)
from clearline.model.alert import TroubleKind
from clearline.model.ids import EntryRef, FeedId, PartyId
from clearline.model.time import Instant
from clearline.words.language import language
from clearline.words.sentences import said
from tests.alert_cases import START, Watch, call_of, conflict, ref, stop

REMINDER = said("en", "reminder")
UNANSWERED = said("en", "unanswered")


def test_json_is_closed_and_says_what_rings() -> None:
    """Every field by name, times in UTC, entries by their place."""
    made = json.loads(as_json(call_of(stop(7, params={"label": "Latakia", "minutes": 4}))))
    assert set(AlertPayload.__struct_fields__) == set(made)
    assert made["since"] == made["sent"] == "2018-09-17T18:39:00Z"
    assert (made["kind"], made["precedence"], made["peer"]) == ("stop", "Z", "RUS")
    assert (made["about"], made["params"]) == (["RUS.0/7"], {"label": "Latakia", "minutes": 4})
    assert made["reminder"] == REMINDER


def test_id_is_the_same_for_the_same_ring() -> None:
    """A ring performed twice after a crash can be recognised."""
    assert payload_of(call_of(stop())).id == payload_of(call_of(stop())).id
    watch = Watch()
    watch.at(0, Raised(trouble=stop()))
    watch.until(30)
    first, second = (ring.key for _, ring in watch.rings)
    assert first != second


@pytest.mark.parametrize("kind", list(TroubleKind))
def test_every_kind_has_a_headline_and_a_subject(kind: TroubleKind) -> None:
    """No alert goes out without words, with or without a peer."""
    assert kind in language("en").troubles
    for peer in (PartyId("RUS"), None):
        call = call_of(stop(kind=kind, peer=peer)) if kind is not TroubleKind.FLOOD else None
        if call is not None:
            assert "{" not in as_text(call)
            assert subject_of(call).isascii()


def test_text_says_that_nobody_has_agreed() -> None:
    """FM10: beside every alert that waits for an answer stands that silence is not consent."""
    assert UNANSWERED in as_text(call_of(stop()))
    assert UNANSWERED not in as_text(call_of(conflict()))


def test_every_text_ends_with_what_a_notice_is_not() -> None:
    """Every export says that a notice gives no permission."""
    assert as_text(call_of(conflict())).endswith(f"\n{REMINDER}\n")


def test_exercise_is_marked_first_and_everywhere() -> None:
    """FM26: in the subject, at the head of the text, in the record."""
    drill = call_of(stop(exercise=True))
    assert as_text(drill).startswith("EXERCISE EXERCISE EXERCISE\n")
    assert subject_of(drill).startswith("Clearline: EXERCISE EXERCISE ")
    assert payload_of(drill).exercise


def test_counter_is_told() -> None:
    """One alarm for 37 says so."""
    call = call_of(stop())
    many = replace(call, ring=replace(call.ring, count=37))
    assert "(37 ringing)" in subject_of(many)
    assert "Ringing as one alarm: 37" in as_text(many)


def test_subject_in_full() -> None:
    """Our own words, a closed word, a party's id, a time."""
    assert subject_of(call_of(stop())) == "Clearline: FLASH STOP from RUS, 18:39:00Z"


@pytest.mark.parametrize(
    "hostile",
    [
        "a\r\nBcc: x@y.z", "\x00", "\x1b[2J", "\u202egpj.exe", "a\u2028b", "\ud800",
        "\U000e0041", "\x85", "\u00a0", "\ufeff",
    ],
)  # fmt: skip
def test_plain_leaves_nothing_that_acts_or_hides(hostile: str) -> None:
    """Line ends, control characters, direction marks, tags, halves of pairs: all replaced."""
    shown = plain(hostile)
    assert "\N{WHITE SQUARE}" in shown
    assert shown.isprintable()
    shown.encode("utf-8")


def test_plain_keeps_peoples_languages() -> None:
    """Arabic, Hebrew, Russian, Ukrainian and French words stay as they are."""
    words = "شمال سوريا צפון Север північ été"
    assert plain(words) == words


def test_size_is_bounded_whatever_the_trouble_holds() -> None:
    """Ten thousand long facts and entries still make one small payload."""
    feed = FeedId("ABCDEFGHIJKL.9999")
    huge = stop(
        params=dict.fromkeys((f"{n}" * 90 for n in range(10_000)), "\x00" * 100_000),
        about=tuple(EntryRef(feed, n) for n in range(10_000)),
    )
    call = call_of(huge)
    assert len(as_json(call)) <= PAYLOAD_BYTES_MAX
    assert payload_of(call).about_more == 9_950
    assert len(as_text(call)) <= PAYLOAD_BYTES_MAX


def test_due_time_is_told() -> None:
    """The deadline of the agreement stands in the text."""
    due = call_of(conflict(due=Instant(START + 60_000), about=(ref(3),)))
    assert "Answer or act due: 2018-09-17T18:40:00Z" in as_text(due)
