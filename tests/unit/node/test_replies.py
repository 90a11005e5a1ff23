"""Reply codes: drawn from a secret, heard over a telephone, compared, and never guessed."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from clearline.model.ids import EntryRef, FeedId, LineId, PartyId
from clearline.model.refusal import Refusal
from clearline.model.time import Instant
from clearline.node import replies
from clearline.node.replies import ALPHABET, Issued, draw, heard, issue

SECRETS = st.binary(min_size=replies.SECRET_BYTES, max_size=replies.SECRET_BYTES)
NOW = Instant(1_800_000_000_000)
LINE, OF, TO = LineId("a" * 64), EntryRef(FeedId("ALFA.0"), 3), PartyId("SYRAD")


def page(n: int) -> tuple[Issued, str]:
    """A page and its short code."""
    drawn = draw(n.to_bytes(replies.SECRET_BYTES, "big") if n else bytes(replies.SECRET_BYTES))
    made = issue(drawn, line=LINE, of=OF, to=TO, now=NOW, person="watch", role="watch-officer")
    return made, drawn.phone


def why(found: object) -> object:
    """Why a code was refused."""
    return found.params["why"] if isinstance(found, Refusal) else found


@given(SECRETS)
def test_what_is_said_is_heard_however_it_is_typed(secret: bytes) -> None:
    """Case, spaces, a hyphen, and I, L, O for 1 and 0 make no difference."""
    phone = draw(secret).phone
    assert len(phone) == 8
    assert heard(phone) == phone
    typed = f" {phone[:4].lower()} - {phone[4:].replace('0', 'o').replace('1', 'l')} "
    assert heard(typed) == phone


@given(SECRETS, st.integers(0, 7), st.sampled_from(ALPHABET))
def test_one_character_misheard_is_noticed(secret: bytes, at: int, char: str) -> None:
    """Whichever it is: it is said to be a slip, and is no try."""
    phone = draw(secret).phone
    said = phone[:at] + char + phone[at + 1 :]
    assert (heard(said) == phone) is (said == phone)
    assert said == phone or why(heard(said)) == "code-misheard"


@given(SECRETS)
def test_two_characters_exchanged_are_noticed(secret: bytes) -> None:
    """Any two, not only neighbours."""
    phone = draw(secret).phone
    for a, b in combinations(range(7), 2):
        said = list(phone)
        said[a], said[b] = said[b], said[a]
        assert phone[a] == phone[b] or why(heard("".join(said))) == "code-misheard"


def test_link_and_short_code_have_the_bits_that_are_stated() -> None:
    """160 and 35 bits: every bit of the secret that is stated moves them."""
    zero = draw(bytes(replies.SECRET_BYTES))
    links, phones = set(), set()
    for bit in range(8 * replies.SECRET_BYTES):
        drawn = draw((1 << bit).to_bytes(replies.SECRET_BYTES, "big"))
        links.add(drawn.link) if drawn.link != zero.link else None
        phones.add(drawn.phone) if drawn.phone != zero.phone else None
    assert len(links) == 160
    assert len(phones) == 35


def test_chance_of_guessing_is_what_is_stated() -> None:
    """All pages that may be open, all tries that they give, of all short codes."""
    tries = replies.PAGES_OPEN_MAX * replies.TRIES_MAX
    assert tries / 2**35 < 1 / 340_000_000


def test_code_is_refused_when_used_late_locked_or_wrong() -> None:
    """Each with its own reason; a wrong one counts for every page that can still be answered."""
    (one, code), (two, other) = page(1 << 60), page(2 << 60)
    assert replies.by_phone(((one, 0, False), (two, 0, False)), other, NOW) is two
    assert why(replies.by_phone(((one, 0, True),), code, NOW)) == "code-used"
    assert why(replies.by_phone(((one, 5, False),), code, NOW)) == "code-locked"
    late = one.phone_until
    assert why(replies.by_phone(((one, 0, False),), code, late)) == "code-expired"
    assert replies.by_phone(((one, 4, False),), code, Instant(late - 1)) is one
    wrong = replies.by_phone(((one, 0, False), (two, 3, False)), draw(b"x" * 31).phone, NOW)
    assert why(wrong) == "code-wrong"
    assert isinstance(wrong, Refusal)
    assert wrong.params["left"] == 4
    assert [i.id for i, _ in replies.tried(((one, 5, False), (two, 3, False)), NOW)] == [two.id]
    assert why(replies.by_phone((), code, NOW)) == "code-none"


def test_proof_fits_one_line_entry_and_party() -> None:
    """The same code about anything else gives another digest."""
    one, code = page(1 << 60)
    others = [
        issue(draw(bytes(31)), line=line, of=of, to=to, now=NOW, person="w", role="r")
        for line, of, to in (
            (LineId("b" * 64), OF, TO), (LINE, EntryRef(OF.feed, 4), TO), (LINE, OF, PartyId("X")),
        )
    ]  # fmt: skip
    assert len({replies.proof(each, code) for each in (one, *others)}) == 4
