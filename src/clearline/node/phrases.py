"""The sentences of a duty room: troubles, links, lead times, conflicts as one sentence each.

Pure text from facts, in the reader's language: the words are data (``clearline.words``), here is
only which facts go into which. Labels and reasons are words of others: they stand in quotation
marks, cut short, with nothing in them that acts.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from clearline.model.alert import Trouble, TroubleKind
from clearline.model.entry import Field, LinkState, Proposal, RelayOutcome
from clearline.model.finding import Bounds, Judgement, Verdict
from clearline.model.ids import EntryRef, PartyId
from clearline.model.refusal import Param, Refusal
from clearline.model.space import FLIGHT_LEVEL_MM, Height, HeightRef
from clearline.model.terms import Represented
from clearline.model.time import SECOND, Instant, format_dtg, format_length, format_utc
from clearline.picture.situation import Told
from clearline.picture.standing import Why
from clearline.words.catalogue import said as message
from clearline.words.language import FALLBACK, language
from clearline.words.reader import ENGLISH, Langs, told
from clearline.words.sentences import basis, composed, filled, most_telling, plain, said
from clearline.words.sentences import quoted as in_quotes

if TYPE_CHECKING:  # geometry comes with them, and who only says something has no use for it
    from clearline.node.exposure import ExposedMover
    from clearline.node.reactions import Reaction

LABEL_CHARS_MAX: Final = 60
QUOTED: Final = ("own", "other", "label", "reason", "name", "measure")
"""Facts of a trouble that hold words of others."""
SIZES: Final = {"time": "time_s", "vertical": "vertical_m", "lateral": "lateral_m"}
"""What is outside of an envelope, and the fact that says by how much."""


def warning(what: Refusal, langs: Langs = ENGLISH) -> str:
    """One sentence for what to look at again. It was taken all the same."""
    facts = dict(what.params)
    found = str(facts.get("found", ""))
    if found == "label" and "stated" in facts:
        found = "label-side"
    metres = int(str(facts.get("apart_m", "0")))
    facts["apart"] = f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres} m"
    return told(
        langs, f"warnings/{found}",
        lambda lang: filled(language(lang).warnings[found], facts, language(lang)),
    )  # fmt: skip


def quoted(text: str) -> str:
    """Words of others, as such."""
    short = text if len(text) <= LABEL_CHARS_MAX else f"{text[: LABEL_CHARS_MAX - 1]}…"
    return in_quotes(short)


def clock(at: Instant) -> str:
    """18:41Z; the date is elsewhere on the screen."""
    return f"{format_utc(at)[11:16]}Z"


# -- why a desk is rung


def trouble(what: Trouble, langs: Langs = ENGLISH) -> str:
    """One sentence for one trouble."""
    return told(langs, _trouble_id(what), lambda lang: _trouble(what, lang))


def _trouble_id(what: Trouble) -> str:
    template = what.params.get("template")
    if isinstance(template, str):
        return f"templates/{template}"
    own = what.peer is None and what.kind in language(FALLBACK).own_pairs
    return f"{'own_pairs' if own else 'troubles'}/{what.kind}"


def _trouble(what: Trouble, lang: str) -> str:
    words, facts = language(lang), _facts(what, lang)
    template = what.params.get("template")
    if isinstance(template, str):
        blanks = [
            Field(name=name.removeprefix("blank_"), value=value)
            for name, value in what.params.items()
            if name.startswith("blank_") and not isinstance(value, EntryRef)
        ]
        shown = message(template, blanks, lang)
        text = said(lang, "message-due", peer=facts["peer"], said=shown)
    else:
        own = words.own_pairs if what.peer is None else {}
        forms = own.get(what.kind) or words.troubles[what.kind]
        text = composed(most_telling((*forms.says, forms.bare), facts), facts, words)
    return said(lang, "exercise", said=text) if what.exercise else text


def _facts(what: Trouble, lang: str) -> dict[str, str]:
    """The facts of a trouble as they are shown; a label that is not there is a notice."""
    facts = {name: _fact(name, value, lang) for name, value in what.params.items()}
    facts["peer"] = what.peer or said(lang, "another-party")
    for name in ("own", "other", "label"):
        facts.setdefault(name, said(lang, "a-notice"))
    if isinstance(settles := what.params.get("settles"), str):
        facts["settles"] = basis(settles, lang)
    if "shortfall_s" in what.params:
        facts["shortfall"] = format_length(int(str(what.params["shortfall_s"])) * SECOND)
    if "offset_ms" in what.params:
        facts["offset"] = f"{int(str(what.params['offset_ms'])) / SECOND:+.1f} s"
    if what.kind.value.startswith("track-"):
        facts |= _of_track(what, lang)
    until = what.params.get("until")
    if what.kind is TroubleKind.REACTION and isinstance(until, int):
        facts["until_clock"] = clock(Instant(until))
        sure = what.params.get("certain") == 1
        facts["reach"] = said(lang, "reaction-sure" if sure else "reaction-unsure")
        facts["peer"] = what.peer or said(lang, "reaction-ours")
    if what.kind is TroubleKind.SEAL and "why" in what.params:
        facts["misfit"] = _misfit(what.params, lang)
    return facts


def _of_track(what: Trouble, lang: str) -> dict[str, str]:
    """The words of a finding of live tracks that its grade decides."""
    params, facts = what.params, {"way_out": ""}
    if what.kind is TroubleKind.TRACK_SOURCE:
        name = f"track-source-{params.get('why')}"
        known = name in language(FALLBACK).phrases
        facts["fault"] = said(lang, name if known else "track-source-unknown")
        source = params.get("source")
        facts["source"] = said(lang, "track-all") if source is None else plain(str(source))
    grade = str(params.get("grade"))
    form = f"{what.kind}-{grade if grade in ('now', 'ahead') else 'unsure'}"
    if form in language(FALLBACK).phrases:
        settles = plain(str(params.get("settles", "unknown")))
        entry = plain(str(params.get("entry_s", 0)))
        facts["grade_words"] = said(lang, form, settles=settles, entry=entry)
    needed = params.get("minutes_needed")
    if needed is not None:
        facts["way_out"] = said(lang, "track-way-out", needed=plain(str(needed)))
    return facts


def _fact(name: str, value: Param, lang: str) -> str:
    if isinstance(value, str) and name in QUOTED:
        return quoted(value) if value else said(lang, "what-was-said")
    if isinstance(value, str) and name == "why":
        return language(lang).reasons.get(value) or plain(value)
    return plain(str(value))


def reaction(reaction: "Reaction", langs: Langs = ENGLISH) -> str:
    """What a third party may do after a hazard, with what it comes of."""
    return told(
        langs, "phrases/reaction",
        lambda lang: said(
            lang, "reaction", name=quoted(reaction.name), label=quoted(reaction.label),
            party=reaction.by, until=clock(reaction.until), zone=quoted(reaction.zone.label),
            reach=f"{reaction.zone.reach_mm / 1e6:g} km",
        ),
    )  # fmt: skip


def misfit(params: Mapping[str, Param], langs: Langs = ENGLISH) -> str:
    """How something opened does not fit its seal or its envelope."""
    return told(langs, "phrases/seal-outside", lambda lang: _misfit(params, lang))


def _misfit(params: Mapping[str, Param], lang: str) -> str:
    if params["why"] == "digest":
        return said(lang, "seal-digest")
    if params["why"] != "outside":
        settles = {name: plain(str(params[name])) for name in ("settles",) if name in params}
        return said(lang, "seal-unsure", **settles)
    parts = []
    for name in str(params.get("outside", "")).split(","):
        if f"beyond-{name}" not in language(lang).phrases:
            parts.append(plain(name))
            continue
        size = params.get(SIZES.get(name, ""))
        sized = {} if size is None else {"size": plain(str(size))}
        parts.append(said(lang, f"beyond-{name}", **sized))
    return said(lang, "seal-outside", parts=", ".join(parts))


# -- links, lead times, conflicts


def link(state: LinkState, age_ms: int, *, ever: bool, langs: Langs = ENGLISH) -> str:
    """State of a link with the age of its last round trip."""
    name, age = ("link", format_length(age_ms)) if ever else ("link-never", "")
    return told(
        langs, f"phrases/{name}",
        lambda lang: said(lang, name, state=language(lang).states[state], age=age),
    )  # fmt: skip


def lead(worst_ms: int, shortfall_ms: int, *, provisional: bool, langs: Langs = ENGLISH) -> str:
    """Lead time at a receiver, worst case."""
    name = ("late" if shortfall_ms else "lead") + ("-now" if provisional else "")
    short = format_length(shortfall_ms)
    return phrase(name, langs, lead=format_length(worst_ms), shortfall=short)


def version_name(label: str, party: PartyId, lang: str) -> str:
    """A notice by its label and whose it is."""
    shown = quoted(label) if label else said(lang, "not-read")
    return said(lang, "of-party", label=shown, party=party)


def conflict(
    a: tuple[str, PartyId], b: tuple[str, PartyId], found: Judgement, until: Instant | None,
    langs: Langs = ENGLISH,
) -> str:  # fmt: skip
    """Two versions, by label and party, that meet or cannot be kept apart, in one sentence."""
    name = "conflict-coordinated" if until is not None else "conflict-unsure"
    if until is None and found.verdict is Verdict.YES:
        name = "conflict-yes"

    def one(lang: str) -> str:
        facts = {"a": version_name(*a, lang), "b": version_name(*b, lang)}
        decided = language(lang).states.get(found.decided_by) or plain(found.decided_by)
        facts |= {"decided_by": decided, "until": "" if until is None else format_dtg(until)}
        return "; ".join([said(lang, name, **facts), *_around(found, lang)])

    return told(langs, f"phrases/{name}", one)


def _around(found: Judgement, lang: str) -> list[str]:
    """How far apart, how long, by what."""
    parts = []
    for name, bounds in (("lateral", found.lateral_m), ("vertical", found.vertical_m)):
        if bounds is not None:
            parts.append(said(lang, f"conflict-{name}", **_range(bounds)))
    if found.overlap_start is not None and found.overlap_end is not None:
        start, end = Instant(found.overlap_start), Instant(found.overlap_end)
        window = {"start": format_dtg(start), "end": format_dtg(end)}
        parts.append(said(lang, "conflict-window", **window))
    if found.references:
        references = ", ".join(basis(token, lang) for token in found.references)
        parts.append(said(lang, "conflict-references", references=references))
    if found.settles:
        parts.append(said(lang, "conflict-settles", settles=basis(found.settles, lang)))
    return parts


def _range(bounds: Bounds) -> dict[str, str]:
    low, high = round(bounds.low), bounds.high
    if high > 1e9:
        return {"more": str(low)}
    if low == round(high):
        return {"low": str(low)}
    return {"low": str(low), "high": str(round(high))}


def loading(percent: int, langs: Langs = ENGLISH) -> str:
    """That a record is being read, and what that means."""
    return phrase("loading", langs, percent=percent)


def proposal(way: Proposal, lang: str) -> str:
    """A way out in words: how much later or earlier, at which level, elsewhere."""
    parts = []
    if way.volumes:
        parts.append(said(lang, "proposal-volumes", count=len(way.volumes)))
    if way.shift_min is not None:
        name = "proposal-later" if way.shift_min > 0 else "proposal-earlier"
        parts.append(said(lang, name, minutes=abs(way.shift_min)))
    if way.lower is not None:
        parts.append(said(lang, "proposal-lower", height=height(way.lower)))
    if way.upper is not None:
        parts.append(said(lang, "proposal-upper", height=height(way.upper)))
    return ", ".join(parts)


def height(at: Height) -> str:
    """FL250; 300 m AGL; SFC: as it can be typed in, to the millimetre."""
    if at.mm is None:
        return at.ref.value
    level, rest = divmod(at.mm, FLIGHT_LEVEL_MM)
    if at.ref is HeightRef.FL and not rest:
        return f"FL{level:03}"
    return f"{f'{at.mm / 1000:.3f}'.rstrip('0').rstrip('.')} m {at.ref.value}"


def way_out(
    of: tuple[str, PartyId | None], way: Proposal, meets: Sequence[EntryRef], *, looked: bool,
    lead_ms: int, short_ms: int, langs: Langs = ENGLISH,
) -> str:  # fmt: skip
    """A version (its label, and its author unless it is ours) changed so is apart from the other;
    what else it meets then, and by how much its lead would be too short (``short_ms``; 0: it is
    not)."""
    label, party = of

    def one(lang: str) -> str:
        facts = {"label": quoted(label), "proposal": proposal(way, lang)}
        if party is None:
            parts = [said(lang, "way-ours", **facts)]
        else:
            parts = [said(lang, "way-theirs", party=party, **facts)]
        if not looked:
            parts.append(said(lang, "way-not-looked"))
        elif meets:
            refs = ", ".join(map(str, meets[:5]))
            parts.append(said(lang, "way-meets", count=len(meets), refs=refs))
        else:
            parts.append(said(lang, "way-clear"))
        if short_ms:
            lead_, short = format_length(lead_ms), format_length(short_ms)
            parts.append(said(lang, "late-now", lead=lead_, shortfall=short))
        return "; ".join(parts)

    return told(langs, "phrases/way-ours", one)


def state(found: StrEnum, langs: Langs = ENGLISH) -> str:
    """A closed word that stands alone, such as a phase."""
    return told(langs, f"states/{found}", lambda lang: language(lang).states[found])


def phrase(name: str, langs: Langs = ENGLISH, /, **facts: str | int) -> str:
    """One of the phrases that need nothing but their facts; texts are taken as they are."""
    return told(langs, f"phrases/{name}", lambda lang: said(lang, name, **facts))


# -- people: who holds it, who was told, who gets out


def why(party: PartyId, found: Why, langs: Langs = ENGLISH) -> str:
    """Whether a party has a version, and why it does not count as received."""
    return told(
        langs, f"whys/{found}",
        lambda lang: said(lang, "with-party", party=party, why=language(lang).whys[found]),
    )  # fmt: skip


def third(
    langs: Langs, party: Represented, relayed: Told | None, by: PartyId | None, due: Instant
) -> str:
    """NOT TOLD until a relay says otherwise, with whoever must tell it, until when."""
    name = plain(party.name)
    facts: dict[str, str | int] = {"name": name, "by": by or "", "relay": party.relay, "due": due}
    if relayed is None or relayed.outcome is None:
        form = "third-owed" if by is None else "third-taken"
        return told(langs, f"phrases/{form}", lambda lang: said(lang, form, **facts))
    outcome = relayed.outcome
    facts["means"] = quoted(relayed.means)
    if relayed.at is not None:
        facts["at"] = relayed.at
    words = told(
        langs, "phrases/third-said",
        lambda lang: said(lang, "third-said", state=language(lang).states[outcome], **facts),
    )  # fmt: skip
    if outcome is RelayOutcome.NO_ANSWER:
        return words
    return f"{words}; {phrase('third-coded' if relayed.proof else 'third-uncoded', langs)}"


def mover(one: "ExposedMover", langs: Langs = ENGLISH) -> str:
    """One mover inside a hazard, by its own claim of what it needs."""
    return phrase(
        "mover", langs, call_sign=plain(one.call_sign), needed=one.minutes_needed,
        left=one.minutes_left,
    )  # fmt: skip
