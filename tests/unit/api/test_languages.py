"""The API answers in the reader's language, with English beside what nobody has reviewed."""

import msgspec
import pytest

from clearline.client import Client
from clearline.words.reader import BETWEEN
from tests.api_node import Running

HOME = "/v1/lines"


def sentences(node: Running, **headers: str) -> str:
    """The words of the node's one line."""
    with node.http() as http:
        (view,) = http.get(HOME, headers=headers).json()
    return str(view["words"])


def test_reader_is_answered_in_the_language_of_the_request(shared: Running) -> None:
    """By header or by ?lang, which comes first; what is not there is English."""
    english = sentences(shared)
    assert "no round trip yet" in english
    arabic = sentences(shared, **{"accept-language": "ar-SY,ar;q=0.9,en;q=0.8"})
    assert "UNREVIEWED translation, ar phrases/link-never" in arabic
    assert "no round trip yet" in arabic
    assert sentences(shared, **{"accept-language": "xx"}) == english
    with shared.http() as http:
        (view,) = http.get(HOME, params={"lang": "fr"}, headers={"accept-language": "ar"}).json()
    assert "pas encore d'aller-retour" in view["words"]


@pytest.mark.parametrize("lang", ["ar", "fr", "he", "ru", "uk"])
def test_refusal_is_told_in_the_readers_language_with_the_same_code(
    shared: Running, lang: str
) -> None:
    """Code, clause and pointer are for machines and have no language."""
    with shared.http() as http:
        plain = http.get("/v1/alerts/none")
        own = http.get("/v1/alerts/none", headers={"accept-language": lang})
    assert (own.status_code, own.json()["code"]) == (plain.status_code, plain.json()["code"])
    first, _, english = own.json()["detail"].partition(BETWEEN)
    assert english == plain.json()["detail"]
    assert f"[UNREVIEWED translation, {lang} refusals/not-found]" in first


def test_client_asks_in_its_language(shared: Running) -> None:
    """One argument of the client's, for all that it asks."""
    with Client(shared.address, shared.token(), lang="uk") as client:
        (view,) = client.lines()
    assert "обміну ще не було" in view.words


def test_board_and_stream_take_a_language(shared: Running) -> None:
    """What a desk opens, by the query, as a browser's event stream has to."""
    with shared.http() as http:
        board = http.get("/v1/board", params={"lang": "ru,en"}).json()
        with http.stream("GET", "/v1/events", params={"lang": "ru"}) as stream:
            first = next(stream.iter_text())
    assert "обмена ещё не было" in board["node"]["lines"][0]["words"]
    assert first.startswith("event: hello")
    assert msgspec.json.decode(first.partition("data: ")[2].strip())
