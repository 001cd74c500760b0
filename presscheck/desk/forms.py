"""The form of a review: what Prefect's page shows, and what a submission is read with.

The same review gives the same form, so the gate suspends with it and the door parses with it.
The choices carry the words of the drafts. The decision has no default; the form key is the only
value that may be filled in beforehand, and it tells a stale form from a fresh one.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, cast, get_args
from urllib.parse import quote

from pydantic import BaseModel, Field, ValidationError, WithJsonSchema, create_model

from presscheck.assets.copy.copy import MESSAGES
from presscheck.assets.signable import Signable
from presscheck.cleaning import clean_line, clean_text, markdown_text, shorten, words_of
from presscheck.desk.answers import no_edits, note_told, picks_of
from presscheck.desk.situation import Situation
from presscheck.desk.voices import Heard
from presscheck.digests import fingerprint
from presscheck.documents.sentences import an, counted, listed, plural
from presscheck.matching import looks_of
from presscheck.models import Edit, Market, Picture, Question, ReasonCode, Refused, Review, Submission
from presscheck.recipients.audiences import audience_words

_DECISIONS = {"Approve": "approve", "Request changes": "request_changes", "Reject": "reject"}
_KEYS = frozenset({"form", "decision", "picks", "edits", "reason", "note"})
_LONG_PART = 300
_DIGEST = re.compile(r"[0-9a-f]{64}")
_FIXED = "Others have approved exactly these; approve them all, or say no. You may leave this empty."
# An optional select shows as a puzzling switch between types in Prefect's form; a choice of its own does not.
_NO_REASON = "none · I approve"
_MOST_PICKS = 20
_MOST_EDITS = 60
_MOST_NOTE = 4_000
_MOST_TEXT = 20_000


@dataclass(frozen=True)
class Form:
    """One review as a form."""

    review: Review
    make_model: Callable[[], type[BaseModel]]
    """Makes the fields as Prefect shows them; reading an answer does not need them."""
    description: str
    """Markdown of a few lines: what, how risky, which fingerprint, and a link to the proof."""
    options: Mapping[str, Signable]
    """The choices by their codes, in the order shown."""
    choices: Mapping[str, str]
    """Code to label."""
    key: str
    """Which round, question and stage the form is for; a stale form is recognised by it."""
    fixed: bool = False
    """Whether somebody has picked already, so that what is asked is a yes or no to exactly that."""
    picks_told: str = ""
    """How many are picked, in a sentence."""
    comments: int = 0
    """How many open ones go along with a request for changes."""

    decisions: ClassVar[Mapping[str, str]] = _DECISIONS
    """The code of each decision, by what the form shows."""

    @cached_property
    def model(self) -> type[BaseModel]:
        """The form's fields as Prefect shows them."""
        return self.make_model()

    @property
    def note_told(self) -> str:
        """What the note is for, in a sentence or two."""
        return note_told(self.comments)

    @property
    def initial(self) -> dict[str, Any]:
        """What the form may be filled with beforehand: only which round and fingerprint it is for."""
        return {"form": self.key}

    def parse(self, raw: Mapping[str, Any]) -> Submission | Refused:
        """What somebody submitted, cleaned; Refused with everything that is wrong with it.

        Choices may be given as their whole label or as their code, decisions as shown or as
        `approve`, `request_changes`, `reject`.
        """
        shown = raw.get("form")
        if not isinstance(shown, str) or clean_line(shown) != self.key:
            return Refused(code="stale-form", reason=self._stale(shown))
        faults: list[str] = []
        if unknown := sorted(str(key)[:40] for key in raw if key not in self.keys()):
            faults.append(f"There is no field {', '.join(clean_line(key) for key in unknown[:5])} in this form.")
        values = {"form": self.key, **self.read(raw, faults)}
        if faults:
            return Refused(code="bad-form", reason=" ".join(faults))
        try:
            return Submission.model_validate(values)
        except ValidationError as error:
            told = {f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()}
            return Refused(code="bad-form", reason=f"The form cannot be read: {'; '.join(sorted(told))}.")

    def keys(self) -> frozenset[str]:
        """The fields that there are."""
        return _KEYS

    def read(self, raw: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
        """The submission's values; what is wrong with them goes into `faults`."""
        return {
            "decision": read_decision(raw.get("decision"), self.decisions, faults),
            "picks": self.picks(raw.get("picks"), faults),
            "edits": self.edits(raw.get("edits"), faults),
            "reason": read_reason(raw.get("reason"), faults),
            "note": read_note(raw.get("note"), faults),
        }

    def _stale(self, shown: object) -> str:
        now = self.key
        if not isinstance(shown, str) or not shown.strip():
            return f"The form does not say which question it answers; it is {now}. Open the run's page again."
        old, new = clean_line(shown)[:80], now
        what = "the drafts, the audience or the policies are others now"
        if old.split(" · ")[0] != new.split(" · ")[0]:
            what = "drafts of another round are asked about now"
        elif old.split(" · ")[:2] == new.split(" · ")[:2]:
            what = "somebody has answered since, so other words or another stage are asked about now"
        return f"This form was made for {old}; the question is {new}: {what}. It was not accepted. Open it again."

    @property
    def lone(self) -> str:
        """The code of the only choice, which nobody has to pick; empty where there are several."""
        return next(iter(self.choices)) if len(self.choices) == 1 else ""

    @property
    def settled(self) -> tuple[str, ...]:
        """The codes of the choices that are the only ones of their kind: there is nothing to choose between."""
        return only_of_their_kind(self.options)

    def picks(self, given: object, faults: list[str]) -> tuple[str, ...]:
        """Codes of the choices that were given, each once; with them those that are the only ones of their kind."""
        if self.fixed and given in (None, [], ()):
            return tuple(self.choices)
        codes = self.codes(given, faults)
        if not self.fixed:
            return (*codes, *(code for code in self.settled if code not in codes))
        if set(codes) != set(self.choices) and not faults:
            faults.append(
                f"{', '.join(self.choices)} were approved by others together; approve all of them, or request changes."
            )
        return codes

    def codes(self, given: object, faults: list[str]) -> tuple[str, ...]:
        """Codes of the choices that a list names, each once."""
        if given is None:
            return ()
        if not isinstance(given, list | tuple):
            faults.append("picks: give a list of choices.")
            return ()
        if len(cast(list[object], given)) > _MOST_PICKS:
            faults.append(f"At most {_MOST_PICKS} picks are read, and here are {len(cast(list[object], given))}.")
            return ()
        codes: list[str] = []
        for one in cast(list[object], given):
            code = self._code(one)
            if code is None:
                faults.append(f"{_quoted(one)} is not one of the choices; {self._range()}.")
            elif code in codes:
                faults.append(f"{code} is picked twice.")
            else:
                codes.append(code)
        return tuple(codes)

    @property
    def open_ones(self) -> tuple[str, ...]:
        """The codes of the choices between which there is something to choose."""
        codes = tuple(code for code in self.choices if self.fixed or code not in self.settled)
        return codes if len(codes) > 1 else ()

    def edits(self, given: object, faults: list[str]) -> tuple[Edit, ...]:
        """The edits of a list, cleaned as they would be signed."""
        if given is None:
            return ()
        if not isinstance(given, list | tuple):
            faults.append("edits: give a list of pick, field and text.")
            return ()
        if len(cast(list[object], given)) > _MOST_EDITS:
            faults.append(f"At most {_MOST_EDITS} edits are read, and here are {len(cast(list[object], given))}.")
            return ()
        edits: list[Edit] = []
        for one in cast(list[object], given):
            edit = self._edit(one, faults)
            if edit is not None and any((edit.pick, edit.field) == (known.pick, known.field) for known in edits):
                faults.append(f"{edit.pick}'s {edit.field} is edited twice; give one complete text.")
            elif edit is not None:
                edits.append(edit)
        return tuple(edits)

    def _edit(self, one: object, faults: list[str]) -> Edit | None:
        row = cast(dict[str, object], one) if isinstance(one, dict) else {}
        if row and self.lone:
            row = {"pick": self.lone, **row}
        if set(row) != {"pick", "field", "text"}:
            faults.append("An edit has a pick, a field and the complete new text, and nothing else.")
            return None
        code, field, text = self._code(row["pick"]), row["field"], row["text"]
        if code is None:
            faults.append(f"An edit names {_quoted(row['pick'])}, which is not one of the choices.")
            return None
        part = self.options[code].writable(clean_line(field)) if isinstance(field, str) else None
        if part is None:
            can = listed([one.title for one in self.options[code].parts_to_write]) or "nothing of it"
            faults.append(f"{code}: {_quoted(field)} cannot be edited; {can} can.")
            return None
        taken = within(text, _MOST_TEXT, f"{code}: the new {part.title}", faults)
        if taken is None:
            return None
        cleaned, unfit = words_of("body" if part.several_lines else "line", taken)
        if unfit:
            faults.append(f"{code}: the new {part.title}: {unfit}.")
            return None
        if not cleaned:
            faults.append(f"{code}: the new {part.title} is empty; write the complete text, or take the edit out.")
            return None
        return Edit(pick=code, field=part.name, text=cleaned)

    def _range(self) -> str:
        codes = list(self.choices)
        return f"the only one is {self.lone}" if self.lone else f"they are {codes[0]} to {codes[-1]}"

    def _code(self, given: object) -> str | None:
        """The code of a choice, given as code or as the whole label that this form shows."""
        if not isinstance(given, str):
            return None
        if given in self.choices:
            return given
        line = clean_line(given)
        return next((code for code, label in self.choices.items() if line == label), None)


def make_form(
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
    """The form over these choices by their codes. A refused situation is told in the description.

    `said` has a line for each yes that counts already, `more` blocks of Markdown (`desk.form_lines`); `unproved` says
    that whoever reads it has to prove anew who they are before they answer. `comments` are open beside the question.
    """
    fixed = not isinstance(heard, Refused) and heard.manifest is not None
    pictures: Mapping[str, Picture] = {} if isinstance(situation, Refused) else situation.pictures
    labels = {code: one.label(pictures) for code, one in options.items()}
    alike = Counter(looks_of(label) for label in labels.values())
    choices = {
        # What is cut at the same words is told apart by its fingerprint, which the proof shows as well.
        code: f"{code} · {label}"
        + (f" · {fingerprint(options[code].asset.digest)}" if alike[looks_of(label)] > 1 else "")
        for code, label in labels.items()
    }
    told = _FIXED if fixed else _how_many(situation, options)
    form = Form(
        review, lambda: _model(form, situation), "", options, choices, form_key(review, heard), fixed, told, comments
    )
    lines = _description(form, situation, heard, title, said, more, refusal, unproved=unproved)
    return replace(form, description=lines)


def only_of_their_kind(options: Mapping[str, Signable]) -> tuple[str, ...]:
    """The codes of the choices beside which there is no other of their kind."""
    kinds = Counter(one.asset.kind for one in options.values())
    return tuple(code for code, one in options.items() if kinds[one.asset.kind] == 1)


def form_key(review: Review, heard: Heard | Refused) -> str:
    """What a form carries so that a stale one is recognised: round, question and, once there are any, picks."""
    if isinstance(heard, Refused) or heard.manifest is None:
        return review.form_key
    return f"{review.form_key} · stage {heard.standing.number} · {fingerprint(heard.manifest.digest)}"


def _model(form: Form, situation: Situation | Refused) -> type[BaseModel]:
    choices = form.choices
    criteria: Mapping[ReasonCode, str] = {} if isinstance(situation, Refused) else situation.rule.criteria
    reasons = tuple(_reason_label(code, criteria) for code in _reason_codes())
    fields: dict[str, Any] = {
        "form": (str, shown_field(0, "This form is for", "Leave it: a stale form is recognised by it.")),
        "decision": (one_of(form.decisions), shown_field(1, "Decision", "There is no default.")),
    }
    # What would be refused is not offered, and where there is nothing to choose between nobody is asked to choose.
    if form.open_ones:
        offered = [choices[code] for code in form.open_ones]
        fields["picks"] = (list[one_of(offered)], shown_field(2, "Picks", form.picks_told, default=[]))
    titles = dict.fromkeys(part.title for one in form.options.values() for part in one.parts_to_write)
    if titles and not form.fixed and not isinstance(situation, Refused) and not no_edits(situation):
        edited: dict[str, Any] = {
            "field": (one_of(titles), shown_field(1, "Which part", "The part to write anew.")),
            "text": (str, shown_field(2, "New text", "The complete new text; it passes the checks again.")),
        }
        if len(choices) > 1:
            # An edit names its pick by the short code: a whole label is wider than Prefect's form.
            edited["pick"] = (one_of(choices), shown_field(0, "Which pick", "One of your picks."))
        edit: Any = create_model("Edit", **edited)
        told = "Complete texts, of what you pick." if len(choices) > 1 else "Complete texts."
        fields["edits"] = (list[edit], shown_field(3, "Edits", told, default=[]))
    fields["reason"] = (
        one_of([_NO_REASON, *reasons]),
        shown_field(4, "Reason", "Required to reject or to request changes.", default=_NO_REASON),
    )
    fields["note"] = (str, shown_field(5, "Note", form.note_told, default=""))
    return create_model("ReviewForm", **fields)


def one_of(options: Iterable[str]) -> Any:
    """The type of one of these texts, which Prefect's page shows as a list to pick from."""
    allowed = tuple(options)
    # Of a single one pydantic makes a `const`, and the page an empty box in which one has to type it.
    return Annotated[Literal[allowed], WithJsonSchema({"enum": list(allowed), "type": "string"})]


def shown_field(position: int, title: str, description: str, **more: Any) -> Any:
    """A field at its place in Prefect's form, counted from 0."""
    return Field(title=title, description=description, json_schema_extra={"position": position}, **more)


def _how_many(situation: Situation | Refused, options: Mapping[str, Signable]) -> str:
    if isinstance(situation, Refused):
        return "Nothing can be approved now; the reason is above."
    kinds = Counter(one.asset.kind for one in options.values())
    said: list[str] = []
    for kind in (kind for kind, offered in kinds.items() if offered > 1):
        one = next(one for one in options.values() if one.asset.kind == kind)
        least, most = picks_of(situation, kind, options)
        many = str(most) if least == most else f"{least} to {most}"
        said.append(many if len(kinds) == 1 else f"{many} {one.noun if most == 1 else plural(one.noun)}")
    return f"To approve, pick {listed(said)}."


def _reason_label(code: str, criteria: Mapping[ReasonCode, str]) -> str:
    said = criteria.get(cast(ReasonCode, code), "")
    return f"{code} · {shorten(said, 120)}" if said else code


def _reason_codes() -> tuple[str, ...]:
    return get_args(ReasonCode)


def _description(
    form: Form,
    situation: Situation | Refused,
    heard: Heard | Refused,
    title: str,
    said: Sequence[str],
    more: Sequence[str],
    refusal: str,
    *,
    unproved: bool,
) -> str:
    review, question = form.review, form.review.question
    markets = () if isinstance(situation, Refused) else situation.brief.markets
    what = markdown_text(asked_about(question, form.options, markets))
    lines = [f"**{markdown_text(shorten(title, 120))}**, gate {markdown_text(question.gate)}: {what}"]
    if isinstance(situation, Refused):
        lines.append(f"**Nothing can be approved now.** {markdown_text(situation.reason)}")
    elif isinstance(heard, Refused):
        lines.append(f"**Nothing can be approved now.** {markdown_text(heard.reason)}")
    else:
        risk, standing = situation.row, heard.standing
        until = min(review.expires_at, standing.deadline).astimezone(UTC).strftime("%d %b %Y, %H:%M UTC")
        lines[0] += f". Answer by {until}."
        why = markdown_text(shorten(risk.why, 160))
        lines.append(f"Risk **{risk.tier}**: {why} (row {risk.row}; {situation.rule.id}) {situation.adds_up}".rstrip())
        if len(situation.rule.stages) > 1 and standing.stage is not None:
            whole = f"Stage {standing.number} of {len(situation.rule.stages)}"
            lines.append(f"**{whole}, {standing.stage.stage}.** In all: {situation.rule.asks_for()}.")
        lines += [markdown_text(line) for line in said]
        if unproved:
            # The door has Prefect's page open such links beside it: what was typed into the form stays.
            lines.append(
                "You are asked to prove anew who you are: do it [here, before you answer]"
                f"(/step-up?next=/v2/runs/flow-run/{quote(question.run, safe='')}); it opens beside this form and "
                "holds for ten minutes."
            )
        for digest, picture in situation.pictures.items():
            # From this door and no other place; the alternative text cannot end the Markdown around it.
            lines.append(f"![{markdown_text(shorten(picture.alt, 120))}](/proof/{review.id}/picture/{digest})")
    lines += more
    kept_out = sum(question.blocked.values())
    if kept_out:
        rules = ", ".join(f"{markdown_text(rule)} ({count})" for rule, count in sorted(question.blocked.items()))
        lines.append(f"{counted(kept_out, 'draft was', 'drafts were')} kept out by the guardrails: {rules}.")
    if question.asks == "approval":
        lines += [_settled(form, code) for code in form.settled]
    if question.remark:
        lines.append(f"The copywriter: {markdown_text(shorten(question.remark, 300))}")
    if refusal:
        lines.append(f"**Your last answer was not accepted:** {markdown_text(refusal)}")
    seen = "see every draft as it will look" if question.channel is not None else "see all of it"
    lines.append(f"{form.key} · [{seen}, and answer there](/proof/{review.id})")
    return "\n\n".join(lines)


def asked_about(question: Question, options: Mapping[str, Signable], markets: Sequence[Market]) -> str:
    """What a question asks about, in words: `e-mail to 4,724 people in US`, `a budget`, `a plan and a segment`."""
    said: list[str] = []
    if question.channel is not None:
        to = audience_words(question.channel, question.audience_rows, markets)
        said = [f"{MESSAGES[question.channel]} to {to}"]
    nouns = dict.fromkeys(one.noun for one in options.values() if not one.goes_out)
    return listed([*said, *(an(noun) for noun in nouns)])


def _settled(form: Form, code: str) -> str:
    """What a yes takes in without a pick: all that it says, as it is signed."""
    one = form.options[code]
    if one.goes_out:
        return f"There is one text, so there is nothing to pick: {markdown_text(form.choices[code])}"
    lines = [
        f"- {markdown_text(part.title)}{f' ({markdown_text(part.terms)})' if part.terms else ''}: "
        f"**{markdown_text(_in_the_form(part.text))}**"
        for part in one.parts
        if not part.rows
    ]
    left = [
        part.title
        for part in one.parts
        if part.rows or len(clean_line(part.text)) > _LONG_PART or _DIGEST.fullmatch(part.text)
    ]
    more = [f"- {markdown_text(listed(left))}: whole on the proof"] if left else []
    return "\n".join([f"**{code}, {markdown_text(one.noun)}.**", "", *lines, *more])


def _in_the_form(text: str) -> str:
    # Sixty-four digits in a row run out of Prefect's box.
    return f"{text[:12]}…" if _DIGEST.fullmatch(text) else shorten(text, _LONG_PART)


def read_decision(given: object, options: Mapping[str, str], faults: list[str]) -> str:
    """The decision's code, given as the form shows it or as the code; `options` has the codes by what is shown."""
    words = clean_line(given) if isinstance(given, str) else ""
    if words in options:
        return options[words]
    if words in options.values():
        return words
    *first, last = [shown.lower() for shown in options]
    faults.append(f"Choose a decision: {', '.join(first)} or {last}.")
    return ""


def read_reason(given: object, faults: list[str]) -> str | None:
    """The reason's code; None where none is given."""
    if given is None or given in ("", _NO_REASON):
        return None
    code = clean_line(given).split(" · ")[0] if isinstance(given, str) else ""
    if code in _reason_codes():
        return code
    faults.append(f"{_quoted(given)} is no reason; choose one of {', '.join(_reason_codes())}.")
    return None


def read_note(given: object, faults: list[str]) -> str:
    """The note, cleaned."""
    if given is None:
        return ""
    taken = within(given, _MOST_NOTE, "The note", faults)
    return "" if taken is None else clean_text(taken).strip()


def within(given: object, most: int, what: str, faults: list[str]) -> str | None:
    """The text where it is one and no longer than `most` characters; else None, and `faults` says what it is."""
    if not isinstance(given, str):
        faults.append(f"{what} is no text.")
    elif len(given) > most:
        faults.append(f"{what} is {len(given):,} characters long; at most {most:,} are taken.")
    else:
        return given
    return None


def _quoted(given: object) -> str:
    return f"“{shorten(given, 40)}”" if isinstance(given, str) else f"a {type(given).__name__}"
