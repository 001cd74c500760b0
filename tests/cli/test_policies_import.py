"""`presscheck policies import`: what is written loads and holds, what is not taken is told, bad input has its place."""

import json
from pathlib import Path

import pytest

from policies import check_policies
from tests.cli.conftest import CommandLine

WORDS = "extends: existence\nmessage: \"'%s' is jargon.\"\nlevel: error\nignorecase: true\ntokens:\n  - synergy\n"
TERMS = "extends: substitution\nmessage: Use '%s'.\nlink: https://example.com/a?b#c\nswap:\n  e-shop: shop # our word\n"
PART = "extends: existence\nmessage: No.\ntokens:\n  - (a)\\1\n  - 'foo #1'\n"


@pytest.fixture
def styles(tmp_path: Path) -> Path:
    """Two styles of our own, as they lie in a folder of Vale's."""
    folder = tmp_path / "styles"
    for name, text in {"House/Jargon.yml": WORDS, "House/Terms.yml": TERMS, "Sea Side/Part.yml": PART}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.mark.slow
def test_each_style_becomes_a_pack_that_loads_and_whose_cases_hold(
    cli: CommandLine, styles: Path, project: Path
) -> None:
    result = cli("policies", "import", str(styles))

    packs = project / "policies" / "packs"
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in packs.iterdir()) == ["house", "sea-side"]
    assert "Part.yml:4: (a)\\1: refers back to group 1" in result.stdout
    report = check_policies(None, project / "policies")
    assert report.holds, [str(fault) for fault in report.faults]
    assert {"style.house-jargon", "style.house-terms", "style.sea-side-part"} <= report.versions.keys()


def test_imported_rules_judge_texts(cli: CommandLine, styles: Path, project: Path, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("Synergy in our e-shop.\nA mug in our shop.\n", "utf-8")
    (project / "presscheck.toml").write_text('policies = "policies"\n', "utf-8")
    cli("policies", "import", str(styles), "--error", "block")

    result = cli("check", str(texts), "--pack", "house", "--json")

    first, second = map(json.loads, result.stdout.splitlines())
    assert [(one["rule"], one["level"], one["match"]) for one in first["findings"]] == [
        ("style.house-jargon", "block", "Synergy"),
        ("style.house-terms", "note", "e-shop"),
    ]
    assert second["verdict"] == "pass"


def test_json_counts_rules_and_tokens_and_names_what_is_not_taken(
    cli: CommandLine, styles: Path, project: Path
) -> None:
    told = cli.json("policies", "import", str(styles), "--dry-run")

    assert not told["written"]
    assert not (project / "policies").exists()
    house, sea = told["packs"]
    assert house["rules"] == {"count": 2, "whole": 2, "part": 0, "none": 0}
    assert sea["tokens"] == {"count": 2, "taken": 1}
    (rule,) = sea["imported"]
    assert (rule["taken"], rule["not_taken"][0]["line"], rule["not_taken"][0]["part"]) == ("part", 4, r"(a)\1")


def test_the_pack_says_what_was_not_taken_whose_it_is_and_whether_it_holds(
    cli: CommandLine, styles: Path, tmp_path: Path
) -> None:
    cli(
        "policies",
        "import",
        str(styles / "Sea Side"),
        "--into",
        str(tmp_path),
        "--owner",
        "legal",
        "--off",
        "--name",
        "Tide",
    )

    pack = tmp_path / "packs" / "tide"
    assert "line 4: `(a)\\1`: refers back to group 1" in (pack / "IMPORTED.md").read_text("utf-8")
    assert "owner: legal\non: false\n" in (pack / "pack.yaml").read_text("utf-8")
    assert "id: style.tide-part\n" in (pack / "tide-part.yaml").read_text("utf-8")


def test_nothing_is_written_over_without_force(cli: CommandLine, styles: Path, project: Path) -> None:
    cli("policies", "import", str(styles))
    own = project / "policies" / "packs" / "house" / "own.yaml"
    own.write_text("mine", "utf-8")

    again = cli("policies", "import", str(styles))
    forced = cli("policies", "import", str(styles), "--force")

    assert again.exit_code == 2
    assert "is there already; write --force to replace it, or --name" in again.output
    assert forced.exit_code == 0
    assert not own.exists()


def test_a_pack_that_ships_keeps_its_name(cli: CommandLine, styles: Path) -> None:
    result = cli("policies", "import", str(styles / "House"), "--name", "base")

    assert result.exit_code == 2
    assert "has the name of a pack that ships" in result.output


FAULTS = {
    "not YAML": ("extends: existence\ntokens: [a\n", "is not valid YAML"),
    "says nothing of what it extends": ("message: No.\ntokens: [a]\n", "says not what it extends"),
    "an unknown kind": ("extends: existance\ntokens: [a]\n", "there is no existance; did you mean existence?"),
    "a list": ("- a\n", "is no rule of Vale"),
    "empty": ("", "is no rule of Vale"),
    "not UTF-8": (b"extends: existence\nmessage: caf\xe9\n", ":2: is not UTF-8"),
    "large": ("#" * (1 << 20) + "\n", "is larger than 1,048,576 bytes"),
    "aliases upon aliases": (
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefg", "bcdefgh", strict=True)),
        "holds more than 200,000 values",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("what", FAULTS)
def test_a_file_that_is_no_rule_is_told_and_the_others_are_taken(cli: CommandLine, styles: Path, what: str) -> None:
    content, said = FAULTS[what]
    path = styles / "House" / "Bad.yml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    result = cli("policies", "import", str(styles))

    assert result.exit_code == 1, result.output
    assert f"{path}:" in result.stderr
    assert said in result.stderr
    assert "Wrote" in result.stdout


def test_keys_that_are_not_what_they_should_be_are_told_with_their_line(cli: CommandLine, styles: Path) -> None:
    path = styles / "House" / "Odd.yml"
    path.write_text(
        "extends: existence\nmessage: No.\nlevel: fatal\nignorecase: perhaps\ntoken: x\ntokens:\n  - foo\n  - [bar]\n",
        "utf-8",
    )

    result = cli("policies", "import", str(styles), "--dry-run")

    for said in (
        f"{path}:3: level: is fatal; it is taken for a warning",
        f"{path}:4: ignorecase: is neither true nor false",
        f"{path}:5: token: is no key of existence, so it says nothing",
        f"{path}:8: tokens[1]: is no text",
    ):
        assert said in result.stdout
    assert result.exit_code == 0


def test_a_link_out_of_the_folder_is_not_followed(cli: CommandLine, styles: Path, tmp_path: Path) -> None:
    outside = tmp_path / "secret.yml"
    outside.write_text(WORDS, "utf-8")
    (styles / "House" / "Link.yml").symlink_to(outside)
    (styles / "Linked").symlink_to(tmp_path)

    result = cli("policies", "import", str(styles))

    assert result.exit_code == 1
    assert "Link.yml: is a link out of the folder" in result.stderr
    assert "Linked: is a link to a folder" in result.stderr


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("existence\nmessage: No.\ntokens:\n  - '[z-a]'\n  - foo\n", "holds a class of characters"),
        (f"existence\nmessage: No.\ntokens:\n  - 'a{'{1,2}' * 700}'\n  - foo\n", "repeats repetitions"),
        ("substitution\nmessage: Not '%s'.\nswap:\n  (fo)o: $9x\n  bar: foo\n", "names the group 9"),
        ("occurrence\nmessage: No.\nmax: inf\ntoken: foo\n", "is no number"),
        ("occurrence\nmessage: No.\nmin: 1e300\ntoken: foo\n", "which no case would show"),
        (f"spelling\nmessage: Not '%s'.\nignore:\n  - {'x' * 300}\n", "a list of words that is not in the folder"),
        ('existence\nmessage: No.\ntokens:\n  - "fo\\ud800o(?=x)"\n  - foo\n', "half a surrogate pair"),
    ],
)
def test_hostile_rules_stop_no_import(cli: CommandLine, styles: Path, rule: str, said: str) -> None:
    (styles / "House" / "Odd.yml").write_text(f"extends: {rule}", "utf-8")

    result = cli("policies", "import", str(styles), "--into", str(styles.parent / "policies"))

    assert result.exit_code in (0, 1)
    assert "Odd.yml" in result.stdout + result.stderr
    assert said in result.stdout + result.stderr
    assert (styles.parent / "policies" / "packs" / "house" / "pack.yaml").exists()


def test_where_nothing_can_be_taken_each_reason_is_told(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "Empty.yml").write_text("extends: existence\nmessage: No.\n", "utf-8")

    result = cli("policies", "import", str(tmp_path), "--dry-run")

    assert result.exit_code == 2
    assert f"{tmp_path / 'Empty.yml'}:1: existence: looks for nothing" in result.stderr


def test_a_key_that_stands_twice_is_told_and_the_last_one_counts(cli: CommandLine, styles: Path) -> None:
    path = styles / "House" / "Twice.yml"
    path.write_text("extends: substitution\nmessage: No.\nswap:\n  foo: bar\n  foo: baz\n", "utf-8")

    result = cli("policies", "import", str(styles), "--dry-run")

    assert f"{path}:5: foo: stands more than once; as in Vale, the last one counts" in result.stdout


def test_a_folder_without_rules_is_refused(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "ci.yml").write_text("on: push\n", "utf-8")

    empty = cli("policies", "import", str(tmp_path / "other"))
    missing = cli("policies", "import", str(tmp_path / "nowhere"))

    assert (empty.exit_code, missing.exit_code) == (2, 2)
    assert "holds no rule of Vale" in empty.output
    assert "there is no such folder" in missing.output


def test_styles_of_one_name_are_called_by_their_paths(cli: CommandLine, tmp_path: Path) -> None:
    for place in ("one/House", "two/house"):
        (tmp_path / "all" / place).mkdir(parents=True)
        (tmp_path / "all" / place / "Jargon.yml").write_text(WORDS, "utf-8")

    told = cli.json("policies", "import", str(tmp_path / "all"), "--dry-run")

    assert [pack["name"] for pack in told["packs"]] == ["one-house", "two-house"]


@pytest.mark.parametrize("owner", ["", "  "])
def test_rules_that_nobody_answers_for_are_not_imported(
    cli: CommandLine, styles: Path, project: Path, owner: str
) -> None:
    result = cli("policies", "import", str(styles), "--owner", owner)

    assert result.exit_code == 2
    assert "is empty; name the role or team" in result.stderr
    assert not (project / "policies" / "packs").exists()
