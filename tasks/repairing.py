"""Repair drafts that the guardrails block: by what rules say to write instead, then by the copywriter.

    drafts = repair_variants(turn, draft_variants(turn, count=50))
    choices = check_variants(turn, drafts)

A draft that passes is never touched, nor a text that a person wrote, and none is lost: what cannot be repaired stays as
it is and is blocked as before. A repaired text is an asset of its own with the draft as its parent, and
`asset:repaired` says how it came.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cached_property

from prefect.logging import get_run_logger

from presscheck.documents.sentences import counted
from presscheck.ledger import EventKind, Writer
from presscheck.ledger.assets import get_asset, put_asset
from presscheck.ledger.spending import LedgerPurse
from presscheck.models import Asset, Digest, Outcome, Prompt, Variant
from presscheck.providers.repairs import Faulty
from tasks import house
from tasks.drafting import by_prompt, cap_of, seed_of, shares
from tasks.mending import Attempt, Rules, mend_all, replacing
from tasks.opening import Campaign
from tasks.picturing import brief_pictures
from tasks.steps import Made, step
from tasks.telling import told
from tasks.texts import Drafts


@step("repair", effect="makes", title="repair variants")
def repair_variants(
    campaign: Campaign, drafts: Drafts, *, review: bool = False, round: int = 1, answer: Outcome | None = None
) -> Made[Drafts]:
    """The drafts, of which those that the guardrails block are repaired where that is possible.

    With `review`, those that are for a person too. What rules say to write instead is written in first, where the text
    is no worse for it. What is blocked still goes back to the copywriter with what was found: twice at most, within
    `[model] cap_dollars`, and where the brief lets a machine draft.
    """
    ledger = house.ledger()
    with ledger.read() as tx:
        assets = {digest: get_asset(tx, digest) for digest in drafts.assets}
        pictures = brief_pictures(tx, campaign.brief)
    texts = {digest: asset.copy_text for digest, asset in assets.items()}
    # A person's words that were brought back are altered by no machine, and in nobody's name.
    drafted = {digest: texts[digest] for digest, asset in assets.items() if asset.author.kind == "machine"}
    rules = Rules(
        brief=campaign.brief,
        product=campaign.product,
        policies=house.policies(),
        as_of=ledger.clock().date(),
        levels=("block", "review") if review else ("block",),
        pictures=pictures,
    )
    sent_back = _SentBack(campaign, round=round, answer=answer)
    attempts = mend_all(drafted, rules, sent_back.rewrite if campaign.brief.collaboration == "producer" else None)
    taken = replacing(texts, attempts)
    made = {
        draft: Asset(
            kind="copy",
            content=one.copy.model_dump(mode="json"),
            parent=draft,
            # Of whose words some were replaced is still who wrote the others.
            author=assets[draft].author if one.by is None else by_prompt(one.by.author, sent_back.prompt),
            cost_microdollars=sent_back.costs.get(id(one.by), 0),
        )
        for draft, one in taken.items()
    }
    if attempts:
        _say(attempts, taken.values())

    def keep(tx: Writer) -> None:
        for draft, asset in made.items():
            put_asset(tx, asset, run=campaign.run)
            one = taken[draft]
            body = {"from": draft, "how": one.how, "rules": sorted(set(one.rules)), "round": one.round}
            tx.append(EventKind.ASSET_REPAIRED, asset.digest, body, run=campaign.run)

    now: list[Digest] = [made[digest].digest if digest in made else digest for digest in drafts.assets]
    return Made(drafts.model_copy(update={"assets": tuple(now)}), keep)


class _SentBack:
    """The copywriter, asked only where there is something to repair; what it charges is on record whatever comes."""

    def __init__(self, campaign: Campaign, *, round: int, answer: Outcome | None) -> None:
        self._campaign = campaign
        self._round = round
        self._note = "" if answer is None else answer.note
        self._comments = () if answer is None else answer.comments
        self.costs: dict[int, int] = {}
        """What each variant cost, by its identity."""

    @cached_property
    def prompt(self) -> Prompt:
        return house.policies().prompt(f"prompts.{self._campaign.brief.channel}-variants")

    def rewrite(self, turn: int, faulty: Sequence[Faulty]) -> Sequence[Variant | None]:
        from presscheck.wiring import open_copywriter

        campaign, settings, log = self._campaign, house.settings(), get_run_logger()
        purse = LedgerPurse(house.ledger(), campaign.run, cap_microdollars=cap_of(settings))
        writer = open_copywriter(
            settings,
            purse,
            admission=house.admission(campaign.run),
            tell=lambda words: log.info("%s", told(words)),
            purpose="repair",
        )
        before = purse.spent().microdollars
        written = writer.rewrite(
            campaign.brief,
            campaign.product,
            faulty,
            prompt=self.prompt,
            seed=seed_of(campaign.run, f"repair {turn}"),
            round=self._round,
            note=self._note,
            comments=self._comments,
        )
        came = [variant for variant in written if variant is not None]
        each = shares(purse.spent().microdollars - before, len(came)) if came else []
        self.costs |= {id(variant): cost for variant, cost in zip(came, each, strict=True)}
        return written


def _say(attempts: Collection[Attempt], taken: Collection[Attempt]) -> None:
    how = Counter(one.how for one in taken)
    get_run_logger().info(
        "%s to repair: %d by what rules say to write instead, %d by the copywriter; %d stay as they were",
        counted(len(attempts), "draft"),
        how["replacement"],
        how["copywriter"],
        len(attempts) - len(taken),
    )
