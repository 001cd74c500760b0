"""A mail server's log is read for our messages only, and believed in nothing that a stranger could have written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.digests import file_digest
from presscheck.errors import InputError
from presscheck.press.settle_log import read_log

ID = f"<{'3f' * 32}@brand.example>"
OTHER = f"<{'4a' * 32}@brand.example>"


def log(folder: Path, *lines: str) -> Path:
    path = folder / "mail.log"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def postfix(program: str, told: str, *, number: str = "4XyZ1a2b3c", at: str = "Nov 22 01:02:03") -> str:
    return f"{at} mx1 postfix/{program}[123]: {number}: {told}"


def test_postfix_s_queue_has_what_it_took(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        postfix("smtpd", "client=localhost[127.0.0.1]"),
        postfix("cleanup", f"message-id={ID}"),
        postfix("qmgr", "from=<bounce+3f@brand.example>, size=812, nrcpt=1 (queue active)"),
        postfix("smtp", "to=<ana@example.com>, relay=mx.example.com[192.0.2.1]:25, status=sent (250 ok)"),
        postfix("qmgr", "removed"),
    )

    found = read_log(path)

    assert found.fate(ID) == "taken"
    assert found.fate(OTHER) is None
    assert found.sha256 == file_digest(path)


@pytest.mark.parametrize(
    ("status", "fate"), [("sent", "taken"), ("deferred", "taken"), ("bounced", "bounced"), ("expired", "bounced")]
)
def test_what_became_of_it_later_counts_too(tmp_path: Path, status: str, fate: str) -> None:
    path = log(
        tmp_path,
        postfix("submission/smtpd", "client=localhost[127.0.0.1]", at="2026-11-22T01:02:03.123456+00:00"),
        postfix("cleanup", f"message-id={ID}", at="2026-11-22T01:02:03.123456+00:00"),
        postfix("qmgr", "from=<a@b.example>, size=1, nrcpt=1 (queue active)", at="2026-11-22T01:02:03.123456+00:00"),
        postfix("smtp", f"to=<a@b.example>, relay=none, dsn=5.0.0, status={status} (said)"),
    )

    assert read_log(path).fate(ID) == fate


def test_a_message_that_was_cut_off_is_in_no_queue(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        postfix("cleanup", f"message-id={ID}"),
        "Nov 22 01:02:04 mx1 postfix/smtpd[123]: lost connection after DATA (512 bytes) from localhost[127.0.0.1]",
    )

    assert read_log(path).fate(ID) is None


def test_a_queue_number_that_is_used_again_is_about_another_message(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        postfix("cleanup", f"message-id={ID}"),
        postfix("cleanup", f"message-id={OTHER}"),
        postfix("qmgr", "from=<a@b.example>, size=1, nrcpt=1 (queue active)"),
    )

    assert read_log(path).fate(ID) is None
    assert read_log(path).fate(OTHER) == "taken"


@pytest.mark.parametrize(
    "line",
    [
        f"Nov 22 01:02:03 mx1 postfix/cleanup[1]: 4XyZ1a2b3d: warning: header Subject: x message-id={ID}",
        f"Nov 22 01:02:03 mx1 other[1]: postfix/cleanup[1]: 4XyZ1a2b3c: message-id={ID}",
        f"Nov 22 01:02:03 mx1 postfix/smtpd[1]: 4XyZ1a2b3d: reject: {ID}; status=sent (ok)",
        f"x postfix/cleanup[1]: 4XyZ1a2b3d: message-id={ID} from a stranger's subject",
    ],
)
def test_words_of_a_stranger_inside_a_line_prove_nothing(tmp_path: Path, line: str) -> None:
    path = log(
        tmp_path,
        line,
        postfix("qmgr", "from=<a@b.example>, size=1, nrcpt=1 (queue active)"),
        postfix("qmgr", "from=<a@b.example>, size=1, nrcpt=1 (queue active)", number="4XyZ1a2b3d"),
    )

    assert read_log(path).fate(ID) is None


def test_the_rest_of_an_enormous_line_is_no_line(tmp_path: Path) -> None:
    start = "Nov 22 01:02:03 mx1 postfix/cleanup[1]: 4XyZ1a2b3d: warning: header Subject: "
    hidden = '{"message_id": "' + ID + '", "status": "taken"}'
    path = log(tmp_path, start + "x" * (64 * 1024 - len(start)) + hidden)

    assert read_log(path).fate(ID) is None


def test_json_lines_are_read_and_a_bounce_wins(tmp_path: Path) -> None:
    path = log(
        tmp_path,
        f'{{"message_id": "{ID}", "status": "taken", "to": ["a@b.example"]}}',
        f'{{"message_id": "{OTHER}", "status": "bounced"}}',
        f'{{"message_id": "{OTHER}", "status": "queued"}}',
    )

    assert read_log(path).fate(ID) == "taken"
    assert read_log(path).fate(OTHER) == "bounced"


def test_every_fault_of_a_log_is_told_with_its_line(tmp_path: Path) -> None:
    path = log(tmp_path, '{"message_id": "<a@b>", "status": "taken"}', "{cut", '{"status": "taken"}',
               '{"message_id": "<a@b>", "status": "eaten"}')  # fmt: skip

    with pytest.raises(InputError) as error:
        read_log(path)

    assert [fault.line for fault in error.value.faults] == [2, 3, 4]
    assert "was the line cut off?" in str(error.value)
    assert "accepted, bounced, deferred" in str(error.value)


def test_a_file_that_is_no_log_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="neither Postfix's log nor JSON lines"):
        read_log(log(tmp_path, "hello"))
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_log(tmp_path / "gone.log")


@given(noise=st.binary(max_size=400))
def test_whatever_a_log_holds_is_read_or_refused(noise: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("log") / "mail.log"
    path.write_bytes(noise)

    assert _fate_or_refusal(path) in (None, "refused")


def _fate_or_refusal(path: Path) -> str | None:
    try:
        return read_log(path).fate(ID)
    except InputError:
        return "refused"
