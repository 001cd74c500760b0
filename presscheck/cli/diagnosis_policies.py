"""What `presscheck doctor` looks at about policies: whether they are signed, what waits, which rules are weaker."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from presscheck.cli.look import Look
from presscheck.errors import PresscheckError
from presscheck.settings import Settings

if TYPE_CHECKING:
    from policies import PolicySet

_HOW = "Somebody with the right sign_policies: `presscheck policies sign`, or /policies at the door."


def signature_looks(settings: Settings) -> Iterator[Look]:
    """One look; nothing where the ledger cannot be read, which is told on its own."""
    from presscheck.desk import CurrentPolicies, PoliciesInForce
    from presscheck.desk.changing import WaitingChange, waiting_change
    from presscheck.desk.current import last_signature
    from presscheck.wiring import open_ledger

    try:
        ledger = open_ledger(settings, None)
    except PresscheckError:
        return
    files = CurrentPolicies(overlay=settings.policies.folder)
    policies = PoliciesInForce(ledger, files, signed=settings.policies.signed)
    try:
        with ledger.read() as tx:
            last = last_signature(tx)
            needed = policies.needs_signature(last)
            waiting = waiting_change(tx, policies) if needed else None
            now = tx.now
    finally:
        ledger.close()
    if not needed:
        mend = "Recommended: signed = true in [policies]; a change then counts once somebody with the right signed it."
        yield Look("signed policies", "note", "policies change without anybody's signature", mend)
    elif isinstance(waiting, WaitingChange):
        what = f"set {waiting.set[:12]} waits for a signature, {_since(waiting.since, now)}"
        if waiting.first:
            yield Look("signed policies", "missing", f"nobody has signed any, so nothing is allowed; {what}", _HOW)
        else:
            yield Look("signed policies", "note", what, _HOW)
    elif waiting is None and last is not None:
        yield Look("signed policies", "ok", f"signed on {last.at[:10]}, set {str(last.data['set'])[:12]}")


def weaker_looks(policies: "PolicySet") -> Iterator[Look]:
    """A line for all that the project weakened of the rules that ship; it may, and nobody is to be surprised by it."""
    from policies import weakenings

    for one in weakenings(policies):
        why = f" {one.owner}: {one.why}" if one.why else ""
        yield Look("weaker rule", "note", f"{one.policy}: {one.said}.{why}", "`presscheck policies packs` lists them.")


def _since(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "not noticed by the door yet"
    days = (now - at).days
    return f"since {at:%Y-%m-%d %H:%M} UTC" + (f", {days} day{'' if days == 1 else 's'}" if days else "")
