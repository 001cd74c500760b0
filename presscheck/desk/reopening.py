"""Policies that change while people are asked: the question is asked again, or its model of then goes on to decide.

Which of the two is said by `on_change` of the approval model that the question was opened under. A model of
then counts only in the version that the door had taken down last before the question was opened
(`policies:adopted`): nobody can open a question under a version that never was, or that is in force no more.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from pydantic import ValidationError

from presscheck.ledger import EventKind, Reader, Writer
from presscheck.models import Question

if TYPE_CHECKING:
    from policies import ApprovalPolicy, Facts, PolicySet

_GONE = ""
"""The version of a model that is in force no more."""


def adopt(tx: Writer, policies: "PolicySet") -> int:
    """Take down every approval model that is new in force, and every one that is no more; how many are new."""
    known = _in_force(tx)
    fresh = [policy for policy in policies.approvals if known.get(policy.id, (_GONE, None))[0] != policy.version]
    for policy in fresh:
        content = policy.model_dump(mode="json", exclude_defaults=True)
        tx.append(EventKind.POLICIES_ADOPTED, policy.id, {"version": policy.version, "model": content})
    there = {policy.id for policy in policies.approvals}
    for id_ in sorted(id_ for id_, (version, _) in known.items() if version != _GONE and id_ not in there):
        tx.append(EventKind.POLICIES_ADOPTED, id_, {"version": _GONE, "model": None})
    return len(fresh)


def kept_model(
    tx: Reader, question: Question, policies: "PolicySet", facts: "Facts", tier: str
) -> "ApprovalPolicy | None":
    """The model of then, where it says `on_change: keep` and still fits; None where the question is asked again.

    What was in force when the question was opened, the door has taken down. Which versions a question names is a
    worker's word, and could be of a model that has long been replaced.
    """
    opened = tx.events(EventKind.REVIEW_OPENED, subject=question.review_id)
    if not opened:
        return None
    found = [
        model
        for version, content in _in_force(tx, before=opened[0].seq).values()
        if version != _GONE
        and (model := _model(version, content)) is not None
        and model.scope.reaches(facts.gate, facts.channel, facts.markets, tier, facts.kinds)
    ]
    if len(found) != 1 or found[0].on_change != "keep" or found[0].asks != question.asks:
        return None
    if question.policies.get(found[0].id) != found[0].version:
        return None
    calendars: Mapping[str, object] = {calendar.id: calendar for calendar in policies.calendars}
    return found[0] if found[0].calendar is None or found[0].calendar in calendars else None


def _in_force(tx: Reader, *, before: int | None = None) -> dict[str, tuple[str, object]]:
    """By id, the version and the content that the door took down last, before event `before`."""
    found: dict[str, tuple[str, object]] = {}
    for event in tx.events(EventKind.POLICIES_ADOPTED):
        if before is None or event.seq < before:
            found[event.subject] = (str(event.data.get("version", "")), event.data.get("model"))
    return found


def _model(version: str, content: object) -> "ApprovalPolicy | None":
    from policies import ApprovalPolicy

    try:
        model = ApprovalPolicy.model_validate(_without_written_out(content))
    except ValidationError:
        return None
    return model if model.version == version else None


def _without_written_out(content: object) -> object:
    """The short form keeps its one stage written out beside it; as a file it may have one of the two."""
    if not isinstance(content, dict):
        return content
    raw = cast(dict[str, object], content)
    return raw if raw.get("role") is None else {name: value for name, value in raw.items() if name != "stages"}
