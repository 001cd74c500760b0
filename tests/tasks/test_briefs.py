"""A brief is read whole or refused with every fault, each with its line."""

from datetime import date
from pathlib import Path

import pytest

from presscheck.errors import BriefError, Fault
from tasks.briefs import load_brief
from tests.growing import grows_in_proportion

TODAY = date(2026, 3, 2)
GOOD = """\
id: spring
title: Spring
collaboration: producer
author: ana@example.com
offer: 20% off
claims:
  - text: The lightest tent in our range
    evidence: Lab report
    expires: 2026-03-02
  - text: Tested in rain
    evidence: Lab report
persona: hikers
tone: warm
channel: email
markets: [US]
deadline: 2026-03-02
call_to_action: {label: See it, url: "https://example.com/tent"}
sender: {name: Shop, address: shop@example.com, postal_address: "1 Road, Town"}
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "spring.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def faults_of(path: Path) -> list[Fault]:
    with pytest.raises(BriefError) as raised:
        load_brief(path, as_of=TODAY)
    return list(raised.value.faults)


def test_a_brief_is_good_on_the_last_day_of_claim_and_deadline(tmp_path: Path) -> None:
    assert load_brief(written(tmp_path, GOOD), as_of=TODAY).id == "spring"


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert load_brief(written(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()), as_of=TODAY).id == "spring"


def test_a_claim_past_its_expiry_has_the_line_of_that_claim(tmp_path: Path) -> None:
    (fault,) = faults_of(written(tmp_path, GOOD.replace("expires: 2026-03-02", "expires: 2026-03-01")))

    assert (fault.line, fault.where) == (9, "claims[0].expires")
    assert "the claim expired on 2026-03-01" in fault.message


def test_a_deadline_in_the_past_is_refused(tmp_path: Path) -> None:
    (fault,) = faults_of(written(tmp_path, GOOD.replace("deadline: 2026-03-02", "deadline: 2026-03-01")))

    assert (fault.line, fault.where) == (16, "deadline")
    assert "is past" in fault.message


def test_work_on_a_brief_began_today_or_before(tmp_path: Path) -> None:
    assert load_brief(written(tmp_path, GOOD + "begun: 2026-03-02\n"), as_of=TODAY).begun == TODAY

    [fault] = faults_of(written(tmp_path, GOOD + "begun: 2026-03-03\n"))

    assert fault.where == "begun"
    assert "is to come" in fault.message


def test_expiry_and_form_are_told_together(tmp_path: Path) -> None:
    text = GOOD.replace("expires: 2026-03-02", "expires: 2020-01-01").replace("collaboration: producer\n", "")

    faults = faults_of(written(tmp_path, text.replace("channel: email", "channel: fax")))

    assert [fault.where for fault in faults] == ["collaboration", "claims[0].expires", "channel"]
    assert "email, sms, push, social" in faults[2].message


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    assert "there is no such file" in faults_of(tmp_path / "none.yaml")[0].message


def test_a_folder_says_so(tmp_path: Path) -> None:
    assert "is a folder" in faults_of(tmp_path)[0].message


def test_latin_1_says_the_line(tmp_path: Path) -> None:
    (fault,) = faults_of(written(tmp_path, GOOD.replace("hikers", "café").encode("latin-1")))

    assert fault.line == 12
    assert "is not UTF-8" in fault.message


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    assert "is larger than" in faults_of(written(tmp_path, "#" * 300_000))[0].message


@pytest.mark.parametrize("text", ["", "a: b: c", "[]", "null", "claims: 3", "claims: [3, [4]]", "deadline: [2026]"])
def test_whatever_else_the_file_holds_is_refused_with_faults(tmp_path: Path, text: str) -> None:
    assert faults_of(written(tmp_path, text))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("deadline: 2020-01-01T00:00:00", "2020-01-01 is past"),
        ("deadline: 2020-1-1 00:00:00 Z", "2020-01-01 is past"),
        ("deadline: 1577836800", "“1577836800” is not a date"),
        ("deadline: 2072-01-01", "46 years away"),
        ("deadline: 2026-03-02T09:30:00", "write year-month-day alone, such as 2026-03-02"),
    ],
)
def test_a_deadline_in_any_spelling_is_judged_as_the_day_that_it_is(tmp_path: Path, line: str, said: str) -> None:
    (fault,) = faults_of(written(tmp_path, GOOD.replace("deadline: 2026-03-02", line)))

    assert (fault.line, fault.where) == (16, "deadline")
    assert said in fault.message


@pytest.mark.parametrize(("said", "day"), [("+14d", "2026-03-16"), ("+2w", "2026-03-16"), ("+0d", "2026-03-02")])
def test_a_deadline_may_be_so_many_days_from_the_one_on_which_the_run_begins(
    tmp_path: Path, said: str, day: str
) -> None:
    path = written(tmp_path, GOOD.replace("deadline: 2026-03-02", f"deadline: {said}"))

    assert load_brief(path, as_of=TODAY).deadline.isoformat() == day


@pytest.mark.parametrize("said", ["+14", "+14m", "-3d", "+9999w", "14d", "+١d"])
def test_a_distance_that_is_none_is_told_as_a_date_that_is_none(tmp_path: Path, said: str) -> None:
    (fault,) = faults_of(written(tmp_path, GOOD.replace("deadline: 2026-03-02", f"deadline: {said}")))

    assert (fault.line, fault.where) == (16, "deadline")


def test_a_market_that_is_no_country_is_told_with_what_was_meant(tmp_path: Path) -> None:
    faults = faults_of(written(tmp_path, GOOD.replace("markets: [US]", "markets: [UK, EU, us]")))

    assert [fault.where for fault in faults] == ["markets[0]", "markets[1]", "markets[2]"]
    assert "did you mean GB?" in faults[0].message


@pytest.mark.parametrize(
    "offer",
    ["Our #1 mug, now 10% off", "20% off #spring", "20% off # only today"],
)
def test_a_text_that_yaml_cuts_at_a_number_sign_is_told(tmp_path: Path, offer: str) -> None:
    (fault,) = faults_of(written(tmp_path, GOOD.replace("offer: 20% off", f"offer: {offer}")))

    assert (fault.line, fault.where) == (5, "offer")
    assert "is cut at #" in fault.message


@pytest.mark.parametrize(
    "line",
    ["offer: 20% off  # until Sunday", 'offer: "Our #1 mug" # a comment', "offer: C#-major chimes", "offer: 20% off"],
)
def test_a_comment_that_looks_like_one_cuts_nothing(tmp_path: Path, line: str) -> None:
    assert load_brief(written(tmp_path, GOOD.replace("offer: 20% off", line)), as_of=TODAY).offer


@pytest.mark.parametrize("typed", ["00123", "1.10", "+5", "0"])
def test_a_number_where_a_text_belongs_is_quoted_as_it_stands_there(tmp_path: Path, typed: str) -> None:
    (fault,) = faults_of(written(tmp_path, GOOD.replace("offer: 20% off", f"offer: {typed}")))

    assert fault.message == f'is read as a number; write it in quotes: "{typed}"'


def test_a_brief_names_each_channel_and_language_once_whatever_the_case(tmp_path: Path) -> None:
    text = GOOD.replace("channel: email", "channel: [email, Email]\nlanguage: [en, EN]")

    said = [(fault.where, fault.message) for fault in faults_of(written(tmp_path, text))]

    assert ("language", "names one twice; keep one") in said
    assert ("channel", "names one twice; keep one") in said


def test_a_brief_of_thousands_of_campaigns_is_told_at_once(tmp_path: Path) -> None:
    def brief(number: int) -> str:
        many = ", ".join(f"x-{at}" for at in range(number))
        return GOOD.replace("channel: email", f"channel: [{many}]\nlanguage: [{many}]")

    faults = faults_of(written(tmp_path, brief(5_000)))

    assert "channels and languages are 25,000,000 campaigns, and a brief is of 100 at most" in faults[0].message
    assert grows_in_proportion(lambda text: faults_of(written(tmp_path, text)), brief, 5_000)


@pytest.mark.parametrize("channel", ["[]", "[[email]]", "{email: yes}", "[email, {a: b}]", "[null]", "[1]"])
def test_a_channel_that_is_none_is_told_at_its_line(tmp_path: Path, channel: str) -> None:
    faults = faults_of(written(tmp_path, GOOD.replace("channel: email", f"channel: {channel}")))

    assert {fault.line for fault in faults} == {14}
    assert {fault.where.partition("[")[0].partition(".")[0] for fault in faults} == {"channel"}
