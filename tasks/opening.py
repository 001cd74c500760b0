"""A campaign run is opened once: what it was opened with is what it works with to its end.

The brief and the product are read from files when the run first starts and kept in the ledger; every
wake reads them there, so that a file edited while a person decides changes nothing underneath.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from prefect.context import FlowRunContext
from pydantic import PrivateAttr

from presscheck.digests import digest_of
from presscheck.errors import BriefError, Fault, InputError, LedgerForged
from presscheck.ledger import Ledger, Reader
from presscheck.ledger.assets import get_asset, put_asset
from presscheck.ledger.campaigns import briefs_opened
from presscheck.ledger.campaigns import open_campaign as record_opening
from presscheck.models import Asset, Author, Brief, Channel, Digest, Frozen, Outcome, Product
from tasks import house
from tasks.effects import stood_in_for_by
from tasks.holding import Mistake, require_sleep, this_run

if TYPE_CHECKING:
    from presscheck.settings import Settings


class Campaign(Frozen):
    """What every step of a campaign run is given: one brief, for one channel, and what was answered before."""

    run: str
    name: str
    brief_digest: Digest
    brief: Brief
    product: Product | None
    audience: str
    part: str | None = None
    """Which of the run's campaigns it is; None for the one that it was opened with. Prefect takes every empty text for
    one and the same, and would draw edges by it."""
    round: int = 1
    answer: Outcome | None = None
    """What people answered in the round before; None in the first."""
    _heard: list[Outcome] = PrivateAttr(default_factory=list[Outcome])

    def hear(self, outcome: Outcome) -> None:
        """Take note of an answer, by which `rounds` knows whether another round is wanted."""
        self._heard.append(outcome)

    def for_segment(self, segment: str) -> "Campaign":
        """The same campaign to the people of another segment."""
        if segment in ("", self.audience):
            return self
        return self.model_copy(update={"audience": segment, "part": _part(self.brief_digest, segment)})


def rounds(campaign: Campaign, *, most: int = 3) -> Iterator[Campaign]:
    """The campaign in its first round, and in another one as long as people want changes: at most `most`.

        for turn in rounds(campaign):
            choices = check_variants(turn, draft_variants(turn, count=50))
            answer = await_decision(propose(turn, choices, recipients))

    What is given `turn` knows its round and what was answered before. Hold for a round in which nobody was asked.
    """
    if not 1 <= most <= 99:
        raise Mistake(f"rounds(campaign, most={most}): write a number from 1 to 99")
    before: Outcome | None = None
    for round in range(1, most + 1):
        turn = campaign.model_copy(update={"round": round, "answer": before})
        # A copy would write into the list of the round before.
        turn._heard = []
        yield turn
        if not turn._heard:
            raise Mistake(
                f"nobody was asked in round {round} of rounds(campaign); give check_variants, propose and the like the "
                "turn that the loop gives, or leave the loop with break"
            )
        before = turn._heard[-1]
        if not before.changes_wanted:
            return


@stood_in_for_by("open_campaign")
def open_campaign(
    *, brief: str, audience: str = "", catalogue: str = "", channel: Channel | None = None, language: str | None = None
) -> Campaign:
    """Open this flow run's campaign from a brief, a segment and a catalogue (files of the project).

    Called again with something else it opens another one beside it: of another brief, or, of a brief that names
    several, of another `channel` or `language`. BriefError, CatalogueError or InputError with every fault if something
    is wrong with them; Hold, before anything is read or kept, where the run could not wait for people.
    """
    require_sleep("open_campaign")
    run, name = this_run(), _flow_name()
    ledger, settings = house.ledger(), house.settings()
    asked = {"brief": brief, "audience": audience, "catalogue": catalogue, "channel": channel, "language": language}
    named = {key: str(value) for key, value in asked.items() if value}
    with ledger.read() as tx:
        opened = _opened_with(tx, run, named)
    if opened is None:
        made = _read(settings, brief, catalogue, run=run, channel=channel, language=language, ledger=ledger)
        with ledger.write() as tx:
            # Perhaps another process of this run was quicker: what it opened with stands.
            if _opened_with(tx, run, named) is None:
                record_opening(tx, run, campaign=name, brief=put_asset(tx, made, run=run), asked=named)
            opened = _opened_with(tx, run, named)
        if opened is None:
            raise LedgerForged(f"run {run}: what it was opened with just now is not there")
    asset, is_first = opened
    content = asset.content
    product = content["product"]
    return Campaign(
        run=run,
        name=name,
        brief_digest=asset.digest,
        brief=Brief.model_validate(content["brief"]),
        product=None if product is None else Product.model_validate(product),
        audience=audience,
        part=None if is_first else _part(asset.digest, audience),
    )


def _part(brief: Digest, audience: str) -> str:
    return digest_of([brief, audience])[:16]


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


def _read(
    settings: "Settings",
    brief: str,
    catalogue: str,
    *,
    run: str,
    channel: str | None,
    language: str | None,
    ledger: Ledger,
) -> Asset:
    from tasks.briefs import load_brief
    from tasks.picturing import pin_pictures

    path = inside(settings, brief, what="brief")
    today = ledger.clock().date()
    asked = load_brief(path, as_of=today, channel=channel, language=language, policies=house.policies())
    if asked.images:
        with ledger.read() as tx:
            asked = pin_pictures(tx, asked, path=brief)
    product: Product | None = None
    if asked.product is not None:
        if not catalogue:
            message = f"the brief names the product {asked.product}, but the run was given no catalogue; name one"
            raise BriefError([Fault(brief, None, "product", message)])
        from presscheck.screening.catalogue import load_row
        from tasks.quarantine import refuse_hostile_row

        file = inside(settings, catalogue, what="catalogue")
        product, row = load_row(file, asked.product, data=settings.data)
        refuse_hostile_row(row, asked, path=file, name=catalogue, run=run)
    content = {
        "brief": asked.model_dump(mode="json"),
        "product": None if product is None else product.model_dump(mode="json"),
    }
    # The machine that reads a file is not its author; the brief itself names the person who is.
    return Asset(kind="brief", content=content, author=Author(kind="machine", provider="presscheck"))


def _opened_with(tx: Reader, run: str, named: dict[str, str]) -> tuple[Asset, bool] | None:
    """The brief that a run was opened with by these names, and whether it was the first."""
    for at, event in enumerate(briefs_opened(tx, run)):
        # A run of a version before has one campaign, and does not say what it was named by.
        if event.data.get("asked", named) != named:
            continue
        asset = get_asset(tx, str(event.data["brief"]))
        if asset.kind != "brief":
            raise LedgerForged(f"run {run}: it was opened with a {asset.kind}, which is no brief")
        return asset, at == 0
    return None


def _flow_name() -> str:
    context = FlowRunContext.get()
    if context is None or context.flow is None:
        raise RuntimeError("a campaign is opened in the body of a flow")
    return context.flow.name
