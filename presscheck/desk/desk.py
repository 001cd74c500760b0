"""The desk: applications become decisions, decisions become the right to publish.

    desk = Desk(ledger, policies)
    answer = desk.apply(review_id, person=person, raw=form)       # Decision, or Refused with its reason
    with ledger.read() as tx:
        outcome = desk.outcome(tx, review_id)                     # what the flow goes on with

The door's desk writes; the worker's and the press's read. Nothing here knows Prefect, and what
Prefect stored is never looked at. Each judgement and its record are one transaction, so of many
answers at once exactly one is accepted and the others are told which.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from presscheck.assets.pictures.believing import file_fault
from presscheck.assets.reading import read_signable
from presscheck.assets.signable import Signable
from presscheck.desk.answers import Answer, graver_than_said, judge, sign
from presscheck.desk.authorship import lacks_writer
from presscheck.desk.comments import asked_with, open_threads
from presscheck.desk.duties import (
    Explained,
    WhoMay,
    bar,
    choose_voice,
    explain,
    needed,
    nobody_for_the_whole,
    speaks_against,
    unmet,
    who_may,
)
from presscheck.desk.form_lines import form_lines
from presscheck.desk.forms import Form, form_key, only_of_their_kind
from presscheck.desk.gaps import began_before_gap
from presscheck.desk.last_round import ReadNote, changes_asked, comments_asked
from presscheck.desk.makers import makers_of
from presscheck.desk.open_questions import OpenQuestions
from presscheck.desk.passed import Before, agreed_before, may_be_used
from presscheck.desk.proving import lacks_proof
from presscheck.desk.publishing import Basis, authorise
from presscheck.desk.reading_ahead import known_of
from presscheck.desk.records import (
    WITHDRAWAL,
    WITHDRAWAL_TEXT,
    Signer,
    already_decided,
    approve_in_part,
    choices_of,
    deadline_of,
    decide,
    expire,
    find,
    make_ending,
    title_of,
)
from presscheck.desk.refusals import Refusals
from presscheck.desk.reverting import revert_asset, since_asked
from presscheck.desk.situation import (
    PolicySource,
    Situation,
    read_situation,
)
from presscheck.desk.voices import Heard, hear, moment
from presscheck.desk.writing import form_for, hand_in
from presscheck.documents.sentences import counted, listed
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import EventKind, Ledger, Reader, Writer, timestamp
from presscheck.ledger.assets import get_asset
from presscheck.ledger.held import held_with
from presscheck.ledger.remembering import Known
from presscheck.ledger.reviews import (
    decision_event,
    decision_of,
    find_review,
    like_asked,
    record_application,
    record_decision,
    submission_of,
)
from presscheck.ledger.versions import Version
from presscheck.models import (
    Approval,
    CommentAsked,
    Decision,
    DecisionKind,
    Manifest,
    Outcome,
    OutcomeStatus,
    Refused,
    Review,
    Submission,
)
from presscheck.people.rights import active_rights, person_name, rights_of

if TYPE_CHECKING:
    from policies import Standing, Voice

_log = logging.getLogger(__name__)

_MAY_WITHDRAW = ("engineer", "administrator")


class _OnlyRehearsed(Exception):
    """Ends the transaction of a rehearsal, so that nothing of it stays."""

    def __init__(self, judged: Decision | Approval) -> None:
        super().__init__()
        self.judged = judged


class Desk:
    """The judge over one ledger. `policies` is asked anew for every judgement.

    `pictures` is the folder that pictures lie in; without one, nothing with a picture is approved or goes out.
    `read_note` says what a copywriter makes of a note; without it, the note is shown alone.
    """

    def __init__(
        self,
        ledger: Ledger,
        policies: PolicySource,
        pictures: Path | None = None,
        read_note: ReadNote | None = None,
    ) -> None:
        self.ledger = ledger
        self.policies = policies
        self.pictures = pictures
        self._read_note = read_note
        self.open_questions = OpenQuestions(ledger, policies)
        self.refusals = Refusals(ledger)
        self._makers = makers_of(ledger)

    # ------------------------------------------------------------ asking

    def form(
        self, tx: Reader, review: Review, *, refusal: str = "", proved_at: datetime | None = None, shown: bool = True
    ) -> Form:
        """The review's form, for whoever last proved who they are at `proved_at`.

        Where it is not `shown` but only read with, what it would tell besides is not worked out. LedgerForged or
        LedgerGone if one of its choices is not what was proposed.
        """
        situation = read_situation(tx, review, self.policies)
        heard = situation if isinstance(situation, Refused) else hear(tx, situation)
        return self._form(tx, review, situation, heard, refusal=refusal, proved_at=proved_at, shown=shown)

    def form_key(self, tx: Reader, review: Review) -> str:
        """The key of the review's form, without its choices."""
        situation = read_situation(tx, review, self.policies)
        return form_key(review, situation if isinstance(situation, Refused) else hear(tx, situation))

    def standing(self, tx: Reader, review: Review) -> "Standing | Refused":
        """How far the approval has come, whom it still needs and until when; Refused where no policy says so."""
        situation = read_situation(tx, review, self.policies)
        return situation if isinstance(situation, Refused) else hear(tx, situation).standing

    def who_may(self, tx: Reader, review: Review) -> WhoMay | Refused:
        """Who is asked now; Refused where nobody may answer, because no policy says who."""
        situation = read_situation(tx, review, self.policies)
        return situation if isinstance(situation, Refused) else who_may(tx, situation, hear(tx, situation))

    def asked(self, tx: Reader, review: Review) -> tuple[str, ...]:
        """The ids of everybody whose yes would bring it further now; none where nobody may answer."""
        who = self.who_may(tx, review)
        return () if isinstance(who, Refused) else who.people

    def explain(self, tx: Reader, review: Review) -> list[Explained] | Refused:
        """For everybody, by each of their roles: whether they may decide now, and which rule says so."""
        situation = read_situation(tx, review, self.policies)
        return situation if isinstance(situation, Refused) else explain(tx, situation, hear(tx, situation))

    def why_not(self, tx: Reader, review: Review, person: str) -> Refused | None:
        """Why this person may not answer; None for one who may."""
        situation = read_situation(tx, review, self.policies)
        if isinstance(situation, Refused):
            return situation
        return _asked_twice(tx, review) or bar(tx, situation, hear(tx, situation), person)

    def still_needed(self, tx: Reader, review: Review) -> str:
        """Whose yes it still takes and who could give it, in a sentence or two; empty where it takes none."""
        situation = read_situation(tx, review, self.policies)
        if isinstance(situation, Refused) or decision_event(tx, review.id) is not None:
            return ""
        heard = hear(tx, situation)
        return "" if heard.complete else needed(tx, situation, heard)

    def is_wanted(self, tx: Reader, review: Review, person: str) -> bool:
        """Whether this person's yes would bring it further now: then it stands in their inbox."""
        return person in self.asked(tx, review)

    def deadline(self, tx: Reader, review: Review) -> datetime:
        """Until when it may be answered: the review's own time, or its stage's where that is earlier."""
        situation = read_situation(tx, review, self.policies)
        return deadline_of(review, situation if isinstance(situation, Refused) else hear(tx, situation))

    def fixed(self, tx: Reader, review: Review) -> Manifest | None:
        """What somebody has picked and approved already, which everybody else signs or refuses; None before that."""
        situation = read_situation(tx, review, self.policies)
        return None if isinstance(situation, Refused) else hear(tx, situation).manifest

    def signed_so_far(self, tx: Reader, review: Review) -> Manifest | None:
        """What was decided, or else what somebody has approved already; None where neither."""
        decision = decision_of(tx, review.id)
        return self.fixed(tx, review) if decision is None else decision.manifest

    def said(self, tx: Reader, review: Review) -> tuple[str, ...]:
        """A sentence for each yes that counts already, in order."""
        situation = read_situation(tx, review, self.policies)
        if isinstance(situation, Refused):
            return ()
        given = hear(tx, situation).given
        return tuple(_said(tx, one.person, one.role, one.at, carried=one.carried) for one in given)

    def changes_asked(self, tx: Reader, review: Review) -> tuple[str, ...]:
        """What the round before asked for, and what the copywriter made of it, in sentences; see `last_round`."""
        return changes_asked(tx, review, self._read_note)

    def comments_asked(self, tx: Reader, review: Review) -> tuple[str, ...]:
        """The comments that went along with that, in sentences; a form counts them, and the proof has each."""
        return comments_asked(tx, review, self._read_note)

    def nobody_for(self, tx: Reader, review: Review) -> str:
        """Why the question can never be answered as things are: a stage that nobody could meet; empty if all can be."""
        situation = read_situation(tx, review, self.policies)
        return situation.reason if isinstance(situation, Refused) else unmet(tx, situation, hear(tx, situation))

    def first_use(self, tx: Reader, digests: Sequence[str]) -> bool:
        """Whether somebody made one of these texts of whom nobody has approved anything yet."""
        last = tx.tip().seq + 1
        return not self._makers.all_known(tx, digests, before=last)

    def outcome(self, tx: Reader, review_id: str) -> Outcome:
        """The review's answer by its signed event; LedgerGone for a review that nobody opened."""
        review = find_review(tx, review_id)
        if review is None:
            raise LedgerGone(f"review {review_id}: not in the ledger; the run that asks it has to open it")
        decision = decision_of(tx, review_id)
        if decision is None:
            return Outcome(status=OutcomeStatus.OPEN, review=review_id)
        if (decision.review, decision.question) != (review_id, review.question.digest):
            raise LedgerForged(f"review {review_id}: its decision answers another question")
        submission = submission_of(tx, decision)
        return Outcome(
            status=OutcomeStatus(decision.kind.value),
            review=review_id,
            decision=decision,
            person_name=person_name(tx, decision.person) if decision.person else "",
            note="" if submission is None else submission.note,
            comments=self._comments_asked(tx, review, decision),
        )

    # ------------------------------------------------------------ answering

    def apply(
        self, review_id: str, *, person: str, raw: Mapping[str, Any], proved_at: datetime | None = None
    ) -> Decision | Approval | Refused:
        """Judge what `person`, who is signed in, submitted; the decision, the approval or the refusal is recorded.

        `proved_at` is when the person last proved who they are. An Approval is a yes that was taken where more
        than one is needed; the review stays open.
        """
        if tired := self.refusals.too_many(person):
            return tired
        with self.ledger.write(knowing=self.known_of(review_id, person)) as tx:
            return self.apply_within(tx, review_id, person=person, raw=raw, proved_at=proved_at)

    def rehearse(
        self, review_id: str, *, person: str, raw: Mapping[str, Any], proved_at: datetime | None = None
    ) -> Decision | Approval | Refused:
        """What `apply` would come to now. A refusal is recorded as it is there; anything else is undone again."""
        if tired := self.refusals.too_many(person):
            return tired
        try:
            with self.ledger.write(knowing=self.known_of(review_id, person)) as tx:
                judged = self.apply_within(tx, review_id, person=person, raw=raw, proved_at=proved_at)
                if not isinstance(judged, Refused):
                    raise _OnlyRehearsed(judged)
                return judged
        except _OnlyRehearsed as rehearsed:
            return rehearsed.judged

    def apply_within(
        self,
        tx: Writer,
        review_id: str,
        *,
        person: str,
        raw: Mapping[str, Any],
        proved_at: datetime | None,
        given_at: datetime | None = None,
    ) -> Decision | Approval | Refused:
        """`apply` in a transaction that is open. An answer that was held was given, and proved, at `given_at`; all else
        is as it is now."""
        review = self._found(tx, review_id, person)
        if isinstance(review, Refused):
            return review
        judged = self._judge(tx, review, person, raw, proved_at, given_at)
        if isinstance(judged, Refused):
            self.refusals.keep(tx, review_id, person=person, code=judged.code, run=review.question.run)
        return judged

    def known_of(self, review_id: str, person: str) -> Known:
        """What a judgement of this person's answer will ask, read before it takes the ledger's lock."""
        return known_of(self.ledger, self.policies, self._makers, review_id, person)

    def turn_away(self, review: Review, *, person: str, code: str) -> Refused | None:
        """Record that `person` submitted something that cannot even be read as a form, unless that was too often."""
        if tired := self.refusals.too_many(person):
            return tired
        with self.ledger.write() as tx:
            self.refusals.keep(tx, review.id, person=person, code=code, run=review.question.run)
        return None

    def withdraw(self, review_id: str, *, person: str) -> Decision | Refused:
        """End a review because its run is cancelled; an engineer or an administrator may."""
        with self.ledger.write() as tx:
            review = self._found(tx, review_id, person)
            if isinstance(review, Refused):
                return review
            rights = rights_of(tx, person)
            role = next((role for role in _MAY_WITHDRAW if rights is not None and role in rights.roles), None)
            if role is None:
                self.refusals.keep(tx, review_id, person=person, code="no-right", run=review.question.run)
                return Refused(code="no-right", reason="Only an engineer or an administrator may withdraw a review.")
            if decided := already_decided(tx, review_id):
                return decided
            ending = make_ending(tx, review, DecisionKind.WITHDRAWN, WITHDRAWAL, WITHDRAWAL_TEXT, person, role)
            record_decision(tx, ending, run=review.question.run)
            return ending

    def revert(self, digest: str, number: int, *, person: str, reason: str) -> Version | Refused:
        """Make an older version of an asset's line the current one; see `reverting`."""
        with self.ledger.write() as tx:
            return revert_asset(tx, digest, number, person=person, reason=reason)

    def expire_due(self) -> int:
        """End every review whose time is over; how many it were. Cheap enough to ask each second."""
        ended = 0
        for review_id in self.open_questions.due():
            with self.ledger.write() as tx:
                # Somebody may have answered since, or the policies give more time: it is judged anew.
                review = self._if_due(tx, review_id)
                if review is None:
                    self.open_questions.look_again(review_id)
                else:
                    expire(tx, review)
                    ended += 1
        return ended

    def try_out(self, tx: Reader, form: Form, raw: Mapping[str, Any], *, person: str) -> Refused | None:
        """What would be refused in an answer that is still being written in this form; None where nothing is.

        Says nothing of people and rights, and records nothing.
        """
        review = form.review
        situation = read_situation(tx, review, self.policies)
        heard = situation if isinstance(situation, Refused) else hear(tx, situation)
        if isinstance(situation, Refused):
            return situation
        if isinstance(heard, Refused):
            return heard
        submission = form.parse(raw)
        if isinstance(submission, Refused):
            return submission
        answer = self._answer(tx, situation, heard, submission, form, person)
        return answer if isinstance(answer, Refused) else None

    def weigh(self, tx: Reader, situation: Situation, submission: Submission, *, person: str) -> Answer | Refused:
        """What a yes would come to whoever gave it: guardrails, dates, versions, and not a word about people.

        Records nothing. Where others have approved already, the picks are exactly theirs.
        """
        if twin := _asked_twice(tx, situation.review):
            return twin
        try:
            heard = hear(tx, situation)
            fixed = () if heard.manifest is None else _fixed(tx, situation.review, heard.manifest)
            if heard.manifest is not None and set(submission.picks) != set(fixed):
                codes = listed(sorted(fixed))
                return Refused(code="bad-picks", reason=f"Others have signed {codes} already; that, or nothing.")
            form = self._form(tx, situation.review, situation, heard)
            return self._answer(tx, situation, heard, submission, form, person)
        except (LedgerForged, LedgerGone) as error:
            return Refused(code="forged", reason=f"A choice is not the text that was proposed: {error}.")

    # ------------------------------------------------------------ publishing

    def authorise(
        self, tx: Reader, manifest: Manifest, review_id: str, *, audience: Path | None, as_of: datetime
    ) -> Basis | Refused:
        """The basis on which a manifest may go out at `as_of`, or why it may not; see `publishing`."""
        return authorise(tx, self.policies, manifest, review_id, audience=audience, as_of=as_of, pictures=self.pictures)

    def agreed_before(self, tx: Reader, run: str, *, brief: str) -> tuple[str, ...]:
        """What was agreed in a run so far for a brief, by digest: the next question about that rests on it."""
        return agreed_before(tx, run, brief=brief)

    def may_be_used(self, tx: Reader, digests: Sequence[str], *, run: str, before: Before) -> Refused | None:
        """Why a step may not spend or publish what was approved in its run; None where it may. See `passed`."""
        return may_be_used(tx, self.policies, digests, run=run, before=before, as_of=moment(tx))

    # ------------------------------------------------------------ within

    def _told_before(self, tx: Reader, review: Review) -> tuple[str, ...]:
        """What a form says of the round before, and how many comments the proof has; it has no room for each."""
        counts = [
            (len(self.comments_asked(tx, review)), "went along with the request for changes"),
            (len(open_threads(tx, review)), "on this"),
        ]
        told = [
            f"{counted(many, 'comment')} {what}: the page with the drafts shows them." for many, what in counts if many
        ]
        return (*self.changes_asked(tx, review), *told)

    def _comments_asked(self, tx: Reader, review: Review, decision: Decision) -> tuple[CommentAsked, ...]:
        event = decision_event(tx, review.id) if decision.kind is DecisionKind.CHANGES else None
        return () if event is None else asked_with(tx, review, event)

    def _form(
        self,
        tx: Reader,
        review: Review,
        situation: Situation | Refused,
        heard: Heard | Refused,
        *,
        refusal: str = "",
        proved_at: datetime | None = None,
        shown: bool = False,
        before: int | None = None,
    ) -> Form:
        options: Mapping[str, Signable] = choices_of(tx, review)
        said: list[str] = []
        # What nobody can choose away is signed as it stands, so what was found in it is told beside it.
        signed = {code: options[code] for code in only_of_their_kind(options) if not options[code].goes_out}
        if not isinstance(heard, Refused) and heard.manifest is not None:
            # As edited: whoever signs what others picked signs these words and no older ones.
            options = signed = _fixed(tx, review, heard.manifest)
            said = [_said(tx, one.person, one.role, one.at, carried=one.carried) for one in heard.given]
        # Only for people: nothing is checked again to read an answer with.
        more = form_lines(tx, review, situation, signed, self._told_before(tx, review)) if shown else ()
        unproved = not isinstance(situation, Refused) and lacks_proof(situation, proved_at, moment(tx))
        return form_for(
            review,
            options,
            situation,
            heard,
            title=title_of(tx, review),
            said=said,
            more=more,
            refusal=refusal,
            unproved=unproved,
            comments=len(open_threads(tx, review, before=before)),
        )

    def _found(self, tx: Writer, review_id: str, person: str) -> Review | Refused:
        review = find(tx, review_id)
        if isinstance(review, Refused) and review.code == "forged":
            self.refusals.keep(tx, review_id, person=person, code=review.code, run="")
        return review

    def _judge(
        self,
        tx: Writer,
        review: Review,
        person: str,
        raw: Mapping[str, Any],
        proved_at: datetime | None,
        given_at: datetime | None,
    ) -> Decision | Approval | Refused:
        if isinstance(inactive := active_rights(tx, person), Refused):
            return inactive
        if decided := already_decided(tx, review.id):
            return decided
        situation = read_situation(tx, review, self.policies)
        heard = situation if isinstance(situation, Refused) else hear(tx, situation)
        if moment(tx) >= deadline_of(review, heard):
            expire(tx, review)
            return Refused(code="expired", reason="The time to answer is over; this counts as refused. Start it again.")
        if isinstance(situation, Refused):
            return situation
        if isinstance(heard, Refused):
            return heard
        if twin := _asked_twice(tx, review):
            return twin
        if barred := bar(tx, situation, heard, person):
            return barred
        if stale := _wants_proof(situation, proved_at, given_at or moment(tx)):
            return stale
        try:
            # With an answer that was held go the comments that were open when it was given.
            since = None if given_at is None else held_with(tx, review.id, person, timestamp(given_at))
            form = self._form(tx, review, situation, heard, before=since)
        except (LedgerForged, LedgerGone) as error:
            return Refused(code="forged", reason=f"A choice is not the text that was proposed: {error}.")
        submission = form.parse(raw)
        if isinstance(submission, Refused):
            return submission
        signer = self._signer(tx, situation, heard, submission, person, proved_at)
        if isinstance(signer, Refused):
            return signer
        answer = self._answer(tx, situation, heard, submission, form, person)
        if isinstance(answer, Refused):
            record_application(tx, review.id, person, submission, accepted=False, reason=answer.reason)
            return answer
        if answer.kind is DecisionKind.APPROVED and (barred := began_before_gap(tx, review.question.run)):
            return barred
        voice, named = signer
        named = replace(named, given_at=given_at)
        if answer.kind is not DecisionKind.APPROVED or voice is None:
            return decide(tx, situation, heard, submission, answer, named)
        return self._approved(tx, situation, heard, submission, answer, voice, named)

    def _signer(
        self,
        tx: Writer,
        situation: Situation,
        heard: Heard,
        submission: Submission,
        person: str,
        proved_at: datetime | None,
    ) -> "tuple[Voice | None, Signer] | Refused":
        """In whose name and by which role somebody answers; without a voice, somebody who only says no."""
        voice = choose_voice(tx, situation, heard, person)
        if isinstance(voice, Refused):
            rights = rights_of(tx, person)
            no = None if rights is None else speaks_against(tx, situation, heard, rights)
            if submission.decision == "approve" or no is None:
                return voice
            role, acts_for = no
            # In whose name a no is said counts as well: what they approved is not carried into the next round.
            return None, Signer(person, role, acts_for, proved_at)
        return voice, Signer(person, heard.standing.role_of(voice) or "", voice.acts_for, proved_at)

    def _answer(
        self, tx: Reader, situation: Situation, heard: Heard, submission: Submission, form: Form, person: str
    ) -> Answer | Refused:
        review, today = situation.review, moment(tx).date()
        if review.question.asks == "writing":
            return hand_in(situation, form.options, submission, person=person, as_of=today)
        proposed = [proposal.asset for proposal in review.question.proposals]
        machine = lacks_writer(tx, situation.brief, review.question, proposed)
        # A machine's text under advisor can be sent back or rejected; only a yes needs a person behind it.
        if machine is not None and submission.decision == "approve":
            return machine
        picked = [form.options[code] for code in submission.picks]
        if submission.decision == "approve" and (stale := self._stale(tx, situation, picked)):
            return stale
        if heard.manifest is not None:
            answer: Answer | Refused = sign(
                situation, heard.manifest, picked, submission, as_of=today, comments=form.comments
            )
        else:
            answer = judge(situation, form.options, submission, person=person, as_of=today, comments=form.comments)
        if isinstance(answer, Refused) or answer.kind is not DecisionKind.APPROVED:
            return answer
        if graver := graver_than_said(situation, picked, today):
            return graver
        if graver_than_said(situation, [read_signable(asset) for asset in answer.edited], today):
            # The tier, and so who is asked, was worked out from what was found before: the press would hold this.
            return Refused(
                code="bad-edit",
                reason="An edit of yours brings in something that a check finds graver than what this was asked with, "
                "so its risk would be another. Write it otherwise, or request changes and say what to write.",
            )
        return self._newer_than_said(tx, situation, answer) or answer

    def _approved(
        self,
        tx: Writer,
        situation: Situation,
        heard: Heard,
        submission: Submission,
        answer: Answer,
        voice: "Voice",
        signer: Signer,
    ) -> Decision | Approval | Refused:
        after = hear(tx, situation, also=voice, signing=answer.manifest)
        if not after.complete:
            return approve_in_part(tx, situation, heard, submission, answer, signer)
        people = [(one.person, one.acts_for, one.seq) for one in after.given] + [(voice.person, voice.acts_for, 0)]
        if refused := nobody_for_the_whole(tx, situation, people):
            record_application(
                tx, situation.review.id, signer.person, submission, accepted=False, reason=refused.reason
            )
            return refused
        return decide(tx, situation, heard, submission, answer, signer)

    def _newer_than_said(self, tx: Reader, situation: Situation, answer: Answer) -> Refused | None:
        """Whether the question says that a model and its prompt were approved before, and they were not."""
        if situation.question.first_use or answer.manifest is None:
            return None
        opened = tx.events(EventKind.REVIEW_OPENED, subject=situation.review.id)
        proposed = [proposal.asset for proposal in situation.question.proposals]
        if opened and self._makers.all_known(tx, proposed, before=opened[0].seq):
            return None
        return Refused(
            code="broken-question",
            reason="The question says that somebody has approved this model with this prompt before, and nobody has: "
            "its risk was worked out from something else. Start the run again.",
        )

    def _stale(self, tx: Reader, situation: Situation, picked: Sequence[Signable]) -> Refused | None:
        """Whether a pick, or the picture that goes with it, is no longer what was asked about."""
        images = [image for one in picked for image in one.images]
        pictures = [situation.pictures[image] for image in dict.fromkeys(images) if image in situation.pictures]
        digests = {*(one.asset.digest for one in picked), *images}
        return since_asked(tx, situation.review, digests) or file_fault(self.pictures, pictures)

    def _if_due(self, tx: Reader, review_id: str) -> Review | None:
        try:
            review = find_review(tx, review_id)
        except (LedgerForged, ValidationError) as error:
            # A forged row must not keep the other reviews from expiring; history --verify names it.
            _log.warning("review %s is passed over: %s", review_id, error)
            return None
        if review is None or decision_event(tx, review_id) is not None:
            return None
        situation = read_situation(tx, review, self.policies)
        heard = situation if isinstance(situation, Refused) else hear(tx, situation)
        return review if moment(tx) >= deadline_of(review, heard) else None


def _asked_twice(tx: Reader, review: Review) -> Refused | None:
    twin = like_asked(tx, review)
    if twin is None:
        return None
    return Refused(
        code="asked-twice",
        reason=f"The run asks another question, {twin[:20]}, that could be taken for this one, so nobody can say "
        "which of them was read. An engineer should look at the run; start the campaign again.",
    )


def _fixed(tx: Reader, review: Review, manifest: Manifest) -> dict[str, Signable]:
    """What was approved already, by the codes of the choices that it was picked as."""
    by_asset = {proposal.asset: proposal.code for proposal in review.question.proposals}
    found: dict[str, Signable] = {}
    for digest in manifest.signed:
        asset = get_asset(tx, digest)
        code = by_asset.get(digest) or by_asset.get(asset.parent or "")
        if code is None:
            raise LedgerForged(f"text {digest[:12]} was approved and never proposed")
        found[code] = read_signable(asset)
    return found


def _said(tx: Reader, person: str, role: str, at: datetime, *, carried: bool) -> str:
    when = at.strftime("%d %b, %H:%M UTC")
    how = "approved exactly these in the round before" if carried else "approved exactly these"
    return f"{person_name(tx, person)} ({role.replace('_', ' ')}) {how}, {when}."


def _wants_proof(situation: Situation, proved_at: datetime | None, now: datetime) -> Refused | None:
    """Whether an answer at this tier takes a fresh proof of who gives it, and there is none."""
    if not lacks_proof(situation, proved_at, now):
        return None
    return Refused(
        code="step-up",
        reason=f"This is of tier {situation.row.tier}, so prove anew who you are: open /step-up at this door, and send "
        "your answer again within ten minutes. Nothing was decided.",
    )
