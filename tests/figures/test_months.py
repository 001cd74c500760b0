"""Month by month, and without what would be one person's: minutes and cost of fewer than three people."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from presscheck.figures.charts import HIGH, WIDE, charts_of
from presscheck.figures.facts import Answer, CampaignRun
from presscheck.figures.months import MONTHS, by_month, last_day, without_personal
from presscheck.figures.working import Figures, work_out
from presscheck.settings.figures import BaselineSection

NOW = datetime(2026, 12, 1, tzinfo=UTC)
RATES = BaselineSection(hourly_rate=Decimal(60))
OF_WORK = ("minutes-per-asset", "cost-per-asset")


def run_of(opened: datetime, *people: str) -> CampaignRun:
    run = CampaignRun(f"run of {opened}", "product-launch", opened, opened)
    for at, person in enumerate(people):
        asked = opened + timedelta(hours=1)
        run.answers.append(Answer("approved", person, asked, asked + timedelta(minutes=12), asked, (f"asset {at}",)))
    return run


def work(*runs: CampaignRun) -> Figures:
    return work_out(runs, RATES, since=None, until=None, now=NOW)


def test_of_two_people_nothing_says_how_long_they_worked() -> None:
    runs = [run_of(datetime(2026, 3, 2, tzinfo=UTC), "P-1", "P-2"), run_of(datetime(2026, 3, 9, tzinfo=UTC), "P-1")]

    shown = without_personal(work(*runs), runs)

    assert all(work(*runs).of(measure).value is not None for measure in OF_WORK)
    assert all(shown.of(measure).value is None for measure in OF_WORK)
    assert all("fewer than 3 people" in shown.of(measure).remark for measure in OF_WORK)
    # What it cost says in its remark how much of that were people.
    assert "people 12" not in shown.of("cost-per-asset").remark
    assert shown.of("approved-percent") == work(*runs).of("approved-percent")


def test_of_three_people_all_of_it_is_shown() -> None:
    runs = [run_of(datetime(2026, 3, 2, tzinfo=UTC), "P-1", "P-2", "P-3")]

    assert without_personal(work(*runs), runs) == work(*runs)


def test_a_month_of_one_person_is_kept_back_among_months_of_many() -> None:
    many = run_of(datetime(2026, 3, 2, tzinfo=UTC), "P-1", "P-2", "P-3")
    alone = run_of(datetime(2026, 4, 30, 23, 59, tzinfo=UTC), "P-1")

    march, april = by_month([alone, many], RATES, now=NOW)

    assert (march.first, april.first) == (date(2026, 3, 1), date(2026, 4, 1))
    assert str(march.figures.of("minutes-per-asset").value) == "12.00"
    assert april.figures.of("minutes-per-asset").value is None


def test_the_last_day_of_a_month_knows_leap_years_and_december() -> None:
    assert [last_day(date(2024, 2, 1)), last_day(date(2026, 12, 1))] == [date(2024, 2, 29), date(2026, 12, 31)]


@given(st.lists(st.integers(0, 1_500), max_size=40))
def test_every_bar_stands_within_the_drawing_and_as_high_as_it_says(days: list[int]) -> None:
    runs = [run_of(datetime(2026, 12, 1, tzinfo=UTC) - timedelta(days=day), "P-1") for day in days]

    for chart in charts_of(by_month(runs, RATES, now=NOW), "EUR"):
        assert len(chart.bars) <= MONTHS
        known = [bar for bar in chart.bars if bar.value is not None]
        assert all(bar.x >= 0 and bar.x + bar.width <= WIDE for bar in chart.bars)
        assert all(0 <= bar.height <= HIGH and abs(bar.y + bar.height - HIGH) < 0.2 for bar in chart.bars)
        tallest = max(known, key=lambda bar: bar.height)
        assert all(bar.value <= tallest.value for bar in known if bar.value is not None and tallest.value is not None)
        assert chart.title in chart.said
