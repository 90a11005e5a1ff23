"""FM22: one sighting that comes over two hands is one origin, and two of them are two."""

from clearline.evidence.report import page
from clearline.evidence.said import text
from clearline.model.entry import Attachment, Body, Entry, Field, Message, Notice, Relay
from clearline.model.ids import Digest, EntryRef, LineId, PartyId
from clearline.model.space import LatLon
from clearline.node.queries import asks
from clearline.node.reading import Reading
from clearline.picture.origins import echoes, origins
from clearline.picture.situation import Ask
from clearline.wire.bodies_v1 import read_entry
from clearline.words.catalogue import position_text
from tests.evidence_town import checked, export
from tests.town import Town, at, disc, volume

SYRAD = PartyId("SYRAD")


def entries(town: Town, *refs: EntryRef) -> list[Entry]:
    """Entries as AAA's node holds them."""
    store, found = town.nodes["AAA"].store, []
    for ref in refs:
        stored = store.entries(LineId(town.line), ref.feed, ref.index, 1)[0]
        entry = read_entry(stored.data, Digest(stored.leaf.hex()))
        assert isinstance(entry, Entry)
        found.append(entry)
    return found


def said(town: Town, party: str, body: Body) -> EntryRef:
    """One entry, carried to everybody."""
    (ref,) = town.say(party, body)
    town.settle()
    return ref


def raid(lat: float) -> Notice:
    """A hazard."""
    place = (volume(disc(lat, 35.5, 5), at(60), at(90)),)
    return Notice(cls="hazardous-air", label="raid", volumes=place)


def test_same_origin_over_two_relays_is_counted_once() -> None:
    """Three reports, one origin; a second notice beside them is another."""
    town = Town(("AAA", "BBB", "CCC"))
    first, second = said(town, "CCC", raid(35.6)), said(town, "CCC", raid(35.2))
    one = said(town, "AAA", Relay(of=first, to=SYRAD))
    two = said(town, "BBB", Relay(of=first, to=SYRAD))
    assert origins(entries(town, first, one, two)) == (tuple(sorted((first, one, two))),)
    assert len(origins(entries(town, one, two))) == 1, "also where the origin is not held"
    assert len(origins(entries(town, first, one, two, second))) == 2
    assert origins(entries(town, first, first)) == ((first,),)


def test_same_document_from_two_parties_is_one_origin() -> None:
    """By its digest, whoever sends it; another document is another origin."""

    def report(digit: str) -> Message:
        document = Attachment(sha256=Digest(digit * 64), size=9, media="image/png")
        return Message(template="info.standby", attachments=(document,))

    def entry(party: str, index: int, body: Body) -> Entry:
        (made,) = entries(town, said(town, "AAA", raid(35.0 + index)))
        fields = {name: getattr(made, name) for name in made.__struct_fields__}
        return Entry(**{**fields, "feed": f"{party}.0", "index": index, "body": body})

    town = Town(("AAA", "BBB"))
    a, b = entry("AAA", 1, report("a")), entry("BBB", 2, report("a"))
    other = entry("BBB", 3, report("b"))
    assert len(origins([a, b])) == 1
    assert len(origins([a, b, other])) == 2


def echo(origin: EntryRef | None = None, lat: float = 35.0) -> Message:
    """Smoke at a place, told first in another entry, or here."""
    fields = [
        Field(name="position", value=position_text(LatLon(round(lat * 1e7), 355_000_000))),
        Field(name="at", value=at(0)), Field(name="what", value="smoke"),
        Field(name="source", value="own-crew" if origin is None else "third-party"),
    ]  # fmt: skip
    fields += [Field(name="origin", value=str(origin))] if origin is not None else []
    return Message(template="report", fields=tuple(fields))


def test_desk_and_evidence_say_three_reports_and_one_origin() -> None:
    """BBB passes on what AAA saw, CCC what BBB said: at every desk each of the three reads "3
    reports, 1 origin"; a report of another thing stands alone; the evidence page says the same."""
    town = Town(("AAA", "BBB", "CCC"))
    first = said(town, "AAA", echo())
    second = said(town, "BBB", echo(first))
    third = said(town, "CCC", echo(second))
    other = said(town, "CCC", echo(lat=36.0))
    for party, node in town.nodes.items():
        judge = node.tools.judge(town.line)
        ls = town.at(party)
        judge.sync(ls.picture)
        assert ls.terms is not None
        of = Reading(ls=ls, terms=ls.terms, judge=judge, now=town.now)
        views = {view.ref: view for view in asks(of)}
        for ref in (first, second, third):
            assert views[ref].echo == (first, second, third)
            assert views[ref].echo_words.startswith("3 reports, 1 origin")
        assert (views[other].echo, views[other].echo_words) == ((), "")
    result = checked(export(town, "BBB"))
    (found,) = [one for one in result.origins if one.origin == str(first)]
    assert found.reports == (first, second, third)
    assert "3 reports, 1 origin" in page(result)
    assert f"{first}: 3 reports, 1 origin" in "\n".join(text(result))


def test_reports_that_name_each_other_in_a_circle_are_one_origin() -> None:
    """Nobody is first; they still count once, and nothing goes round for ever."""
    from clearline.model.entry import Kind, Precedence
    from clearline.model.ids import FeedId

    one, two = (EntryRef(FeedId(f"{party}.0"), 7) for party in ("AAA", "BBB"))
    circle = [
        Ask(ref=ref, kind=Kind.MESSAGE, t=at(0), prec=Precedence.PRIORITY, text="report",
            fields=(Field(name="origin", value=str(of)),))
        for ref, of in ((one, two), (two, one))
    ]  # fmt: skip
    assert echoes(circle) == {one: (one, two), two: (one, two)}
    assert echoes([]) == {}
