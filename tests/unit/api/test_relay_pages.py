"""Pages for parties without a node: made, answered by telephone and link, kept over a stop."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from clearline.client import Client, Refused
from clearline.model.entry import RelayOutcome
from clearline.model.ids import EntryRef, PartyId
from clearline.model.space import FLIGHT_LEVEL_MM, Height, HeightRef
from clearline.node import replies
from clearline.node.page_view import PageView
from clearline.node.requests import CodeGiven, PageAsk
from clearline.node.views import NoticeView
from tests.api_node import Running, found, notice, running

SYRAD = PartyId("SYRAD")
BASE = "https://relay.example"


def filed(node: Running, client: Client) -> EntryRef:
    """A hazard off the coast that SYRAD has to be told of."""
    return client.file(node.line, notice(node.now(), 34.9, 35.9, label="Off <Tartus>")).refs[0]


def made(node: Running, client: Client, ref: EntryRef) -> PageView:
    """A page about it, with a link."""
    asked = PageAsk(of=ref, to=SYRAD, base=BASE, contact="+963 11 555 0142", zone="Asia/Damascus")
    return client.page(node.line, asked)


def third(client: Client, node: Running, ref: EntryRef) -> str:
    """How far telling SYRAD has come."""
    view: NoticeView = client.notice(node.line, ref)
    (found_,) = [each for each in view.third_parties if each.party == SYRAD]
    return found_.state


def path_of(page: PageView) -> str:
    """Where the link leads on the node."""
    assert page.link.startswith(f"{BASE}/r/")
    return page.link.removeprefix(BASE)


def test_page_states_everything_in_both_forms(shared: Running) -> None:
    """Place in two notations, heights with reference, both times, sender, codes, proof, reminder;
    what others wrote is shown as text."""
    with shared.client() as client:
        ref = filed(shared, client)
        page = made(shared, client, ref)
    for text in (page.html, page.text):
        for said in ("34°54'00.0", "35°54'00.0", "36S", "FL100", "FL200", "+03:00",
                     "Air defence of the Syrian coast", "+963 11 555 0142", str(ref), "ALFA",
                     f"{page.phone[:4]}-{page.phone[4:]}", page.link,
                     "A notice gives no permission", "BEGIN CLEARLINE ENTRY",
                     "It does not prove by whom"):  # fmt: skip
            assert said in text.replace("&#x27;", "'").replace("&quot;", '"'), said
    assert "<Tartus>" not in page.html
    assert "&lt;Tartus&gt;" in page.html
    assert "<svg" in page.html
    for fetched in ("<script", "src=", "url(", "<link", "@import", "href="):
        assert fetched not in page.html.lower().replace('clip-path="url(#c)"', "")


SFC, UNL = Height(ref=HeightRef.SFC), Height(ref=HeightRef.UNL)
HEIGHTS = [
    (SFC, SFC, "On the surface only (ground or water), not in the air."),
    (SFC, UNL, "Lower limit: the surface (ground or water). Upper limit: unlimited"),
    (
        SFC, Height(ref=HeightRef.FL, mm=245 * FLIGHT_LEVEL_MM),
        "Upper limit: flight level 245, which is 24500 ft on an altimeter set to 1013.25 hPa",
    ),
    (
        Height(ref=HeightRef.AMSL, mm=100_100), Height(ref=HeightRef.W84, mm=1_000_100),
        "Lower limit: 328 ft (100 m) above mean sea level. "
        "Upper limit: 3282 ft (1001 m) above the WGS 84 ellipsoid",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("low", "high", "words"), HEIGHTS)
def test_heights_are_said_in_words_beside_their_signs(
    shared: Running, low: Height, high: Height, words: str
) -> None:
    """Whoever flies or drives there reads no abbreviations; the reader's own language beside."""
    draft = notice(shared.now(), 34.9, 35.9, label="In words")
    volume = replace(draft.volumes[0], lower=low, upper=high)
    with shared.client() as client:
        ref = client.file(shared.line, replace(draft, volumes=(volume,))).refs[0]
        page = client.page(shared.line, PageAsk(of=ref, to=SYRAD, languages=("ar",)))
    for text in (page.html, page.text):
        assert words in text
        assert " - " in text
        assert ("على السطح فقط" if high is SFC else "الحد الأعلى") in text


def test_code_by_telephone_is_told_once(shared: Running) -> None:
    """The right code tells; the same again is refused with a sentence and writes nothing."""
    with shared.client() as client:
        ref = filed(shared, client)
        page = made(shared, client, ref)
        assert third(client, shared, ref) == "NOT TOLD"
        given = CodeGiven(of=ref, to=SYRAD, code=page.phone.lower(), means="telephone 4411")
        done = client.give_code(shared.line, given)
        assert len(done.refs) == 1
        assert third(client, shared, ref) == "TOLD"
        with pytest.raises(Refused, match="has been used"):
            client.give_code(shared.line, given)


def test_link_shows_first_and_records_on_sending(shared: Running) -> None:
    """GET changes nothing, however often; POST records the answer with its words, once."""
    with shared.client() as client, shared.http(None) as reader:
        ref = filed(shared, client)
        path = path_of(made(shared, client, ref))
        for _ in range(3):
            shown = reader.get(path)
            assert shown.status_code == 200
            assert "<form" in shown.text
            assert shown.headers["cache-control"] == "no-store"
            assert "default-src 'none'" in shown.headers["content-security-policy"]
        assert third(client, shared, ref) == "NOT TOLD"
        sent = reader.post(path, data={"outcome": "ANSWERED", "text": "We hold until 19Z"})
        assert sent.status_code == 200
        assert third(client, shared, ref) == "ANSWERED"
        assert reader.get(path).status_code == 404
        assert reader.post(path, data={"outcome": "TOLD"}).status_code == 404


def test_link_with_nonsense_records_nothing(shared: Running) -> None:
    """An outcome that the form cannot send, control characters, too much: the link stays good."""
    with shared.client() as client, shared.http(None) as reader:
        ref = filed(shared, client)
        path = path_of(made(shared, client, ref))
        for content in (
            b"", b"outcome=NO-ANSWER", b"outcome=TOLD&outcome=ANSWERED", b"\xff",
            b"outcome=ANSWERED&text=%00", b"outcome=TOLD&text=" + b"x" * 9000,
        ):  # fmt: skip
            assert reader.post(path, content=content).status_code == 422
        assert third(client, shared, ref) == "NOT TOLD"
        assert reader.post(path, content=b"outcome=TOLD").status_code == 200
        assert third(client, shared, ref) == "TOLD"


def test_codes_survive_a_stop(parties: Path, tmp_path: Path) -> None:
    """Made before, given after: by the store and nothing else; wrong tries are not forgotten."""
    folder = found(parties, tmp_path / "alfa", "ALFA", "BRAVO")
    with running(folder) as node, node.client() as client:
        ref = filed(node, client)
        page = made(node, client, ref)
        other = made(node, client, ref)
        wrong = CodeGiven(of=ref, to=SYRAD, code=_other(page, other), means="telephone")
        with pytest.raises(Refused, match="4 more tries"):
            client.give_code(node.line, wrong)
    with running(folder) as node, node.client() as client, node.http(None) as reader:
        with pytest.raises(Refused, match="3 more tries"):
            client.give_code(node.line, wrong)
        assert reader.get(path_of(other)).status_code == 200
        given = CodeGiven(of=ref, to=SYRAD, code=page.phone, means="radio")
        assert client.give_code(node.line, given).refs
    with (
        running(folder) as node,
        node.client() as client,
        pytest.raises(Refused, match="has been used"),
    ):
        client.give_code(node.line, given)


def _other(*pages: PageView) -> str:
    """A code of the right form that is none of theirs."""
    made_ = (f"000000{last}" for last in "0123456789")
    return next(
        c for d in made_ if (c := d + replies.check_char(d)) not in {p.phone for p in pages}
    )


def test_proof_in_the_record_is_of_the_code(shared: Running) -> None:
    """What the line sees is a digest; whoever has the page can hold it against it."""
    with shared.client() as client:
        ref = filed(shared, client)
        page = made(shared, client, ref)
        given = CodeGiven(
            of=ref, to=SYRAD, code=page.phone, means="telephone", outcome=RelayOutcome.ANSWERED
        )
        (relayed,) = client.give_code(shared.line, given).refs
    store = shared.node.store.reader()
    data = store.entries(shared.line, relayed.feed, relayed.index, 1)[0].data
    store.close()
    issued = replies.issue(
        replies.draw(bytes(31)), line=shared.line, of=ref, to=SYRAD, now=page.made, person="",
        role="",
    )  # fmt: skip
    assert replies.proof(issued, page.phone).encode() in data
    assert page.phone.encode() not in data
