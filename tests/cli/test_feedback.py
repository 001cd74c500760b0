"""Feedback on the command line: mails read in, and what came back, with rates."""

from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tests.desk.scene import Ledgers, Scene
from tests.press.returned import Answers, arrive, maildir
from tests.press.stand import Stand


@pytest.fixture
def delivered(sqlite_ledgers: Ledgers) -> Answers:
    stand = Stand(Scene(sqlite_ledgers))
    delivery = stand.approve_and_request()
    stand.press.step()
    return Answers(stand.scene, delivery)


def test_mails_are_read_in_once_and_the_rest_is_named(cli: CommandLine, delivered: Answers, tmp_path: Path) -> None:
    box = maildir(tmp_path / "box")
    for name, raw in (("1", delivered.bounce(0)), ("2", delivered.complaint(1)), ("3", b"Subject: hello\n\n")):
        arrive(box, name, raw)

    first, again = cli.json("feedback", "import", str(box)), cli.json("feedback", "import", str(box))

    assert (first["read"], first["hard"], first["complaints"], first["set_aside_names"]) == (3, 1, 1, ["3"])
    assert (again["hard"], again["complaints"], again["known"], again["set_aside"]) == (0, 0, 2, 1)
    assert "set aside: 3" in cli("feedback", "import", str(box)).stdout


def test_what_came_back_is_shown_with_rates(cli: CommandLine, delivered: Answers, tmp_path: Path) -> None:
    folder = tmp_path / "mails"
    folder.mkdir()
    leaving = f"Subject: unsubscribe {delivered.token(3)}\n\n".encode()
    for at, raw in enumerate((delivered.bounce(0), delivered.bounce(1, "4.2.2"), delivered.complaint(2), leaving)):
        (folder / f"{at}.eml").write_bytes(raw)
    cli("feedback", "import", str(folder))

    (one,) = cli.json("feedback", "show", delivered.delivery)["deliveries"]

    told = [one[name] for name in ("sent", "refused", "bounced", "bounced_for_now", "complained", "unsubscribed")]
    assert told == [7, 0, 1, 1, 1, 1]
    assert one["rates"]["complained"] == "14.29%"
    assert "1 (14.29%)" in cli("feedback", "show").stdout


def test_a_delivery_that_is_none_and_a_path_that_is_none_are_told(cli: CommandLine, delivered: Answers) -> None:
    unknown, missing = cli("feedback", "show", "D-000000000000"), cli("feedback", "import", "/nowhere")

    assert (unknown.exit_code, missing.exit_code) == (2, 2)
    assert "there is no such delivery" in unknown.output
    assert "is not there" in missing.output


@pytest.mark.slow
def test_the_doctor_says_where_people_leave(
    cli: CommandLine, delivered: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "http://127.0.0.1:1/unsubscribe" in cli("doctor").stdout

    monkeypatch.setenv("PRESSCHECK_MAIL__RETURNS", "nowhere")

    assert "is no Maildir" in cli("doctor").stdout
