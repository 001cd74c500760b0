"""What a project changed of the rules that ship is told, and what of it lets more through is called so."""

import re

from policies import Change, PolicySet, differences, weakenings, weakenings_in
from tests.overlays import HURRY, WEAKER, WITHOUT_PRIVACY, overlaid, shipped_texts

CASES = 'cases: [{text: "Hurry, said the snail.", fires: true}]\n'


def changing(line: str, *, cases: str = CASES) -> dict[str, str]:
    return {"guardrails/urgency.yaml": HURRY.replace("remove: {phrases: [hurry]}", line).partition("cases:")[0] + cases}


def told(changes: tuple[Change, ...]) -> list[str]:
    return [change.sentence for change in changes]


def test_what_ships_differs_in_nothing(shipped: PolicySet) -> None:
    assert (differences(shipped), weakenings(shipped)) == ((), ())


def test_a_phrase_that_was_taken_out_is_weaker_and_told_with_who_answers_and_why() -> None:
    (one,) = weakenings(overlaid({"guardrails/urgency.yaml": HURRY}))

    assert one.sentence == "pressure.urgency: phrases: hurry was taken out (weaker)"
    assert (one.owner, one.why) == ("brand", "Our brand says hurry in its own slogan.")


def test_what_is_stricter_is_a_difference_and_no_weakening() -> None:
    stricter = overlaid(changing("add: {phrases: [snail]}"))

    assert told(differences(stricter)) == ["pressure.urgency: phrases: snail was added (stricter)"]
    assert weakenings(stricter) == ()


def test_other_words_to_people_are_a_difference_and_no_weakening() -> None:
    other = overlaid(changing('set: {message: "Pressure.", title: "No rush"}'))

    assert [change.said.partition(" is ")[0] for change in differences(other)] == ["title", "message"]
    assert weakenings(other) == ()


def test_a_change_that_nothing_weighs_may_be_weaker_and_is_named() -> None:
    (one,) = weakenings(overlaid(changing("set: {languages: [en]}")))

    assert one.sentence == "pressure.urgency: languages is en instead of all; it may be weaker"


def test_a_pack_that_is_switched_off_weakens_each_of_its_rules() -> None:
    off = overlaid({"packs/privacy/pack.yaml": WITHOUT_PRIVACY})

    found = weakenings(off)

    (pack,) = [one for one in off.packs if one.pack.pack == "privacy"]
    assert [one.policy for one in found] == [*pack.ids]
    assert {(one.said, one.owner, one.why, one.weight) for one in found} == {
        ("is off, with its pack privacy", "press", "We print hotline numbers.", "weaker")
    }


def test_a_rule_that_is_replaced_is_compared_with_the_one_that_ships() -> None:
    (place,) = [place for place in shipped_texts().texts if place.endswith("/no-shouting.yaml")]
    text = shipped_texts().texts[place].replace("\nlevel: block", "\noverrides: true\nlevel: note")
    mine = overlaid({"guardrails/no-shouting.yaml": re.sub(r"owner: \w+", "owner: press", text)})

    (one,) = weakenings(mine)

    assert one.sentence == "brand.no-shouting: level is note instead of block (weaker)"
    assert one.owner == "press"


def test_a_rule_of_ones_own_weakens_nothing() -> None:
    own = """\
id: brand.no-synergy
kind: guardrail
title: No synergy
why: Nobody knows what it means.
source: {name: Us, date: 2026-01-15}
owner: brand
scope: {channels: all, markets: all, kinds: [copy]}
level: block
match: {kind: phrases, phrases: [synergy]}
message: It says nothing.
suggestion: Say what the reader gets.
cases: [{text: Synergy., fires: true}, {text: Sun., fires: false}]
"""
    mine = overlaid({"guardrails/no-synergy.yaml": own})

    assert told(differences(mine)) == ["brand.no-synergy: was added (stricter)"]
    assert weakenings(mine) == ()


def test_a_review_is_told_what_touches_its_channel_its_markets_and_its_kinds() -> None:
    narrow = overlaid(changing("set: {scope: {channels: [email], markets: [US], kinds: [copy]}}"))

    def seen(*markets: str, kinds: tuple[str, ...] = ("copy",), of: PolicySet = narrow, channel: str = "email") -> int:
        return len(weakenings_in(of, channel=channel, markets=markets, kinds=kinds))  # type: ignore[arg-type]

    # Where the narrower rule still holds nothing is weaker; where it does not, both of its scopes are.
    assert (seen("US"), seen("DE"), seen("US", channel="sms")) == (0, 2, 2)
    assert seen("DE", kinds=("budget",)) == 0
    assert seen("US", of=overlaid({"guardrails/urgency.yaml": HURRY})) == 1


def test_what_is_narrowed_to_one_rule_is_compared_by_that_rule_alone() -> None:
    weaker = overlaid(WEAKER)

    assert {one.policy for one in weakenings(weaker.narrowed("pressure.urgency"))} == {"pressure.urgency"}
