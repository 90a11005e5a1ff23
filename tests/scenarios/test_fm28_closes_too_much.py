"""FM28: an over-reaction closes too much. A large closure needs a reason and an end, and is told
whom else it hits before it is filed."""

import json
from collections.abc import Iterator

import pytest

from clearline.model.entry import Notice
from clearline.model.ids import PartyId
from clearline.model.refusal import Refusal
from clearline.model.time import Instant, format_utc
from clearline.node.drafts import check, closure_warnings, reason_needed
from clearline.node.reading import Reading
from clearline.notation.gazetteer import Gazetteer, read_gazetteer
from tests.api_node import Running, cli, found, make_parties, running
from tests.town import HOUR, Town, at, corridor, disc, level, volume

LIST = """
[[places]]
names = ["Airport North"]
at = "35.45N 35.95E"
radius_km = 3
kind = "aerodrome"
[[places]]
names = ["Strip 2"]
at = "35.41N 35.80E"
kind = "aerodrome"
[[places]]
names = ["Far Field"]
at = "36.91N 37.92E"
kind = "aerodrome"
[[places]]
names = ["General Hospital"]
at = "35.52N 35.80E"
kind = "hospital"
[[places]]
names = ["Market"]
at = "35.50N 35.80E"
"""
TEN_NM_KM = 18.52
TEN_DAYS = 10 * 24 * 60


def places() -> Gazetteer:
    read = read_gazetteer(LIST.encode())
    assert isinstance(read, Gazetteer)
    return read


def closure(minutes: float = TEN_DAYS, radius_km: float = TEN_NM_KM, lat: float = 35.5) -> Notice:
    """Ten nautical miles for ten days, from the surface up."""
    shape = disc(lat, 35.8, radius_km)
    window = volume(shape, at(60), at(60 + minutes))
    return Notice(cls="hazardous-air", label="closure", volumes=(window,))


def reading(town: Town, party: str = "AAA") -> Reading:
    """What a node has before it when somebody files."""
    node = town.nodes[party]
    ls = town.at(party)
    judge = node.tools.judge(town.line)
    judge.sync(ls.picture)
    assert ls.terms is not None
    return Reading(ls=ls, terms=ls.terms, judge=judge, now=town.now, places=places())


def told(of: Reading, notice: Notice) -> dict[str, tuple[object, object]]:
    """Each sort of thing that is hit: how many, which."""
    return {
        str(each.params["found"]).removeprefix("closes-"): (
            each.params["count"], each.params["name"],
        )
        for each in closure_warnings(of, notice)
    }  # fmt: skip


def test_ten_miles_for_ten_days_names_aerodromes_hospitals_and_flights() -> None:
    """Two aerodromes, a hospital, a represented party and a notified flight of BBB's are in it; the
    aerodrome beyond it and the market, which is of no kind, are not counted."""
    town = Town(("AAA", "BBB"))
    way = corridor([(35.2, 35.8), (35.8, 35.8)], 2)
    (flight,) = town.say(
        "BBB",
        Notice(
            cls="air-movement", label="MEDEVAC 1",
            volumes=(volume(way, at(90), at(120), level(50), level(90)),),
        ),
    )  # fmt: skip
    town.settle()
    said = told(reading(town), closure())
    assert said["aerodrome"] == (2, "Airport North, Strip 2")
    assert said["hospital"] == (1, "General Hospital")
    assert said["movement"] == (1, str(flight))
    assert "represented" in said
    assert set(said) == {"aerodrome", "hospital", "movement", "represented"}


def test_small_closure_is_not_asked_and_says_nothing() -> None:
    """Below the agreed size and length no reason is needed, and nobody is named."""
    town = Town(("AAA", "BBB"))
    of = reading(town)
    small = closure(minutes=60, radius_km=5)
    assert reason_needed(of.terms, small, "") is None
    assert told(of, small) == {}


def test_reason_does_not_silence_who_is_hit() -> None:
    """With a reason it may be filed; whom it hits is said all the same."""
    from msgspec.structs import replace

    of = reading(Town(("AAA", "BBB")))
    reasoned = replace(closure(), reason="laser test")
    assert reason_needed(of.terms, reasoned, "") is None
    assert told(of, reasoned)["hospital"] == (1, "General Hospital")


def test_flight_before_or_after_the_closure_is_not_hit() -> None:
    """Time counts: a movement that is over when the closure begins is left out; own ones too."""
    town = Town(("AAA", "BBB"))
    way = corridor([(35.2, 35.8), (35.8, 35.8)], 2)
    early = Notice(cls="air-movement", label="EARLY", volumes=(volume(way, at(20), at(60)),))
    town.say("BBB", early)
    town.say("AAA", early)
    town.settle()
    assert "movement" not in told(reading(town), closure())


def test_more_than_five_are_counted_and_not_all_named() -> None:
    """Six hospitals: five names and how many more."""
    text = "\n".join(
        f'[[places]]\nnames = ["H{n}"]\nat = "35.5{n}N 35.80E"\nkind = "hospital"' for n in range(6)
    )
    read = read_gazetteer(text.encode())
    assert isinstance(read, Gazetteer)
    town = Town(("AAA", "BBB"))
    of = reading(town)
    many = Reading(ls=of.ls, terms=of.terms, judge=of.judge, now=of.now, places=read)
    assert told(many, closure())["hospital"] == (6, "H0, H1, H2, H3, H4 +1")


def test_check_before_filing_says_it_in_words() -> None:
    """Whoever checks a draft reads it before anything is sent."""
    view = check(reading(Town(("AAA", "BBB"))), (closure(),))
    words = " ".join(each.words for each in view.warnings)
    assert "hospitals and their flights (1)" in words
    assert "General Hospital" in words
    assert {each.clause for each in view.warnings} == {"CL-OWN-014"}
    assert view.reason_needed


@pytest.mark.parametrize("kind", ["mosque", "Hospital", ""])
def test_unknown_kind_of_place_is_refused(kind: str) -> None:
    """A slip in the list is said, not skipped."""
    text = f'[[places]]\nnames = ["A"]\nat = "35.5N 35.8E"\nkind = "{kind}"'
    assert isinstance(read_gazetteer(text.encode()), Refusal)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A running node with a list of places."""
    folder = tmp_path_factory.mktemp("closes")
    make_parties(folder, "ALFA", "BRAVO")
    made = found(folder, folder / "node", "ALFA", "BRAVO")
    (made / "places.toml").write_text(LIST)
    config = (made / "node.toml").read_text()
    with_list = config.replace("[notation]\n", '[notation]\nplaces = "places.toml"\n')
    assert with_list != config
    (made / "node.toml").write_text(with_list)
    with running(made) as here:
        yield here


def _file(node: Running, *more: str, code: int = 0) -> str:
    """Ten miles for ten days, an hour from now, by command."""
    now = node.now()
    start, end = format_utc(Instant(now + HOUR)), format_utc(Instant(now + 241 * HOUR))
    return cli(
        "notice", "file", "--class", "hazardous-air", "--label", "closure", "--disc",
        "35.5N 35.8E,18.52", "--lower", "SFC", "--upper", "UNL", "--start", start, "--end", end,
        *more, "--node", str(node.folder), code=code,
    )  # fmt: skip


def test_filing_without_a_reason_is_refused_and_with_one_says_whom_it_hits(
    node: Running,
) -> None:
    """By command: refused without a reason; with it taken, with the warning on the same screen."""
    assert "reason" in _file(node, code=1)
    said = _file(node, "--reason", "laser test")
    assert "hospitals and their flights (1)" in said
    assert "aerodromes (2)" in said
    taken = json.loads(_file(node, "--reason", "laser test", "--json"))
    assert "closes-hospital" in {each["params"]["found"] for each in taken["warnings"]}


def test_closure_without_an_end_is_refused(node: Running) -> None:
    """Expiry is mandatory: without --end nothing is filed."""
    said = cli(
        "notice", "file", "--class", "hazardous-air", "--label", "closure", "--disc",
        "35.5N 35.8E,18.52", "--lower", "SFC", "--upper", "UNL", "--start", "2030-01-01T00:00Z",
        "--node", str(node.folder), code=2,
    )  # fmt: skip
    assert "--end" in said
    with node.client() as client:
        assert PartyId("ALFA") == client.lines()[0].me
