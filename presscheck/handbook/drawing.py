"""Draws a campaign's chart as SVG: steps from top to bottom, ways back on the left, ways out on the right.

The picture carries no style of its own; `handbook.css` gives the colours, so that it follows light, dark
and print. Every text in it is escaped.
"""

from dataclasses import dataclass
from html import escape
from textwrap import wrap

from presscheck.cleaning import clean_line
from presscheck.handbook.chart import FlowChart, FlowEdge, FlowNode, in_words, rounds_in_words, who_answers

_WIDE = 360
_LINE = 18
_PAD = 12
_GAP = 44
_BETWEEN = 40
_LANE = 26
_LETTERS = 50
_LABEL = 168


@dataclass
class _Box:
    node: FlowNode
    lines: list[tuple[str, str]]
    rank: int = 0
    x: float = 0
    y: float = 0

    @property
    def high(self) -> int:
        return len(self.lines) * _LINE + 2 * _PAD - 4

    @property
    def middle(self) -> float:
        return self.y + self.high / 2


def draw(chart: FlowChart) -> str:
    """An `<svg>` element; nothing where there is nothing to draw."""
    if not chart.nodes:
        return ""
    boxes = {node.key: _Box(node, _lines(node)) for node in chart.nodes}
    order = {node.key: at for at, node in enumerate(chart.nodes)}
    ahead = [edge for edge in chart.edges if order[edge.target] > order[edge.source]]
    back = [edge for edge in chart.edges if order[edge.target] <= order[edge.source]]
    _rank(boxes, ahead)
    straight = [edge for edge in ahead if boxes[edge.target].rank == boxes[edge.source].rank + 1]
    straight = [edge for edge in straight if boxes[edge.target].node.kind != "unsent"]
    # The lowest takes the innermost lane, so that no way out crosses another.
    around = sorted((edge for edge in ahead if edge not in straight), key=lambda edge: -boxes[edge.source].rank)
    left = (len(back) * _LANE + _LABEL) if back else 16
    widest = _place(boxes, left)
    right = left + widest
    parts = [_down(boxes, edge) for edge in straight]
    parts += [_back(boxes, edge, left, lane, len(back)) for lane, edge in enumerate(back, start=1)]
    parts += [_around(boxes, edge, right, lane, len(around)) for lane, edge in enumerate(around, start=1)]
    parts += [_drawn(box) for box in boxes.values()]
    wide = right + ((len(around) * _LANE + _LABEL) if around else 16)
    high = max(box.y + box.high for box in boxes.values()) + 12
    head = (
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" '
        'orient="auto-start-reverse"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>'
    )
    label = escape(clean_line(f"The workflow of {chart.flow}"), quote=True)
    return (
        f'<svg class="chart" viewBox="0 0 {wide:.0f} {high:.0f}" width="{wide:.0f}" role="img" aria-label="{label}">'
        f"{head}{''.join(parts)}</svg>"
    )


def _lines(node: FlowNode) -> list[tuple[str, str]]:
    """What stands in a box: class and text of each line."""
    rounds = rounds_in_words(node.rounds)
    title = f"{node.title}, {rounds}" if rounds else node.title
    found = [("name", line) for line in wrap(title, _LETTERS - 8) or [""]]
    if node.effects:
        found.append(("plain", f"{' and '.join(node.effects)} · risk {in_words(node.tiers)}"))
        said = f"guarded by {', '.join(node.guarded_by)}" if node.guarded_by else "no gate guards it"
        found += [("plain" if node.guarded_by else "fault", line) for line in wrap(said, _LETTERS)]
    for tiers, who in who_answers(node):
        found += [("plain", line) for line in wrap(f"{tiers}: {who}", _LETTERS, subsequent_indent="   ")]
    return found


def _rank(boxes: dict[str, _Box], ahead: list[FlowEdge]) -> None:
    """Each box one below the lowest that leads to it. Edges lead on in the order of the nodes, so once is enough."""
    for key, box in boxes.items():
        above = [boxes[edge.source].rank for edge in ahead if edge.target == key]
        box.rank = max(above, default=-1) + 1
    lowest = max(box.rank for box in boxes.values())
    for box in boxes.values():
        if box.node.kind == "unsent":
            box.rank = lowest + 1


def _place(boxes: dict[str, _Box], left: float) -> float:
    rows: dict[int, list[_Box]] = {}
    for box in boxes.values():
        rows.setdefault(box.rank, []).append(box)
    widest = max(len(row) for row in rows.values()) * (_WIDE + _BETWEEN) - _BETWEEN
    y = 12.0
    for rank in sorted(rows):
        row = rows[rank]
        x = left + (widest - len(row) * (_WIDE + _BETWEEN) + _BETWEEN) / 2
        for box in row:
            box.x, box.y = x, y
            x += _WIDE + _BETWEEN
        y += max(box.high for box in row) + _GAP
    return widest


def _drawn(box: _Box) -> str:
    tier = box.node.tiers[-1] if box.node.tiers else "none"
    unguarded = " bare" if box.node.effects and not box.node.guarded_by else ""
    curve = {"gate": 4, "step": 8, "delivery": 8}.get(box.node.kind, 22)
    texts = "".join(
        f'<text class="{kind}" x="{box.x + 20:.0f}" y="{box.y + _PAD + 10 + at * _LINE:.0f}">{_text(text)}</text>'
        for at, (kind, text) in enumerate(box.lines)
    )
    bar = ""
    if box.node.effects or box.node.kind == "gate":
        bar = f'<rect class="bar {tier}" x="{box.x:.0f}" y="{box.y:.0f}" width="8" height="{box.high}" rx="3"/>'
    return (
        f'<g class="box {box.node.kind}{unguarded}"><rect x="{box.x:.0f}" y="{box.y:.0f}" width="{_WIDE}" '
        f'height="{box.high}" rx="{curve}"/>{bar}{texts}</g>'
    )


def _down(boxes: dict[str, _Box], edge: FlowEdge) -> str:
    source, target = boxes[edge.source], boxes[edge.target]
    x1, y1 = source.x + _WIDE / 2, source.y + source.high
    x2, y2 = target.x + _WIDE / 2, target.y
    half = (y1 + y2) / 2
    path = f"M{x1:.0f} {y1:.0f}V{half:.0f}H{x2:.0f}V{y2:.0f}" if x1 != x2 else f"M{x1:.0f} {y1:.0f}V{y2:.0f}"
    return _line(path, edge) + _label(edge, min(x1, x2) + abs(x1 - x2) / 2 + 8, half + 4, "start")


def _back(boxes: dict[str, _Box], edge: FlowEdge, left: float, lane: int, lanes: int) -> str:
    source, target = boxes[edge.source], boxes[edge.target]
    x, y1, y2 = left - lane * _LANE, source.middle, target.middle
    if edge.source == edge.target:
        y1, y2 = source.y + source.high - 10, source.y + 10
    path = f"M{source.x:.0f} {y1:.0f}H{x:.0f}V{y2:.0f}H{target.x:.0f}"
    return _line(path, edge) + _label(edge, left - lanes * _LANE - 6, (y1 + y2) / 2, "end")


def _around(boxes: dict[str, _Box], edge: FlowEdge, right: float, lane: int, lanes: int) -> str:
    source, target = boxes[edge.source], boxes[edge.target]
    x, y1, y2 = right + lane * _LANE, source.middle, target.middle
    path = f"M{source.x + _WIDE:.0f} {y1:.0f}H{x:.0f}V{y2:.0f}H{target.x + _WIDE:.0f}"
    return _line(path, edge) + _label(edge, right + lanes * _LANE + 6, y1 + 4, "start")


def _line(path: str, edge: FlowEdge) -> str:
    kind = "yes" if "approved" in edge.answers else "way"
    return f'<path class="{kind}" d="{path}" marker-end="url(#tip)"/>'


def _label(edge: FlowEdge, x: float, y: float, anchor: str) -> str:
    if not edge.answers:
        return ""
    lines = [line for answer in edge.answers for line in wrap(answer, 22)]
    top = y - (len(lines) - 1) * 8
    return "".join(
        f'<text class="label" text-anchor="{anchor}" x="{x:.0f}" y="{top + at * 16:.0f}">{_text(line)}</text>'
        for at, line in enumerate(lines)
    )


def _text(words: str) -> str:
    return escape(clean_line(words))
