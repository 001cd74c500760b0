"""Ask about anything but copy, and take what was approved: segments, budgets, plans, and kinds of a project's own.

    budget = Budget(purpose="Search ads in May", dollars=12_000, terms="By week, evenly.")
    outcome = await_decision(offer(campaign, budget), gate="budget")
    book(campaign, approved(outcome, Budget))          # def book(campaign: Campaign, budget: Approved[Budget]) -> ...

`approved` gives what people signed, as they edited it, and holds unless it is content of this very class. A step that
spends or publishes takes an `Approved`, and asks the desk again, just before it runs, whether that yes stands.
"""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar, cast

from presscheck.assets.copy.copy import CopyText
from presscheck.assets.described import Described
from presscheck.assets.kind import Kind, Line, Rows, Text, part
from presscheck.assets.reading import read_signable
from presscheck.assets.shipped import Budget, Plan, PromptText, Recommendations, Rule, Segment, Template
from presscheck.documents.sentences import counted, plural
from presscheck.errors import LedgerError
from presscheck.ledger import Reader
from presscheck.ledger.assets import get_asset
from presscheck.models import Asset, Copy, Digest, Frozen, Outcome, OutcomeStatus
from tasks import house
from tasks.effects import stood_in_for_by
from tasks.holding import Hold, this_run

__all__ = [
    "Approved",
    "Budget",
    "Kind",
    "Line",
    "Plan",
    "PromptText",
    "Recommendations",
    "Rows",
    "Rule",
    "Segment",
    "Template",
    "Text",
    "approved",
    "part",
]

K = TypeVar("K", bound=Kind | Copy)


class Approved(Frozen, Generic[K]):
    """What people approved, and by which review. Its digest is that of what they signed."""

    value: K
    review: str
    asset: Digest


@stood_in_for_by("approved")
def approved(outcome: Outcome, kind: type[K]) -> Approved[K]:
    """What was approved of this kind. Hold where nothing was, or where it is no content of this class."""
    manifest = outcome.decision.manifest if outcome.decision and outcome.status is OutcomeStatus.APPROVED else None
    if manifest is None:
        raise Hold(f"{outcome.review} ended as {outcome.status.value}, so nothing of it was approved")
    if manifest.run != this_run():
        raise Hold(f"{outcome.review} was answered in another run; what was approved there is for that run")
    with house.ledger().read() as tx:
        assets = [get_asset(tx, digest) for digest in manifest.signed]
    found = [asset for asset in assets if asset.kind == name_of(kind)]
    name = name_of(kind)
    if not found:
        raise Hold(f"{outcome.review} was not asked about a {name}; give approved() the answer of the gate that was")
    if len(found) > 1:
        raise Hold(
            f"{outcome.review} approved {counted(len(found), name, plural(name))}, and approved() gives one; let the "
            "approval model pick one (picks: {at_least: 1, at_most: 1})"
        )
    try:
        value = content_of(found[0], kind)
    except ValueError as error:
        raise Hold(
            f"{outcome.review} approved a {name} that {kind.__name__} cannot hold: {error}. Nothing was done "
            "with it; ask again in a new run"
        ) from error
    return Approved[kind](value=value, review=outcome.review, asset=found[0].digest)


def name_of(kind: type[Kind | Copy]) -> str:
    """The name of a kind by its class."""
    return "copy" if issubclass(kind, Copy) else kind.kind


def content_of(asset: Asset, kind: type[K]) -> K:
    """An asset's content as an instance of its class. ValueError says why it is none."""
    if asset.kind != name_of(kind):
        raise ValueError(f"it is a {asset.kind}")
    try:
        read = read_signable(asset)
    except LedgerError as error:
        raise ValueError(str(error)) from error
    if isinstance(read, CopyText) and issubclass(kind, Copy):
        return cast(K, read.copy)
    if isinstance(read, Described) and issubclass(kind, Kind):
        return kind.of(read.description)
    raise ValueError(f"it is {read.noun}")


def approved_among(values: Sequence[Any]) -> list["Approved[Any]"]:
    """Every approved thing among the arguments of a step, also within lists, tuples, dicts and models."""
    found: list[Approved[Any]] = []
    for value in values:
        if isinstance(value, Approved):
            found.append(value)  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(value, dict):
            found += approved_among(list(cast(dict[str, Any], value).values()))
        elif isinstance(value, list | tuple):
            found += approved_among(cast(Sequence[Any], value))
        elif isinstance(value, Frozen):
            found += approved_among([inner for _, inner in value])
    return found


def differs(tx: Reader, one: "Approved[Any]") -> str:
    """Why what a flow says was approved is not what was signed; empty where it is."""
    try:
        signed = content_of(get_asset(tx, one.asset), type(one.value))
    except (LedgerError, ValueError) as error:
        return str(error)
    return "" if signed == one.value else "its content is not what was signed"
