"""What came about in a watch, as the next one is told it: counted from the record, not guessed."""

from msgspec.structs import replace

from clearline.model.alert import AlertState
from clearline.model.entry import Answer, Notice, Precedence, Reply, Stop, Withdraw
from clearline.model.ids import EntryRef, PartyId
from clearline.model.time import DAY, HOUR, MINUTE, Instant
from clearline.node.handover import handover_view
from clearline.node.handover_views import HandoverView, WatchView
from clearline.node.inbound import Acknowledge, Given, TakenOver
from clearline.node.queries import reading
from clearline.node.watched import ENTRIES_MAX, NEWEST_MAX, watch_view
from tests.town import Town, at, disc, volume


def view(town: Town, langs: tuple[str, ...] = ("en",)) -> HandoverView:
    """What AAA's next watch is shown."""
    node = town.nodes["AAA"]
    of = reading(node.state, node.tools, town.line, town.now, langs)
    assert of is not None
    return handover_view(node.state, of, node.store.alerts_newest(NEWEST_MAX))


def watch(town: Town, langs: tuple[str, ...] = ("en",)) -> WatchView:
    """Its summary."""
    found = view(town, langs).watch
    assert found is not None
    return found


def files(town: Town, party: str, lat: float) -> EntryRef:
    """A notice of a party's, far from its others; everybody holds it."""
    where = volume(disc(lat, 35.0, 10), at(600), at(660))
    (ref,) = town.say(party, Notice(cls="hazardous-air", label=f"{party} {lat}", volumes=(where,)))
    town.settle()
    town.tick()
    return ref


def passes(town: Town) -> None:
    """AAA's watch goes from one person to another."""
    role = "watch-officer"
    town.take("AAA", Given(id=f"g{town.turns}", line=town.line, person="old", role=role, to=""))
    touched = tuple(each.id for each in view(town).items)
    taken = TakenOver(id=f"t{town.turns}", line=town.line, person="new", role=role, touched=touched)
    assert town.take("AAA", taken).outcomes[0].refusal is None


def test_what_came_about_is_counted_as_the_record_has_it() -> None:
    """Filed, received, withdrawn; one STOP answered, one notice's duty taken, and the rest as the
    alerts stand in the store."""
    town = Town(("AAA", "BBB"))
    gone = files(town, "AAA", 30.0)
    files(town, "BBB", 33.0)
    town.say("AAA", Withdraw(versions=(gone,)))
    (stop,) = town.say("BBB", Stop(), prec=Precedence.FLASH)
    town.settle()
    town.tick()
    (taken, *_) = [a for a in town.nodes["AAA"].state.book.open() if a.trouble.about[:1] != (stop,)]
    town.take("AAA", Acknowledge(id="a", alert=taken.id, person="p", role="watch-officer"))
    town.say("AAA", Answer(to=stop, reply=Reply.HALTED, role="watch-officer"))
    town.settle()
    town.tick()
    found = watch(town)
    assert (found.filed, found.ended, found.received, found.lifted) == (1, 1, 1, 0)
    assert (found.taken, found.answered) == (1, 1)
    every = town.nodes["AAA"].store.alerts(open_only=False)
    assert found.rung == len(every) == found.open + found.over
    assert found.alone == found.rung - 2
    assert "STOP" in found.loudest[0]
    assert found.loudest[0].startswith("00:00Z ")
    assert not found.cut
    assert any(f"alarms: {found.rung} (taken 1, answered 1" in each for each in found.words)
    assert any("no watch passed" in each for each in found.words)


def test_what_was_before_the_watch_passed_is_no_longer_told() -> None:
    """After the handover the count begins anew; what comes then is in it; a day later it is of
    the last day, and says that no watch passed."""
    town = Town(("AAA", "BBB"))
    files(town, "AAA", 30.0)
    town.wait(HOUR)
    passes(town)
    passed = town.now
    town.wait(MINUTE)
    before = watch(town)
    assert (before.since, before.role, before.filed) == (passed, "watch-officer", 0)
    files(town, "BBB", 33.0)
    after = watch(town)
    assert (after.filed, after.received) == (0, 1)
    assert "since the watch of “watch-officer” passed, 01:00Z" in after.words
    town.wait(DAY + HOUR)
    late = watch(town)
    assert (late.since, late.role, late.received) == (town.now - DAY, "", 0)


def test_line_is_told_with_its_troubles_and_as_it_is_now() -> None:
    """BBB was silent and is back: its line is said with how often it rang, and as it is."""
    town = Town(("AAA", "BBB"))
    town.wait(HOUR)
    town.tick()
    (line,) = watch(town).lines
    rung = [
        a for a in town.nodes["AAA"].store.alerts(open_only=False)
        if a.trouble.kind.value.startswith("line-d")
    ]  # fmt: skip
    assert rung
    assert (line.party, line.rung) == ("BBB", len(rung))
    assert f"line to BBB: {town.at('AAA').peers[PartyId('BBB')].state.value}" in line.words
    assert f"alarms about it: {len(rung)}" in line.words


def test_more_than_is_looked_through_is_said() -> None:
    """With as many alerts as are looked at, all of this watch, the numbers can be larger, and the
    words say so; a duty that goes on in its next opening counts once."""
    town = Town(("AAA", "BBB"))
    files(town, "BBB", 33.0)
    node = town.nodes["AAA"]
    of = town.look("AAA")
    (one, *_) = node.store.alerts(open_only=False)
    many = [replace(one, id=f"x{n}") for n in range(NEWEST_MAX)]
    cut = watch_view(of, many, None)
    assert cut.cut
    assert any("larger" in each for each in cut.words)
    early = replace(one, raised=Instant(0))
    later = Instant(1)
    assert not watch_view(of, [early, *many[1:]], ("watch-officer", later)).cut
    follows = replace(one, id="y", state=AlertState.CLOSED, followed_by=one.id)
    assert watch_view(of, [follows, one], None).rung == 1
    assert ENTRIES_MAX > of.ls.picture.feed(town.feed("AAA")).size


def test_open_item_says_when_its_answer_is_due() -> None:
    """The duty to answer a peer's notice has its due time; so has a STOP of ours that waits."""
    town = Town(("AAA", "BBB"))
    files(town, "BBB", 33.0)
    (stop,) = town.say("AAA", Stop(), prec=Precedence.FLASH)
    found = {each.id: each.due for each in view(town).items}
    alerts = town.nodes["AAA"].state.book.open()
    dues = {f"alert:{a.id}": a.trouble.due for a in alerts}
    assert any(due is not None for due in dues.values())
    assert {id_: found[id_] for id_ in dues} == dues
    due = found[f"ask:{stop}"]
    assert due is not None
    assert due > town.now


def test_summary_reads_in_the_readers_language_beside_the_english() -> None:
    """In Arabic each sentence has its English beside it, and the numbers are the same."""
    town = Town(("AAA", "BBB"))
    files(town, "BBB", 33.0)
    english, arabic = watch(town), watch(town, ("ar", "en"))
    assert arabic.rung == english.rung > 0
    for own, beside in zip(english.words, arabic.words, strict=True):
        assert beside.endswith(own)
        assert any("\u0600" <= sign <= "\u06ff" for sign in beside)
