"""Our own fault comes back as bounces, and mails look like a wish to leave that are none: nobody is lost by them."""

import base64
import quopri
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import CameBack
from presscheck.addresses import address_hash
from presscheck.ledger import EventKind, verify
from presscheck.ledger.feedback import feedback_counts
from presscheck.ledger.suppressions import suppressed_hashes
from presscheck.press.feedback import Feedback, note_refusals
from presscheck.press.feedback_mail import Notice, read_notice
from presscheck.unsubscribe_links import LEAVE_HERE, TOKEN_LENGTH
from tests.desk.scene import Ledgers, Scene, shipped_policies
from tests.press.returned import Answers, original
from tests.press.stand import Stand
from tests.press.test_feedback import strict

TOKEN = "aZ9-_x" * 23
OTHER = ("bY8_-w" * 23)[:TOKEN_LENGTH]
LINK = f"https://brand.example/unsubscribe/{TOKEN}"
TO = "bounce+" + "0123456789abcdef" * 2 + "01234567@brand.example"


def report(*blocks: str, to: str = TO, kind: str = "multipart/report; report-type=delivery-status") -> bytes:
    """A delivery report with these blocks about recipients."""
    fields = "\r\n\r\n".join(blocks)
    return (
        f"Return-Path: <>\r\nTo: {to}\r\nSubject: Undelivered\r\nContent-Type: {kind}; boundary=b1\r\n\r\n"
        "--b1\r\nContent-Type: text/plain\r\n\r\nsorry\r\n\r\n--b1\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example.net\r\n\r\n{fields}\r\n\r\n--b1--\r\n"
    ).encode()


def block(status: str, said: str, action: str = "failed") -> str:
    head = f"Final-Recipient: rfc822; x@example.com\r\nAction: {action}\r\nStatus: {status}\r\n"
    return f"{head}Diagnostic-Code: smtp; {said}"


# ---------------------------------------------------------------- bounces that are our own fault

_OURS = [
    ("5.7.1", "550 5.7.1 Message rejected: DKIM signature of kettlewell.example.com did not verify"),
    ("5.7.26", "550-5.7.26 Your email has been blocked because the sender is unauthenticated"),
    ("5.7.509", "550 5.7.509 Access denied, sending domain kettlewell.example.com does not pass DMARC verification"),
    ("5.7.606", "550 5.7.606 Access denied, banned sending IP [192.0.2.1]"),
    ("5.1.8", "550 5.1.8 Access denied, bad outbound sender"),
    ("5.1.7", "553 5.1.7 bad sender address syntax"),
    ("5.1.1", "550 5.1.1 <x@example.com>: blocked using bl.example.org; user unknown"),
    ("5.3.4", "552 5.3.4 Message size exceeds fixed limit"),
    ("5.0.0", "554 Denied by policy"),
    ("5.7.28", "550 5.7.28 unusual rate of mail from your IP"),
]
_PASSING = [
    ("5.2.2", "552 5.2.2 The email account that you tried to reach is over quota"),
    ("5.0.0", "554 5.0.0 Transaction failed"),
    ("5.0.0", ""),
    ("5.4.4", "Host or domain name not found. Name service error for name=example.com type=MX: Host not found"),
    ("5.4.7", "delivery time expired"),
    ("4.1.1", "450 4.1.1 user unknown"),
    ("5.2.1", "550 5.2.1 mailbox disabled"),
    ("5.7.1", "550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized"),
]
_GONE = [
    ("5.1.1", "550 5.1.1 no such user"),
    ("5.1.1", ""),
    ("5.7.1", "554 5.7.1 <x@example.com>: Recipient address rejected: User unknown"),
    ("5.0.0", "550 Mailbox does not exist"),
    ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound"),
]


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        *((status, said, "policy") for status, said in _OURS),
        *((status, said, "soft") for status, said in _PASSING),
        *((status, said, "hard") for status, said in _GONE),
    ],
)
def test_only_a_mailbox_that_is_not_there_bounces_for_good(status: str, said: str, kind: str) -> None:
    found = read_notice(report(block(status, said)))

    assert found is not None
    assert (found.kind, found.final) == (kind, True)


@pytest.mark.parametrize(
    ("blocks", "kind", "final"),
    [
        ([block("5.1.1", "550 no such user"), block("2.0.0", "250 ok", "relayed")], "soft", True),
        ([block("2.0.0", "250 ok", "expanded"), block("5.1.1", "550 no such user")], "soft", True),
        ([block("5.1.1", "550 no such user"), block("5.7.1", "550 5.7.1 spam")], "policy", True),
        ([block("5.1.1", "550 no such user"), block("5.1.1", "550 no such user")], "hard", True),
        ([block("5.1.1", "550 no such user"), block("4.4.1", "timeout", "delayed")], "soft", True),
        ([block("4.4.1", "timeout", "delayed")], "soft", False),
    ],
)
def test_what_reached_one_of_several_is_a_mailbox_that_is_there(blocks: list[str], kind: str, final: bool) -> None:
    found = read_notice(report(*blocks))

    assert found is not None
    assert (found.kind, found.final) == (kind, final)


def test_a_report_that_calls_itself_mixed_is_read_all_the_same() -> None:
    found = read_notice(report(block("5.1.1", "550 5.1.1 no such user"), kind="multipart/mixed"))

    assert found is not None
    assert found.kind == "hard"


_PROSE = {
    "exim": (
        "Mail Delivery System <Mailer-Daemon@mx.example.net>", "Mail delivery failed: returning message to sender",
        "A message that you sent could not be delivered to one or more of its recipients. It is permanent.\n\n"
        "  x@example.com\n    {said}\n\n------ This is a copy of the message, including all the headers. ------\n",
    ),
    "qmail": (
        "MAILER-DAEMON@mx.example.net", "failure notice",
        "Hi. This is the qmail-send program at mx.example.net.\n\n<x@example.com>:\n{said}\n\n"
        "--- Below this line is a copy of the message.\n\nReturn-Path: <a@b.example>\n",
    ),
}  # fmt: skip
_COPIED = "Subject: no such user, spam, quota exceeded\nList-Unsubscribe: <https://brand.example/unsubscribe/{token}>\n"


def prose(how: str, said: str, *, sender: str = "", subject: str = "", more: str = "") -> bytes:
    """A bounce in prose, with our message below; what our own message says is not what the server said."""
    daemon, title, text = _PROSE[how]
    head = f"From: {sender or daemon}\nTo: {TO}\nSubject: {subject or title}\n{more}\n"
    return (head + text.format(said=said) + "\n" + _COPIED.format(token=TOKEN)).encode()


@pytest.mark.parametrize("how", _PROSE)
@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("550 5.1.1 <x@example.com>: user unknown", "hard"),
        ("550 5.7.1 message rejected as spam", "policy"),
        ("550 user unknown (in reply to MAIL FROM command)", "policy"),
        ("retry timeout exceeded", "soft"),
        ("", "soft"),
    ],
)
def test_a_bounce_in_prose_is_read_above_the_copy_of_our_message(how: str, said: str, kind: str) -> None:
    found = read_notice(prose(how, said))

    assert found is not None
    assert (found.kind, found.tokens, len(found.tags)) == (kind, (TOKEN,), 1)


@pytest.mark.parametrize(
    "raw",
    [
        prose("exim", "550 user unknown", sender="Ada <ada@example.com>"),
        prose("exim", "550 user unknown", subject="Re: A jacket"),
        prose("qmail", "550 user unknown", sender="ada@example.com", more="Auto-Submitted: auto-replied\n"),
    ],
)
def test_what_a_person_or_their_program_writes_is_no_bounce(raw: bytes) -> None:
    assert read_notice(raw) is None


def test_a_report_in_a_wrapper_of_a_gateway_is_read() -> None:
    inner = report(block("5.1.1", "550 5.1.1 no such user"))
    head = f"To: {TO}\r\nContent-Type: multipart/mixed; boundary=w1\r\n\r\n--w1\r\n".encode()

    found = read_notice(head + inner + b"\r\n--w1\r\nContent-Type: text/plain\r\n\r\nconfidential\r\n--w1--\r\n")

    assert found is not None
    assert (found.kind, len(found.tags)) == ("hard", 1)


class Box:
    """A delivery that went out, and what comes back of it."""

    def __init__(self, ledgers: Ledgers, *, run: int = 1, **more: Any) -> None:
        self.ledgers = ledgers
        self.scene = Scene(ledgers, run=f"6f0c6a52-0000-4000-8000-{run:012d}", people=run == 1, **more)
        self.stand = Stand(self.scene)
        self.delivery = self.stand.approve_and_request()
        self.stand.press.step()
        self.came = Answers(self.scene, self.delivery)

    def record(self, *raws: bytes) -> Any:
        feedback = Feedback(self.ledgers.press, self.ledgers.home, LEAVE_HERE, self.scene.policies)
        return feedback.record([read_notice(raw) for raw in raws])

    def bounce(self, number: int, status: str, said: str, action: str = "failed") -> bytes:
        return report(block(status, said, action), to=f"bounce+{self.came.tag(number)}@brand.example")

    def suppressed(self) -> set[int]:
        with self.ledgers.door.read() as tx:
            found = suppressed_hashes(tx)
        return {number for number in range(7) if address_hash(f"person{number}@example.com") in found}


def test_a_day_with_a_wrong_dkim_record_loses_no_reader(sqlite_ledgers: Ledgers) -> None:
    box = Box(sqlite_ledgers)

    counted = box.record(*(box.bounce(number, *_OURS[number]) for number in range(7)))

    assert (counted.policy, counted.hard, box.suppressed()) == (7, 0, set())
    with sqlite_ledgers.door.read() as tx:
        back = feedback_counts(tx, box.delivery)
        [event] = tx.events(EventKind.MESSAGE_BOUNCED)
    assert list(back.by_provider.values()) == [7]
    assert "example.com" not in event.body


@pytest.mark.slow
def test_one_provider_that_refuses_everything_stops_the_delivery_long_before_the_sum(sqlite_ledgers: Ledgers) -> None:
    policies = strict(bounces_at_most="100%", counted_after=1000, refused_at_most="50%", refused_counted_after=3)
    scene = Scene(sqlite_ledgers, policies=lambda: policies)
    stand = Stand(scene)
    delivery = stand.approve_and_request()
    came = Answers(scene, delivery)
    feedback = Feedback(sqlite_ledgers.press, sqlite_ledgers.home, LEAVE_HERE, scene.policies)

    def after_a_batch() -> None:
        if stand.files():
            raws = [report(block(*_OURS[0]), to=f"bounce+{came.tag(at)}@brand.example") for at in (0, 1)]
            feedback.record([read_notice(raw) for raw in raws])

    stand = Stand(scene, came_back=after_a_batch)
    stand.press.step()

    row = stand.row(delivery)
    assert (row.state, row.sent) == ("held", 3)
    assert "2 of 3 messages to example.com were refused" in row.reason
    with sqlite_ledgers.door.read() as tx:
        assert [event.data["code"] for event in tx.events(EventKind.DELIVERY_HELD)] == ["refused"]


def test_a_domain_of_one_s_own_that_refuses_everything_stops_nobody_else_s_mail() -> None:
    (shipped,) = shipped_policies().deliveries

    assert shipped.excess(CameBack(sent=10_000, to_provider=60, refused=60)) is None
    assert shipped.excess(CameBack(sent=10_000, to_provider=500, refused=101)) is not None


# ---------------------------------------------------------------- who cannot be reached

FULL = ("5.2.2", "552 5.2.2 mailbox full")


def _deliveries(ledgers: Ledgers, days: list[int], what: dict[int, tuple[str, str, str]]) -> Box:
    """A delivery on each of these days, of which the same messages come back in the same way."""
    begun = ledgers.clock.now
    for number, day in enumerate(days):
        ledgers.clock.now = begun + timedelta(days=day)
        box = Box(ledgers, run=number + 1)
        box.record(*(box.bounce(at, *said) for at, said in what.items()))
    return box


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "given_up"), [([0, 3, 6], {2}), ([0, 1, 2], set()), ([0, 6], set()), ([0, 2, 4, 6], {2})]
)
def test_who_fails_several_times_over_days_is_given_up(ledgers: Ledgers, days: list[int], given_up: set[int]) -> None:
    box = _deliveries(ledgers, days, {2: (*FULL, "failed")})

    assert box.suppressed() == given_up


@pytest.mark.slow
@pytest.mark.parametrize(
    "what",
    [
        {2: ("4.4.1", "timeout", "delayed")},
        {2: (*_OURS[0], "failed")},
        dict.fromkeys(range(5), (*FULL, "failed")),
    ],
    ids=["only delayed", "our own fault", "so many that it says something of us"],
)
def test_nobody_is_given_up_for_what_says_nothing_of_them(sqlite_ledgers: Ledgers, what: Any) -> None:
    box = _deliveries(sqlite_ledgers, [0, 3, 6, 9], what)

    assert box.suppressed() == set()


# ---------------------------------------------------------------- refused at once


@pytest.mark.slow
def test_who_is_refused_at_once_as_unknown_is_not_tried_by_the_next_run(ledgers: Ledgers) -> None:
    box = Box(ledgers)

    with ledgers.press.write() as tx:
        said = {"person2@example.com": "mailbox", "person3@example.com": "sender", "person4@example.com": "full"}
        fresh = note_refusals(tx, box.delivery, said, box.scene.policies)  # type: ignore[arg-type]
    again = Box(ledgers, run=2)

    assert fresh == {"hard": 1, "policy": 1, "soft": 1}
    assert box.suppressed() == {2}
    assert (again.stand.row(again.delivery).sent, again.stand.row(again.delivery).suppressed) == (6, 1)
    with ledgers.door.read() as tx:
        back = feedback_counts(tx, box.delivery)
    assert (back.hard, back.soft, back.policy, back.at_once) == (1, 1, 1, 3)
    assert verify(ledgers.press).sound


# ---------------------------------------------------------------- leaving by mail


def _mail(subject: str = "", body: str = "", *, kind: str = "text/plain", coded: str = "", more: str = "") -> bytes:
    raw = body.encode()
    if coded == "base64":
        raw = base64.encodebytes(raw)
    elif coded == "quoted-printable":
        raw = quopri.encodestring(raw)
    head = f"From: a@b.example\nTo: leave@brand.example\nSubject: {subject}\n{more}"
    return f"{head}Content-Type: {kind}\nContent-Transfer-Encoding: {coded or '8bit'}\n\n".encode() + raw


def _several(*parts: tuple[str, str], subject: str = "") -> bytes:
    mail = EmailMessage()
    mail["Subject"] = subject
    for kind, text in parts:
        if kind == "plain":
            mail.set_content(text)
        else:
            mail.add_alternative(text, subtype=kind)
    return bytes(mail)


QUOTED = TOKEN.replace("_", "=5F")
ENCODED = base64.b64encode(f"[EXTERNAL] unsubscribe {TOKEN}".encode()).decode()
_WISHES: dict[str, bytes] = {
    "plain": _mail(f"unsubscribe {TOKEN}"),
    "answered": _mail(f"Re: AW: unsubscribe {TOKEN}"),
    "external": _mail(f"[EXTERNAL] unsubscribe {TOKEN} [SEC=OFFICIAL]"),
    "capitals": _mail(f"UNSUBSCRIBE  {TOKEN}"),
    "punctuation": _mail(f"unsubscribe: {TOKEN}."),
    "as in a link": _mail(f"unsubscribe%20{TOKEN}"),
    "without the word": _mail(f"Abmelden {TOKEN}"),
    "encoded": _mail(f"=?utf-8?B?{ENCODED}?="),
    "encoded in two": _mail(f"=?utf-8?Q?Re:_unsubscribe_{QUOTED[:40]}?=\n =?utf-8?Q?{QUOTED[40:]}?="),
    "a letter stuck to it": _mail("x", f"unsubscribe {TOKEN}x"),
    "folded inside": _mail(f"unsubscribe {TOKEN[:60]}\n {TOKEN[60:]}"),
    "by a machine of the provider": _mail(f"unsubscribe {TOKEN}", more="Auto-Submitted: auto-generated\n"),
    "in the body": _mail("hello", f"Please unsubscribe {TOKEN}, thank you"),
    "in a line of its own": _mail("", f"unsubscribe\n{TOKEN}\n"),
    "quoted": _mail("Re: ", f"> unsubscribe\n> {TOKEN}\n"),
    "base64": _mail("x", f"unsubscribe {TOKEN}", coded="base64"),
    "quoted-printable": _mail("x", f"unsubscribe {TOKEN}", coded="quoted-printable"),
    "html": _mail("x", f"<p><b>unsubscribe</b>&nbsp;{TOKEN}</p>", kind="text/html"),
    "html with a blank by its number": _mail("x", f"<p>unsubscribe&#160;{TOKEN}</p>", kind="text/html"),
    "html with another": _mail("x", f"<p>unsubscribe&#x20;{TOKEN}</p>", kind="text/html"),
    "blanks around the boundary": _mail(
        "x", f"--q\nContent-Type: text/plain\n\nunsubscribe {TOKEN}\n--q--\n", kind='multipart/mixed; boundary = "q"'
    ),
    "the first line says from what": _mail("Re", f"Please unsubscribe me from your mailing list.\n\n> {LINK}\n"),
    "the first line says thanks": _mail("Re", f"I want to unsubscribe from all e-mails, thank you!\n\n> {LINK}\n"),
    "the first line of html says so": _mail(
        "Re: A jacket",
        f'<html><head><title>x</title><style>p {{margin: 0}}</style></head><p>Unsubscribe</p><a href="{LINK}">x</a>',
        kind="text/html",
    ),
    "two parts": _several(("plain", f"unsubscribe {TOKEN}"), ("html", f"<p>unsubscribe {TOKEN}</p>")),
    "only the second part": _several(("plain", "see below"), ("html", f"<p>unsubscribe {TOKEN}</p>")),
    "the subject says so and the link is quoted": _mail("Re: unsubscribe", f"> Unsubscribe: {LINK}\n"),
    "the first line says so and the link is quoted": _mail("Re: A jacket", f"Please unsubscribe me.\n\n> {LINK}\n"),
}
_QUOTING = f"> Hello,\n> the jacket is here.\n> -- \n> Brand\n> Unsubscribe: {LINK}\n"
_NO_WISHES: dict[str, bytes] = {
    "thanks": _mail("Re: A jacket", f"Thanks, I love it!\n\n{_QUOTING}"),
    "thanks, not quoted": _mail("Re: A jacket", f"Thanks!\n\nFrom: Brand\n{_QUOTING.replace('> ', '')}"),
    "thanks in html": _mail("Re", f'<p>Thanks!</p><a href="{LINK}">Unsubscribe</a>', kind="text/html"),
    "forwarded": _mail("Fwd: A jacket", f"Look at this\n\n---------- Forwarded message\nUnsubscribe: {LINK}\n"),
    "a link of that name": _mail("Re: A jacket", f"Thanks!\n\nUnsubscribe\n{LINK}\n"),
    "asks how": _mail("How do I unsubscribe from texts?", _QUOTING),
    "away": _mail(
        "Automatic reply: A jacket", f"Please unsubscribe me\n{_QUOTING}", more="Auto-Submitted: auto-replied\n"
    ),
    "away, as other programs say it": _mail("Away", f"Unsubscribe\n{LINK}\n", more="X-Autorespond: A jacket\n"),
    "away, as programs said it once": _mail("Away", f"Unsubscribe\n{LINK}\n", more="Precedence: auto_reply\n"),
    "the header's mailbox, decoded": _mail("Re", f"Thanks!\n\n<mailto:l@b.example?subject=unsubscribe {TOKEN}>"),
    "headers in the body": _mail(
        "x", f"List-Unsubscribe: <mailto:l@b.example?subject=unsubscribe%20{TOKEN}>,\n <{LINK}>"
    ),
    "wants something else": _mail("Re", f"I want to unsubscribe my neighbour from your list\n\n> {LINK}\n"),
    "does not want": _mail("Re", f"Please do not unsubscribe me from this list\n\n> {LINK}\n"),
    "no token": _mail("unsubscribe", "please"),
    "somebody else's letters": _mail(f"unsubscribe {TOKEN[:-1]}"),
}


@pytest.mark.parametrize("how", _WISHES)
def test_a_wish_to_leave_counts_whatever_stands_around_a_token(how: str) -> None:
    assert read_notice(_WISHES[how]) == Notice("unsubscribe", tokens=(TOKEN,))


@pytest.mark.parametrize("how", _NO_WISHES)
def test_an_answer_that_only_quotes_our_message_is_no_wish_to_leave(how: str) -> None:
    assert read_notice(_NO_WISHES[how]) is None


def test_a_bounce_that_gives_our_message_back_is_no_wish_to_leave() -> None:
    raw = report(block(*FULL)).replace(
        b"--b1--",
        f"--b1\r\nContent-Type: message/rfc822\r\n\r\n{original(TOKEN)}\r\nUnsubscribe: {LINK}\r\n\r\n--b1--".encode(),
    )

    found = read_notice(raw)

    assert found is not None
    assert (found.kind, found.tokens) == ("soft", (TOKEN,))


def test_many_wishes_in_a_mail_crowd_out_no_real_one(sqlite_ledgers: Ledgers) -> None:
    # Two people's tokens in one mail prove nothing, and neither does one beside what somebody made up.
    box = Box(sqlite_ledgers)
    mine = box.came.token(2)

    both = box.record(_mail("x", f"unsubscribe {mine}\nunsubscribe {box.came.token(3)}\n"))
    beside = box.record(_mail("x", f"unsubscribe {mine}\nunsubscribe {OTHER}\n"))

    assert (both.set_aside, beside.unsubscribed) == (1, 1)
    assert box.suppressed() == {2}


@given(before=st.text(max_size=60), after=st.text(max_size=60), where=st.sampled_from(["subject", "body"]))
def test_whatever_stands_around_it_a_token_after_the_word_is_found(before: str, after: str, where: str) -> None:
    text = f"{before} unsubscribe {TOKEN} {after}".replace("\r", " ").replace("\n", " ")
    raw = f"Subject: {text if where == 'subject' else 'x'}\n\n{text}\n".encode("utf-8", "replace")

    found = read_notice(raw)

    assert found is not None
    assert (found.kind, TOKEN in found.tokens) == ("unsubscribe", True)


# ---------------------------------------------------------------- complaints in other forms


def _complaint(kind: str, head: str, *, part: str = "message/rfc822", more: str = "", body: str = "hi") -> bytes:
    return (
        f"From: staff@hotmail.com\r\nSubject: complaint about message from 192.0.2.1\r\nContent-Type: {kind}; "
        f"boundary=b2\r\n\r\n{more}--b2\r\nContent-Type: {part}\r\nContent-Disposition: inline\r\n\r\n"
        f"{head}\r\n{body}\r\n\r\n--b2--\r\n"
    ).encode()


OUTLOOK = "X-HmXmrOriginalRecipient: x@example.com\r\n"
ABUSE = "--b2\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nVersion: 1\r\n\r\n"
BARE = "From: Brand <news@brand.example>\r\nSubject: A jacket\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        _complaint("multipart/mixed", OUTLOOK + original(TOKEN)),
        _complaint("multipart/mixed", original(TOKEN) + OUTLOOK.replace("HmXmr", "HMXMR")),
        (OUTLOOK + original(TOKEN) + "\r\nhi\r\n").encode(),
        (
            "Subject: complaint\r\nContent-Type: message/rfc822\r\n\r\n" + OUTLOOK + original(TOKEN) + "\r\nhi\r\n"
        ).encode(),
        _complaint("multipart/mixed", OUTLOOK + BARE, body=f"Unsubscribe: {LINK}"),
        _complaint("multipart/report; report-type=feedback-report", original(TOKEN), more=ABUSE),
        _complaint("multipart/report", original(TOKEN), more=ABUSE, part="text/rfc822-headers"),
        _complaint("multipart/mixed", original(TOKEN), more=ABUSE),
        _complaint("multipart/report", BARE, more=ABUSE, body=f"Hello\r\nUnsubscribe: {LINK}"),
    ],
)
def test_complaints_count_in_whatever_form_a_provider_sends_them(raw: bytes) -> None:
    assert read_notice(raw) == Notice("complaint", tokens=(TOKEN,))


def test_a_message_that_somebody_forwards_as_an_attachment_is_no_complaint() -> None:
    assert read_notice(_complaint("multipart/mixed", original(TOKEN))) is None
