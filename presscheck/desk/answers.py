"""What an application comes to: the texts as edited, checked again, or everything that is wrong with it.

Pure: a situation and a submission in, an answer or a refusal out. What a worker found in the
drafts before proves nothing here; every pick passes the guardrails again, edited or not.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from presscheck.assets.reading import read_signable
from presscheck.assets.signable import Signable
from presscheck.desk.makers import GRAVITY, gravest
from presscheck.desk.situation import Situation
from presscheck.documents.sentences import counted
from presscheck.models import Asset, AssetKind, DecisionKind, Finding, Manifest, Question, Refused, Submission

_KINDS = {
    "approve": DecisionKind.APPROVED,
    "reject": DecisionKind.REJECTED,
    "request_changes": DecisionKind.CHANGES,
}


@dataclass(frozen=True)
class Answer:
    """An application that may become a decision."""

    kind: DecisionKind
    manifest: Manifest | None = None
    edited: tuple[Asset, ...] = ()
    """New assets, to be kept with the decision."""
    written: Asset | None = None
    """The text that was handed in, where the question asked for one."""
    drew_on: tuple[str, ...] = ()
    """Digests of the raw material that the writer names."""


def judge(
    situation: Situation,
    choices: Mapping[str, Signable],
    submission: Submission,
    *,
    person: str,
    as_of: date,
    comments: int = 0,
) -> Answer | Refused:
    """Judge a submission over `choices`, its picks by code; all faults at once. `comments` go along with a request for
    changes."""
    if submission.decision != "approve":
        return _unapproved(situation, submission, comments)
    if refused := _counts(situation, choices, submission) or out_of_date(situation, as_of):
        return refused
    signed: list[Signable] = []
    edited: list[Asset] = []
    faults: list[str] = []
    for code in submission.picks:
        pick = choices[code]
        edits = {edit.field: edit.text for edit in submission.edits if edit.pick == code}
        asset = pick.edited(code, edits, person, faults) if edits else pick.asset
        if asset is None:
            continue
        if edits:
            edited.append(asset)
        signed.append(read_signable(asset) if edits else pick)
    if faults:
        return Refused(code="bad-edit", reason=" ".join(faults))
    for code, one in zip(submission.picks, signed, strict=True):
        faults += [f"{code}: {said}" for said in blocking(one, situation, as_of)]
    if faults:
        return Refused(code="guardrail", reason=" ".join(faults))
    if len({one.asset.digest for one in signed}) != len(signed):
        return Refused(code="bad-edit", reason="Two picks would be the same text; take one out or edit it further.")
    return _spends_more(situation, signed) or Answer(
        DecisionKind.APPROVED, manifest_of(situation.question, signed), tuple(edited)
    )


def manifest_of(question: Question, signed: Sequence[Signable]) -> Manifest:
    """What a yes to these comes to: what goes out, and what is agreed."""
    goes_out = tuple(one.asset.digest for one in signed if one.goes_out)
    return question.manifest(goes_out, tuple(one.asset.digest for one in signed if not one.goes_out))


def sign(
    situation: Situation,
    manifest: Manifest,
    signed: Sequence[Signable],
    submission: Submission,
    *,
    as_of: date,
    comments: int = 0,
) -> Answer | Refused:
    """Judge a yes to what others have approved already: exactly that, or nothing."""
    if submission.decision != "approve":
        return _unapproved(situation, submission, comments)
    if stale := out_of_date(situation, as_of):
        return stale
    if submission.edits:
        return Refused(
            code="bad-edit",
            reason="Others have signed exactly these words, so they cannot be edited now. Request changes and say in "
            "the note what to write; everybody is asked again.",
        )
    faults = [said for one in signed for said in blocking(one, situation, as_of)]
    if faults:
        return Refused(code="guardrail", reason=" ".join(faults))
    return Answer(DecisionKind.APPROVED, manifest)


def graver_than_said(situation: Situation, signed: Sequence[Signable], as_of: date) -> Refused | None:
    """Whether the guardrails find more in these than the question says: then its tier may be too low."""
    found = gravest(finding.level for one in signed for finding in findings_in(one, situation, as_of))
    said = situation.question.worst_finding
    if GRAVITY.index(found) <= GRAVITY.index(said):
        return None
    return Refused(
        code="broken-question",
        reason=f"The question says that the gravest finding is {said}, and one of these texts has one of level "
        f"{found}: its risk was worked out from something else. Start the run again.",
    )


def blocking(one: Signable, situation: Situation, as_of: date) -> list[str]:
    """What the guardrails of today refuse in an asset and its picture: message and suggestion of each that blocks."""
    if fault := one.fault(situation.pictures):
        return [fault.reason]
    return [_told(one, finding) for finding in findings_in(one, situation, as_of) if finding.level == "block"]


def findings_in(one: Signable, situation: Situation, as_of: date) -> tuple[Finding, ...]:
    """What the guardrails of today find in an asset and its picture, each looked at once in a judgement."""
    key = (one.asset.digest, as_of)
    if key not in situation.checked:
        situation.checked[key] = one.findings(situation.look(as_of))
    return situation.checked[key]


def out_of_date(situation: Situation, as_of: date) -> Refused | None:
    """Whether the brief's deadline or one of its claims has passed on this day."""
    brief = situation.brief
    if brief.deadline < as_of:
        return Refused(
            code="deadline",
            reason=f"The brief's deadline was {brief.deadline.isoformat()}; it is of no use to send now. "
            "Set a new deadline in the brief and start again.",
        )
    for claim in brief.claims:
        if claim.expires is not None and claim.expires < as_of:
            return Refused(
                code="claim-expired",
                reason=f"The claim “{claim.text}” was good until {claim.expires.isoformat()}. "
                "Renew its evidence or take it out of the brief, and start again.",
            )
    return None


def note_told(comments: int) -> str:
    """What the note is for, beside its field: with `comments` open ones that go along it may stay empty."""
    if not comments:
        return "What to change; the next drafts are written with it. Required to request changes."
    return f"What to change, together with {counted(comments, 'open comment')}; so it may stay empty."


def _unapproved(situation: Situation, submission: Submission, comments: int) -> Answer | Refused:
    what = "A rejection" if submission.decision == "reject" else "A request for changes"
    faults: list[str] = []
    if submission.reason is None:
        faults.append(f"{what} needs a reason.")
    # Open comments go along, so they say it as well as a note does.
    if submission.decision == "request_changes" and not submission.note and not comments:
        faults.append("Say what to change, in the note or in a comment; the next drafts are written with it.")
    if submission.edits:
        faults.append(f"{what} cannot carry edits; they would be lost. Put them into the note, or approve with them.")
    if faults:
        return Refused(code="incomplete", reason=" ".join(faults))
    rounds = situation.rule.max_rounds
    if submission.decision == "request_changes" and situation.question.round >= rounds:
        return Refused(
            code="last-round",
            reason=f"This is round {situation.question.round} of {rounds}, the last. "
            "Approve, with edits of your own where the policy allows them, or reject and change the brief.",
        )
    return Answer(_KINDS[submission.decision])


def picks_of(situation: Situation, kind: AssetKind, choices: Mapping[str, Signable]) -> tuple[int, int]:
    """How many choices of a kind a yes takes, at least and at most."""
    picks, offered = situation.rule.picks, [one for one in choices.values() if one.asset.kind == kind]
    # Each budget is money of its own: of several, one is what people were asked for.
    most = 1 if any(one.spends is not None for one in offered) else picks.at_most
    # Beside other kinds, the only one of its kind is all that there is to pick of it.
    alone = len(situation.question.kinds) == 1
    return min(picks.at_least, most, picks.at_least if alone else len(offered)), most


def _counts(situation: Situation, choices: Mapping[str, Signable], submission: Submission) -> Refused | None:
    faults: list[str] = []
    kinds = Counter(choices[code].asset.kind for code in submission.picks)
    for kind in situation.question.kinds:
        least, most = picks_of(situation, kind, choices)
        if not least <= kinds[kind] <= most:
            wanted = counted(most, "pick")
            wanted = wanted if least >= most else f"{least} to {wanted}"
            of = "" if len(situation.question.kinds) == 1 else f" of {kind}"
            faults.append(f"An approval has {wanted}{of}; this has {kinds[kind]}.")
    if stray := sorted({edit.pick for edit in submission.edits} - set(submission.picks)):
        faults.append(f"{', '.join(stray)} is edited and not picked; pick it, or take the edit out.")
    if submission.edits and (why := no_edits(situation)):
        faults.append(f"{why}; request changes and say in the note what to write.")
    return Refused(code="bad-picks", reason=" ".join(faults)) if faults else None


def _spends_more(situation: Situation, signed: Sequence[Signable]) -> Refused | None:
    """Whether these, as edited, spend more or are for more people than what was asked for: who is asked goes by it."""
    spends = sum(one.spends or 0 for one in signed)
    about = max((one.reach for one in signed), default=0)
    if about > situation.about:
        return Refused(
            code="bad-edit",
            reason=f"As edited it is for {about:,} people, and {situation.about:,} were asked for: more may take other "
            "people. Lower it, or request changes and say how many.",
        )
    if spends <= situation.spends:
        return None
    return Refused(
        code="bad-edit",
        reason=f"As edited it spends {spends:,} dollars, and {situation.spends:,} were asked for: more may take other "
        "people. Lower it, or request changes and say how much.",
    )


def no_edits(situation: Situation) -> str:
    """Why an approval cannot carry edits, without a full stop; empty where it can."""
    if situation.brief.collaboration == "advisor":
        return "Under advisor one person writes and another approves, so an approval cannot carry edits"
    if situation.rule.own_edits == "refused":
        return f"Under {situation.rule.id} nobody may approve own edits"
    return ""


def _told(one: Signable, finding: Finding) -> str:
    part = one.part(finding.field)
    where = f"{finding.field if part is None else part.title}: " if finding.field else ""
    words = f" (“{finding.text}”)" if finding.text else ""
    return " ".join(part for part in (f"{where}{finding.message}{words}", finding.suggestion) if part)
