"""The pages of the handbook: static, escaped, without scripts and without anything from a network.

    for name, text in pages(policies, charts=charts, cells=matrix_of(policies.rights)).items(): ...

Every page says of which policies, in which version, it was made.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

from policies import ApprovalPolicy, PolicySet, weakenings
from policies.engine.approval import TEXTS
from policies.engine.policy import Policy
from policies.engine.rights_matrix import Cell, lines_of
from presscheck.cleaning import clean_text
from presscheck.documents.sentences import counted
from presscheck.handbook import wording
from presscheck.handbook.chart import FlowChart
from presscheck.handbook.drawing import draw
from presscheck.handbook.matched import matched
from presscheck.models import ROLES

if TYPE_CHECKING:
    from jinja2 import Environment

_LINKS = (
    ("index.html", "Who reviews what"),
    ("reviews.html", "Reviews"),
    ("guardrails.html", "Guardrails"),
    ("roles.html", "Roles and rights"),
    ("library.html", "What may be used"),
    ("rules.html", "Deliveries, calendars, campaigns"),
)


def pages(
    policies: PolicySet, *, charts: Sequence[FlowChart] = (), cells: Iterable[Cell], made: str = ""
) -> dict[str, str]:
    """File name to page. `made` is the day in words, if it is to be said."""
    links = (*_LINKS, *((page_of(chart), chart.flow) for chart in charts))
    held = tuple(cells)
    found = {name: _page(name, policies, charts, held, links, made) for name, _ in _LINKS}
    return found | {page_of(chart): _flow(chart, policies, links=links, made=made) for chart in charts}


def one_page(
    name: str, policies: PolicySet, *, cells: Callable[[], Iterable[Cell]], back: tuple[str, str]
) -> str | None:
    """One page without workflows; `cells` is called only where they are shown. None: there is no such page.

    `back` is the address and the words of a link out of the handbook.
    """
    if name not in dict(_LINKS):
        return None
    return _page(name, policies, (), tuple(cells()) if name == "roles.html" else (), (back, *_LINKS), "")


def _page(
    name: str,
    policies: PolicySet,
    charts: Sequence[FlowChart],
    cells: Sequence[Cell],
    links: Sequence[tuple[str, str]],
    made: str,
) -> str:
    shown: Sequence[Policy] = ()
    values: dict[str, Any] = {}
    versions: dict[str, str] = {}
    match name:
        case "index.html":
            shown = (*policies.tiers, *policies.approvals)
            values = {"tables": policies.tiers, "approvals": policies.approvals, "charts": charts}
        case "reviews.html":
            shown = policies.approvals
            values = {"approvals": policies.approvals, "calendar_of": policies.calendar_of}
        case "guardrails.html":
            shown = policies.guardrails
            values = {"guardrails": policies.guardrails, "weakened": weakenings(policies)}
        case "roles.html":
            lines = lines_of(cells)
            versions = policies.rights.versions
            values = {
                "roles": [(role, [line for line in lines if line.role == role]) for role in ROLES],
                "rights": policies.rights.rights,
                "asked": {role: _asked_of(policies, role) for role in ROLES},
            }
        case "library.html":
            shown = policies.usage
            values = {"usage": policies.usage}
        case _:
            shown = (*policies.deliveries, *policies.calendars, *policies.campaigns)
            values = {
                "deliveries": policies.deliveries,
                "calendars": policies.calendars,
                "campaigns": policies.campaigns,
            }
    versions = versions | {policy.id: policy.version for policy in shown}
    return _render(
        name, here=name, links=links, digest=policies.digest, made=made, versions=sorted(versions.items()), **values
    )


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


def _shown(value: Any) -> Any:
    """Without characters that nobody sees or that turn the direction of writing; ours and escaped texts as they are."""
    return clean_text(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


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
        finalize=_shown,
    )
    known: dict[str, Any] = {name: getattr(wording, name) for name in wording.__all__} | {"matched": matched}
    # The style is our own file, and no text from a policy is in it.
    known |= {"texts": TEXTS, "page_of": page_of, "counted": counted}
    known |= {"css": Markup(folder.joinpath("handbook.css").read_text("utf-8"))}  # noqa: S704
    cast(dict[str, Any], made.globals).update(known)  # pyright: ignore[reportUnknownMemberType]
    return made
