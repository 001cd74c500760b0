"""The mail channel against a real server: encrypted, signed in, each message once, and exact about what was taken."""

import logging
import re
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from presscheck.digests import digest_of
from presscheck.errors import ChannelError
from presscheck.press.channels import Failed, Message, PutOff, Sent, Unknown
from presscheck.press.channels.smtp import Smtp
from presscheck.press.channels.smtp_hand_over import HandOver, Lines, Manners
from presscheck.press.channels.smtp_journal import Journal
from presscheck.press.channels.smtp_line import Line
from presscheck.press.channels.smtp_queue import Job, Queue, Rates
from tests.press.mailing import SEAL, Papers, Running, channel, mail_server, make_papers

DELIVERY = "D-0123456789ab"


def mail_to(address: str, *, body: str = "Hello.", sender: str = "news@brand.example") -> Message:
    key = digest_of([DELIVERY, address])
    content = (
        f"To: {address}\r\nMessage-ID: <{key}@{sender.partition('@')[2]}>\r\nFrom: Brand <{sender}>\r\n"
        f"Subject: A jacket\r\nDate: Mon, 02 Mar 2026 09:00:00 +0000\r\n\r\n{body}\r\n"
    )
    return Message(key, address, content.encode())


def mails(count: int) -> list[Message]:
    return [mail_to(f"person{number}@example.com") for number in range(count)]


def hand_over(smtp: Smtp, batch: list[Message]) -> dict[str, Any]:
    """The answers by address; the journal is made as the press makes it."""
    smtp.journal = smtp.prepare(DELIVERY, [one.key for one in batch])  # type: ignore[attr-defined]
    answers = {answer.key: answer for answer in smtp.send(DELIVERY, batch)}
    assert len(answers) == len(batch)
    return {one.address: answers[one.key] for one in batch}


def fates(smtp: Smtp, batch: list[Message]) -> list[str]:
    told = smtp.recall(DELIVERY, [one.key for one in batch], [smtp.journal])  # type: ignore[attr-defined]
    return [told[one.key] for one in batch]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return make_papers(tmp_path_factory.mktemp("papers"))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Iterator[Running]:
    """A server with STARTTLS and a sign-in that does what it should."""
    with mail_server(tmp_path_factory.mktemp("sound"), papers=papers, user="press", password="s3cret") as running:
        yield running


def signed_in(running: Running, word: str = "s3cret") -> Any:
    return running.server(user="press", password=SecretStr(word))


def test_a_batch_goes_out_over_several_connections_each_message_once(sound: Running, tmp_path: Path) -> None:
    smtp = channel(sound, tmp_path, server=signed_in(sound))
    batch = mails(40)

    answers = hand_over(smtp, batch)
    smtp.hang_up()

    assert set(map(type, answers.values())) == {Sent}
    taken = [each for each in sound.taken() if each["to"][0] in answers]
    assert sorted(each["to"][0] for each in taken) == sorted(answers)
    assert set(fates(smtp, batch)) == {"sent"}


def test_each_message_has_a_return_address_that_names_it(sound: Running, tmp_path: Path) -> None:
    one = mail_to("verp@example.com")
    smtp = channel(sound, tmp_path, server=signed_in(sound), bounce_domain="bounces.brand.example")

    hand_over(smtp, [one])
    smtp.hang_up()

    (taken,) = [each for each in sound.taken() if each["to"] == ["verp@example.com"]]
    assert taken["from"] == f"bounce+{one.key[:32]}@bounces.brand.example"


def test_lines_that_begin_with_a_dot_arrive_as_they_were(sound: Running, tmp_path: Path) -> None:
    smtp = channel(sound, tmp_path, server=signed_in(sound))

    hand_over(smtp, [mail_to("dots@example.com", body=".\r\n..two\r\n.three")])
    smtp.hang_up()

    kept = [message_from_bytes(path.read_bytes(), policy=policy.SMTP) for path in sound.kept.iterdir()]
    (found,) = [each for each in kept if each["To"] == "dots@example.com"]
    assert found.get_content() == ".\r\n..two\r\n.three\r\n"


def test_a_wrong_password_sends_nothing_and_is_told_without_the_password(sound: Running, tmp_path: Path) -> None:
    smtp = channel(sound, tmp_path, server=signed_in(sound, "wr0ng-pass"))

    with pytest.raises(ChannelError, match=r"does not take user and password: 535.*secret smtp") as told:
        hand_over(smtp, [mail_to("nobody1@example.com")])

    assert "wr0ng" not in str(told.value)
    assert "nobody1@example.com" not in sound.addresses()


def test_implicit_tls_and_no_tls_on_this_machine_work_too(papers: Papers, tmp_path: Path) -> None:
    for tls in ("implicit", "none"):
        folder = tmp_path / tls
        folder.mkdir()
        with mail_server(folder, tls=tls, papers=papers) as running:
            smtp = channel(running, folder)
            hand_over(smtp, mails(3))
            smtp.hang_up()

            assert len(running.taken()) == 3


@pytest.mark.parametrize(
    ("tls", "misbehave", "client", "told"),
    [
        ("starttls", ["no-tls"], {}, "offers no TLS"),
        ("starttls", ["inject"], {}, "before TLS began"),
        ("none", [], {"tls": "starttls"}, "offers no TLS"),
        ("none", [], {"tls": "implicit"}, "TLS cannot be agreed on"),
        ("starttls", [], {"ca_file": None}, "certificate is not good"),
        ("none", ["endless"], {"tls": "none"}, "does not end"),
        ("none", ["silent"], {"tls": "none", "timeout": 0.3}, "did not answer in time"),
        ("none", ["refuse-sender"], {"tls": "none"}, "refuses the sender: 550 5.7.1 .address. may not send here"),
    ],
)
def test_a_server_that_cannot_be_trusted_gets_nothing(
    papers: Papers, tmp_path: Path, tls: str, misbehave: list[str], client: dict[str, Any], told: str
) -> None:
    batch = mails(2)
    with mail_server(tmp_path, *misbehave, tls=tls, papers=papers) as running:
        smtp = channel(running, tmp_path / "journals", server=running.server(**client))

        with pytest.raises(ChannelError, match=told):
            hand_over(smtp, batch)

        assert running.taken() == []
        assert fates(smtp, batch) == ["not-sent", "not-sent"]


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    papers = make_papers(tmp_path / "other", name="mail.other.example")
    with mail_server(tmp_path, tls="implicit", papers=papers) as running:
        with pytest.raises(ChannelError, match=r"certificate is not good.*(ame|match)"):
            hand_over(channel(running, tmp_path / "journals"), mails(1))

        assert running.taken() == []


def test_a_server_that_is_away_is_said_and_nothing_is_begun(papers: Papers, tmp_path: Path) -> None:
    away = Running(1, "starttls", papers, tmp_path / "none", tmp_path)
    smtp = channel(away, tmp_path)
    batch = mails(2)

    with pytest.raises(ChannelError, match=r"localhost:1: the mail server cannot be reached: Connection refused"):
        hand_over(smtp, batch)

    assert fates(smtp, batch) == ["not-sent", "not-sent"]


# ---------------------------------------------------------------- one message of many

ODD = ("put-off", "refuse", "drop-in-data", "drop-after-dot", "lose-after-dot", "hang-after-dot")


@pytest.fixture(scope="module")
def moody(tmp_path_factory: pytest.TempPathFactory, papers: Papers) -> Iterator[Running]:
    """A server with one bad day for each of some recipients."""
    bad = [f"{kind}={kind}@example.com" for kind in ODD]
    with mail_server(tmp_path_factory.mktemp("moody"), *bad, papers=papers, latency=10) as running:
        yield running


@pytest.mark.parametrize(
    ("misbehave", "kind", "told", "fate", "times"),
    [
        ("put-off", PutOff, "451 4.7.1 Greylisted, try again later", "not-sent", 0),
        ("refuse", Failed, "550 5.1.1 .address.: Recipient address rejected: no such user, see .link.", "not-sent", 0),
        ("drop-in-data", Failed, "the connection broke before it was taken, given up after 3", "not-sent", 0),
        ("drop-after-dot", Unknown, "did not say that it took it", "unknown", 1),
        ("lose-after-dot", Unknown, "did not say that it took it", "unknown", 0),
        ("hang-after-dot", Unknown, "did not answer in time", "unknown", 1),
    ],
)
def test_what_happens_to_one_message_does_not_stop_the_rest(
    moody: Running, tmp_path: Path, misbehave: str, kind: type, told: str, fate: str, times: int
) -> None:
    bad = f"{misbehave}@example.com"
    # Too long for the buffers in between: a connection that breaks in its middle breaks while we still transmit.
    body = "A long text.\r\n" * 600_000 if misbehave == "drop-in-data" else "Hello."
    batch = [mail_to(bad, body=body), *(mail_to(f"{misbehave}-{number}@example.com") for number in range(23))]
    smtp = channel(moody, tmp_path / "journals", server=moody.server(timeout=1.0), signer=None)

    answers = hand_over(smtp, batch)
    smtp.hang_up()

    answer = answers.pop(bad)
    assert isinstance(answer, kind)
    reason = getattr(answer, "reason", "")
    assert re.search(told, reason), reason
    assert "@" not in reason
    assert set(map(type, answers.values())) == {Sent}
    assert moody.addresses().count(bad) == times
    assert sorted(answers) == [to for to in moody.addresses() if to.startswith(f"{misbehave}-") and to in answers]
    assert fates(smtp, batch)[0] == fate


@pytest.mark.slow
def test_a_server_that_drops_every_message_keeps_the_delivery_waiting(papers: Papers, tmp_path: Path) -> None:
    batch = [mail_to(f"person{number}@example.com", body="A long text.\r\n" * 600_000) for number in range(2)]
    with mail_server(tmp_path, "drop-in-data", papers=papers) as running:
        smtp = channel(running, tmp_path / "journals", signer=None)

        with pytest.raises(ChannelError, match="breaks the connection before it takes a message"):
            hand_over(smtp, batch)

        assert fates(smtp, batch) == ["not-sent", "not-sent"]
        assert running.taken() == []


def test_a_connection_that_the_server_ends_after_some_messages_is_replaced(papers: Papers, tmp_path: Path) -> None:
    with mail_server(tmp_path, "end-after=3", papers=papers) as running:
        smtp = channel(running, tmp_path / "journals", manners=Manners(connections=2, attempts=1, first_wait=0))
        answers = hand_over(smtp, mails(20))
        smtp.hang_up()

        assert set(map(type, answers.values())) == {Sent}
        assert len(set(running.addresses())) == len(running.addresses()) == 20


def test_a_domain_gets_no_more_than_its_rate_and_others_go_first(papers: Papers, tmp_path: Path) -> None:
    slow = [mail_to(f"slow{number}@slow.example") for number in range(4)]
    quick = [mail_to(f"quick{number}@quick.example") for number in range(8)]
    with mail_server(tmp_path, papers=papers) as running:
        manners = Manners(connections=4, attempts=1, first_wait=0, rates={"slow.example": 5.0})
        smtp = channel(running, tmp_path / "journals", manners=manners)
        started = time.monotonic()
        hand_over(smtp, [*slow, *quick])
        took = time.monotonic() - started
        smtp.hang_up()

        order = [each["to"][0].partition("@")[2] for each in running.taken()]
    assert took >= 3 / 5.0
    assert order[-3:] == ["slow.example"] * 3


def test_a_press_that_is_told_to_stop_begins_nothing_more(sound: Running, tmp_path: Path) -> None:
    batch = [mail_to(f"stopping{number}@slow.example") for number in range(50)]
    manners = Manners(connections=2, attempts=1, first_wait=0, rates={"slow.example": 10.0})
    smtp = channel(sound, tmp_path, server=signed_in(sound), manners=manners)
    stop = time.monotonic() + 0.4
    smtp.stop_when(lambda: time.monotonic() > stop)

    with pytest.raises(ChannelError, match="told to stop; the rest go out when it starts again"):
        hand_over(smtp, batch)

    smtp.hang_up()
    sent = [one for one, fate in zip(batch, fates(smtp, batch), strict=True) if fate == "sent"]
    assert 1 <= len(sent) < 50
    assert set(fates(smtp, batch)) == {"sent", "not-sent"}
    assert sorted(one.address for one in sent) == [to for to in sound.addresses() if to.startswith("stopping")]


def test_what_is_not_in_the_journal_is_never_handed_over(sound: Running, tmp_path: Path) -> None:
    one, other = mail_to("journalled@example.com"), mail_to("stranger@example.com")
    smtp = channel(sound, tmp_path, server=signed_in(sound))

    with pytest.raises(ChannelError, match="not fresh in the journal"):
        smtp.send(DELIVERY, [one])
    smtp.prepare(DELIVERY, [one.key])
    with pytest.raises(ChannelError, match="not fresh in the journal"):
        smtp.send(DELIVERY, [one, other])

    assert not {"journalled@example.com", "stranger@example.com"} & set(sound.addresses())


@pytest.mark.slow
def test_a_password_is_in_no_log_and_no_repr(
    sound: Running, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    smtp = channel(sound, tmp_path, server=signed_in(sound))

    hand_over(smtp, [mail_to("quiet@example.com")])
    smtp.hang_up()

    printed = capfd.readouterr()
    shown = f"{smtp.server!r} {vars(smtp)!r} {caplog.text} {printed.out} {printed.err}"
    assert "s3cret" not in shown


@pytest.mark.slow
def test_a_message_that_was_taken_goes_to_no_other_connection_where_the_journal_fails(
    sound: Running, tmp_path: Path
) -> None:
    class Hesitant(Queue):
        """Whatever is put back lies there for a while, for another connection to find."""

        def again(self, job: Job, *, wait: float) -> None:
            super().again(job, wait=wait)
            time.sleep(0.5)

    class Failing(HandOver):
        """A disk that does not take the word of one message's being taken."""

        def _try(self, line: Line, job: Job) -> Any:
            answer = super()._try(line, job)
            if job.message.address.startswith("full-disk"):
                raise ChannelError("the journal cannot be written")
            return answer

    batch = [mail_to("full-disk@example.com"), mail_to("other-line@example.com")]
    smtp = channel(sound, tmp_path, server=signed_in(sound))
    journal = Journal.make(tmp_path, DELIVERY, [one.key for one in batch], SEAL)
    queue = Hesitant([(one, smtp._envelope(one)) for one in batch], Rates({}), lambda: False)

    lines = Lines(smtp.server)
    with pytest.raises(ChannelError):
        Failing(queue, journal, lines, Manners(connections=2), lambda content: content, Counter()).run()
    lines.close()
    journal.close()

    assert sound.addresses().count("full-disk@example.com") == 1
