"""Draft variants of a brief: machine-made proposals, kept as assets that say what made them."""

from collections.abc import Sequence
from dataclasses import dataclass

from prefect.logging import get_run_logger

from presscheck.digests import digest_of
from presscheck.documents.sentences import counted, listed
from presscheck.ledger import Writer
from presscheck.ledger.assets import get_asset, put_asset
from presscheck.ledger.spending import LedgerPurse
from presscheck.ledger.versions import copies_brought_back
from presscheck.models import Asset, Author, CommentAsked, Copy, Digest, Outcome, Prompt
from presscheck.people.rights import email_digest
from presscheck.settings import Settings
from tasks import house
from tasks.holding import Hold
from tasks.opening import Campaign
from tasks.picturing import with_picture
from tasks.steps import Made, step
from tasks.telling import told
from tasks.texts import Drafts

_MOST_NAMED = 5


@step("draft", effect="makes", title="draft variants")
def draft_variants(
    campaign: Campaign, *, count: int = 50, round: int = 1, answer: Outcome | None = None
) -> Made[Drafts]:
    """Have `count` variants written; in a later round with note and comments of the `answer` that asked for changes.

    `round` and `answer` are the campaign's where they are not given. Holds a brief whose collaboration does not let a
    machine draft.
    """
    if campaign.brief.collaboration != "producer":
        raise Hold(
            f"the brief's collaboration is {campaign.brief.collaboration}; this campaign lets a machine draft and a "
            "person approve, which is collaboration: producer. Change the brief, or use a campaign made for it"
        )
    note, comments = ("", ()) if answer is None else (answer.note, answer.comments)
    drafted = machine_variants(campaign, count=count, round=round, note=note, comments=comments)
    assets = [
        Asset(
            kind="copy",
            content=with_picture(copy, campaign.brief, at).model_dump(mode="json"),
            author=author,
            cost_microdollars=cost,
        )
        for at, (copy, author, cost) in enumerate(drafted.variants)
    ]

    def keep(tx: Writer) -> None:
        for asset in assets:
            put_asset(tx, asset, run=campaign.run)

    # Two variants with the same words are one choice; what somebody brought back is asked about first.
    again = _brought_back(campaign) if round == 1 else []
    distinct = tuple(dict.fromkeys([*again, *(asset.digest for asset in assets)]))
    return Made(Drafts(assets=distinct, copywriter=drafted.copywriter, remark=_told_of_wishes(answer)), keep)


def _told_of_wishes(answer: Outcome | None) -> str:
    """What whoever reviews is told of a note or comments that read like orders to a machine: the rules, nothing of it.

    It is a signed-in person's word, so it is followed, as data between marks, and not refused.
    """
    if answer is None:
        return ""
    from tasks.hostile import hostile_rules

    policies, today = house.policies(), house.ledger().clock().date()
    note = hostile_rules(answer.note, policies, as_of=today) if answer.note else ()
    hostile = {
        one.comment: rules
        for one in answer.comments
        if (rules := hostile_rules("\n".join([one.words, *one.answers]), policies, as_of=today))
    }
    said: list[str] = []
    if note:
        said.append(
            f"The note of the round before reads like an order to a machine ({listed(note)}). It was handed over as "
            "data, as every note is; look what became of it."
        )
    if hostile:
        rules = sorted({rule for found in hostile.values() for rule in found})
        said.append(
            f"Of the round before, {counted(len(hostile), 'comment')} reading like an order to a machine "
            f"({listed(rules)}) went along as data, as every one does: {listed([*hostile][:_MOST_NAMED])}; look what "
            "became of it."
        )
    return " ".join(said)


def _brought_back(campaign: Campaign) -> list[Digest]:
    """Texts of this brief that an author or an engineer brought back: no yes of before holds for them."""
    brief = campaign.brief
    with house.ledger().read() as tx:
        found = copies_brought_back(tx, campaign.brief_digest)
        shown = {digest: get_asset(tx, digest).copy_text for digest in found}
    fits = (None, *brief.images)
    return [digest for digest, copy in shown.items() if copy.channel == brief.channel and copy.image in fits]


@dataclass(frozen=True)
class Drafted:
    """What a copywriter wrote: each text with its author and its share of the cost in millionths of a dollar."""

    variants: list[tuple[Copy, Author, int]]
    copywriter: str


def machine_variants(
    campaign: Campaign,
    *,
    count: int,
    round: int = 1,
    note: str = "",
    comments: Sequence[CommentAsked] = (),
    purpose: str = "draft",
) -> Drafted:
    """Have the project's copywriter write; what it charges is on record whatever becomes of the texts."""
    from presscheck.wiring import open_copywriter

    settings = house.settings()
    purse = LedgerPurse(house.ledger(), campaign.run, cap_microdollars=cap_of(settings))
    before = purse.spent().microdollars
    # What a server answers may hold words of the note that it was given.
    log = get_run_logger()
    writer = open_copywriter(
        settings,
        purse,
        admission=house.admission(campaign.run),
        tell=lambda words: log.info("%s", told(words)),
        purpose=purpose,
    )
    # In force like every other policy: a prompt that nobody signed is given to no model where the project demands it.
    prompt = house.policies().prompt(f"prompts.{campaign.brief.channel}-variants")
    variants = writer.write(
        campaign.brief,
        campaign.product,
        prompt=prompt,
        count=count,
        seed=seed_of(campaign.run, "draft"),
        round=round,
        note=note,
        comments=comments,
    )
    costs = shares(purse.spent().microdollars - before, len(variants))
    authors = [by_prompt(variant.author, prompt) for variant in variants]
    parts = [(variant.copy_, author, cost) for variant, author, cost in zip(variants, authors, costs, strict=True)]
    return Drafted(parts, writer.describe())


def by_prompt(author: Author, prompt: Prompt) -> Author:
    """The author with who edited the prompt: that person does not approve the text (policies/rights)."""
    return author.model_copy(update={"prompt_editor": email_digest(prompt.edited_by) if prompt.edited_by else ""})


def seed_of(run: str, what: str) -> int:
    """Where a copywriter begins that can repeat itself: another place for each run and purpose."""
    return int(digest_of([run, what])[:8], 16)


def shares(microdollars: int, variants: int) -> list[int]:
    """What each of `variants` cost, in whole millionths of a dollar that add up to the whole."""
    each, rest = divmod(microdollars, variants)
    return [each + (at < rest) for at in range(variants)]


def cap_of(settings: Settings) -> int | None:
    """`[model] cap_dollars` in millionths of a dollar; None where there is no cap."""
    cap = settings.model.cap_dollars
    return None if cap is None else int(cap * 1_000_000)
