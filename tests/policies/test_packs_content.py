"""What the shipped rules must have beyond what their schema and their own cases can say."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from policies import PolicySet
from policies.engine.guardrail import Guardrail
from policies.engine.rule_kinds import Claims, Phrases, Signals
from policies.engine.style_kinds import LanguageOfText
from presscheck.world.languages import likely_language

PACKS = Path(__file__).parents[2] / "policies" / "packs"
FAMILIES = {
    "abuse", "brand", "claims", "disclosure", "format", "inclusive", "injection", "pii", "pressure", "privacy",
    "safety", "style", "voice",
}  # fmt: skip
LAWS = ("us-law", "eu-law", "uk-law", "de-law")
SEVEN = {"en", "de", "fr", "es", "it", "nl", "pt"}


def rules_of(pack: str, shipped: PolicySet) -> Iterator[Guardrail]:
    names = {path.stem for path in (PACKS / pack).glob("*.yaml")} - {"pack"}
    places = {rule.id.partition(".")[2]: rule for rule in shipped.guardrails}
    return (places[name] for name in sorted(names))


def terms_of(rule: Guardrail) -> Iterator[str]:
    for match in rule.match:
        if isinstance(match, Phrases):
            yield from (*match.phrases, *match.replace)
        elif isinstance(match, Claims):
            yield from match.words
        elif isinstance(match, Signals):
            for signal in match.signals:
                yield from signal.phrases


def test_every_rule_belongs_to_a_known_family(shipped: PolicySet) -> None:
    unknown = {rule.id for rule in shipped.guardrails if rule.id.partition(".")[0] not in FAMILIES}

    assert unknown == set()


def test_there_are_rules_and_terms_enough_to_speak_of_a_set(shipped: PolicySet) -> None:
    terms = {term.casefold() for rule in shipped.guardrails for term in terms_of(rule)}

    assert len(shipped.guardrails) >= 150
    assert len(terms) >= 3_000


def test_every_language_that_a_rule_names_has_a_text_that_fires_and_one_that_does_not(shipped: PolicySet) -> None:
    # English cases are often too short to be told from other languages, and every rule has some.
    lacking = [
        (rule.id, language, fires)
        for rule in shipped.guardrails
        if rule.languages != "all" and not any(isinstance(match, LanguageOfText) for match in rule.match)
        for language in rule.languages
        if language != "en"
        for fires in (True, False)
        if not any(case.fires == fires and likely_language(case.text) == language for case in rule.cases)
    ]

    assert lacking == []


@pytest.mark.parametrize("family", ["pressure", "claims", "abuse", "injection"])
def test_what_law_and_safety_ask_for_is_read_in_seven_languages(family: str, shipped: PolicySet) -> None:
    known = [set(rule.languages) for rule in shipped.guardrails if rule.id.startswith(f"{family}.")]

    assert any(known_of_one >= SEVEN for known_of_one in known)


@pytest.mark.parametrize("pack", LAWS)
def test_a_legal_rule_names_an_act_or_a_decision(pack: str, shipped: PolicySet) -> None:
    cited = re.compile(r"\d|CAP Code|Code|UWG|HWG|FTC")

    unnamed = [rule.id for rule in rules_of(pack, shipped) if not cited.search(rule.source.name)]

    assert unnamed == []


@pytest.mark.parametrize("pack", LAWS)
def test_a_law_that_is_not_yet_in_force_has_a_case_before_and_one_after(pack: str, shipped: PolicySet) -> None:
    days = {rule.id: {case.given.on for case in rule.cases if case.given} for rule in rules_of(pack, shipped)}
    starts = {rule.id: rule.starts for rule in rules_of(pack, shipped) if rule.starts and rule.starts.year >= 2026}

    unproved = [
        id_ for id_, start in starts.items() if not (min(days[id_]) < start and any(day >= start for day in days[id_]))
    ]

    assert unproved == []


def test_a_rule_of_one_country_holds_there_only(shipped: PolicySet) -> None:
    expected = {"uk-law": ("GB",), "de-law": ("DE",)}

    elsewhere = [
        rule.id
        for pack, markets in expected.items()
        for rule in rules_of(pack, shipped)
        if rule.scope.markets != markets
    ]

    assert elsewhere == []


def test_a_message_says_what_to_write_in_a_sentence(shipped: PolicySet) -> None:
    cut = [
        rule.id
        for rule in shipped.guardrails
        if not rule.message.rstrip().endswith((".", "!", "?"))
        or not rule.suggestion.rstrip().endswith((".", "!", "?", '"', ")"))
    ]

    assert cut == []


def test_no_two_rules_say_the_same_of_themselves(shipped: PolicySet) -> None:
    twice = [title for title, count in Counter(rule.title for rule in shipped.guardrails).items() if count > 2]

    assert twice == []


def test_only_what_could_hurt_is_blocked_without_a_brief(shipped: PolicySet) -> None:
    held = ("claims.", "pressure.")

    blocked = {
        rule.id
        for rule in shipped.guardrails
        if rule.id.startswith(held) and (rule.without_brief or rule.level) == "block"
    }

    assert blocked == set()
