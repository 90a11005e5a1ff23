from pathlib import Path

import pytest

import clearline.channels
from clearline.channels import channel_names, open_channel

FOLDER = Path(clearline.channels.__file__).parent


def test_channels_are_found_by_name() -> None:
    """The four that ship, each from the file of its name, each exported by its last line."""
    assert channel_names() == ("command", "desk", "smtp", "webhook")
    for name in channel_names():
        last = (FOLDER / f"{name}.py").read_text("utf-8").rstrip().splitlines()[-1]
        assert last.startswith(f'CHANNEL: Final = ChannelKind(name="{name}"')


@pytest.mark.parametrize("name", ["os", "kinds", "payload", "../desk", ""])
def test_name_that_is_not_a_channel_is_refused(name: str) -> None:
    """A configuration cannot name a module."""
    with pytest.raises(ValueError, match="is not a channel; there are: command, desk"):
        open_channel(name, {})


def test_unknown_setting_is_refused_by_name() -> None:
    """A misspelt setting is not silently a default."""
    with pytest.raises(ValueError, match=r"channel desk: .*`evnets`"):
        open_channel("desk", {"evnets": 5})


def test_command_is_off_by_default() -> None:
    """A program runs only where somebody has said so."""
    with pytest.raises(ValueError, match="off by default"):
        open_channel("command", {"argv": ["/bin/true"]})


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("command", {"argv": ["notify"], "enabled": True}, "whole path"),
        ("command", {"argv": [], "enabled": True}, "whole path"),
        ("command", {"argv": ["/bin/true", "a\0b"], "enabled": True}, "NUL"),
        ("command", {"argv": ["/bin/true"], "enabled": True, "timeout_s": 900.0}, "timeout_s"),
        ("webhook", {"url": "http://example.org/", "secret_files": ["x"]}, "https"),
        ("webhook", {"url": "file:///etc/passwd", "secret_files": ["x"]}, "https"),
        ("webhook", {"url": "https://u:p@example.org/", "secret_files": ["x"]}, "user or pass"),
        ("webhook", {"url": "https://example.org/", "secret_files": []}, "secret_files"),
        ("webhook", {"url": "https://example.org/", "secret_files": ["/nowhere/x"]}, "nowhere"),
        ("smtp", {"host": "h", "sender": "a@b", "to": []}, "`to`"),
        ("smtp", {"host": "h", "sender": "a@b\r\nBcc: c@d", "to": ["e@f"]}, "not an address"),
        ("smtp", {"host": "h", "sender": "a@b", "to": ["e@f, g@h"]}, "not an address"),
        ("smtp", {"host": "h", "sender": "a@b", "to": ["e@f"], "user": "u"}, "belong together"),
        (
            "smtp",
            {"host": "h", "sender": "a@b", "to": ["e@f"], "user": "u", "password_file": "p",
             "security": "none"},
            "without TLS",
        ),
        ("desk", {"events": 0}, "events"),
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_refused(
    name: str, settings: dict[str, object], says: str
) -> None:
    """Each with a sentence that names the setting."""
    with pytest.raises(ValueError, match=says):
        open_channel(name, settings)
