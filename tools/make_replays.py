"""Makes ``src/clearline/console/replays`` by playing every shipped scenario through real nodes.

Usage: python tools/make_replays.py [--check] [SCENARIO ...]

With ``--check`` nothing is played or written: the exit code is 1 if a file is missing, left over,
or was made of another scenario file than the one that is shipped now. Without, it takes minutes:
name the scenarios that changed.
"""

import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec

from clearline.api.replays import INDEX, ReplayListing, ReplayVariant
from clearline.scenarios.library import file_of, names, shipped
from clearline.scenarios.script import Script
from clearline.scenarios.timeline import Timeline, digest_of_file, timeline

OUT: Final = Path(__file__).resolve().parent.parent / "src" / "clearline" / "console" / "replays"


def scripts() -> Iterator[tuple[Script, bytes]]:
    """Every shipped scenario with its file."""
    for name in names():
        script, file = shipped(name), file_of(name)
        assert isinstance(script, Script), f"{name} is not valid: clearline scenario lint"
        assert file is not None
        data = resources.files("clearline.scenarios").joinpath("data", file)
        yield script, data.read_bytes()


def index() -> bytes:
    """What can be looked at."""
    found = tuple(
        ReplayListing(
            id=script.id, title=script.title, about=script.about,
            variants=tuple(ReplayVariant(id=of.id, title=of.title) for of in script.variants),
        )
        for script, _ in scripts()
    )  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


def faults() -> Iterator[str]:
    """Files that are missing, left over or not current."""
    wanted = {INDEX: b""}
    for script, raw in scripts():
        for variant in script.variants:
            name = f"{script.id}.{variant.id}.json"
            wanted[name] = raw
            path = OUT / name
            if not path.exists():
                yield f"{name} is missing: run tools/make_replays.py {script.id}"
                continue
            made = msgspec.json.decode(path.read_bytes(), type=Timeline)
            if made.made_of != digest_of_file(raw):
                yield f"{name} is not current: run tools/make_replays.py {script.id}"
    if not (OUT / INDEX).exists() or (OUT / INDEX).read_bytes() != index():
        yield f"{INDEX} is not current: run tools/make_replays.py --index"
    for path in sorted(OUT.glob("*")):
        if path.name not in wanted:
            yield f"{path.name} is left over"


def main(arguments: list[str]) -> int:
    """Write them, or say what is not current."""
    if "--check" in arguments:
        found = list(faults())
        for fault in found:
            print(fault)
        return 1 if found else 0
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / INDEX).write_bytes(index())
    chosen = [each for each in arguments if not each.startswith("-")]
    for script, raw in scripts():
        if "--index" in arguments or (chosen and script.id not in chosen):
            continue
        for variant in script.variants:
            made = timeline(script, variant.id, raw)
            (OUT / f"{script.id}.{variant.id}.json").write_bytes(msgspec.json.encode(made) + b"\n")
            print(f"{script.id} {variant.id}: {len(made.events)} events, {len(made.shapes)} shapes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
