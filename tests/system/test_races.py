"""Eight people answer one review at once, in the second in which it opens: one answer stands, for all."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from presscheck.cli.client import Refusal
from presscheck.ledger.reviews import DECISION_EVENTS, find_review
from presscheck.models import DecisionKind, Review
from tests.running import Stack, times

_LEADS = ["brand_lead", *(f"brand_lead_{number}" for number in range(2, 9))]
_ENDINGS = {DecisionKind.APPROVED: "Delivered", DecisionKind.REJECTED: "Rejected"}


@pytest.mark.soak
@pytest.mark.timeout(400)
@pytest.mark.parametrize("attempt", range(times(3, 20)))
def test_eight_opposite_answers_as_the_review_opens_leave_one(stack: Stack, attempt: int) -> None:
    for lead in _LEADS:
        stack.door(lead)
    run = stack.start_run()
    review = stack.wait_for_review(run)

    answers = _all_at_once(stack, review)

    accepted = [lead for lead, answer in answers.items() if not isinstance(answer, str)]
    assert len(accepted) == 1, answers
    winner = stack.cast[accepted[0]].name
    assert all(winner in answer for lead, answer in answers.items() if lead != accepted[0]), answers
    with stack.ledger.read() as tx:
        decisions = tx.events(*DECISION_EVENTS.values(), subject=review.id)
    assert len(decisions) == 1
    late = next(lead for lead in _LEADS if lead != accepted[0])
    with pytest.raises(Refusal, match=winner):
        stack.decide(review, late)
    with stack.ledger.read() as tx:
        assert find_review(tx, review.id) == review, "it stays as it was asked"
    kind = DecisionKind(decisions[0].data["kind"])
    stack.wait_for_state(run, _ENDINGS[kind])
    went_out = len(stack.messages(review))
    assert went_out == (review.question.audience_rows if kind is DecisionKind.APPROVED else 0)


def _all_at_once(stack: Stack, review: Review) -> dict[str, Any]:
    """Half approve, half reject, released together; the accepted answer, or why not, by lead."""
    together = threading.Barrier(len(_LEADS))

    def answer(lead: str) -> Any:
        raw: dict[str, Any] = {"decision": "approve"}
        if _LEADS.index(lead) % 2:
            raw = {"decision": "reject", "picks": [], "reason": "other", "note": "no"}
        together.wait()
        try:
            return stack.decide(review, lead, **raw)
        except Refusal as refused:
            return str(refused)

    with ThreadPoolExecutor(len(_LEADS)) as people:
        return dict(zip(_LEADS, people.map(answer, _LEADS), strict=True))
