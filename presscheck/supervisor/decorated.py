"""Registers a decorated campaign with Prefect's server, through its own client.

`prefect deploy` would put values in wherever a description or a parameter says `{{ name }}`, as letters do, and would
put a schedule to sleep again at each start that a scheduler has switched on.
"""

import hashlib
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.objects import DeploymentSchedule

_OURS = "campaign-"
"""How the slug of a schedule begins that stands in a decorator; what people add at the door has none of these."""


def stands_in_a_decorator(slug: str | None) -> bool:
    """Whether a schedule of this slug was made from a decorator."""
    return (slug or "").startswith(_OURS)


def register(entry: dict[str, Any]) -> dict[str, Any]:
    """Make or bring up to date what Prefect knows of a campaign. `gone`: schedules that no decorator names any more,
    which are taken away; `fault`: why it could not be registered.
    """
    from httpx import HTTPError
    from prefect.client.orchestration import get_client
    from prefect.exceptions import PrefectException

    try:
        with get_client(sync_client=True) as client:
            return {"gone": _register(client, entry)}
    except (PrefectException, HTTPError, ValueError) as error:
        return {"fault": " ".join(str(error).split())[:500]}


def _register(client: "SyncPrefectClient", entry: dict[str, Any]) -> list[str]:
    from prefect.client.schemas.actions import DeploymentUpdate
    from prefect.exceptions import ObjectNotFound

    limit = entry["concurrency_limit"]
    what: dict[str, Any] = {
        "description": entry["description"],
        "tags": entry["tags"],
        "parameters": entry["parameters"],
        "entrypoint": entry["entrypoint"],
        "parameter_openapi_schema": entry["parameter_openapi_schema"],
        "enforce_parameter_schema": True,
        "concurrency_limit": limit["limit"],
        "concurrency_options": {"collision_strategy": limit["collision_strategy"]},
        "work_pool_name": entry["work_pool"]["name"],
        "pull_steps": [],
    }
    wanted = {_slug(one): one for one in entry["schedules"]}
    try:
        there = client.read_deployment_by_name(f"{entry['name']}/{entry['name']}")
    except ObjectNotFound:
        made = [_schedule(slug, one) for slug, one in wanted.items()]
        client.create_deployment(client.create_flow_from_name(entry["name"]), entry["name"], schedules=made, **what)
        return []
    client.update_deployment(there.id, DeploymentUpdate(**what))
    return _bring_up_to_date(client, there.id, list(there.schedules), wanted)


def _bring_up_to_date(
    client: "SyncPrefectClient",
    deployment: UUID,
    there: "list[DeploymentSchedule]",
    wanted: dict[str, dict[str, Any]],
) -> list[str]:
    """Add what is new, and take away what is ours and stands nowhere; one that sleeps by its file is left as it is."""
    known = {one.slug: one for one in there if one.slug}
    if fresh := [_schedule(slug, one) for slug, one in wanted.items() if slug not in known]:
        client.create_deployment_schedules(deployment, fresh)
    for slug, one in wanted.items():
        if slug in known and one["active"] and not known[slug].active:
            client.update_deployment_schedule(deployment, known[slug].id, active=True)
    gone = [one for slug, one in known.items() if stands_in_a_decorator(slug) and slug not in wanted]
    for one in gone:
        client.delete_deployment_schedule(deployment, one.id)
    return [f"{getattr(one.schedule, 'cron', '')} {getattr(one.schedule, 'timezone', '') or 'UTC'}" for one in gone]


def _schedule(slug: str, one: dict[str, Any]) -> "DeploymentScheduleCreate":
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.client.schemas.schedules import CronSchedule

    cron = CronSchedule(cron=one["cron"], timezone=one["timezone"])
    return DeploymentScheduleCreate(schedule=cron, active=one["active"], slug=slug)


def _slug(one: dict[str, Any]) -> str:
    """The same for the same schedule: one that is changed is another, and sleeps until somebody switches it on."""
    said = f"{one['cron']} {one['timezone']} {one['active']}"
    return _OURS + hashlib.sha256(said.encode()).hexdigest()[:12]
