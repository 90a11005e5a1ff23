"""Handlers of sign-in at the watch console: links, passwords, who is signed in, signing out."""

import asyncio
from dataclasses import dataclass
from typing import Final

from clearline.api.people import PERMISSIONS, Person
from clearline.api.problems import Refused
from clearline.api.service import Call, Service
from clearline.api.sign_ins import Session
from clearline.model.limits import LABEL_CHARS_MAX
from clearline.model.refusal import Code, Refusal
from clearline.model.time import Instant
from clearline.node.requests import Asked
from clearline.node.views import View

PASSWORD_CHARS_MIN: Final = 12
"""NIST SP 800-63B asks for 8 and advises 15 where nothing else is asked for; length is the only
rule."""
PASSWORD_CHARS_MAX: Final = 256


class SignIn(Asked, frozen=True):
    """A one-time link's code, or a person's name with his password."""

    link: str | None = None
    person: str | None = None
    password: str | None = None


class NewPassword(Asked, frozen=True):
    """A password to sign in with from now on. ``current``: the one before, needed unless one has
    just signed in by a link, or has none."""

    password: str
    current: str | None = None


class SessionView(View, frozen=True):
    """Who is signed in, what he may do, and until when at the latest if the page stays open no
    longer. ``needs_password``: he has none yet. ``cookie``: signed in on a page, not by a token."""

    person: str
    role: str
    duties: tuple[str, ...]
    may: tuple[str, ...]
    until: Instant | None
    needs_password: bool
    cookie: bool


class SignedOut(View, frozen=True):
    """Whether anybody was signed in here."""

    signed_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """An answer that sets the cookie (``value``) or takes it away (None)."""

    view: SessionView | SignedOut
    value: str | None


async def sign_in(service: Service, call: Call[SignIn]) -> Signed:
    """Sign in by a one-time link, or by name and password; the answer sets a cookie."""
    asked, console = call.body, service.console
    by_link = asked.link is not None
    if by_link == (asked.person is not None) or (asked.person is None) != (asked.password is None):
        raise Refused(Refusal(code=Code.MISSING_FIELD, clause="CL-API-004", at="/link"))
    clock = round(asyncio.get_running_loop().time() * 1000)
    person = await _who(service, asked, clock)
    if person is None:
        params: dict[str, str | int] = {"why": "sign-in-unknown"}
        raise Refused(Refusal(code=Code.NOT_ALLOWED, clause="CL-SGN-001", params={**params}), 401)
    if call.cookie is not None:
        console.sign_ins.end(call.cookie, service.now)
    value, session = console.sign_ins.begin(person, service.now, by_link=by_link)
    service.note_sign_in(person, "link" if by_link else "password")
    return Signed(view=_view(service, person, session), value=value)


async def _who(service: Service, asked: SignIn, clock: int) -> Person | None:
    console = service.console
    if asked.link is not None:
        person = console.sign_ins.by_link(asked.link, service.now)
        if person is None and not console.tries.may(None, clock):
            raise Refused(Refusal(code=Code.RATE, clause="CL-SGN-003"))
        if person is None:
            console.tries.wrong(None, clock)
        return person
    name, password = asked.person or "", asked.password or ""
    if len(name) > LABEL_CHARS_MAX or len(password) > PASSWORD_CHARS_MAX:
        return None
    if not console.tries.may(name, clock):
        raise Refused(Refusal(code=Code.RATE, clause="CL-SGN-003"))
    console.tries.wrong(name, clock)
    person = service.people.named(name, service.now)
    kept = console.sign_ins.password_of(person) if person is not None else None
    if not await console.hashing.fits(kept, password):
        return None
    console.tries.right(name)
    return service.people.named(name, service.now)


async def who_is_signed_in(service: Service, call: Call[None]) -> SessionView:
    """Who is signed in, and what he may do."""
    return _view(service, call.who, call.session)


async def sign_out(service: Service, call: Call[None]) -> Signed:
    """Sign out: the session ends on the node, and the cookie is taken away."""
    ended = call.cookie is not None and service.console.sign_ins.end(call.cookie, service.now)
    return Signed(view=SignedOut(signed_out=ended), value=None)


async def set_password(service: Service, call: Call[NewPassword]) -> SessionView:
    """Set one's password, from a page that one is signed in on; other sign-ins of one's own end."""
    console, session, asked = service.console, call.session, call.body
    if session is None:
        raise Refused(_not_here("not-on-a-page"))
    if not PASSWORD_CHARS_MIN <= len(asked.password) <= PASSWORD_CHARS_MAX:
        raise Refused(
            Refusal(
                code=Code.NUMBER_RANGE, clause="CL-SGN-005", at="/password",
                params={
                    "found": len(asked.password), "low": PASSWORD_CHARS_MIN,
                    "high": PASSWORD_CHARS_MAX,
                },
            )
        )  # fmt: skip
    kept = console.sign_ins.password_of(call.who)
    if kept is not None and not session.by_link:
        await _is_current(service, call, kept)
    hashed = await console.hashing.hashed(asked.password)
    try:
        console.sign_ins.keep_password(call.who, hashed)
    except OSError as error:
        raise Refused(Refusal(code=Code.DISK_FULL, clause="CL-SGN-005")) from error
    console.sign_ins.end_others(session, service.now)
    service.note_sign_in(call.who, "new-password")
    return _view(service, call.who, session)


async def _is_current(service: Service, call: Call[NewPassword], kept: str) -> None:
    """Raises Refused unless the password so far was said."""
    console, clock = service.console, round(asyncio.get_running_loop().time() * 1000)
    if not console.tries.may(call.who.person, clock):
        raise Refused(Refusal(code=Code.RATE, clause="CL-SGN-003"))
    console.tries.wrong(call.who.person, clock)
    if not await console.hashing.fits(kept, (call.body.current or "")[: PASSWORD_CHARS_MAX + 1]):
        raise Refused(_not_here("sign-in-unknown", at="/current"))
    console.tries.right(call.who.person)


def _not_here(why: str, at: str = "") -> Refusal:
    return Refusal(code=Code.NOT_ALLOWED, clause="CL-SGN-001", at=at, params={"why": why})


def _view(service: Service, who: Person, session: Session | None) -> SessionView:
    until = who.until if session is None else session.over_at()
    if until is not None and who.until is not None:
        until = min(until, who.until)
    return SessionView(
        person=who.person, role=who.role.value, duties=who.duties,
        may=tuple(sorted(action.value for action in PERMISSIONS[who.role])), until=until,
        needs_password=service.console.sign_ins.password_of(who) is None,
        cookie=session is not None,
    )  # fmt: skip
