"""Writes variants from a phrase grammar: seeded, offline, and from the brief's facts alone.

It is not a language model and says so. The same brief, product, prompt, seed, round and note give
the same texts on every machine. It knows no clock, no network and no files.
"""

import hashlib
import random
from collections.abc import Sequence

from pydantic import ValidationError

from presscheck.cleaning import clean_line, clean_text
from presscheck.digests import canonical
from presscheck.documents.sentences import in_one_sentence
from presscheck.errors import ProviderError
from presscheck.models import Author, Brief, CommentAsked, Copy, Product, Prompt, Variant
from presscheck.providers._compose import Draft, compose
from presscheck.providers._diversity import likeness, worth_less_likeness
from presscheck.providers._grammar import Deck
from presscheck.providers._material import material
from presscheck.providers._notes import read_wishes
from presscheck.providers._speaker import Speaker
from presscheck.providers.phrases import ANGLES, voice
from presscheck.providers.repairs import Faulty
from presscheck.world.languages import language_name, likely_language
from presscheck.world.likeness import bare

GRAMMAR_VERSION = "1"
"""Raised when the banks or the grammar change, because the same seed then writes other texts."""
MODEL = f"phrase-grammar/{GRAMMAR_VERSION}"
"""What its assets name as the model, and what a usage policy approves as offline/phrase-grammar/1."""
_MOST = 200
_CANDIDATES = 4
_TRIES = 12
_LONGEST = 20_000
"""What `models.Copy` takes as a body."""


class OfflineCopywriter:
    """A phrase grammar that answers to the `Copywriter` protocol."""

    name = "offline"

    def describe(self) -> str:
        """What it is, in words for the person who reads its texts."""
        return (
            f"a phrase grammar, not a language model (version {GRAMMAR_VERSION}): it arranges the brief's own facts "
            "in prepared English sentences and knows nothing else"
        )

    def write(
        self,
        brief: Brief,
        product: Product | None,
        *,
        prompt: Prompt,
        count: int,
        seed: int,
        round: int = 1,
        note: str = "",
        comments: Sequence[CommentAsked] = (),
    ) -> list[Variant]:
        """`count` different variants, from 1 to 200; ProviderError where the phrases do not suffice."""
        return self._write(brief, product, prompt, count, seed, round, note, comments)

    def rewrite(
        self,
        brief: Brief,
        product: Product | None,
        faulty: Sequence[Faulty],
        *,
        prompt: Prompt,
        seed: int,
        round: int = 1,
        note: str = "",
        comments: Sequence[CommentAsked] = (),
    ) -> list[Variant | None]:
        """Another text for each, without the words that were found in any of them."""
        avoid = tuple(dict.fromkeys(word for one in faulty for word in one.words))
        try:
            return [*self._write(brief, product, prompt, len(faulty), seed, round, note, comments, avoid)]
        except ProviderError:
            # Its phrases do not suffice without these words, and the drafts stay as they are.
            return [None] * len(faulty)

    def _write(
        self,
        brief: Brief,
        product: Product | None,
        prompt: Prompt,
        count: int,
        seed: int,
        round: int,
        note: str,
        comments: Sequence[CommentAsked],
        avoid: tuple[str, ...] = (),
    ) -> list[Variant]:
        if not 1 <= count <= _MOST:
            raise ProviderError(f"offline copywriter: asked for {count} variants; ask for 1 to {_MOST}")
        if round < 1:
            raise ProviderError(f"offline copywriter: round {round}; rounds count from 1")
        if cannot := _not_english(brief):
            raise ProviderError(f"offline copywriter: {cannot}")
        wishes = read_wishes([note, *(one.words for one in comments)], brief, product)
        apart = (*avoid, *(one.words for one in comments))
        # Repeatable on purpose.
        dice = random.Random(_seed(brief, product, prompt, seed, round, note, apart))  # noqa: S311
        avoid = (*wishes.avoid, *avoid)
        deck = Deck(dice)
        speaker = Speaker(
            channel=brief.channel,
            voice=voice(wishes.tone or brief.tone),
            facts=material(brief, product, avoid=avoid, wanted=wishes.mention),
            deck=deck,
            avoid=avoid,
            length=wishes.length,
        )
        author = Author.machine("offline", MODEL, prompt.id, prompt.version)
        try:
            return [
                Variant(copy=_copy(brief, draft), angle=draft.angle, author=author)
                for draft in _different_drafts(speaker, brief, count)
            ]
        except ValidationError as error:
            told = in_one_sentence(Copy, error)
            raise ProviderError(
                f"offline copywriter: what brief {brief.id!r} says makes a text that may not go out: {told}"
            ) from error


def _copy(brief: Brief, draft: Draft) -> Copy:
    return Copy(
        channel=brief.channel,
        subject=clean_line(draft.subject),
        preheader=clean_line(draft.preheader),
        body=clean_text(draft.body.text).strip(),
        call_to_action=brief.call_to_action,
    )


def _not_english(brief: Brief) -> str:
    """Why prepared English sentences around these facts would be no text of the brief's language; empty where not."""
    if brief.language is not None and brief.language.partition("-")[0] != "en":
        said = f"the brief's language is {language_name(brief.language)}, and its sentences are English"
        return f'{said}; let a model write (copywriter = "model" in presscheck.toml), or write the brief in English'
    facts = [brief.offer, *(point.text for point in brief.key_points), *(claim.text for claim in brief.claims)]
    likely = likely_language(" ".join(facts))
    if brief.language is None and likely not in (None, "en"):
        return (
            f"the brief's facts read as {language_name(str(likely))}, and its sentences are English; name the brief's "
            f"language (language: {likely}) and let a model write, or write the facts in English"
        )
    return ""


def _different_drafts(speaker: Speaker, brief: Brief, count: int) -> list[Draft]:
    """`count` drafts, each chosen from several for being unlike those before it."""
    drafts: list[Draft] = []
    taken_subjects: set[str] = set()
    taken_bodies: set[str] = set()
    own: list[str] = []
    angles = speaker.deck.shuffled(ANGLES)
    # Four candidates for a text keep fifty variants within half a second; more gain little.
    while len(drafts) < count:
        angle = angles[len(drafts) % len(angles)]
        candidates: list[tuple[float, Draft, str]] = []
        for attempt in range(_TRIES):
            stretch = attempt >= _TRIES // 2 and not candidates
            draft = compose(speaker, angle, frozenset(taken_subjects), stretch=stretch)
            if draft.body.text in taken_bodies:
                continue
            words = bare(draft.body.own)
            mean, greatest = likeness(words, own)
            candidates.append((worth_less_likeness(_worth(draft, speaker), mean, greatest), draft, words))
            if len(candidates) == _CANDIDATES:
                break
        if not candidates:
            raise ProviderError(
                f"offline copywriter: brief {brief.id!r} gives {len(drafts)} different texts for {brief.channel}, "
                f"not {count}; ask for fewer, or give the brief more key points"
            )
        _, draft, words = max(candidates, key=lambda candidate: candidate[0])
        if len(draft.body.text) > _LONGEST:
            raise ProviderError(
                f"offline copywriter: brief {brief.id!r} fills {len(draft.body.text):,} characters, and a text may "
                f"have {_LONGEST:,}; require fewer or shorter facts, or ask for fewer points in the note"
            )
        drafts.append(draft)
        own.append(words)
        taken_subjects.add(draft.subject.casefold())
        taken_bodies.add(draft.body.text)
        speaker.deck.keep(draft.used)
    return drafts


def _worth(draft: Draft, speaker: Speaker) -> float:
    """From 0 to 100: how much of what the brief would like to say the text says."""
    wishes = [*speaker.facts.optional, *speaker.facts.claims, *speaker.facts.keywords]
    if not wishes:
        return 50.0
    return 100.0 * sum(wish in draft.body.text or wish in draft.subject for wish in wishes) / len(wishes)


def _seed(
    brief: Brief,
    product: Product | None,
    prompt: Prompt,
    seed: int,
    round: int,
    note: str,
    found: tuple[str, ...] = (),
) -> int:
    """One number for everything that the texts depend on, so that another round or note writes anew."""
    about = product.model_dump(mode="json") if product else None
    key = [brief.model_dump(mode="json"), about, prompt.id, prompt.version, seed, round, note, GRAMMAR_VERSION, *found]
    return int.from_bytes(hashlib.sha256(canonical(key)).digest(), "big")
