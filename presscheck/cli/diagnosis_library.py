"""What `presscheck doctor` looks at about use: whether the settings' model and the prompts are approved, until when."""

from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from presscheck.cli.look import Look
from presscheck.errors import PolicyError, PresscheckError
from presscheck.settings import Settings

if TYPE_CHECKING:
    from policies import PolicySet
    from presscheck.ledger import Reader

_GIVEN = ("public", "internal")
"""What every draft is made from."""


def library_looks(settings: Settings) -> Iterator[Look]:
    """A look for each model that the settings name, by the files alone where there is no ledger; and for prompts."""
    from policies import load_policies
    from presscheck.desk.situation import current_policies
    from presscheck.models import Refused
    from presscheck.wiring import open_desk, open_ledger

    try:
        ledger = open_ledger(settings, None)
    except PresscheckError:
        with suppress(PolicyError):
            # Policies that do not load are told on their own, and so is a ledger that is not there.
            yield from _models(settings, load_policies(overlay=settings.policies.folder), datetime.now(UTC).date())
        return
    with closing(ledger), ledger.read() as tx:
        policies = current_policies(open_desk(settings, ledger).policies)
        if not isinstance(policies, Refused):
            yield from _models(settings, policies, tx.now.date())
            yield from _prompts(settings, policies, tx)


def _models(settings: Settings, policies: "PolicySet", on: date) -> Iterator[Look]:
    from policies.engine.using import last_day_of, refused_model
    from presscheck.library.inventory import state_of

    for what, name, at in _asked(settings):
        refused = refused_model(policies.usage, name, purpose="draft", at=at, given=_GIVEN, on=on)
        until = last_day_of(policies.usage, name, at=at)
        if refused is not None:
            yield Look(f"use of the {what}", "missing", f"{name} is not approved: every draft is held", refused.reason)
        elif until is not None and state_of(until, on) == "soon":
            mend = "Whoever answers for it looks at it anew and writes another `until`."
            yield Look(f"use of the {what}", "note", f"{name} is approved until {until}, and that is soon", mend)
        else:
            yield Look(f"use of the {what}", "ok", f"{name} is approved until {until}")


def _asked(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """What the settings have asked: what it is, provider/name, and where."""
    from presscheck.models import THIS_MACHINE
    from presscheck.providers.model_client import faults_of, place_of
    from presscheck.providers.offline import MODEL

    if settings.copywriter != "model":
        yield "copywriter", f"{settings.copywriter}/{MODEL}", THIS_MACHINE
        return
    if faults_of(settings.model):
        # Told on its own.
        return
    for what, one in (("model", settings.model), ("fallback model", settings.model.fallback)):
        if one is not None and one.provider is not None:
            yield what, f"{one.provider}/{one.name or one.provider}", place_of(one)


def _prompts(settings: Settings, policies: "PolicySet", tx: "Reader") -> Iterator[Look]:
    from presscheck.library.inventory import SOON, library_of, state_of
    from presscheck.models import Refused
    from presscheck.wiring import open_desk

    found = library_of(tx, open_desk(settings, tx.ledger).policies)
    if isinstance(found, Refused):
        return
    for one in found.prompts:
        if one.refused:
            yield Look("use of prompts", "missing", f"{one.id} version {one.version} is not approved", one.refused)
    approved = [one for one in found.prompts if not one.refused]
    if not approved:
        return
    first = min(approved, key=lambda one: one.until)
    soon = state_of(date.fromisoformat(first.until), tx.now.date()) == "soon"
    told = f"{len(approved)} of {len(found.prompts)} are approved; the first to end is {first.id}, on {first.until}"
    mend = f"That is within {SOON} days: whoever answers for it looks at it anew." if soon else ""
    yield Look("use of prompts", "note" if soon else "ok", told, mend)
