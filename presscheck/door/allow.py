"""What of Prefect passes the door: exact methods and paths, for named roles; everything else does not.

Never a suffix: `/block_documents/filter` ends like a read and returns secrets. Not here, for
anybody: blocks, variables, inputs, deletes, states, settings, automations of one's own.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from presscheck.people.rights import Rights

__all__ = ["Rule", "allowed", "is_page"]

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
    body: Callable[[Body, Rights], str | None] | None = None

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


def _only(*keys: str) -> Callable[[Body, Rights], str | None]:
    def check(body: Body, rights: Rights) -> str | None:
        # An engineer deploys code; a scheduler turns a switch and nothing else.
        if "engineer" in rights.roles:
            return no_templates(body, rights)
        if set(body) == set(keys) and all(isinstance(body[key], bool) for key in keys):
            return None
        return f"a scheduler may set {' and '.join(keys)} only"

    return check


def _rule(method: str, path: str, *roles: str, body: Callable[[Body, Rights], str | None] | None = None) -> Rule:
    return Rule(method, re.compile(f"/api{path}"), frozenset(roles), body)


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
    f"/deployments/{_U}",
    f"/deployments/{_U}/schedules",
    f"/deployments/name/{_N}/{_N}",
    f"/artifacts/{_U}",
    f"/artifacts/{_N}/latest",
    f"/work_pools/{_N}",
    f"/work_pools/{_N}/queues/{_N}",
    f"/work_queues/{_U}",
    "/events/filter/next",
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
    *(_rule("POST", path) for path in _QUERIES),
    # Validating renders templates and variables, and an error would repeat what they hold.
    _rule("POST", "/ui/schemas/validate", body=no_templates),
    _rule("GET", f"/automations/{_U}", "engineer"),
    _rule("POST", "/automations/(?:count|filter)", "engineer"),
    _rule("POST", "/(?:v2/)?concurrency_limits/filter", "engineer"),
    _rule("PATCH", f"/deployments/{_U}", "engineer", "scheduler", body=_only("paused")),
    _rule("PATCH", f"/deployments/{_U}/schedules/{_U}", "engineer", "scheduler", body=_only("active")),
    _rule("POST", f"/deployments/{_U}/(?:pause|resume)_deployment", "engineer", "scheduler"),
    _rule("POST", f"/deployments/{_U}/schedules", "engineer"),
    _rule("POST", "/flows/", "engineer", body=no_templates),
    _rule("POST", "/deployments/", "engineer", body=no_templates),
)
