"""What of Prefect passes the door: exact methods and paths, for named roles; everything else does not.

Never a suffix: `/block_documents/filter` ends like a read and returns secrets. Not here, for
anybody: blocks, variables, inputs, deletes, states, settings, automations of one's own, and of a
deployment whatever says what runs, where and in which environment (`presscheck.door.deployments`).

What a page of Prefect's asks for and does not get is answered by `presscheck.door.instead`, where an empty answer
is harmless: the page bears that, and shows an error and nothing else where it is refused.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from starlette.datastructures import QueryParams

from presscheck.door.bounds import token_fault, too_much
from presscheck.people.rights import Rights

_U = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_N = r"[A-Za-z0-9][A-Za-z0-9._~:@-]{0,120}"

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """One way through. `body` looks at a JSON body and says why it may not pass, or nothing."""

    method: str
    path: re.Pattern[str]
    roles: frozenset[str] = frozenset()
    """Any one of these is needed; none named: everybody who is signed in."""
    body: Callable[[Any, Rights], str | None] | None = None
    several: bool = False
    """Whether the body is a list, and not an object."""
    query: Callable[[QueryParams], str | None] | None = None
    """Looks at what stands behind the path's question mark, as `body` does at a body."""

    def admits(self, rights: Rights) -> bool:
        """Whether somebody with these rights may use this way."""
        return rights.active and (not self.roles or bool(self.roles & set(rights.roles)))


def allowed(method: str, path: str) -> Rule | None:
    """The rule for a method and a full path; None: it does not pass."""
    return next((rule for rule in _RULES if rule.method == method and rule.path.fullmatch(path)), None)


def is_page(method: str, path: str) -> bool:
    """Whether it is one of Prefect's own pages (UI v2) or their files."""
    return method in ("GET", "HEAD") and re.fullmatch(r"/v2(?:/[A-Za-z0-9._~@:$/-]*)?", path) is not None


def no_templates(body: Body, _rights: Rights) -> str | None:
    """Prefect renders Jinja and reads variables where a value says so: neither passes."""
    return "templates, variables and blocks are not evaluated through the door" if _hydrates(body) else None


def _hydrates(value: object, depth: int = 0) -> bool:
    if depth > 60:
        return True
    if isinstance(value, dict):
        found = cast(dict[str, object], value)
        if "$ref" in found and isinstance(found["$ref"], dict):
            return True
        if "__prefect_kind" in found and found["__prefect_kind"] not in ("json", "none", None):
            return True
        return any(_hydrates(inner, depth + 1) for inner in found.values())
    return isinstance(value, list) and any(_hydrates(inner, depth + 1) for inner in cast(list[object], value))


DEPLOYED = frozenset(
    {
        "entrypoint",
        "path",
        "pull_steps",
        "job_variables",
        "work_pool_name",
        "work_queue_name",
        "storage_document_id",
        "infrastructure_document_id",
        "enforce_parameter_schema",
        "parameter_openapi_schema",
        "global_concurrency_limit_id",
        "version",
        "labels",
    }
)
"""What of a deployment comes from files, and may come through the door only as it is deployed already.

Prefect's page sends much of it back whenever anything is edited. Each of these, changed, is a shell on the worker's
machine or leads to one: a command, an environment, a folder, another worker, parameters that nobody checks.
"""
_SET = frozenset(
    {"paused", "schedules", "parameters", "tags", "description", "concurrency_limit", "concurrency_options"}
)
_OF_A_SCHEDULE = frozenset({"active", "schedule", "parameters", "slug", "replaces", "max_scheduled_runs"})
_SWITCHES = ("paused", "active")
_TIMES = frozenset({"interval", "cron", "rrule"})
_OF_TIMES = _TIMES | {"anchor_date", "timezone", "day_or"}
_FIELDS = 5
_MOST_SCHEDULES = 20
_LONGEST_CRON = 200
"""Every minute of an hour by its number has 169. Prefect reads all that is there in the one thread in which it answers:
18,000 characters of `0-59,0-59,...` took it 23 s (3.8.8), at once and again in its scheduler each minute."""


def _deployment(body: Body, rights: Rights) -> str | None:
    return _settings(body, rights, _SET | DEPLOYED, switch="paused") or _schedules(body.get("schedules", []), rights)


def _new_deployment(body: Body, rights: Rights) -> str | None:
    known = _SET | DEPLOYED | {"name", "flow_id"}
    return _settings(body, rights, known, switch="paused") or _schedules(body.get("schedules", []), rights)


def _schedule(body: Body, rights: Rights) -> str | None:
    return _settings(body, rights, _OF_A_SCHEDULE, switch="active") or _times_fault(body.get("schedule"))


def _times_fault(given: object) -> str | None:
    """Why a schedule's times may not pass. Which recurrence rule may, `presscheck.door.deployments` knows."""
    if given is None:
        return None
    times = cast(dict[str, Any], given if isinstance(given, dict) else {})
    if len(_TIMES & set(times)) != 1 or set(times) - _OF_TIMES:
        return "a schedule is an interval or a cron, with its time zone"
    cron = times.get("cron", "* * * * *")
    if not isinstance(cron, str) or len(cron) > _LONGEST_CRON or len(cron.split()) != _FIELDS:
        return f"a cron has five fields, like 0 9 * * 1, and at most {_LONGEST_CRON} characters"
    return None


def _schedules(body: object, rights: Rights) -> str | None:
    if not isinstance(body, list) or not all(isinstance(one, dict) for one in cast(list[object], body)):
        return "schedules are a list, each with its own settings"
    if len(cast(list[object], body)) > _MOST_SCHEDULES:
        return f"at most {_MOST_SCHEDULES} schedules are set at once"
    return next((said for one in cast(list[Body], body) if (said := _schedule(one, rights))), None)


def _settings(body: Body, rights: Rights, known: Collection[str], *, switch: str) -> str | None:
    """An engineer sets what is known; a scheduler turns the switch and nothing else."""
    if "engineer" not in rights.roles and set(body) != {switch}:
        return f"a scheduler may set {switch} only"
    if strange := sorted(set(body) - set(known)):
        return f"{', '.join(one[:40] for one in strange[:5])} cannot be set through the door"
    # Prefect takes "no", 0 and "off" for false as well; what is written down about a switch has to be what is done.
    if any(not isinstance(body[one], bool) for one in _SWITCHES if one in body):
        return "a switch is true or false"
    if not isinstance(body.get("parameters") or {}, dict):
        return "parameters are names with values"
    return no_templates(body, rights)


def _flow(body: Body, rights: Rights) -> str | None:
    strange = set(body) - {"name", "tags", "labels"}
    return "a flow is registered by its name, tags and labels only" if strange else no_templates(body, rights)


def _next_page(query: QueryParams) -> str | None:
    tokens = query.getlist("page-token")
    return token_fault(tokens[0]) if len(tokens) == 1 else "the next page is named by one token"


def _nothing(body: Body, _rights: Rights) -> str | None:
    return "this takes no body" if body else None


def _rule(
    method: str,
    path: str,
    *roles: str,
    body: Callable[[Any, Rights], str | None] | None = None,
    several: bool = False,
    query: Callable[[QueryParams], str | None] | None = None,
) -> Rule:
    return Rule(method, re.compile(f"/api{path}"), frozenset(roles), body, several, query)


_READS = (
    f"/flows/{_U}",
    f"/flow_runs/{_U}",
    f"/flow_runs/{_U}/graph(?:-v2)?",
    f"/flow_runs/{_U}/logs/download",
    # The form's schema and its description, never an answer.
    f"/flow_runs/{_U}/input/[a-z0-9_-]{{1,150}}-(?:schema|description)",
    f"/task_runs/{_U}",
    f"/ui/task_runs/{_U}",
    f"/flow_run_states/{_U}",
    f"/task_run_states/{_U}",
    # Names and types of states, which the lists of runs show as well.
    "/observed-states",
    f"/deployments/{_U}",
    f"/deployments/{_U}/schedules",
    f"/deployments/name/{_N}/{_N}",
    f"/artifacts/{_U}",
    f"/artifacts/{_N}/latest",
    f"/work_pools/{_N}",
    f"/work_pools/{_N}/queues/{_N}",
    f"/work_queues/{_U}",
    "/admin/version",
    "/health",
    "/ready",
)
_QUERIES = (
    "/flows/(?:count|filter|paginate)",
    "/flow_runs/(?:count|filter|paginate|history|lateness)",
    "/task_runs/(?:count|filter|paginate|history)",
    "/deployments/(?:count|filter|paginate)",
    "/artifacts/(?:count|filter)",
    "/artifacts/latest/(?:count|filter)",
    "/logs/filter",
    "/events/filter",
    "/events/count-by/(?:day|time|event|resource)",
    "/work_pools/(?:count|filter)",
    f"/work_pools/{_N}/(?:queues|workers)/filter",
    "/work_queues/filter",
    "/ui/flows/(?:count-deployments|next-runs)",
    "/ui/flow_runs/(?:history|count-task-runs)",
    "/ui/task_runs/(?:dashboard/counts|count)",
)

_RULES: tuple[Rule, ...] = (
    *(_rule("GET", path) for path in _READS),
    *(_rule("POST", path, body=too_much) for path in _QUERIES),
    _rule("GET", "/events/filter/next", query=_next_page),
    _rule("GET", f"/automations/{_U}", "engineer"),
    _rule("GET", f"/automations/related-to/prefect\\.[a-z-]{{1,40}}\\.{_U}", "engineer"),
    _rule("POST", "/automations/(?:count|filter)", "engineer", body=too_much),
    _rule("GET", f"/(?:v2/)?concurrency_limits/{_U}", "engineer"),
    _rule("POST", "/(?:v2/)?concurrency_limits/filter", "engineer", body=too_much),
    _rule("PATCH", f"/deployments/{_U}", "engineer", "scheduler", body=_deployment),
    _rule("PATCH", f"/deployments/{_U}/schedules/{_U}", "engineer", "scheduler", body=_schedule),
    _rule("POST", f"/deployments/{_U}/(?:pause|resume)_deployment", "engineer", "scheduler", body=_nothing),
    _rule("POST", f"/deployments/{_U}/schedules", "engineer", body=_schedules, several=True),
    _rule("POST", "/flows/", "engineer", body=_flow),
    _rule("POST", "/deployments/", "engineer", body=_new_deployment),
)
