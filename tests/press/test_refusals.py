"""What a refusal is about: words before codes, a server's own code before a relay's, in doubt never the mailbox."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.press.refusals import About, about, is_about_us
from tests.growing import grows_in_proportion

_SAID: list[tuple[About, int | None, str, str]] = [
    # The mailbox is not there.
    ("mailbox", 550, "5.1.1", "<ada@example.com>: Recipient address rejected: User unknown in local recipient table"),
    ("mailbox", 550, "5.1.1", "<ada@example.com>: Recipient address rejected: User unknown in relay recipient table"),
    ("mailbox", 554, "5.7.1", "<ada@example.com>: Recipient address rejected: User unknown"),
    ("mailbox", 550, "5.7.1", "No such user here"),
    ("mailbox", 550, "", "no such recipient"),
    ("mailbox", 550, "", "Unknown user"),
    ("mailbox", 550, "5.1.1", ""),
    ("mailbox", 550, "5.1.1", "<ada@example.com>"),
    ("mailbox", None, "5.1.1", ""),
    ("mailbox", 550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
    ("mailbox", 556, "5.1.10", "Recipient address has a null MX"),
    ("mailbox", 550, "5.1.6", "Mailbox has moved, no forwarding address"),
    ("mailbox", 550, "5.4.1", "Recipient address rejected: Access denied. AS(201806281) [AM0.protection.outlook.com]"),
    ("mailbox", None, "5.0.0", "smtp; 550 5.1.1 unknown or illegal alias: ada@example.com"),
    ("mailbox", None, "5.0.0", "smtp; 554 delivery error: dd This user doesn't have a yahoo.com account [0]"),
    ("mailbox", 550, "5.5.0", "Mailbox not found"),
    ("mailbox", 550, "", "Benutzer unbekannt"),
    ("mailbox", 550, "", "Utilisateur inconnu"),
    ("mailbox", 550, "5.1.1", "sorry, no mailbox here by that name. (#5.1.1)"),
    ("mailbox", 550, "5.1.1", "The email account that you tried to reach does\n550-5.1.1 not exist. Please try\n"
     "550 5.1.1 double-checking the recipient's address. https://support.google.com/mail/?p=NoSuchUser"),
    # We are refused, whatever the code says.
    ("sender", 554, "5.7.1", "<ada@example.com>: Relay access denied"),
    ("sender", 550, "5.1.1", "Your domain kettlewell.example.com does not exist"),
    ("sender", 550, "5.1.1", "<hello@kettlewell.example.com> invalid return address"),
    ("sender", 550, "5.1.1", "message refused: invalid From header"),
    ("sender", 550, "5.1.1", "Intrusion prevention active for [192.0.2.1]"),
    ("sender", 550, "5.1.1", "User reported your message as junk"),
    ("sender", 550, "5.1.1", "Certificate not trusted"),
    ("sender", 553, "5.7.1", "<hello@kettlewell.example.com>: Sender address rejected: not owned by user kettlewell"),
    ("sender", 550, "5.1.0", "<hello@brand.example>: Sender address rejected: User unknown in relay recipient table"),
    ("sender", 553, "5.1.8", "Domain of sender address hello@kettlewell.example.com does not exist"),
    ("sender", 550, "5.1.1", "Service unavailable; client [192.0.2.1] blocked using zen.spamhaus.org"),
    ("sender", 550, "5.7.26", "This mail has been blocked because the sender is unauthenticated. DKIM = did not pass"),
    ("sender", 550, "5.7.606", "Access denied, banned sending IP [192.0.2.1]"),
    ("sender", 550, "5.7.1", "Unfortunately, messages weren't sent, since part of their network is on our block list"),
    ("sender", 554, "", "IP=192.0.2.1 - None/bad reputation. Ask your postmaster for help"),
    ("sender", 550, "", "No Such User Here. Sender verify failed"),
    ("sender", 550, "", "Message rejected due to DMARC policy of kettlewell.example.com"),
    ("sender", 550, "5.7.25", "The IP address sending this message does not have a PTR record setup"),
    ("sender", 530, "5.7.0", "Must issue a STARTTLS command first"),
    ("sender", 530, "", "Authentication required"),
    ("sender", 553, "", "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    ("sender", 450, "4.7.25", "Client host rejected: cannot find your hostname, [192.0.2.1]"),
    ("sender", 554, "5.7.1", "Message rejected as spam by content filter"),
    ("sender", 550, "5.7.27", "Sender address has null MX"),
    ("sender", 550, "5.7.27", "Host does not accept mail"),
    ("sender", 550, "5.1.7", "No such domain kettlewell.example.com"),
    ("sender", 550, "", "User unknown (in reply to MAIL FROM command)"),
    ("sender", 550, "5.7.1", ""),
    ("sender", 501, "", ""),
    ("sender", 550, "5.6.0", ""),
    # There is no room, for it or for so much.
    ("full", 552, "5.2.2", "mailbox full"),
    ("full", 550, "5.1.1", "user over quota. (#5.1.1)"),
    ("full", 552, "", "Requested mail action aborted: exceeded storage allocation"),
    ("full", 452, "4.2.2", "The email account that you tried to reach is over quota"),
    ("full", 550, "", "Mailbox for ada@example.com is full"),
    ("size", 552, "5.3.4", "Message size exceeds fixed limit"),
    ("size", 552, "", "Message too large"),
    ("size", 554, "5.2.3", ""),
    ("size", 550, "", "The message exceeds the maximum size allowed"),
    # Too much at once.
    ("rate", 450, "4.7.1", "Error: too much mail from 192.0.2.1"),
    ("rate", 421, "4.7.0", "[TSS04] Messages temporarily deferred due to unexpected volume or user complaints"),
    ("rate", 421, "4.7.28", "Our system has detected an unusual rate of unsolicited mail"),
    ("rate", 450, "4.2.1", "The user you are trying to contact is receiving mail at a rate that prevents"),
    ("rate", 452, "4.5.3", "Error: too many recipients"),
    ("rate", 421, "", "Too many concurrent SMTP connections"),
    ("rate", 454, "", "Throttling failure: Daily message quota exceeded."),
    ("rate", 550, "5.4.5", "Daily user sending quota exceeded"),
    ("rate", 450, "4.7.1", "Error: too many new TLS sessions from 192.0.2.1"),
    ("rate", 550, "5.1.1", "Too many unknown users from your address"),
    ("rate", 550, "5.7.28", ""),
    # Ask again.
    ("greylisted", 450, "4.2.0", "<ada@example.com>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch"),
    ("greylisted", 451, "4.7.1", "Greylisting in action, please come back later"),
    ("passing", 451, "4.3.0", "Temporary local problem, please try later"),
    ("passing", 450, "4.1.1", "<ada@example.com>: Recipient address rejected: User unknown"),
    ("passing", 421, "4.7.0", "Try again later, closing connection. (EHLO)"),
    ("passing", 421, "", "Service not available, closing transmission channel"),
    ("passing", 452, "4.3.1", "Insufficient system storage"),
    ("passing", None, "5.4.4", "Host or domain name not found. Name service error: Host not found"),
    ("passing", 550, "5.1.2", "Host unknown (Name server: example.com: host not found)"),
    ("passing", 550, "5.1.1", "Mailbox temporarily unavailable"),
    ("passing", None, "4.4.1", "connect to mx.example.com[192.0.2.2]:25: Connection timed out"),
    ("passing", None, "5.4.7", "Delivery time expired"),
    # It does not say, or it is a rule of that one person.
    ("unclear", None, "", ""),
    ("unclear", None, "5.0.0", ""),
    ("unclear", 550, "", ""),
    ("unclear", 554, "5.0.0", "Transaction failed"),
    ("unclear", 550, "5.2.1", "The email account that you tried to reach is disabled"),
    ("unclear", 550, "", "Requested action not taken: mailbox unavailable"),
    ("unclear", 550, "5.7.1", "RESOLVER.RST.NotAuthorized; not authorized"),
    ("unclear", 550, "5.7.1", "<ada@example.com>: Recipient address rejected: this list is closed"),
    ("unclear", 550, "5.7.1", "You have been blocked by the recipient"),
    ("unclear", 550, "5.7.133", "RESOLVER.RST.SenderNotAuthenticatedForGroup; only senders inside the organization"),
    ("unclear", 999, "9.9.9", "??"),
]  # fmt: skip


@pytest.mark.parametrize(("right", "code", "status", "words"), _SAID, ids=lambda value: str(value)[:60])
def test_a_refusal_is_about_what_its_words_say(right: About, code: int | None, status: str, words: str) -> None:
    assert about(code, status, words) == right


@pytest.mark.parametrize(
    "words",
    ["<user-unknown@example.com>: try again", "no.such.user@example.com", "user_unknown@example.com: 5.7.1 refused"],
)
def test_a_name_in_an_address_never_decides(words: str) -> None:
    assert about(550, "", words) != "mailbox"


@pytest.mark.parametrize("code", [421, 450, 451, 452])
@pytest.mark.parametrize("words", ["User unknown", "no such user", "5.1.1 does not exist"])
def test_what_is_refused_for_now_is_never_gone(code: int, words: str) -> None:
    assert about(code, "5.1.1", words) != "mailbox"


def test_codes_are_found_in_the_words_of_several_lines() -> None:
    said = "smtp;550-5.1.1 The email account that you tried to reach\n   550-5.1.1 does not exist"

    assert about(None, "", said) == "mailbox"


def test_what_is_about_us_is_told_apart_from_what_is_about_a_reader() -> None:
    assert [one for one in ("mailbox", "full", "sender", "size", "rate", "greylisted", "passing", "unclear")
            if is_about_us(one)] == ["sender", "size", "rate"]  # fmt: skip


@given(code=st.none() | st.integers(), status=st.text(), words=st.text())
def test_any_answer_is_read_and_what_says_nothing_is_not_gone(code: int | None, status: str, words: str) -> None:
    assert about(code, status, words) in get_args(About)


@pytest.mark.parametrize(
    "piece", ["a", "user ", "@", "5.1.1 ", "550-", "mailbox ", "exceed ", "not ", "<", "message from "]
)
def test_a_server_cannot_keep_the_press_busy_with_words(piece: str) -> None:
    assert grows_in_proportion(lambda times: about(550, piece * (times // 40), piece * times), int, 200_000)
