"""Each kind of rule finds what its data says, and is silent where the brief lets it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from policies import PolicySet, check_texts, load_policies
from policies.engine.guardrail import Guardrail, GuardrailCase
from policies.engine.verdicts import fires_on

WHOLE: dict[str, Any] = {
    "id": "brand.mine",
    "kind": "guardrail",
    "title": "Mine",
    "why": "It is.",
    "source": {"name": "Ourselves", "date": date(2026, 1, 1)},
    "owner": "brand",
    "scope": {"channels": "all", "markets": "all", "kinds": ["copy"]},
    "level": "block",
    "message": "It is said.",
    "suggestion": "Say another thing.",
    "cases": [{"text": "a", "fires": True}, {"text": "b", "fires": False}],
}


def rule(*match: dict[str, Any], **more: Any) -> Guardrail:
    return Guardrail.model_validate({**WHOLE, "match": list(match), **more})


def fires(one: Guardrail, text: str, *, among: Sequence[str] = (), **given: Any) -> bool:
    said = {"text": text, "fires": True, "among": list(among), **({"given": given} if given else {})}
    case = GuardrailCase.model_validate(said)
    (found,) = fires_on(one, [case])
    return found


def found(one: Guardrail, text: str) -> list[tuple[str, str]]:
    """The words that are marked, and what is suggested instead."""
    (findings,) = check_texts([text], policies=PolicySet((one,), ()))
    return [(finding.text, finding.suggestion) for finding in findings]


def test_a_phrase_with_a_replacement_says_what_to_write() -> None:
    one = rule({"kind": "phrases", "replace": {"utilize": "use", "in order to": "to"}})

    assert found(one, "Utilize it in order to win.") == [
        ("Utilize", "Write “use” instead."),
        ("in order to", "Write “to” instead."),
    ]


def test_an_empty_replacement_says_to_leave_it_out() -> None:
    assert found(rule({"kind": "phrases", "replace": {"very": ""}}), "Very good.") == [("Very", "Leave it out.")]


def test_nothing_is_found_within_an_exception() -> None:
    one = rule({"kind": "phrases", "phrases": ["free"], "exceptions": ["feel free", "lead free"]})

    assert not fires(one, "Feel free to ask. It is lead free.")
    assert fires(one, "Feel free: it is free.")


def test_capitals_count_where_the_rule_says_so() -> None:
    one = rule({"kind": "phrases", "phrases": ["US"], "case": True})

    assert fires(one, "Made in the US.")
    assert not fires(one, "It is for us.")


def test_of_a_pattern_only_the_group_called_it_is_marked() -> None:
    one = rule({"kind": "patterns", "patterns": [r"(?:\A|\s)(?P<it>foo)(?:\s|\z)"]})

    assert found(one, "a foo b") == [("foo", "Say another thing.")]


def test_a_patterns_groups_stand_in_its_replacement() -> None:
    one = rule({"kind": "patterns", "replace": {r"(\d+) ?percent": r"\1%"}})

    assert found(one, "20 percent off") == [("20 percent", "Write “20%” instead.")]


def test_signs_fire_together_and_not_alone() -> None:
    signals = [{"phrases": ["pretend"]}, {"phrases": ["no rules"]}, {"weight": 2, "patterns": [r"\bjailbreak\b"]}]
    one = rule({"kind": "signals", "signals": signals, "at_least": 2})

    assert not fires(one, "Pretend it is spring. Pretend it is summer.")
    assert fires(one, "Pretend that there are no rules.")
    assert fires(one, "jailbreak")


def test_signs_that_stand_far_apart_do_not_count_together() -> None:
    one = rule({"kind": "signals", "signals": [{"phrases": ["one"]}, {"phrases": ["two"]}], "at_least": 2, "near": 20})

    assert fires(one, "one and two")
    assert not fires(one, "one " + "and " * 20 + "two")


def test_a_claim_is_silent_where_a_live_claim_of_the_brief_says_the_same() -> None:
    one = rule({"kind": "claims", "words": ["lightest"], "exceptions": ["lightest touch"]})
    claim = {"text": "The lightest tent in our range"}

    assert fires(one, "The lightest tent in the world.", claims=[claim])
    assert not fires(one, "This tent is the lightest in our range.", claims=[claim])
    assert fires(one, "This tent is the lightest in our range.", claims=[{**claim, "expires": date(2025, 1, 1)}])
    assert not fires(one, "With the lightest touch.")


def test_a_disclosure_must_stand_near_the_top() -> None:
    one = rule(
        {"kind": "disclosure", "when_phrases": ["my partner"], "say_one_of": ["#ad", "paid partnership"], "within": 40}
    )

    assert fires(one, "I love what my partner sent me.")
    assert not fires(one, "Paid partnership: I love what my partner sent me.")
    assert fires(one, "I love what my partner sent me, and here is much more. #ad")
    assert not fires(one, "I love it.")


def test_a_required_text_is_missed() -> None:
    one = rule({"kind": "required", "say_one_of": ["terms apply"]})

    assert fires(one, "20% off.")
    assert not fires(one, "20% off. Terms apply.")
    assert not fires(one, "")


@pytest.mark.parametrize(
    ("match", "bad", "good"),
    [
        ({"links": "not-https"}, "http://shop.example/", "https://shop.example/"),
        ({"links": "among", "hosts": ["bit.ly"]}, "See bit.ly/3x", "See shop.example/3x"),
        ({"links": "outside", "hosts": ["shop.example"]}, "See evil.example", "See www.shop.example/a"),
        ({"links": "look-alike", "hosts": ["brand.example"]}, "See brand.example.evil.net", "See brand.example/a"),
        ({"links": "look-alike", "hosts": ["brand.example"]}, "See brаnd.example", "See other.example"),
        ({"links": "look-alike", "hosts": ["presscheck.org"]}, "See prescheck.org", "See shop.presscheck.org"),
        ({"links": "tracking", "parameters": ["utm_*", "gclid"]}, "x.example/a?utm_source=b", "x.example/a?size=b"),
    ],
)
def test_a_link_is_judged_by_where_it_leads(match: dict[str, Any], bad: str, good: str) -> None:
    one = rule({"kind": "links", **match})

    assert fires(one, bad)
    assert not fires(one, good)


def test_what_stands_too_often_or_too_seldom_is_counted_per_unit() -> None:
    marks = rule({"kind": "occurrence", "patterns": ["!"], "at_most": 1, "per": "sentence"})
    names = rule({"kind": "occurrence", "patterns": ["Fell"], "at_least": 1})

    assert not fires(marks, "One! Two! Three!")
    assert fires(marks, "One!!")
    assert fires(names, "A jacket.")
    assert not fires(names, "The Fell jacket.")


def test_a_sentence_is_one_whatever_its_abbreviations() -> None:
    twice = rule({"kind": "occurrence", "patterns": ["very"], "at_most": 1, "per": "sentence"})

    assert fires(twice, "It is very good, e.g. Very warm.")
    assert not fires(twice, "It is very good. Very warm.")


def test_the_passive_is_told_in_english_and_in_german() -> None:
    one = rule({"kind": "sentences", "passive": True})

    assert found(one, "The coat was sewn for you, and this is our best.") == [("was sewn", "Say another thing.")]
    german = "Die Jacke wird von uns in der kleinen Werkstatt gefertigt. Das ist auch für Sie nicht zu teuer."
    assert [words for words, _ in found(one, german)] == ["wird von uns in der kleinen Werkstatt gefertigt"]


def test_reading_ease_is_that_of_the_texts_language() -> None:
    one = rule({"kind": "metric", "formula": "flesch-reading-ease", "at_least": 45, "words": 10})
    german = "Die Verarbeitung dieser Regenjacke ist nicht aufwendig, und sie wird von uns auch für Sie repariert."

    assert not fires(one, german)
    assert fires(one, "The manufacturing of this incomparable and environmentally considerate garment is for you.")


def test_what_cannot_be_measured_is_looked_at() -> None:
    one = rule({"kind": "metric", "formula": "words / complex_words", "at_most": 40, "words": 3})

    (findings,) = check_texts(["You can see it now."], policies=PolicySet((one,), ()))

    assert "could not be measured" in findings[0].message


def test_all_that_is_counted_counts_and_not_the_first_fifty() -> None:
    many = rule({"kind": "occurrence", "patterns": ["!"], "at_most": 60})
    twice = rule({"kind": "occurrence", "patterns": [r"\bvery\b"], "at_most": 1, "per": "sentence"})
    long_form = rule({"kind": "together", "first": r"\b[A-Z]{3}\b", "second": r"\(([A-Z]{3})\)"})

    assert fires(many, "! " * 61)
    assert not fires(many, "! " * 60)
    assert fires(twice, "It is very good. " * 60 + "It is very very good.")
    assert fires(long_form, "(ABC) " + "ABC is good. " * 60 + "Ask for an XYZ.")


def test_what_a_longer_word_holds_is_no_match_and_uses_none_up() -> None:
    one = rule({"kind": "patterns", "patterns": [r"juv\b"], "as_written": True})

    assert not fires(one, "JUVÉDERM " * 60)
    assert fires(one, "JUVÉDERM " * 60 + "Buy JUV now.")


def test_an_abbreviation_within_a_longer_ones_explanation_is_not_explained() -> None:
    one = rule({"kind": "together", "first": r"\b[A-Z]{3}\b", "second": r"\(([A-Z]{3,5})\)"})

    assert fires(one, "(ABCD) ABC is good.")
    assert not fires(one, "(ABC) ABC is good.")


def test_a_claim_of_the_brief_carries_no_other_that_begins_in_it() -> None:
    one = rule({"kind": "claims", "words": ["le meilleur", "meilleur prix"]})
    claimed = {"claims": [{"text": "Le meilleur"}]}

    assert not fires(one, "C'est le meilleur.", **claimed)
    assert fires(one, "C'est le meilleur prix.", **claimed)


def test_a_replacement_that_cannot_be_filled_is_refused_and_letters_stay_as_they_are() -> None:
    kept = rule({"kind": "patterns", "replace": {r"\bfor (\w+)": r"für \1 \\o/"}})

    assert found(kept, "It is for you.") == [("for you", r"Write “für you \o/” instead.")]
    for template, said in (
        (r"\2", "names the group 2, and its pattern has 1"),
        ("a\\", "two backslashes"),
        (r"\n", r"holds \\n"),
    ):
        with pytest.raises(ValidationError, match=said):
            rule({"kind": "patterns", "replace": {"(a)": template}})


def test_an_abbreviation_needs_its_long_form() -> None:
    one = rule(
        {"kind": "together", "first": r"\b[A-Z]{3,5}\b", "second": r"\([A-Z]{3,5}\)", "exceptions": ["USA"]},
    )

    assert fires(one, "Ask your DSO.")
    assert not fires(one, "Ask your distribution system operator (DSO). Your DSO knows. In the USA.")


def test_two_ways_of_writing_one_word_are_found_where_both_stand() -> None:
    one = rule({"kind": "consistency", "either": {r"\bcolou?r\b": r"\bcolour\b", r"\bemail\b": r"\be-mail\b"}})

    assert fires(one, "Send an email. An e-mail is fine.")
    assert not fires(one, "Send an email.")


def test_a_language_of_another_market_is_told() -> None:
    one = rule({"kind": "language", "language": "not-of-market"})
    german = "Das ist die neue Jacke für den Regen und für die Berge, mit viel Platz."

    assert fires(one, german, markets=["US"])
    assert not fires(one, german, markets=["DE"])
    assert not fires(one, german, markets=["CH"])


def test_a_dated_rule_begins_and_ends_on_its_days() -> None:
    one = rule({"kind": "phrases", "phrases": ["bad"]}, **{"from": date(2026, 6, 9), "until": date(2026, 12, 31)})
    policies = PolicySet((one,), ())

    days = (date(2026, 6, 8), date(2026, 6, 9), date(2026, 12, 31), date(2027, 1, 1))
    assert [len(next(check_texts(["bad"], policies=policies, as_of=day))) for day in days] == [0, 1, 1, 0]


def test_a_rule_can_be_milder_where_there_is_no_brief() -> None:
    one = rule({"kind": "phrases", "phrases": ["bad"]}, without_brief="review")

    ((finding,),) = check_texts(["bad"], policies=PolicySet((one,), ()))

    assert finding.level == "review"


def test_figures_know_the_units_and_exceptions_of_their_rule() -> None:
    plain = rule({"kind": "figures", "figures": ["words", "digits"]})
    ours = rule(
        {"kind": "figures", "figures": ["words", "digits"], "units": ["Pairs"], "exceptions": ["two pairs club"]}
    )

    assert not fires(plain, "Two pairs for you.", facts=["Two pairs"])
    assert not fires(plain, "Two pairs for you.")
    assert fires(ours, "Two pairs for you.")
    assert not fires(ours, "Two pairs for you.", facts=["Two pairs in a box"])
    assert not fires(ours, "Join the Two Pairs Club.")
    # The brief is read by the same words: 2 of something else supports no pairs.
    assert fires(ours, "Yours: 2 pairs.", facts=["2 hours"])
    assert plain.version != ours.version


def test_the_words_behind_figures_are_part_of_the_version() -> None:
    one = rule({"kind": "figures", "figures": ["words"]})
    other = rule({"kind": "figures", "figures": ["words"], "words": {"quantities": [["50 %", ["zum halben preis"]]]}})

    assert one.version != other.version
    assert fires(other, "Jetzt zum halben Preis.")
    assert not fires(other, "Now half price.")


@pytest.mark.parametrize(
    ("match", "said"),
    [
        ({"kind": "phrases"}, "looks for nothing"),
        ({"kind": "patterns"}, "looks for nothing"),
        ({"kind": "patterns", "patterns": ["(?=x)"]}, "no RE2 pattern"),
        ({"kind": "signals", "signals": [{"phrases": ["a"]}], "at_least": 2}, "never fires"),
        ({"kind": "claims"}, "looks for nothing"),
        ({"kind": "disclosure", "say_one_of": ["#ad"]}, "asks for it nowhere"),
        ({"kind": "occurrence", "patterns": ["!"]}, "sets no bound"),
        ({"kind": "metric", "formula": "wordz", "at_most": 1}, "'wordz' is not counted"),
        ({"kind": "metric", "formula": "words + (", "at_most": 1}, "is no arithmetic"),
        ({"kind": "metric", "formula": "words / 0", "at_most": 1}, "divides by zero"),
        ({"kind": "voice", "exemplars": ["Warm."] * 5, "at_least": 50}, "5 different texts; 1 given"),
        ({"kind": "personal", "personal": ["phone"], "words": {"phon": ["x"]}}, "no list of words"),
        ({"kind": "figures", "figures": ["words"], "words": {"unit": []}}, "did you mean units"),
        ({"kind": "figures", "figures": ["words"], "words": {"units": [["pair", [" "]]]}}, "a form is empty"),
        ({"kind": "figures", "figures": ["words"], "words": {"numbers": [["x", ["ix"]]]}}, "is no whole number"),
        ({"kind": "figures", "figures": ["words"], "words": {"quantities": [["50", ["half"]]]}}, "has no unit"),
        ({"kind": "figures", "figures": ["words"], "words": {"quantities": [], "numbers": []}}, "both empty"),
        ({"phrases": ["meh"]}, "presscheck policies migrate"),
        ({"kind": "superlatives"}, "does not match any of the expected tags"),
    ],
)
def test_a_match_that_says_nothing_is_refused_with_what_to_write(match: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Guardrail.model_validate({**WHOLE, "match": match})


def test_a_rule_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="never holds"):
        rule({"kind": "phrases", "phrases": ["a"]}, **{"from": date(2026, 2, 1), "until": date(2026, 1, 1)})


_PRESSURE = load_policies().narrowed("pressure")


# What fires, and what stands in its way or hides it.
_PIECES = (
    "Only 3 left!", "Hurry", "act now ", "Ｈｕｒｒｙ", "h u r r y ", "hurr\u200by", "Ends in 2 hours", "nur noch 2",
    "12 people bought this", "last-chance", "’", "…", "🎁\ufe0f", "²", "\u017f", "\ud800", "\x00", "\n\n", "  ",
    "\u00a0", "!!!",
)  # fmt: skip
_TEXTS = st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=12)), max_size=8).map("".join)


@given(st.lists(_TEXTS, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_what_is_found_in_a_text_does_not_depend_on_the_others(texts: list[str]) -> None:
    # So many that they are read in several goes, each text in another company.
    crowd = [text for at in range(1, 30) for text in (*texts[at % len(texts) :], *texts[: at % len(texts)])]

    together = list(check_texts(crowd, policies=_PRESSURE, many=True))

    alone = {text: next(check_texts([text], policies=_PRESSURE)) for text in texts}
    assert together == [alone[text] for text in crowd]


def test_long_texts_among_short_ones_keep_their_places() -> None:
    texts = ["Hurry!", "A quiet light. " * 8_000, "Act now.", "So it is. " * 15_000 + "Hurry!", "", "Only 3 left!"]

    together = list(check_texts(texts, policies=_PRESSURE, many=True))

    assert [bool(found) for found in together] == [True, False, True, True, False, True]
    assert together == [next(check_texts([text], policies=_PRESSURE)) for text in texts]


def test_many_texts_are_judged_before_the_last_is_there() -> None:
    endless = iter(lambda: "Hurry!", None)

    assert next(check_texts(endless, policies=_PRESSURE, many=True))
