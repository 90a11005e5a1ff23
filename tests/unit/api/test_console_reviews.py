"""Joint reviews over the API: made of a period, laid side by side, by the same command as
anybody's."""

import json

import pytest

from clearline.evidence.review.facts import Review, read_review
from clearline.model.time import HOUR
from tests.api_node import Running, notice


@pytest.fixture(scope="module")
def made(shared: Running) -> bytes:
    """The review of the hours about now, with a notice in it, as a commander's page gets it."""
    with shared.client() as client:
        client.file(shared.line, notice(shared.now(), label="In the review"))
    now = shared.now()
    with shared.page("commander") as page:
        query = f"from={now - HOUR}&until={now + HOUR}&desk=true"
        answer = page.get(f"/v1/lines/{shared.line}/review?{query}", timeout=60)
    assert answer.status_code == 200, answer.text
    view = answer.json()
    assert view["exit"] in (0, 3)
    assert "Review of" in view["page"]
    return json.dumps(view["result"]).encode()


def test_review_of_a_period_is_the_file_of_the_command(shared: Running, made: bytes) -> None:
    """What the page saves is a review that the command reads: of this line and maker."""
    read = read_review(made)
    assert isinstance(read, Review)
    assert (read.line, read.maker, read.desk) == (shared.line, "ALFA", True)
    assert any(row.section == "notices" for row in read.rows)


def test_two_reviews_are_laid_side_by_side(shared: Running, made: bytes) -> None:
    """The same twice agrees; one row changed differs, and both values are told."""
    changed = made.replace(b'"value": "hazardous-air"', b'"value": "air-movement"', 1)
    assert changed != made
    with shared.page("watch") as page:
        path = f"/v1/reviews/compare?left={len(made)}"
        same = page.post(path, content=made + made, timeout=60).json()
        assert same["exit"] == 0
        other = page.post(path, content=made + changed, timeout=60).json()
        assert other["exit"] != 0
        assert "side by side" in other["page"]


def test_what_is_no_review_and_a_period_that_is_none_are_refused(
    shared: Running, made: bytes
) -> None:
    """Each refusal names where; who may not read the record makes no review."""
    now = shared.now()
    with shared.page("commander") as page:
        root = f"/v1/lines/{shared.line}/review"
        for query, at in (
            ("", "?from"), (f"?from={now}", "?until"), (f"?from={now}&until={now}", "?until"),
            ("?from=x&until=1", "?from"), (f"?from=0&until={now}&desk=1", "?desk"),
        ):  # fmt: skip
            answer = page.get(root + query)
            assert (answer.status_code, answer.json()["pointer"]) == (422, at), answer.text
        bad = page.post("/v1/reviews/compare?left=2", content=b"{}{}", timeout=60)
        assert bad.status_code == 422, bad.text
        assert bad.json()["clause"] == "CL-EVI-017"
        alone = page.post(f"/v1/reviews/compare?left={len(made)}", content=made)
        assert alone.json()["pointer"] == "?left"
    with shared.page("liaison") as page:
        assert page.get(f"/v1/lines/{shared.line}/review?from=0&until=1").status_code == 403


def test_review_is_written_in_the_readers_language(shared: Running) -> None:
    """The page of it says in which; the file that is compared is the same in every language."""
    now = shared.now()
    with shared.page("commander") as page:
        path = f"/v1/lines/{shared.line}/review?from={now - HOUR}&until={now + HOUR}"
        view = page.get(path, headers={"accept-language": "ar"}, timeout=60).json()
    assert '<html lang="ar" dir="rtl">' in view["page"]
    assert view["result"]["maker"] == "ALFA"
