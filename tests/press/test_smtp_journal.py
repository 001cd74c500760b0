"""The journal says `not-sent` only where it is certain; anything done to it makes things unknown, never sendable."""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.digests import digest_of
from presscheck.errors import ChannelError
from presscheck.press.channels.smtp_journal import Journal, fate_in, forget

DELIVERY = "D-0123456789ab"
SEAL = b"k" * 32
KEYS = [digest_of(number) for number in range(6)]
TRUTH = dict(zip(KEYS, ["sent", "unknown", "not-sent", "not-sent", "not-sent", "not-sent"], strict=True))


def written(folder: Path) -> Journal:
    """A journal with one message taken, one begun, one left, and three that were never begun."""
    journal = Journal.make(folder, DELIVERY, KEYS, SEAL)
    for key in KEYS[:3]:
        journal.begun(key)
    journal.commit()
    journal.taken(KEYS[0])
    journal.left(KEYS[2])
    journal.close()
    return journal


def read(folder: Path, journal: Journal, seal: bytes = SEAL) -> dict[str, str]:
    return dict(fate_in(folder, DELIVERY, journal.id, KEYS, seal))


def test_each_message_is_as_far_as_it_came(tmp_path: Path) -> None:
    assert read(tmp_path, written(tmp_path)) == TRUTH


def test_a_message_that_is_not_of_this_hand_over_was_not_sent_by_it(tmp_path: Path) -> None:
    other = digest_of("another")

    assert fate_in(tmp_path, DELIVERY, written(tmp_path).id, [other], SEAL) == {other: "not-sent"}


def test_a_journal_that_is_gone_or_another_one_makes_all_unknown(tmp_path: Path) -> None:
    journal, fresh = written(tmp_path), Journal.make(tmp_path, DELIVERY, KEYS, SEAL)
    fresh.close()
    unknown = dict.fromkeys(KEYS, "unknown")

    fresh.path.replace(journal.path)
    assert read(tmp_path, journal) == unknown
    journal.path.unlink()
    assert read(tmp_path, journal) == unknown
    journal.path.symlink_to(tmp_path / "elsewhere")
    assert read(tmp_path, journal) == unknown


def test_a_journal_sealed_by_somebody_else_is_not_believed(tmp_path: Path) -> None:
    assert read(tmp_path, written(tmp_path), b"x" * 32) == dict.fromkeys(KEYS, "unknown")


@given(cut=st.integers(0, 64 * 7 - 1))
def test_a_short_journal_is_not_believed(cut: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("journal")
    journal = written(folder)
    journal.path.write_bytes(journal.path.read_bytes()[:cut])

    assert read(folder, journal) == dict.fromkeys(KEYS, "unknown")


@given(data=st.data())
def test_no_change_makes_a_message_sendable_that_was_begun(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    journal = written(folder)
    content = bytearray(journal.path.read_bytes())
    what = data.draw(st.sampled_from(["bytes", "slots", "longer"]))
    if what == "bytes":
        for at in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=5)):
            content[at] = data.draw(st.integers(0, 255))
    elif what == "slots":
        # The slots of messages that were never begun, copied over those of others.
        one, other = data.draw(st.integers(0, 6)), data.draw(st.integers(0, 6))
        content[64 * one : 64 * one + 64] = content[64 * other : 64 * other + 64]
    else:
        content += data.draw(st.binary(min_size=1, max_size=200))
    journal.path.write_bytes(bytes(content))

    told = read(folder, journal)

    assert told[KEYS[0]] in ("sent", "unknown")
    assert told[KEYS[1]] == "unknown"
    assert all(told[key] in (TRUTH[key], "unknown") for key in KEYS)


def test_threads_share_the_way_to_the_disk_and_lose_nothing(tmp_path: Path) -> None:
    keys = [digest_of(["many", number]) for number in range(200)]
    journal = Journal.make(tmp_path, DELIVERY, keys, SEAL)

    def begin(part: list[str]) -> None:
        for key in part:
            journal.begun(key)
            journal.commit()

    threads = [threading.Thread(target=begin, args=(keys[at::8],)) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    journal.close()

    assert set(fate_in(tmp_path, DELIVERY, journal.id, keys, SEAL).values()) == {"unknown"}


def test_a_folder_that_takes_no_journal_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ChannelError, match="Nothing is sent without it"):
        Journal.make(tmp_path / "file", DELIVERY, KEYS, SEAL)


def test_journals_are_private_and_go_when_the_delivery_is_over(tmp_path: Path) -> None:
    journal = written(tmp_path / "journals")

    assert journal.path.stat().st_mode & 0o777 == 0o600
    assert journal.path.parent.stat().st_mode & 0o777 == 0o700
    forget(tmp_path / "journals", DELIVERY)
    assert not journal.path.exists()
