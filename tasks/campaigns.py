"""A campaign is one decorated function: a flow of Prefect's that is held on a fault, and that says how it is deployed.

    @campaign(schedule=Cron("0 9 * * 1", zone="Europe/London"), limit=4)
    def spring_sale(brief: str = "briefs/spring_sale.yaml") -> State: ...

`presscheck up` finds every one of flows/*.py and registers it: no file has to name it. What is wrong with it is told
at import, all at once, with file and line.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ParamSpec, Unpack, overload

from prefect import Flow, State

from presscheck.documents.own_code import told_of
from presscheck.errors import CodeError
from tasks.campaign_faults import FlowOptions, defaults_of, fault_at, name_of, refuse_campaign
from tasks.holding import hold_on_fault
from tasks.schedules import Cron

P = ParamSpec("P")

_WORK_POOL = "presscheck"
_ALWAYS = "campaign"
"""The tag by which the inbox, the escalation's trigger and a rescue after a crash know a campaign's run."""


@dataclass(frozen=True)
class Deployed:
    """How a campaign is deployed, as its decorator says."""

    schedules: tuple[Cron, ...] = ()
    limit: int = 4
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tags: tuple[str, ...] = ()


class CampaignFlow(Flow[P, State]):
    """A flow of Prefect's that knows how it is deployed."""

    def __init__(self, body: Callable[P, State], deployed: Deployed, *, name: str, **options: Any) -> None:
        super().__init__(hold_on_fault(body), name=name, **options)
        self.deployed = deployed

    def entry(self, entrypoint: str) -> dict[str, Any]:
        """What a hand-written `deployments/prefect.yaml` would say of it."""
        return {
            "name": self.name,
            "entrypoint": entrypoint,
            "description": " ".join((self.description or "").split()),
            "tags": list(dict.fromkeys((_ALWAYS, *self.deployed.tags))),
            # The defaults of the signature, so that whoever starts it in the UI sees them.
            "parameters": {**defaults_of(self.fn), **self.deployed.parameters},
            "parameter_openapi_schema": self.parameters.model_dump(exclude_unset=True),
            "schedules": [
                {"cron": one.text, "timezone": one.zone, "active": one.active} for one in self.deployed.schedules
            ],
            # A run that waits for a person holds no slot; more than these at work at once queue up.
            "concurrency_limit": {"limit": self.deployed.limit, "collision_strategy": "ENQUEUE"},
            "work_pool": {"name": _WORK_POOL},
        }


@overload
def campaign(body: Callable[P, State], /) -> CampaignFlow[P]: ...


@overload
def campaign(
    *,
    name: str | None = None,
    schedule: str | Cron | Sequence[str | Cron] = (),
    limit: int = 4,
    parameters: Mapping[str, Any] | None = None,
    tags: Sequence[str] = (),
    **options: Unpack[FlowOptions],
) -> Callable[[Callable[P, State]], CampaignFlow[P]]: ...


def campaign(
    body: Callable[P, State] | None = None,
    /,
    *,
    name: str | None = None,
    schedule: str | Cron | Sequence[str | Cron] = (),
    limit: int = 4,
    parameters: Mapping[str, Any] | None = None,
    tags: Sequence[str] = (),
    **options: Unpack[FlowOptions],
) -> Any:
    """A Prefect flow out of a function that opens a campaign, asks, and returns `deliver(answer)`.

    `name` is the function's, with hyphens, unless it is given. `schedule`: one or several, as `Cron(...)` or as five
    fields of cron in UTC; asleep until a scheduler switches them on. `limit`: so many runs at work at once, and the
    others queue up. `parameters`: what the deployment starts it with, over the defaults of the signature. CodeError
    with every fault.
    """

    def decorate(body: Callable[P, State]) -> CampaignFlow[P]:
        refuse_campaign(body, name, schedule, limit, parameters, tags, options)
        schedules = [schedule] if isinstance(schedule, str | Cron) else schedule
        deployed = Deployed(
            tuple(each if isinstance(each, Cron) else Cron(each) for each in schedules),
            limit,
            {} if parameters is None else parameters,
            tuple(tags),
        )
        described = {"description": inspect.getdoc(body) or body.__globals__.get("__doc__")}
        try:
            return CampaignFlow(body, deployed, name=name or name_of(body), **described, **options)
        except (TypeError, ValueError) as error:
            raise CodeError([fault_at(body, told_of(error))]) from error

    return decorate if body is None else decorate(body)
