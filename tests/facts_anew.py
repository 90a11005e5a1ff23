"""What is kept from picture to picture, held against a look at everything."""

from clearline.node.facts import Facts
from clearline.node.judge import Judge
from clearline.node.state import LineState
from clearline.picture.standing import live_versions


def said_of(facts: Facts, *, looked: bool) -> dict[str, object]:
    """All that facts say. ``looked``: also what is found a bounded amount at a time."""
    said: dict[str, object] = {
        "live": facts.live,
        "over": facts.over,
        "own": facts.own,
        "unreadable": facts.unreadable,
        "open ended": facts.open_ended,
        "to confirm": [(due, version.ref) for due, version in facts.to_confirm],
        "outside": sorted((v.ref, envelope, str(found)) for v, (envelope, found) in facts.outside),
        "unread there": sorted(facts.unread_there),
        "half signed": sorted((a.ref, b.ref, by.ref) for a, b, by in facts.half_signed),
        "late": sorted((v.ref, p, lead.by, lead.worst_ms) for v, p, lead in facts.receipts.late),
        "unreceived": sorted(
            (v.ref, w.party, w.why, str(w.at), str(w.code)) for v, w in facts.receipts.unreceived
        ),
        "unanswered": facts.replied.unanswered,
        "own unanswered": facts.replied.own_unanswered,
        "misread": sorted((m.version.ref, m.party, m.answer) for m in facts.replied.misread),
        "hazards": facts.exposing.hazards,
        "newest": {v.notice: facts.newest(v.notice) for v in facts.live.values()},
    }
    if looked:
        said["exposes"] = facts.exposes
        said["untold"] = sorted((v.ref, third.id) for v, third in facts.untold)
        said["reactions"] = sorted(
            (met.reaction.to, met.reaction.third, met.reaction.until, sorted(met.within.items()))
            for met in facts.reacting.every()
        )
    return said


def differences(ls: LineState, judge: Judge) -> list[str]:
    """What a node at hand holds that looking at everything would not give, or not so; by name."""
    held, terms = judge.facts, ls.terms
    if not isinstance(held, Facts) or terms is None:
        return []
    if not held.are_of(ls.picture, ls.me, terms):
        return []
    live = {version.ref: version for version in live_versions(ls.picture, judge.is_hazard)}
    if live != judge.live:
        return ["what is live"]
    looked = not held.waiting
    fresh = Facts(ls, terms, judge)
    if looked:
        fresh.look()
    kept, anew = said_of(held, looked=looked), said_of(fresh, looked=looked)
    return [name for name in anew if kept[name] != anew[name]]
