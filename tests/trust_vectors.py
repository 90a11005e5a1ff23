"""The vectors of trust, made from fixed keys. ``python -m tests.trust_vectors`` writes them again.

Each file: ``about``, ``clauses``, ``cases``; a case has a name, its input and what to expect. A
document stands as the text of its envelope (UTF-8, no newline at the end).
"""

import json
from pathlib import Path

import msgspec

from clearline.model.ids import FeedId, PartyId
from clearline.signing import PublicKey
from clearline.trust import roster as rosters
from clearline.trust.agreement import line_of, missing, read_agreement, sign_agreement
from clearline.trust.chain import change_root, read_chain
from clearline.trust.documents import DocType, Signed, envelope, sign
from clearline.trust.party import EndReason, fingerprint, make_card, read_card
from tests.trust_people import (
    ALFA,
    BRAVO,
    CHARLIE,
    NOON,
    ROOT_A,
    ROOT_B,
    agreed,
    good,
    line,
    mark,
    next_version,
    signer,
    terms,
)

FOLDER = Path(__file__).parent.parent / "vectors" / "trust"
Case = dict[str, object]


def _fingerprints() -> list[Case]:
    return [
        {"name": person.id, "id": person.id, "root_key": person.root.public.hex,
         "expect": fingerprint(person.id, person.root.public.hex)}
        for person in (ALFA, BRAVO, CHARLIE)
    ]  # fmt: skip


def _cards() -> list[Case]:
    raw = make_card(ALFA.id, "ALFA Command", ALFA.root)
    arabic = make_card(ALFA.id, "القيادة", ALFA.root)
    weak = raw.replace(ALFA.root.public.hex.encode(), b"01" + b"0" * 62)
    renamed = msgspec.structs.replace(ALFA.card, name="Northern Command")
    cases = {
        "good": raw,
        "good, name in Arabic": arabic,
        "a space": raw.replace(b'"doc":', b'"doc": '),
        "name changed after signing": raw.replace(b"ALFA Command", b"BETA Command"),
        "signed by another key": sign(DocType.CARD, renamed, (CHARLIE.root,)),
        "signed by another key too": sign(DocType.CARD, ALFA.card, (ALFA.root, BRAVO.root)),
        "root key of small order": weak,
        "signed as another type": sign(DocType.EPOCH, ALFA.card, (ALFA.root,)).replace(
            b'"epoch"', b'"card"'
        ),
        "unknown field": raw.replace(b'"v":1}', b'"v":1,"w":1}'),
        "cut short": raw[:-1],
    }
    return [
        {"name": name, "text": text.decode(), "expect": card_verdict(text)}
        for name, text in cases.items()
    ]


def card_verdict(raw: bytes) -> Case:
    """What a card is worth."""
    found = read_card(raw)
    if isinstance(found, Signed):
        return {"id": found.body.id, "root_key": found.body.root_key, "digest": found.digest}
    return {"code": found.code.value, "clause": found.clause}


def _chains() -> list[Case]:
    where = line().line
    first, second = ALFA.signed(ALFA.first()), ALFA.signed(ALFA.second(mark(where, "ALFA.0", 7)))
    one = good(read_chain(ALFA.id, ALFA.root.public.hex, [first]))
    new = signer("ALFA root 2")
    change = good(change_root(one, ALFA.root, new, issued=NOON))
    vanished = msgspec.structs.replace(ALFA.second(), ended=())
    cases: dict[str, list[bytes]] = {
        "one manifest": [first],
        "a key ended": [first, second],
        "newest link twice": [first, second, second],
        "root changed": [first, change],
        "first link missing": [second],
        "older link again": [first, second, first],
        "two links of one serial": [first, second, ALFA.signed(ALFA.second())],
        "a key vanished": [first, ALFA.signed(vanished)],
        "signed by a node key": [first, ALFA.signed(ALFA.second(), ALFA.node())],
        "another party's manifest": [BRAVO.signed(BRAVO.first())],
        "another root": [
            ALFA.signed(
                msgspec.structs.replace(ALFA.first(), root_key=CHARLIE.root.public.hex),
                CHARLIE.root,
            )
        ],
    }
    return [
        {"name": name, "party": ALFA.id, "anchor": ALFA.root.public.hex,
         "links": [raw.decode() for raw in raws],
         "expect": chain_verdict(ALFA.id, ALFA.root.public.hex, raws)}
        for name, raws in cases.items()
    ]  # fmt: skip


def chain_verdict(party: PartyId, anchor: str, raws: list[bytes]) -> Case:
    """What a chain is worth."""
    found = read_chain(party, anchor, raws)
    if isinstance(found, rosters.Chain):
        return {"serial": found.serial, "root": found.root, "links": list(found.links)}
    return {"code": found.code.value, "clause": found.clause}


def _agreements() -> list[Case]:
    whole = envelope(agreed(terms(), ALFA, BRAVO))
    pairs = msgspec.structs.replace(terms(), pairs=terms().pairs[1:])
    cases = {
        "signed by both": whole,
        "signed by one": good(sign_agreement(terms(), ALFA.root)),
        "second version": envelope(agreed(next_version(terms(), title="Second"), ALFA, BRAVO)),
        "signed by a stranger too": sign(
            DocType.AGREEMENT, terms(), (ALFA.root, BRAVO.root, CHARLIE.root)
        ),
        "changed after signing": whole.replace(b'"heartbeat_ms":60000', b'"heartbeat_ms":59000'),
        "a pair is missing": sign(DocType.AGREEMENT, pairs, (ALFA.root,)),
        "one party twice": sign(
            DocType.AGREEMENT,
            msgspec.structs.replace(terms(), parties=terms().parties[:1] * 2),
            (ALFA.root,),
        ),
        "version 2 without a predecessor": sign(
            DocType.AGREEMENT, msgspec.structs.replace(terms(), version=2), (ALFA.root,)
        ),
    }
    return [
        {"name": name, "text": text.decode(), "expect": agreement_verdict(text)}
        for name, text in cases.items()
    ]


def agreement_verdict(raw: bytes) -> Case:
    """What signed terms are worth."""
    found = read_agreement(raw)
    if isinstance(found, Signed):
        absent = [term.id for term in missing(found)]
        return {"line": line_of(found.body), "digest": found.digest, "missing": absent}
    return {"code": found.code.value, "clause": found.clause}


def given() -> Case:
    """The documents of a line where ALFA's first key ended at size 7 of ALFA.0."""
    roster = line()
    second = ALFA.second(mark(roster.line, "ALFA.0", 7), reason=EndReason.STOLEN)
    opening = ALFA.opening(
        roster.line, key=ALFA.node(1).public.hex, previous=mark(roster.line, "ALFA.0", 9)
    )
    return {
        "party": ALFA.id,
        "agreement": envelope(agreed(terms(), ALFA, BRAVO)).decode(),
        "links": [ALFA.signed(ALFA.first()).decode(), ALFA.signed(second).decode()],
        "openings": [sign(DocType.EPOCH, opening, (ALFA.root,)).decode()],
    }


def _places() -> list[Case]:
    """Who signs which checkpoint on that line."""
    roster = roster_of(given())
    asked = [
        (feed, size, root, key)
        for feed, sizes in (("ALFA.0", (0, 1, 7, 8)), ("ALFA.1", (0, 8)), ("ALFA.2", (1,)))
        for size in sizes
        for root in ((ROOT_A, ROOT_B) if (feed, size) == ("ALFA.0", 7) else (ROOT_A,))
        for key in (0, 1)
    ]
    return [
        {"name": f"{feed} at {size}, root {root[:2]}, key {key}",
         "feed": feed, "size": size, "root": root, "key": ALFA.node(key).public.hex,
         "expect": place_verdict(roster, feed, size, root, ALFA.node(key).public.hex)}
        for feed, size, root, key in asked
    ]  # fmt: skip


def place_verdict(roster: rosters.Roster, feed: str, size: int, root: str, key: str) -> Case:
    """The key for a place, and what a checkpoint of a key is worth there."""
    wanted = rosters.key_for(roster, FeedId(feed), size)
    found = rosters.place(roster, FeedId(feed), size, root, PublicKey(bytes.fromhex(key)))
    place = found.value if isinstance(found, rosters.Place) else found.code.value
    return {"key_for": None if wanted is None else wanted.hex, "place": place}


def roster_of(documents: Case) -> rosters.Roster:
    """The roster that the documents of a case give."""
    roster = good(rosters.begin(good(read_agreement(str(documents["agreement"]).encode()))))
    links = [text.encode() for text in documents["links"]]
    roster = good(rosters.with_links(roster, ALFA.id, links))
    for text in documents["openings"]:
        roster = good(rosters.with_opening(roster, text.encode()))
    return roster


FILES = {
    "fingerprint": ("Seven groups of five digits over id and root key.", ["CL-TRU-011"],
                    _fingerprints),
    "card": ("A party card in its envelope.", ["CL-TRU-001", "CL-TRU-003", "CL-TRU-010"], _cards),
    "chain": ("Manifests and root changes of one party, in order, against a compared root key.",
              ["CL-TRU-020", "CL-TRU-021", "CL-TRU-022", "CL-TRU-023", "CL-TRU-024", "CL-TRU-029",
               "CL-TRU-033"], _chains),
    "agreement": ("Signed terms: the line that they name and who has not signed.",
                  ["CL-AGR-001", "CL-AGR-002", "CL-AGR-003", "CL-AGR-012", "CL-AGR-018"],
                  _agreements),
    "place": ("Which key signs a checkpoint (hex), and what one of a given key is worth there.",
              ["CL-TRU-002", "CL-TRU-030", "CL-TRU-031", "CL-TRU-032", "CL-TRU-040"], _places),
}  # fmt: skip


def text_of(name: str) -> str:
    """The file as it is committed."""
    about, clauses, make = FILES[name]
    whole: Case = {"about": about, "clauses": clauses}
    if name == "place":
        whole["given"] = given()
    whole["cases"] = make()
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file in FILES:
        (FOLDER / f"{file}.json").write_text(text_of(file), "utf-8")
