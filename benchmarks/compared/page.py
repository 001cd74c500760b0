"""The tables of docs/compared.md, from the files and from what was seen; a test holds the page to them."""

import json
import re
from pathlib import Path
from typing import Any

from benchmarks.compared.attacks import ATTACKS, Attack

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "compared.md"
RESULTS = HERE / "results.json"
TITLES = {"bare_prefect": "bare Prefect", "airflow_hitl": "Airflow", "langgraph": "LangGraph"}
_MADE = re.compile(r"(<!-- made: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.S)
_ROLLOUT = re.compile(r"```(?:python|yaml|sql)\n(?:#|--) (?:flows|briefs|segments)/[^\n]+\n(.*?)```", re.S)
_QUOTED = re.compile(r"(<!-- file: (?P<path>\S+) -->\n```python\n).*?(```)", re.S)


def write_page() -> None:
    PAGE.write_text(made_anew(PAGE.read_text()))


def made_anew(page: str) -> str:
    """The page with its code as the files are, and its tables as the results say."""
    seen = json.loads(RESULTS.read_text())
    tables = {"sizes": _sizes(), "times": _times(seen), "attacks": _attacks(seen), "ways": _ways(seen)}
    page = _MADE.sub(lambda found: found[1] + tables[found["name"]] + "\n" + found[3], page)
    return _QUOTED.sub(lambda found: found[1] + (HERE.parents[1] / found["path"]).read_text() + found[3], page)


def _sizes() -> str:
    files = {title: [path for path in (HERE / name).iterdir() if path.is_file()] for name, title in TITLES.items()}
    rows = [(title, str(len(its)), str(sum(_lines(path.read_text()) for path in its))) for title, its in files.items()]
    campaign, brief, segment = _ROLLOUT.findall((PAGE.parent / "rollout.md").read_text())[:3]
    whole = _lines(campaign) + _lines(brief) + _lines(segment)
    ours = (
        "Presscheck: campaign, brief and segment of rollout.md",
        "3",
        f"{whole}, of which the flow {_lines(campaign)}",
    )
    return _table(("", "files", "lines"), [*rows, ("the shop, which these share", "1", str(_said("shop.py"))), ours])


def _said(name: str) -> int:
    return _lines((HERE / name).read_text())


def _lines(text: str) -> int:
    """Lines that say something: no blank ones, no comments, no docstring."""
    text = re.sub(r'""".*?"""', "", text, flags=re.S)
    return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith(("#", "--")))


def _times(seen: dict[str, Any]) -> str:
    rows: list[tuple[str, ...]] = []
    for name, title in TITLES.items():
        one = seen[name]
        rows.append(_time_row(title, one, one["times"]))
        if one["times_quick"]:
            rows.append(_time_row(f"{title}, which looks for work each second", one, one["times_quick"]))
    head = ("", "services up", "edit to question", "answer to next question", "a changed graph runs", "date", "load")
    return _table(head, rows)


def _time_row(title: str, one: dict[str, Any], times: dict[str, Any]) -> tuple[str, ...]:
    versions = ", ".join(f"{package} {version}" for package, version in one["versions"].items())
    seconds = [f"{times[what]} s" for what in ("up", "edit_to_question", "answer_to_question", "load")]
    return (f"{title} ({versions})", *seconds, one["date"], f"{one['load'][0][0]} to {one['load'][1][0]}")


def _attacks(seen: dict[str, Any]) -> str:
    rows = [(attack.what, *(_cell(seen[name], attack) for name in TITLES), _ours(attack)) for attack in ATTACKS]
    return _table(("", *TITLES.values(), "Presscheck"), rows)


def _cell(seen: dict[str, Any], attack: Attack) -> str:
    outcome = seen["attacks"].get(attack.name)
    if outcome is None:
        return "–"
    if not attack.is_attack:
        return outcome["seen"]
    return f"**through**: {outcome['seen']}" if outcome["got_through"] else f"held: {outcome['seen']}"


def _ours(attack: Attack) -> str:
    if not attack.is_attack:
        return "–"
    tests = ", ".join(f"`{test}`" for test in attack.shown_by)
    return f"{attack.ours} ({tests or 'not run yet'})"


def _ways(seen: dict[str, Any]) -> str:
    rows: list[tuple[str, ...]] = []
    for attack in ATTACKS:
        how = [seen[name]["attacks"].get(attack.name, {}).get("how") or "–" for name in TITLES]
        if attack.is_attack and {*how} != {"–"}:
            rows.append((attack.what, *how))
    return _table(("", *TITLES.values()), rows)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
