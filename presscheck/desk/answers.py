"""What an application comes to: the texts as edited, checked again, or everything that is wrong with it.

Pure: a situation and a submission in, an answer or a refusal out. What a worker found in the
drafts before proves nothing here; every pick passes the guardrails again, edited or not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from presscheck.assets.pictures.believing import picture_of
from presscheck.cleaning import clean_text
from presscheck.desk.makers import GRAVITY, gravest
from presscheck.desk.situation import Situation
from presscheck.documents.sentences import counted, in_one_sentence
from presscheck.models import Asset, Author, Copy, DecisionKind, Edit, Finding, Manifest, Refused, Submission

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
    situation: Situation, choices: Mapping[str, Asset], submission: Submission, *, person: str, as_of: date
) -> Answer | Refused:
    """Judge a submission over `choices`, the assets of its picks by code; all faults at once."""
    if submission.decision != "approve":
        return _unapproved(situation, submission)
    if refused := _counts(situation, submission) or out_of_date(situation, as_of):
        return refused
    assets: list[Asset] = []
    edited: list[Asset] = []
    faults: list[str] = []
    for code in submission.picks:
        edits = [edit for edit in submission.edits if edit.pick == code]
        asset = _edited(code, choices[code], edits, person, faults) if edits else choices[code]
        if asset is None:
            continue
        if edits:
            edited.append(asset)
        assets.append(asset)
    if faults:
        return Refused(code="bad-edit", reason=" ".join(faults))
    for code, asset in zip(submission.picks, assets, strict=True):
        faults += [f"{code}: {said}" for said in blocking(asset.copy_text, situation, as_of)]
    if faults:
        return Refused(code="guardrail", reason=" ".join(faults))
    digests = tuple(asset.digest for asset in assets)
    if len(set(digests)) != len(digests):
        return Refused(code="bad-edit", reason="Two picks would be the same text; take one out or edit it further.")
    return Answer(DecisionKind.APPROVED, situation.question.manifest(digests), tuple(edited))


def sign(
    situation: Situation, manifest: Manifest, copies: Sequence[Copy], submission: Submission, *, as_of: date
) -> Answer | Refused:
    """Judge a yes to what others have approved already: exactly that, or nothing."""
    if submission.decision != "approve":
        return _unapproved(situation, submission)
    if stale := out_of_date(situation, as_of):
        return stale
    if submission.edits:
        return Refused(
            code="bad-edit",
            reason="Others have signed exactly these words, so they cannot be edited now. Request changes and say in "
            "the note what to write; everybody is asked again.",
        )
    faults = [said for copy in copies for said in blocking(copy, situation, as_of)]
    if faults:
        return Refused(code="guardrail", reason=" ".join(faults))
    return Answer(DecisionKind.APPROVED, manifest)


def graver_than_said(situation: Situation, copies: Sequence[Copy], as_of: date) -> Refused | None:
    """Whether the guardrails find more in these texts than the question says: then its tier may be too low."""
    found = gravest(finding.level for copy in copies for finding in findings_in(copy, situation, as_of))
    said = situation.question.worst_finding
    if GRAVITY.index(found) <= GRAVITY.index(said):
        return None
    return Refused(
        code="broken-question",
        reason=f"The question says that the gravest finding is {said}, and one of these texts has one of level "
        f"{found}: its risk was worked out from something else. Start the run again.",
    )


def blocking(copy: Copy, situation: Situation, as_of: date) -> list[str]:
    """What the guardrails of today refuse in a copy and its picture: message and suggestion of each that blocks."""
    picture = picture_of(copy, situation.pictures)
    if isinstance(picture, Refused):
        return [picture.reason]
    return [_told(finding) for finding in findings_in(copy, situation, as_of) if finding.level == "block"]


def findings_in(copy: Copy, situation: Situation, as_of: date) -> tuple[Finding, ...]:
    """What the guardrails of today find in a copy and its picture, each text looked at once in a judgement."""
    from policies import check_copy

    picture = picture_of(copy, situation.pictures)
    key = (copy, as_of)
    if key not in situation.checked:
        situation.checked[key] = check_copy(
            copy,
            brief=situation.brief,
            product=situation.product,
            policies=situation.policies,
            as_of=as_of,
            picture=None if isinstance(picture, Refused) else picture,
        )
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


def _unapproved(situation: Situation, submission: Submission) -> Answer | Refused:
    what = "A rejection" if submission.decision == "reject" else "A request for changes"
    faults: list[str] = []
    if submission.reason is None:
        faults.append(f"{what} needs a reason.")
    if submission.decision == "request_changes" and not submission.note:
        faults.append("Say in the note what to change; the next drafts are written with it.")
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


def _counts(situation: Situation, submission: Submission) -> Refused | None:
    picks = situation.rule.picks
    faults: list[str] = []
    if not picks.at_least <= len(submission.picks) <= picks.at_most:
        most = counted(picks.at_most, "pick")
        wanted = most if picks.at_least == picks.at_most else f"{picks.at_least} to {most}"
        faults.append(f"An approval has {wanted}; this has {len(submission.picks)}.")
    if stray := sorted({edit.pick for edit in submission.edits} - set(submission.picks)):
        faults.append(f"{', '.join(stray)} is edited and not picked; pick it, or take the edit out.")
    if submission.edits and (why := no_edits(situation)):
        faults.append(f"{why}; request changes and say in the note what to write.")
    return Refused(code="bad-picks", reason=" ".join(faults)) if faults else None


def no_edits(situation: Situation) -> str:
    """Why an approval cannot carry edits, without a full stop; empty where it can."""
    if situation.brief.collaboration == "advisor":
        return "Under advisor one person writes and another approves, so an approval cannot carry edits"
    if situation.rule.own_edits == "refused":
        return f"Under {situation.rule.id} nobody may approve own edits"
    return ""


def _edited(code: str, pick: Asset, edits: Sequence[Edit], person: str, faults: list[str]) -> Asset | None:
    before = pick.copy_text
    changed: dict[str, Any] = {}
    for edit in edits:
        old = getattr(before, edit.field)
        if edit.field != "body" and not old:
            faults.append(f"{code} has no {edit.field}; this text cannot be given one.")
        elif clean_text(old).strip() == edit.text:
            faults.append(f"{code}'s {edit.field} is not changed by the edit; take the edit out.")
        changed[edit.field] = edit.text
    try:
        after = Copy.model_validate({**before.model_dump(), **changed})
    except ValidationError as error:
        faults.append(f"{code}: the edited text cannot be used: {in_one_sentence(Copy, error)}.")
        return None
    return Asset(kind="copy", content=after.model_dump(mode="json"), parent=pick.digest, author=Author.by(person))


def _told(finding: Finding) -> str:
    where = f"{finding.field}: " if finding.field else ""
    words = f" (“{finding.text}”)" if finding.text else ""
    return " ".join(part for part in (f"{where}{finding.message}{words}", finding.suggestion) if part)
