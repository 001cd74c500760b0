"""What a step may return, and what of it the flow gets.

Made[Subjects], Subjects     the model itself
list[Copy], Copy             Drafts: the texts as assets
pl.DataFrame, pa.Table, ...  Table: the rows by the digest of their file
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast, get_args, get_origin

from pydantic import BaseModel

from presscheck.models import Copy
from tasks.holding import Hold
from tasks.kept import Made
from tasks.tables import Table, keep_rows, makes_rows
from tasks.texts import Drafts, keep_texts
from tasks.written import unkept

if TYPE_CHECKING:
    from tasks.opening import Campaign

WRITE = "write -> Result, with class Result(Kept), or -> list[Copy] for texts, or -> pl.DataFrame for rows"


@dataclass(frozen=True)
class Form:
    """What a flow gets of a step, and how it is made of what the step returned."""

    type: type[BaseModel]
    made: "Callable[[str, Campaign, Any], Made[Any]]"
    """Hold where the step returned something else than it says."""


def form_of(hint: Any) -> Form | str:
    """The form of a step's result by its annotation; or what is wrong with it, and what to write."""
    if makes_rows(hint):
        return Form(Table, lambda step, _, value: Made(keep_rows(step, value)))
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Copy or (origin in (list, tuple) and inner and set(inner) - {Ellipsis} == {Copy}):
        return Form(Drafts, _texts)
    wanted = inner[0] if origin is Made and inner else hint
    if not isinstance(wanted, type):
        return f"returns {hint}; {WRITE}"
    if not issubclass(wanted, BaseModel):
        wrong = unkept(wanted)
        return f"returns {getattr(hint, '__name__', hint)}; {WRITE}" + (f": {wrong}" if wrong else "")
    if not wanted.model_config.get("frozen"):
        return f"returns {wanted.__name__}, which can be changed after it was kept; write class {wanted.__name__}(Kept)"
    return Form(wanted, _as_said(wanted, "Made" if origin is Made else ""))


def _as_said(wanted: type[BaseModel], made: str) -> "Callable[[str, Campaign, Any], Made[Any]]":
    def check(step: str, campaign: "Campaign", value: Any) -> Made[Any]:
        result = cast("Made[Any]", value).result if isinstance(value, Made) else value
        if not isinstance(result, wanted) or (made and not isinstance(value, Made)):
            given = f"Made({type(result).__name__})" if isinstance(value, Made) else type(value).__name__
            write = f"Made({wanted.__name__}(...))" if made else f"{wanted.__name__}(...)"
            raise Hold(f"step {step} returned {given}; write return {write}")
        return cast("Made[Any]", value) if isinstance(value, Made) else Made(result)

    return check


def _texts(step: str, campaign: "Campaign", value: Any) -> Made[Any]:
    texts = [value] if isinstance(value, Copy) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(one, Copy) for one in cast("list[Any]", texts)):
        raise Hold(f"step {step} returned {type(value).__name__}; write return [Copy(...), ...]")
    return keep_texts(step, campaign, cast("list[Copy]", texts))
