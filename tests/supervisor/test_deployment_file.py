"""What Prefect would pass over in silence in a file of deployments is told with its line, all of it at once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from presscheck.errors import InputError
from presscheck.supervisor.deployment_file import read_deployments

NOW = datetime(2026, 11, 30, tzinfo=UTC)
HEAD = "deployments:\n  - name: a\n    entrypoint: flows/a.py:a\n"


def told(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "prefect.yaml"
    path.write_text(text)
    return [
        str(fault).removeprefix(f"{path}:")
        for each in read_deployments(path, as_of=NOW).entries
        for fault in each.faults
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "    shedules: []\n",
            "4: deployments[0].shedules: is not a known key, and Prefect passes over it; did you mean",
        ),
        ("    work_pool:\n      nmae: x\n", "5: deployments[0].work_pool.nmae: is not a known key"),
        ("    concurrency_limit:\n      limti: 4\n", "5: deployments[0].concurrency_limit.limti: is not a known key"),
        ("    concurrency_limit: 0\n", "4: deployments[0].concurrency_limit: 0 is not how many runs"),
        ("    schedules: weekly\n", "4: deployments[0].schedules: is no list"),
        ("    schedules:\n      - weekly\n", "5: deployments[0].schedules[0]: “weekly” is no schedule"),
        ("    schedules:\n      - active: true\n", "5: deployments[0].schedules[0]: says no time"),
        (
            "    schedules:\n      - corn: x\n        interval: 9\n",
            "5: deployments[0].schedules[0].corn: is not a known",
        ),
        ("    schedules:\n      - cron: weekly\n", "5: deployments[0].schedules[0].cron: “weekly” is no cron"),
        (
            "    schedules:\n      - interval: 60\n        timezone: Mars\n",
            "6: deployments[0].schedules[0].timezone: there is no time zone “Mars”",
        ),
        (
            "    schedules:\n      - {cron: 15 2 * * *, timezone: Australia/Lord_Howe}\n",
            "5: deployments[0].schedules[0].cron: 2027-10-03 02:15 does not exist",
        ),
    ],
)
def test_what_is_wrong_with_an_entry_is_told_with_its_line_and_what_was_meant(
    tmp_path: Path, text: str, said: str
) -> None:
    (fault,) = told(tmp_path, HEAD + text)

    assert fault.startswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "    concurrency_limit: 4\n    schedules: []\n",
        "    schedules:\n      - {cron: 0 9 * * 1, timezone: null, active: false, slug: weekly}\n",
        '    schedules:\n      - {cron: "{{ $CRON }}", timezone: Mars}\n',
        "    schedules:\n      - interval: 3600\n        anchor_date: 2027-01-01T00:00:00Z\n",
        "    triggers: []\n    sla: []\n    paused: true\n    version: v1\n    pull: []\n",
    ],
)
def test_what_prefect_takes_is_taken(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, HEAD + text) == []


def test_an_entry_without_name_and_entrypoint_is_told_both(tmp_path: Path) -> None:
    assert told(tmp_path, "deployments:\n  - tags: [x]\n") == [
        "2: deployments[0]: has no name; write name: winter-sale",
        "2: deployments[0]: has no entrypoint; write entrypoint: flows/winter_sale.py:winter_sale",
    ]


def test_what_comes_from_an_anchor_is_told_at_the_entry_that_uses_it(tmp_path: Path) -> None:
    text = f"definitions:\n  pool: &pool\n    work_pool: {{nmae: x}}\n{HEAD}    <<: *pool\n"

    (fault,) = told(tmp_path, text)

    assert fault.startswith("5: deployments[0].work_pool.nmae")


@pytest.mark.parametrize("text", ["deployments: [\n", "deployments: 3\n", "[]\n", "deployments: [1]\n", "\x00"])
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"prefect\.yaml: (cannot be read|holds no list of deployments)"):
        told(tmp_path, text)


def test_no_file_names_no_deployments(tmp_path: Path) -> None:
    assert read_deployments(tmp_path / "prefect.yaml", as_of=NOW).entries == ()
