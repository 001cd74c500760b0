"""A person writes: the form of a question that asks for a text, and what becomes of what is handed in.

The machine's proposals are shown as raw material. The person fills in every part of the text, in words
of their own; a text that is a proposal almost word for word is refused, because then a machine wrote it.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pydantic import ValidationError, create_model

from presscheck.assets.reading import read_signable
from presscheck.assets.signable import Signable
from presscheck.cleaning import words_of
from presscheck.desk.answers import Answer, blocking, out_of_date
from presscheck.desk.forms import (
    Form,
    make_form,
    one_of,
    read_decision,
    read_note,
    read_reason,
    shown_field,
    within,
)
from presscheck.desk.situation import Situation
from presscheck.desk.voices import Heard
from presscheck.documents.sentences import capital, counted, in_one_sentence
from presscheck.models import (
    Asset,
    Author,
    Channel,
    Copy,
    DecisionKind,
    Refused,
    Review,
    Submission,
    Written,
)
from presscheck.world.likeness import bare, likeness

_NOTE = "What whoever approves it should know."
_DECISIONS = {"Hand in": "approve", "Reject": "reject"}
_PARTS: dict[Channel, tuple[str, ...]] = {
    "email": ("subject", "preheader", "body"),
    "push": ("subject", "body"),
    "search": ("subject", "preheader", "body"),
    "blog": ("subject", "preheader", "body"),
    "sms": ("body",),
    "social": ("body",),
}
_TITLES = {
    "subject": ("Headline", "Needed to hand in: subject, title or headline, in your words."),
    "preheader": ("Summary", "Preheader, standfirst or second headline."),
    "body": ("Text", "Needed to hand in: the whole text, in your words. Blank lines separate paragraphs."),
}
_MOST = {"subject": 500, "preheader": 500, "body": 20_000}
# Below this likeness, of 100, people's own texts on one brief stay, facts and all.
_TOO_LIKE = 90
_WHOLE = 60


class WritingForm(Form):
    """The form of a question that asks for a text."""

    decisions = _DECISIONS

    @property
    def note_told(self) -> str:
        return _NOTE

    @property
    def parts(self) -> dict[str, tuple[str, str]]:
        """The parts of the text: what each is called, and what is to be written there."""
        return {part: _TITLES[part] for part in _parts(self.review)}

    def read(self, raw: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
        """The submission's values; what is wrong with them goes into `faults`."""
        parts = _parts(self.review)
        decision = read_decision(raw.get("decision"), self.decisions, faults)
        written = {part: _part(part, raw.get(part), faults) for part in parts} if decision == "approve" else None
        return {
            "decision": decision,
            "picks": self.codes(raw.get("picks"), faults),
            "written": None if written is None or faults else Written.model_validate(written),
            "reason": read_reason(raw.get("reason"), faults),
            "note": read_note(raw.get("note"), faults),
        }

    def keys(self) -> frozenset[str]:
        return frozenset({"form", "decision", "picks", "reason", "note", *_parts(self.review)})


def form_for(
    review: Review,
    options: Mapping[str, Signable],
    situation: Situation | Refused,
    heard: Heard | Refused,
    *,
    title: str,
    said: Sequence[str] = (),
    more: Sequence[str] = (),
    refusal: str = "",
    unproved: bool = False,
    comments: int = 0,
) -> Form:
    """The form that fits the question: for picking, for signing what others picked, or for writing."""
    plain = make_form(
        review,
        options,
        situation,
        heard,
        title=title,
        said=said,
        more=more,
        refusal=refusal,
        unproved=unproved,
        comments=comments,
    )
    if review.question.asks == "approval":
        return plain
    choices = plain.choices
    none = "it cannot go out" if plain.lone else "none of them can go out"
    words = f"**You write.** {capital(counted(len(choices), 'proposal'))} of a machine, raw material: {none}."
    described = f"{words}\n\n{plain.description}"
    return WritingForm(review, partial(_model, review, choices), described, options, choices, plain.key)


def hand_in(
    situation: Situation, material: Mapping[str, Signable], submission: Submission, *, person: str, as_of: Any
) -> Answer | Refused:
    """Judge a text that was handed in; `material` is every proposal by code. All faults at once."""
    if submission.decision == "reject":
        if submission.reason is None:
            return Refused(code="incomplete", reason="A rejection needs a reason.")
        return Answer(DecisionKind.REJECTED)
    if stale := out_of_date(situation, as_of):
        return stale
    if submission.written is None:
        return Refused(code="incomplete", reason="Write the text; there is nothing to hand in yet.")
    try:
        copy = Copy(channel=situation.brief.channel, **submission.written.model_dump())
    except ValidationError as error:
        return Refused(code="bad-text", reason=f"The text cannot be used: {in_one_sentence(Copy, error)}.")
    asset = Asset(kind="copy", content=copy.model_dump(mode="json"), author=Author.by(person))
    faults = _copied(copy, material) + blocking(read_signable(asset), situation, as_of)
    if faults:
        return Refused(code="guardrail", reason=" ".join(faults))
    drew_on = tuple(material[code].asset.digest for code in submission.picks)
    return Answer(DecisionKind.WRITTEN, written=asset, drew_on=drew_on)


def _copied(copy: Copy, material: Mapping[str, Signable]) -> list[str]:
    body = bare(copy.body)
    return [
        f"The text is {code} almost word for word, and under advisor a person writes. Write it in words of your own."
        for code, one in material.items()
        if _is_in(proposed := bare(one.asset.copy_text.body), body) or likeness(body, proposed, at_least=_TOO_LIKE)
    ]


def _parts(review: Review) -> tuple[str, ...]:
    """The parts of a text of the question's channel."""
    return () if review.question.channel is None else _PARTS[review.question.channel]


def _is_in(proposed: str, body: str) -> bool:
    # A few sentences around it do not make a machine's text a person's; a slogan of some words proves nothing.
    return len(proposed) >= _WHOLE and proposed in body


def _model(review: Review, choices: Mapping[str, str]) -> Any:
    fields: dict[str, Any] = {
        "form": (str, shown_field(0, "This form is for", "Leave it: a stale form is recognised by it.")),
        "decision": (
            one_of(_DECISIONS),
            shown_field(1, "Decision", "Hand in your text, or reject the brief. There is no default."),
        ),
    }
    for at, part in enumerate(_parts(review), start=2):
        title, told = _TITLES[part]
        # Rejecting needs no text, so none is required here; the desk asks for it when a text is handed in.
        fields[part] = (str, shown_field(at, title, told, default=""))
    fields["picks"] = (
        list[one_of(choices)],
        shown_field(8, "Drew on", "The proposals that you took something from.", default=[]),
    )
    fields["reason"] = (
        str,
        shown_field(9, "Reason", "Only to reject: factual, compliance, audience, other…", default=""),
    )
    fields["note"] = (str, shown_field(10, "Note", _NOTE, default=""))
    return create_model("WritingForm", **fields)


def _part(part: str, given: object, faults: list[str]) -> str:
    title = _TITLES[part][0].lower()
    taken = within("" if given is None else given, _MOST[part], f"The {title}", faults)
    if taken is None:
        return ""
    cleaned, unfit = words_of(part, taken)
    if unfit:
        faults.append(f"The {title}: {unfit}.")
    elif not cleaned and part != "preheader":
        faults.append(f"The {title} is empty; write it.")
    return cleaned
