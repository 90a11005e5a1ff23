"""What a page offers to each role, held against the one table by which the node permits: no more,
since it would be refused, and no less, since somebody else would have to be woken for it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from clearline.api.people import PERMISSIONS, Action, Role
from clearline.model.entry import Seal
from clearline.model.ids import Digest, EntryRef
from clearline.model.time import HOUR, Instant
from tests.api_node import notice, until
from tests.console.conftest import Opener, Pair, linked

NOT_ON_THE_PAGE: Final = {
    Action.LEAVE: "a line is left for good by command alone",
    Action.TERMS: "signed documents are handed in by command alone",
    Action.TRACKS: "tracks are fed by machines",
    Action.CHECK: "a draft is checked where it is written, which needs FILE",
}


@dataclass(frozen=True)
class Evening:
    """Something of everything that can be acted on."""

    pair: Pair
    own: EntryRef
    other: EntryRef
    alert: str

    @property
    def conflict(self) -> str:
        """The pair's name in the address."""
        return f"{self.own} {self.other}"


@pytest.fixture(scope="module")
def evening(parties: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    """A conflict of both parties' notices, and a seal of ours."""
    with linked(parties, tmp_path_factory.mktemp("roles")) as pair:
        alfa, bravo = pair.alfa, pair.bravo
        with alfa.client() as ours, bravo.client() as theirs:
            own = ours.file(alfa.line, notice(alfa.now(), 34.5, 35.6, label="Own")).refs[0]
            other = theirs.file(bravo.line, notice(bravo.now(), 34.5, 35.7, label="Other")).refs[0]
            opens = Instant(alfa.now() + HOUR)
            ours.say(alfa.line, Seal(sha256=Digest("ab" * 32), opens=opens))
            until(ours, lambda: ours.conflicts(alfa.line) != [] and ours.alerts() != [])
            alert = next(a.id for a in ours.alerts() if a.kind.value == "conflict")
        yield Evening(pair, own, other, alert)


def button(name: str) -> Callable[[Page], Locator]:
    """A button by the beginning of its name."""
    return lambda page: page.get_by_role("button", name=re.compile(f"^{name}"))


def within(selector: str) -> Callable[[Page], Locator]:
    """What a selector finds."""
    return lambda page: page.locator(selector)


Offers = dict[Action, tuple[str, Callable[[Page], Locator]]]


def offers(of: Evening) -> Offers:
    """Of each action: where it is offered, and by what."""
    return {
        Action.READ: ("", within('.list [data-item^="notice:"]')),
        Action.DESK: ("", button("Arm the watch")),
        Action.EMERGENCY: ("", button("STOP")),
        Action.ACKNOWLEDGE: (f"sel=alert:{of.alert}", within(".detail form .primary")),
        Action.ANSWER: (f"sel=notice:{of.other}", within(".detail [data-reply]")),
        Action.COORDINATE: ("work=standing", within(".work button.primary")),
        Action.FILE: ("work=own", button("Withdraw")),
        Action.SEAL: ("work=seals", button("Open it")),
        Action.RELAY: ("work=third", within(".work article input[type=checkbox]")),
        Action.MESSAGE: ("work=messages", within(".work button.primary")),
        Action.TEST: ("work=line", button("Test the line")),
        Action.SUSPEND: ("work=line", button("Suspend routine business")),
        Action.MOVERS: ("work=movers", within(".work form")),
        Action.HANDOVER: ("work=handover", button("Give the watch")),
        Action.RECORD: ("work=review", button("Make")),
        Action.NOTE: ("work=review", within(".work form")),
    }


def test_every_action_of_the_table_is_looked_for(evening: Evening) -> None:
    """An action that is added is either offered on the page or named here with the reason."""
    assert offers(evening).keys() | NOT_ON_THE_PAGE.keys() == set(Action)
    assert not offers(evening).keys() & NOT_ON_THE_PAGE.keys()


@pytest.mark.parametrize("role", list(Role))
def test_page_offers_a_role_what_the_table_lets_it_do_and_nothing_else(
    evening: Evening, desk: Opener, role: Role
) -> None:
    """Place by place; and nothing that the page asks for by itself is refused to this role."""
    here = desk(evening.pair.alfa, role.value, query="list=inbox")
    page = here.page
    refused: list[str] = []
    page.on("response", lambda a: refused.append(a.url) if a.status == 403 else None)
    wrong: list[str] = []
    at = ""
    for action, (where, by) in offers(evening).items():
        if where != at:
            page.goto(f"/console/?list=inbox&{where}")
        at = where
        for ref in (evening.own, evening.other):  # all of the line has been read
            expect(page.locator(f'.list [data-item="notice:{ref}"]')).to_be_visible()
        if action in PERMISSIONS[role]:
            expect(by(page).first, f"{role} is not offered {action}").to_be_visible()
        elif by(page).count() > 0:
            wrong.append(f"{role} is offered {action}")
    assert wrong == []
    assert refused == []
