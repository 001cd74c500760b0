"""Last year's figures are read whole or not at all, kept in versions, and compared only with their like."""

from decimal import Decimal
from pathlib import Path

import pytest

from presscheck.errors import InputError
from presscheck.figures.baseline import counting, import_baseline, read_baseline, remove_baseline, versions
from presscheck.figures.comparing import lines_of
from presscheck.figures.working import work_out
from presscheck.settings.figures import BaselineSection

YAML = """\
since: 2025-01-01
until: 2025-12-31
currency: EUR
figures:
  velocity-days: {value: 21, n: 14}
  cost-per-asset: {value: 180.50}
"""
CSV = """\
measure,value,n
since,2025-01-01,
until,2025-12-31
currency,EUR

velocity-days,21,14
cost-per-asset,180.50,
"""


def write(folder: Path, text: str, name: str = "before.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def faults(path: Path) -> list[str]:
    with pytest.raises(InputError) as caught:
        read_baseline(path)
    return [str(fault).removeprefix(f"{path}:") for fault in caught.value.faults]


def test_csv_and_yaml_say_the_same(tmp_path):
    baseline = read_baseline(write(tmp_path, YAML))

    assert read_baseline(write(tmp_path, CSV, "before.csv")) == baseline
    assert baseline.figures["cost-per-asset"].value == Decimal("180.5")


def test_every_fault_is_told_at_once_with_its_line(tmp_path):
    rows = ["since,2025-13-01", "velocity-days,21,14", "speed,4,", "velocity-days,22,", "answer-hours,-1,0", "a,1,2,3"]
    told = faults(write(tmp_path, "\n".join(["measure,value,n", *rows]), "before.csv"))

    assert [line.partition(":")[0] for line in told] == ["1", "2", "4", "5", "6", "6", "7"]
    assert "until" in told[0]
    assert "there is no day 2025-13-01" in told[1]
    assert "second time, first in line 3" in told[3]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("measure:value\nvelocity-days:21", "the first line must be"),
        (CSV.replace("2025-12-31", "2024-12-31"), "until is before since"),
        (CSV.replace("velocity-days,21", "edited-percent,121"), "at most 100"),
        (CSV.replace("velocity-days,21", "velocity-days,NaN"), "velocity-days"),
        (CSV.replace("velocity-days,21", 'velocity-days,"1,299"'), "velocity-days"),
        (CSV.replace("velocity-days,21", 'velocity-days,"21'), "never closed"),
        ("measure,value,n\nsince,2025-01-01\nuntil,2025-12-31\n", "figures"),
    ],
)
def test_a_file_that_is_no_baseline_is_a_fault(text, said, tmp_path):
    name = "before.csv" if text else "before.yaml"

    assert said in "\n".join(faults(write(tmp_path, text, name)))


def test_a_missing_file_and_one_that_is_no_text_are_faults(tmp_path):
    (tmp_path / "latin.csv").write_bytes("measure,value\nké,1".encode("latin-1"))

    assert "cannot be read" in faults(tmp_path / "none.csv")[0]
    assert "not UTF-8" in faults(tmp_path / "latin.csv")[0]


def test_the_latest_version_counts_until_it_is_removed(ledgers, tmp_path):
    first = read_baseline(write(tmp_path, YAML))
    second = read_baseline(write(tmp_path, YAML.replace("21", "20")))
    with ledgers.door.write() as tx:
        assert [import_baseline(tx, one) for one in (first, second, second)] == [1, 2, 2]
        remove_baseline(tx)

    with ledgers.door.write() as tx:
        assert counting(tx).baseline == first
        assert [one.removed for one in versions(tx)] == [False, True]
        with pytest.raises(InputError, match="version 2"):
            remove_baseline(tx, 2)
        remove_baseline(tx, 1)
        assert counting(tx) is None
        with pytest.raises(InputError, match="there is no baseline"):
            remove_baseline(tx)
        assert import_baseline(tx, second) == 3


def test_a_worker_s_baseline_is_none(sqlite_ledgers, tmp_path):
    with sqlite_ledgers.worker.write() as tx:
        import_baseline(tx, read_baseline(write(tmp_path, YAML)))

    with sqlite_ledgers.door.read() as tx:
        assert counting(tx) is None


def test_amounts_in_another_currency_are_not_compared(sqlite_ledgers, tmp_path):
    with sqlite_ledgers.door.write() as tx:
        import_baseline(tx, read_baseline(write(tmp_path, YAML)))
        version = counting(tx)
    figures = work_out([], BaselineSection(), since=None, until=None, now=sqlite_ledgers.clock())

    lines = {line.figure.measure.id: line for line in lines_of(figures, "USD", version)}

    assert "cannot be compared" in lines["cost-per-asset"].remark
    assert lines["velocity-days"].before == 21
    assert lines["velocity-days"].change is None
