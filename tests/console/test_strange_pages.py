"""Other pages in the same real browser, while somebody of the watch is signed in."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.console.conftest import Opener, Pair

EVIL = """<!doctype html><title>a page</title>
<iframe id=frame src="{node}/console/"></iframe>
<form id=form method=post enctype="text/plain" action="{node}{stop}">
<input name='{{"body":{{}},"id":"form","role":"' value='x"}}'></form>
<script>
window.tried = (async () => {{
  const come = {{}};
  const ways = {{
    simple: () => fetch('{node}{stop}', {{method: 'POST', credentials: 'include', mode: 'no-cors',
      headers: {{'content-type': 'text/plain'}}, body: '{{"body":{{}},"id":"simple"}}'}}),
    header: () => fetch('{node}{stop}', {{method: 'POST', credentials: 'include',
      headers: {{'x-clearline-console': '1'}}, body: '{{"body":{{}},"id":"header"}}'}}),
    beacon: async () => navigator.sendBeacon('{node}{stop}', '{{"body":{{}},"id":"beacon"}}'),
    read: async () => (await fetch('{node}/v1/board', {{credentials: 'include'}})).text(),
    stream: () => new Promise((done, failed) => {{
      const source = new EventSource('{node}/v1/events', {{withCredentials: true}});
      source.onmessage = source.onopen = () => done('open');
      source.onerror = () => {{ source.close(); failed(new Error('shut')); }};
    }}),
  }};
  for (const [name, way] of Object.entries(ways)) {{
    try {{ const got = await way(); come[name] = typeof got === 'string' ? got.slice(0, 80)
      : (got && got.type) || String(got); }}
    catch (why) {{ come[name] = 'failed'; }}
  }}
  return come;
}})();
</script>"""


@pytest.fixture
def elsewhere(pair: Pair) -> Iterator[str]:
    """Another server on the same host: its pages are of the same site, but of another origin."""
    page = EVIL.format(node=pair.alfa.address, stop=f"/v1/lines/{pair.alfa.line}/stop")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def stops(pair: Pair) -> int:
    """STOPs that the node has said."""
    with pair.alfa.client() as client:
        return sum(ask.kind == "stop" for ask in client.asks(pair.alfa.line))


def test_page_of_another_port_writes_reads_and_frames_nothing(
    pair: Pair, desk: Opener, elsewhere: str
) -> None:
    """The browser takes the page for one of the same site and sends the cookie along with what it
    asks for: nothing is said on the line, nothing of the board is read, and the console is in no
    frame of it. The watch's own page goes on."""
    own = desk(pair.alfa)
    tab = own.page.context.new_page()
    tab.goto(elsewhere)
    come = tab.evaluate("window.tried")
    assert come["header"] == come["read"] == come["stream"] == "failed"
    assert come["simple"] == "opaque"
    tab.evaluate("document.getElementById('form').submit()")
    tab.wait_for_url("**/stop")
    assert '"code":"not-allowed"' in tab.content()
    tab.goto(elsewhere)
    assert tab.frame_locator("#frame").locator("#page").count() == 0
    assert stops(pair) == 0
    status = own.page.evaluate("fetch('/v1/session').then((answer) => answer.status)")
    assert status == 200


def test_link_is_gone_from_the_address_and_works_once(pair: Pair, desk: Opener) -> None:
    """Whoever comes with the same link later is not let in; the code stays in no address bar."""
    first = desk(pair.alfa, signed_in=False)
    link = f"{pair.alfa.address}/console/#link={pair.alfa.link()}"
    first.page.goto("about:blank")
    first.page.goto(link)
    first.page.locator(".shell").wait_for()
    assert "link=" not in first.page.url
    second = desk(pair.alfa, signed_in=False)
    second.page.goto("about:blank")
    second.page.goto(link)
    second.page.locator("input[type=password]").wait_for()
    status = second.page.evaluate("fetch('/v1/session').then((answer) => answer.status)")
    assert status == 401


def test_two_nodes_on_one_host_do_not_sign_each_other_out(pair: Pair, desk: Opener) -> None:
    """The demo's case: consoles of two parties in two tabs of one browser."""
    own = desk(pair.alfa)
    tab = own.page.context.new_page()
    tab.goto(f"{pair.bravo.address}/console/#link={pair.bravo.link()}")
    tab.locator(".shell").wait_for()
    for page in (own.page, tab):
        assert page.evaluate("fetch('/v1/session').then((answer) => answer.status)") == 200
