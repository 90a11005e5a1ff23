"""Somebody without the page tries to answer for a party: by short codes, by links, unasked."""

from pathlib import Path

import pytest

from clearline.api.people import Role
from clearline.api.relaying import UNKNOWN_A_MINUTE
from clearline.client import Refused
from clearline.model.ids import PartyId
from clearline.node.replies import ALPHABET, TRIES_MAX, check_char
from clearline.node.requests import CodeGiven, PageAsk
from tests.api_node import add_person, found, make_parties, notice, running

SYRAD = PartyId("SYRAD")


def test_guessing_ends_after_five(tmp_path: Path) -> None:
    """Short codes lock after five wrong ones, the right one with them; links are refused alike
    whatever is wrong with them, and too many are told to wait while a good one works on; nothing
    but the page is behind one; and a role that may not relay gets no page."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    folder = found(tmp_path, tmp_path / "alfa", "ALFA", "BRAVO")
    with running(folder) as node, node.client() as client, node.http(None) as reader:
        ref = client.file(node.line, notice(node.now(), 34.9, 35.9)).refs[0]
        page = client.page(node.line, PageAsk(of=ref, to=SYRAD, base="https://relay.example"))
        codes = [f"000000{last}" for last in ALPHABET]
        wrong = [c for d in codes if (c := d + check_char(d)) != page.phone]
        for n in range(TRIES_MAX):
            with pytest.raises(Refused, match=f"{TRIES_MAX - 1 - n} more tries"):
                client.give_code(
                    node.line, CodeGiven(of=ref, to=SYRAD, code=wrong[n], means="telephone")
                )
        right = CodeGiven(of=ref, to=SYRAD, code=page.phone, means="telephone")
        for _ in range(2):
            with pytest.raises(Refused, match="locked"):
                client.give_code(node.line, right)
        (third,) = [t for t in client.notice(node.line, ref).third_parties if t.party == SYRAD]
        assert third.state == "NOT TOLD"

        link = page.link.rpartition("/")[2]
        near = link[:-1] + ALPHABET[(ALPHABET.index(link[-1]) + 1) % 32]
        answers = {reader.get(f"/r/{each}").text for each in (near, link.lower(), "x", "%00")}
        assert len(answers) == 1
        assert reader.get(f"/r/{link}/..").status_code == 404
        statuses = {reader.get(f"/r/{near}").status_code for _ in range(UNKNOWN_A_MINUTE + 1)}
        assert statuses == {404, 429}
        shown = reader.get(f"/r/{link}")
        assert shown.status_code == 200
        assert page.phone not in shown.text
        assert reader.get(f"/v1/lines/{node.line}/notices").status_code == 401
        assert reader.post(f"/v1/lines/{node.line}/relay-page", content=b"{}").status_code == 401

        add_person(folder, Role.PLANNER, "planner")
        with node.client("planner") as planner, pytest.raises(Refused, match="may not"):
            planner.page(node.line, PageAsk(of=ref, to=SYRAD))
