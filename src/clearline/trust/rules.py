"""The rules of trust in words, by clause: what a person reads beside a refusal, and what the
specification lists. Modules that hold a rule say more about it."""

from collections.abc import Mapping
from typing import Final

RULES: Final[Mapping[str, str]] = {
    "CL-AGR-001": "every party of a version signs it with the root key that the version names",
    "CL-AGR-002": "nobody else signs it",
    "CL-AGR-003": "version 1 names neither line nor predecessor; version n+1 names both, rightly",
    "CL-AGR-004": "a party of version n is a party of version n+1 unless it has left",
    "CL-AGR-005": "exercise and real lines never change into each other",
    "CL-AGR-006": "a version is adopted when all have signed, and not before its stated time",
    "CL-AGR-007": "a party's root key changes only along its own chain",
    "CL-AGR-010": "protocol and record version are known",
    "CL-AGR-011": "titles and names are readable text",
    "CL-AGR-012": "two to PARTIES_MAX parties, ids and root keys distinct, keys of prime order",
    "CL-AGR-013": (
        "a represented party is no party; its relay and its backup are two different parties"
    ),
    "CL-AGR-014": "a represented party does harm or can be harmed, and has an area where",
    "CL-AGR-015": "areas have closed geometry with sane numbers",
    "CL-AGR-016": "class ids distinct; there are distress (keeps clear), accident (a hazard)",
    "CL-AGR-017": "every hazard has a tail; nothing else has one",
    "CL-AGR-018": "the matrix has every unordered pair of classes exactly once",
    "CL-AGR-019": "one deadline for each precedence, with a ladder of known roles, ever later",
    "CL-AGR-020": "heartbeats, limits and times are in order and in range",
    "CL-AGR-021": "languages are distinct BCP 47 tags, roles distinct words",
    "CL-AGR-022": "data is named once each, by SHA-256",
    "CL-AGR-030": "a draft is TOML with every key known and of its kind",
    "CL-AGR-031": "every length and time has exactly one key, and the unit is in its name",
    "CL-KEY-001": "a key file is whole and its own",
    "CL-KEY-002": "nobody but its owner can read a key file",
    "CL-KEY-003": "a sealed key opens with its passphrase only",
    "CL-TRU-001": "a signed document is one canonical envelope of its type, with a closed schema",
    "CL-TRU-002": "the key of a checkpoint is found by feed and size",
    "CL-TRU-003": (
        "every signature of a document is valid, its keys are good, distinct and in order"
    ),
    "CL-TRU-004": "names are one line of readable text without control or direction characters",
    "CL-TRU-005": "only signatures over the same document can be put together",
    "CL-TRU-010": "a card is signed by its own root key and by nobody else",
    "CL-TRU-011": "a root key is believed when its fingerprint was compared in person",
    "CL-TRU-020": "a manifest is signed by the root key in force and by nobody else",
    "CL-TRU-021": "serial counts from 1 without a gap; previous is the digest of the link before",
    "CL-TRU-022": "an older link than the newest held is refused: no withdrawn key comes back",
    "CL-TRU-023": "two links of one serial, both rightly signed, are proof of a forked root",
    "CL-TRU-024": "a key that ended stays ended where it ended; one in use never vanishes",
    "CL-TRU-025": "a key has one use: root, node or ended, of one party",
    "CL-TRU-026": "on each line one key writes at a time, and those before it lead to it",
    "CL-TRU-027": "a key ends once in each own feed and names a successor that goes on",
    "CL-TRU-028": "a manifest pins one to eight distinct X.509 certificates",
    "CL-TRU-029": "a root change is signed by the old and the new root, and by nobody else",
    "CL-TRU-030": "a checkpoint of an ended key beyond its end is void, no proof of a fork",
    "CL-TRU-031": "a checkpoint of any other key that is not the one for its place is refused",
    "CL-TRU-032": "one at the stated end with another root contradicts the root key: a fork",
    "CL-TRU-033": "a party's chain passes through the root key that the agreement names",
    "CL-TRU-034": "a key or certificate belongs to one party",
    "CL-TRU-040": "epoch n+1 follows epoch n of the same party on the same line, and names its end",
    "CL-TRU-041": "an opening is signed by the root in force, an emergency one by its own key",
    "CL-TRU-042": "two openings of one epoch by the root contradict each other: a fork",
    "CL-TRU-043": (
        "under an emergency opening only STOP, DISTRESS, ACCIDENT and bare receipts count"
    ),
    "CL-TRU-044": "a rekey names a manifest that is held",
    "CL-KEY-004": "no key is ever overwritten",
    "CL-KEY-005": "no key is ended while an epoch that it opened waits for the root key's word",
    "CL-KEY-006": "the record is written under the newest manifest of the party's folder",
}
