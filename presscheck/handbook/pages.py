"""The pages of the handbook: static, escaped, without scripts and without anything from a network.

    for name, text in pages(policies, charts=charts, cells=matrix_of(policies.rights)).items(): ...

Every page says of which policies, in which version, it was made.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from policies import ApprovalPolicy, PolicySet
from policies.policy import Policy
from policies.rights_matrix import Cell, lines_of
from presscheck.handbook import wording
from presscheck.handbook.chart import FlowChart
from presscheck.handbook.drawing import draw
from presscheck.models import ROLES

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["flow_page", "page_of", "pages"]

_LINKS = (
    ("index.html", "Who reviews what"),
    ("reviews.html", "Reviews"),
    ("guardrails.html", "Guardrails"),
    ("roles.html", "Roles and rights"),
    ("rules.html", "Deliveries, calendars, campaigns"),
)


def pages(
    policies: PolicySet, *, charts: Sequence[FlowChart] = (), cells: Iterable[Cell], made: str = ""
) -> dict[str, str]:
    """File name to page. `made` is the day in words, if it is to be said."""
    links = (*_LINKS, *((page_of(chart), chart.flow) for chart in charts))
    lines = lines_of(cells)
    roles = [(role, [line for line in lines if line.role == role]) for role in ROLES]
    common: dict[str, Any] = {"policies": policies, "links": links, "digest": policies.digest, "made": made}
    asked = {role: _asked_of(policies, role) for role in ROLES}
    rights = {"rights": policies.rights.rights, "roles": roles, "asked": asked}

    def page(name: str, shown: Iterable[Policy], **values: Any) -> str:
        versions = {policy.id: policy.version for policy in shown}
        versions |= policies.rights.versions if "rights" in values else {}
        return _render(name, here=name, versions=sorted(versions.items()), **common, **values)

    models, rest = policies.approvals, (*policies.deliveries, *policies.calendars, *policies.campaigns)
    made_pages = {
        "index.html": page(
            "index.html", (*policies.tiers, *models), tables=policies.tiers, approvals=models, charts=charts
        ),
        "reviews.html": page("reviews.html", models, approvals=models, calendar_of=policies.calendar_of),
        "guardrails.html": page("guardrails.html", policies.guardrails, guardrails=policies.guardrails),
        "roles.html": page("roles.html", (), **rights),
        "rules.html": page(
            "rules.html",
            rest,
            deliveries=policies.deliveries,
            calendars=policies.calendars,
            campaigns=policies.campaigns,
        ),
    }
    for chart in charts:
        made_pages[page_of(chart)] = _flow(chart, policies, links=links, made=made)
    return made_pages


def flow_page(chart: FlowChart, policies: PolicySet) -> str:
    """One chart as a page of its own."""
    return _flow(chart, policies, links=(), made="")


def page_of(chart: FlowChart) -> str:
    """The file of a chart's page; a flow's name may hold anything, a file's may not."""
    safe = "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "-" for one in chart.flow)
    return f"flow-{safe[:80]}.html"


def _flow(chart: FlowChart, policies: PolicySet, *, links: Sequence[tuple[str, str]], made: str) -> str:
    from markupsafe import Markup

    known = {model.model for node in chart.nodes for model in node.asked if model.model} | {chart.policy}
    shown = {id_: version for id_, version in policies.versions.items() if id_ in known}
    shown |= {table.id: table.version for table in policies.tiers}
    return _render(
        "flow.html",
        here=page_of(chart),
        links=links,
        digest=policies.digest,
        made=made,
        versions=sorted(shown.items()),
        chart=chart,
        # The drawing escapes every text that it holds.
        picture=Markup(draw(chart)),  # noqa: S704
    )


def _asked_of(policies: PolicySet, role: str) -> list[tuple[ApprovalPolicy, str]]:
    """Each model and stage in which a role may say yes."""
    return [
        (model, stage.stage)
        for model in policies.approvals
        for stage in model.stages
        if any(role in need.roles for need in stage.needs)
    ]


def _render(name: str, **values: Any) -> str:
    return _templates().get_template(name).render(**values)


@lru_cache(maxsize=1)
def _templates() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    folder = files("presscheck.handbook").joinpath("templates")
    made = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=FunctionLoader(lambda name: folder.joinpath(name).read_text("utf-8")),
        trim_blocks=True,
    )
    known: dict[str, Any] = {name: getattr(wording, name) for name in wording.__all__}
    # The style is our own file, and no text from a policy is in it.
    known |= {"page_of": page_of, "css": Markup(folder.joinpath("handbook.css").read_text("utf-8"))}  # noqa: S704
    cast(dict[str, Any], made.globals).update(known)  # pyright: ignore[reportUnknownMemberType]
    return made
