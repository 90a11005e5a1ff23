"""Who has read what of the others' (FM30): written down, bounded, and on this node only."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest

from clearline.api.access import (
    EVERY_MS,
    ITEMS_MAX,
    READ,
    WHOLE,
    Access,
    OneRead,
    read_views,
    shown_of_others,
)
from clearline.api.people import Role
from clearline.api.service import Service
from clearline.api.table import ENDPOINTS, Endpoint
from clearline.client import Refused, asks
from clearline.model.ids import EntryRef, FeedId, LineId, PartyId
from clearline.model.time import SECOND, Instant
from clearline.node.inbound import Noted
from clearline.node.ports import DeskRecord
from clearline.node.requests import Remark
from clearline.node.views import NoticeView
from clearline.store.pending_reads import PendingReads
from tests.api_node import Running, add_person, cli, found, notice, running, until

LINE = LineId("1" * 64)
BRAVO = PartyId("BRAVO")


def kept(noted: Noted, index: int = 0) -> DeskRecord:
    """A note as the desk record keeps it."""
    data = json.dumps(
        {"params": noted.params, "person": noted.person, "t": 0, "what": noted.what},
        separators=(",", ":"),
    ).encode()
    return DeskRecord(line=LINE, index=index, salt=b"", data=data, leaf=b"")


def test_reads_of_some_minutes_become_one_record() -> None:
    """However often a person looks, one record for each person and line, once the time is over:
    first and last, what and how often, whose, and the items that were asked for by name."""
    access = Access()
    start = Instant(1_000_000)
    for n in range(200):
        access.note(
            person="kim", role="watch", what="board", now=Instant(start + n * SECOND),
            lines={LINE: {BRAVO}},
        )  # fmt: skip
    ref = EntryRef(FeedId("BRAVO.0"), 7)
    access.note(
        person="kim", role="watch", what="notices", now=Instant(start + 200 * SECOND),
        lines={LINE: {BRAVO}}, items=(ref, ref),
    )  # fmt: skip
    access.note(person="lee", role="watch", what="board", now=start, lines={LINE: ()})
    assert () == access.due(Instant(start + EVERY_MS - 1))
    (noted,) = access.due(Instant(start + EVERY_MS))
    (view,) = read_views([kept(noted)])
    assert ("kim", "watch", (BRAVO,)) == (view.person, view.role, view.of)
    assert (start, start + 200 * SECOND) == (view.first, view.last)
    assert (("board", 200), ("notices", 1)) == view.kinds
    assert (str(ref),) == view.items
    assert () == access.due(Instant(start + 2 * EVERY_MS))


def test_record_of_reads_is_bounded() -> None:
    """Somebody who asks for thousands of items one by one fills one record, which says how many
    it does not name."""
    access = Access()
    for n in range(ITEMS_MAX + 30):
        access.note(
            person="kim", role="watch", what="notices", now=Instant(0), lines={LINE: {BRAVO}},
            items=(EntryRef(FeedId("BRAVO.0"), n),),
        )  # fmt: skip
    (noted,) = access.due(Instant(0), all_of_it=True)
    (view,) = read_views([kept(noted)])
    assert (ITEMS_MAX, 30) == (len(view.items), view.more)


def test_note_that_only_looks_like_a_read_is_none() -> None:
    """The desk record holds words of people: what does not have a read's form is passed over."""
    odd = Noted(line=LINE, person="x", what="said", params={"text": '"what":"read"'})
    wrong = Noted(line=LINE, person="x", what=READ, params={"role": "watch"})
    assert [] == list(read_views([kept(odd), kept(wrong, 1)]))


def noted(access: Access, n: int, person: str = "kim") -> None:
    """One read of the board."""
    access.note(
        person=person, role="watch", what="board", now=Instant(n), lines={LINE: {BRAVO}},
    )  # fmt: skip


def test_reads_of_a_killed_process_are_written_by_the_next(tmp_path: Path) -> None:
    """Each stands in a file before it is answered; the next process hands them in, says that they
    were recovered, and lets go of them when they are durable and not before."""
    path = tmp_path / "reads.pending"
    access = Access(waiting=PendingReads(path))
    for n in range(3):
        noted(access, n)
    with path.open("ab") as torn:
        torn.write(b'[17,"1111')
    for _ in range(2):  # killed again before anything was durable: nothing is lost
        again = Access(waiting=PendingReads(path))
        (record,) = again.recovered()
        (view,) = read_views([kept(record)])
        assert (view.kinds, view.recovered, view.first, view.last) == ((("board", 3),), True, 0, 2)
    again.kept()
    assert () == Access(waiting=PendingReads(path)).recovered()


def test_read_that_comes_while_others_are_written_stands_apart(tmp_path: Path) -> None:
    """What is handed in is let go of when it is durable; what came since is not."""
    path = tmp_path / "reads.pending"
    access = Access(waiting=PendingReads(path))
    noted(access, 1, "kim")
    access.due(Instant(1), all_of_it=True)
    noted(access, 2, "lee")
    access.kept()
    (record,) = Access(waiting=PendingReads(path)).recovered()
    assert record.person == "lee"


def test_read_costs_far_less_than_a_millisecond_to_keep(tmp_path: Path) -> None:
    """A thousand reads, each kept before it is answered, in well under a second."""
    access = Access(waiting=PendingReads(tmp_path / "reads.pending"))
    began = time.process_time()
    for n in range(1_000):
        noted(access, n)
    assert time.process_time() - began < 1


def test_full_disk_stops_no_read(tmp_path: Path) -> None:
    """Where nothing can be kept, reads are gathered in memory as before."""
    access = Access(waiting=PendingReads(tmp_path / "no-folder" / "reads.pending"))
    noted(access, 1)
    assert 1 == len(access.due(Instant(1), all_of_it=True))


NOTHING_OF_OTHERS = {
    "ReachView": "how far one entry got: the entry itself is asked for by its own view",
    "DeskNote": "the private desk record of this node",
    "ReadView": "the access log itself",
    "LiveView": "own tracks; what they meet rings as an alert, and that is logged",
    "FedView": "what became of own sightings",
    "EvidenceView": "about a file that the reader brought",
    "ReplayListing": "public incidents that are shipped with this software",
    "PlaceView": "how a place was read that the reader typed in",
    "ShapesView": "how a text was read that the reader pasted in",
    "LineView": "the state of the line: who has suspended it, and by which entry",
    "NodeView": "the state of the lines, as LineView",
    "Binding": "which track an own mover is seen as",
    "DutiesView": "answered in bytes that are made for all screens: written for all lines",
    "ShownView": "answered in bytes that are made for all screens: written whole-line",
    "PageView": "a page about an entry that was asked for by its own view",
}
"""Answers that name places or entries, or could, and show no item of another party's."""


def holds_refs(of: object, seen: set[object]) -> bool:
    """Whether a type has an entry's place anywhere in it."""
    if of is EntryRef:
        return True
    if of in seen or (isinstance(of, type) and issubclass(of, NoticeView)):
        return of not in seen
    seen.add(of)
    parts = list(get_args(of))
    if isinstance(of, type) and issubclass(of, msgspec.Struct):
        parts += get_type_hints(of).values()
    return any(holds_refs(part, seen) for part in parts)


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_no_answer_that_shows_entries_goes_round_the_log(endpoint: Endpoint) -> None:
    """Whatever an answer's type can name an entry in is looked through for the log, or is written
    whole-line, or stands on the list above with why it shows nothing of another's: a way to read
    that somebody adds later cannot be forgotten."""
    answer = endpoint.answer
    single = get_args(answer)[0] if get_args(answer) else answer
    if answer in (bytes, *get_args(WHOLE)) or getattr(single, "__name__", "") in NOTHING_OF_OTHERS:
        return
    looked_through = shown_of_others.__code__.co_names + Service.looked.__code__.co_names
    assert single.__name__ in looked_through or not holds_refs(answer, set()), endpoint.path


@pytest.fixture(scope="module")
def two(parties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, str]]:
    """ALFA's node with a notice of BRAVO's on its line, and that notice's place."""
    folder = tmp_path_factory.mktemp("two")
    with running(found(parties, folder / "bravo", "BRAVO", "ALFA", listen="127.0.0.1:0")) as bravo:
        host, port = bravo.node.links.addresses[0]
        config = found(parties, folder / "alfa", "ALFA", "BRAVO") / "node.toml"
        text = config.read_text().replace("[link.peers]", f'[link.peers]\nBRAVO = "{host}:{port}"')
        config.write_text(text)
        with running(folder / "alfa") as alfa:
            with bravo.client() as client:
                (ref,) = client.file(bravo.line, notice(bravo.now(), label="theirs")).refs
            with alfa.client() as client:
                until(client, lambda: any(not v.own for v in client.notices(alfa.line)))
            yield alfa, str(ref)


def log(node: Running, *more: str) -> list[dict[str, object]]:
    """The access log as the command line shows it."""
    said: list[dict[str, object]] = json.loads(
        cli("line", "reads", "--node", str(node.folder), "--json", *more)
    )
    return said


def test_each_way_to_read_anothers_item_is_in_the_log(two: tuple[Running, str]) -> None:
    """Board, lists, one item by name, picture, conflicts and a check are each written down with
    person and role; who reads only its own, or what shows nobody's item, is not."""
    node, ref = two
    add_person(node.folder, Role.WATCH, "reader")
    me = node.now()
    with node.client("reader") as client:
        client.board()
        client.notices(node.line)
        client.do(asks.notice(node.line, _ref(ref)))
        client.picture(node.line)
        client.check(node.line, notice(node.now(), label="draft"))
        client.lines()
        client.me()
    with node.http("reader") as http:
        assert http.get("/v1/duties").status_code == 200
        assert http.get(f"/v1/lines/{node.line}/changes").status_code == 200
        assert http.get("/v1/replays").status_code == 200
    mine = [each for each in log(node) if each["person"] == "reader"]
    (read,) = mine
    kinds = dict(read["kinds"])  # type: ignore[call-overload]
    assert {
        "board": 1, "changes": 1, "check": 1, "duties": 1, "notices": 2, "picture": 1,
    } == kinds  # fmt: skip
    assert ("watch", ["BRAVO"], [ref]) == (read["role"], read["of"], read["items"])
    assert me <= int(str(read["first"])) <= int(str(read["last"])) <= node.now()
    assert mine == [each for each in log(node, "--of", "BRAVO") if each["person"] == "reader"]
    assert [] == log(node, "--of", "DELTA")
    each = "board x1, changes x1, check x1, duties x1, notices x2, picture x1"
    told = cli("line", "reads", "--node", str(node.folder))
    assert f"reader (watch) of BRAVO: {each}: {ref}" in told


def _ref(text: str) -> EntryRef:
    feed, _, index = text.partition("/")
    return EntryRef(FeedId(feed), int(index))


def test_reading_costs_no_turn_each_and_sends_nothing(two: tuple[Running, str]) -> None:
    """A hundred reads write nothing by themselves; what is written later goes into the private desk
    record, not into the own feed that peers hold."""
    node, _ = two
    log(node)
    state = node.node.runtime.conductor.state.lines[node.line]
    desk, own = node.node.store.desk_count(node.line), state.frontier(state.feed).size
    with node.client() as client:
        for _ in range(100):
            client.notices(node.line)
        assert node.node.store.desk_count(node.line) == desk
        log(node)
    assert node.node.store.desk_count(node.line) == desk + 1
    sent = node.node.store.entries(node.line, state.feed, own, 100)
    assert not any(b'"read"' in each.data for each in sent)


def test_log_is_for_those_who_may_read_the_record(two: tuple[Running, str]) -> None:
    """A watch does not read who reads; nor can anybody write such a record by hand."""
    node, _ = two
    with node.client() as client:
        with pytest.raises(Refused) as refused:
            client.do(asks.reads(node.line))
        assert 403 == refused.value.problem.status
        with pytest.raises(Refused) as refused:
            client.do(asks.note(node.line, Remark(what=READ, params={"of": "BRAVO"})))
        assert "/what" == refused.value.problem.pointer


def test_reads_of_a_killed_node_are_in_the_log_of_the_next(parties: Path, tmp_path: Path) -> None:
    """Whatever a node had gathered when it was killed stands in the file beside its database; the
    next start writes it down, and the file is empty then."""
    folder = found(parties, tmp_path / "alfa", "ALFA", "BRAVO")
    with running(folder) as node:
        line, waiting = node.line, node.node.placed.pending_reads
    left = OneRead(Instant(5), line, "kim", "watch", "board", (BRAVO,))
    waiting.write_bytes(msgspec.json.encode(left) + b"\n")
    with running(folder) as node:
        (one,) = log(node)
        assert (one["person"], one["recovered"], one["first"]) == ("kim", True, 5)
        assert not any(waiting.parent.glob("reads.pending*"))
        assert "recovered after a kill" in cli("line", "reads", "--node", str(folder))


def test_stop_of_a_node_writes_what_was_read(parties: Path, tmp_path: Path) -> None:
    """Reads that wait for their minutes to be over are written when the node stops."""
    folder = found(parties, tmp_path / "alfa", "ALFA", "BRAVO")
    with running(folder) as node:
        node.node.service.access.note(
            person="kim", role="watch", what="board", now=node.now(), lines={node.line: {BRAVO}}
        )
    with running(folder) as node:
        assert ["kim"] == [each["person"] for each in log(node)]
