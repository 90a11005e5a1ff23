"""A node that holds many volumes starts from its snapshot and answers over HTTP."""

import socket
from pathlib import Path

import httpx2

from clearline.model.entry import Notice
from clearline.model.finding import Verdict
from clearline.model.space import Disc, Height, HeightRef, LatLon, Volume
from clearline.model.time import HOUR, Instant
from clearline.node.requests import Batch
from clearline.node.snapshot import read_head
from tests.api_node import Running, found, running


def areas(now: Instant, lat: float, count: int) -> tuple[Volume, ...]:
    """Discs of a kilometre along a parallel, fifty kilometres and more apart."""
    sfc, unl = Height(ref=HeightRef.SFC), Height(ref=HeightRef.UNL)
    start = Instant(now // 60_000 * 60_000 + HOUR)
    return tuple(
        Volume(
            footprint=Disc(centre=LatLon(round(lat * 1e7), n * 10_000_000), radius_mm=1_000_000),
            lower=sfc, upper=unl, start=start, end=Instant(start + HOUR),
        )
        for n in range(count)
    )  # fmt: skip


def test_what_was_filed_is_looked_at_after_a_start_from_a_snapshot(
    parties: Path, tmp_path: Path
) -> None:
    """Ten notices of twenty volumes, a polite end, a start that reads the snapshot alone: a check
    has looked at all of them, and finds the one that it meets."""
    folder = found(parties, tmp_path / "alfa", "ALFA", "BRAVO")
    with running(folder) as alfa, alfa.client() as client:
        now = alfa.now()
        notices = tuple(
            Notice(cls="hazardous-air", label=f"range {n}", volumes=areas(now, n * 2.0, 20))
            for n in range(10)
        )
        filed = client.file_all(alfa.line, Batch(notices=notices))
        assert len(filed.refs) == 10
    with running(folder) as alfa, alfa.client() as client:
        kept = alfa.node.store.snapshot()
        assert kept is not None
        head = read_head(kept.data)
        assert head is not None
        assert head.entries > max(ref.index for ref in filed.refs), "it covers all of them"
        while client.node().lines[0].loading is not None:
            pass
        beside = Notice(cls="hazardous-air", label="x", volumes=areas(now, 14.001, 1))
        answer = client.check(alfa.line, beside)
        while answer.unlooked:
            answer = client.check(alfa.line, beside)
        assert answer.verdict is Verdict.YES
        assert ["range 7"] == [each.b_label for each in answer.conflicts]
        away = Notice(cls="hazardous-air", label="x", volumes=areas(now, -40.0, 1))
        answer = client.check(alfa.line, away)
        assert (answer.verdict, answer.unlooked, answer.conflicts) == (Verdict.NO, 0, ())


def test_no_part_of_an_answer_waits_for_another_to_be_acknowledged(shared: Running) -> None:
    """Connections of the API send at once what they are given (TCP_NODELAY)."""
    with httpx2.Client(base_url=shared.address, trust_env=False) as http:
        assert http.get("/v1/health").status_code == 200
        server = shared.node.api._server
        assert server is not None
        ways = [each.transport for each in server.server_state.connections]
        assert ways, "it is kept open"
        for way in ways:
            option = way.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert option != 0
