"""Working time against a plain count of minutes, clock changes, holidays, and calendars that are none."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from policies import load_policies
from policies.engine.calendars import Calendar, after
from presscheck.errors import PolicyError

FOLDER = Path(load_policies.__globals__["SHIPPED"])
HOURS = [("09:00", "17:00"), ("00:00", "24:00"), ("01:30", "02:30"), ("02:30", "03:00"), ("22:00", "24:00")]
ZONES = ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def calendar(
    zone: str = "Europe/London",
    country: str = "GB",
    days: tuple[str, ...] = EVERY_DAY[:5],
    opens: str = "09:00",
    closes: str = "17:00",
    closed: tuple[date, ...] = (),
    subdivision: str = "",
) -> Calendar:
    return Calendar.model_validate(
        {
            "id": "calendars.office",
            "kind": "calendar",
            "title": "An office",
            "why": "Because.",
            "source": {"name": "test", "date": "2026-01-01"},
            "owner": "operations",
            "time_zone": zone,
            "country": country,
            "subdivision": subdivision,
            "days": days,
            "opens": opens,
            "closes": closes,
            "closed": closed,
            "cases": [{"start": "2026-01-05T10:00:00", "lasts": "1h", "over": "2026-01-05T11:00:00"}] * 2,
        }
    )


offices = st.builds(
    lambda zone, days, hours, closed: calendar(
        zone, days=tuple(days), opens=hours[0], closes=hours[1], closed=tuple(closed)
    ),
    st.sampled_from(ZONES),
    st.sets(st.sampled_from(EVERY_DAY), min_size=2).map(sorted),
    st.sampled_from(HOURS),
    st.lists(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=5),
)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
working = st.builds(lambda amount, unit: f"{amount}{unit}", st.integers(1, 20), st.sampled_from(["bh", "bd"]))
# The hour that comes twice, in an office that is open then.
TWICE = datetime(2026, 10, 25, 0, 40, tzinfo=UTC)


@given(offices, moments, working)
def test_working_time_never_ends_before_it_begins_and_ends_in_opening_hours(
    office: Calendar, start: datetime, lasts: str
) -> None:
    ended = office.after(start, lasts)

    local = ended.astimezone(ZoneInfo(office.time_zone))
    candidates = [local.date(), local.date() - timedelta(days=1)]
    assert ended > start
    assert any(
        office.is_working_day(day) and office.hours_of(day)[0] <= ended <= office.hours_of(day)[1] for day in candidates
    )


@given(offices, moments, st.timedeltas(timedelta(), timedelta(days=10)), working)
@example(calendar(days=EVERY_DAY, opens="01:30", closes="02:30"), TWICE, timedelta(minutes=30), "1bd")
@example(calendar(days=EVERY_DAY, opens="00:00", closes="24:00"), TWICE, timedelta(minutes=30), "1bd")
def test_what_begins_later_never_ends_earlier(office: Calendar, start: datetime, gap: timedelta, lasts: str) -> None:
    first, second = office.after(start, lasts), office.after(start + gap, lasts)

    assert first <= second


@given(offices, moments, st.sampled_from(["bh", "bd"]), st.integers(1, 15), st.integers(1, 15))
def test_what_lasts_longer_never_ends_earlier(
    office: Calendar, start: datetime, unit: str, one: int, more: int
) -> None:
    assert office.after(start, f"{one}{unit}") < office.after(start, f"{one + more}{unit}")


@given(offices, moments, st.integers(1, 15), st.integers(1, 15))
def test_hours_added_in_two_steps_are_hours_added_in_one(
    office: Calendar, start: datetime, one: int, other: int
) -> None:
    halfway = office.after(start, f"{one}bh")

    assert office.after(halfway, f"{other}bh") == office.after(start, f"{one + other}bh")


@pytest.mark.slow
@settings(max_examples=12)
@given(st.sampled_from(ZONES), st.sampled_from(HOURS), moments, st.integers(1, 3))
def test_business_hours_are_what_one_gets_by_counting_minutes(
    zone: str, hours: tuple[str, str], start: datetime, amount: int
) -> None:
    start = start.replace(second=0, microsecond=0)
    office = calendar(zone, opens=hours[0], closes=hours[1], days=EVERY_DAY)

    ended = office.after(start, f"{amount}bh")

    open_for, minute, here = 0, start, ZoneInfo(zone)
    while minute < ended:
        day = minute.astimezone(here).date()
        opens, closes = office.hours_of(day)
        open_for += office.is_working_day(day) and opens <= minute < closes
        minute += timedelta(minutes=1)
    assert open_for == amount * 60


@given(moments, st.integers(1, 80), st.sampled_from([("m", "minutes"), ("h", "hours"), ("d", "days")]))
def test_plain_time_is_elapsed_time_in_every_zone(start: datetime, amount: int, unit: tuple[str, str]) -> None:
    elapsed = timedelta(**{unit[1]: amount})

    for zone in ZONES:
        local = start.astimezone(ZoneInfo(zone))
        assert after(local, f"{amount}{unit[0]}", None).astimezone(UTC) == start + elapsed
        assert calendar(zone).after(local, f"{amount}{unit[0]}").astimezone(UTC) == start + elapsed


@pytest.mark.parametrize(
    ("office", "start", "lasts", "over"),
    [
        pytest.param(
            calendar(days=EVERY_DAY, opens="00:00", closes="24:00", country="JP"),
            "2026-03-28T23:00:00", "3bh", "2026-03-29T03:00:00", id="the night that loses an hour",
        ),
        pytest.param(
            calendar(days=EVERY_DAY, opens="00:00", closes="24:00", country="JP"),
            "2026-10-24T23:00:00", "3bh", "2026-10-25T01:00:00", id="the night that gains one",
        ),
        pytest.param(calendar(), "2026-03-27T12:00:00", "1bd", "2026-03-30T12:00:00", id="across the clock change"),
        pytest.param(calendar(), "2028-02-28T16:00:00", "9bh", "2028-02-29T17:00:00", id="on leap day"),
        pytest.param(calendar(), "2028-02-28T10:00:00", "1bd", "2028-02-29T10:00:00", id="to leap day"),
        pytest.param(calendar(), "2026-11-20T17:00:00", "1bh", "2026-11-23T10:00:00", id="asked as it closes"),
        pytest.param(calendar(), "2026-11-20T16:00:00", "1bh", "2026-11-20T17:00:00", id="over as it closes"),
        pytest.param(calendar(), "2026-11-21T12:00:00", "1bd", "2026-11-24T09:00:00", id="asked on a Saturday"),
        pytest.param(
            calendar("America/New_York", "US"), "2026-07-02T15:00:00", "4bh", "2026-07-06T11:00:00",
            id="Independence Day on a Saturday is kept on Friday",
        ),
        pytest.param(
            calendar("Europe/Berlin", "DE", subdivision="BY"), "2026-01-05T10:00:00", "1bd", "2026-01-07T10:00:00",
            id="Epiphany in Bavaria",
        ),
        pytest.param(
            calendar("Europe/Berlin", "DE"), "2026-01-05T10:00:00", "1bd", "2026-01-06T10:00:00",
            id="Epiphany elsewhere in Germany",
        ),
        pytest.param(
            calendar(closed=(date(2026, 11, 23),)), "2026-11-20T12:00:00", "1bd", "2026-11-24T12:00:00",
            id="a day that the house is closed",
        ),
        pytest.param(
            calendar("Asia/Riyadh", "SA", days=("sun", "mon", "tue", "wed", "thu")),
            "2026-11-19T16:00:00", "2bh", "2026-11-22T10:00:00", id="a week that begins on Sunday",
        ),
    ],
)  # fmt: skip
def test_working_time_is_over_at(office: Calendar, start: str, lasts: str, over: str) -> None:
    zone = ZoneInfo(office.time_zone)
    begun = datetime.fromisoformat(start).replace(tzinfo=zone)

    ended = office.after(begun, lasts).astimezone(zone)

    assert ended.replace(tzinfo=None) == datetime.fromisoformat(over)


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="names no time zone"):
        calendar().after(datetime(2026, 1, 5, 10), "1bh")  # noqa: DTZ001


@pytest.mark.parametrize("lasts", ["2160bh", "90bd"])
def test_working_time_that_never_comes_together_is_over_after_four_hundred_days(lasts: str) -> None:
    rare = calendar(days=("mon",), opens="09:00", closes="09:10")
    start = datetime(2026, 1, 5, 12, tzinfo=UTC)

    assert rare.too_long(lasts)
    assert rare.after(start, lasts) == start + timedelta(days=400)


@given(offices, moments, working)
def test_what_is_not_too_long_is_over_within_four_hundred_days(office: Calendar, start: datetime, lasts: str) -> None:
    assume(not office.too_long(lasts))

    assert office.after(start, lasts) < start + timedelta(days=400)


@pytest.mark.parametrize(
    ("wrong", "right", "line", "said"),
    [
        ("days: [mon, tue, wed, thu, fri]", "days: []", 10, "days: is empty; list at least 1"),
        ("days: [mon, tue, wed, thu, fri]", "days: [mon, mon]", 10, "days: names a day twice"),
        ('closes: "17:00"', 'closes: "09:00"', 12, "closes: must be later than opens"),
        ("time_zone: Europe/London", "time_zone: Europe/Lodnon", 7, "'Europe/Lodnon' is no time zone"),
        ("time_zone: Europe/London", "time_zone: ../../../etc/passwd", 7, "is no time zone"),
        ("country: GB", "country: QQ", 8, "QQ is no country code of ISO 3166-1"),
        ("subdivision: ENG", "subdivision: ZZZ", 9, "the public holidays of GB ZZZ are not known"),
        ("over: 2026-11-23T10:00:00", "over: 2026-11-23T11:00:00", 14, "is over on 2026-11-23 10:00"),
        ("start: 2026-11-20T16:00:00", "start: 2026-11-20T16:00:00Z", 14, "timezone"),
        ("lasts: 2bh", "lasts: 2 hours", 14, "is no duration"),
        ("lasts: 2bh", "lasts: 2161bh", 14, "is longer than 90 days"),
    ],
)
def test_a_calendar_that_is_none_is_refused_with_the_place(
    folder: Path, write: Callable[[str, str], Path], wrong: str, right: str, line: int, said: str
) -> None:
    text = (FOLDER / "calendars/head-office.yaml").read_text()
    assert wrong in text
    path = write("calendars/head-office.yaml", text.replace(wrong, right))

    with pytest.raises(PolicyError) as refused:
        load_policies(folder)

    told = [fault for fault in refused.value.faults if fault.path == str(path)]
    assert any(said in str(fault) for fault in told), [str(fault) for fault in told]
    assert [fault.line for fault in told if said in str(fault)] == [line]


def test_a_calendar_that_never_opens_is_refused(folder: Path, write: Callable[[str, str], Path]) -> None:
    mondays = ", ".join(str(date(2026, 1, 5) + timedelta(weeks=week)) for week in range(60))
    text = (FOLDER / "calendars/head-office.yaml").read_text()
    text = text.replace("days: [mon, tue, wed, thu, fri]", f"days: [mon]\nclosed: [{mondays}]")
    write("calendars/head-office.yaml", text)

    with pytest.raises(PolicyError, match="leaves no day in 400"):
        load_policies(folder)


def test_an_approval_that_waits_longer_than_its_calendar_opens_is_refused_at_every_place(
    folder: Path, write: Callable[[str, str], Path]
) -> None:
    rare = (FOLDER / "calendars/head-office.yaml").read_text()
    rare = rare.replace("[mon, tue, wed, thu, fri]", "[mon]").split("cases:")[0]
    rare += (
        "cases:\n"
        "  - {start: 2026-11-20T16:00:00, lasts: 2h, over: 2026-11-20T18:00:00}\n"
        "  - {start: 2026-11-20T16:00:00, lasts: 3h, over: 2026-11-20T19:00:00}\n"
    )
    write("calendars/head-office.yaml", rare)
    model = (FOLDER / "approvals/national-campaign.yaml").read_text()
    write(
        "approvals/national-campaign.yaml",
        model.replace("3bd]", "60bd]").replace("expires_after: 3bd", "expires_after: 90bd"),
    )

    with pytest.raises(PolicyError) as refused:
        load_policies(folder)

    places = [fault.where for fault in refused.value.faults]
    assert places == [
        "stages[0].remind_after[1]",
        "stages[1].remind_after[1]",
        "stages[2].remind_after[1]",
        "stages[3].expires_after",
    ]
    assert "is not open so much within 400 days" in str(refused.value)
