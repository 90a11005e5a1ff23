"""A line in a few lines, for whoever asks a node from a terminal."""

from clearline.model.time import format_length
from clearline.node import phrases
from clearline.node.views import LineView


def describe_line(line: LineView) -> list[str]:
    """One line in a few lines."""
    mark = "EXERCISE " if line.exercise else ""
    known = f"{line.live} live, {line.conflicts} conflicts"
    if line.loading is not None:
        known = phrases.loading(line.loading)
    said = [f"  {mark}{line.title} ({line.line[:12]}), terms {line.terms}, {known}"]
    if line.signing != "ready" and line.loading is None:
        said.append(f"    SIGNS NOTHING: {line.signing}")
    for peer in line.peers:
        clock = ""
        if peer.clock_offset_ms is not None:
            clock = f", clock {peer.clock_offset_ms:+d} ± {peer.clock_uncertainty_ms} ms"
        newest = "" if peer.newest is None else f", holds its record to {peer.newest}"
        rtt = "" if peer.rtt_ms is None else f" ({peer.rtt_ms} ms)"
        said.append(f"    {peer.party} {peer.words}{rtt}{clock}{newest}")
    said += [f"    WAITS for {each.party}: {each.words}" for each in line.waits]
    said += [f"    record {each.feed}:{each.size}:{each.root}" for each in line.heads]
    for each in line.suspended:
        age = format_length(line.as_of - each.since)
        said.append(f"    SUSPENDED by {each.by} for {age}: {each.reason}")
    return said
