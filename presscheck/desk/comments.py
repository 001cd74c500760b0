"""Comments beside a question: who may say, settle and take back which, and at which words each one stands now.

    saying = Saying(words="shorter", draft="V03", part="body", quote="wet hills")
    said = comment_on(tx, review, texts, saying, person=...)                    # its id, or Refused
    settle(tx, review, "C-...", person=..., resolved=True, decides=False)       # its author, or whoever may decide
    take_back(tx, review, "C-...", person=...)                                  # its author
    threads(tx, review, texts)["V03"]                                           # with their answers, by choice

Everybody who is signed in reads a question, and whoever reads may comment. No word of a comment decides anything: a
decision is read from its own event, and from nothing that is written here. Once a question is over, what stood open
beside it goes with the answer, so nothing is added or settled any more; taking back is always possible.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from presscheck.assets.reading import read_signable
from presscheck.assets.signable import Shown, Signable
from presscheck.cleaning import clean_text, shorten
from presscheck.desk.duties import WhoMay
from presscheck.desk.mentions import people_beside
from presscheck.desk.records import choices_of
from presscheck.documents.sentences import listed
from presscheck.errors import LedgerForged, LedgerGone
from presscheck.ledger import Event, Reader, Writer
from presscheck.ledger.assets import get_asset, parents_of
from presscheck.ledger.comments import (
    Comment,
    Place,
    add_comment,
    comments_of_run,
    erase_comment,
    settle_comment,
)
from presscheck.ledger.held import given_before
from presscheck.ledger.reviews import asked_in_place_of, decision_event
from presscheck.models import CommentAsked, Manifest, Refused, Review
from presscheck.people.rights import active_rights, person_name, rights_of

LONGEST = 2_000
"""Characters of a comment."""
MOST_OF_ONE, MOST = 100, 500
"""So many comments beside one question, of one person and of all."""
_MOST_READ = 30_000
"""Characters of comments that go along to whoever writes: each request to a model carries them."""
_MOST_ANSWERS, _LONGEST_ANSWER = 5, 300
_MOST_MENTIONS, _MOST_TURNS, _GENERATIONS = 10, 20, 20
_MENTION = re.compile(r"(?<![\w@])@(P-[A-Za-z0-9-]{1,40})")


@dataclass(frozen=True)
class Saying:
    """What somebody wants to say, and about what."""

    words: str
    draft: str = ""
    """The code or the digest of a choice; empty for the question as a whole."""
    part: str = ""
    """The name or the title of one of its parts; empty for the choice as a whole."""
    quote: str = ""
    """Words that stand in the part; empty for the whole part."""
    start: int | None = None
    """Where the passage begins, in code points; None to look for it."""
    answers: str = ""
    """The id of a comment that this one answers."""


@dataclass(frozen=True)
class Thread:
    """A comment with its answers, as it stands beside a choice."""

    number: int
    comment: Comment
    code: str
    part: str
    """The title of the part that it is about; empty for the whole."""
    field: str
    quote: str
    """The words that it was made about."""
    span: tuple[int, int] | None
    """Where they stand in the text that is shown; None for a whole, and where they are gone."""
    gone: bool
    """Whether they stand there no more."""
    answers: tuple[Comment, ...]


def texts_of(tx: Reader, review: Review, manifest: Manifest | None) -> dict[str, Signable]:
    """Every choice by its code, in the words that `manifest` signs where somebody has edited it."""
    texts = choices_of(tx, review)
    codes = {one.asset.digest: code for code, one in texts.items()}
    for digest in () if manifest is None else manifest.signed:
        asset = get_asset(tx, digest)
        if asset.parent in codes:
            texts[codes[asset.parent]] = read_signable(asset)
    return texts


def comment_on(
    tx: Writer, review: Review, texts: Mapping[str, Signable], saying: Saying, *, person: str, who: WhoMay | None = None
) -> str | Refused:
    """Keep a comment; its id comes back, or why it is not taken. `who` is whom the desk asks now."""
    if refused := _may_speak(tx, review, person):
        return refused
    # Line ends of a form count twice; what is far too long is not even cleaned.
    words = saying.words if len(saying.words) > 2 * LONGEST else clean_text(saying.words).strip()
    if not words:
        return Refused(code="no-words", reason="Write what you want to say; a comment has words.")
    if len(words) > LONGEST:
        return Refused(
            code="too-long", reason=f"The comment is {len(words):,} characters long; at most {LONGEST:,} are taken."
        )
    words = people_beside(tx, review, who).with_ids(words) if "@" in words else words
    if isinstance(words, Refused):
        return words
    mentions = mentioned(words)
    if fault := _nobody(tx, mentions):
        return fault
    there = comments_of_run(tx, review.question.run)
    here = [one for one in there if one.review == review.id]
    if len(here) >= MOST or sum(one.person == person for one in here) >= MOST_OF_ONE:
        whose = f"{MOST_OF_ONE} of yours" if len(here) < MOST else str(MOST)
        told = f"There are {whose} beside this question already, and that is the most. Say the rest to each other."
        return Refused(code="too-many", reason=told)
    place = _answered(tx, review, saying) if saying.answers else _place(texts, saying)
    if isinstance(place, Refused):
        return place
    same = (person, place, words, saying.answers)
    if any((one.person, one.place, one.words, one.answers) == same for one in there):
        return Refused(code="said-already", reason="You have said exactly this there already.")
    return add_comment(
        tx,
        review.id,
        run=review.question.run,
        place=place,
        words=words,
        person=person,
        mentions=mentions,
        answers=saying.answers,
    )


def settle(tx: Writer, review: Review, comment: str, *, person: str, resolved: bool, decides: bool) -> Refused | None:
    """Say that a comment is settled, or that it is not; `decides` is whether this person may answer the question."""
    if refused := _may_speak(tx, review, person):
        return refused
    one = _beginning(tx, review, comment)
    if isinstance(one, Refused):
        return one
    if one.person != person and not decides:
        told = "Only whoever made a comment, or may decide the question, says that it is settled."
        return Refused(code="no-right", reason=told)
    if one.taken_back or one.resolved == resolved:
        said = "was taken back" if one.taken_back else f"is {'settled' if resolved else 'open'} already"
        return Refused(code="already", reason=f"This comment {said}.")
    if one.turns >= _MOST_TURNS:
        told = f"It was settled and reopened {_MOST_TURNS} times; make a new comment, or talk to each other."
        return Refused(code="too-many", reason=told)
    settle_comment(tx, review.id, comment, person=person, run=review.question.run, resolved=resolved)
    return None


def take_back(tx: Writer, review: Review, comment: str, *, person: str) -> Refused | None:
    """Erase the words of one's own comment."""
    if isinstance(inactive := active_rights(tx, person), Refused):
        return inactive
    one = next((one for one in comments_of_run(tx, review.question.run) if one.id == comment), None)
    if one is None or one.person != person:
        told = "There is no such comment of yours here; only whoever made one takes it back."
        return Refused(code="no-right" if one else "no-comment", reason=told)
    if one.taken_back:
        return Refused(code="already", reason="This comment was taken back already.")
    erase_comment(tx, review.id, comment, person=person, run=review.question.run)
    return None


def threads(
    tx: Reader, review: Review, texts: Mapping[str, Signable], *, before: int | None = None
) -> dict[str, tuple[Thread, ...]]:
    """The comments beside a question by the codes of its choices, "" for those on the whole; numbered as they came.

    Comments of before are among them where they are about the same text, or about one that it came from or led to.
    `texts` are the choices as they are shown; `before` an event before which it all is to be as it stood.
    """
    every = comments_of_run(tx, review.question.run, before=before)
    if not every:
        return {}
    answers: dict[str, list[Comment]] = {}
    for one in every:
        answers.setdefault(one.answers, []).append(one)
    asked = _same_question(tx, review)
    beside = _Beside(tx, review)
    found: dict[str, list[Thread]] = {}
    number = 0
    for one in answers.pop("", []):
        code = ("" if one.review in asked else None) if not one.place.asset else beside.code_of(one.place.asset)
        if code is None:
            continue
        number += 1
        if one.taken_back and one.id not in answers:
            # Its number stays its own, so that those of the others do.
            continue
        found.setdefault(code, []).append(_thread(tx, number, one, code, texts.get(code), answers.get(one.id, [])))
    return {code: tuple(here) for code, here in found.items()}


def going_along(tx: Reader, review: Review, decision: Event) -> tuple[list[Thread], int]:
    """The comments that go along with a request for changes, and how many more were open than whoever writes reads.

    Those that were open when it was given. Of more than can be read each person's first come first, then each one's
    second: nobody crowds out the others.
    """
    turns: Counter[str] = Counter()
    every: list[tuple[int, Thread]] = []
    for one in open_threads(tx, review, before=given_before(tx, decision)):
        every.append((turns[one.comment.person], one))
        turns[one.comment.person] += 1
    along: list[Thread] = []
    left = _MOST_READ
    for _, one in sorted(every, key=lambda told: (told[0], told[1].number)):
        left -= len(one.comment.words or "") + len(one.quote) + sum(map(len, _last_answers(one)))
        if left < 0 and along:
            break
        along.append(one)
    return sorted(along, key=lambda one: one.number), len(every) - len(along)


def _last_answers(one: Thread) -> list[str]:
    said = [other.words for other in one.answers if other.words]
    return [shorten(words, _LONGEST_ANSWER) for words in said[-_MOST_ANSWERS:]]


def asked_with(tx: Reader, review: Review, decision: Event) -> tuple[CommentAsked, ...]:
    """The same as whoever writes the next round gets them."""
    return tuple(
        CommentAsked(
            comment=one.comment.id,
            code=one.code,
            part=one.part,
            quote=one.quote,
            words=_unnamed(one.comment.words or ""),
            answers=tuple(_unnamed(words) for words in _last_answers(one)),
        )
        for one in going_along(tx, review, decision)[0]
    )


def open_threads(tx: Reader, review: Review, *, before: int | None = None) -> list[Thread]:
    """Those that still ask for something, by number."""
    every = [one for here in threads(tx, review, {}, before=before).values() for one in here]
    return sorted((one for one in every if one.comment.is_open), key=lambda one: one.number)


def mentioned(words: str) -> tuple[str, ...]:
    """The ids of the people whom a comment mentions."""
    return tuple(dict.fromkeys(_MENTION.findall(words)))


def with_names(tx: Reader, words: str) -> str:
    """The words with people's names in place of their ids."""
    return _MENTION.sub(lambda found: f"@{person_name(tx, found[1])}", words)


def _unnamed(words: str) -> str:
    # Whom a colleague called is nobody's business who writes, least of all a machine's.
    return _MENTION.sub("@colleague", words)


def _may_speak(tx: Reader, review: Review, person: str) -> Refused | None:
    if isinstance(inactive := active_rights(tx, person), Refused):
        return inactive
    if decision_event(tx, review.id) is not None:
        told = "This question is over, and what stood beside it has gone with the answer."
        return Refused(code="over", reason=f"{told} Comment beside the next one.")
    return None


def _nobody(tx: Reader, mentions: Sequence[str]) -> Refused | None:
    """Why these people cannot be mentioned: only whoever may read this hears of it."""
    if len(mentions) > _MOST_MENTIONS:
        return Refused(code="too-many", reason=f"At most {_MOST_MENTIONS} people are mentioned in one comment.")
    unknown = [one for one in mentions if (rights := rights_of(tx, one)) is None or not rights.active]
    if not unknown:
        return None
    told = f"There is nobody here with the id {listed([f'@{one}' for one in unknown], 'or')}"
    return Refused(code="bad-mention", reason=f"{told}; whom you can mention stands beside the question.")


def _beginning(tx: Reader, review: Review, comment: str) -> Comment | Refused:
    """A comment that begins a thread beside this question."""
    shown = [one for here in threads(tx, review, {}).values() for one in here]
    found = next((one.comment for one in shown if one.comment.id == comment), None)
    return found or Refused(code="no-comment", reason="There is no such comment beside this question.")


def _answered(tx: Reader, review: Review, saying: Saying) -> Place | Refused:
    one = _beginning(tx, review, saying.answers)
    return one if isinstance(one, Refused) else one.place


def _place(texts: Mapping[str, Signable], saying: Saying) -> Place | Refused:
    """What a comment is about, found in the texts that are asked about."""
    if not saying.draft:
        if saying.part or saying.quote:
            return Refused(code="bad-place", reason="Say which draft the words stand in.")
        return Place()
    wanted = saying.draft
    text = texts.get(wanted) or next((one for one in texts.values() if one.asset.digest == wanted), None)
    if text is None:
        return Refused(code="bad-place", reason="That is none of the texts that this question is about.")
    if not saying.part and not saying.quote:
        return Place(text.asset.digest)
    parts = [text.part(saying.part)] if saying.part else list(text.parts)
    known = [part for part in parts if part is not None]
    if not known:
        return Refused(code="bad-place", reason=f"It has no part “{saying.part[:40]}”.")
    if not saying.quote:
        return Place(text.asset.digest, known[0].name)
    return _passage(text.asset.digest, known, saying)


def _passage(digest: str, parts: Sequence[Shown], saying: Saying) -> Place | Refused:
    found = [(part, span) for part in parts for span in _spans(part.text, saying.quote)]
    if saying.start is not None:
        found = [(part, span) for part, span in found if span[0] == saying.start]
    where = f"the {parts[0].title}" if len(parts) == 1 else "it"
    if not found:
        told = f"These words do not stand in {where}: copy them from there, or leave them out for the whole part."
        return Refused(code="bad-place", reason=told)
    if len(found) > 1:
        told = f"These words stand in {where} {len(found)} times: copy some more of those around them."
        return Refused(code="bad-place", reason=told)
    [(part, span)] = found
    return Place(digest, part.name, span)


def _spans(text: str, quote: str) -> list[tuple[int, int]]:
    """Where words stand in a text, whatever white space a browser made of that between them."""
    words = clean_text(quote[: LONGEST * 4]).split()
    pattern = r"\s+".join(map(re.escape, words))
    return [found.span() for found in re.finditer(pattern, text)] if words else []


def _thread(
    tx: Reader, number: int, one: Comment, code: str, text: Signable | None, answers: Sequence[Comment]
) -> Thread:
    place = one.place
    made_on = _part_of(tx, place)
    title = "" if made_on is None else made_on.title
    quote = "" if made_on is None or place.span is None else made_on.text[slice(*place.span)]
    span, gone = place.span, False
    if text is not None and text.asset.digest != place.asset and place.field:
        now = text.part(place.field)
        there = [] if now is None or not quote else [found.span() for found in re.finditer(re.escape(quote), now.text)]
        start = 0 if place.span is None else place.span[0]
        # Of several the one nearest to where it stood.
        span = min(there, key=lambda at: abs(at[0] - start), default=None)
        gone = now is None or (bool(quote) and span is None)
    return Thread(number, one, code, title, place.field, quote, span, gone, tuple(answers))


def _part_of(tx: Reader, place: Place) -> Shown | None:
    if not place.field:
        return None
    try:
        return read_signable(get_asset(tx, place.asset)).part(place.field)
    except (LedgerForged, LedgerGone):
        # The proof says beside it that this text cannot be shown.
        return None


def _same_question(tx: Reader, review: Review) -> set[str]:
    """This review, and those in whose place it was asked because policies changed."""
    found: set[str] = {review.id}
    one: Review | None = review
    while one is not None:
        found.add(one.id)
        one = asked_in_place_of(tx, one)
    return found


class _Beside:
    """Beside which choice of a question a comment stands that was made on some asset."""

    def __init__(self, tx: Reader, review: Review) -> None:
        self._tx = tx
        self._run = review.question.run
        self._codes = {one.asset: one.code for one in review.question.proposals}
        self._came_from: dict[str, str] | None = None

    def code_of(self, asset: str) -> str | None:
        """That of the same text, of one that it was edited from, or of one that came from it; None for none."""
        if asset in self._codes:
            return self._codes[asset]
        for earlier in self._ancestors(asset):
            if earlier in self._codes:
                return self._codes[earlier]
        if self._came_from is None:
            self._came_from = {
                earlier: code for digest, code in self._codes.items() for earlier in self._ancestors(digest)
            }
        return self._came_from.get(asset)

    def _ancestors(self, asset: str) -> Iterator[str]:
        seen, level = {asset}, [asset]
        for _ in range(_GENERATIONS):
            level = [one for at in level for one in parents_of(self._tx, at, run=self._run) if one not in seen]
            seen.update(level)
            yield from level
