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
<title>Guardrails: {{ name }}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1f; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .3rem .6rem .3rem 0; }
th { border-bottom: 2px solid #1b1b1f; } td { border-bottom: 1px solid #ddd; vertical-align: top; }
article { margin: 1.5rem 0; } pre { white-space: pre-wrap; overflow-wrap: anywhere; background: #f6f6f4; padding: .8rem;
  font: inherit; margin: .3rem 0; }
mark.block { background: #ffc9c2; } mark.review { background: #ffe7a3; } mark.note { background: #d6e6ff; }
.block b { color: #a11400; } .review b { color: #7a5200; } .note b { color: #134a9c; }
small { color: #5a5a60; } ul { padding-left: 1.2rem; margin: .3rem 0; }
</style>
</head>
<body>
<h1>{{ name }}</h1>
<p>{{ texts }} texts, {{ clear }} without findings, {{ blocked }} would be blocked.
<br><small>Policies {{ digest[:12] }}. Judged without a brief: figures are notes, links are not judged.</small></p>
{% if rules %}<table><tr><th>Guardrail</th><th>Level</th><th>Findings</th></tr>
{% for (rule, level), count in rules %}<tr class="{{ level }}"><td>{{ rule }}</td><td><b>{{ level }}</b></td>
<td>{{ count }}</td></tr>
{% endfor %}</table>{% endif %}
{% for one in shown %}<article><small>line {{ one.line }}</small>
<pre>{% for words, level in one.pieces %}{% if level %}<mark class="{{ level }}">{{ words }}</mark>\
{% else %}{{ words }}{% endif %}{% endfor %}</pre>
<ul>{% for finding in one.findings %}<li class="{{ finding.level }}"><b>{{ finding.level }}</b> {{ finding.rule }}: \
{{ finding.message }} {{ finding.suggestion }}</li>
{% endfor %}</ul></article>
{% endfor %}
{% if more %}<p>{{ more }} more texts with findings are not shown here; <code>--json</code> has them all.</p>{% endif %}
</body>
</html>
"""


@dataclass(frozen=True)
class Checked:
    """One text and what the guardrails found in it."""

    text: "Text"
    findings: "tuple[Finding, ...]"


def page(name: str, digest: str, checked: Sequence[Checked]) -> str:
    """The whole page; every text in it is escaped, and its policy lets nothing load or run."""
    from jinja2 import Environment, StrictUndefined

    from presscheck.cli.output import clean

    template = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(_PAGE)
    found = [one for one in checked if one.findings]
    shown = [
        {
            "line": one.text.line,
            "findings": one.findings,
            "pieces": [(clean(words), level) for words, level in _pieces(one.text.text, one.findings)],
        }
        for one in found[:_MOST_TEXTS]
    ]
    rules = Counter((finding.rule, finding.level) for one in found for finding in one.findings)
    return template.render(
        name=name,
        digest=digest,
        texts=len(checked),
        clear=len(checked) - len(found),
        blocked=sum(1 for one in found if any(finding.level == "block" for finding in one.findings)),
        rules=sorted(rules.items()),
        shown=shown,
        more=max(0, len(found) - _MOST_TEXTS),
    )


def _pieces(text: str, findings: "Sequence[Finding]") -> list[tuple[str, str]]:
    """The text cut at the findings' spans: (words, level), level empty where nothing was found.

    Where spans overlap, the one that begins first is marked; its neighbours still have their message.
    """
    pieces: list[tuple[str, str]] = []
    at = 0
    for finding in sorted((one for one in findings if one.span), key=lambda one: one.span or (0, 0)):
        start, end = finding.span or (0, 0)
        if start < at or end <= start:
            continue
        pieces += [(text[at:start], ""), (text[start:end], finding.level)]
        at = end
    pieces.append((text[at:], ""))
    return [piece for piece in pieces if piece[0]]
