"""Events about copies that were put back, as sentences."""

from collections.abc import Callable
from typing import Any

from presscheck.documents.sentences import counted
from presscheck.ledger import EventKind

Names = Callable[[str], str]
Body = dict[str, Any]


def _restored(_: str, body: Body, __: Names) -> str:
    lost = body.get("lost")
    lacks = f"{counted(lost, 'event')} known of" if isinstance(lost, int) else "what nobody knows"
    return (
        f"A COPY WAS PUT BACK, of {str(body.get('made_at', '?'))[:19]}Z, up to event {body['tip']['seq']}; it lacks "
        f"{lacks}{_heads(body)}, and {_again(body.get('suppressed'))} suppressed again"
    )


def _again(count: Any) -> str:
    known = isinstance(count, int)
    return counted(count, "address was", "addresses were") if known else "nobody knows how many addresses were"


def _signed(did: str) -> Callable[[str, Body, Names], str]:
    def tell(_: str, body: Body, names: Names) -> str:
        restored = ", ".join(f"event {one}" for one in body["restored"]) or "no restoration on record"
        return f"{names(str(body.get('person', '?')))} {did} the gap of {restored}{_heads(body)}"

    return tell


def _heads(body: Body) -> str:
    seen = [f"the {head['process']} had seen event {head['seq']:,}" for head in body["heads"]]
    return f" ({', '.join(seen)})" if seen else ""


RESTORING: dict[str, Callable[[str, Body, Names], str]] = {
    EventKind.LEDGER_RESTORED: _restored,
    EventKind.LEDGER_GAP_PROPOSED: _signed("was the first to sign"),
    EventKind.LEDGER_GAP_SIGNED: _signed("was the second to sign"),
}
