"""A mail server's log is read for our messages only, and believed in nothing that a stranger could have written."""

import gzip
import json
from collections.abc import Callable
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


# ---------------------------------------------------------------- as it comes out of journals and containers

CLEANUP, QMGR = ("cleanup", f"4XyZ1a2b3c: message-id={ID}"), ("qmgr", "4XyZ1a2b3c: from=<a@b.example>, size=1, nrcpt=1")
_WRAPPED: dict[str, Callable[[str, str], str]] = {
    "another instance": lambda program, told: f"Nov 22 01:02:03 mx1 postfix-out/{program}[12]: {told}",
    "a name of its own": lambda program, told: f"Nov 22 01:02:03 mx1 mailout/submission/{program}[12]: {told}",
    "journalctl": lambda program, told: f"Nov 22 01:02:03.123456 mx1 postfix/{program}[12]: {told}",
    "journalctl -o short-iso": lambda program, told: f"2026-11-22T01:02:03+0100 mx1 postfix/{program}[12]: {told}",
    "journalctl -o short-full": lambda program, told: f"Sun 2026-11-22 01:02:03 UTC mx1 postfix/{program}[12]: {told}",
    "journalctl -o short-unix": lambda program, told: f"1795312923.123456 mx1 postfix/{program}[12]: {told}",
    "journalctl --no-hostname": lambda program, told: f"Nov 22 01:02:03 postfix/{program}[12]: {told}",
    "journalctl -o json": lambda program, told: json.dumps(
        {"SYSLOG_IDENTIFIER": f"postfix/{program}", "_PID": "12", "MESSAGE": told, "__REALTIME_TIMESTAMP": "1"}
    ),
    "journalctl -o json, of what is not all printable": lambda program, told: (
        json.dumps({"SYSLOG_IDENTIFIER": f"postfix/{program}", "MESSAGE": list(f"{told} caf\xe9".encode("latin-1"))})
        if program != "cleanup"
        else json.dumps({"SYSLOG_IDENTIFIER": f"postfix/{program}", "MESSAGE": list(told.encode())})
    ),
    "busybox": lambda program, told: f"Nov 22 01:02:03 mx1 mail.info postfix/{program}[12]: {told}",
    "a host by IPv6": lambda program, told: f"Nov 22 01:02:03 2001:db8::5 postfix/{program}[12]: {told}",
    "a priority": lambda program, told: f"<22>Nov 22 01:02:03 mx1 postfix/{program}[12]: {told}",
    "RFC 5424": lambda program, told: f"<22>1 2026-11-22T01:02:03.123Z mx1 postfix/{program} 12 - - {told}",
    "RFC 5424 with data": lambda program, told: (
        f'<22>1 2026-11-22T01:02:03Z mx1 postfix/smtp/{program} 12 ID47 [x@1 a="b\\]c"][y@2] {told}'
    ),
    "RFC 5424 without a priority": lambda program, told: f"1 2026-11-22T01:02:03Z mx1 postfix/{program} 12 - - {told}",
    "docker logs -t": lambda program, told: (
        f"2026-11-22T01:02:03.123456789Z Nov 22 01:02:03 4f1c postfix/{program}[12]: {told}"
    ),
    "docker compose logs": lambda program, told: f"mail-1  | Nov 22 01:02:03 4f1c postfix/{program}[12]: {told}",
    "docker compose logs -t": lambda program, told: (
        f"mail-1  | 2026-11-22T01:02:03.123456789Z Nov 22 01:02:03 4f1c postfix/{program}[12]: {told}"
    ),
    "docker's own files": lambda program, told: json.dumps(
        {"log": f"Nov 22 01:02:03 4f1c postfix/{program}[12]: {told}\n", "stream": "stdout", "time": "2026-11-22"}
    ),
    "Kubernetes": lambda program, told: (
        f"2026-11-22T01:02:03.123456789Z stdout F Nov 22 01:02:03 mail-0 postfix/{program}[12]: {told}"
    ),
}


@pytest.mark.parametrize("form", _WRAPPED)
@pytest.mark.parametrize("packed", [False, True])
def test_postfix_is_read_through_whatever_carries_its_log(tmp_path: Path, form: str, packed: bool) -> None:
    wrap = _WRAPPED[form]
    path = log(tmp_path, wrap(*CLEANUP), wrap("smtpd", "4XyZ1a2b3c: client=x"), wrap(*QMGR))
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))

    found = read_log(path)

    assert found.fate(ID) == "taken"
    assert found.sha256 == file_digest(path)


@pytest.mark.parametrize("form", _WRAPPED)
def test_a_stranger_s_words_prove_nothing_in_any_form(tmp_path: Path, form: str) -> None:
    # What another program logs of a stranger, in the same file and in the same form.
    wrap = _WRAPPED[form]
    forged = [_WRAPPED["journalctl"](*CLEANUP), _WRAPPED["journalctl"](*QMGR)]
    said = [wrap("smtpd", "4XyZ1a2b3d: reject: " + line) for line in forged]
    other = wrap("smtpd", "SAID").replace("postfix", "web").replace("mailout", "web")
    said += [other.replace("SAID", line) for line in forged]
    path = log(tmp_path, *said)

    assert read_log(path).fate(ID) is None


def test_lines_of_several_containers_are_refused(tmp_path: Path) -> None:
    forged = [_WRAPPED["docker compose logs"](*one).replace("mail-1", "web-1") for one in (CLEANUP, QMGR)]
    path = log(tmp_path, _WRAPPED["docker compose logs"]("smtpd", "4XyZ1a2b3d: client=x"), *forged)

    with pytest.raises(InputError, match=r"is of web-1, and lines before of mail-1.*docker compose logs SERVICE"):
        read_log(path)


@pytest.mark.parametrize("begins", ["docker", "kubernetes"])
def test_the_second_piece_of_a_long_line_is_no_line(tmp_path: Path, begins: str) -> None:
    # Whoever fills the first piece chooses where the second begins.
    forged = [f"Nov 22 01:02:03 mx1 postfix/{program}[12]: {told}" for program, told in (CLEANUP, QMGR)]
    whole = "Nov 22 01:02:03 mx1 postfix/smtpd[12]: 4XyZ1a2b3d: client=x"
    if begins == "docker":
        lines = [whole + "\n", "web: x", forged[0] + "\n", "web: x", forged[1] + "\n"]
        path = log(tmp_path, *(json.dumps({"log": line}) for line in lines))
    else:
        at = "2026-11-22T01:02:03Z stdout"
        pieces = [f"{at} F {whole}", f"{at} P web: x", f"{at} F {forged[0]}", f"{at} P web: x", f"{at} F {forged[1]}"]
        path = log(tmp_path, *pieces)

    assert read_log(path).fate(ID) is None


def test_a_gzip_that_was_cut_off_is_told(tmp_path: Path) -> None:
    path = log(tmp_path, *(postfix("cleanup", f"message-id={ID}", number=f"4XyZ{at:06d}") for at in range(2_000)))
    packed = gzip.compress(path.read_bytes())
    path.write_bytes(packed[: len(packed) // 2])

    with pytest.raises(InputError, match="gzip is damaged or cut off"):
        read_log(path)


def test_a_message_in_a_line_that_cannot_be_read_is_not_absent(tmp_path: Path) -> None:
    found = read_log(log(tmp_path, postfix("cleanup", f"message-id={OTHER}"), f"Nov 22 cleanup: 4X: message-id={ID}"))

    assert (found.fate(ID), found.is_absent(ID)) == (None, False)
    assert found.is_absent(OTHER)


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
