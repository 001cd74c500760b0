"""A campaign run is opened once: what it was opened with is what it works with to its end.

The brief and the product are read from files when the run first starts and kept in the ledger; every
wake reads them there, so that a file edited while a person decides changes nothing underneath.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from prefect.context import FlowRunContext

from presscheck.errors import BriefError, Fault, InputError, LedgerForged
from presscheck.ledger import EventKind, Ledger, Reader
from presscheck.ledger.assets import get_asset, put_asset
from presscheck.ledger.campaigns import open_campaign as record_opening
from presscheck.models import Asset, Author, Brief, Digest, Frozen, Product
from tasks import house
from tasks.effects import stood_in_for_by
from tasks.holding import require_sleep, this_run

if TYPE_CHECKING:
    from presscheck.settings import Settings


class Campaign(Frozen):
    """What every step of a campaign run is given."""

    run: str
    name: str
    brief_digest: Digest
    brief: Brief
    product: Product | None
    audience: str


@stood_in_for_by("open_campaign")
def open_campaign(*, brief: str, audience: str, catalogue: str = "") -> Campaign:
    """Open this flow run's campaign from a brief, a segment and a catalogue (files of the project).

    BriefError, CatalogueError or InputError with every fault if something is wrong with them; Hold, before
    anything is read or kept, where the run could not wait for people.
    """
    require_sleep("open_campaign")
    run, name = this_run(), _flow_name()
    ledger, settings = house.ledger(), house.settings()
    with ledger.read() as tx:
        opened = _opened_with(tx, run)
    if opened is None:
        opened = _read(settings, brief, catalogue, ledger=ledger)
        with ledger.write() as tx:
            # Perhaps another process of this run was quicker: what it opened with stands.
            opened = _opened_with(tx, run) or opened
            record_opening(tx, run, campaign=name, brief=put_asset(tx, opened, run=run))
    content = opened.content
    product = content["product"]
    return Campaign(
        run=run,
        name=name,
        brief_digest=opened.digest,
        brief=Brief.model_validate(content["brief"]),
        product=None if product is None else Product.model_validate(product),
        audience=audience,
    )


def inside(settings: "Settings", given: str, *, what: str) -> Path:
    """A file of the project or its data folder. InputError for any other path, and for links out of them."""
    roots = [settings.project.resolve(), settings.data.resolve()]
    for root in roots:
        try:
            path = (root / given).resolve()
            if any(path.is_relative_to(allowed) for allowed in roots) and path.is_file():
                return path
        except (OSError, ValueError):
            # Too long, a null character, a loop of links: whatever it is, it names no file of ours.
            continue
    tried = " and ".join(str(root) for root in roots)
    raise InputError(
        [Fault(given, None, "", f"there is no such {what} in {tried}; a campaign reads files of its project only")]
    )


def _read(settings: "Settings", brief: str, catalogue: str, *, ledger: Ledger) -> Asset:
    from tasks.briefs import load_brief
    from tasks.picturing import pin_pictures

    asked = load_brief(inside(settings, brief, what="brief"), as_of=ledger.clock().date())
    if asked.images:
        with ledger.read() as tx:
            asked = pin_pictures(tx, asked, path=brief)
    product: Product | None = None
    if asked.product is not None:
        if not catalogue:
            message = f"the brief names the product {asked.product}, but the run was given no catalogue; name one"
            raise BriefError([Fault(brief, None, "product", message)])
        from presscheck.screening.catalogue import load_product

        product = load_product(inside(settings, catalogue, what="catalogue"), asked.product, data=settings.data)
    content = {
        "brief": asked.model_dump(mode="json"),
        "product": None if product is None else product.model_dump(mode="json"),
    }
    # The machine that reads a file is not its author; the brief itself names the person who is.
    return Asset(kind="brief", content=content, author=Author(kind="machine", provider="presscheck"))


def _opened_with(tx: Reader, run: str) -> Asset | None:
    events = tx.events(EventKind.CAMPAIGN_OPENED, subject=run, run=run)
    if not events:
        return None
    asset = get_asset(tx, str(events[0].data["brief"]))
    if asset.kind != "brief":
        raise LedgerForged(f"run {run}: it was opened with a {asset.kind}, which is no brief")
    return asset


def _flow_name() -> str:
    context = FlowRunContext.get()
    if context is None or context.flow is None:
        raise RuntimeError("a campaign is opened in the body of a flow")
    return context.flow.name
