"""What a form's description says beside its question: what was stopped, what is approved, what the checks found.

    lines = form_lines(tx, review, situation, signed, asked_before)     # Markdown, one block each

Every word of a brief, a feed or a model stays text in it. It is a box of some lines, so the gravest comes first, much
is cut short and counted, and the proof has the whole.
"""

from collections.abc import Iterator, Mapping, Sequence

from presscheck.assets.signable import Signable
from presscheck.cleaning import markdown_text, shorten
from presscheck.desk.answers import findings_in
from presscheck.desk.beside import told_beside
from presscheck.desk.briefing import brief_told
from presscheck.desk.likenesses import too_like_in
from presscheck.desk.makers import GRAVITY
from presscheck.desk.situation import Situation
from presscheck.desk.stops import stops_over
from presscheck.desk.voices import moment
from presscheck.desk.weakened import weakened_here, weakened_line
from presscheck.ledger import Reader
from presscheck.models import Allowance, Finding, Refused, Review

_MOST = 12
_MOST_WORDS = 3
_LONG = 160


def form_lines(
    tx: Reader,
    review: Review,
    situation: Situation | Refused,
    signed: Mapping[str, Signable],
    asked_before: Sequence[str],
) -> tuple[str, ...]:
    """The blocks; `signed` are the texts that others have picked, as edited, by their codes; none before that.

    `asked_before` has sentences on what the round before asked for.

    Whoever picks among fifty drafts reads on the proof what was found in each.
    """
    stopped = [f"**{markdown_text(stop.words)}** {markdown_text(stop.means)}" for stop in stops_over(tx, review)]
    before = [markdown_text(shorten(line, 300)) for line in asked_before]
    if isinstance(situation, Refused):
        return (*stopped, *before)
    # One block of running text: a line for each would push the fields of the form out of sight.
    whose = "You approve beside the words" if review.question.asks == "approval" else "You write for this brief"
    beside = [markdown_text(line) for line in told_beside(tx, review.question)]
    blocks = [*stopped, *beside, f"{whose}: {' · '.join(_facts(situation))}"]
    found = [_finding(code, one) for code, one in _found(tx, situation, signed)]
    if found:
        blocks.append(_listed("What the checks found in these texts", found, most=_MOST))
    passed = [_let_pass(code, one) for code, one in _passed(tx, situation, signed)]
    if passed:
        blocks.append(_listed("What they let pass", passed, most=_MOST))
    if weaker := weakened_line(weakened_here(situation.policies, review.question, situation.brief)):
        blocks.append(f"{markdown_text(weaker)} The proof says how.")
    return (*blocks, *before)


def _facts(situation: Situation) -> Iterator[str]:
    for told in brief_told(situation.brief, situation.product):
        more = f"; and {len(told.words) - _MOST_WORDS} more" if len(told.words) > _MOST_WORDS else ""
        words = "; ".join(markdown_text(shorten(one, _LONG)) for one in told.words[:_MOST_WORDS])
        yield f"**{told.title}** {words}{more}"


def _found(tx: Reader, situation: Situation, signed: Mapping[str, Signable]) -> list[tuple[str, Finding]]:
    day = moment(tx).date()
    found = [(code, finding) for code, one in signed.items() for finding in findings_in(one, situation, day)]
    found += [(code, finding) for code, some in too_like_in(tx, situation, signed).items() for finding in some]
    return sorted(found, key=lambda one: -GRAVITY.index(one[1].level))


def _passed(tx: Reader, situation: Situation, signed: Mapping[str, Signable]) -> Iterator[tuple[str, Allowance]]:
    look = situation.look(moment(tx).date())
    for code, one in signed.items():
        # Nothing is told as checked that cannot be approved either; the desk says why.
        if one.fault(situation.pictures) is None:
            yield from ((code, allowance) for allowance in one.allowances(look))


def _finding(code: str, one: Finding) -> str:
    words = f" “{markdown_text(shorten(one.text, 80))}”" if one.text else ""
    said = markdown_text(shorten(f"{one.message} {one.suggestion}", _LONG))
    return f"{code} **{one.level}**{words} {said} ({markdown_text(one.rule)})"


def _let_pass(code: str, one: Allowance) -> str:
    text, words = markdown_text(shorten(one.text, 80)), markdown_text(shorten(one.words, 120))
    return f"{code} “{text}”, by the {markdown_text(one.by)} “{words}” ({markdown_text(one.rule)})"


def _listed(title: str, lines: Sequence[str], *, most: int | None = None) -> str:
    shown = lines[:most]
    more = [f"and {len(lines) - len(shown)} more, on the proof"] if len(lines) > len(shown) else []
    return "\n".join([f"**{title}:**", "", *(f"- {line}" for line in (*shown, *more))])
