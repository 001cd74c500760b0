"""Who used what: campaigns with how many texts a model or a prompt drafted for them, and what it cost.

From the events that the worker signed: who drafted each asset, which requests were sent, what they came to. A server
may answer under another name than the one that it was asked by, such as one with a date: a text counts for the model
that its run had asked.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from presscheck.ledger import EventKind, Reader
from presscheck.ledger.chain import Event
from presscheck.models import Frozen

_TEXTS = ("copy", "material")


class Use(Frozen):
    """What one campaign made of something."""

    campaign: str
    runs: int
    texts: int = 0
    requests: int = 0
    microdollars: int = 0
    unpriced: int = 0
    """Requests whose price nobody knows; they count as nothing in `microdollars`."""
    last: str


@dataclass
class _Tally:
    runs: set[str] = field(default_factory=set[str])
    texts: int = 0
    requests: int = 0
    microdollars: int = 0
    unpriced: int = 0
    last: str = ""

    def see(self, event: Event) -> None:
        self.runs.add(event.run)
        self.last = max(self.last, event.at)


class Uses:
    """The uses since a moment."""

    def __init__(self, since: str, campaigns: dict[str, str]) -> None:
        self.since = since
        self._campaigns = campaigns
        self._models: dict[str, dict[str, _Tally]] = {}
        self._tools: dict[str, dict[str, _Tally]] = {}
        self._prompts: dict[str, dict[str, _Tally]] = {}

    @classmethod
    def read(cls, tx: Reader, *, since: str) -> "Uses":
        """Everything of a ledger since then (ISO 8601, as events have it)."""
        opened = tx.events(EventKind.CAMPAIGN_OPENED)
        found = cls(since, {event.run: str(event.data.get("campaign", "")) for event in opened})
        kinds = (EventKind.MODEL_ASKED, EventKind.MODEL_CHARGED, EventKind.ASSET_DRAFTED, EventKind.TOOL_USED)
        asked: dict[str, str] = {}
        by_run: dict[str, set[str]] = {}
        charged: set[str] = set()
        worst: dict[str, tuple[_Tally, Any]] = {}
        for event in (one for one in tx.events(*kinds) if one.at >= since):
            said = event.data
            if event.kind == EventKind.MODEL_ASKED:
                name = f"{said.get('provider', '?')}/{said.get('model', '?')}"
                tally = found._tally(found._models, name, event)
                tally.requests += 1
                asked[event.subject] = name
                by_run.setdefault(event.run, set()).add(name)
                worst[event.subject] = tally, said.get("worst_microdollars")
            elif event.kind == EventKind.MODEL_CHARGED and event.subject in asked and event.subject not in charged:
                # The first word about a request stands, as it does for the cap.
                charged.add(event.subject)
                _pay(worst.pop(event.subject)[0], said.get("cost_microdollars"))
            elif event.kind == EventKind.TOOL_USED:
                found._tally(found._tools, event.subject, event)
            elif event.kind == EventKind.ASSET_DRAFTED and said.get("kind") in _TEXTS:
                found._drafted(event, said.get("author") or {}, by_run.get(event.run, set()))
        for tally, most in worst.values():
            _pay(tally, most)
        return found

    def _drafted(self, event: Event, author: dict[str, Any], asked: set[str]) -> None:
        provider, model = str(author.get("provider", "")), str(author.get("model", ""))
        same = [name for name in asked if name.startswith(f"{provider}/")]
        # The longest name that the answer's begins with; a run that asked one model of a provider asked this one.
        known = max((one for one in same if f"{provider}/{model}".startswith(one)), key=len, default="")
        name = known or (same[0] if len(same) == 1 else f"{provider}/{model}")
        self._tally(self._models, name, event).texts += 1
        prompt = f"{author.get('prompt_id', '')} {author.get('prompt_version', '')}"
        self._tally(self._prompts, prompt, event).texts += 1

    def campaign_of(self, run: str) -> str:
        """The campaign of a run; empty where none was opened, as for `presscheck model try`."""
        return self._campaigns.get(run, "")

    def of_models(self, called: Callable[[str], bool]) -> tuple[Use, ...]:
        """Each campaign that used a model of such a name, the last user first."""
        return self._uses(uses for name, uses in self._models.items() if called(name))

    def of_tools(self, called: Callable[[str], bool]) -> tuple[Use, ...]:
        """Each campaign that used a tool of such a name, the last user first."""
        return self._uses(uses for name, uses in self._tools.items() if called(name))

    def of_prompts(self, id: str, version: str) -> tuple[Use, ...]:
        """Each campaign for which texts were drafted with a prompt in a version."""
        return self._uses([self._prompts.get(f"{id} {version}", {})])

    def _tally(self, of: dict[str, dict[str, _Tally]], name: str, event: Event) -> _Tally:
        tally = of.setdefault(name, {}).setdefault(self.campaign_of(event.run), _Tally())
        tally.see(event)
        return tally

    def _uses(self, found: Iterable[dict[str, _Tally]]) -> tuple[Use, ...]:
        whole: dict[str, _Tally] = {}
        for uses in found:
            for campaign, tally in uses.items():
                of = whole.setdefault(campaign, _Tally())
                of.runs |= tally.runs
                of.last = max(of.last, tally.last)
                of.texts += tally.texts
                of.requests += tally.requests
                of.microdollars += tally.microdollars
                of.unpriced += tally.unpriced
        return tuple(
            Use(
                campaign=campaign, runs=len(one.runs), texts=one.texts, requests=one.requests,
                microdollars=one.microdollars, unpriced=one.unpriced, last=one.last,
            )
            for campaign, one in sorted(whole.items(), key=lambda pair: pair[1].last, reverse=True)
        )  # fmt: skip


def _pay(tally: _Tally, microdollars: Any) -> None:
    if isinstance(microdollars, int):
        tally.microdollars += microdollars
    else:
        tally.unpriced += 1
