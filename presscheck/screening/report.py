"""The report page says who passed, who did not and why, without the internet and without addresses.

The page is one file: no script, no outside request (its own policy forbids both), a picture
of bars drawn in SVG. Sample rows are masked; the exceptions file has them in full.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from presscheck.digests import fingerprint
from presscheck.screening.exceptions import Sample, Tally
from presscheck.screening.expectations import OwnSuite
from presscheck.screening.rules import RowRule, Suite

_SHOWN = 60


def account_of(
    *,
    segment: str,
    suite: Suite,
    tally: Tally,
    certificate: dict[str, str],
    settings: dict[str, str],
    not_checked: tuple[str, ...],
    refusal: str | None,
    digest: str | None,
    as_of: datetime,
) -> dict[str, Any]:
    """Everything that the report says, as JSON-able values; free of whole addresses."""
    return {
        "about": "audience",
        "segment": segment,
        "as_of": as_of.astimezone(UTC).isoformat(),
        "verdict": "refused" if refusal else "frozen",
        "refusal": refusal,
        "digest": digest,
        "candidates": tally.candidates,
        "passed": tally.passed,
        "exceptions": tally.exceptions,
        "suite": {"name": suite.name, "version": suite.version},
        "certificate": certificate,
        "settings": settings,
        "rules": [_told(rule, tally, checked=rule.id not in not_checked) for rule in suite.rows],
        "whole": [],
        "errored": {},
    }


def rows_account(
    *,
    name: str,
    suite: OwnSuite,
    rules: Sequence[RowRule],
    tally: Tally | None,
    total: int,
    by_rule: Mapping[str, int],
    figures: Mapping[str, str],
    errored: Mapping[str, str],
    counted_by: str,
    refusal: str | None,
    digest: str | None,
) -> dict[str, Any]:
    """The same of rows of any kind; `tally` is None where a check broke."""
    return {
        "about": "rows",
        "segment": name,
        "as_of": datetime.now(UTC).isoformat(),
        "verdict": "refused" if refusal else "kept",
        "refusal": refusal,
        "digest": digest,
        "candidates": total,
        "passed": tally.passed if tally and not refusal else 0,
        "exceptions": tally.exceptions if tally else total,
        "suite": {"name": suite.title, "version": suite.version},
        "certificate": {"counted again by": counted_by},
        "settings": {"owner": suite.owner, "exceptions": f"at most {suite.refuse_above} %"},
        "rules": [_told(rule, tally, checked=rule.id not in errored) for rule in rules],
        "whole": [
            {
                "rule": one.rule,
                "met": not by_rule.get(one.rule, 0) and one.rule not in errored,
                "figure": figures.get(one.rule, ""),
                "once": one.figure is None,
                "severity": one.severity,
                "means": one.message,
                "remedy": one.do,
            }
            for one in suite.whole
        ],
        "errored": dict(errored),
    }


def _told(rule: RowRule, tally: Tally | None, *, checked: bool) -> dict[str, Any]:
    samples = () if tally is None else tally.samples.get(rule.id, ())
    return {
        "rule": rule.id,
        "rows": 0 if tally is None else tally.by_rule[rule.id],
        "checked": checked,
        "severity": rule.severity,
        "means": rule.means,
        "remedy": rule.remedy,
        "samples": [_masked(sample) for sample in samples],
    }


def as_json(account: dict[str, Any]) -> str:
    """The account as one JSON document with a final line break."""
    return json.dumps(account, indent=2, ensure_ascii=False) + "\n"


def as_page(account: dict[str, Any], *, exceptions_file: str) -> str:
    """The account as one HTML page; everything in it is escaped."""
    import jinja2

    source = files("presscheck.screening").joinpath("report.html.j2").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(source)
    most = max((rule["rows"] for rule in account["rules"]), default=0)
    bars = [
        {**rule, "width": round(420 * rule["rows"] / most) if most else 0}
        for rule in sorted(account["rules"], key=lambda rule: -rule["rows"])
        if rule["rows"]
    ]
    return template.render(
        **account,
        day=datetime.fromisoformat(account["as_of"]).strftime("%-d %B %Y, %H:%M UTC"),
        bars=bars,
        short=fingerprint(account["digest"]) if account["digest"] else "",
        share=_percent(account["exceptions"], account["candidates"]),
        exceptions_file=exceptions_file,
    )


def mask_address(address: str | None) -> str:
    """Enough of an address to recognise one's own row, not enough to write to it."""
    if not address:
        return "(none)"
    name, at, domain = address.rpartition("@")
    if not at:
        return f"{_plain(address[:1])}•••, no @"
    ending = domain.rpartition(".")[2] if "." in domain else ""
    return f"{_plain(name[:1])}•••@{_plain(domain[:1])}•••{'.' + _plain(ending[:10]) if ending else ''}"


def mask_id(id_: str | None) -> str:
    """An id as it is, unless it looks like an address or a telephone number."""
    if not id_:
        return "(none)"
    if "@" in id_:
        return mask_address(id_)
    digits = sum(character.isdigit() for character in id_)
    if digits >= 7 and digits >= len(id_) - 4:
        return f"•••{_plain(id_[-4:])}"
    return _plain(id_ if len(id_) <= _SHOWN else id_[:_SHOWN] + "…")


def _masked(sample: Sample) -> dict[str, Any]:
    return {"row_number": sample.row_number, **{name: _mask(name, cell) for name, cell in sample.cells.items()}}


def _mask(column: str, cell: str | None) -> str:
    match column:
        case "address":
            return mask_address(cell)
        case "market":
            return _plain((cell or "(none)")[:12])
        case _:
            return mask_id(cell)


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in text)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "0 %"
