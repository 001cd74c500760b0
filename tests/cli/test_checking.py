"""Texts through the guardrails: every format, every fault, and a page that runs nothing."""

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presscheck.cli.texts import Text, read_texts
from presscheck.errors import InputError
from tests.cli.conftest import CommandLine

CLEAN = "A quiet shoe for slow mornings."
BLOCKED = "A fucking good shoe."
HOSTILE = "<script>alert(1)</script> \x1b[31m =HYPERLINK(1)"


def write(path: Path, content: str) -> str:
    path.write_bytes(content.encode("utf-8"))
    return str(path)


def test_clean_texts_exit_0(cli: CommandLine, tmp_path: Path) -> None:
    result = cli("check", write(tmp_path / "a.txt", f"{CLEAN}\n\n{CLEAN}\n"))

    assert result.exit_code == 0
    assert "2 texts: 2 without findings" in result.stdout


def test_a_text_that_would_be_blocked_exits_1_and_is_named(cli: CommandLine, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", f"{CLEAN}\n{BLOCKED}\n")

    result = cli("check", path)

    assert result.exit_code == 1
    assert f"{path}:2: block abuse.profanity: “fucking”" in result.stdout
    assert "1 would be blocked" in result.stdout


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("a.jsonl", json.dumps({"text": CLEAN}) + "\n" + json.dumps({"text": BLOCKED, "id": 1}) + "\n", 2),
        ("a.csv", f'id,Text\n1,"{CLEAN}"\n2,"{BLOCKED}"\n', 3),
        ("a.txt", f"\ufeff{CLEAN}\r\n{BLOCKED}\r\n", 2),
    ],
)
def test_each_format_is_read_with_its_lines(
    cli: CommandLine, tmp_path: Path, name: str, content: str, line: int
) -> None:
    path = write(tmp_path / name, content)

    assert f"{path}:{line}: block abuse.profanity" in cli("check", path).stdout


def test_for_machines_each_text_is_a_line_in_order(cli: CommandLine, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl", "".join(json.dumps({"text": one}) + "\n" for one in (CLEAN, BLOCKED, "Best. \U0001f600"))
    )

    result = cli("check", path, "--json", "--pack", "default")

    clean, blocked, claim = map(json.loads, result.stdout.splitlines())
    assert clean == {"n": 0, "verdict": "pass", "findings": []}
    assert (blocked["n"], blocked["verdict"], claim["verdict"]) == (1, "block", "review")
    (finding,) = blocked["findings"]
    assert BLOCKED[finding["start"] : finding["end"]] == finding["match"] == "fucking"
    assert set(finding) == {"rule", "level", "start", "end", "match", "message", "suggestion", "replacement"}
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.doc", "x", "is none of .jsonl, .csv, .txt"),
        ("a.txt", "", "holds no text"),
        ("a.csv", "id,words\n1,x\n", "the columns are id, words"),
        ("a.csv", "id,text\n1\n", "a.csv:2: 1 cell where the first line has 2"),
        ("a.jsonl", '{"text": "a"}\n{"text": "b", "text": "c"}\n', "a.jsonl:2: “text”: stands twice in one object"),
        ("a.jsonl", '{"text": "a", "on": {"id": 1, "id": 2}}\n', "a.jsonl:1: “id”: stands twice in one object"),
        ("a.csv", "id,text\n1,a, b\n", "a.csv:2: 3 cells where the first line has 2"),
        ("a.jsonl", '{"text": 1}\nnothing\n["x"]\n', "a.jsonl:3: text: is missing or not text"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(
    cli: CommandLine, tmp_path: Path, name: str, content: str, said: str
) -> None:
    result = cli("check", write(tmp_path / name, content))

    assert result.exit_code == 2
    assert said in result.stderr


def test_all_faults_of_a_file_are_told_but_not_a_million(cli: CommandLine, tmp_path: Path) -> None:
    document = cli.json("check", write(tmp_path / "a.jsonl", "nonsense\n" * 500))

    assert len(document["faults"]) == 51
    assert document["faults"][-1]["message"] == "450 more faults like these"


def test_latin_1_is_named_with_the_line_of_its_first_byte(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"fine\nfine\ncaf\xe9\n")

    result = cli("check", str(path))

    assert result.exit_code == 2
    assert f"{path}:3: byte 0xe9 is not UTF-8" in result.stderr


def test_a_file_that_is_not_there_is_bad_input(cli: CommandLine, tmp_path: Path) -> None:
    assert cli("check", str(tmp_path / "none.txt")).exit_code == 2


def test_a_pack_judges_alone(cli: CommandLine, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", f"{BLOCKED}\n")

    assert cli("check", path, "--pack", "privacy").exit_code == 0
    assert cli("check", path, "--pack", "abuse").exit_code == 1
    assert cli("check", path, "--pack", "abuse.profanity").exit_code == 1
    assert "did you mean privacy?" in cli("check", path, "--pack", "privcy").stderr


@pytest.mark.parametrize(
    ("market", "advice"),
    [("UK", "did you mean GB?"), ("us", "did you mean US?"), ("EU", "list the countries"), ("", "two capital letters")],
)
def test_a_market_that_is_none_is_told_and_leaves_no_rule_out(
    cli: CommandLine, tmp_path: Path, market: str, advice: str
) -> None:
    result = cli("check", write(tmp_path / "a.txt", BLOCKED), "--market", "US", "--market", market, "--market", "XX")

    assert result.exit_code == 2
    assert advice in " ".join(result.stderr.split())
    assert "XX is no country code" in " ".join(result.stderr.split())


def test_the_page_runs_nothing_loads_nothing_and_escapes_everything(cli: CommandLine, tmp_path: Path) -> None:
    page = tmp_path / "page.html"

    result = cli("check", write(tmp_path / "a<b>.txt", f"{HOSTILE}\n"), "--out", str(page))

    text = page.read_text()
    assert result.exit_code == 1
    assert "<script" not in text
    assert "\x1b" not in text
    assert "&lt;script&gt;" in text
    assert "a&lt;b&gt;.txt" in text
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text
    assert re.findall(r"(?:src|href)\s*=", text) == []


def test_the_page_marks_what_overlaps_and_sums_up_each_guardrail(cli: CommandLine, tmp_path: Path) -> None:
    text = cli("check", write(tmp_path / "a.txt", "Only 2 left in stock.\nOnly 2 left in stock.\n"), "--html").output

    both = re.search(r'<mark class="review" data-numbers="2" title="([^"]*)">2</mark>', text)
    assert both is not None
    assert "(pressure.scarcity)" in both[1]
    assert "(claims.figures)" in both[1]
    assert '<mark class="review" data-numbers="1"' in text
    assert "pressure.<wbr>scarcity</td><td><strong>review</strong></td><td>2</td><td>2</td>" in text
    assert '<meta name="color-scheme" content="light dark">' in text


def test_the_terminal_is_not_steered_by_a_text(cli: CommandLine, tmp_path: Path) -> None:
    assert "\x1b" not in cli("check", write(tmp_path / "a.txt", "Best \x1b[2J ever \u202e\n")).output


def test_json_and_html_do_not_go_together(cli: CommandLine, tmp_path: Path) -> None:
    assert cli("check", write(tmp_path / "a.txt", CLEAN), "--json", "--html").exit_code == 2


@given(st.binary(max_size=200), st.sampled_from([".txt", ".csv", ".jsonl"]))
def test_any_file_is_texts_or_faults(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    refused: InputError | None = None
    texts: list[Text] = []
    try:
        texts = read_texts(path)
    except InputError as error:
        refused = error

    assert bool(texts) != bool(refused and refused.faults)


NEAR = "The Kestrel keeps the rain out on the long way home. Try it in our shop this week."


def test_texts_of_a_set_are_compared_with_each_other_and_others_are_not(cli: CommandLine, tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", f"{NEAR}\n{CLEAN}\n{NEAR.replace('the long', 'your long')}\n")

    together = [json.loads(line) for line in cli("check", path, "--json", "--set").stdout.splitlines()]
    alone = [json.loads(line) for line in cli("check", path, "--json").stdout.splitlines()]

    assert [one["verdict"] for one in alone] == ["pass"] * 3
    assert [one["verdict"] for one in together] == ["pass", "pass", "note"]
    [finding] = together[2]["findings"]
    assert (finding["rule"], finding["match"]) == ("brand.near-duplicates", "line 1")
    assert "It is like line 1 (96 of 100)." in finding["message"]


def test_a_set_needs_a_file(cli: CommandLine) -> None:
    assert "name one" in cli("check", "--set").stderr


@pytest.mark.timeout(20)
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl", "a.txt.gz"])
def test_a_pipe_is_told_and_not_waited_for(cli: CommandLine, tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)

    result = cli("check", str(tmp_path / name))

    assert result.exit_code == 2
    assert "it is no plain file" in result.stderr or "is none of" in result.stderr


@pytest.mark.parametrize("market", ["UK", "uk"])
def test_a_market_that_is_none_is_told_with_the_one_that_was_meant(
    cli: CommandLine, tmp_path: Path, market: str
) -> None:
    result = cli("check", write(tmp_path / "a.txt", CLEAN), "--market", market)

    assert result.exit_code == 2
    assert "did you mean GB?" in result.stderr


def test_half_letters_and_writing_from_right_to_left_are_read(cli: CommandLine, tmp_path: Path) -> None:
    lines = ('{"text": "half \\ud800 a letter"}', '{"text": "שלום \\u202eact now"}')
    path = write(tmp_path / "a.jsonl", "\n".join(lines))

    half, hidden = (json.loads(line) for line in cli("check", path, "--json").stdout.splitlines())

    assert half["findings"][0]["match"] == "\ud800"
    assert (hidden["verdict"], hidden["findings"][0]["match"]) == ("block", "\u202e")


def test_a_text_of_a_megabyte_is_read(cli: CommandLine, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", json.dumps({"text": f"{CLEAN} " * 32_000 + BLOCKED}))

    [line] = cli("check", path, "--json").stdout.splitlines()

    assert [one["match"] for one in json.loads(line)["findings"] if one["level"] == "block"] == ["fucking"]
