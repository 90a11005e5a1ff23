"""Links, sessions and passwords on disk: used once, bound to the person, over in time."""

from pathlib import Path

import msgspec
import pytest

from clearline.api.people import People, Person, Role, write_people
from clearline.api.sign_ins import (
    IDLE_MS,
    LINK_MS,
    SESSION_MS,
    SESSIONS_EACH_MAX,
    SignIns,
    new_link,
)
from clearline.api.tries import (
    ALL_SPAN_MS,
    NAMES_MAX,
    SPAN_MS,
    WRONG_IN_ALL_MAX,
    WRONG_MAX,
    Tries,
)
from clearline.model.time import HOUR, Instant
from clearline.store.disk import write_whole

T0 = Instant(1_800_000_000_000)
KIM = Person(person="kim", role=Role.WATCH, sha256="1" * 64, made=T0, duties=("watch-officer",))
LEE = Person(person="lee", role=Role.PLANNER, sha256="2" * 64, made=T0)


class Town:
    """A folder of people and sign-ins."""

    def __init__(self, folder: Path) -> None:
        self.tokens, self.folder = folder / "tokens.json", folder / "sign-ins"
        self.has(KIM, LEE)
        self.start()

    def has(self, *people: Person) -> None:
        """These are all the people there are."""
        write_whole(self.tokens, write_people(people))

    def start(self) -> SignIns:
        """As after a start of the node."""
        self.of = SignIns(self.folder, People(self.tokens), write_whole)
        return self.of

    def link(self, person: Person = KIM, at: Instant = T0) -> str:
        """A fresh link."""
        return new_link(self.folder, person, at, write_whole)

    def signed_in(self, person: Person = KIM, at: Instant = T0) -> str:
        """The value of a new session's cookie."""
        return self.of.begin(person, at, by_link=True)[0]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """One with Kim and Lee."""
    return Town(tmp_path)


def later(ms: int) -> Instant:
    """So long after the start."""
    return Instant(T0 + ms)


def test_link_signs_its_person_in_once(town: Town) -> None:
    """The second who comes with it is not let in, nor is he after a restart."""
    code = town.link()
    assert town.of.by_link(code, T0) == KIM
    assert town.of.by_link(code, T0) is None
    assert town.start().by_link(code, T0) is None


def test_link_is_over_after_a_day_and_others_are_swept(town: Town) -> None:
    """A link that nobody used is nothing after its day, and its file goes with the next one."""
    code = town.link()
    assert town.of.by_link(code, later(LINK_MS)) is None
    town.link(at=T0)
    town.link(at=later(LINK_MS))
    assert len(list((town.folder / "links").iterdir())) == 1


@pytest.mark.parametrize(
    "changed",
    [
        msgspec.structs.replace(KIM, sha256="3" * 64),
        msgspec.structs.replace(KIM, role=Role.COMMANDER),
        msgspec.structs.replace(KIM, duties=()),
        msgspec.structs.replace(KIM, until=T0),
        None,
    ],
    ids=["token", "role", "duties", "until", "gone"],
)
def test_link_and_session_end_when_the_person_is_not_what_he_was(
    town: Town, changed: Person | None
) -> None:
    """Another token, role or duty, a time that is over, or nobody of the name any more."""
    code, value = town.link(), town.signed_in()
    assert town.of.find(value, later(1)) is not None
    town.has(*((changed, LEE) if changed is not None else (LEE,)))
    assert town.of.find(value, later(2)) is None
    assert town.of.by_link(code, later(2)) is None
    town.has(KIM, LEE)
    assert town.of.find(value, later(3)) is None, "an ended session does not come back"


def test_session_survives_a_restart_and_its_value_is_kept_nowhere(town: Town) -> None:
    """What is on disk is of no use to who reads it, and nobody else can read it."""
    value = town.signed_in()
    found = town.start().find(value, later(1000))
    assert found is not None
    assert found[0] == KIM
    kept = town.folder / "sessions.json"
    assert value.encode() not in kept.read_bytes()
    assert kept.stat().st_mode & 0o077 == 0
    assert town.folder.stat().st_mode & 0o077 == 0


def test_session_ends_when_idle_and_after_a_day_in_any_case(town: Town) -> None:
    """Twelve hours without use end it; use every hour does not carry it over a day."""
    value = town.signed_in()
    assert town.of.find(value, later(IDLE_MS)) is None
    value = town.signed_in()
    for hour in range(1, SESSION_MS // HOUR):
        assert town.of.find(value, later(hour * HOUR)) is not None
    assert town.of.find(value, later(SESSION_MS)) is None


def test_signing_out_ends_it_for_good(town: Town) -> None:
    """Also over a restart."""
    value = town.signed_in()
    assert town.of.end(value, T0)
    assert not town.of.end(value, T0)
    assert town.start().find(value, T0) is None


def test_a_person_has_a_bounded_number_of_sessions(town: Town) -> None:
    """The oldest ends; nobody else's does."""
    other = town.signed_in(LEE)
    values = [town.signed_in(at=later(n)) for n in range(SESSIONS_EACH_MAX + 2)]
    alive = [town.of.find(value, later(100)) is not None for value in values]
    assert alive == [False, False] + [True] * SESSIONS_EACH_MAX
    assert town.of.find(other, later(100)) is not None


def test_password_goes_with_the_persons_token(town: Town) -> None:
    """Somebody new of the same name has not the password of the one before."""
    town.of.keep_password(KIM, "$argon2id$...")
    assert town.start().password_of(KIM) == "$argon2id$..."
    assert town.of.password_of(msgspec.structs.replace(KIM, sha256="3" * 64)) is None
    assert town.of.password_of(LEE) is None


@pytest.mark.parametrize("raw", [b"", b"{", b"[" * 100_000, b'{"v":1,"sessions":[{}]}', b"\xff"])
def test_damaged_file_signs_nobody_in_and_stops_nothing(town: Town, raw: bytes) -> None:
    """People sign in anew; the node starts."""
    value = town.signed_in()
    (town.folder / "sessions.json").write_bytes(raw)
    assert town.start().find(value, T0) is None
    assert town.of.find(town.signed_in(), T0) is not None


def test_file_of_people_that_is_half_written_ends_no_sign_in(town: Town) -> None:
    """While it cannot be read nobody is let in; when it can, everybody is where he was."""
    value = town.signed_in()
    whole = town.tokens.read_bytes()
    town.tokens.write_bytes(whole[: len(whole) // 2])
    assert town.of.find(value, later(1)) is None
    town.tokens.write_bytes(whole)
    assert town.of.find(value, later(2)) is not None


@pytest.mark.parametrize("code", ["", "../../tokens", "x" * 5000, "\ud800", "é", "a/b"])
def test_code_is_never_a_path(town: Town, code: str) -> None:
    """Whatever is said as a code is hashed before it is looked for."""
    assert town.of.by_link(code, T0) is None
    assert town.of.find(code, T0) is None


def test_two_nodes_have_cookies_of_different_names(tmp_path: Path) -> None:
    """A browser keeps cookies by host, not by port: two nodes on one host would sign each other's
    people out. The name stays over a restart."""
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    one, other = Town(tmp_path / "one"), Town(tmp_path / "other")
    assert one.of.cookie != other.of.cookie
    assert one.of.cookie == one.start().cookie


def test_name_waits_after_wrong_passwords_and_comes_back_by_itself() -> None:
    """Five wrong ones, then none is looked at until the first is a quarter of an hour old; another
    name is not touched, and a right one forgets what was mistyped."""
    tries = Tries()
    for n in range(WRONG_MAX):
        assert tries.may("kim", n)
        tries.wrong("kim", n)
    assert not tries.may("kim", SPAN_MS - 1)
    assert tries.may("lee", SPAN_MS - 1)
    assert tries.may("kim", SPAN_MS)
    for n in range(WRONG_MAX - 1):
        tries.wrong("lee", n)
    tries.right("lee")
    tries.wrong("lee", WRONG_MAX)
    assert tries.may("lee", WRONG_MAX)


def test_right_tries_do_not_count_for_the_bound_of_all() -> None:
    """A large watch that signs in at the same hour keeps nobody out."""
    tries = Tries()
    for n in range(3 * WRONG_IN_ALL_MAX):
        assert tries.may(f"n{n}", n)
        tries.wrong(f"n{n}", n)
        tries.right(f"n{n}")


def test_many_names_run_into_the_bound_for_all() -> None:
    """Whoever changes the name each time is stopped too, and remembering stays bounded."""
    tries = Tries()
    for n in range(WRONG_IN_ALL_MAX):
        assert tries.may(f"n{n}", n)
        tries.wrong(f"n{n}", n)
    assert not tries.may("another", WRONG_IN_ALL_MAX)
    assert not tries.may(None, WRONG_IN_ALL_MAX)
    assert tries.may("another", ALL_SPAN_MS + WRONG_IN_ALL_MAX)
    for n in range(2 * NAMES_MAX):
        tries.wrong(f"m{n}", n)
    assert len(tries._names) == NAMES_MAX
