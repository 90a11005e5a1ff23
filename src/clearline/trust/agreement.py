"""The agreement: who has signed it, when it may be adopted, what may follow it.

The terms themselves are judged by ``trust.terms_check``. The hash of version 1 names the line for
ever; each later version names the line and its predecessor.

| clause | rule |
|---|---|
| CL-AGR-001 | every party of a version signs it with the root key that the version names |
| CL-AGR-002 | nobody else signs it |
| CL-AGR-003 | version 1 names neither line nor predecessor; version n+1 names both, rightly |
| CL-AGR-004 | a party of version n is a party of version n+1 unless it has left |
| CL-AGR-005 | exercise and real lines never change into each other |
| CL-AGR-006 | a version is adopted when all have signed, and not before its stated time |
| CL-AGR-007 | a party's root key changes only along its own chain |
"""

from collections.abc import Set as AbstractSet
from typing import Final

from clearline.model.entry import Precedence
from clearline.model.ids import LineId, PartyId
from clearline.model.refusal import Code, Refusal
from clearline.model.terms import Agreement, ClassTerm, DeadlineTerm, PairTerm, PartyTerm
from clearline.model.time import Instant
from clearline.signing import Signer
from clearline.trust.documents import DocType, Signed, add_signature, digest_of, read, sign
from clearline.trust.terms_check import faults

NOBODY_LEFT: Final[frozenset[PartyId]] = frozenset()


def sign_agreement(agreement: Agreement, *signers: Signer) -> bytes | Refusal:
    """A new envelope over valid terms, signed by at least one party's root key."""
    wrong = faults(agreement)
    if wrong:
        return wrong[0]
    for signer in signers:
        stranger = _stranger(agreement, {signer.public.hex})
        if stranger is not None:
            return stranger
    return sign(DocType.AGREEMENT, agreement, signers)


def countersign(signed: Signed[Agreement], signer: Signer) -> bytes | Refusal:
    """The envelope with one more party's signature."""
    return _stranger(signed.body, {signer.public.hex}) or add_signature(signed, signer)


def read_agreement(raw: bytes) -> Signed[Agreement] | Refusal:
    """Valid terms in a valid envelope, signed by at least one of their parties and by no stranger.

    That all have signed is another question: ``missing`` names those who have not.
    """
    signed = read(raw, DocType.AGREEMENT, Agreement)
    if isinstance(signed, Refusal):
        return signed
    wrong = faults(signed.body)
    if wrong:
        return wrong[0]
    return _stranger(signed.body, signed.signers) or signed


def line_of(agreement: Agreement) -> LineId:
    """The line's name: its own hash in version 1, stated from version 2 on."""
    return agreement.line if agreement.line is not None else LineId(digest_of(agreement))


def missing(signed: Signed[Agreement]) -> tuple[PartyTerm, ...]:
    """The parties that have not signed, in the agreement's order. CL-AGR-001."""
    return tuple(term for term in signed.body.parties if term.root_key not in signed.signers)


def unsigned(signed: Signed[Agreement]) -> Refusal | None:
    """Why this version cannot stand yet: who is missing, by name. CL-AGR-001."""
    absent = missing(signed)
    if not absent:
        return None
    who = ", ".join(f"{term.id} ({term.name})" for term in absent)
    return Refusal(
        code=Code.NOT_SIGNED, clause="CL-AGR-001", params={"missing": who, "count": len(absent)}
    )


def may_adopt(signed: Signed[Agreement], now: Instant) -> Refusal | None:
    """Why a party must not write its ``adopt`` entry yet. CL-AGR-001, 006. ``now`` is the party's
    own clock; adoption by others is never judged by it."""
    absent = unsigned(signed)
    if absent is not None:
        return absent
    if now < signed.body.effective:
        return Refusal(
            code=Code.NOT_YET_EFFECTIVE,
            clause="CL-AGR-006",
            params={"effective": signed.body.effective, "now": now},
        )
    return None


def first_fault(signed: Signed[Agreement]) -> Refusal | None:
    """Why this cannot be the first version of a line. CL-AGR-001, 003."""
    agreement = signed.body
    if agreement.version != 1 or agreement.line is not None or agreement.previous is not None:
        return Refusal(
            code=Code.WRONG_PREDECESSOR, clause="CL-AGR-003", params={"version": agreement.version}
        )
    return unsigned(signed)


def successor_fault(
    old: Signed[Agreement],
    new: Signed[Agreement],
    *,
    left: AbstractSet[PartyId] = NOBODY_LEFT,
) -> Refusal | None:
    """Why ``new`` cannot follow ``old``; ``left`` holds the parties whose ``leave`` is on record.
    CL-AGR-001, 003 to 005. Changed root keys are for the roster, which knows the chains."""
    before, after = old.body, new.body
    line = line_of(before)
    if after.version != before.version + 1 or after.previous != old.digest or after.line != line:
        return Refusal(
            code=Code.WRONG_PREDECESSOR,
            clause="CL-AGR-003",
            params={
                "version": after.version,
                "wanted_version": before.version + 1,
                "previous": after.previous or "",
                "wanted": old.digest,
                "line": after.line or "",
                "wanted_line": line,
            },
        )
    if after.exercise != before.exercise:
        return Refusal(code=Code.EXERCISE_MIXED, clause="CL-AGR-005", at="/doc/exercise")
    staying = {term.id for term in after.parties}
    for term in before.parties:
        if term.id not in staying and term.id not in left:
            return Refusal(
                code=Code.BAD_AGREEMENT,
                clause="CL-AGR-004",
                at="/doc/parties",
                params={"party": term.id, "name": term.name},
            )
    return unsigned(new)


# --- what the terms say about one thing ------------------------------------------------------


def party_term(agreement: Agreement, party: PartyId) -> PartyTerm | None:
    """The member of that id."""
    return next((term for term in agreement.parties if term.id == party), None)


def class_of(agreement: Agreement, cls: str) -> ClassTerm | None:
    """The class of that id."""
    return next((term for term in agreement.classes if term.id == cls), None)


def pair_of(agreement: Agreement, one: str, other: str) -> PairTerm | None:
    """How two classes are kept apart, whichever is named first."""
    a, b = sorted((one, other))
    return next((term for term in agreement.pairs if (term.a, term.b) == (a, b)), None)


def deadline_of(agreement: Agreement, precedence: Precedence) -> DeadlineTerm:
    """When a receipt and an answer are due; valid terms have one for every precedence."""
    return next(term for term in agreement.deadlines if term.precedence is precedence)


def _stranger(agreement: Agreement, signers: AbstractSet[str]) -> Refusal | None:
    """CL-AGR-002: a signature by a key that is no party's root key."""
    roots = {term.root_key for term in agreement.parties}
    for key in sorted(signers - roots):
        return Refusal(code=Code.UNKNOWN_KEY, clause="CL-AGR-002", at="/sigs", params={"key": key})
    return None
