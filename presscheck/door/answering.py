"""The proof answers: one plain form with all that Prefect's form asks, judged by the same desk.

    GET  /proof/R-...    the drafts, and under them the bar in which somebody answers who may
    POST /proof/R-...    do=answer, or do=check, edit:V03, undo:V03, use:V03:subject:12 (what a finding there says to
                         write instead): the page again, with all that was typed

Fields: `form` (which question it is), `pick` (once for each), `edit.V03.subject` and the like, `text.subject` and the
like where a text is written, `decision`, `reason`, `note`, `password` and `code`. No script is needed, and nothing that
was typed is lost: what is not accepted is shown again as it was typed, with the reason beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from secrets import token_hex
from typing import Any, Self

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from policies import replaced
from presscheck.assets.marking import shown_findings
from presscheck.assets.reading import read_signable
from presscheck.assets.signable import Signable
from presscheck.cleaning import words_of
from presscheck.desk.alike import MOST
from presscheck.desk.endings import ending_of
from presscheck.desk.forms import Form
from presscheck.desk.open_questions import Filter
from presscheck.desk.proving import FRESH_FROM
from presscheck.desk.situation import read_situation
from presscheck.desk.writing import WritingForm
from presscheck.door import begun, comment_pages
from presscheck.door.alike_lines import AlikeLine, Also, alike_lines, sort_out
from presscheck.door.answers import no, pairs_of
from presscheck.door.begun import Brought, brought
from presscheck.door.comment_pages import Talk
from presscheck.door.doorway import Doorway
from presscheck.door.draft_lines import DraftLine, Sort, draft_lines, sort_of
from presscheck.door.kept import kept_lines
from presscheck.door.minutes import mark_seen
from presscheck.door.page import fields_of, is_ours, page, signed_in_route
from presscheck.door.proof import Proof, gather
from presscheck.door.queue import queue_of
from presscheck.door.step_up import Ways, proved, ways_of
from presscheck.door.turns import A_MINUTE
from presscheck.door.under_way import waiting_deliveries
from presscheck.door.waiting import PAGE, inbox
from presscheck.ledger import EventKind, Reader
from presscheck.ledger.held import HeldAnswer, held_answer
from presscheck.ledger.reviews import find_review
from presscheck.models import Approval, Decision, Finding, Refused, Review
from presscheck.people.rights import person_name
from presscheck.people.sessions import Session

ANEW = "You have signed in anew since this page was opened. All that you typed is here: look at it, and answer again."
_CHANGED = (
    "Somebody has answered since you opened this page, or its policies changed: look at it anew before you answer."
)
_OFTEN = f"{A_MINUTE} checks within a minute are enough; all that you typed is here, so go on in a moment."
_UNSAID = "You have typed a comment and not sent it: send it with its own button, or empty it. Nothing was decided."
_TAKEN_BACK = "You have taken your answer back, and it does not count. All that you typed is here."
_UNTYPED = ("csrf", "password", "code", "do")


def routes(door: Doorway) -> list[Route]:
    """The proof, and answering on it."""
    return [
        signed_in_route(door, "/proof/{review}", "GET", _shown),
        Route("/proof/{review}", partial(_posted, door), methods=["POST"]),
    ]


@dataclass(frozen=True)
class Typed:
    """What somebody has filled in so far, as they typed it."""

    form: str = ""
    decision: str = ""
    picks: tuple[str, ...] = ()
    edits: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """The parts of each choice that is open for editing."""
    text: Mapping[str, str] = field(default_factory=dict[str, str])
    """The parts of a text of one's own."""
    reason: str = ""
    note: str = ""
    opened: str = ""
    """The choice that was opened just now: whoever goes on typing types into it."""
    saying: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """What is typed into the fields of comments, by what it is about; none of it is part of an answer."""
    show: str = "all"
    """Which drafts are in sight; it says nothing of the answer, as little as their order."""
    sort: Sort = "order"
    tab: str = field(default_factory=lambda: token_hex(8))
    since: str = ""
    """Which tab it is typed in, and the mark of what was kept of it last."""
    also: Mapping[str, str] = field(default_factory=dict[str, str])
    """Alike questions that get the same answer, each with the key of its own form."""

    @classmethod
    def of(cls, fields: list[tuple[str, str]]) -> Self:
        """From the fields of the form; what is none of its fields says nothing."""
        known = dict(fields)
        edits: dict[str, dict[str, str]] = {}
        saying: dict[str, dict[str, str]] = {}
        for name, value in fields:
            first, _, rest = name.partition(".")
            code, _, part = rest.partition(".")
            if first == "edit" and part:
                edits.setdefault(code, {})[part] = value
            if first == "comment" and part and value:
                saying.setdefault(code, {})[part] = value
        return cls(
            form=known.get("form", ""),
            decision=known.get("decision", ""),
            picks=tuple(dict.fromkeys(value for name, value in fields if name == "pick")),
            edits=edits,
            saying=saying,
            text={name.removeprefix("text."): value for name, value in fields if name.startswith("text.")},
            reason=known.get("reason", ""),
            note=known.get("note", ""),
            show=known.get("show", "all"),
            tab=known.get("tab") or token_hex(8),
            since=known.get("since", ""),
            sort=sort_of(known.get("sort", "")),
            also={name.removeprefix("also."): value for name, value in fields if name.startswith("also.")},
        )

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The fields of the form that hold this."""
        return [
            *(("pick", code) for code in self.picks),
            *((f"edit.{code}.{part}", text) for code, parts in self.edits.items() for part, text in parts.items()),
            *((f"text.{part}", text) for part, text in self.text.items()),
            *((f"comment.{about}.{one}", text) for about, parts in self.saying.items() for one, text in parts.items()),
            ("form", self.form), ("decision", self.decision), ("reason", self.reason), ("note", self.note),
        ]  # fmt: skip

    @property
    def characters(self) -> int:
        """How much there is to look at."""
        return sum(len(text) for parts in self._typed for text in parts.values())

    @property
    def _typed(self) -> Iterator[Mapping[str, str]]:
        yield from (self.text, *self.edits.values(), *self.saying.values())

    @property
    def unsaid(self) -> list[str]:
        """Where a comment was typed and not sent."""
        return [about for about, parts in self.saying.items() if parts.get("words", "").strip()]

    @property
    def words(self) -> dict[str, str]:
        """All that was written, by what it is; without what is empty."""
        edits = {f"{code}, {name}": text for code, parts in self.edits.items() for name, text in parts.items()}
        return {name: text for name, text in {**self.text, **edits, "note": self.note}.items() if text.strip()}

    def editing(self, code: str, form: Form) -> Self:
        """The same with a choice open for editing, and picked: an edit of what is not picked is nobody's."""
        one = form.options.get(code)
        if one is None:
            return self
        parts = {part.name: part.text for part in one.parts_to_write}
        picks = self.picks if code in (*self.picks, *form.settled) else (*self.picks, code)
        edits = {**self.edits, code: {**parts, **self.edits.get(code, {})}}
        return replace(self, picks=picks, edits=edits, opened=code)

    def for_another(self, form: str, codes: Mapping[str, str]) -> Self:
        """The same answer to an alike question, in whose form the choices have these codes."""
        picks = tuple(codes.get(code, code) for code in self.picks)
        edits = {codes.get(code, code): parts for code, parts in self.edits.items()}
        return replace(self, form=form, picks=picks, edits=edits, also={}, opened="")

    def as_proposed(self, code: str) -> Self:
        """The same without the edits of a choice."""
        return replace(self, edits={known: parts for known, parts in self.edits.items() if known != code})

    def raw(self, form: Form) -> dict[str, Any]:
        """What the desk judges."""
        raw = {"form": self.form, "decision": self.decision, "reason": self.reason, "note": self.note}
        # In the order in which they were asked about, however the page had sorted them.
        places = {code: at for at, code in enumerate(form.choices)}
        picks = sorted(self.picks, key=lambda code: places.get(code, len(places)))
        if isinstance(form, WritingForm):
            return {**raw, "picks": picks, **{part: self.text.get(part, "") for part in form.parts}}
        edits = [
            {"pick": code, "field": name, "text": text}
            for code, parts in self.edits.items()
            for name, text in parts.items()
            if not _is_as_proposed(form, code, name, text)
        ]
        return {**raw, "picks": picks, "edits": edits}


def _is_as_proposed(form: Form, code: str, name: str, text: str) -> bool:
    one = form.options.get(code)
    part = None if one is None else one.writable(name)
    if part is None:
        return False
    kind = "body" if part.several_lines else "line"
    return words_of(kind, text) == words_of(kind, part.text)


@dataclass(frozen=True)
class Bar:
    """The form under the drafts, for somebody who may answer."""

    form: Form
    typed: Typed
    comes_to: str
    """What a yes comes to, in a sentence or two."""
    prove: Ways | None
    """How somebody proves who they are, where the answer needs it fresh; None where it does not."""
    alike: tuple[AlikeLine, ...] = ()
    """Other questions that the same answer may be given to."""

    @property
    def decisions(self) -> dict[str, str]:
        """What each decision is called, by its code."""
        return {code: label for label, code in self.form.decisions.items()}

    @property
    def parts(self) -> dict[str, tuple[str, str]]:
        """The parts of a text that is written here; none where one picks."""
        return self.form.parts if isinstance(self.form, WritingForm) else {}

    @property
    def pickable(self) -> tuple[str, ...]:
        """The codes that may be picked, or drawn on."""
        if isinstance(self.form, WritingForm):
            return tuple(self.form.choices)
        return () if self.form.fixed else self.form.open_ones


# ---------------------------------------------------------------- the page


def _shown(door: Doorway, request: Request, session: Session) -> Response:
    review = str(request.path_params["review"])
    after = request.query_params.get("after", "")
    with door.ledger.read() as tx:
        found = find_review(tx, review)
        open_one = found is not None and door.desk.outcome(tx, review).decision is None
        again = brought(tx, session.person, found) if found is not None and open_one else None
        if again is not None and held_answer(tx, review, session.person) is not None and again.before:
            # What was answered here since is newer than what was begun beside another question.
            again = None
    typed = None if again is None else replace(Typed.of([*again.fields]), since=again.mark)
    looked_at = typed is None or door.turns.has(session.person, typed.characters)
    response = proof_page(door, session, review, typed, after=after, again=again, looked_at=looked_at)
    if response.status_code == 200:
        mark_seen(door, review, session.person)
    return response


def proof_page(
    door: Doorway,
    session: Session,
    review_id: str,
    typed: Typed | None = None,
    *,
    refusal: str = "",
    checked: bool = False,
    looked_at: bool = True,
    status: int = 200,
    after: str = "",
    unsaid: tuple[str, str] = ("", ""),
    again: Brought | None = None,
) -> Response:
    """The proof with its bar; `checked` looks at what was typed as the desk will, and records nothing. What is not
    `looked_at` stands in its fields alone. `unsaid` is what a comment's button was about, and why it did nothing;
    `again` what is here again."""
    among = door.desk.open_questions.alike(review_id, session.person, most=MOST)
    queue = queue_of(door.desk, session.person, here=review_id)
    with door.ledger.read() as tx:
        review = find_review(tx, review_id)
        if review is None:
            return page("trouble.html", 404, what="There is no such review.", advice="The inbox lists those that wait.")
        said = ""
        kept = held_answer(tx, review.id, session.person)
        if kept is not None and kept.state != "held" and (typed is None or again is not None):
            # Told when the page is opened; whoever asks for it again by a button has read it.
            refusal = refusal or kept.reason
            if typed is None:
                # What was taken back, or did not count in the end, stands here again as it was typed.
                typed = Typed.of(list(kept.given.fields))
                said = _TAKEN_BACK if kept.state == "taken-back" else ""
        typed = typed or Typed()
        proof, bar = _gathered(tx, door, session, review, typed, among, looked_at=looked_at)
        if kept is not None and kept.state == "held":
            bar = None
        if bar is not None and typed.form not in ("", bar.form.key):
            # Whatever else is to be told: the form that comes back is no longer the one that was filled in.
            refusal = f"{refusal} {_CHANGED}".strip()
        if checked and bar is not None:
            raw = {**bar.typed.raw(bar.form), "decision": bar.typed.decision or "approve"}
            refused = door.desk.try_out(tx, bar.form, raw, person=session.person)
            refusal = refusal or ("" if refused is None else f"As it stands it would be refused: {refused.reason}")
            said = "" if refused else "As it stands it would be accepted."
        return page(
            "proof.html",
            status,
            session=session,
            proof=proof,
            bar=bar,
            lines=_lines(proof, bar, {*typed.saying, unsaid[0]}),
            typed=typed,
            refusal=refusal,
            talk=Talk.beside_proof(tx, door.desk, proof, session.person, typed.saying, unsaid),
            again=again,
            checked=said,
            after=told_after(tx, door, after, session.person),
            name=person_name(tx, session.person),
            now=tx.now,
            waits=waiting_deliveries(tx, review.id),
            kept=kept_lines(tx, session.person, but=review.id),
            queue=queue,
        )


def _lines(proof: Proof, bar: Bar | None, talked: set[str]) -> tuple[DraftLine, ...]:
    typed = Typed() if bar is None else bar.typed
    return tuple(draft_lines(proof.choices, sort=typed.sort, open_ones={*typed.picks, *typed.edits, *talked}))


def _gathered(
    tx: Reader,
    door: Doorway,
    session: Session,
    review: Review,
    typed: Typed,
    among: Sequence[str],
    *,
    looked_at: bool,
) -> tuple[Proof, Bar | None]:
    form = None if door.desk.outcome(tx, review.id).decision is not None else door.desk.form(tx, review, shown=False)
    tried = {} if form is None or not looked_at else _tried(form, typed)
    proof = gather(tx, door.desk, review, person=session.person, tried=tried)
    if form is None or proof.trouble or proof.why_not_me is not None:
        return proof, None
    # What stands on this page is what is answered from here, and `proof_page` says so where it is another question now.
    typed = replace(typed, form=form.key)
    needs_proof = proof.row.tier in FRESH_FROM and not session.is_fresh(tx.now)
    prove = ways_of(tx, door, session) if needs_proof else None
    return proof, Bar(form, typed, _comes_to(proof), prove, alike_lines(tx, door, review, among, session.person))


def _tried(form: Form, typed: Typed) -> dict[str, dict[str, str]]:
    """The edits that change something, cleaned as they would be signed."""
    if isinstance(form, WritingForm) or not typed.edits:
        return {}
    edits = form.edits(typed.raw(form)["edits"], [])
    return {code: {one.field: one.text for one in edits if one.pick == code} for code in typed.edits}


def _comes_to(proof: Proof) -> str:
    """What a yes leads to."""
    question = proof.review.question
    if question.asks == "writing":
        return "What you hand in goes to whoever approves it; nothing goes out by it."
    several = len(proof.rule.stages) > 1 or " and " in proof.rule.asks_for()
    asks = f"In all it takes {proof.rule.asks_for()}." if several else ""
    if question.channel is None:
        return f"{asks} Nothing goes out by a yes: it is for the campaign's steps.".strip()
    return f"{asks} {'Then' if several else 'With your yes'} it goes out to {proof.goes_to}.".strip()


def told_after(tx: Reader, door: Doorway, review_id: str, person: str) -> str:
    """What became of the question that this person has just answered; empty where they answered none."""
    review = find_review(tx, review_id) if review_id else None
    if review is None:
        return ""
    decision = door.desk.outcome(tx, review.id).decision
    if decision is not None:
        return f"{review.id}: {ending_of(tx, decision).told}" if decision.person == person else ""
    given = tx.events(EventKind.APPROVAL_GIVEN, subject=review.id)
    if person not in {event.data.get("person") for event in given}:
        return ""
    return f"{review.id}: Your yes counts. {door.desk.still_needed(tx, review)}".rstrip()


# ---------------------------------------------------------------- while somebody types


def check(door: Doorway, request: Request, session: Session, body: Mapping[str, Any]) -> Response:
    """What would be refused in the fields of the form as they are, and what is found in each draft that is edited.

    POST /-/api/reviews/ID/check {"fields": [["pick", "V01"], ["edit.V01.subject", "..."]]}: judged and kept nowhere.
    """
    fields = pairs_of(body.get("fields"))
    if fields is None:
        return no(422, "fields is a list of pairs of texts", 'Send {"fields": [["pick", "V01"]]}.')
    typed = Typed.of(fields)
    if not door.turns.has(session.person, typed.characters):
        return no(429, f"{A_MINUTE} checks within a minute are enough; go on in a moment")
    with door.ledger.read() as tx:
        review = find_review(tx, str(request.path_params["review"]))
        if review is None or door.desk.outcome(tx, review.id).decision is not None:
            return no(409, "nothing is asked here any more", "Open the page again.")
        form = door.desk.form(tx, review, shown=False)
        refused = door.desk.try_out(tx, form, {**typed.raw(form), "decision": "approve"}, person=session.person)
        found = {code: _found(tx, door, review, form, code, edits) for code, edits in _tried(form, typed).items()}
    return JSONResponse({"refused": "" if refused is None else refused.reason, "drafts": found})


def _found(
    tx: Reader, door: Doorway, review: Review, form: Form, code: str, edits: Mapping[str, str]
) -> list[dict[str, Any]]:
    one, faults = _with_edits(form, code, edits)
    if one is None:
        return [{"level": "block", "message": fault, "suggestion": "", "words": "", "rule": ""} for fault in faults]
    found = _findings(tx, door, review, one)
    by_part = [(part.title, part.text, [f for f in found if f.field == part.name]) for part in one.parts]
    return shown_findings(by_part)["findings"]


def _with_edits(form: Form, code: str, edits: Mapping[str, str]) -> tuple[Signable | None, list[str]]:
    """A choice as these edits make it, or why they make none; None without a reason where they change nothing."""
    faults: list[str] = []
    asset = form.options[code].edited(code, edits, "", faults) if code in form.options and edits else None
    return None if asset is None else read_signable(asset), faults


def _findings(tx: Reader, door: Doorway, review: Review, one: Signable) -> tuple[Finding, ...]:
    situation = read_situation(tx, review, door.desk.policies)
    if isinstance(situation, Refused) or one.fault(situation.pictures) is not None:
        return ()
    return one.findings(situation.look(tx.now.date()))


# ---------------------------------------------------------------- what is posted


async def _posted(door: Doorway, request: Request) -> Response:
    review = str(request.path_params["review"])
    fields = await fields_of(request)
    given = dict(fields)
    typed = Typed.of(fields)
    session = await door.session(request)
    if session is None:
        return kept_page(review, fields)
    looked_at = door.turns.has(session.person, typed.characters)
    again = partial(proof_page, door, session, review, looked_at=looked_at)
    if not await is_ours(door, request, session, given):
        return await run_in_threadpool(again, typed, refusal=ANEW, status=403)
    do, _, code = given.get("do", "check").partition(":")
    if do == "afresh":
        await run_in_threadpool(begun.forget, door, session, review)
        await run_in_threadpool(door.held.forget, review, person=session.person)
        return RedirectResponse(f"/proof/{review}", status_code=303)
    if do == "answer":
        return await _answer(door, request, session, review, fields, looked_at=looked_at)
    if not looked_at:
        typed, told = await run_in_threadpool(keeping, door, session, review, typed)
        return await run_in_threadpool(again, typed, refusal=f"{_OFTEN} {told}".strip(), status=429)
    if do in comment_pages.ACTS:
        return await _commented(door, request, session, review, typed, do, code)
    if do in ("edit", "use"):
        typed = await run_in_threadpool(_opened, door, review, typed, code)
    if do == "undo":
        typed = typed.as_proposed(code)
    if do == "sort":
        typed = replace(typed, sort=sort_of(code))
    typed, told = await run_in_threadpool(keeping, door, session, review, typed)
    opened = (code, "") if do == "say" else ("", "")
    return await run_in_threadpool(again, typed, refusal=told, checked=do == "check", unsaid=opened)


def keeping(door: Doorway, session: Session, review: str, typed: Typed) -> tuple[Typed, str]:
    """What was typed, kept so that it is here again; and what is to be told of that, if anything."""
    kept = begun.keep(door, session, review, typed.fields, tab=typed.tab, since=typed.since)
    if isinstance(kept, begun.NotKept):
        more = " Press the button once more to keep this page instead." if kept.newer else ""
        return replace(typed, since=kept.newer or typed.since), f"{kept.reason}{more}"
    return replace(typed, since="" if kept is None else kept.mark), ""


async def _commented(
    door: Doorway, request: Request, session: Session, review: str, typed: Typed, act: str, about: str
) -> Response:
    """The page again with what a comment's button did; all else that was typed stands as it was."""
    given = typed.saying.get(about, {})
    refused = await run_in_threadpool(comment_pages.by_form, door, session, review, act, about, given)
    unsaid, status = (about, ""), 200
    if refused is not None:
        unsaid, status = (about, refused.reason), 409
        if refused.code == "no-right":
            await door.forbidden.record(session.person, request.method, request.url.path, refused.reason)
    elif act == "comment":
        typed = replace(typed, saying={one: parts for one, parts in typed.saying.items() if one != about})
    typed, told = await run_in_threadpool(keeping, door, session, review, typed)
    return await run_in_threadpool(proof_page, door, session, review, typed, refusal=told, unsaid=unsaid, status=status)


def kept_page(review: str, fields: list[tuple[str, str]]) -> Response:
    """For somebody whose session is over: what they typed, to go on with once they have signed in."""
    return page("kept.html", 401, review=review, fields=_without_secrets(fields))


def _without_secrets(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [one for one in fields if one[0] not in _UNTYPED]


def _opened(door: Doorway, review_id: str, typed: Typed, what: str) -> Typed:
    """With a choice open for editing: `V01`, or `V01:subject:12` with what a finding there says to write instead."""
    code, _, place = what.partition(":")
    with door.ledger.read() as tx:
        review = find_review(tx, review_id)
        if review is None:
            return typed
        form = door.desk.form(tx, review, shown=False)
        typed = typed.editing(code, form)
        if not place or code not in form.options:
            return typed
        one, _ = _with_edits(form, code, _tried(form, typed).get(code, {}))
        for finding in _findings(tx, door, review, one or form.options[code]):
            part = (one or form.options[code]).writable(finding.field)
            if part is None or finding.span is None or finding.replacement is None:
                continue
            if place == f"{finding.field}:{finding.span[0]}":
                text = replaced(part.text, finding.span, finding.replacement)
                return replace(typed, edits={**typed.edits, code: {**typed.edits[code], part.name: text}})
    return typed


async def _answer(
    door: Doorway, request: Request, session: Session, review: str, fields: list[tuple[str, str]], *, looked_at: bool
) -> Response:
    given, typed = dict(fields), Typed.of(fields)
    again = partial(proof_page, door, review_id=review, looked_at=looked_at)
    if typed.unsaid:
        # An answer ends the question, and a comment that was only typed would be lost with it.
        return await run_in_threadpool(again, session=session, typed=typed, refusal=_UNSAID, status=409)
    renewed = None
    if given.get("password") or given.get("code"):
        renewed = await run_in_threadpool(
            proved, door, request, session, given.get("password", ""), given.get("code", "")
        )
        if isinstance(renewed, Refused):
            if await door.session(request) is None:
                # The fifth wrong try ends the session.
                return kept_page(review, fields)
            said = f"You were not recognised: {renewed.reason}."
            status = 429 if renewed.code == "busy" else 403
            return await run_in_threadpool(again, session=session, typed=typed, refusal=said, status=status)
        session = renewed.session
    alike = await run_in_threadpool(sort_out, door, review, session.person, typed.also) if typed.also else []
    answer = await _given(door, session, review, typed, fields)
    if isinstance(answer, Refused):
        status = 404 if answer.code == "no-review" else 409
        # The desk's own reason says what is asked now.
        typed = replace(typed, form="") if answer.code == "stale-form" else typed
        typed, told = await run_in_threadpool(keeping, door, session, review, typed)
        refusal = f"{answer.reason} {told}".strip()
        response = await run_in_threadpool(again, session=session, typed=typed, refusal=refusal, status=status)
    else:
        await run_in_threadpool(begun.forget, door, session, review)
        told = [await _also(door, session, one, typed) for one in alike]
        following = await run_in_threadpool(_next, door, session.person, review)
        response = RedirectResponse(following, status_code=303)
        if any(one.refused for one in told):
            response = await run_in_threadpool(_told_together, door, session, told, following)
    if renewed is not None:
        door.let_in(response, renewed.token, renewed.expires_at)
    return response


async def _given(
    door: Doorway, session: Session, review_id: str, typed: Typed, fields: list[tuple[str, str]]
) -> Decision | Approval | HeldAnswer | Refused:
    """What the desk says to the answer; where it can be taken back it is held, and does not count yet."""

    def raw() -> dict[str, Any]:
        with door.ledger.read() as tx:
            review = find_review(tx, review_id)
            return {} if review is None else typed.raw(door.desk.form(tx, review, shown=False))

    if unsettled := await door.starts.settle(session, review=review_id):
        return unsettled
    given = partial(door.held.give, review_id, person=session.person, proved_at=session.proved_at)
    answer = await run_in_threadpool(given, raw=await run_in_threadpool(raw), fields=_without_secrets(fields))
    if isinstance(answer, Decision):
        door.bell.ring_soon()
    return answer


async def _also(door: Doorway, session: Session, one: Also, typed: Typed) -> Also:
    """The same answer to one alike question, by itself: what becomes of the others is nothing to it."""
    if one.refused:
        return one
    same = typed.for_another(one.form, one.codes)
    answer = await _given(door, session, one.review, same, same.fields)
    return replace(one, refused=answer.reason if isinstance(answer, Refused) else "")


def _told_together(door: Doorway, session: Session, told: list[Also], following: str) -> Response:
    with door.ledger.read() as tx:
        name = person_name(tx, session.person)
    return page("alike.html", session=session, name=name, told=told, following=following)


async def judged(door: Doorway, session: Session, review: str, raw: Mapping[str, Any]) -> Decision | Approval | Refused:
    """What the desk says to an answer of somebody who is signed in; an answer that ends a question rings the bell."""
    if unsettled := await door.starts.settle(session, review=review):
        return unsettled
    proved_at = session.proved_at
    answer = await run_in_threadpool(door.desk.apply, review, person=session.person, raw=raw, proved_at=proved_at)
    if isinstance(answer, Decision):
        door.bell.ring_soon()
    return answer


def _next(door: Doorway, person: str, done: str) -> str:
    """The next question that waits for the same person, or the inbox where there is none."""
    # What was theirs a moment ago may be another's now, because answers add up: then a whole page is looked through.
    for size in (2, PAGE):
        found = inbox(door.desk, person=person, size=size, only=Filter(mine=True))
        for line in found.lines:
            if line.mine and line.review.id != done:
                return f"/proof/{line.review.id}?after={done}"
        if found.mine <= size:
            break
    return f"/inbox?after={done}"
