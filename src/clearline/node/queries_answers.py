"""Read models of answers: what a role said to a version, and whether its read-back agrees. Pure."""

from clearline.model.ids import EntryRef, party_of
from clearline.model.terms import Agreement
from clearline.node import phrases, readbacks
from clearline.node.views import AnswerView
from clearline.notation.readback import Compared
from clearline.picture.situation import Answered, Picture
from clearline.picture.standing import find_version

AGREES = {Compared.AGREES: True, Compared.DIFFERS: False, Compared.CANNOT_SAY: None}


def answer_view(picture: Picture, terms: Agreement, to: EntryRef, said: Answered) -> AnswerView:
    """An answer as it is shown, with what came of comparing a read-back."""
    answer, party = said.answer, party_of(said.ref.feed)
    words = f"{party} ({answer.role}) {phrases.REPLIES[answer.reply]}, {phrases.clock(said.t)}"
    if answer.minutes_needed is not None:
        words += f": needs {answer.minutes_needed} min"
    if answer.proposal is not None:
        words += "; proposes a way out"
    back, agrees = answer.read_back, None
    version = None if back is None else find_version(picture, to)
    if back is not None and version is not None:
        checked = readbacks.checked(back, version.volumes, terms)
        agrees = AGREES[checked.found]
        words += f"; {readbacks.words(checked)}"
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
        words=words,
    )
