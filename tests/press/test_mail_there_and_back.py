"""A mail through a real server with TLS, and what comes back of it: the marks that the press put in are proof."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from presscheck.ledger.feedback import FeedbackCounts, feedback_counts
from presscheck.press.feedback import Feedback
from presscheck.press.feedback_mail import read_notice
from presscheck.recipients.leaving import read_token
from presscheck.unsubscribe_links import WayToLeave
from tests.desk.scene import Ledgers, Scene, shipped_policies
from tests.press.mailing import channel, mail_server
from tests.press.returned import arf, dsn
from tests.press.stand import Stand


@pytest.mark.slow
def test_what_comes_back_of_a_mail_that_went_through_a_server_is_believed(
    sqlite_ledgers: Ledgers, tmp_path: Path
) -> None:
    scene = Scene(sqlite_ledgers, via="smtp", recipients=3)
    way = WayToLeave("https://brand.example/unsubscribe")
    with mail_server(tmp_path / "server") as running:
        smtp = channel(running, tmp_path / "journals")
        stand = Stand(scene, channels={"smtp": smtp}, leave=way)
        delivery = stand.approve_and_request()
        stand.press.step()
        smtp.hang_up()
        taken = running.taken()
        mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in running.kept.iterdir()]
    assert (stand.row(delivery).state, len(taken), len(mails)) == ("done", 3, 3)
    link = str(mails[0]["List-Unsubscribe"])

    assert all("list-unsubscribe:list-unsubscribe-post" in str(mail["DKIM-Signature"]).lower() for mail in mails)
    assert read_token(link.removeprefix(f"<{way.url}/").removesuffix(">"), sqlite_ledgers.door.keyring) is not None
    bounced = read_notice(dsn(to=taken[0]["from"], status="5.1.1"))
    complained = read_notice(arf(f"Subject: x\r\nList-Unsubscribe: {link}\r\n"))
    counted = Feedback(sqlite_ledgers.press, sqlite_ledgers.home, way, shipped_policies).record([bounced, complained])

    assert counted.set_aside == 0
    with sqlite_ledgers.door.read() as tx:
        assert feedback_counts(tx, delivery) == FeedbackCounts(hard=1, complaint=1)


def test_a_signature_of_another_domain_keeps_a_delivery_from_beginning(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    base = Scene.__init__.__kwdefaults__["brief"]
    sender = base.sender.model_copy(update={"address": "news@other.example"})
    scene = Scene(sqlite_ledgers, brief=base.model_copy(update={"sender": sender}), via="smtp")
    with mail_server(tmp_path / "server") as running:
        stand = Stand(scene, channels={"smtp": channel(running, tmp_path / "journals")})
        delivery = stand.approve_and_request()
        stand.press.step()
        taken = running.taken()

    assert (stand.row(delivery).state, taken) == ("held", [])
    assert "DKIM signs as brand.example and the sender is at other.example" in stand.row(delivery).reason
