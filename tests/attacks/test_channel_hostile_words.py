"""A peer puts into a label whatever might act in a shell, a header, a log or a terminal."""

import asyncio
import json
import sys
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from clearline.channels import open_channel
from clearline.channels.command import ENVIRONMENT
from clearline.channels.payload import as_json, as_text, subject_of
from clearline.channels.smtp import SmtpSettings, message_of
from clearline.model.alert import Trouble
from clearline.model.ids import PartyId
from clearline.node.channel import Delivered
from tests.alert_cases import call_of, stop

MARK = "PWNED"
HOSTILE = (
    f"$(touch {MARK})", f"`touch {MARK}`", f"; touch {MARK} #", f"' || touch {MARK} '",
    f"| touch {MARK}", f"\ntouch {MARK}\n", f"--output={MARK}", f"-o{MARK}", f"{MARK}\0{MARK}",
    f"() {{ :;}}; touch {MARK}", "${IFS}" + MARK, f"%s%n {MARK}", f"\x1b]0;{MARK}\x07",
    f"a\r\nBcc: {MARK}@evil.example\r\n\r\n.\r\nMAIL FROM:<x>", f"a\nSubject: {MARK}",
    f"=?utf-8?q?{MARK}?=",
    f"{{peer.__class__}}{MARK}", "A" * 1_000_000 + MARK, f"\u202e{MARK}\u2066", f"\ud800{MARK}",
)  # fmt: skip
SCRIPT = (
    "import json, os, sys; data = sys.stdin.buffer.read();"
    "kept = [sys.argv[1:], dict(os.environ), data.decode(), os.listdir('.')];"
    "json.dump(kept, open(sys.argv[1], 'w'))"
)


def hostile_trouble(words: str) -> Trouble:
    """Hostile wherever a peer's words, or a bug of ours, could bring them."""
    return stop(
        params={"label": words, words[:40]: words},
        peer=PartyId(words),
        group=words,
    )


@pytest.mark.parametrize("words", HOSTILE)
def test_command_gives_a_program_no_word_of_a_peer_but_on_stdin(words: str, tmp_path: Path) -> None:
    """Arguments and environment are the configured ones; stdin is one line of JSON; no shell."""
    kept = tmp_path / "kept"
    channel = open_channel(
        "command",
        {"argv": [sys.executable, "-I", "-c", SCRIPT, str(kept)], "enabled": True},
    )
    assert asyncio.run(channel.deliver(call_of(hostile_trouble(words)))) == Delivered()
    arguments, environment, stdin, root = json.loads(kept.read_text("utf-8"))
    assert arguments == [str(kept)]
    assert {k: v for k, v in environment.items() if k != "LC_CTYPE"} == ENVIRONMENT
    assert stdin.count("\n") == 1
    assert json.loads(stdin)["peer"] is None
    assert MARK not in root
    assert not (Path.cwd() / MARK).exists()


@pytest.mark.parametrize("words", HOSTILE)
def test_mail_headers_hold_no_word_of_a_peer(words: str) -> None:
    """The headers are the same ten whatever the peer wrote; its words stand in the body."""
    settings = SmtpSettings(host="h", sender="node@isr.example", to=("watch@isr.example",))
    raw = message_of(call_of(hostile_trouble(words)), settings).as_bytes()
    head, _, body = raw.partition(b"\r\n\r\n")
    mail = message_from_bytes(raw, policy=default)
    assert MARK.encode() not in head
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Importance",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert mail["To"] == "watch@isr.example"
    assert not any(line.startswith(b".") for line in body.splitlines())


@pytest.mark.parametrize("words", HOSTILE)
def test_text_shows_a_peers_words_on_one_quoted_line(words: str) -> None:
    """No line of the text can be forged, and nothing in it steers a terminal."""
    text = as_text(call_of(hostile_trouble(words)))
    plain = as_text(call_of(stop(params={"label": "x", "other": "x"}, peer=None)))
    assert len(text.splitlines()) == len(plain.splitlines())
    assert all(line.isprintable() for line in text.splitlines())
    assert all(line.startswith("  ") for line in text.splitlines() if MARK in line)


@pytest.mark.parametrize("words", HOSTILE)
def test_subject_and_size_do_not_depend_on_a_peers_words(words: str) -> None:
    """One printable line of ASCII, and a payload of a few kilobytes."""
    call = call_of(hostile_trouble(words))
    assert subject_of(call) == "Clearline: FLASH STOP, 18:39:00Z"
    assert len(as_json(call)) < 8_192
    assert as_json(call).isascii() or as_json(call).decode("utf-8")
