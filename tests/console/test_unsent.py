"""Actions that did not reach the node: they outlive their page, are the same on all pages of a
browser, and are sent by nobody but who wrote them."""

from playwright.sync_api import Locator, Page, Route, expect

from clearline.client import asks
from clearline.model.entry import Reply
from clearline.model.ids import EntryRef
from tests.api_node import Running, notice, until
from tests.console.conftest import Desk, Opener, Pair

ANSWERS = "**/answers"


def chosen(pair: Pair, page: Page, label: str, lat: float) -> EntryRef:
    """A notice of BRAVO's, chosen on a page of ALFA's."""
    with pair.bravo.client() as bravo:
        made = notice(pair.bravo.now(), lat, 35.0, label=label)
        ref = bravo.file(pair.bravo.line, made).refs[0]
    page.locator(f'[data-item="notice:{ref}"]').click()
    expect(page.get_by_label("Detail", exact=True)).to_contain_text(label)
    expect(page.locator("[data-reply]").first).to_be_visible()
    return ref


def cut(here: Desk) -> None:
    """No answer of this browser's pages reaches the node from now on."""
    here.page.context.route(ANSWERS, lambda route: route.abort())


def mended(here: Desk) -> None:
    """They reach it again."""
    here.page.context.unroute(ANSWERS)


def waiting(page: Page, what: str) -> Locator:
    """An action in the list of what was not sent."""
    return page.locator(".cut", has_text=what).filter(has=page.get_by_role("button"))


def replies(pair: Pair, ref: EntryRef) -> list[tuple[Reply, str]]:
    """What was answered to a version and by whom, as ALFA's node holds it."""
    with pair.alfa.client() as alfa:
        answers = alfa.do(asks.notice(pair.alfa.line, ref)).answers
    return [(each.reply, each.role) for each in answers]


def replied(pair: Pair, ref: EntryRef, reply: Reply) -> None:
    """Wait until there is such an answer."""
    with pair.alfa.client() as alfa:
        until(alfa, lambda: any(each is reply for each, _ in replies(pair, ref)))


def entered(page: Page, node: Running, role: str) -> None:
    """Sign in again, with a fresh link."""
    page.goto("about:blank")
    page.goto(f"{node.address}/console/?list=inbox#link={node.link(role)}")
    page.locator(".shell").wait_for()


def test_stop_that_a_hanging_node_has_not_recorded_says_so(pair: Pair, desk: Opener) -> None:
    """The node takes the request and does not answer: within seconds the page says that STOP is not
    recorded, and to telephone; it does not look as if it had gone."""
    page = desk(pair.alfa).page
    held: list[Route] = []
    page.route("**/stop", lambda route: held.append(route))
    page.keyboard.press("x")
    page.get_by_role("dialog").get_by_role("button", name="Send STOP").click()
    said = page.get_by_role("alert").filter(has_text="NOT RECORDED YET")
    expect(said).to_contain_text("STOP", timeout=6_000)
    assert len(held) == 1
    held[0].fulfill(status=503, json={"code": "CL-TMP-001"})
    expect(said).to_have_count(0)


def test_same_pressed_again_while_it_is_under_way_or_waits_is_said_once(
    pair: Pair, desk: Opener
) -> None:
    """A second press while nobody answers adds nothing to the list and nothing to the record."""
    page = desk(pair.alfa, query="list=inbox").page
    ref = chosen(pair, page, "Pressed twice", 34.05)

    def pressed() -> str | None:
        with page.expect_request(ANSWERS) as sent:
            page.keyboard.press("r")
        return sent.value.post_data

    page.route(ANSWERS, lambda route: None)
    first = pressed()
    page.route(ANSWERS, lambda route: route.abort(), times=1)
    assert pressed() == first
    expect(waiting(page, "ROGER")).to_have_count(1)
    assert pressed() == first
    expect(waiting(page, "ROGER")).to_have_count(1)
    page.unroute(ANSWERS)  # what it held goes on
    replied(pair, ref, Reply.ROGER)
    expect(waiting(page, "ROGER")).to_have_count(0)
    page.keyboard.press("s")
    replied(pair, ref, Reply.STANDBY)
    assert [reply for reply, _ in replies(pair, ref)] == [Reply.ROGER, Reply.STANDBY]


def test_action_outlives_the_page_on_which_it_was_said(pair: Pair, desk: Opener) -> None:
    """The page is closed before the node is back; the next one has it, with its age, and sends it
    once."""
    here = desk(pair.alfa, query="list=inbox")
    ref = chosen(pair, here.page, "Closed", 34.1)
    cut(here)
    here.page.keyboard.press("r")
    expect(waiting(here.page, "ROGER")).to_contain_text("Not sent yet")
    context = here.page.context
    here.page.close()
    page = context.new_page()
    page.goto("/console/?list=inbox")
    expect(waiting(page, "ROGER")).to_be_visible()
    context.unroute(ANSWERS)
    replied(pair, ref, Reply.ROGER)
    expect(waiting(page, "ROGER")).to_have_count(0)
    assert [reply for reply, _ in replies(pair, ref)] == [Reply.ROGER]


def test_answer_that_nobody_waited_for_is_not_forgotten(pair: Pair, desk: Opener) -> None:
    """The page is closed while its action is under way: whoever opens the page later is told that
    it may not have been sent."""
    here = desk(pair.alfa, query="list=inbox")
    chosen(pair, here.page, "Under way", 34.15)
    here.page.context.route(ANSWERS, lambda route: None)
    with here.page.expect_request(ANSWERS):
        here.page.keyboard.press("r")
    context = here.page.context
    here.page.close()
    page = context.new_page()
    page.clock.install()
    page.goto("/console/?list=inbox")
    page.locator(".shell").wait_for()
    expect(waiting(page, "ROGER")).to_have_count(0)
    page.clock.fast_forward(30_000)
    expect(waiting(page, "ROGER")).to_be_visible()
    waiting(page, "ROGER").get_by_role("button", name="Do not send").click()
    expect(waiting(page, "ROGER")).to_have_count(0)


def test_what_is_taken_back_on_one_page_is_sent_by_no_other(pair: Pair, desk: Opener) -> None:
    """Two pages of one browser hold the same list: dropped on one, it is gone on both."""
    here = desk(pair.alfa, query="list=inbox")
    other = here.page.context.new_page()
    other.goto("/console/?list=inbox")
    ref = chosen(pair, here.page, "Twice", 34.2)
    cut(here)
    here.page.keyboard.press("r")
    expect(waiting(other, "ROGER")).to_be_visible()
    waiting(here.page, "ROGER").get_by_role("button", name="Do not send").click()
    expect(waiting(other, "ROGER")).to_have_count(0)
    here.page.keyboard.press("s")
    expect(waiting(other, "STANDBY")).to_be_visible()
    mended(here)
    replied(pair, ref, Reply.STANDBY)
    for page in (here.page, other):
        expect(waiting(page, "STANDBY")).to_have_count(0)
    assert [reply for reply, _ in replies(pair, ref)] == [Reply.STANDBY]


def test_action_goes_in_nobody_elses_name(pair: Pair, desk: Opener) -> None:
    """The sign-in ran out as it was said: it is kept, the page to sign in says so, another who
    signs in here is told whose it is and cannot send it, and its author's sign-in sends it."""
    here = desk(pair.alfa, query="list=inbox")
    page = here.page
    ref = chosen(pair, page, "Run out", 34.3)
    page.context.clear_cookies()
    page.keyboard.press("r")
    expect(page.get_by_text("1 not sent. What was written is kept here")).to_be_visible()
    entered(page, pair.alfa, "commander")
    expect(waiting(page, "ROGER")).to_contain_text("watch, who alone can send it")
    expect(waiting(page, "ROGER").get_by_role("button")).to_have_text(["Do not send"])
    with page.expect_response("**/v1/node"):  # a round later it is still there
        page.wait_for_function(
            "(t0) => performance.now() - t0 > 2500", arg=page.evaluate("performance.now()")
        )
    assert replies(pair, ref) == []
    entered(page, pair.alfa, "watch")
    replied(pair, ref, Reply.ROGER)
    expect(waiting(page, "ROGER")).to_have_count(0)
    assert len(replies(pair, ref)) == 1
