"""A campaign's chart as Mermaid text, for a README or a wiki that draws it."""

import re

from presscheck.handbook.chart import FlowChart, FlowNode, in_words, rounds_in_words, who_answers

_SHAPES = {
    "start": ("([", "])"),
    "step": ("[", "]"),
    "gate": ("{{", "}}"),
    "delivery": ("[[", "]]"),
    "sent": ("([", "])"),
    "unsent": ("([", "])"),
}
# Mermaid reads quotes, brackets, angle brackets and hashes; a title of a flow's own must not become syntax.
_UNSAFE = re.compile(r"[^\w ,.:;/%+\-]")


def as_mermaid(chart: FlowChart) -> str:
    """`flowchart TD` and its lines."""
    names = {node.key: f"n{at}" for at, node in enumerate(chart.nodes)}
    lines = ["flowchart TD"]
    for node in chart.nodes:
        before, after = _SHAPES[node.kind]
        lines.append(f'  {names[node.key]}{before}"{"<br/>".join(_plain(line) for line in _lines(node))}"{after}')
    for edge in chart.edges:
        said = f'|"{_plain(", ".join(edge.answers))}"|' if edge.answers else ""
        lines.append(f"  {names[edge.source]} -->{said} {names[edge.target]}")
    return "\n".join(lines) + "\n"


def _lines(node: FlowNode) -> list[str]:
    rounds = rounds_in_words(node.rounds)
    lines = [f"{node.title}, {rounds}" if rounds else node.title]
    if node.effects:
        guard = f"guarded by {', '.join(node.guarded_by)}" if node.guarded_by else "no gate guards it"
        lines.append(f"{' and '.join(node.effects)}; risk {in_words(node.tiers)}; {guard}")
    return lines + [f"{tiers}: {who}" for tiers, who in who_answers(node)]


def _plain(text: str) -> str:
    return _UNSAFE.sub(" ", text)
