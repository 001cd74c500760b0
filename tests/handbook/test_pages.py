"""The handbook: everything that holds is in it, nothing in it runs, and nothing of it comes from elsewhere."""

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from policies import PolicySet, load_policies
from policies.engine.policy import Source
from policies.engine.rights_matrix import Cell
from presscheck.cli.flow_files import SHIPPED, load_flows
from presscheck.handbook.chart import Asked, FlowChart, FlowEdge, FlowNode, Guarded
from presscheck.handbook.drawing import draw
from presscheck.handbook.mermaid import as_mermaid
from presscheck.handbook.pages import flow_page, one_page, page_of, pages
from presscheck.models import ROLES
from tasks.mapping import map_flow
from tests.overlays import SOFTER, overlaid
from tests.tasks.test_mapping import BRIEF

BACK = ("/inbox", "← Inbox")
HOSTILE = '</title></style><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} "quoted" \u202e'
CELLS = (Cell(role="brand_lead", action="approve_copy", allowed=True, limits=("up to 50,000 dollars",), rule="r"),)


class Reading(HTMLParser):
    """What a page links to, loads and names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.ids: set[str] = set()
        self.handlers: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        given = {name: value or "" for name, value in attrs}
        self.handlers += [name for name in given if name.startswith("on")]
        self.loads += [given[name] for name in ("src", "srcset", "data") if name in given]
        if "href" in given:
            self.links.append(given["href"])
        if "id" in given:
            self.ids.add(given["id"])


@pytest.fixture(scope="module")
def policies() -> PolicySet:
    return load_policies()


@pytest.fixture(scope="module")
def site(policies: PolicySet) -> dict[str, str]:
    charts = [map_flow(one, policies, brief=BRIEF) for path in sorted(SHIPPED.glob("*.py")) for one in load_flows(path)]
    return pages(policies, charts=charts, cells=CELLS, made="22 November 2026")


def hostile_chart() -> FlowChart:
    gate = Asked(tier="low", rows=(HOSTILE,), model=HOSTILE, who=HOSTILE)
    nodes = (
        FlowNode(key="step:a", kind="step", title=HOSTILE, effects=("makes",), tiers=("low",), guarded_by=(HOSTILE,)),
        FlowNode(key="gate:b", kind="gate", title=HOSTILE, asked=(gate,), tiers=("low",)),
        FlowNode(key="unsent:c", kind="unsent", title=HOSTILE),
    )
    edges = (
        FlowEdge(source="step:a", target="gate:b"),
        FlowEdge(source="gate:b", target="step:a", answers=(HOSTILE,)),
        FlowEdge(source="gate:b", target="unsent:c", answers=(HOSTILE,)),
    )
    return FlowChart(
        flow=HOSTILE,
        title=HOSTILE,
        nodes=nodes,
        edges=edges,
        points=(Guarded(point="copy", must=True, gates=(HOSTILE,)),),
        policy=HOSTILE,
        ways=1,
        faults=(HOSTILE,),
        remarks=(HOSTILE,),
    )


@pytest.mark.slow
def test_every_policy_and_its_version_stands_in_it(site: dict[str, str], policies: PolicySet) -> None:
    text = "".join(site.values())

    missing = [id_ for id_, version in policies.versions.items() if id_ not in text or version not in text]

    assert missing == []
    assert [right.id for right in policies.rights.rights if right.id not in text] == []


def test_every_guardrail_says_why_by_which_source_and_of_which_day(site: dict[str, str], policies: PolicySet) -> None:
    text = re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), site["guardrails.html"]).replace("&amp;", "&")

    lacking = [
        rule.id
        for rule in policies.guardrails
        if not (rule.why in text and rule.source.name in text and str(rule.source.date) in text)
    ]

    assert lacking == []


def test_every_stage_says_who_and_until_when(site: dict[str, str], policies: PolicySet) -> None:
    text = site["reviews.html"]

    assert "2 brand leads, responsible for every market that it reaches" in text
    assert (
        "Expires after 5 working days, which counts as a no. Reminded after 1 working day and 3 working days." in text
    )
    assert "Monday, Tuesday, Wednesday, Thursday and Friday, 09:00 to 17:00 in Europe/London" in text
    assert all(stage.stage.replace("-", " ") in text for model in policies.approvals for stage in model.stages)


def test_every_role_has_its_rights_and_every_row_of_the_tiers_its_tier(
    site: dict[str, str], policies: PolicySet
) -> None:
    assert Reading(site["roles.html"]).ids >= set(ROLES)
    assert "up to 50,000 dollars" in site["roles.html"]
    assert [row.row for table in policies.tiers for row in table.rows if row.row not in site["index.html"]] == []


def test_every_page_says_of_which_policies_it_was_made(site: dict[str, str], policies: PolicySet) -> None:
    assert [name for name, text in site.items() if policies.digest not in text] == []


def test_every_link_leads_somewhere_in_the_handbook(site: dict[str, str]) -> None:
    read = {name: Reading(text) for name, text in site.items()}

    broken = [
        (name, link)
        for name, page in read.items()
        for link in page.links
        for target, _, anchor in [link.partition("#")]
        if (target or name) not in site or (anchor and anchor not in read[target or name].ids)
    ]

    assert broken == []


def test_nothing_in_it_runs_or_comes_from_elsewhere(site: dict[str, str]) -> None:
    for name, text in site.items():
        page = Reading(text)
        assert not page.tags & {"script", "iframe", "object", "embed", "link", "form", "img", "base"}, name
        assert (page.handlers, page.loads) == ([], []), name
        assert not re.search(r"url\((?!#)|@import|https?://", text.split("</style>")[0]), name
        assert "default-src 'none'" in text, name


def test_each_campaign_has_its_picture(site: dict[str, str]) -> None:
    assert site["flow-product-launch.html"].count("<svg") == 1
    assert "guarded by copy" in site["flow-product-launch.html"]
    assert "no map" in site["flow-escalate-reviews.html"]


def test_hostile_words_of_a_policy_are_shown_and_do_nothing(policies: PolicySet) -> None:
    source = Source.model_construct(name=HOSTILE, date=HOSTILE)
    words = {"title": HOSTILE, "why": HOSTILE, "owner": HOSTILE, "message": HOSTILE, "source": source}
    rules = tuple(rule.model_copy(update=words) for rule in policies.guardrails)
    models = tuple(model.model_copy(update={**words, "criteria": {"factual": HOSTILE}}) for model in policies.approvals)
    rows = tuple(row.model_copy(update={"why": HOSTILE}) for row in policies.tiers[0].rows)
    spoilt = PolicySet(
        rules,
        models,
        tuple(one.model_copy(update=words) for one in policies.deliveries),
        (policies.tiers[0].model_copy(update={**words, "rows": rows}),),
        calendars=tuple(one.model_copy(update=words) for one in policies.calendars),
        campaigns=tuple(one.model_copy(update=words) for one in policies.campaigns),
    )
    cells = (Cell(role="legal", action="reject", allowed=True, limits=(HOSTILE,), rule=HOSTILE),)

    made = pages(spoilt, charts=[hostile_chart()], cells=cells)

    for name, text in made.items():
        page = Reading(text)
        assert not page.tags & {"script", "img"}, name
        assert page.handlers == [], name
        assert "&lt;script&gt;alert(1)" in text, name
        assert "{{ 7 * 7 }}" in text, name
        assert "\u202e" not in text, name


def test_a_drawing_of_hostile_words_is_well_formed_and_only_a_drawing() -> None:
    drawn = ET.fromstring(draw(hostile_chart()))  # noqa: S314 - our own drawing.

    assert {element.tag for element in drawn.iter()} <= {"svg", "defs", "marker", "path", "g", "rect", "text"}


def test_hostile_words_become_no_syntax_of_mermaid() -> None:
    lines = as_mermaid(hostile_chart()).splitlines()

    assert lines[0] == "flowchart TD"
    assert len(lines) == 7
    assert not re.search(r"<(?!br/>)", "".join(lines))


def test_a_flow_s_name_becomes_a_plain_file_name(policies: PolicySet) -> None:
    assert re.fullmatch(r"flow-[A-Za-z0-9_-]{1,80}\.html", page_of(hostile_chart()))
    assert "<script" not in flow_page(hostile_chart(), policies)


def test_every_overlapping_way_out_has_a_place_of_its_own(policies: PolicySet) -> None:
    (plan,) = load_flows(SHIPPED / "strategy_brief.py")
    drawn = ET.fromstring(draw(map_flow(plan, policies, brief=BRIEF)))  # noqa: S314 - our own drawing.
    places = [(text.get("x"), text.get("y")) for text in drawn.iter("text")]

    assert len(set(places)) == len(places)


def test_a_page_that_is_none_is_none(policies: PolicySet) -> None:
    assert one_page("../secrets", policies, cells=lambda: (), back=BACK) is None
    assert one_page("flow.html", policies, cells=lambda: (), back=BACK) is None
    assert one_page("base.html", policies, cells=lambda: (), back=BACK) is None


def test_the_page_of_the_guardrails_names_what_a_project_weakened(policies: PolicySet) -> None:
    def page(of: PolicySet) -> str:
        return one_page("guardrails.html", of, cells=tuple, back=BACK) or ""

    weaker = page(overlaid(SOFTER))

    assert '<a href="#brand.no-shouting">brand.no-shouting</a>: level is review instead of block.' in weaker
    assert "Our brand shouts now and then." in weaker
    # A rule that is off has no section to lead to.
    assert "<li>pii.card: is off, with its pack privacy." in weaker
    assert "Weaker than shipped" not in page(policies)
