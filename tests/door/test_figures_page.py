"""Figures at the door: for who decides, with charts and tables, naming nobody, read once for a state of the ledger."""

import re
from datetime import date
from decimal import Decimal
from threading import Event
from time import sleep
from typing import Any

import pytest

from presscheck.door import figures_pages
from presscheck.door.figures_pages import Kept
from presscheck.errors import LedgerForged
from presscheck.figures.baseline import Baseline, Before, import_baseline
from presscheck.ledger import EventKind
from tests.door.house import House


def test_a_director_sees_charts_and_each_charts_table(house: House) -> None:
    house.enrol("mark", "marketing_director")
    house.scene.approve("ana", picks=["V01"])

    page = house.visitor("mark").get("/figures")

    assert page.status_code == 200
    assert "<strong>Assets approved</strong>" in page.text
    assert page.text.count("<svg") == page.text.count('role="img"') == page.text.count("The same as a table")
    assert '<th scope="row">Mar 2026</th><td>1</td>' in page.text
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]


def test_nobody_is_named_and_one_persons_minutes_are_kept_back(house: House) -> None:
    ana = house.visitor("ana")
    ana.get(f"/proof/{house.scene.review.id}")
    house.scene.ledgers.clock.advance(minutes=12)
    house.scene.approve("ana", picks=["V01"])

    page = house.visitor("cleo").get("/figures").text.partition("<main")[2]

    assert re.search(r"\b(ana|P-ana)\b", page) is None
    assert "kept back: fewer than 3 people answered" in page
    assert "12.00" not in page


@pytest.mark.parametrize("role", ["author", "engineer", "scheduler"])
def test_who_decides_nothing_is_turned_away_and_taken_down(house: House, role: str) -> None:
    house.enrol("abel", role)
    abel = house.visitor("abel")

    page = abel.get("/figures")

    assert page.status_code == 403
    assert "Campaigns opened" not in page.text
    assert 'href="/figures"' not in abel.get("/done").text
    with house.ledger.read() as tx:
        [forbidden] = tx.events(EventKind.REQUEST_FORBIDDEN)
    assert (forbidden.subject, forbidden.data["path"]) == ("P-abel", "/figures")


def test_a_stranger_is_led_to_sign_in_and_nothing_can_be_sent(still_house: House) -> None:
    assert still_house.visitor(None).get("/figures").headers["location"] == "/sign-in?next=/figures"
    assert still_house.visitor("ana").post("/figures").status_code in (403, 404, 405)


def test_figures_from_before_stand_beside_those_of_now(house: House) -> None:
    before = Baseline(
        since=date(2025, 1, 1), until=date(2025, 12, 31), figures={"approved-percent": Before(value=Decimal(50), n=8)}
    )
    with house.ledger.write() as tx:
        import_baseline(tx, before)
    house.scene.approve("ana", picks=["V01"])

    page = house.visitor("ana").get("/figures").text

    assert "<td>50 (8 cases)</td><td>+50.00 (+100.0 %)</td>" in page
    assert "Each measure before and now" in page


def test_a_period_and_a_campaign_choose_what_is_counted(house: House) -> None:
    ana = house.visitor("ana")

    here = ana.get("/figures?since=2026-03&until=2026-03&campaign=product-launch").text
    elsewhere = ana.get("/figures?since=2026-04").text

    assert "1 campaign run<" in here
    assert "no campaign runs<" in elsewhere


@pytest.mark.parametrize(
    "query",
    ["since=2026-13", "until=yesterday", "since=2026-05&until=2026-04", "campaign=%3Cscript%3E", "since=" + "9" * 4000],
)
def test_what_cannot_be_read_is_said_and_never_shown_as_markup(still_house: House, query: str) -> None:
    page = still_house.visitor("ana").get(f"/figures?{query}")

    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert "<script" not in page.text
    assert len(page.text) < 40_000


def test_what_takes_long_to_read_is_read_once_for_a_while(house: House, monkeypatch: Any) -> None:
    now = [0.0]
    reads: list[int] = []
    real = figures_pages.gather

    def slowly(tx: Any) -> Any:
        reads.append(tx.tip().seq)
        now[0] += 2
        return real(tx)

    monkeypatch.setattr(figures_pages, "gather", slowly)
    kept = Kept(clock=lambda: now[0])

    first = kept.facts(house.ledger)
    house.scene.approve("ana", picks=["V01"])
    soon = kept.facts(house.ledger)
    now[0] += 121
    later = kept.facts(house.ledger)

    assert first is not None
    assert later is not None
    assert soon is first
    assert reads == [first.seq, later.seq]
    assert later.seq > first.seq


def test_who_comes_while_it_is_being_read_is_told_so_and_starts_no_second_reading(
    house: House, monkeypatch: Any
) -> None:
    go_on, reads = Event(), [0]
    real = figures_pages.gather

    def held(tx: Any) -> Any:
        reads[0] += 1
        go_on.wait(10)
        return real(tx)

    monkeypatch.setattr(figures_pages, "gather", held)
    kept = Kept(patience=0.01)

    waiting = [kept.facts(house.ledger) for _ in range(5)]
    go_on.set()
    found = None
    while found is None:
        found = kept.facts(house.ledger)
        sleep(0.01)

    assert waiting == [None] * 5
    assert reads == [1]
    assert found.runs


def test_what_breaks_while_it_is_read_is_told_to_whoever_waits_and_tried_anew(house: House, monkeypatch: Any) -> None:
    def broken(_tx: Any) -> Any:
        raise LedgerForged("brief 3fa1: it is another one")

    real = figures_pages.gather
    monkeypatch.setattr(figures_pages, "gather", broken)
    kept = Kept()

    with pytest.raises(LedgerForged, match="another one"):
        kept.facts(house.ledger)
    monkeypatch.setattr(figures_pages, "gather", real)

    assert kept.facts(house.ledger) is not None
