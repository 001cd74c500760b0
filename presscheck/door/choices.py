"""The choices of a review as the proof shows them: in the words that would be signed now, whatever their kind.

    shown = shown_choices(tx, desk, review, situation, brief=brief, manifest=manifest, previous=previous)

Findings are worked out again here, by the policies as they are now; what a worker stored is not shown.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from policies import in_order
from presscheck.assets.comparing import Change, differences
from presscheck.assets.copy.copy import WORDS, CopyText
from presscheck.assets.copy.letters import frame_height, preview_html
from presscheck.assets.marking import Passage, Row, marked, marked_rows
from presscheck.assets.pictures.believing import file_fault
from presscheck.assets.pictures.rendering import ShownPicture
from presscheck.assets.previews.views import NOTE_HEIGHT, View, views_of
from presscheck.assets.reading import read_signable
from presscheck.assets.repaired import repaired_how, repairs_of
from presscheck.assets.signable import Shown, Signable
from presscheck.desk import Desk
from presscheck.desk.comments import Thread, threads
from presscheck.desk.likenesses import too_like_in
from presscheck.desk.situation import Situation
from presscheck.errors import LedgerForged
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.assets import get_asset, parents_of
from presscheck.ledger.reviews import decision_of
from presscheck.ledger.splits import sources_of
from presscheck.models import (
    Allowance,
    Asset,
    Brief,
    CallToAction,
    Copy,
    Digest,
    Finding,
    Manifest,
    Picture,
    Refused,
    Review,
)
from presscheck.world.likeness import bare

Edits = Mapping[str, Mapping[str, str]]
"""New texts of parts, by the code of the choice and the name of the part."""
NO_EDITS: Edits = {}
FIRST_ROWS = 50
"""So many rows of a table are seen at once; the others unfold."""
_REPORT = re.compile(r"[0-9a-f]{64}")
_FIELDS = {"call_to_action": "button", "alt": "alternative text"}
"""What people call the fields of a copy that are no parts of their own."""


@dataclass(frozen=True)
class Arriving:
    """How a copy looks when it arrives: its words, its button, its picture."""

    copy: Copy
    words: dict[str, Markup]
    """Field to its words, findings marked."""
    button: CallToAction | None
    """The words and the address of its button: its own, or else the brief's; None where the brief is not known."""
    picture: Picture | None
    """The picture that goes with the words."""
    picture_fault: str
    """Why it is not shown."""
    frame_height: int
    """Pixels that its preview needs, in any view."""
    views: tuple[View, ...]
    """The ways to look at it in the frame; those that need a width of their own are on a page of their own."""


@dataclass(frozen=True)
class MarkedPart:
    """One part, findings marked in its words."""

    part: Shown
    words: Markup
    rows: tuple[Row, ...]
    """Of a table, its titles and then its rows."""

    @property
    def columns(self) -> Row:
        return self.rows[0]

    @property
    def body(self) -> tuple[Row, ...]:
        return self.rows[1:]

    @property
    def left_out(self) -> int:
        """How many rows are not among the first."""
        return max(len(self.body) - FIRST_ROWS, 0)


@dataclass(frozen=True)
class KeptOut:
    """A text that the guardrails kept out of the choices, to read: nobody can pick it."""

    digest: Digest
    parts: tuple[MarkedPart, ...]
    findings: tuple[Finding, ...]
    """By the policies as they are now; where they changed since, nothing may be left that blocks it."""


@dataclass(frozen=True)
class Choice:
    """One choice as the proof shows it: in the words that would be signed now, which an approver may have edited."""

    code: str
    one: Signable
    """As it would be signed."""
    proposed: Signable
    """As it was asked about; the same where nobody edited it."""
    findings: tuple[Finding, ...]
    let_pass: tuple[Allowance, ...]
    """Words on which rules were silent, and what let them be."""
    arriving: Arriving | None
    """How it looks when it arrives; None for what does not go out."""
    earlier: Signable | None
    """What it was made from, or what stood in its place in the round before; None where there is neither."""
    came_from: str
    """The digest of what it was made from, as its maker signed; empty for one that was made anew."""
    picked: bool
    repaired: str = ""
    """How it came of a draft that the guardrails blocked; empty for one that was drafted as it is."""
    report: str = ""
    """The name of the report on the audience that it stands for; empty without one."""
    is_tried: bool = False
    """Whether it is shown with edits that are typed and not signed."""
    faults: tuple[str, ...] = ()
    """Why those edits make no text."""
    comments: tuple[Thread, ...] = ()
    """What was said of it, and of what it came from."""
    like: str = ""
    """The code of an earlier choice that is almost the same text; empty where none is."""

    @property
    def asset(self) -> Asset:
        return self.one.asset

    @property
    def edited(self) -> bool:
        return self.asset.digest != self.proposed.asset.digest

    @cached_property
    def changes(self) -> dict[str, Change]:
        """What changed since `earlier`, by the titles of the parts."""
        return {} if self.earlier is None else differences(self.earlier, self.proposed)

    @cached_property
    def edits(self) -> dict[str, Change]:
        """What the approver changed."""
        return differences(self.proposed, self.one)

    @property
    def parts(self) -> tuple[MarkedPart, ...]:
        """All that is signed, findings marked in it."""
        return _marked_parts(self.one, self.findings, self.comments)

    @property
    def made_by(self) -> str:
        author = self.proposed.asset.author
        if author.kind == "person":
            return "a person"
        return " ".join(part for part in (author.provider, author.model, author.prompt_id) if part)

    def titled(self, field: str) -> str:
        """What people call a field that a check names."""
        part = self.one.part(field)
        return _FIELDS.get(field, field) if part is None else part.title


def shown_choices(
    tx: Reader,
    desk: Desk,
    review: Review,
    situation: Situation | Refused,
    *,
    brief: Brief | None,
    manifest: Manifest | None,
    previous: Review | None,
    tried: Edits = NO_EDITS,
    person: str = "",
) -> list[Choice]:
    """Every choice. `manifest` is what somebody has approved of them; `previous` the review of the round before;
    `tried` are edits that this person has typed and not signed.

    LedgerForged where one is not what was signed.
    """
    run, proposed = review.question.run, {one.code: one.asset for one in review.question.proposals}
    signed = [] if manifest is None else [read_signable(get_asset(tx, digest)) for digest in manifest.signed]
    edited = {
        parent: one
        for one in signed
        if one.asset.digest not in proposed.values()
        for parent in parents_of(tx, one.asset.digest, run=run)
    }
    asked = {code: read_signable(get_asset(tx, digest)) for code, digest in proposed.items()}
    before = _lone_of_their_kind(_read_all(tx, previous, run))
    now = _lone_of_their_kind(asked.values())
    shown: list[Choice] = []
    # Findings, marks and what was let pass are of the words that are signed, not of those before an edit.
    as_signed = {code: edited.get(choice.asset.digest, choice) for code, choice in asked.items()}
    faults: dict[str, list[str]] = {code: [] for code in asked}
    for code, edits in ((code, edits) for code, edits in tried.items() if code in asked and edits):
        if (made := asked[code].edited(code, edits, person, faults[code])) is not None:
            as_signed[code] = read_signable(made)
    alike = {} if isinstance(situation, Refused) else too_like_in(tx, situation, as_signed)
    said = threads(tx, review, as_signed)
    for code, choice in asked.items():
        one = as_signed[code]
        kind = choice.asset.kind
        # Only of what it came from: a text that stands in the same place of another round is another text. What a flow
        # offers anew has no parent, and where there is one of its kind in both rounds it is the same thing.
        parent = next(
            (read_signable(get_asset(tx, made)) for made in parents_of(tx, choice.asset.digest, run=run)), None
        )
        anew = before.get(kind) if kind in now and not choice.goes_out else None
        findings = in_order([*_findings(one, situation, tx), *alike.get(code, ())])
        shown.append(
            Choice(
                code=code,
                one=one,
                proposed=choice,
                findings=findings,
                let_pass=_let_pass(one, situation, tx),
                arriving=_arriving(desk, review, situation, brief, one, findings, said.get(code, ())),
                comments=said.get(code, ()),
                earlier=parent or anew,
                came_from="" if parent is None else parent.asset.digest,
                picked=any(other.asset.digest == one.asset.digest for other in signed),
                repaired="; then ".join(map(repaired_how, repairs_of(tx, choice.asset.digest, run=run))),
                report="" if one.audience is None else audience_report(tx, one.audience, run=run),
                faults=tuple(faults[code]),
                is_tried=bool(tried.get(code)),
                like=next((said.text for said in alike.get(code, ()) if _is_double(one, as_signed, said)), ""),
            )
        )
    return shown


def kept_out(tx: Reader, review: Review, situation: Situation | Refused) -> Iterator[KeptOut]:
    """What the guardrails kept out of the choices. LedgerForged where one is not what was signed."""
    for digest in review.question.kept_out:
        one = read_signable(get_asset(tx, digest))
        findings = in_order(_findings(one, situation, tx))
        yield KeptOut(digest, _marked_parts(one, findings), findings)


def text_named(tx: Reader, desk: Desk, review: Review, code: str) -> Copy | None:
    """One text of a review: `V01` as it was proposed, `V01.edited` as it was approved; None where there is none."""
    plain = code.removesuffix(".edited")
    asset = next((one.asset for one in review.question.proposals if one.code == plain), None)
    if asset is None:
        return None
    if plain == code:
        return _copy(tx, asset)
    decision = decision_of(tx, review.id)
    manifest = desk.fixed(tx, review) if decision is None else decision.manifest
    published = () if manifest is None else manifest.assets
    edits = (digest for digest in published if asset in parents_of(tx, digest, run=review.question.run))
    return next((_copy(tx, edit) for edit in edits), None)


def audience_report(tx: Reader, audience: Digest, *, run: str) -> str:
    """By the screening of this very run: another run's may have let the same people pass for other reasons.

    Of a cell it is the screening of what was split.
    """
    try:
        named = sorted(sources_of(tx, run, audience), key=lambda one: one != audience)
    except LedgerForged:
        # The proof says beside it that the splits cannot be read.
        named = [audience]
    for one in named:
        frozen = [event for event in tx.events(EventKind.AUDIENCE_FROZEN, subject=one) if event.run == run]
        if frozen:
            # Reports of before this was signed lie under the audience's digest.
            said = str(frozen[-1].data.get("report") or one)
            return said if _REPORT.fullmatch(said) else ""
    return audience if _REPORT.fullmatch(audience) else ""


def _copy(tx: Reader, digest: str) -> Copy | None:
    one = read_signable(get_asset(tx, digest))
    return one.copy if isinstance(one, CopyText) else None


def _read_all(tx: Reader, review: Review | None, run: str) -> list[Signable]:
    if review is None or review.question.run != run:
        return []
    return [read_signable(get_asset(tx, proposal.asset)) for proposal in review.question.proposals]


def _lone_of_their_kind(choices: Collection[Signable]) -> dict[str, Signable]:
    kinds = Counter(one.asset.kind for one in choices)
    return {one.asset.kind: one for one in choices if kinds[one.asset.kind] == 1}


def _arriving(
    desk: Desk,
    review: Review,
    situation: Situation | Refused,
    brief: Brief | None,
    one: Signable,
    findings: tuple[Finding, ...],
    said: tuple[Thread, ...],
) -> Arriving | None:
    if not isinstance(one, CopyText):
        return None
    copy = one.copy
    pictures: Mapping[str, Picture] = {} if isinstance(situation, Refused) else situation.pictures
    picture = pictures.get(copy.image or "")
    missing = file_fault(desk.pictures, [picture]) if picture is not None else None
    button = copy.call_to_action or (None if brief is None else brief.call_to_action)
    # For its height alone, so without the picture's bytes.
    size = None if picture is None else ShownPicture(picture, b"")
    preview = "" if brief is None else preview_html(copy, brief, sender=review.question.sender, shown=size)
    return Arriving(
        copy=copy,
        words=_marked(copy, picture, button, findings, said),
        button=None if button is None else button.as_sent,
        picture=picture,
        picture_fault="" if missing is None else missing.reason,
        frame_height=frame_height(preview) + NOTE_HEIGHT,
        views=tuple(view for view in views_of(copy) if view.name != "desktop"),
    )


def _marked(
    copy: Copy,
    picture: Picture | None,
    button: CallToAction | None,
    found: tuple[Finding, ...],
    said: tuple[Thread, ...],
) -> dict[str, Markup]:
    texts = {name: str(getattr(copy, name)) for name in WORDS}
    texts["call_to_action"] = "" if button is None else button.label
    if picture is not None:
        texts |= {"alt": picture.alt, "caption": picture.caption}
    return {
        name: marked(text, [f for f in found if f.field == name], passages_in(said, name))
        for name, text in texts.items()
    }


def passages_in(said: tuple[Thread, ...], name: str) -> list[Passage]:
    """The passages of a part that are still talked about."""
    return [
        Passage(one.span, one.number) for one in said if one.field == name and one.span and not one.comment.resolved
    ]


def _is_double(one: Signable, others: Mapping[str, Signable], said: Finding) -> bool:
    """Whether it is but for a few words in one part another choice: a body under another subject is a choice of its
    own."""
    other = others.get(said.text)
    if other is None:
        return False
    then, now = (
        {part.name: bare(part.text) for part in each.parts if part.name != said.field} for each in (other, one)
    )
    return then == now


def _marked_parts(one: Signable, found: tuple[Finding, ...], said: tuple[Thread, ...] = ()) -> tuple[MarkedPart, ...]:
    made: list[MarkedPart] = []
    for part in one.parts:
        here = [finding for finding in found if finding.field == part.name]
        passages = passages_in(said, part.name)
        words = marked(part.text, here, passages)
        made.append(MarkedPart(part, words, marked_rows(part.rows, here, passages)))
    return tuple(made)


def _findings(one: Signable, situation: Situation | Refused, tx: Reader) -> tuple[Finding, ...]:
    if isinstance(situation, Refused) or _cannot_be_judged(one, situation):
        return ()
    return one.findings(situation.look(tx.now.date()))


def _let_pass(one: Signable, situation: Situation | Refused, tx: Reader) -> tuple[Allowance, ...]:
    if isinstance(situation, Refused) or _cannot_be_judged(one, situation):
        return ()
    return one.allowances(situation.look(tx.now.date()))


def _cannot_be_judged(one: Signable, situation: Situation) -> bool:
    # Nothing is shown as checked that cannot be approved either; the desk says why.
    return one.fault(situation.pictures) is not None
