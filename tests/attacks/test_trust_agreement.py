"""Attacks on agreements: replayed signatures, strangers, terms changed after signing."""

import msgspec

from clearline.model.refusal import Code, Refusal
from clearline.model.terms import Agreement
from clearline.trust import roster as rosters
from clearline.trust.agreement import missing, read_agreement, unsigned
from clearline.trust.documents import DocType, envelope, merge, read, sign
from clearline.trust.draft import compile_draft, fill_template
from clearline.trust.party import Manifest
from clearline.trust.terms_check import faults
from tests.trust_people import (
    ALFA,
    BRAVO,
    CHARLIE,
    NOON,
    agreed,
    good,
    line,
    next_version,
    refused,
    template,
    terms,
)

FIRST = agreed(terms(), ALFA, BRAVO)
LENIENT = next_version(terms(), down_after_ms=86_400_000)


def test_signature_replayed_from_another_version_is_refused() -> None:
    """BRAVO's signature on version 1 does not carry to a version 2 that only ALFA signed."""
    second = agreed(LENIENT, ALFA)
    old = next(sig for sig in FIRST.sigs if sig.key == BRAVO.root.public.hex)
    forged = msgspec.json.decode(envelope(second))
    forged["sigs"].append({"key": old.key, "sig": old.sig})
    forged["sigs"].sort(key=lambda sig: sig["key"])
    raw = msgspec.json.encode(forged, order="sorted")
    fault = refused(read_agreement(raw))
    assert (Code.BAD_SIGNATURE, BRAVO.root.public.hex) == (fault.code, fault.params["key"])
    assert isinstance(merge(FIRST, second), Refusal)
    assert ("BRAVO",) == tuple(term.id for term in missing(second))


def test_terms_changed_after_signing_are_refused() -> None:
    """One second less of a deadline, and no signature fits any more."""
    raw = envelope(FIRST)
    for old, new in ((b'"heartbeat_ms":60000', b'"heartbeat_ms":59000'), (b'"ALFA"', b'"ALFB"')):
        assert old in raw
        assert isinstance(read_agreement(raw.replace(old, new)), Refusal)


def test_line_that_not_all_signed_is_refused_by_name() -> None:
    """No roster, hence no node, starts on terms that somebody has not signed."""
    fault = refused(rosters.begin(agreed(terms(), ALFA)))
    assert (Code.NOT_SIGNED, "BRAVO (BRAVO Command)") == (fault.code, fault.params["missing"])


def test_next_version_without_all_signatures_is_refused() -> None:
    """A majority cannot change the terms of a minority."""
    three = terms(ALFA, BRAVO, CHARLIE)
    roster = good(rosters.begin(agreed(three, ALFA, BRAVO, CHARLIE)))
    after = agreed(next_version(three, title="Changed"), ALFA, BRAVO)
    assert Code.NOT_SIGNED == refused(rosters.with_version(roster, after)).code
    assert unsigned(after) is not None


def test_second_successor_of_one_version_is_refused() -> None:
    """Two different versions 2, even signed by all, do not both stand."""
    one = agreed(next_version(terms(), title="One"), ALFA, BRAVO)
    other = agreed(next_version(terms(), title="Other"), ALFA, BRAVO)
    roster = good(rosters.with_version(line(), one))
    assert Code.WRONG_PREDECESSOR == refused(rosters.with_version(roster, other)).code


def test_version_of_another_line_is_refused() -> None:
    """Terms of another line between the same parties stay there."""
    other = agreed(next_version(terms(name="wildfire")), ALFA, BRAVO)
    assert Code.WRONG_PREDECESSOR == refused(rosters.with_version(line(), other)).code


def test_version_signed_by_an_unrelated_party_too_is_refused() -> None:
    """A stranger's signature cannot be slipped in among the parties'."""
    raw = sign(DocType.AGREEMENT, terms(), (ALFA.root, BRAVO.root, CHARLIE.root))
    assert "CL-AGR-002" == refused(read_agreement(raw)).clause


def test_root_key_in_the_terms_under_another_partys_name_is_refused() -> None:
    """A version that gives one party's key to a newcomer is refused."""
    joined = terms(ALFA, BRAVO, CHARLIE).parties
    stolen = msgspec.structs.replace(joined[2], root_key=ALFA.root.public.hex)
    bad = next_version(terms(), parties=(*joined[:2], stolen))
    raw = sign(DocType.AGREEMENT, bad, (ALFA.root, BRAVO.root))
    assert "CL-AGR-012" == refused(read_agreement(raw)).clause
    node = msgspec.structs.replace(joined[2], root_key=ALFA.node().public.hex)
    shared = next_version(terms(), parties=(*joined[:2], node))
    raw = sign(DocType.AGREEMENT, shared, (ALFA.root, BRAVO.root, ALFA.node()))
    fault = refused(rosters.with_version(line(), good(read_agreement(raw))))
    assert "CL-TRU-034" == fault.clause


def test_agreement_is_not_taken_for_a_manifest() -> None:
    """A signed document of one type is never read as another."""
    assert Code.UNKNOWN_KIND == refused(read(envelope(FIRST), DocType.MANIFEST, Manifest)).code


def test_agreement_with_thousands_of_classes_is_refused_at_once() -> None:
    """A matrix of fifty million pairs is not searched: the number of classes is looked at first."""
    one = terms().classes[0]
    many = tuple(msgspec.structs.replace(one, id=f"c{number}", name="c") for number in range(5_000))
    flood = msgspec.structs.replace(terms(), classes=many)
    fault = refused(read_agreement(sign(DocType.AGREEMENT, flood, (CHARLIE.root,))))
    assert "CL-AGR-016" == fault.clause
    assert len(faults(flood)) < 10


def test_card_cannot_fill_other_blanks_of_a_draft() -> None:
    """A party's name that looks like a blank of the template stays a name."""
    card = msgspec.structs.replace(ALFA.card, name="{{2}} {{data}}")
    made = compile_draft(fill_template(template("wildfire"), [card, BRAVO.card], NOON))
    assert isinstance(made, Agreement)
    assert "{{2}} {{data}}" == made.parties[0].name
