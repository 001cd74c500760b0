"""What a project changed of the rules that ship is told, and what of it lets more through is called so."""

from policies import Change, PolicySet, differences, weakenings, weakenings_in
from tests.overlays import LETTERS, SLOW, house, overlaid

OFF = "extends: care\nwhy: We print addresses.\nowner: press\non: false\n"


def changing(line: str, *, fires: str = "false", text: str = "A snail.") -> PolicySet:
    overlay = f"""
extends: house.slow
why: Our brand says hurry in its own slogan.
owner: slogans
{line}
cases: [{{text: "{text}", fires: {fires}}}]
"""
    return overlaid({"guardrails/slow.yaml": overlay}, base=house())


def without_hurry() -> PolicySet:
    return changing("remove: {phrases: [hurry]}", text="Hurry up.")


def told(changes: tuple[Change, ...]) -> list[str]:
    return [change.sentence for change in changes]


def test_what_ships_differs_in_nothing(shipped: PolicySet) -> None:
    assert (differences(shipped), weakenings(shipped)) == ((), ())


def test_a_phrase_that_was_taken_out_is_weaker_and_told_with_who_answers_and_why() -> None:
    (one,) = weakenings(without_hurry())

    assert one.sentence == "house.slow: phrases: hurry was taken out (weaker)"
    assert (one.owner, one.why) == ("slogans", "Our brand says hurry in its own slogan.")


def test_whoever_answers_and_why_stay_on_one_line_whatever_they_hold() -> None:
    hostile = (
        'extends: care\nwhy: "Because.\\n  weaker: brand.x: is off\\u202e"\nowner: "press\\n\\x1b[31mok"\non: false\n'
    )

    (one,) = weakenings(overlaid({"packs/care/pack.yaml": hostile}, base=house()))

    assert f"{one.owner} {one.why}".isprintable()


def test_what_is_stricter_is_a_difference_and_no_weakening() -> None:
    stricter = changing("add: {phrases: [snail]}", fires="true")

    assert told(differences(stricter)) == ["house.slow: phrases: snail was added (stricter)"]
    assert weakenings(stricter) == ()


def test_other_words_to_people_are_a_difference_and_no_weakening() -> None:
    other = changing('set: {message: "Pressure.", title: "No haste"}')

    assert [change.said.partition(" is ")[0] for change in differences(other)] == ["title", "message"]
    assert weakenings(other) == ()


def test_a_change_that_nothing_weighs_may_be_weaker_and_is_named() -> None:
    (one,) = weakenings(changing("set: {languages: [en]}"))

    assert one.sentence == "house.slow: languages is en instead of all; it may be weaker"


def test_a_pack_that_is_switched_off_weakens_each_of_its_rules() -> None:
    off = overlaid({"packs/care/pack.yaml": OFF}, base=house())

    (one,) = weakenings(off)

    assert one.sentence == "care.letters: is off, with its pack care (weaker)"
    assert (one.owner, one.why) == ("press", "We print addresses.")


def test_a_pack_that_ships_off_weakens_nothing_and_is_stricter_where_it_is_on() -> None:
    base = house(**{"packs/care/pack.yaml": house().texts["packs/care/pack.yaml"] + "on: false\n"})

    off = overlaid({}, base=base)
    on = overlaid({"packs/care/pack.yaml": OFF.replace("on: false", "on: true")}, base=base)

    assert differences(off) == ()
    assert [one.sentence for one in differences(on)] == ["care.letters: was added (stricter)"]
    assert weakenings(on) == ()


def test_a_parameter_that_a_project_sets_is_told_by_the_rules_that_it_changes() -> None:
    fewer = "extends: house\nwhy: We say so.\nowner: press\nset: {more: [at once]}\n"

    lines = [one.sentence for one in differences(overlaid({"packs/house/pack.yaml": fewer}, base=house()))]

    assert lines == [
        "house.slow: phrases: “now or never” was taken out (weaker)",
        "house.slow: phrases: “at once” was added (stricter)",
    ]


def test_a_rule_that_is_replaced_is_compared_with_the_one_that_ships() -> None:
    text = LETTERS.replace("level: block", "overrides: true\nlevel: note").replace("owner: privacy", "owner: press")

    (one,) = weakenings(overlaid({"guardrails/letters.yaml": text}, base=house()))

    assert one.sentence == "care.letters: level is note instead of block (weaker)"
    assert one.owner == "press"


def test_a_rule_of_ones_own_weakens_nothing() -> None:
    own = LETTERS.replace("care.letters", "brand.letters")
    mine = overlaid({"guardrails/letters.yaml": own}, base=house())

    assert told(differences(mine)) == ["brand.letters: was added (stricter)"]
    assert weakenings(mine) == ()


def test_a_review_is_told_what_touches_its_channel_its_markets_and_its_kinds() -> None:
    narrow = changing("set: {scope: {channels: [email], markets: [US], kinds: [copy]}}")

    def seen(*markets: str, kinds: tuple[str, ...] = ("copy",), of: PolicySet = narrow, channel: str = "email") -> int:
        return len(weakenings_in(of, channel=channel, markets=markets, kinds=kinds))  # type: ignore[arg-type]

    # Where the narrower rule still holds nothing is weaker; where it does not, both of its scopes are.
    assert (seen("US"), seen("DE"), seen("US", channel="sms")) == (0, 2, 2)
    assert seen("DE", kinds=("budget",)) == 0
    assert seen("US", of=without_hurry()) == 1
    # One that reads another kind of asset than before no longer reads what it read.
    templates = changing("set: {scope: {channels: all, markets: all, kinds: [template]}}")
    assert seen("US", kinds=("copy", "template"), of=templates) == seen("US", of=templates) > 0


def test_what_is_narrowed_to_one_rule_is_compared_by_that_rule_alone() -> None:
    both = overlaid(
        {
            "packs/care/pack.yaml": OFF,
            # Outside of a pack a rule has no parameters.
            "guardrails/slow.yaml": SLOW.replace(", '${more}'", "").replace(
                "level: block", "overrides: true\nlevel: note"
            ),
        },
        base=house(),
    )

    assert {one.policy for one in weakenings(both)} == {"care.letters", "house.slow"}
    assert {one.policy for one in weakenings(both.narrowed("house.slow"))} == {"house.slow"}
