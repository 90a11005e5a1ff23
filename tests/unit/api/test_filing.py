"""Writes through the API: what is answered, once for each id, and by whom conflicts are heard."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from clearline.client import Client, Refused, asks
from clearline.model.entry import (
    Amend,
    Answer,
    Distress,
    FreeText,
    Leave,
    Reply,
    Stop,
    Suspend,
    Withdraw,
)
from clearline.model.finding import Verdict
from clearline.model.ids import EntryRef
from clearline.model.refusal import Code
from clearline.model.time import DAY, MINUTE, Instant
from clearline.node.requests import Batch, MoverFixes, Remark
from clearline.node.views import Badge, Phase
from clearline.picture.standing import State
from tests.api_node import Running, found, notice, running, until


def test_filing_tells_standing_third_parties_and_lead_time(shared: Running) -> None:
    """The answer to a filing names its place, its standing, who must still be told, and how long
    before the start it would be received."""
    with shared.client() as client:
        filed = client.file(shared.line, notice(shared.now(), 34.9, 35.9, in_minutes=20))
    (view,) = filed.notices
    assert filed.refs == (view.ref,)
    assert view.standing is not None
    assert State.PENDING == view.standing.state
    assert "not yet received by BRAVO" in view.standing.words
    assert {third.state for third in view.third_parties} == {"NOT TOLD"}
    (lead,) = view.leads
    assert lead.provisional
    assert lead.shortfall_ms > 9 * 60_000
    assert {Badge.LATE, Badge.NOT_TOLD, Badge.PENDING} <= set(view.badges)
    assert Phase.NOT_BEGUN is view.phase


def test_same_id_gives_same_answer_across_a_restart(parties: Path, tmp_path: Path) -> None:
    """An id that comes again with the same content writes nothing and names the same entry, also
    after the node was stopped; with other content it is refused."""
    folder = found(parties, tmp_path / "alfa", "ALFA", "BRAVO")
    with running(folder) as node, node.client() as client:
        said = notice(node.now())
        first = client.file(node.line, said, id_="one")
        assert first.refs == client.file(node.line, said, id_="one").refs
        entries = client.lines()[0].entries
    with running(folder) as node, node.client() as client:
        assert first.refs == client.file(node.line, said, id_="one").refs
        other = msgspec.structs.replace(said, label="other")
        with pytest.raises(Refused) as refused:
            client.file(node.line, other, id_="one")
        assert refused.value.problem.status == 409
        assert Code.CONFLICTING_REQUEST == refused.value.problem.code
        assert len(client.notices(node.line)) == 1
        assert client.lines()[0].entries >= entries


def test_same_id_at_once_writes_once(shared: Running) -> None:
    """Eight clients that send the same write at the same moment get one entry between them."""
    said = notice(shared.now(), 33.5, 33.0, label="once")

    def send(_: int) -> object:
        with shared.client() as client:
            return client.file(shared.line, said, id_="at-once").refs

    with ThreadPoolExecutor(8) as pool:
        refs = set(pool.map(send, range(8)))
    assert len(refs) == 1
    with shared.client() as client:
        assert [v.label for v in client.notices(shared.line)].count("once") == 1


def test_at_least_one_of_those_who_file_at_once_is_told(shared: Running) -> None:
    """Two people of one party who file the same place at the same moment: at least one of them
    hears of the conflict in the answer itself. Ten pairs, real clients, real threads."""
    for pair in range(10):
        said = [notice(shared.now(), 32.0 + pair / 4, 32.0, label=f"{pair}-{n}") for n in range(2)]

        def send(n: int, said: list[object] = said) -> int:
            with shared.client() as client:
                return len(client.file(shared.line, said[n]).conflicts)

        with ThreadPoolExecutor(2) as pool:
            told = list(pool.map(send, range(2)))
        assert max(told) >= 1, f"pair {pair}: nobody was told"


def test_check_stores_nothing_and_sends_nothing(shared: Running) -> None:
    """A draft is judged against what is live, and the record is as long as before."""
    with shared.client() as client:
        client.file(shared.line, notice(shared.now(), 36.5, 34.0, label="there"))
        before = shared.node.runtime.conductor.state.journal
        own = client.lines()[0].entries
        checked = client.check(shared.line, notice(shared.now(), 36.5, 34.0, cls="air-movement"))
        assert Verdict.YES == checked.verdict
        assert "Nothing has left this node" in checked.words
        clear = client.check(shared.line, notice(shared.now(), 31.5, 31.5, cls="air-movement"))
        assert Verdict.NO == clear.verdict
        assert client.lines()[0].entries == own
        kinds = {each.kind for each in shared.journal(before)}
        assert not kinds & {"say", "movers", "noted"}


def test_draft_that_amends_does_not_meet_the_notice_that_it_follows(shared: Running) -> None:
    """Versions of one notice never meet (CL-STA-004), and a draft of one is such a version; as a
    notice of its own it would. What has ended is amended by nobody, and the check says so."""
    with shared.client() as client:
        own = notice(shared.now(), 29.5, 31.5, label="ours")
        first = client.file(shared.line, own).refs[0]
        second = client.say(shared.line, Amend(notice=first, to=own)).refs[0]
        assert client.check(shared.line, own).verdict == Verdict.YES
        for follows in (first, second):
            checked = client.do(asks.check(shared.line, own, amends=follows))
            assert checked.verdict == Verdict.NO, follows
            assert not checked.conflicts
        client.say(shared.line, Withdraw(versions=(first, second)))
        ended = client.do(asks.check(shared.line, own, amends=second))
        assert [each.code for each in ended.refusals] == [Code.NOT_LIVE]
        assert ended.verdict == Verdict.UNDETERMINED


def test_large_or_long_closure_needs_a_reason(shared: Running) -> None:
    """A closure above the agreed size is refused with a pointer, and taken with a reason (FM28)."""
    large = notice(shared.now(), 36.0, 32.0, radius_km=130, cls="hazardous-air")
    with shared.client() as client:
        with pytest.raises(Refused) as refused:
            client.file(shared.line, large)
        assert Code.REASON_NEEDED == refused.value.problem.code
        assert refused.value.problem.pointer == "/body/reason"
        reasoned = msgspec.structs.replace(large, reason="flood rescue over the whole delta")
        assert client.file(shared.line, reasoned).refs


def test_outside_the_area_is_a_warning_not_a_refusal(shared: Running) -> None:
    """What lies outside the agreed area is filed, and said to be so; swapped coordinates are
    pointed out (FM04)."""
    with shared.client() as client:
        far = client.file(shared.line, notice(shared.now(), 10.0, 10.0))
        assert [each.code for each in far.warnings] == [Code.OUTSIDE_AREA]
        swapped = client.file(shared.line, notice(shared.now(), 41.0, 35.0))
        assert "exchanged" in swapped.warnings[0].words


def test_refusal_points_into_the_request(shared: Running) -> None:
    """A notice whose window ends before it starts is refused with the field's place."""
    said = notice(shared.now())
    volume = msgspec.structs.replace(said.volumes[0], end=Instant(said.volumes[0].start - 1))
    with shared.client() as client, pytest.raises(Refused) as refused:
        client.file(shared.line, msgspec.structs.replace(said, volumes=(volume,)))
    assert refused.value.problem.status == 422
    assert refused.value.problem.pointer == "/body/volumes/0/end"
    assert refused.value.problem.detail


def test_amended_version_carries_no_answer_over(shared: Running) -> None:
    """An amend is a new version; the old one stays live until it is withdrawn."""
    with shared.client() as client:
        first = client.file(shared.line, notice(shared.now(), 37.0, 41.0, label="amended"))
        to = notice(shared.now(), 37.0, 41.0, label="amended", in_minutes=90)
        second = client.say(shared.line, Amend(notice=first.refs[0], to=to))
        live = [v for v in client.notices(shared.line) if v.label == "amended"]
        assert {v.ref for v in live} == {first.refs[0], second.refs[0]}
        assert {v.newest for v in live} == {second.refs[0]}
        client.say(shared.line, Withdraw(versions=first.refs))
        assert client.notice(shared.line, first.refs[0]).phase is Phase.WITHDRAWN


def test_import_of_1200_sites_and_30_movements_is_one_turn(node: Running) -> None:
    """1,200 sites and 30 movements go in one request and one turn, all or nothing."""
    now = node.now()
    sites = [
        notice(
            now, 31.1 + n // 40 * 0.2, 31.1 + n % 40 * 0.28, label=f"site {n}", radius_km=0.2,
            cls="protected-site",
        )
        for n in range(1_200)
    ]  # fmt: skip
    moves = [
        notice(now, 31.1 + n * 0.2, 36.0, label=f"convoy {n}", radius_km=1, cls="air-movement",
               operation="relief")
        for n in range(30)
    ]  # fmt: skip
    with node.client() as client:
        journal = node.node.runtime.conductor.state.journal
        done = client.file_all(node.line, Batch(notices=(*sites, *moves)))
        assert len(done.refs) == 1_230
        indexes = [ref.index for ref in done.refs]
        assert indexes == list(range(indexes[0], indexes[0] + 1_230)), "nothing came between"
        assert [each.kind for each in node.journal(journal)].count("say") == 1
        assert len(client.notices(node.line)) == 1_230


def test_batch_is_refused_whole_with_the_place_of_the_fault(shared: Running) -> None:
    """One bad notice of three: nothing is written, and the pointer names it."""
    good = notice(shared.now(), 35.0, 31.5, label="batch")
    bad = msgspec.structs.replace(good, cls="no-such-class")
    with shared.client() as client:
        before = client.lines()[0].entries
        with pytest.raises(Refused) as refused:
            client.file_all(shared.line, Batch(notices=(good, good, bad)))
        assert refused.value.problem.pointer == "/notices/2/cls"
        assert client.lines()[0].entries == before


def test_suspension_stops_messages_and_never_emergencies(node: Running) -> None:
    """On a suspended line a movement is refused, STOP and a hazard go (FM13)."""
    with node.client("commander") as client:
        client.say(node.line, Suspend(reason="by order"))
        with pytest.raises(Refused) as refused:
            client.file(node.line, notice(node.now(), cls="air-movement"))
        assert Code.SUSPENDED == refused.value.problem.code
        assert client.say(node.line, Stop()).refs
        assert client.file(node.line, notice(node.now())).refs
        (line,) = client.lines()
        assert [each.by for each in line.suspended] == ["ALFA"]


def test_a_party_leaves_for_good_and_writes_no_more(node: Running) -> None:
    """A commander may leave the line; nothing can follow, and nobody else may do it."""
    with node.client("planner") as client, pytest.raises(Refused) as refused:
        client.say(node.line, Leave(reason="not mine to say"))
    assert Code.NOT_ALLOWED == refused.value.problem.code
    with node.client("commander") as client:
        assert client.say(node.line, Leave(reason="mission ended")).refs
        with pytest.raises(Refused) as refused:
            client.file(node.line, notice(node.now()))
        assert Code.AFTER_LEAVE == refused.value.problem.code


def test_own_movers_are_local_and_their_absence_is_said(node: Running) -> None:
    """Movers come back as they were given; nothing of them is in the record."""
    fix = {
        "call_sign": "LIFTER2", "position": [345000000, 352000000], "speed_mms": 100_000,
        "as_of": node.now(), "cls": "air-movement",
    }  # fmt: skip
    with node.client() as client:
        entries = client.lines()[0].entries
        fixes = msgspec.convert({"movers": [fix]}, MoverFixes)
        (held,) = client.do(asks.move(node.line, fixes))
        assert held.call_sign == "LIFTER2"
        assert client.lines()[0].entries == entries
        bad = msgspec.convert({"movers": [{**fix, "speed_mms": -1}]}, MoverFixes)
        with pytest.raises(Refused) as refused:
            client.do(asks.move(node.line, bad))
        assert refused.value.problem.pointer == "/movers/0/speed_mms"
        ahead = [{**fix, "as_of": node.now() + minutes * MINUTE} for minutes in (0, 2)]
        late = msgspec.convert({"movers": ahead}, MoverFixes)
        with pytest.raises(Refused) as refused:
            client.do(asks.move(node.line, late))
        assert refused.value.problem.pointer == "/movers/1/as_of", "nobody knows where it will be"
        client.do(asks.note(node.line, Remark(what="telephoned", params={"who": "BRAVO"})))
    with node.http("commander") as http:
        record = http.get(f"/v1/lines/{node.line}/desk-record").json()
    assert [each["record"]["what"] for each in record][-1] == "telephoned"


def test_nobody_speaks_in_a_role_that_is_not_his(shared: Running) -> None:
    """A role on the line that the token does not carry is refused, in the envelope and in the
    answer's own body."""
    with shared.client() as client:
        filed = client.file(shared.line, notice(shared.now(), 36.9, 31.2))
        with pytest.raises(Refused) as refused:
            client.say(shared.line, Withdraw(versions=filed.refs), role="duty-senior")
        assert refused.value.problem.status == 403
        with pytest.raises(Refused) as refused:
            client.say(shared.line, Answer(to=filed.refs[0], reply=Reply.ROGER, role="duty-senior"))
        assert refused.value.problem.status == 403


def test_emergency_is_never_called_late(shared: Running) -> None:
    """A cry for help comes when it comes: no lead time is counted against it."""
    (place,) = notice(shared.now()).volumes
    now = shared.now()
    volume = msgspec.structs.replace(place, start=Instant(now - 60_000), end=Instant(now + DAY))
    with shared.client() as client:
        filed = client.say(shared.line, Distress(what="crew in the water", volumes=(volume,)))
    (view,) = filed.notices
    assert view.leads == ()
    assert Badge.LATE not in view.badges


def test_answer_to_what_is_not_held_is_refused(shared: Running) -> None:
    """A mistyped place is no answer: nothing is recorded, so nobody believes that it was given."""
    with shared.client() as client:
        before = client.lines()[0].entries
        for place in (EntryRef("BRAVO.0", 99_999), EntryRef("NOBODY.0", 0)):
            with pytest.raises(Refused) as refused:
                client.say(shared.line, Answer(to=place, reply=Reply.ROGER, role="watch-officer"))
            assert (refused.value.problem.status, refused.value.problem.pointer) == (
                404,
                "/body/to",
            )
        assert before == client.lines()[0].entries


def test_two_nodes_exchange_a_notice_and_an_answer(parties: Path, tmp_path: Path) -> None:
    """Over the real link: a notice is received by all, a conflict rings at the other end, and the
    answer that is given there stands beside the notice here."""
    bravo_folder = found(parties, tmp_path / "bravo", "BRAVO", "ALFA", listen="127.0.0.1:0")
    alfa_folder = found(parties, tmp_path / "alfa", "ALFA", "BRAVO")
    with running(bravo_folder) as bravo:
        host, port = bravo.node.links.addresses[0]
        config = alfa_folder / "node.toml"
        text = config.read_text().replace("[link.peers]", f'[link.peers]\nBRAVO = "{host}:{port}"')
        config.write_text(text)
        with running(alfa_folder) as alfa, alfa.client() as a, bravo.client() as b:
            filed = a.file(alfa.line, notice(alfa.now(), label="Range 7"))
            ref = filed.refs[0]

            def received(client: Client, state: State) -> bool:
                held = [v for v in client.notices(alfa.line) if v.ref == ref]
                return (
                    bool(held)
                    and held[0].standing is not None
                    and (held[0].standing.state is state)
                )

            until(a, lambda: received(a, State.DECONFLICTED))
            assert "received by all, no conflict known" in a.notice(alfa.line, ref).words
            crossing = b.file(bravo.line, notice(bravo.now(), cls="air-movement", label="Lifter"))
            assert crossing.conflicts[0].b == ref
            assert crossing.conflicts[0].a_knew
            until(a, lambda: received(a, State.CONFLICTED))
            b.say(
                bravo.line,
                Answer(to=ref, reply=Reply.UNABLE, role="watch-officer", minutes_needed=15),
            )
            until(a, lambda: bool(a.notice(alfa.line, ref).answers))
            (answer,) = a.notice(alfa.line, ref).answers
            assert (answer.reply, answer.minutes_needed) == (Reply.UNABLE, 15)
            exposure = b.notice(bravo.line, ref).exposure
            assert exposure is not None
            assert "NO MOVER DATA" in exposure.words
            assert not exposure.known


def test_window_of_years_is_pointed_out(shared: Running) -> None:
    """A slip of the year is a warning, with the place."""
    said = notice(shared.now(), 35.5, 42.0)
    start = Instant(said.volumes[0].start + 400 * DAY)
    volume = msgspec.structs.replace(said.volumes[0], start=start, end=Instant(start + 3_600_000))
    with shared.client() as client:
        done = client.file(shared.line, msgspec.structs.replace(said, volumes=(volume,)))
    assert done.warnings[0].at == "/body/volumes/0/start"


def test_reason_and_remark_are_shown_and_survive_a_restart(parties: Path, tmp_path: Path) -> None:
    """What a notice says to people comes back with it, also from the snapshot that a node keeps
    when it stops; a DISTRESS shows its remark too."""
    folder = found(parties, tmp_path / "alfa", "ALFA", "BRAVO")
    words = FreeText(lang="fr", text="toit bleu")
    with running(folder) as node, node.client() as client:
        said = msgspec.structs.replace(notice(node.now()), reason="evacuation", remark=words)
        (ref,) = client.file(node.line, said).refs
        help_ = Distress(what="crew in the water", volumes=said.volumes, remark=words)
        (cry,) = client.say(node.line, help_).refs
    with running(folder) as node, node.client() as client:
        assert node.node.store.snapshot() is not None
        view = client.notice(node.line, ref)
        assert ("evacuation", words) == (view.reason, view.remark)
        assert words == client.notice(node.line, cry).remark
