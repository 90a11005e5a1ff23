"""On paper and at a glance: the fall-back list, and how far a notice got."""

from pathlib import Path

from clearline.cli.fallback import NOTHING, as_html, sheet
from clearline.config import FallbackTable
from tests.api_node import cli, found, make_parties, notice, running
from tests.town import BEGIN, agreement_of


def test_every_party_is_on_the_list_with_its_ways_or_none() -> None:
    """Ways stand under their party in the order given; who has none is named as such, and so are
    third parties with who tells them."""
    terms = agreement_of(("AAA", "BBB"))
    ways = (
        FallbackTable(party="BBB", role="watch-officer", way="+00 555 01", note="Russian"),
        FallbackTable(party="BBB", role="deputy", way="HF 5505 kHz"),
    )
    page = sheet(terms, ways, BEGIN)
    at = page.index("BBB  Party BBB")
    assert page[at + 1] == "  watch-officer: +00 555 01 (Russian)"
    assert page[at + 2] == "  deputy: HF 5505 kHz"
    assert page[page.index("AAA  Party AAA") + 1] == f"  {NOTHING}"
    for third in terms.represented:
        assert f"{third.id}  {third.name}, told by {third.relay}, else by {third.backup}" in page


def test_printed_page_takes_words_as_words() -> None:
    """What stands in node.toml is text on the page, whatever signs it has."""
    ways = (FallbackTable(party="BBB", role="<b>", way="<script>1 & 2</script>"),)
    page = as_html(sheet(agreement_of(("AAA", "BBB")), ways, BEGIN))
    assert "<script>" not in page
    assert "&lt;script&gt;1 &amp; 2" in page


def test_list_is_printed_from_a_running_node(tmp_path: Path) -> None:
    """Ways from node.toml, parties from the terms in force."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    folder = found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")
    with (folder / "node.toml").open("a") as file:
        file.write('\n[[fallback]]\nparty = "BRAVO"\nrole = "watch-officer"\nway = "+00 555 02"\n')
    with running(folder):
        said = cli("line", "fallback", "--node", str(folder))
        assert "BRAVO  Party BRAVO\n  watch-officer: +00 555 02\n" in said
        assert "<h1>FALL-BACK LIST" in cli("line", "fallback", "--html", "--node", str(folder))


def test_reach_prints_five_facts_for_each_addressee(tmp_path: Path) -> None:
    """One line each, and nothing is claimed of a desk that nobody can see from here."""
    make_parties(tmp_path, "ALFA", "BRAVO")
    with running(found(tmp_path, tmp_path / "node", "ALFA", "BRAVO")) as node:
        with node.client() as client:
            (ref,) = client.file(node.line, notice(node.now())).refs
        said = cli("notice", "reach", str(ref), "--node", str(node.folder)).splitlines()
    assert len(said) == 5
    assert said[1:] == [
        "stored by BRAVO: no receipt yet",
        "presented at BRAVO: not stated",
        "answered by BRAVO: NO ANSWER, not agreed",
        "read back by BRAVO: nothing",
    ]
