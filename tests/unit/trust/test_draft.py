"""The text that people edit."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearline.canonical import encode
from clearline.model.refusal import Code, Refusal
from clearline.model.terms import Agreement, DataTerm, HeightMode
from clearline.trust.agreement import class_of, pair_of
from clearline.trust.documents import digest_of
from clearline.trust.draft import compile_draft, fill_template
from clearline.trust.reading import Table
from clearline.trust.show import describe, signatures
from clearline.trust.writing import next_draft, write_draft
from tests.trust_people import ALFA, BRAVO, CHARLIE, NOON, agreed, template, terms

TEXT = fill_template(template("bilateral-air"), [ALFA.card, BRAVO.card], NOON)
NAMES = ("bilateral-air", "humanitarian", "wildfire")


@pytest.mark.parametrize("name", NAMES)
def test_draft_of_terms_compiles_to_the_same_terms(name: str) -> None:
    """Writing terms as a draft and reading it again loses nothing."""
    agreement = terms(name=name)
    again = compile_draft(write_draft(agreement))
    assert isinstance(again, Agreement)
    assert encode(agreement) == encode(again)


def test_next_draft_is_the_next_version() -> None:
    """The draft of the following version names line and predecessor."""
    agreement = terms()
    after = compile_draft(next_draft(agreement, digest_of(agreement)))
    assert isinstance(after, Agreement)
    assert (2, digest_of(agreement), digest_of(agreement)) == (
        after.version,
        after.line,
        after.previous,
    )


@pytest.mark.parametrize("name", NAMES)
def test_template_holds_the_defaults_of_the_failure_modes(name: str) -> None:
    """Heartbeat 60 s, down after 150 s, ladder at 60/180/300 s, hazards with a tail of minutes."""
    agreement = terms(name=name)
    assert (60_000, 150_000) == (agreement.heartbeat_ms, agreement.down_after_ms)
    immediate = next(due for due in agreement.deadlines if due.precedence == "O")
    assert 60_000 == immediate.repeat_ms
    assert (0, 180_000, 300_000) == tuple(rung.after_ms for rung in immediate.ladder)
    for term in agreement.classes:
        assert (term.effect == "hazard") == (term.tail_ms > 0)


def test_hazard_over_a_convoy_reaches_the_surface() -> None:
    """In the humanitarian terms whatever flies above people on the ground counts for them."""
    for cls in ("convoy", "convoy-emergency", "static-site", "distress"):
        pair = pair_of(terms(name="humanitarian"), "hazardous-air", cls)
        assert pair is not None
        assert HeightMode.SURFACE is pair.height


def test_units_become_millimetres_and_milliseconds_exactly() -> None:
    """10 NM are 18,520 m, 2,000 ft are 609.6 m, 30 min are 1,800,000 ms."""
    pair = pair_of(terms(), "air-movement", "hazardous-air")
    cls = class_of(terms(), "hazardous-air")
    assert pair is not None
    assert cls is not None
    assert (18_520_000, 609_600) == (pair.lateral_mm, pair.vertical_mm)
    assert (1_800_000, 1_800_000) == (cls.lead_min_ms, cls.tail_ms)


@given(st.decimals(min_value=0, max_value=10**6, places=5), st.sampled_from(["m", "ft", "nm"]))
def test_rounding_goes_to_the_stricter_side(value: Decimal, unit: str) -> None:
    """FM05: a separation is never less than stated, a deadline never more."""
    factor = {"m": Decimal(1000), "ft": Decimal("304.8"), "nm": Decimal(1_852_000)}[unit]
    faults: list[Refusal] = []
    table = Table({f"apart_{unit}": value, "answer_s": value}, "", faults)
    apart, answer = table.length("apart"), table.time("answer", up=False)
    assert [] == faults
    assert value * factor <= apart < value * factor + 1
    assert value * 1000 - 1 < answer <= value * 1000


@pytest.mark.parametrize(
    ("old", "new", "code", "at"),
    [
        ("lateral_nm = 10", "lateral = 10", Code.MISSING_FIELD, "/pairs/0/lateral"),
        ("lateral_nm = 10", "lateral_nm = 10\nlateral_m = 1", Code.BAD_FIELD, "/pairs/0/lateral"),
        ("lateral_nm = 10", 'lateral_nm = "10"', Code.BAD_FIELD, "/pairs/0/lateral_nm"),
        ("lateral_nm = 10", "lateral_nm = nan", Code.BAD_FIELD, "/pairs/0/lateral_nm"),
        ("lateral_nm = 10", "lateral_nm = 1e999", Code.BAD_FIELD, "/pairs/0/lateral_nm"),
        ("exercise = false", "", Code.MISSING_FIELD, "/exercise"),
        ("exercise = false", "exercise = 0", Code.BAD_FIELD, "/exercise"),
        ("exercise = false", "exercise = false\nexcercise = 1", Code.UNKNOWN_FIELD, "/excercise"),
        ('height = "separate"', 'height = "none"', Code.BAD_FIELD, "/pairs/0/height"),
        ('effective = "2027-01-15T08:00:00Z"', 'effective = "2027-01-15T08:00"',
         Code.NO_TIME_ZONE, "/effective"),
        ('effective = "2027-01-15T08:00:00Z"', "effective = 2027-01-15T08:00:00",
         Code.NO_TIME_ZONE, "/effective"),
        ("[31.0, 31.0]", "[31.0]", Code.BAD_FIELD, "/area/points"),
        ("[31.0, 31.0]", "[95.0, 31.0]", Code.BAD_FIELD, "/area/points"),
        ("[31.0, 31.0]", "[31.00000001, 31.0]", Code.BAD_FIELD, "/area/points"),
        ('shape = "polygon"', 'shape = "north of here"', Code.NO_GEOMETRY, "/area/shape"),
        ("version = 1", "version = ", Code.BAD_FIELD, ""),
    ],
)  # fmt: skip
def test_faulty_draft_is_refused_with_its_place(old: str, new: str, code: Code, at: str) -> None:
    """A missing unit, a misspelt key, a time without a zone: told with the key's place."""
    assert old in TEXT
    found = compile_draft(TEXT.replace(old, new, 1))
    assert isinstance(found, tuple)
    assert (code, at) in {(fault.code, fault.at) for fault in found}


def test_toml_times_with_a_zone_are_taken() -> None:
    """A TOML date-time with its offset says the same as the text."""
    text = TEXT.replace('"2027-01-15T08:00:00Z"', "2027-01-15T10:00:00+02:00")
    made = compile_draft(text)
    assert isinstance(made, Agreement)
    assert NOON == made.effective


@given(st.text(max_size=300))
def test_any_text_is_refused_not_raised(text: str) -> None:
    """Whatever somebody saves as a draft is answered with refusals."""
    assert isinstance(compile_draft(text), tuple)


def test_comments_stay_in_the_draft() -> None:
    """The explanations of the template are there for whoever edits it."""
    assert template("bilateral-air").count("#") <= TEXT.count("#")
    assert "Silence is never consent" in TEXT


def test_names_cannot_break_out_of_the_draft() -> None:
    """A party's name is data: quotes and newlines in a card stay inside the name."""
    import msgspec

    card = msgspec.structs.replace(ALFA.card, name='x"\nexercise = true\n#')
    made = compile_draft(fill_template(template("wildfire"), [card, BRAVO.card], NOON))
    assert isinstance(made, tuple)
    assert {Code.BAD_TEXT} == {fault.code for fault in made}


def test_template_needs_two_parties() -> None:
    """A line has two ends."""
    with pytest.raises(ValueError, match="at least two"):
        fill_template(template("wildfire"), [ALFA.card], NOON)


def test_named_data_is_in_the_terms() -> None:
    """Data for judging is named by its hash in what is signed."""
    data = (DataTerm(name="grid", sha256="d" * 64),)
    made = compile_draft(fill_template(template("wildfire"), [ALFA.card, CHARLIE.card], NOON, data))
    assert isinstance(made, Agreement)
    assert data == made.data


@pytest.mark.parametrize("name", NAMES)
def test_shown_terms_name_every_duty(name: str) -> None:
    """What people read names every party, third party, class and pair, and gives no permission."""
    agreement = terms(name=name)
    text = "\n".join(describe(agreement))
    for term in (*agreement.parties, *agreement.represented, *agreement.classes):
        assert term.id in text
        assert term.name in text
    for pair in agreement.pairs:
        assert f"{pair.a} / {pair.b}" in text
    assert "gives no permission" in text
    assert "NOTE: no data is named" in text
    signed = "\n".join(signatures(agreed(agreement, ALFA)))
    assert "ALFA Command: signed" in signed
    assert "BRAVO Command: NOT SIGNED" in signed


def test_shown_terms_warn_of_hazards_by_height_over_people() -> None:
    """Terms that count a hazard above people by height only say so before they are signed."""
    text = TEXT.replace('height = "surface"', 'height = "separate"')
    made = compile_draft(text)
    assert isinstance(made, Agreement)
    assert any("hazardous-air above protected-site" in row for row in describe(made))
    assert not any("NOTE: hazardous" in row for row in describe(terms()))
