"""Asking for a test at the door: only for oneself or a seed group, of what could go out, and not without end."""

from typing import Any

import pytest

from presscheck.desk.trials import MOST_AN_HOUR
from presscheck.ledger import EventKind
from presscheck.models import Copy
from presscheck.settings.mail import MailSection
from tests.desk.scene import BRIEF, Scene, draft

SEEDS = MailSection(seeds={"clients": ["gmail@seeds.example"]})


def ask(house: Any, to: str = "own", *, person: str = "ana", code: str = "V01", **more: Any) -> Any:
    visitor = house.visitor(person)
    form = {"csrf": visitor.csrf, "to": to, **more}
    return visitor.ask("POST", f"/proof/{house.scene.review.id}/{code}/test", data=form)


def asked(house: Any) -> list[dict[str, Any]]:
    with house.ledger.read() as tx:
        return [event.data for event in tx.events(EventKind.TEST_REQUESTED)]


def page(house: Any, person: str = "ana") -> str:
    return house.visitor(person).get(f"/proof/{house.scene.review.id}/V01/preview").text


def test_asking_for_a_test_is_one_button_and_stands_on_the_page(house: Any) -> None:
    answer = ask(house)

    assert (answer.status_code, answer.headers["location"]) == (303, f"/proof/{house.scene.review.id}/V01/preview#test")
    assert asked(house) == [
        {
            "review": house.scene.review.id,
            "code": "V01",
            "asset": house.scene.assets[0].digest,
            "person": "P-ana",
            "to": "own",
        }
    ]
    shown = page(house)
    assert "ana, to their own address: asked for" in shown
    assert "Send me a test" in shown
    assert "<script" not in shown


def test_a_test_of_a_question_decides_nothing(house: Any) -> None:
    ask(house)

    assert house.scene.kinds("decision:") == []
    house.scene.approve("ana")


@pytest.mark.parametrize(
    "to",
    [
        "victim@elsewhere.example",
        "ben@brand.example",
        "P-ben",
        "",
        "own\r\nBcc: victim@elsewhere.example",
        "own,ben@brand.example",
        "seeds",
    ],
)
def test_nobody_else_gets_a_test_whatever_a_form_says(open_house: Any, to: str) -> None:
    house = open_house(mail=SEEDS)

    answer = ask(house, to)

    assert answer.status_code == 403
    assert "A test goes to the address that you enrolled with" in answer.text
    assert "victim" not in answer.text
    assert asked(house) == []
    with house.ledger.read() as tx:
        [event] = tx.events(EventKind.REQUEST_FORBIDDEN)
    assert "victim" not in str(event.data)


def test_a_field_for_an_address_is_not_read(house: Any) -> None:
    ask(house, address="victim@elsewhere.example", email="victim@elsewhere.example", person="ana")

    assert "victim" not in str(asked(house))


def test_a_seed_group_of_the_settings_is_offered_and_taken(open_house: Any) -> None:
    house = open_house(mail=SEEDS)

    assert "Send it to clients (1 address)" in page(house)
    assert "seeds.example" not in page(house)
    assert ask(house, "clients").status_code == 303
    assert [one["to"] for one in asked(house)] == ["clients"]


def test_tests_of_one_person_have_a_bound_and_those_of_others_stay(house: Any) -> None:
    for _ in range(MOST_AN_HOUR):
        assert ask(house).status_code == 303

    over = ask(house)

    assert over.status_code == 429
    assert "wait a while" in over.text
    assert ask(house, person="cleo").status_code == 303
    house.scene.ledgers.clock.advance(hours=1, minutes=1)
    assert ask(house).status_code == 303


def test_a_form_without_the_session_s_token_asks_for_nothing(house: Any) -> None:
    assert ask(house, csrf="of-another-session").status_code == 403
    assert asked(house) == []


def test_a_stranger_asks_for_nothing(house: Any) -> None:
    answer = house.visitor(None).ask("POST", f"/proof/{house.scene.review.id}/V01/test", data={"to": "own"})

    assert (answer.status_code, asked(house)) == (303, [])


def refused(house: Any, code: str = "V01") -> tuple[int, str]:
    answer = ask(house, code=code)
    assert asked(house) == []
    return answer.status_code, answer.text


def test_a_draft_that_a_guardrail_blocks_leaves_as_no_test_either(open_house: Any, sqlite_ledgers: Any) -> None:
    blocked = draft(0, body="It is the best jacket in the world, guaranteed.\n\nIt keeps the rain out.")
    house = open_house(scene=Scene(sqlite_ledgers, drafts=(blocked, draft(1))))

    status, told = refused(house)

    assert status == 409
    assert "what may not leave leaves as no test either" in told
    assert "No test can be sent of it now" in page(house)


def test_another_channel_than_e_mail_has_no_test(open_house: Any, sqlite_ledgers: Any) -> None:
    brief = BRIEF.model_copy(update={"channel": "sms"})
    sms = Copy(channel="sms", body="The Fell jacket is here. It keeps the rain out.")
    house = open_house(scene=Scene(sqlite_ledgers, brief=brief, drafts=(sms,)))

    status, told = refused(house)

    assert (status, "Only e-mail has a test send" in told) == (409, True)


def test_a_webhook_is_sent_no_test(open_house: Any, sqlite_ledgers: Any) -> None:
    house = open_house(scene=Scene(sqlite_ledgers, via="webhook"))

    status, told = refused(house)

    assert (status, "By webhook there is no test send" in told) == (409, True)


def test_an_answered_question_has_no_test(house: Any) -> None:
    house.scene.approve("ana")

    status, told = refused(house)

    assert (status, "This question is answered" in told) == (409, True)


def test_a_draft_that_is_not_there_has_no_test(house: Any) -> None:
    assert refused(house, "V99")[0] == 404


@pytest.mark.parametrize(
    "seeds",
    [
        {"own": ["a@brand.example"]},
        {"clients": []},
        {"clients": ["Ana <a@brand.example>"]},
        {"clients": ["a@brand.example, b@brand.example"]},
        {"clients": ["a@brand.example\r\nBcc: b@brand.example"]},
        {"clients": [f"a{at}@brand.example" for at in range(21)]},
        {"Clients!": ["a@brand.example"]},
    ],
)
def test_seed_groups_hold_plain_addresses_and_not_many(seeds: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match="seeds"):
        MailSection(seeds=seeds)
