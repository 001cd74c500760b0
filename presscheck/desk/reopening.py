"""Policies that change while people are asked: the question is asked again, or its model of then goes on to decide.

Which of the two is said by `on_change` of the approval model that the question was opened under. A model of
then counts only in a version that the door took down when it was in force (`policies:adopted`): nobody can
open a question under a version that never was.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from pydantic import ValidationError

from presscheck.ledger import EventKind, Reader, Writer
from presscheck.models import Question

if TYPE_CHECKING:
    from policies import ApprovalPolicy, Facts, PolicySet

__all__ = ["adopt", "kept_model"]


def adopt(tx: Writer, policies: "PolicySet") -> int:
    """Take down every approval model in force that has not been taken down in this version; how many there were."""
    known = {(event.subject, event.data["version"]) for event in tx.events(EventKind.POLICIES_ADOPTED)}
    fresh = [policy for policy in policies.approvals if (policy.id, policy.version) not in known]
    for policy in fresh:
        content = policy.model_dump(mode="json", exclude_defaults=True)
        tx.append(EventKind.POLICIES_ADOPTED, policy.id, {"version": policy.version, "model": content})
    return len(fresh)


def kept_model(
    tx: Reader, question: Question, policies: "PolicySet", facts: "Facts", tier: str
) -> "ApprovalPolicy | None":
    """The model of then, where it says `on_change: keep` and still fits; None where the question is asked again."""
    found = [
        model
        for id_, version in question.policies.items()
        if (model := _adopted(tx, id_, version)) is not None
        and model.scope.reaches(facts.gate, facts.channel, facts.markets, tier, facts.kinds)
    ]
    if len(found) != 1 or found[0].on_change != "keep" or found[0].asks != question.asks:
        return None
    calendars: Mapping[str, object] = {calendar.id: calendar for calendar in policies.calendars}
    return found[0] if found[0].calendar is None or found[0].calendar in calendars else None


def _adopted(tx: Reader, id_: str, version: str) -> "ApprovalPolicy | None":
    from policies import ApprovalPolicy

    for event in tx.events(EventKind.POLICIES_ADOPTED, subject=id_):
        if event.data.get("version") != version:
            continue
        try:
            model = ApprovalPolicy.model_validate(_without_written_out(event.data.get("model")))
        except ValidationError:
            return None
        return model if model.version == version else None
    return None


def _without_written_out(content: object) -> object:
    """The short form keeps its one stage written out beside it; as a file it may have one of the two."""
    if not isinstance(content, dict):
        return content
    raw = cast(dict[str, object], content)
    return raw if raw.get("role") is None else {name: value for name, value in raw.items() if name != "stages"}
