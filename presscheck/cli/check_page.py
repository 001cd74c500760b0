"""The findings of `presscheck check` as one page that opens offline and runs nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from presscheck.cli.texts import Text
    from presscheck.models import Finding

# A browser shows some thousand texts well; the JSON output holds them all.
_MOST_TEXTS = 2_000

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Guardrails: {{ name }}</title>
<style>
{% include "door.css" %}
</style>
</head>
<body>
<main>
<h1>{{ name }}</h1>
<p>{{ texts }}, {{ clear }} without findings, {{ blocked }} would be blocked.
<br><small class="muted">Policies {{ digest[:12] }}. Judged without a brief: figures are notes, links are not judged.\
</small></p>
{% if rules %}<section class="card"><table class="people"><thead><tr><th>Guardrail</th><th>Level</th><th>Texts</th>\
<th>Findings</th></tr></thead>
<tbody class="findings">{% for (rule, level), count in rules %}<tr class="{{ level }}">\
<td>{% for word in rule.split(".") %}{{ "." if loop.index0 }}<wbr>{{ word }}{% endfor %}</td>\
<td><strong>{{ level }}</strong></td><td>{{ touched[rule, level] }}</td><td>{{ count }}</td></tr>
{% endfor %}</tbody></table></section>{% endif %}
{% for line, checked in shown %}<article class="card"><small class="muted">line {{ line }}</small>
{% include "_checked.html" %}
</article>
{% endfor %}
{% if more %}<p>{{ more }} more texts with findings are not shown here; <code>--json</code> has them all.</p>{% endif %}
</main>
</body>
</html>
"""


@dataclass(frozen=True)
class Checked:
    """One text and what the guardrails found in it."""

    text: "Text"
    findings: "tuple[Finding, ...]"


def page(name: str, digest: str, checked: Sequence[Checked]) -> str:
    """The whole page, as the door would show it; every text in it is escaped, and nothing loads or runs."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    from presscheck.assets.marking import shown_findings
    from presscheck.cleaning import clean_line
    from presscheck.documents.sentences import counted

    loader = ChoiceLoader([PackageLoader("presscheck.door", folder) for folder in ("templates", "static")])
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found = [one for one in checked if one.findings]
    pairs = [[(finding.rule, finding.level) for finding in one.findings] for one in found]
    return environment.from_string(_PAGE).render(
        name=clean_line(name),
        digest=digest,
        texts=counted(len(checked), "text"),
        clear=len(checked) - len(found),
        blocked=sum(1 for one in found if any(finding.level == "block" for finding in one.findings)),
        rules=sorted(Counter(pair for each in pairs for pair in each).items()),
        touched=Counter(pair for each in pairs for pair in {*each}),
        shown=[(one.text.line, shown_findings([("", one.text.text, one.findings)])) for one in found[:_MOST_TEXTS]],
        more=max(0, len(found) - _MOST_TEXTS),
    )
