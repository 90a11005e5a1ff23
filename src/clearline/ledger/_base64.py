"""Standard base64 (RFC 4648 section 4) with exactly one encoding of each value."""

from base64 import b64decode, b64encode
from binascii import Error


def encode(value: bytes) -> str:
    """The encoding, padded."""
    return b64encode(value).decode("ascii")


def decode(text: str) -> bytes | None:
    """The value, or None for any text that ``encode`` would not have written: other alphabets,
    white space, missing padding, or bits beyond the last byte that are not zero."""
    try:
        value = b64decode(text, validate=True)
    except (Error, ValueError):  # ValueError: characters outside ASCII
        return None
    return value if encode(value) == text else None
