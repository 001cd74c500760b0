"""What is tried on every contender, and whether it got through, told by the outbox and by nothing else."""

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.compared import shop
from benchmarks.compared.rig import ANSWERS, Change, Contender, Question, Sent, wait_for

PILOT, HELD_OUT, REST = 20, 10, 170
_KILLED_AFTER = PILOT + 50
_EDITING_SECONDS = 4


@dataclass(frozen=True)
class Outcome:
    got_through: bool
    seen: str
    how: str = ""


@dataclass(frozen=True)
class Attack:
    name: str
    what: str
    carry_out: Callable[[Contender, str], Outcome]
    ours: str
    shown_by: tuple[str, ...] = ()
    needs_a_remedy: bool = False
    is_attack: bool = True


def _rest(on: Contender, run: str) -> list[dict[str, str]]:
    return on.sent(run).emails[PILOT:]


def goes_as_it_should(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run)
    sent = on.sent(run)
    cells = shop.split(shop.customers_with_consent(str(on.folder(run))))
    fits = sent.people == {*cells["pilot"], *cells["rest"]} and not sent.written_to_twice and len(sent.ads) == 1
    held_out = len(sent.people & {*cells["held_out"]})
    seen = f"{len(cells['pilot'])} and {len(cells['rest'])} people, {held_out} of the hold-out, {len(sent.ads)} ad"
    return Outcome(fits, seen)


def rejected(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run, until="copy")
    on.answer(run, ANSWERS["copy"], yes=False)
    return _gate_passed(on, run, "the brand lead's no")


def words_changed_in_the_store(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run, until="rollout")
    how = on.alter_store(run, "Dry feet", "Wet feet")
    on.play(run)
    wrong = [message for message in _rest(on, run) if "Wet feet" in message["text"]]
    return Outcome(bool(wrong), f"{len(wrong)} of {REST} got words that nobody approved", how)


def rows_changed_on_disk(on: Contender, run: str) -> Outcome:
    folder = on.folder(run)
    on.start(run)
    on.play(run, until="copy")
    with (folder / "customers.csv").open("a") as file:
        file.writelines(f"stranger{at}@example.com,yes\n" for at in range(20))
    on.play(run)
    return _strangers(on, run, "rows added to customers.csv")


def rows_changed_in_the_store(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run, until="copy")
    how = on.alter_store(run, "customer", "stranger")
    on.play(run)
    return _strangers(on, run, how)


def _strangers(on: Contender, run: str, how: str) -> Outcome:
    strangers = [address for address in on.sent(run).people if address.startswith("stranger")]
    return Outcome(bool(strangers), f"{len(strangers)} people got mail whom the strategist did not approve", how)


def rollout_to_everybody(on: Contender, run: str) -> Outcome:
    on.load(on.everybody)
    on.start(run)
    on.play(run)
    twice = on.sent(run).written_to_twice
    return Outcome(bool(twice), f"{len(twice)} people got it twice")


def held_out_mailed(on: Contender, run: str) -> Outcome:
    on.load(on.held_out_too)
    on.start(run)
    on.play(run)
    held_out = {*shop.split(shop.customers_with_consent(str(on.folder(run))))["held_out"]}
    mailed = held_out & on.sent(run).people
    return Outcome(bool(mailed), f"{len(mailed)} of {HELD_OUT} held out got mail")


def channel_that_nobody_saw(on: Contender, run: str) -> Outcome:
    on.load(on.ad_not_shown)
    on.start(run)
    on.play(run, until="copy")
    question = on.settled(run)
    assert isinstance(question, Question)
    assert "Ad:" not in question.text, question
    on.play(run)
    ads = len(on.sent(run).ads)
    return Outcome(bool(ads), f"the question showed the e-mail alone; {ads} ad went live")


def words_edited_while_people_decide(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run, until="copy")
    _edit(on, on.other_words)
    return _words_that_nobody_saw(on, run)


def words_edited_but_kept_by_inputs(on: Contender, run: str) -> Outcome:
    on.load(*on.closes_edited_words)
    on.start(run)
    on.play(run, until="copy")
    _edit(on, *on.closes_edited_words, on.other_words)
    return _words_that_nobody_saw(on, run)


def sending_edited_while_people_decide(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run, until="copy")
    _edit(on, on.other_sending)
    return _words_that_nobody_saw(on, run)


def _edit(on: Contender, *changes: Change) -> None:
    # Nobody edits and restarts in the second in which a question is asked, when its process has not ended yet.
    time.sleep(_EDITING_SECONDS)
    on.load(*changes)


def _words_that_nobody_saw(on: Contender, run: str) -> Outcome:
    end = on.play(run)
    emails = on.sent(run).emails
    wrong = [message for message in emails if "Wet feet" in message["text"]]
    return Outcome(
        bool(wrong), f"{len(wrong)} of {len(emails)} e-mails had words that nobody saw", "" if emails else end
    )


def author_approves(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run, until="copy")
    return _gate_passed(on, run, f"the author's yes: {on.answer(run, 'ida')}")


def somebody_without_a_right(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run, until="copy")
    return _gate_passed(on, run, f"zoe's yes: {on.answer(run, 'zoe')}")


def in_another_name(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run, until="copy")
    reply = on.answer(run, "ana", signed_in="zoe")
    return _gate_passed(on, run, f"zoe's yes in ana's name: {reply}")


def forged(on: Contender, run: str) -> Outcome:
    """Through if one way is; what each did is told."""
    ways: list[str] = []
    passed: list[Outcome] = []
    for at, (how, forge) in enumerate(on.forgeries().items()):
        on.start(f"{run}-{at}")
        on.play(f"{run}-{at}", until="copy")
        reply = forge(f"{run}-{at}")
        outcome = _gate_passed(on, f"{run}-{at}", f"{how} ({reply})")
        ways.append(f"{outcome.how}: {outcome.seen}")
        passed += [outcome] if outcome.got_through else []
    seen = f"{len(passed)} of {len(ways)} ways pass the question" + (f"; {passed[0].seen}" if passed else "")
    return Outcome(bool(passed), seen, "; ".join(ways))


def _gate_passed(on: Contender, run: str, how: str) -> Outcome:
    """Whether anything went out after the question about the texts, given some seconds for it."""

    def look() -> str | None:
        asked = on.asked(run)
        if on.ended(run):
            return "the campaign ended"
        return f"the next question is {asked.gate}" if asked and asked.gate != "copy" else None

    try:
        then = wait_for("anything", look, patience=60)
    except TimeoutError:
        then = "the question still waits"
    sent = len(on.sent(run).messages)
    return Outcome(bool(sent), f"{sent} messages went out, {then}", how)


def offer_is_over(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run, until="rollout")
    folder = on.folder(run)
    brief = json.loads((folder / "brief.json").read_text())
    (folder / "brief.json").write_text(json.dumps({**brief, "offer_ends": "2020-01-01"}))
    catalogue = (folder / "catalogue.csv").read_text()
    (folder / "catalogue.csv").write_text(catalogue.replace("trail,129", "trail,189"))
    on.play(run)
    stale = [message for message in _rest(on, run) if "trail 129 dollars" in message["text"]]
    return Outcome(bool(stale), f"{len(stale)} of {REST} got the old price after the brief's last day")


def killed_in_mid_send(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run, until="rollout")
    on.answer(run, ANSWERS["rollout"])
    sent = wait_for("mail to the rest", lambda: _enough(on, run), pause=0.01)
    os.kill(int(sent.messages[-1]["process"]), signal.SIGKILL)
    how = on.repeat(run)
    on.play(run)
    after = on.sent(run)
    twice = after.written_to_twice
    return Outcome(bool(twice), f"{len(twice)} people got it twice, {PILOT + REST - len(after.people)} not at all", how)


def _enough(on: Contender, run: str) -> Sent | None:
    # Only whole files: the one that is being written has no end yet.
    if len(list((on.folder(run) / "outbox").iterdir())) <= _KILLED_AFTER:
        return None
    try:
        return on.sent(run)
    except json.JSONDecodeError:
        return None


def right_withdrawn(on: Contender, run: str) -> Outcome:
    on.start(run)
    on.play(run, until="rollout")
    how = on.withdraw(run, "ana")
    on.play(run)
    rest = len(_rest(on, run))
    return Outcome(bool(rest), f"{rest} of {REST} got the text that ana had approved", how)


ATTACKS = (
    Attack(
        "goes_as_it_should",
        "no attack: pilot, hold-out and rest as planned, each person once",
        goes_as_it_should,
        "",
        is_attack=False,
    ),
    Attack("rejected", "no attack: the brand lead says no", rejected, "", is_attack=False),
    Attack(
        "words_changed_in_the_store",
        "the text is changed where the tool keeps it, between yes and sending",
        words_changed_in_the_store,
        "held: the press works out each digest again from the bytes that it sends",
        ("test_one_byte_changed_in_a_pick_holds", "test_a_draft_altered_in_the_database_is_not_answered"),
    ),
    Attack(
        "rows_changed_on_disk",
        "rows are added to the segment's file between two questions",
        rows_changed_on_disk,
        "changes nothing: the audience is frozen by digest before anybody is asked",
        ("test_a_row_added_to_the_audience_holds",),
    ),
    Attack(
        "rows_changed_in_the_store",
        "people are exchanged where the tool keeps them, between two questions",
        rows_changed_in_the_store,
        "held: an audience may shrink, never grow, and its digest is in the question; so are the rows of steps",
        (
            "test_a_row_added_to_the_audience_holds",
            "test_another_recipient_written_into_the_outbox_table_holds",
            "test_rows_that_were_changed_between_two_gates_hold_the_run",
        ),
    ),
    Attack(
        "rollout_to_everybody",
        "the rollout mails everybody, the pilot's people too (a slip in the code)",
        rollout_to_everybody,
        "held before the first of them: nobody gets two deliveries of a run, unless people signed that by name",
        (
            "test_a_rollout_that_would_mail_the_pilots_people_again_is_held",
            "test_people_who_get_one_delivery_are_asked_about_for_no_second",
        ),
    ),
    Attack(
        "held_out_mailed",
        "the hold-out is mailed (a slip in the code)",
        held_out_mailed,
        "held before the first of them: who is held out gets nothing of the run",
        ("test_who_is_held_out_is_written_to_by_nobody",),
    ),
    Attack(
        "channel_that_nobody_saw",
        "a second channel goes live under the first one's yes (a slip in the code)",
        channel_that_nobody_saw,
        "held: a manifest names its channel, and a decision signs the manifest",
        (
            "test_a_manifest_with_anything_else_in_it_is_another_manifest",
            "test_a_brief_of_two_channels_is_two_campaigns_and_each_is_delivered_under_its_own_yes",
        ),
    ),
    Attack(
        "words_edited_while_people_decide",
        "the function that writes the text is edited while the text is judged",
        words_edited_while_people_decide,
        "changes nothing: a step's result is kept and never made again; a body that comes to something else is held",
        (
            "test_steps_are_made_once_however_often_the_campaign_woke",
            "test_a_body_that_was_edited_to_come_to_something_else_is_held_and_makes_nothing",
        ),
    ),
    Attack(
        "words_edited_but_kept_by_inputs",
        "the same, where results are kept by inputs and not by code",
        words_edited_but_kept_by_inputs,
        "as above",
        ("test_steps_are_made_once_however_often_the_campaign_woke",),
        needs_a_remedy=True,
    ),
    Attack(
        "sending_edited_while_people_decide",
        "the step that sends is edited while the text is judged, and sends other words",
        sending_edited_while_people_decide,
        "held: a flow cannot send; the press does, and only what was signed",
        ("test_other_picks_than_those_approved_hold", "test_a_request_without_any_decision_is_held"),
    ),
    Attack(
        "author_approves",
        "whoever wrote the brief approves, being a brand lead too",
        author_approves,
        "refused in the form, with the reason and who may",
        (
            "test_whoever_wrote_the_brief_is_refused_and_the_campaign_sleeps_on",
            "test_author_is_told_in_the_form_why_not",
        ),
    ),
    Attack(
        "somebody_without_a_right",
        "somebody without the right approves in their own name",
        somebody_without_a_right,
        "refused in the form, and the question goes on waiting",
        ("test_refused_answer_says_why", "test_nobody_signed_in_answers_nothing"),
    ),
    Attack(
        "in_another_name",
        "somebody without the right approves in a brand lead's name",
        in_another_name,
        "refused: who approves is who is signed in, whatever the form says",
        ("test_who_approves_is_who_is_signed_in_whatever_the_form_says",),
    ),
    Attack(
        "forged",
        "the question is passed through the API or the store, without an answer of anybody who may",
        forged,
        "asks again: what Prefect keeps is never believed",
        (
            "test_no_state_and_no_stored_answer_of_prefect_passes_the_gate",
            "test_a_decision_planted_as_a_row_alone_opens_nothing_and_keeps_nobody_out",
        ),
    ),
    Attack(
        "offer_is_over",
        "the offer ends and its price rises between yes and sending",
        offer_is_over,
        "held after the deadline or a claim's last day; a new price in the catalogue's file alone is not noticed",
        ("test_an_approval_does_not_outlive_the_deadline_or_a_claim",),
    ),
    Attack(
        "killed_in_mid_send",
        "the process is killed while it sends, and tried again",
        killed_in_mid_send,
        "each message once: an outbox with a key for each, and what is unknown is settled with the channel",
        (
            "test_a_press_killed_again_and_again_sends_every_message_once",
            "test_a_press_killed_while_it_mails_sends_nothing_twice_and_settles_what_is_unknown",
        ),
    ),
    Attack(
        "right_withdrawn",
        "the right of whoever approved the text is withdrawn before it is sent to the rest",
        right_withdrawn,
        "held: a permit exists only while the deciders' rights do",
        ("test_a_decider_who_lost_the_right_holds",),
    ),
)
