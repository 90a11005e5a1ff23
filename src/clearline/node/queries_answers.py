"""Read models of answers: what a role said to a version, and whether its read-back agrees. Pure."""

from clearline.model.ids import EntryRef, PartyId, party_of
from clearline.model.terms import Agreement
from clearline.node import readbacks
from clearline.node.phrases import proposal
from clearline.node.views import AnswerView
from clearline.notation.readback import Compared, Comparison
from clearline.picture.situation import Answered, Picture
from clearline.picture.standing import find_version
from clearline.words.language import language
from clearline.words.reader import ENGLISH, Langs, told
from clearline.words.sentences import plain
from clearline.words.sentences import said as phrase_said

AGREES = {Compared.AGREES: True, Compared.DIFFERS: False, Compared.CANNOT_SAY: None}


def answer_view(
    picture: Picture, terms: Agreement, to: EntryRef, said: Answered, langs: Langs = ENGLISH
) -> AnswerView:
    """An answer as it is shown, with what came of comparing a read-back."""
    answer, party = said.answer, party_of(said.ref.feed)
    back, agrees, checked = answer.read_back, None, None
    version = None if back is None else find_version(picture, to)
    if back is not None and version is not None:
        checked = readbacks.checked(back, version.volumes, terms)
        agrees = AGREES[checked.found]
    return AnswerView(
        party=party,
        ref=said.ref,
        to=to,
        t=said.t,
        reply=answer.reply,
        role=answer.role,
        minutes_needed=answer.minutes_needed,
        proposal=answer.proposal,
        read_back=back,
        read_back_agrees=agrees,
        remark=None if answer.remark is None else answer.remark.text,
        words=told(
            langs, f"replies/{answer.reply}", lambda lang: _words(said, party, checked, lang)
        ),
    )


def _words(said: Answered, party: PartyId, checked: Comparison | None, lang: str) -> str:
    answer = said.answer
    words = phrase_said(
        lang, "answer", party=party, role=plain(answer.role),
        reply=language(lang).replies[answer.reply], at=said.t,
    )  # fmt: skip
    if answer.minutes_needed is not None:
        words += f": {phrase_said(lang, 'answer-needs', minutes=answer.minutes_needed)}"
    if answer.proposal is not None:
        way = proposal(answer.proposal, lang)
        words += f"; {phrase_said(lang, 'answer-proposes')}: {way}"
    if checked is not None:
        words += f"; {readbacks.words(checked, lang)}"
    return words
