"""What imported rules flag and what they leave alone, rule by rule of Vale's kinds."""

from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from policies import Guardrail, PolicySet, check_texts
from presscheck.models import Finding
from presscheck.style_guides import Translated, Wishes, imported

TODAY = date(2026, 3, 2)


class Brought:
    """One rule of a style of our own, and what it finds."""

    def __init__(self, folder: Path, text: str) -> None:
        style = folder / "House"
        style.mkdir(exist_ok=True)
        (style / "Rule.yml").write_text(dedent(text), "utf-8")
        guide = imported(style, Wishes(TODAY))
        assert not guide.faults
        self.translated: Translated = guide.styles[0].rules[0]

    @property
    def rule(self) -> Guardrail:
        assert self.translated.document is not None, self.translated.left
        return Guardrail.model_validate(self.translated.document)

    def findings(self, text: str) -> tuple[Finding, ...]:
        field = "body" if self.rule.fields == "all" else self.rule.fields[0]
        return next(iter(check_texts([text], policies=PolicySet((self.rule,), ()), field=field)))

    def found(self, text: str) -> list[str]:
        return [text[finding.span[0] : finding.span[1]] for finding in self.findings(text) if finding.span]

    @property
    def reasons(self) -> list[str]:
        return [left.reason for left in self.translated.left]


def test_words_of_an_existence_rule_are_whole_and_in_any_case_where_it_says_so(tmp_path: Path) -> None:
    brought = Brought(
        tmp_path,
        """
        extends: existence
        message: "'%s' is a word of the warehouse."
        level: error
        ignorecase: true
        tokens:
          - pallets?
          - stock[ -]keeping
        """,
    )

    assert brought.found("Pallets and pallet, not palletise.") == ["Pallets", "pallet"]
    assert brought.found("a stock-keeping unit") == ["stock-keeping"]
    assert brought.rule.match[0].kind == "phrases"
    assert brought.rule.level == "review"
    assert brought.rule.message == "This wording is a word of the warehouse."
    assert brought.translated.outcome == "whole"


def test_capitals_count_where_a_rule_does_not_ignore_them(tmp_path: Path) -> None:
    brought = Brought(tmp_path, "extends: existence\nmessage: No.\ntokens: [We, 'U[Ss]']\n")

    assert brought.found("We like US mugs; we like us.") == ["We", "US"]


def test_a_token_may_be_part_of_a_word_where_the_rule_says_nonword(tmp_path: Path) -> None:
    words = Brought(tmp_path, "extends: existence\nmessage: No.\ntokens: ['\\d+(?:kg|cm)']\n")
    parts = Brought(tmp_path, "extends: existence\nmessage: No.\nnonword: true\ntokens: ['\\d+(?:kg|cm)', ';']\n")

    assert words.found("5kg, a5kg, 5kgs") == ["5kg"]
    assert parts.found("5kg; a5kgs") == ["5kg", ";", "5kg"]


def test_raw_stands_before_the_tokens_and_behind_them_with_append(tmp_path: Path) -> None:
    before = Brought(
        tmp_path,
        "extends: existence\nmessage: No.\nignorecase: true\nraw: ['\\b(is|was)\\s+']\ntokens: [sold, '[a-z]+ed']\n",
    )
    behind = Brought(
        tmp_path, "extends: existence\nmessage: No.\nappend: true\nraw: ['\\s+by\\b']\ntokens: [sold, made]\n"
    )
    alone = Brought(tmp_path, "extends: existence\nmessage: No.\nraw: ['(?:[;-]\\s)so\\b|', '\\bSo,']\n")

    assert before.found("It was sold and is painted. We sold it; it is blue.") == ["was sold", "is painted"]
    assert behind.found("made by us, made for you, sold by us") == ["made by", "sold by"]
    assert alone.found("So, we said; so it is. Also so.") == ["So,", "; so"]


def test_exceptions_are_let_pass_with_their_capitals(tmp_path: Path) -> None:
    brought = Brought(
        tmp_path, "extends: existence\nmessage: No.\ntokens: ['[A-Z]{3,5}']\nexceptions: [USB, 'HTTPS?']\n"
    )

    assert brought.found("USB and HTTPS, but GSM and VAT") == ["GSM", "VAT"]


def test_what_must_not_stand_beside_a_token_lets_it_pass_there_only(tmp_path: Path) -> None:
    brought = Brought(
        tmp_path,
        """
        extends: existence
        message: Say host.
        ignorecase: true
        tokens:
          - server(?! room|-side)
          - (?<!dumb )waiter
          - (?<=hot )desk
        """,
    )

    assert brought.found("A server in the server room, server-side; Server.") == ["server", "Server"]
    assert brought.found("a waiter and a dumb waiter") == ["waiter"]
    assert brought.found("hot desk, cold desk") == ["desk"]
    assert brought.translated.taken == 3


def test_a_replacement_is_offered_and_never_found_itself(tmp_path: Path) -> None:
    brought = Brought(
        tmp_path,
        """
        extends: substitution
        message: "Use '%s' instead of '%s'."
        level: warning
        ignorecase: true
        action:
          name: replace
        swap:
          utili[sz]e: use
          github: GitHub
          cloud: North Cloud
          check in: check-in
          '(\\w+)ize it': $1ise it
          (?:halt|kill): stop|end
        """,
    )

    assert [one.suggestion for one in brought.findings("Utilise it.")] == ["Write “use” instead."]
    assert brought.found("github, Github and GitHub") == ["github", "Github"]
    assert brought.found("the cloud of North Cloud") == ["cloud"]
    assert brought.found("check in at the check-in") == ["check in"]
    assert [one.suggestion for one in brought.findings("We organize it.")] == ["Write “organise it” instead."]
    assert [one.suggestion for one in brought.findings("Kill it.")] == ["Write “stop” instead."]
    assert brought.rule.level == "note"
    assert brought.rule.message == "Use the suggested wording instead of the marked one."


def test_advice_is_no_edit(tmp_path: Path) -> None:
    brought = Brought(
        tmp_path,
        "extends: substitution\nmessage: Use '%s'.\nswap:\n  above: Refer to the section by name\n  below: ''\n",
    )

    told = [one.suggestion for one in brought.findings("above, below")]
    assert told[0] == brought.rule.suggestion
    assert told[1] == "Leave it out."


def test_signs_are_read_as_they_stand(tmp_path: Path) -> None:
    dots = Brought(tmp_path, "extends: existence\nmessage: No.\nnonword: true\ntokens: ['\\.\\.\\.', '\\s-\\s']\n")
    word = Brought(tmp_path, "extends: existence\nmessage: No.\ntokens: ['[A-Z]{3,5}', 'we''ve \\w+']\n")

    assert dots.found("Wait ... and – wait…") == ["..."]
    assert word.found("JUVÉDERM, ABC and we’ve gone") == ["ABC", "we’ve gone"]


def test_a_line_is_a_line_in_vale(tmp_path: Path) -> None:
    brought = Brought(tmp_path, "extends: existence\nmessage: No.\nnonword: true\ntokens: ['^So\\b', '[a-z]\\.$']\n")

    assert brought.found("We said.\nSo it is") == ["d.", "So"]


@pytest.mark.parametrize(
    ("scope", "fields"),
    [
        ("heading", ("subject",)),
        ("[alt, figure.caption]", ("alt", "caption")),
        ("~heading", ("preheader", "body", "call_to_action", "alt", "caption")),
        ("heading & ~heading.h1", ("subject",)),
        ("link", ("call_to_action",)),
        ("[sentence, heading]", "all"),
        ("raw", "all"),
    ],
)
def test_a_scope_is_the_fields_that_are_like_it(tmp_path: Path, scope: str, fields: object) -> None:
    brought = Brought(tmp_path, f"extends: existence\nmessage: No.\nscope: {scope}\ntokens: [foo]\n")

    assert brought.rule.fields == fields


@pytest.mark.parametrize(("scope", "reason"), [("code", "of which copy has none"), ("strong", "does not mark")])
def test_a_rule_on_what_copy_has_not_is_not_taken(tmp_path: Path, scope: str, reason: str) -> None:
    brought = Brought(tmp_path, f"extends: existence\nmessage: No.\nscope: {scope}\ntokens: [foo]\n")

    assert brought.translated.outcome == "none"
    assert reason in brought.reasons[0]


def test_what_stands_too_often_is_found_in_its_sentence(tmp_path: Path) -> None:
    brought = Brought(tmp_path, "extends: occurrence\nmessage: Too many commas.\nscope: sentence\nmax: 2\ntoken: ','\n")

    assert not brought.findings("Red, green, blue. Red, green, blue.")
    assert brought.findings("Red, green, blue, black.")


def test_characters_of_a_subject_are_a_length(tmp_path: Path) -> None:
    brought = Brought(tmp_path, "extends: occurrence\nmessage: Too long.\nscope: heading\nmax: 60\ntoken: '.'\n")

    assert brought.rule.match[0].kind == "length"
    assert [case.fires for case in brought.rule.cases] == [True, False, False]


def test_an_abbreviation_needs_its_long_form(tmp_path: Path) -> None:
    brought = Brought(
        tmp_path,
        """
        extends: conditional
        message: "'%s' is not explained."
        ignorecase: false
        first: '\\b([A-Z]{3,5})\\b'
        second: '(?:\\b[A-Z][a-z]+ )+\\(([A-Z]{3,5})\\)'
        exceptions: ['USBC?']
        """,
    )

    assert brought.found("The Value Added Tax (VAT) and the GSM; VAT and USB.") == ["GSM"]


def test_two_ways_of_writing_do_not_stand_together(tmp_path: Path) -> None:
    brought = Brought(
        tmp_path, "extends: consistency\nmessage: Keep to one.\nignorecase: true\neither:\n  adviser: advisor\n"
    )

    assert brought.found("An adviser and an advisor") == ["advisor"]
    assert not brought.findings("an adviser, another adviser")


@pytest.mark.parametrize("extends", ["script", "sequence"])
def test_programs_and_parts_of_speech_are_told_by_name(tmp_path: Path, extends: str) -> None:
    brought = Brought(tmp_path, f"extends: {extends}\nmessage: No.\nscript: matches\ntokens:\n  - tag: NN\n")

    assert brought.translated.outcome == "none"
    assert extends in brought.translated.left[0].reason


def test_what_is_left_of_a_rule_is_told_by_token_line_and_reason(tmp_path: Path) -> None:
    brought = Brought(tmp_path, "extends: existence\nmessage: No.\ntokens:\n  - foo\n  - (\\w+) \\1\n  - bar\n")

    (left,) = brought.translated.left
    assert (left.line, left.part) == (5, r"(\w+) \1")
    assert "refers back" in left.reason
    assert brought.translated.outcome == "part"
    assert (brought.translated.taken, brought.translated.tokens) == (2, 3)
    assert brought.found("foo and bar") == ["foo", "bar"]


def test_anchors_and_words_that_look_like_values_are_read(tmp_path: Path) -> None:
    brought = Brought(tmp_path, "extends: existence\nmessage: No.\ntokens: &words [no, 24, on]\nexceptions: *words\n")
    plain = Brought(tmp_path, "extends: existence\nmessage: No.\ntokens: &words [no, 24, on] # all of them\n")

    assert brought.translated.outcome == "none"
    assert plain.found("no 24 on") == ["no", "24", "on"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Try to avoid using clichés like '%s'.", "Try to avoid using clichés."),
        ("Use the Oxford comma in '%s'.", "Use the Oxford comma."),
        ("Don't start a sentence with '%s'.", "Don't start a sentence with this wording."),
        ("Use 'July 31, 2016' format, not '%s'.", "Use 'July 31, 2016' format."),
        ("In general, use active voice ('%s').", "In general, use active voice."),
        ("'%s'", "This wording is not in style."),
        ("100%% of them", "100% of them"),
        ("See [the list](https://example.com/a).", "See the list."),
    ],
)
def test_a_message_reads_well_without_the_words_that_vale_fills_in(tmp_path: Path, message: str, said: str) -> None:
    quoted = message.replace("'", "''")

    brought = Brought(tmp_path, f"extends: existence\nmessage: '{quoted}'\ntokens: [foo]\n")

    assert brought.rule.message == said


def test_the_rule_of_the_docs_finds_what_the_docs_say(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "style-guides.md").read_text("utf-8")
    rule = page.split("```yaml\n", 1)[1].split("```", 1)[0]

    brought = Brought(tmp_path, rule)

    assert brought.found("Utilise Github on a server; GitHub, and the server room.") == ["Utilise", "Github", "server"]


@pytest.mark.parametrize(
    ("action", "said"),
    [("{name: remove}", "Leave it out."), ("{name: replace, params: [mug]}", "Write “mug” instead.")],
)
def test_an_edit_that_vale_offers_is_offered(tmp_path: Path, action: str, said: str) -> None:
    brought = Brought(tmp_path, f"extends: existence\nmessage: No.\naction: {action}\ntokens: [beaker]\n")

    assert [one.suggestion for one in brought.findings("a beaker")] == [said]


def test_an_exception_in_the_place_of_a_token_lets_pass_with_raw(tmp_path: Path) -> None:
    brought = Brought(
        tmp_path,
        """
        extends: existence
        message: No.
        ignorecase: true
        raw: ['\\b(is|was)\\s+']
        tokens: ['\\w+ed']
        exceptions: ['support(?:ed)?', trusted]
        """,
    )

    assert brought.found("It is supported, was trusted and is painted.") == ["is painted"]
