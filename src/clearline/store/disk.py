"""Files that are there whole or not at all, and that only their owner can read."""

import os
from pathlib import Path
from typing import Final

PRIVATE_FILE: Final = 0o600
PRIVATE_DIRECTORY: Final = 0o700


def make_private(path: Path) -> None:
    """An empty file with owner-only bits (CL-STO-009), unless there is one; its name synced."""
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC
    try:
        os.close(os.open(path, flags, PRIVATE_FILE))
    except FileExistsError:
        return
    sync_directory(path.parent)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file so that after any crash it is the old one or the new one. Raises OSError."""
    fresh = path.with_name(f".{path.name}.new")
    flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    with open(os.open(fresh, flags, PRIVATE_FILE), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    sync_directory(path.parent)


def sync_data(handle: int) -> None:
    """Make an open file's bytes durable, and of its metadata what reading them needs. Raises
    OSError."""
    getattr(os, "fdatasync", os.fsync)(handle)  # not every system has the lighter one


def sync_file(path: Path) -> None:
    """Make a file's bytes durable. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_directory(directory: Path) -> None:
    """Make what was created, renamed or removed in a directory durable. Raises OSError."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
