"""Being away, at the door: delegations and absences by API and page, and what each refuses."""

from typing import Any

import pytest

from presscheck.ledger import EventKind
from presscheck.people.role_words import ROLE_WORDS

US = {"role": "brand_lead", "markets": ["US"]}


def _lend(visitor: Any, **instead: Any) -> Any:
    body = {"to": "uma@brand.example", "grants": [US], "ends": "2026-03-20", **instead}
    return visitor.post("/-/api/delegations", body)


def _form(visitor: Any, path: str, **fields: str) -> Any:
    return visitor.ask("POST", path, data={"csrf": visitor.csrf, **fields})


def _recorded(house: Any, *kinds: EventKind) -> list[Any]:
    with house.ledger.read() as tx:
        return tx.events(*kinds)


def test_one_lends_both_see_it_and_either_ends_it(house: Any) -> None:
    ana, uma, cleo = house.visitor("ana"), house.visitor("uma"), house.visitor("cleo")

    made = _lend(ana, gates=["copy"])
    lent = made.json()["delegation"]
    [seen_by_uma] = uma.get("/-/api/delegations").json()["delegations"]
    seen_by_cleo = cleo.get("/-/api/delegations").json()["delegations"]
    ended_by_cleo = cleo.post(f"/-/api/delegations/{lent}/end")
    ended_by_uma = uma.post(f"/-/api/delegations/{lent}/end")

    assert made.status_code == 201
    assert (seen_by_uma["by_name"], seen_by_uma["to_name"], seen_by_uma["gates"]) == ("ana", "uma", ["copy"])
    assert seen_by_uma["holds"] == [US]
    assert seen_by_cleo == []
    assert (ended_by_cleo.status_code, ended_by_uma.status_code) == (403, 200)
    assert ana.get("/-/api/delegations").json()["delegations"] == []


def test_what_the_rights_do_not_let_delegate_is_not_lent(house: Any) -> None:
    house.enrol("pia", "prompt_engineer")
    pia = house.visitor("pia")

    answer = _lend(pia, to="P-ana", grants=[{"role": "prompt_engineer"}])

    assert (answer.status_code, answer.json()["code"]) == (403, "no-right")
    assert "prompt_engineer may not be delegated" in answer.json()["error"]
    assert "nothing to delegate" in pia.get("/people").text


def test_without_markets_a_role_is_lent_where_it_is_held(house: Any) -> None:
    _lend(house.visitor("cleo"), grants=[{"role": "brand_lead"}])

    [shown] = house.visitor("cleo").get("/-/api/delegations").json()["delegations"]

    assert shown["grants"] == [{"role": "brand_lead", "markets": ["DE", "US"]}]


@pytest.mark.parametrize(
    ("who", "instead", "status", "what"),
    [
        ("ana", {"to": "nobody@brand.example"}, 404, "nobody active"),
        ("ana", {"to": "ana@brand.example"}, 409, "to yourself"),
        ("ana", {"to": "eva@brand.example"}, 409, "that takes two"),
        ("uma", {"to": "P-ana", "grants": [{"role": "brand_lead", "markets": "all"}]}, 409, "you do not hold"),
        ("eva", {"to": "P-ana", "grants": [{"role": "engineer"}]}, 409, "answers no review"),
        ("ana", {"ends": "2026-05-20"}, 409, "30 are the most"),
        ("ana", {"ends": "soon"}, 422, "ends: Value error, “"),
        ("ana", {"ends": None}, 422, "ends"),
        ("ana", {"grants": [{"role": "emperor"}]}, 422, "grants.0.role"),
        ("ana", {"by": "P-cleo"}, 422, "by: Extra inputs"),
        ("ana", {"gates": ["cpoy"]}, 422, "the gates are"),
        ("ana", {"gates": "some"}, 422, "gates"),
    ],
)
def test_what_cannot_be_lent_is_told(still_house: Any, who: str, instead: Any, status: int, what: str) -> None:
    answer = _lend(still_house.visitor(who), **instead)

    assert (answer.status_code, what in answer.json()["error"]) == (status, True), answer.text
    assert _recorded(still_house, EventKind.PERSON_DELEGATED) == []


def test_one_says_that_oneself_is_away_and_only_an_administrator_that_others_are(house: Any) -> None:
    house.enrol("root", "administrator")
    ana, eva, root = house.visitor("ana"), house.visitor("eva"), house.visitor("root")

    statuses = [
        ana.post("/-/api/people/me/absent", {"until": "2026-03-09"}).status_code,
        eva.post("/-/api/people/P-ana/present").status_code,
        eva.post("/-/api/people/P-uma/absent").status_code,
        root.post("/-/api/people/P-uma/absent").status_code,
        root.post("/-/api/people/P-nobody/absent").status_code,
        ana.post("/-/api/people/me/absent", {"until": "2026-02-30"}).status_code,
        ana.post("/-/api/people/me/absent", {"until": "2026-03-01"}).status_code,
    ]
    listed = {one["name"]: one for one in root.get("/-/api/people").json()["people"]}

    assert statuses == [200, 403, 403, 200, 404, 422, 422]
    assert (listed["ana"]["absent"], listed["ana"]["absent_until"]) == (True, "2026-03-09")
    assert (listed["uma"]["absent"], listed["uma"]["absent_until"]) == (True, None)
    assert not listed["eva"]["absent"]
    assert ana.post("/-/api/people/me/present").status_code == 200
    assert ana.post("/-/api/people/me/present").status_code == 409


def test_a_role_with_days_is_listed_before_it_begins(house: Any) -> None:
    house.enrol("root", "administrator")
    dated = {"role": "scheduler", "markets": "all", "begins": "2026-03-09", "ends": "2026-03-20"}

    house.visitor("root").post("/-/api/people/P-eva/grants", {"grants": [dated]})

    [eva] = [one for one in house.visitor("root").get("/-/api/people").json()["people"] if one["name"] == "eva"]
    assert (eva["grants"], eva["roles_now"]) == ([dated], [])


def test_the_page_lets_everybody_see_to_their_own_and_shows_others_to_who_decides(house: Any) -> None:
    eva, ana = house.visitor("eva"), house.visitor("ana")
    _lend(ana)

    for_eva, for_ana = eva.get("/people").text, ana.get("/people").text

    assert "I am away from now on" in for_eva
    assert "nothing to delegate" in for_eva
    assert "Here now" not in for_eva
    assert "cleo" not in for_eva
    assert "ana → uma" in for_ana
    assert "brand lead in US" in for_ana
    assert "Here now" in for_ana
    assert "Propose somebody" not in for_ana


def test_the_page_says_of_each_role_what_it_is(house: Any) -> None:
    house.enrol("root", "administrator")

    shown = house.visitor("root").get("/people").text

    assert all(words in shown for words in ROLE_WORDS.values())


def test_the_forms_of_the_page_do_what_they_say(house: Any) -> None:
    house.enrol("root", "administrator")
    ana, root = house.visitor("ana"), house.visitor("root")

    away = _form(ana, "/people/absent", until="2026-03-09")
    back = _form(ana, "/people/present")
    lent = _form(ana, "/people/delegate", to="uma@brand.example", role="brand_lead", ends="2026-03-09", gates="copy")
    [delegation] = ana.get("/-/api/delegations").json()["delegations"]
    ended = _form(root, "/people/undelegate", delegation=delegation["delegation"])
    of_uma = _form(root, "/people/absent", person="P-uma")
    proposed = _form(
        root,
        "/people/propose",
        email="z@brand.example",
        name="Zoe",
        role="legal",
        begins="2026-04-01",
        ends="2026-04-30",
    )

    assert [one.status_code for one in (away, back, lent, ended, of_uma, proposed)] == [200] * 6
    assert "away until 2026-03-09" in away.text
    assert delegation["grants"] == [{"role": "brand_lead", "markets": "all"}]
    assert "legal from 2026-04-01 until 2026-04-30" in proposed.text


@pytest.mark.parametrize(
    ("path", "fields", "what"),
    [
        ("/people/absent", {"until": "<script>"}, "is not a date"),
        ("/people/absent", {"person": "P-uma"}, "only the person, or an administrator"),
        ("/people/present", {}, "not marked as absent"),
        ("/people/delegate", {"to": "uma@brand.example", "role": "brand_lead"}, "is not a date"),
        (
            "/people/delegate",
            {"to": "uma@brand.example", "role": "<b>", "ends": "2026-03-09"},
            "choose one of the roles",
        ),
        (
            "/people/delegate",
            {"to": "u@b.example", "role": "legal", "ends": "2026-03-09", "markets": "<i>"},
            "no country code",
        ),
        ("/people/delegate", {"to": "<i>@b.example", "role": "legal", "ends": "2026-03-09"}, "nobody active"),
        ("/people/undelegate", {"delegation": "<img src=x>"}, "&lt;img src=x&gt;: there is no such delegation"),
    ],
)
def test_a_form_that_cannot_be_done_says_why_and_records_nothing(
    still_house: Any, path: str, fields: dict[str, str], what: str
) -> None:
    answer = _form(still_house.visitor("ana"), path, **fields)

    assert (answer.status_code, what in answer.text) == (409, True), answer.text
    assert _recorded(still_house, EventKind.PERSON_DELEGATED, EventKind.PERSON_ABSENT, EventKind.PERSON_PRESENT) == []


@pytest.mark.parametrize("path", ["/people/absent", "/people/present", "/people/delegate", "/people/undelegate"])
def test_a_form_from_elsewhere_does_nothing(still_house: Any, path: str) -> None:
    ana = still_house.visitor("ana")

    answer = ana.ask("POST", path, data={"csrf": "0" * 64, "to": "uma@brand.example", "role": "brand_lead"})

    assert answer.status_code == 403
    assert _recorded(still_house, EventKind.PERSON_ABSENT, EventKind.PERSON_DELEGATED) == []
