"""FM15: what is old says so, counts on, and what is missing is noticed and asked for."""

from clearline.cli.notice import said_again
from clearline.model.alert import TroubleKind
from clearline.model.entry import Body, Notice
from clearline.model.ids import EntryRef
from clearline.model.refusal import Code
from clearline.model.time import DAY, HOUR, SECOND
from clearline.node.inbound import Ticked
from clearline.node.intent import Fetch
from clearline.node.queries import notices, reading
from clearline.node.stale import GAP_MS
from clearline.node.views import Badge, NoticeView
from tests.town import Town, at, disc, volume

YEAR = 365 * 24 * 60
SITE = Notice(
    cls="protected-site",
    label="Hospital",
    volumes=(volume(disc(35.0, 35.5, 1), at(0), at(YEAR)),),
)


def views(town: Town, party: str) -> dict[EntryRef, NoticeView]:
    """Live notices as one end shows them."""
    node = town.nodes[party]
    of = reading(node.state, node.tools, town.line, town.now)
    assert of is not None
    return {view.ref: view for view in notices(of)}


def kinds(town: Town, party: str) -> list[TroubleKind]:
    """What stands at one end."""
    return [each.kind for each in town.nodes[party].state.troubles.values()]


def days(town: Town, number: int) -> None:
    """Let days go by, with a look at the clock every six hours."""
    for _ in range(4 * number):
        town.wait(6 * HOUR)
        town.tick()


def test_entry_five_of_eight_that_is_dropped_is_asked_for_and_rings() -> None:
    """Four notices arrive, the fifth is dropped, three more come: they are not taken as if nothing
    were missing. It is asked for at once, rings when it stays away, and all eight are there once
    it comes; then the alarm is over."""
    town = Town(("AAA", "BBB"))

    def file(number: int) -> None:
        place = (volume(disc(33 + number / 4, 35.5, 1), at(60), at(90)),)
        town.say("AAA", Notice(cls="protected-air", label=f"No {number}", volumes=place))

    feed = town.feed("AAA")
    for number in range(1, 5):
        file(number)
    town.settle()
    four = town.at("BBB").frontier(feed).size
    file(5)
    fifth = town.at("AAA").frontier(feed).size
    for number in range(6, 9):
        file(number)
    town.wants.clear()
    pushed = town.nodes["AAA"].push(town.line, feed, fifth, bytes_max=1 << 20)
    assert pushed is not None
    refusal = town.take("BBB", pushed).outcomes[0].refusal
    assert refusal is not None
    assert refusal.code is Code.GAP
    (asked,) = [what for who, what in town.wants if who == "BBB" and isinstance(what, Fetch)]
    assert (asked.feed, asked.first) == (feed, four)
    kept, town.wants = town.wants, []
    assert TroubleKind.GAP not in kinds(town, "BBB")
    town.wait(GAP_MS)
    town.take("BBB", Ticked())
    (gap,) = [t for t in town.nodes["BBB"].state.troubles.values() if t.kind is TroubleKind.GAP]
    assert (gap.params["first"], gap.peer) == (four, "AAA")
    town.wants = kept
    town.settle()
    town.wait(SECOND)
    town.tick()
    assert TroubleKind.GAP not in kinds(town, "BBB")
    labels = {view.label for view in views(town, "BBB").values()}
    assert {f"No {number}" for number in range(1, 9)} <= labels


def test_site_past_its_confirmation_reads_unconfirmed_and_is_still_checked() -> None:
    """After the agreed 30 days it reads UNCONFIRMED at both ends and rings at its owner's alone;
    it is still shown, still live, and a hazard over it is a conflict as before."""
    town = Town(("AAA", "BBB"))
    (ref,) = town.say("AAA", SITE)
    town.settle()
    days(town, 29)
    for party in ("AAA", "BBB"):
        assert Badge.UNCONFIRMED not in views(town, party)[ref].badges
        assert TroubleKind.UNCONFIRMED not in kinds(town, party)
    days(town, 1)
    for party in ("AAA", "BBB"):
        view = views(town, party)[ref]
        assert Badge.UNCONFIRMED in view.badges
        assert "UNCONFIRMED since" in view.words
    assert TroubleKind.UNCONFIRMED in kinds(town, "AAA")
    assert TroubleKind.UNCONFIRMED not in kinds(town, "BBB")
    start = 30 * 24 * 60 + 60
    place = (volume(disc(35.0, 35.5, 5), at(start), at(start + 30)),)
    town.say("BBB", Notice(cls="hazardous-air", label="Range", volumes=place))
    town.settle()
    for party in ("AAA", "BBB"):
        assert TroubleKind.CONFLICT in kinds(town, party)
    town.check()


def test_confirming_is_a_new_version_that_is_linked_and_never_late() -> None:
    """Said again word for word: the new version reads confirmed at both ends, the earlier one
    names it and is over, and nobody reads LATE, since nothing new was told."""
    town = Town(("AAA", "BBB"))
    (ref,) = town.say("AAA", SITE)
    town.settle()
    days(town, 31)
    late = kinds(town, "BBB").count(TroubleKind.LATE)
    batch = said_again([views(town, "AAA")[ref]], keep=False, role=None, id_=None)
    bodies: tuple[Body, ...] = (*batch.amends, *batch.withdraws)
    new, _ = town.say("AAA", *bodies)
    town.settle()
    town.tick()
    for party in ("AAA", "BBB"):
        held = views(town, party)
        assert ref not in held
        view = held[new]
        assert (view.notice, view.newest, view.volumes) == (ref, new, SITE.volumes)
        assert Badge.UNCONFIRMED not in view.badges
        assert view.confirm_by == view.stated + 30 * DAY
        assert TroubleKind.UNCONFIRMED not in kinds(town, party)
        assert kinds(town, party).count(TroubleKind.LATE) == late
    old = town.version("BBB", ref)
    assert old.ends, "the earlier version says what ended it"


def test_superseded_version_names_the_newest() -> None:
    """As long as its author has not ended it, an earlier version is live and names the newest."""
    town = Town(("AAA", "BBB"))
    (ref,) = town.say("AAA", SITE)
    batch = said_again([views(town, "AAA")[ref]], keep=True, role=None, id_=None)
    (new,) = town.say("AAA", *batch.amends)
    town.settle()
    for party in ("AAA", "BBB"):
        held = views(town, party)
        assert (held[ref].newest, held[new].newest) == (new, new)
