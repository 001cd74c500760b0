"""How a question ended, in words: who said what, or which rule let it out with nobody looking.

    ending = ending_of(tx, decision)
    ending.words          # "Approved by Ana Brandt (brand lead)", "Let out by the rule approvals.spot-check, ..."
    ending.more           # where words alone would be misread: who signed the rule and when, who broke the glass

Every place that tells of an answer takes its words from here: page, form, API, command line, history, permit and
Prefect's graph. Told anew elsewhere, an answer without a person becomes one that time ended, and whoever signed a
rule becomes somebody who approved a text that they never saw.
"""

from datetime import datetime
from typing import Literal

from presscheck.desk.duties import a_role
from presscheck.documents.sentences import listed
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.chain import Event
from presscheck.models import Decision, DecisionKind, Frozen
from presscheck.people.rights import person_name

_BY_PEOPLE: dict[DecisionKind, str] = {
    DecisionKind.APPROVED: "Approved",
    DecisionKind.WRITTEN: "Written",
    DecisionKind.REJECTED: "Rejected",
    DecisionKind.CHANGES: "Changes requested",
    DecisionKind.WITHDRAWN: "Withdrawn",
}
_BY_ITSELF: dict[DecisionKind, str] = {
    DecisionKind.EXPIRED: "Expired, because nobody answered in time",
    DecisionKind.REOPENED: "Asked again, because its policies changed",
    DecisionKind.WITHDRAWN: "Withdrawn",
}


class Ending(Frozen):
    """How one question ended."""

    how: Literal["people", "rule", "glass", "nobody"]
    """people: they answered. rule: a signed rule let it out. glass: two people went past the policies. nobody: neither
    a person nor a signed rule, but time or a change of policies ended it."""
    words: str
    """With names; begins with a capital and ends without a full stop."""
    nameless: str
    """The same for tables that are not ours, where a name could not be erased."""
    more: str = ""
    """What has to be said beside it, in whole sentences; empty where the words say all."""

    @property
    def clause(self) -> str:
        """The words as they stand within a sentence."""
        return self.words[0].lower() + self.words[1:]

    @property
    def told(self) -> str:
        """The words and what has to be said beside them, as sentences."""
        return f"{self.words}.{f' {self.more}' if self.more else ''}"


def ending_of(tx: Reader, decision: Decision) -> Ending:
    """How the question of this decision ended."""
    if decision.draw is not None:
        return _by_rule(tx, decision)
    if decision.person is None:
        words = _BY_ITSELF[decision.kind]
        return Ending(how="nobody", words=words, nameless=words)
    if decision.glass is not None:
        return _by_glass(tx, decision)
    did = _BY_PEOPLE[decision.kind]
    said = [_said(event.data) for seq in decision.approvals if (event := tx.event(seq)) is not None]
    said.append((decision.person, decision.role or "", decision.acts_for or ""))
    names = [_named(tx, *one) for one in dict.fromkeys(said)]
    roles = [_as_somebody(role) for role in dict.fromkeys(role for _, role, _ in said)]
    return Ending(how="people", words=f"{did} by {listed(names)}", nameless=f"{did} by {listed(roles)}")


def ending_at(tx: Reader, seq: int) -> Ending:
    """The same by the number of the decision's event. KeyError where no decision stands there."""
    event = tx.event(seq)
    if event is None:
        raise KeyError(seq)
    return ending_of(tx, Decision.model_validate(event.data))


def _signed_by(tx: Reader, signed: Event) -> str:
    """Who put a name under a rule, and when, in a sentence."""
    who = _named(tx, str(signed.data.get("person", "")), str(signed.data.get("role", "")))
    return f"{who} signed the rule on {_day(signed.at)}."


def _by_rule(tx: Reader, decision: Decision) -> Ending:
    drawn = tx.event(decision.draw or 0)
    signed = None if drawn is None else tx.event(int(drawn.data.get("signed", 0)))
    by = (
        "Who signed the rule is not on record."
        if drawn is None or signed is None or signed.kind != EventKind.RULE_SIGNED
        else f"{_signed_by(tx, signed)} Of what it lets out, people look at {drawn.data.get('share', '?')}, drawn by "
        "lot, and not at this."
    )
    words = f"Let out by the rule {decision.rule}, and nobody looked at it"
    return Ending(how="rule", words=words, nameless=words, more=by)


def _by_glass(tx: Reader, decision: Decision) -> Ending:
    confirmed = tx.event(decision.glass or 0)
    second = None if confirmed is None else _said(confirmed.data)
    people = [(decision.person or "", decision.role or "", ""), *([] if second is None else [second])]
    what = "Let out by broken glass, past the people whom the policies demand"
    return Ending(
        how="glass",
        words=f"{what}, by {listed([_named(tx, *one) for one in people])}",
        nameless=f"{what}, by {listed([_as_somebody(role) for _, role, _ in people])}",
    )


def _said(body: dict[str, object]) -> tuple[str, str, str]:
    """The person, the role and in whose name, of an event that somebody's word made."""
    return str(body.get("person") or ""), str(body.get("role") or ""), str(body.get("acts_for") or "")


def _named(tx: Reader, person: str, role: str, acts_for: str = "") -> str:
    name = person_name(tx, person) if person else "somebody"
    beside = [role.replace("_", " ")] if role else []
    beside += [f"for {person_name(tx, acts_for)}"] if acts_for else []
    return f"{name} ({', '.join(beside)})" if beside else name


def _as_somebody(role: str) -> str:
    words = a_role(role) if role else "Somebody"
    return words[0].lower() + words[1:]


def _day(at: str) -> str:
    return datetime.fromisoformat(at).strftime("%d %b %Y, %H:%M UTC")
