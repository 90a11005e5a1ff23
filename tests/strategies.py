"""Hypothesis strategies for all that can be said on a line. Everything drawn here is admissible.

``entries()``, ``frames()``, ``bodies()``, ``notices()``, ``volumes()``, ``heights()``,
``footprints()``, ``messages()``. Sizes are small: shapes vary, bulk is for benchmarks.
"""

import hashlib

from hypothesis import strategies as st

from clearline.model import entry as e
from clearline.model.ids import Digest, EntryRef, FeedId, LineId, PartyId
from clearline.model.limits import (
    FEED_ENTRIES_MAX,
    HEIGHT_MM_MAX,
    HEIGHT_MM_MIN,
    INTEGER_MAX,
    MINUTES_MAX,
    STANDING_MS_MAX,
)
from clearline.model.refusal import Code, Refusal
from clearline.model.space import (
    Corridor,
    Disc,
    Edge,
    Ground,
    Height,
    HeightRef,
    LatLon,
    Polygon,
    Qnh,
    Volume,
)
from clearline.model.time import INSTANT_MAX, Instant
from clearline.wire import link
from clearline.wire.bodies_v1 import compose
from clearline.wire.entry import make_frame

LINE = LineId("ab" * 32)
PARTIES = tuple(PartyId(name) for name in ("ISR", "RUS", "OCHA", "TANKER1"))
FEEDS = tuple(FeedId(f"{party}.{epoch}") for party in PARTIES for epoch in (0, 1))

_BARRED = set(range(0x20)) | set(range(0x7F, 0xA0)) | {0x2028, 0x2029, 0xFEFF}
_BARRED |= set(range(0x202A, 0x202F)) | set(range(0x2066, 0x206A)) | set(range(0xFFF9, 0x10000))
_CHARACTERS = st.one_of(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E),
    st.characters(exclude_categories=("Cs", "Co", "Cn", "Cc")).filter(
        lambda c: ord(c) not in _BARRED and not 0xE0000 <= ord(c) <= 0xE0FFF
    ),
    st.sampled_from("שלום سلام Латакия 北 \u200c\u200e\u0301😀\U0001d11e"),
)


def _trimmed(text: str) -> bool:
    return bool(text) and text[0] not in " \n" and text[-1] not in " \n"


labels = st.text(_CHARACTERS, min_size=1, max_size=20).filter(_trimmed)
"""One line of text."""
texts = st.text(st.one_of(_CHARACTERS, st.just("\n")), min_size=1, max_size=40).filter(_trimmed)
"""Text with lines."""
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)
digests = st.binary(min_size=32, max_size=32).map(lambda raw: Digest(raw.hex()))
instants = st.integers(0, INSTANT_MAX).map(Instant)
parties = st.sampled_from(PARTIES)
feeds = st.sampled_from(FEEDS)
remarks = st.none() | st.builds(
    e.FreeText, lang=st.sampled_from(["en", "he", "zh-Hant"]), text=texts
)
points = st.builds(
    LatLon, st.integers(-90 * 10**7, 90 * 10**7), st.integers(-180 * 10**7, 180 * 10**7)
)


def _chains(low: int) -> st.SearchStrategy[tuple[LatLon, ...]]:
    return st.lists(points, min_size=low, max_size=low + 3, unique=True).map(tuple)


@st.composite
def footprints(draw: st.DrawFn) -> Polygon | Disc | Corridor:
    """A ring with or without a hole, a disc or a corridor, anywhere on Earth."""
    edge = draw(st.sampled_from(Edge))
    match draw(st.sampled_from(["polygon", "disc", "corridor"])):
        case "polygon":
            holes = draw(st.lists(_chains(3), max_size=1).map(tuple))
            return Polygon(outer=draw(_chains(3)), edge=edge, holes=holes)
        case "disc":
            return Disc(centre=draw(points), radius_mm=draw(st.integers(1, 5 * 10**9)))
        case _:
            width = draw(st.integers(1, 10**9))
            return Corridor(line=draw(_chains(2)), half_width_mm=width, edge=edge)


@st.composite
def heights(draw: st.DrawFn, refs: tuple[HeightRef, ...] = tuple(HeightRef)) -> Height:
    """A height with what its reference needs, and sometimes with what it may carry."""
    ref = draw(st.sampled_from(refs))
    mm = ground = qnh = None
    if ref not in (HeightRef.SFC, HeightRef.UNL):
        low = 0 if ref is HeightRef.AGL else HEIGHT_MM_MIN
        mm = draw(st.integers(low, HEIGHT_MM_MAX))
    if ref in (HeightRef.AGL, HeightRef.SFC) and draw(st.booleans()):
        low_mm, high_mm = sorted(draw(st.tuples(*[st.integers(-500_000, 9_000_000)] * 2)))
        ground = Ground(low_mm=low_mm, high_mm=high_mm, by=draw(labels))
    if ref is HeightRef.FL and draw(st.booleans()):
        pa, tolerance = draw(st.integers(80_000, 110_000)), draw(st.integers(0, 10_000))
        qnh = Qnh(pa=pa, tolerance_pa=tolerance, by=draw(labels))
    return Height(ref=ref, mm=mm, ground=ground, qnh=qnh)


@st.composite
def volumes(draw: st.DrawFn) -> Volume:
    """A footprint, a band whose numbers are in order, a window."""
    lower = draw(heights(tuple(ref for ref in HeightRef if ref is not HeightRef.UNL)))
    surface_only = lower.ref is HeightRef.SFC
    uppers = tuple(ref for ref in HeightRef if surface_only or ref is not HeightRef.SFC)
    upper = draw(heights(uppers))
    if lower.ref is upper.ref and lower.mm is not None and upper.mm is not None:
        lower, upper = sorted((lower, upper), key=lambda height: height.mm or 0)
    start = draw(st.integers(0, INSTANT_MAX - 10**9))
    end = start + draw(st.integers(1, 10**9))
    return Volume(
        footprint=draw(footprints()),
        lower=lower,
        upper=upper,
        start=Instant(start),
        end=Instant(end),
    )


_some_volumes = st.lists(volumes(), min_size=1, max_size=2).map(tuple)
_any_volumes = st.lists(volumes(), max_size=1).map(tuple)


def _sorted(items: st.SearchStrategy, low: int = 0, high: int = 3) -> st.SearchStrategy:
    once = st.lists(items, min_size=low, max_size=high, unique=True)
    return once.map(lambda found: tuple(sorted(found)))


def notices(classes: tuple[str, ...] | None = None) -> st.SearchStrategy[e.Notice]:
    """Notices of the given classes, or of any."""
    return st.builds(
        e.Notice,
        cls=names if classes is None else st.sampled_from(classes),
        label=labels,
        volumes=_some_volumes,
        operation=st.none() | names,
        reason=st.none() | texts,
        marks=_sorted(names),
        remark=remarks,
        key=st.none() | labels,
    )


proposals = st.builds(
    e.Proposal,
    shift_min=st.integers(1, MINUTES_MAX) | st.integers(-MINUTES_MAX, -1),
    lower=st.none() | st.just(Height(ref=HeightRef.SFC)),
    upper=st.none() | heights(tuple(ref for ref in HeightRef if ref is not HeightRef.SFC)),
    volumes=_any_volumes,
)
_read_backs = st.builds(
    e.ReadBack,
    origin=points,
    bearing_mdeg=st.integers(0, 359_999),
    distance_mm=st.integers(0, 20_000_000_000),
    upper=heights(),
    start=instants,
)


@st.composite
def _answers(draw: st.DrawFn, refs: st.SearchStrategy[EntryRef]) -> e.Answer:
    reply = draw(st.sampled_from(e.Reply))
    minutes = proposal = back = None
    if reply is e.Reply.UNABLE and draw(st.booleans()):
        minutes = draw(st.integers(1, MINUTES_MAX))
    if reply in (e.Reply.UNABLE, e.Reply.STANDBY, e.Reply.OBJECT) and draw(st.booleans()):
        proposal = draw(proposals)
    if reply is e.Reply.READ_BACK:
        back = draw(_read_backs)
    return e.Answer(
        to=draw(refs),
        reply=reply,
        role=draw(labels),
        minutes_needed=minutes,
        proposal=proposal,
        read_back=back,
        remark=draw(remarks),
    )


@st.composite
def _messages_on_the_line(draw: st.DrawFn) -> e.Message:
    values = st.one_of(texts, st.integers(-INTEGER_MAX, INTEGER_MAX))
    fields = [
        e.Field(name=name, value=draw(values))
        for name in draw(st.lists(names, max_size=3, unique=True))
    ]
    attachments = [
        e.Attachment(sha256=digest, size=draw(st.integers(0, 64 << 20)), media="image/png")
        for digest in draw(st.lists(digests, max_size=2, unique=True))
    ]
    return e.Message(
        template=draw(names),
        fields=tuple(fields),
        to=draw(_sorted(parties)),
        remark=draw(remarks),
        attachments=tuple(attachments),
    )


@st.composite
def _standing(draw: st.DrawFn, peers: list[str]) -> e.Coordinated:
    """Of an area and its period, in which it ends."""
    volume = draw(volumes())
    last = min(volume.end, volume.start + STANDING_MS_MAX)
    area = e.StandingArea(party=PartyId(draw(st.sampled_from(peers))), volumes=(volume,))
    until = draw(st.integers(volume.start, last))
    return e.Coordinated(measure=draw(labels), until=Instant(until), standing=area)


def bodies(kind: e.Kind, feed: FeedId = FEEDS[0], index: int = 100) -> st.SearchStrategy[e.Body]:
    """Bodies of one kind at a place in a feed (references into it name earlier entries)."""
    party = feed.partition(".")[0]
    own = st.builds(EntryRef, st.just(feed), st.integers(0, index - 1))
    if feed.endswith(".1"):
        own |= st.builds(EntryRef, st.just(FeedId(f"{party}.0")), st.integers(0, 10**6))
    others = st.builds(
        EntryRef,
        feeds.filter(lambda name: name != feed),
        st.integers(0, FEED_ENTRIES_MAX - 1),
    )
    refs = own | others
    serials = st.integers(1, 10**6)
    peers = [name for name in PARTIES if name != party]
    links = st.lists(
        st.builds(e.LinkReport, peer=st.sampled_from(peers), state=..., since=instants),
        unique_by=lambda report: report.peer,
        max_size=3,
    ).map(lambda reports: tuple(sorted(reports, key=lambda report: report.peer)))
    pairs = _sorted(refs, 2, 2)
    table: dict[e.Kind, st.SearchStrategy[e.Body]] = {
        e.Kind.JOIN: st.builds(e.Join, agreement=digests, software=labels, rules=labels),
        e.Kind.ADOPT: st.builds(e.Adopt, version=serials, agreement=digests),
        e.Kind.NOTICE: notices(),
        e.Kind.AMEND: st.builds(e.Amend, notice=own, to=notices()),
        e.Kind.WITHDRAW: st.builds(e.Withdraw, versions=_sorted(own, 1)),
        e.Kind.ALL_CLEAR: st.builds(e.AllClear, versions=_sorted(own, 1), at=instants),
        e.Kind.RECEIPT: st.just(e.Receipt()),
        e.Kind.ANSWER: _answers(refs),
        e.Kind.COORDINATED: st.builds(e.Coordinated, pair=pairs, measure=labels, until=instants)
        | _standing(peers),
        e.Kind.MESSAGE: _messages_on_the_line(),
        e.Kind.STOP: st.builds(e.Stop, about=_sorted(refs), volumes=_any_volumes, remark=remarks),
        e.Kind.DISTRESS: st.builds(
            e.Distress,
            what=labels,
            volumes=_some_volumes,
            souls=st.none() | st.integers(0, 100_000),
            remark=remarks,
        ),
        e.Kind.ACCIDENT: st.builds(e.Accident, what=labels, volumes=_any_volumes, remark=remarks),
        e.Kind.RELAY: st.builds(e.Relay, of=refs, to=parties),
        e.Kind.RELAYED: st.builds(
            e.Relayed,
            of=refs,
            to=parties,
            outcome=...,
            means=labels,
            at=instants,
            proof=st.none() | digests,
            remark=remarks,
        ),
        e.Kind.HEARTBEAT: st.builds(e.Heartbeat, links=links),
        e.Kind.TEST: st.builds(e.Test, text=texts, role=labels),
        e.Kind.SUSPEND: st.builds(e.Suspend, reason=texts),
        e.Kind.RESUME: st.builds(e.Resume, of=own),
        e.Kind.HANDOVER: st.builds(
            e.Handover, role=labels, at=instants, open=st.integers(0, 100_000)
        ),
        e.Kind.SEAL: st.builds(e.Seal, sha256=digests, opens=instants, envelope=st.none() | own),
        e.Kind.OPEN: st.builds(
            e.Open, seal=own, salt=digests, to=notices(), envelope=st.none() | own
        ),
        e.Kind.REKEY: st.builds(e.Rekey, manifest=digests, serial=serials),
        e.Kind.LEAVE: st.builds(e.Leave, reason=texts),
    }
    return table[kind]


@st.composite
def entries(draw: st.DrawFn, kinds: tuple[e.Kind, ...] = tuple(e.Kind)) -> e.Entry:
    """Entries of the given kinds; each by itself admissible, no two of them of one record."""
    feed, index = draw(feeds), draw(st.integers(1, FEED_ENTRIES_MAX - 1))
    others = st.sampled_from([name for name in FEEDS if name != feed])
    seen = draw(st.dictionaries(others, st.integers(0, 10**6), max_size=4))
    beyond = st.builds(e.AheadItem, others, st.integers(10**6, 10**7), digests)
    refused = st.builds(
        e.RefusedItem, others, st.integers(0, 10**6), digests, st.sampled_from(Code)
    )
    body = draw(bodies(draw(st.sampled_from(kinds)), feed, index))

    def listed(items: st.SearchStrategy) -> tuple:
        once = st.lists(items, max_size=2, unique_by=lambda item: (item.feed, item.index))
        return tuple(sorted(draw(once)))

    return e.Entry(
        line=LINE,
        feed=feed,
        index=index,
        t=draw(instants),
        prec=draw(st.sampled_from(e.Precedence)),
        seen=seen,
        body=body,
        leaf=draw(digests),
        ahead=listed(beyond),
        refused=listed(refused),
    )


def entry_bytes(entry: e.Entry) -> bytes:
    """The bytes of an entry."""
    return compose(
        line=entry.line,
        feed=entry.feed,
        index=entry.index,
        t=entry.t,
        prec=entry.prec,
        seen=entry.seen,
        body=entry.body,
        ahead=entry.ahead,
        refused=entry.refused,
    )


def frames() -> st.SearchStrategy[e.Frame]:
    """Frames around bodies that this version knows, and around some that it does not."""
    return st.builds(
        make_frame,
        line=st.just(LINE),
        feed=st.just(FEEDS[0]),
        index=st.integers(0, FEED_ENTRIES_MAX - 1),
        t=instants,
        prec=st.sampled_from(e.Precedence),
        seen=st.dictionaries(st.sampled_from(FEEDS[1:]), st.integers(0, 10**6), max_size=4),
        kind=st.sampled_from([*(kind.value for kind in e.Kind), "later"]),
        body=st.sampled_from([b"{}", b'{"a":[1,{"b":null}]}', b"[]"]),
    )


_salts = st.binary(min_size=32, max_size=32)
_sizes = st.integers(0, FEED_ENTRIES_MAX)
_held = st.dictionaries(feeds, _sizes, max_size=4)
_proofs = st.lists(_salts, max_size=4).map(tuple)
_notes = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
_offsets = st.integers(0, 1 << 20)
_params = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=9), st.integers(0, 9)
)


def messages() -> st.SearchStrategy[link.LinkMessage]:
    """Messages between nodes."""
    line, one = st.just(LINE), st.builds
    items = one(link.Item, salt=_salts, entry=st.binary(max_size=300))
    papers = one(link.Document, kind=st.just("agreement"), content=st.binary(max_size=40))
    refusals = one(
        Refusal,
        code=st.sampled_from(Code),
        clause=st.just("CL-WIR-001"),
        at=st.just(""),
        params=st.dictionaries(st.sampled_from(["name", "found"]), _params),
    )
    return st.one_of(
        one(
            link.Hello, line=line, party=parties, channel=st.sampled_from(link.Channel), held=_held,
            documents=digests, software=labels, proved=_held,
        ),
        one(
            link.Push, line=line, feed=feeds, first=st.integers(0, 10**6),
            items=st.lists(items, max_size=3).map(tuple), checkpoint=_notes, consistency=_proofs,
        ),
        one(link.Held, line=line, held=_held, answers=_sizes),
        one(
            link.Flash, line=line, feed=feeds, index=st.integers(0, 10**6), salt=_salts,
            entry=st.binary(max_size=300), inclusion=_proofs, checkpoint=_notes, old_size=_sizes,
            consistency=_proofs,
        ),
        one(link.Pull, line=line, feed=feeds, first=_sizes, limit=st.integers(1, 4096)),
        beats(),
        one(link.Refused, line=line, refusal=refusals, answers=_sizes),
        one(link.WantPiece, line=line, digest=digests, offset=_offsets),
        one(
            link.Piece, line=line, digest=digests, offset=_offsets,
            content=st.binary(max_size=40), total=st.just(2 << 20),
        ),
        one(link.Documents, line=line, items=st.lists(papers, max_size=2).map(tuple)),
    )  # fmt: skip


def beats() -> st.SearchStrategy[link.Beat]:
    """Heartbeats; the signature is only as long as one."""
    echo = st.builds(link.Echo, sequence=_sizes, sent=instants, received=instants)
    return st.builds(
        link.Beat,
        line=st.just(LINE),
        sender=parties,
        to=parties,
        sequence=_sizes,
        sent=instants,
        echo=st.none() | echo,
        reply=st.booleans(),
        desk=st.none() | _notes,
        newest=st.lists(_notes, max_size=2).map(tuple),
        signature=st.binary(min_size=64, max_size=64),
    )


def leaf_of(raw: bytes) -> Digest:
    """A digest that stands for a leaf hash where no feed is at hand."""
    return Digest(hashlib.sha256(raw).hexdigest())
