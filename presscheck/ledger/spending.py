"""What models cost a campaign run: every request is on record before it is sent, and a cap is never passed.

    purse = LedgerPurse(ledger, run, cap_microdollars=1_000_000)
    request = purse.reserve(provider="openai", model="gpt-5-mini", purpose="draft", worst=..., ...)
    purse.charge(request, input_tokens=812, output_tokens=3_040, cost=6_283, outcome="answered")

A request without a charge, because its process was killed, counts with the most that it could have
cost: nobody can know what the provider made of it. The events hold figures, never words.
"""

import secrets
from dataclasses import dataclass
from typing import Any, Literal

from presscheck.errors import ProviderError
from presscheck.ledger.kinds import EventKind
from presscheck.ledger.store import Ledger, Reader

ChargeOutcome = Literal["answered", "refused", "unknown"]


class CapReached(ProviderError):
    """The next request could pass the cap, so it was not sent."""


@dataclass(frozen=True)
class Spent:
    """What a campaign run's requests came to."""

    microdollars: int = 0
    """Charged, and for requests of unknown outcome the most that they could have cost."""
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    unpriced: int = 0
    """Requests whose price nobody knows; they count as nothing in `microdollars`."""


def spent_in_run(tx: Reader, run: str) -> Spent:
    """What a run's requests came to, from the events that the worker signed."""
    charged: dict[str, dict[str, Any]] = {}
    asked: dict[str, dict[str, Any]] = {}
    for event in tx.events(EventKind.MODEL_ASKED, EventKind.MODEL_CHARGED, run=run):
        known = asked if event.kind == EventKind.MODEL_ASKED else charged
        # The first word about a request stands: a second charge could only make it look cheaper.
        known.setdefault(event.subject, event.data)
    costs = [
        charged[request]["cost_microdollars"] if request in charged else said["worst_microdollars"]
        for request, said in asked.items()
    ]
    settled = [charge for request, charge in charged.items() if request in asked]
    return Spent(
        microdollars=sum(cost for cost in costs if cost is not None),
        requests=len(asked),
        input_tokens=sum(charge["input_tokens"] for charge in settled),
        output_tokens=sum(charge["output_tokens"] for charge in settled),
        unpriced=sum(cost is None for cost in costs),
    )


class LedgerPurse:
    """Holds a run's cap; what it allows and what was charged is in the ledger before anything else happens."""

    def __init__(self, ledger: Ledger, run: str, *, cap_microdollars: int | None = None) -> None:
        self._ledger = ledger
        self._run = run
        self._cap = cap_microdollars

    def reserve(self, *, provider: str, model: str, purpose: str, worst: int | None) -> str:
        """An id for a request that may be sent now; CapReached where it could pass the cap.

        `worst` is the most that it can cost, in millionths of a dollar; None where no price is known.
        """
        request = secrets.token_hex(16)
        with self._ledger.write() as tx:
            # Asked under the ledger's write lock: two processes of one run cannot both take the last dollar.
            if self._cap is not None:
                spent = spent_in_run(tx, self._run).microdollars
                if worst is None or spent + worst > self._cap:
                    raise CapReached(_stopped(spent, worst, self._cap))
            body = {"provider": provider, "model": model, "purpose": purpose, "worst_microdollars": worst}
            tx.append(EventKind.MODEL_ASKED, request, body, run=self._run)
        return request

    def charge(
        self,
        request: str,
        *,
        provider: str,
        model: str,
        purpose: str,
        input_tokens: int,
        output_tokens: int,
        cost: int | None,
        outcome: ChargeOutcome,
    ) -> None:
        """Record what a reserved request came to."""
        body = {
            "provider": provider,
            "model": model,
            "purpose": purpose,
            "input_tokens": input_tokens,
            "output_tokens": output_tokens,
            "cost_microdollars": cost,
            "outcome": outcome,
        }
        with self._ledger.write() as tx:
            tx.append(EventKind.MODEL_CHARGED, request, body, run=self._run)

    def spent(self) -> Spent:
        """What the run's requests came to so far."""
        with self._ledger.read() as tx:
            return spent_in_run(tx, self._run)


def _stopped(spent: int, worst: int | None, cap: int) -> str:
    told = f"{cap / 1_000_000:.2f}" if cap % 10_000 == 0 else f"{cap / 1_000_000:.6f}"
    stop = f"the cap of ${told} for this campaign run stops here: ${spent / 1_000_000:.6f} is spent"
    if worst is None:
        return f"{stop}, and nobody knows what the next request would cost; give [model] price_in and price_out"
    return (
        f"{stop}, and the next request could cost up to ${worst / 1_000_000:.6f}. "
        "Raise [model] cap_dollars, ask for fewer variants, or lower [model] output_tokens"
    )
