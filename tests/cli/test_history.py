"""The ledger's story: readable, verifiable, and exportable to somebody who has nothing of ours."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.desk.endings import Ending
from presscheck.digests import fingerprint
from presscheck.ledger import EventKind, verify
from presscheck.ledger.assets import put_asset
from presscheck.ledger.chain import Event
from presscheck.stories.story import sentence
from tests.cli.conftest import CommandLine
from tests.ledger.filled import RUN, copy_asset, fill, tamper

ENDING = Ending(how="people", words="Approved by P-1 (brand lead)", nameless="Approved by a brand lead")
JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture
def review(sqlite_ledgers: Any) -> Any:
    return fill(sqlite_ledgers.worker, sqlite_ledgers.door)


def event(kind: str, body: dict[str, Any]) -> Event:
    return Event(1, "2026-03-02T09:00:00.000000Z", kind, "door", "run", "subject", json.dumps(body), "", "", "")


def test_the_story_says_who_did_what_when(cli: CommandLine, review: Any) -> None:
    told = cli("history").stdout

    assert "2026-03-02 09:00:00Z  worker  campaign product-launch began" in told
    assert f"review {review.id}: approved by P-1 (brand lead), under approvals.campaign-copy" in told
    assert "2 addresses suppressed: asked" in told


def test_fifty_drafts_in_a_row_are_one_line_and_fifty_in_json(cli: CommandLine, sqlite_ledgers: Any) -> None:
    with sqlite_ledgers.worker.write() as tx:
        for number in range(50):
            put_asset(tx, copy_asset(f"Draft {number}"), run=RUN)

    [line] = cli("history").stdout.splitlines()

    assert line.endswith("prompt prompts.email 1, and 49 more like it up to event 50")
    assert len(cli.json("history")["events"]) == 50


def test_the_story_of_one_review_holds_its_asking_its_answer_and_its_delivery(cli: CommandLine, review: Any) -> None:
    kinds = [event["kind"] for event in cli.json("history", review.id)["events"]]

    assert kinds == ["review:opened", "decision:approved", "delivery:requested", "answer:read"]


def test_a_fingerprint_read_aloud_finds_what_it_stands_for(cli: CommandLine, review: Any) -> None:
    spoken = fingerprint(review.question.proposals[0].asset)

    kinds = {event["kind"] for event in cli.json("history", spoken)["events"]}

    assert {"asset:drafted", "decision:approved"} <= kinds


def test_a_run_is_found_by_its_beginning(cli: CommandLine, review: Any) -> None:
    assert len(cli.json("history", RUN[:8])["events"]) > 6


def test_last_tells_only_the_end(cli: CommandLine, review: Any) -> None:
    assert [event["kind"] for event in cli.json("history", "--last", "1")["events"]] == ["answer:read"]


def test_nothing_found_is_said_and_exits_1(cli: CommandLine, review: Any) -> None:
    result = cli("history", "ffffffff0000")

    assert result.exit_code == 1
    assert "No signed event concerns ffffffff0000" in result.stdout


@pytest.mark.parametrize("short", ["", "abc"])
def test_too_short_a_beginning_is_wrong_usage(cli: CommandLine, review: Any, short: str) -> None:
    assert cli("history", short).exit_code == 2


def test_verify_says_that_a_sound_ledger_is_sound(cli: CommandLine, review: Any) -> None:
    result = cli("history", "--verify")

    assert result.exit_code == 0
    assert result.stdout.startswith("Sound: ")
    assert "heads kept by door, worker" in result.stdout


def test_verify_says_where_no_head_is_kept(cli: CommandLine, review: Any, home: Path) -> None:
    for head in (home / "heads").glob("*.json"):
        head.unlink()

    assert "a tail cut off could not be seen" in cli("history", "--verify").stdout


def test_verify_names_the_first_bad_event_and_exits_1(cli: CommandLine, review: Any, sqlite_ledgers: Any) -> None:
    tamper(sqlite_ledgers.door, "UPDATE events SET body = '{}' WHERE seq = 3")

    result = cli("history", "--verify")
    document = cli("history", "--verify", "--json")

    assert result.exit_code == 1
    assert "NOT SOUND after event 2: event 3 (asset:drafted) was altered" in result.stdout
    assert json.loads(document.stdout)["verification"]["sound"] is False
    assert document.exit_code == 1


def test_an_event_that_nobody_signed_is_not_told(cli: CommandLine, sqlite_ledgers: Any) -> None:
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.DECISION_APPROVED, "R-1", {"person": "P-mallory"})

    assert "mallory" not in cli("history").stdout


def test_an_export_is_verified_without_presscheck(
    cli: CommandLine, review: Any, sqlite_ledgers: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "export"

    told = cli.json("history", "--export", str(folder))

    events = (folder / "events.jsonl").read_text().splitlines()
    assert told["export"]["events"] == len(events) == verify(sqlite_ledgers.door).events
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "events.jsonl", "heads", "keys", "verify.py"]
    assert verified(folder) == (0, "Sound.\n")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda lines: [*lines[:2], lines[2].replace("copy", "kopy"), *lines[3:]], "event 3: was altered"),
        (lambda lines: lines[:-1], "is not the one that the worker has seen"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "event 1: does not follow"),
    ],
)
def test_an_export_that_was_changed_is_found_out(
    cli: CommandLine, review: Any, tmp_path: Path, spoil: Any, said: str
) -> None:
    folder = tmp_path / "export"
    cli("history", "--export", str(folder))
    path = folder / "events.jsonl"
    path.write_text("".join(line + "\n" for line in spoil(path.read_text().splitlines())))

    code, told = verified(folder)

    assert code == 1
    assert said in told


def verified(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(folder / "verify.py")], capture_output=True, text=True, check=False, timeout=60
    )
    return done.returncode, done.stdout


def test_an_export_never_writes_into_a_folder_in_use(cli: CommandLine, review: Any, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    result = cli("history", "--export", str(tmp_path))

    assert result.exit_code == 2
    assert "is not empty" in result.stderr


@given(kind=st.sampled_from(list(EventKind)), body=st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_every_kind_of_event_has_a_sentence_whatever_its_body_holds(kind: EventKind, body: dict[str, Any]) -> None:
    told = sentence(event(kind, body), lambda person: person, lambda _: ENDING)

    assert told
    assert told != f"{kind.value} subject"


def test_a_body_of_another_shape_does_not_stop_the_story() -> None:
    odd = {"author": "x", "grants": [1], "manifest": "y", "person": {}, "count": []}

    told = [sentence(event(kind, odd), lambda person: person, lambda _: ENDING) for kind in EventKind]

    assert all(told)


@pytest.mark.parametrize(
    ("kind", "body", "one", "more"),
    [
        (EventKind.ADDRESS_SUPPRESSED, {"count": 1}, "1 address suppressed", "1,200 addresses suppressed"),
        (EventKind.MESSAGE_BOUNCED, {"count": 1}, "1 message of", "1,200 messages of"),
        (EventKind.MESSAGE_COMPLAINED, {"count": 1}, "1 recipient of", "1,200 recipients of"),
        (EventKind.BATCH_BEGUN, {"rows": 1}, "1 message of subject about to", "1,200 messages of subject about to"),
        (EventKind.WORK_STATED, {"minutes": 1}, "1 minute of work", "1,200 minutes of work"),
        (EventKind.GLASS_REQUESTED, {"minutes": 1}, "for 1 minute", "for 1,200 minutes"),
        (EventKind.GLASS_REQUESTED, {"assets": ["a"]}, "let 1 text of", "let 1,200 texts of"),
        (EventKind.DELIVERY_SETTLED, {"sent_at": [0]}, "1 unknown message of", "1,200 unknown messages of"),
        (
            EventKind.LEDGER_RESTORED,
            {"tip": {"seq": 4}, "heads": [], "lost": 1},
            "lacks 1 event known of, and",
            "lacks 1,200 events known of, and",
        ),
        (
            EventKind.LEDGER_RESTORED,
            {"tip": {"seq": 4}, "heads": [], "suppressed": 1},
            "1 address was suppressed again",
            "1,200 addresses were suppressed again",
        ),
    ],
)
def test_a_count_of_one_reads_as_one(kind: EventKind, body: dict[str, Any], one: str, more: str) -> None:
    many = {
        key: 1_200 if value == 1 else value * 1_200 if isinstance(value, list) else value for key, value in body.items()
    }

    told = [sentence(event(kind, of), lambda person: person, lambda _: ENDING) for of in (body, many)]

    assert one in told[0]
    assert more in told[1]
