"""Files that platforms take: search ads as CSV, posts as a calendar; whole or absent, and never a formula."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.assets.copy.posts import Post
from presscheck.digests import digest_of
from presscheck.errors import ChannelError
from presscheck.models import Brief, CallToAction, Copy
from presscheck.press.channels import Failed, Message, Sent, ical
from presscheck.press.channels.calendar_files import SocialCalendar, slot_of
from presscheck.press.channels.cells import FORMULA
from presscheck.press.channels.search_csv import SearchCsv
from tests.desk.scene import BRIEF, Ledgers
from tests.press.stand import Stand
from tests.press.test_public_channels import public_scene

DELIVERY = "D-0123456789ab"
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def message(copy: Copy, *, place: tuple[int, int] = (0, 1), brief: Brief = BRIEF) -> Message:
    sender = brief.sender
    one = Post.of(copy, brief, asset="a" * 64, delivery=DELIVERY, run="r", sender=sender, at=AT, place=place)
    key = digest_of(copy.model_dump(mode="json"))
    return Message(key, "", one.to("", key=key), one)


def ad(
    headline: str = "For wet hills", description: str = "Rain stays out.\n\nSee the Fell jacket.", **more: Any
) -> Message:
    given = {"subject": headline, "preheader": "It keeps the rain out", "body": description, **more}
    return message(Copy(channel="search", **given))


def social(text: str, *, place: tuple[int, int] = (0, 1)) -> Message:
    return message(Copy(channel="social", body=text), place=place)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline="")))


def events(path: Path) -> list[Any]:
    return list(icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT"))


# ---------------------------------------------------------------- search ads


def test_an_ad_is_a_paused_row_that_google_ads_editor_takes(tmp_path: Path) -> None:
    channel, one = SearchCsv(tmp_path, ad_group="Jackets"), ad()

    assert channel.send(DELIVERY, [one]) == [Sent(one.key)]

    (row,) = rows(tmp_path / f"{DELIVERY}.csv")
    assert row == {
        "Campaign": "spring-launch",
        "Ad Group": "Jackets",
        "Ad type": "Responsive search ad",
        "Headline 1": "For wet hills",
        "Headline 2": "It keeps the rain out",
        "Headline 3": "See the jacket",
        "Description 1": "Rain stays out.",
        "Description 2": "See the Fell jacket.",
        "Path 1": "spring-launch",
        "Final URL": "https://brand.example/fell",
        "Status": "Paused",
        "Presscheck key": one.key,
    }
    assert (channel.outcome(DELIVERY, one.key), channel.outcome(DELIVERY, "f" * 64)) == ("sent", "not-sent")


def test_batches_add_to_the_file_and_nothing_is_in_it_twice(tmp_path: Path) -> None:
    channel = SearchCsv(tmp_path, ad_group="Jackets")
    first, second = ad("For wet hills"), ad("For dry feet")

    channel.send(DELIVERY, [first])
    channel.send(DELIVERY, [first, second])

    assert [row["Headline 1"] for row in rows(tmp_path / f"{DELIVERY}.csv")] == ["For wet hills", "For dry feet"]
    assert [path.name for path in tmp_path.iterdir()] == [f"{DELIVERY}.csv"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"headline": "A headline that is longer than thirty"}, "at most 30 characters"),
        ({"description": "word " * 19}, "a description 90"),
        ({"description": "One.\n\nTwo.\n\nThree."}, "at most 2 descriptions"),
        ({"subject": ""}, "needs a headline"),
    ],
)
def test_an_ad_that_google_would_refuse_is_not_written(tmp_path: Path, change: dict[str, str], said: str) -> None:
    (answer,) = SearchCsv(tmp_path, ad_group="Jackets").send(DELIVERY, [ad(**change)])

    assert isinstance(answer, Failed)
    assert said in answer.reason
    assert list(tmp_path.iterdir()) == []


def test_a_post_of_another_channel_is_no_ad(tmp_path: Path) -> None:
    assert isinstance(SearchCsv(tmp_path, ad_group="x").send(DELIVERY, [social("Hello.")])[0], Failed)
    assert isinstance(SocialCalendar(tmp_path, hour=9).send(DELIVERY, [ad()])[0], Failed)


@pytest.mark.parametrize("start", ["=HYPERLINK(0)", "+1", "-1+1|cmd", "@SUM(1)", "＝1+1", "|calc"])
def test_an_ad_that_a_spreadsheet_would_run_is_not_written(tmp_path: Path, start: str) -> None:
    for one in (ad(start), ad(description=f"{start}.\n\nSee it.")):
        (answer,) = SearchCsv(tmp_path, ad_group="x").send(DELIVERY, [one])

        assert isinstance(answer, Failed)
        assert "a spreadsheet would run" in answer.reason


def test_a_quote_and_a_line_end_stay_in_their_cell(tmp_path: Path) -> None:
    one = ad('Rain", "0', 'First"\n,=1+1\n\nSecond.')

    SearchCsv(tmp_path, ad_group="x").send(DELIVERY, [one])

    (row,) = rows(tmp_path / f"{DELIVERY}.csv")
    assert (row["Headline 1"], row["Description 1"], row["Status"]) == ('Rain", "0', 'First" ,=1+1', "Paused")


@pytest.mark.parametrize("content", [b"Campaign\r\nx\r\n", b"\xff\xfe\x00", b'"open'])
def test_a_file_that_somebody_changed_stops_the_delivery_and_says_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / f"{DELIVERY}.csv"
    path.write_bytes(content)

    with pytest.raises(ChannelError, match="somebody changed it"):
        SearchCsv(tmp_path, ad_group="x").send(DELIVERY, [ad()])

    assert path.read_bytes() == content


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("keep me")
    (tmp_path / f"{DELIVERY}.csv").symlink_to(victim)
    (tmp_path / f".{DELIVERY}.csv.part").symlink_to(victim)

    with pytest.raises(ChannelError):
        SearchCsv(tmp_path, ad_group="x").send(DELIVERY, [ad()])

    assert victim.read_text() == "keep me"


@pytest.mark.parametrize("channel", [SearchCsv(Path("x"), ad_group="x"), SocialCalendar(Path("x"), hour=9)])
@pytest.mark.parametrize("delivery", ["../../etc/passwd", "D-0123456789ab/../x", "", "D-0123456789ab\n"])
def test_a_delivery_that_is_a_path_is_refused(channel: Any, delivery: str) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        channel.outcome(delivery, "a" * 64)


def test_a_whole_delivery_of_ads_goes_through_the_press(sqlite_ledgers: Ledgers, tmp_path: Path) -> None:
    files = SearchCsv(tmp_path / "files", ad_group="x")
    scene = public_scene(sqlite_ledgers, "search", via="search-csv")
    stand = Stand(scene, channels={"search-csv": files}, batch_size=1)

    delivery = stand.approve_and_request(picks=["V01", "V03"])
    stand.press.step()

    assert (stand.row(delivery).state, stand.row(delivery).sent) == ("done", 2)
    assert [row["Headline 1"] for row in rows(files.path(delivery))] == ["For wet hills a", "For wet hills c"]


# ---------------------------------------------------------------- the social calendar


def test_a_line_end_that_somebody_put_into_the_table_reaches_no_calendar(tmp_path: Path) -> None:
    channel = SocialCalendar(tmp_path, hour=9)
    channel.send(DELIVERY, [social("One.")])
    path = tmp_path / f"{DELIVERY}.csv"
    path.write_bytes(path.read_bytes().replace(b"brand.example/fell", b"brand.example/fell\r\nATTENDEE:mailto:x@y.z"))

    with pytest.raises(ChannelError, match="somebody changed it"):
        channel.send(DELIVERY, [social("Two.")])


def test_posts_are_in_both_files_one_a_day_in_utc(tmp_path: Path) -> None:
    channel = SocialCalendar(tmp_path, hour=9)
    posts = [social(f"Post {at}, for wet hills.", place=(at, 3)) for at in range(3)]

    assert channel.send(DELIVERY, posts[:1]) == [Sent(posts[0].key)]
    channel.send(DELIVERY, posts)

    table = rows(tmp_path / f"{DELIVERY}.csv")
    assert [(row["Date"], row["Time (UTC)"]) for row in table] == [
        ("2026-03-03", "09:00"),
        ("2026-03-04", "09:00"),
        ("2026-03-05", "09:00"),
    ]
    assert [row["Text"] for row in table] == [f"Post {at}, for wet hills." for at in range(3)]
    found = events(tmp_path / f"{DELIVERY}.ics")
    assert [event.decoded("dtstart") for event in found] == [datetime(2026, 3, day, 9, tzinfo=UTC) for day in (3, 4, 5)]
    assert {str(event["uid"]) for event in found} == {f"{one.key}@presscheck" for one in posts}
    assert {channel.outcome(DELIVERY, one.key) for one in posts} == {"sent"}


@given(
    st.integers(0, 20 * 24 * 60 - 20),
    st.integers(1, 20),
    st.integers(0, 23),
)
def test_every_post_is_due_after_the_permit_and_by_the_deadline(minutes: int, count: int, hour: int) -> None:
    start, deadline = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes), date(2026, 3, 20)

    slots = [slot_of(place, count, after=start, deadline=deadline, hour=hour) for place in range(count)]

    assert slots == sorted(slots)
    assert slots[0] >= start - timedelta(minutes=1)
    assert slots[-1].date() <= deadline


@pytest.mark.parametrize("text", ["=1+1", "@brand has news", "'quoted'", "+49 is a number", "'=1"])
def test_no_cell_of_the_calendar_is_run_and_the_exact_words_are_beside(tmp_path: Path, text: str) -> None:
    channel, one = SocialCalendar(tmp_path, hour=9), social(text)

    channel.send(DELIVERY, [one])
    channel.send(DELIVERY, [social("Another one.")])

    cells = [row["Text"] for row in rows(tmp_path / f"{DELIVERY}.csv")]
    assert f"'{text}" in cells
    assert not [cell for cell in cells if cell.startswith(FORMULA)]
    words = {str(event["description"]).split("\n")[0] for event in events(tmp_path / f"{DELIVERY}.ics")}
    assert words == {text, "Another one."}


@given(st.text(min_size=1).filter(lambda text: text.strip() and text.isprintable()))
def test_a_text_never_adds_a_line_to_the_calendar(text: str) -> None:
    from presscheck.press.channels.calendar_files import _csv, _Entry, _ics, _read

    entry = _Entry("a" * 64, AT, f"{text}\r\nBEGIN:VEVENT\nATTENDEE:mailto:x@y.z", "https://x.example/", "c", "US")

    calendar = _ics([entry], organizer=[ical.organizer("Brand", "news@brand.example")], made=AT)

    unfolded = calendar.replace(b"\r\n ", b"").split(b"\r\n")
    assert [line for line in unfolded if line.startswith((b"ATTENDEE", b"BEGIN"))] == [
        b"BEGIN:VCALENDAR",
        b"BEGIN:VEVENT",
    ]
    assert all(len(line) <= 75 for line in calendar.split(b"\r\n"))
    written = _csv([entry]).decode("utf-8-sig")
    assert _read(list(csv.reader(io.StringIO(written, newline="")))[1]).text == entry.text


def test_a_label_that_is_too_long_is_no_headline(tmp_path: Path) -> None:
    long = CallToAction(label="See the jacket and everything that goes with it", url="https://brand.example/fell")

    SearchCsv(tmp_path, ad_group="x").send(DELIVERY, [ad(call_to_action=long)])

    (row,) = rows(tmp_path / f"{DELIVERY}.csv")
    assert row["Headline 3"] == ""
