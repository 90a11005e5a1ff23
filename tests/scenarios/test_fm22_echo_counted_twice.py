"""FM22: one sighting that comes over two hands is one origin, and two of them are two."""

from clearline.model.entry import Attachment, Body, Entry, Message, Notice, Relay
from clearline.model.ids import Digest, EntryRef, LineId, PartyId
from clearline.picture.origins import origins
from clearline.wire.bodies_v1 import read_entry
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
