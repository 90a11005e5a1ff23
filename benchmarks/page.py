"""The page of benchmarks: goals beside what was seen, ratios, and everything as it was printed."""

import json
import re
from pathlib import Path
from typing import Any

HEAD = """# Benchmarks

What was measured, by the programs that `make bench` runs, on one machine and one commit. Figures of
a shared two-core machine vary by half and more from run to run: compare ratios within a run, not
runs. A goal is what the figure is held against; a benchmark that misses a budget of its own exits
with 1.

"""
ABOUT = """
The engine is exact on the ellipsoid, knows references of height, is asked with volumes of the model
and takes changes while it answers. Its peers are planar, compare metres with metres and find their
questions ready made; STRtree cannot change. What each is asked stands in `benchmarks/peers.py`.
Checks, loads and inserts are in wall-clock time, beside them in brackets the processor time of the
thread that asks; ratios are of processor time where the peer works in the same process. Tracks are
in processor time of one thread; two threads in wall-clock time. Tracks x volumes gives entry and
exit times of every stay, without the ways out. Batches are rows of columns; in brackets volumes of
the model. The packages of the peers are the extra `bench`: `make bench` installs it, and leaves out
whom it does not find.
"""
Parts = dict[str, tuple[str, object]]


def _get(parts: Parts, *path: str) -> Any:
    """A figure by its way through what a part printed; None if it is not there."""
    found: Any = parts.get(path[0], ("", None))[1]
    for step in path[1:]:
        if not isinstance(found, dict):
            return None
        found = found.get(step)
    return found


def _said(value: Any) -> str:
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _ours(parts: Parts, where: str) -> tuple[str, str]:
    """p50 / p99 of the engine, and of its peers with their ratios."""
    rows = _get(parts, "detect", where) or {}
    ours, others = rows.get("clearline", {}), []
    for name, row in rows.items():
        if name != "clearline":
            times = [_times(row, ours, share) for share in ("p50_us", "p99_us")]
            others.append(f"{name} {row['p50_us']:g} / {row['p99_us']:g} ({' and '.join(times)})")
    wall = f"{_said(ours.get('p50_us'))} / {_said(ours.get('p99_us'))}"
    return f"{wall} ({_said(ours.get('cpu_p50_us'))} / {_said(ours.get('cpu_p99_us'))})", "; ".join(
        others
    )


def _times(row: dict[str, float], ours: dict[str, float], share: str) -> str:
    """A peer's time over ours: processor time, if it works in this process, else wall clock."""
    here = "cpu_p50_us" in row and row.get("where") != "server"
    key = f"cpu_{share}" if here and f"cpu_{share}" in ours else share
    return f"{row[key] / ours[key]:.2g} times"


def _batch(parts: Parts) -> tuple[str, str]:
    rows = _get(parts, "detect", "world") or {}
    others = [
        f"{name} {row['batch_per_s']:,}"
        for name, row in rows.items()
        if name != "clearline" and "batch_per_s" in row
    ]
    ours = rows.get("clearline", {})
    said = f"{_said(ours.get('batch_per_s'))} ({_said(ours.get('batch_of_objects_per_s'))})"
    return said, "; ".join(others)


def _loads(parts: Parts) -> tuple[str, str]:
    rows = _get(parts, "detect", "world") or {}
    others = [
        f"{name} {row['load_s']:g} s"
        + (f", {row['inserts_per_s']:,}/s" if "inserts_per_s" in row else "")
        for name, row in rows.items()
        if name != "clearline"
    ]
    seen = _get(parts, "detect", "loading") or {}
    load = f"{_said(seen.get('load_s'))} s ({_said(seen.get('load_cpu_s'))})"
    rate = f"{_said(seen.get('inserts_per_s'))}/s ({_said(seen.get('inserts_per_cpu_s'))})"
    ours = f"{load}; {rate}; "
    return ours + f"{_said(seen.get('worst_pause_ms'))} ms", "; ".join(others)


def table(parts: Parts) -> str:
    """The engine's goals, what was seen, and what its peers took in the same run."""
    rows = [("work", "here", "goal", "beside it, same run")]

    def row(work: str, goal: str, seen: tuple[str, str]) -> None:
        rows.append((work, seen[0], goal, seen[1]))

    row("check against 1M worldwide, p50 / p99, us", "30 / 250", _ours(parts, "world"))
    row("the same, 1M in Europe", "45 / 400", _ours(parts, "europe"))
    row("checks a second in batches at 1M", "35,000", _batch(parts))
    row("load 1M; inserts a second; worst pause", "5 s; 20,000; 5 ms", _loads(parts))
    ring = _get(parts, "detect", "ring", "ring_ms")
    work = _get(parts, "detect", "ring", "ring_cpu_ms")
    row("10k vertices against 10k hits", "20 ms", (f"{_said(ring)} ms ({_said(work)})", ""))
    tracks = _get(parts, "tracks", "rows") or []
    goals = {
        ("airliners 10x10", 10_000): "8 ms, 350 times",
        ("airliners 10x10", 20_000): "22 ms, 600 times",
        ("airliners 10x10", 100_000): "350 ms",
        ("airliners worldwide", 100_000): "50 ms",
        ("drones 1x1", 100_000): "90 ms",
        ("tracks x volumes", 100_000): "500 ms",
    }
    for seen in tracks:
        goal = goals.get((seen["case"], seen["tracks"]))
        if goal is None:
            continue
        others = "; ".join(
            f"BlueSky {which} {seen[f'bluesky_{which}_ms']:,} ms "
            f"({seen[f'bluesky_{which}_ratio']:g} times; "
            f"two threads {seen[f'bluesky_{which}_shared_ratio']:g} times)"
            for which in ("numpy", "compiled")
            if f"bluesky_{which}_ms" in seen
        )
        ours = f"{seen['ms']:g} ms"
        if "shared_ms" in seen:
            ours += f"; two threads {seen['shared_ms']:g} ms"
        row(f"{seen['case']}, {seen['tracks']:,} tracks", goal, (ours, others))
    wrong = _get(parts, "detect", "wrong") or {}
    if wrong:
        plane = "; ".join(
            f"a plane, {name}: {flat['missed_conflicts']} missed, {flat['false_conflicts']} false"
            f" of {flat['decisions']:,}"
            for name, flat in wrong["plane"].items()
        )
        ours = f"{wrong['wrong']} wrong, {wrong['not_settled']} open of {wrong['decisions']:,}"
        row("decisions 2 cm to 10 m from the threshold", "0 wrong, all settled", (ours, plane))
    for name, seen in (_get(parts, "tracks", "missed") or {}).items():
        figures = f"misses {seen['bluesky_misses']}, invents {seen['bluesky_invents']}"
        row(f"pairs {name.replace('_', ' ')}", "-", (str(seen["pairs"]), f"BlueSky {figures}"))
    lines = ["| " + " | ".join(cells) + " |" for cells in rows]
    return "\n".join([lines[0], "|---|---|---|---|", *lines[1:]]) + "\n"


def written(head: str, said: str, parts: Parts, failed: list[str]) -> str:
    """The whole page."""
    text = HEAD + head + (f" {said}" if said else "") + "\n"
    if failed:
        text += f"\nFailed, or over a budget of its own: {', '.join(failed)}.\n"
    if "detect" in parts or "tracks" in parts:
        text += f"\n## The conflict engine\n\n{table(parts)}{ABOUT}"
        text += "\n![time by size](growth.svg)\n"
    for name, (where, result) in parts.items():
        shown = result if isinstance(result, str) else _short(json.dumps(result, indent=1))
        text += f"\n## {name}\n" + (f"\n{where}\n" if where else "") + f"\n```json\n{shown}\n```\n"
    return text


def _short(raw: str) -> str:
    """JSON with what has no further parts on one line."""
    return re.sub(
        r"\{[^{}\[\]]{1,200}\}|\[[^{}\[\]]{1,200}\]", lambda m: " ".join(m[0].split()), raw
    )


def plotted(parts: Parts, where: Path) -> None:
    """Time a check by volumes and a pair search by tracks, as a picture; none without matplotlib,
    and the one that is there stays."""
    checks = _get(parts, "detect", "growth")
    pairs = [r for r in _get(parts, "tracks", "rows") or [] if r["case"] == "growth worldwide"]
    try:
        import matplotlib as mpl
    except ImportError:
        return
    if not checks or not pairs:
        return
    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "growth"
    mpl.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    sizes = [row["volumes"] for row in checks]
    for share, line in (("p50_us", "o-"), ("p99_us", "s--")):
        spent = [row.get(f"cpu_{share}", row[share]) for row in checks]
        left.loglog(sizes, spent, line, label=share[:3])
    left.set(xlabel="volumes held, worldwide", ylabel="microseconds a check", ylim=(1, 1_000))
    left.legend()
    many = [row["tracks"] for row in pairs]
    right.loglog(many, [row["ms"] for row in pairs], "o-", label="search")
    right.loglog(many, [pairs[0]["ms"] * n / many[0] for n in many], ":", label="linear")
    right.set(xlabel="tracks, worldwide", ylabel="milliseconds a search")
    right.legend()
    for axes in (left, right):
        axes.grid(visible=True, which="major", alpha=0.3)
    figure.savefig(where, metadata={"Date": None})
    plt.close(figure)
