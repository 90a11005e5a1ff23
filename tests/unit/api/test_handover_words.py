"""What the next watch must touch, in the reader's language: whole sentences, marked once."""

from clearline.model.entry import Suspend
from clearline.words.reader import BETWEEN
from tests.api_node import Running, notice

MARK = "[UNREVIEWED translation, "


def items(node: Running, lang: str) -> dict[str, str]:
    """The words of the open items, by what is touched."""
    with node.http() as http:
        answer = http.get(f"/v1/lines/{node.line}/handover", headers={"accept-language": lang})
        assert answer.status_code == 200, answer.text
        return {each["id"]: each["words"] for each in answer.json()["items"]}


def test_items_are_wholly_in_the_readers_language_with_the_english_beside(node: Running) -> None:
    """Link, suspension, duties, own notices: each is one sentence in Arabic, marked once, and
    beside it word by word the one that an English reader has; none is missing in either."""
    with node.client("commander") as client:
        client.file(node.line, notice(node.now(), label="Open one"))
        client.say(node.line, Suspend(reason="talks"))
    english, arabic = items(node, "en"), items(node, "ar")
    assert list(arabic) == list(english)
    assert {id_.partition(":")[0] for id_ in english} >= {"link", "suspended", "notice", "alert"}
    for id_, words in arabic.items():
        own, _, beside = words.partition(BETWEEN)
        assert own.count(MARK) == 1, words
        assert MARK not in beside
        assert any("\u0600" <= sign <= "\u06ff" for sign in own.partition(MARK)[0]), words
        if not id_.startswith(("link", "alert")):  # those say how long ago
            assert beside == english[id_]
        assert BETWEEN not in beside
