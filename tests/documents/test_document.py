"""YAML that people write: every fault at once, with its line, and never anything but an InputError."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from presscheck.documents.document import MAX_BYTES, parse_document, read_document, schema_of
from presscheck.errors import BriefError, InputError, PolicyError
from presscheck.models import Brief, Frozen
from tests.growing import grows_in_proportion

GOOD = """\
id: spring
title: Spring
collaboration: producer
author: ana@example.com
offer: 20% off
claims:
  - text: The lightest tent in our range
    evidence: Lab report
    expires: 2027-05-01
persona: hikers
tone: warm
channel: email
markets: [US, NO]
deadline: 2027-03-31
call_to_action: {label: See it, url: "https://example.com/tent"}
sender:
  name: Shop
  address: shop@example.com
  postal_address: 1 Road, Town
"""


def faults(text: str) -> dict[str, tuple[int | None, str]]:
    """Each faulty place with its line and message."""
    with pytest.raises(BriefError) as raised:
        parse_document(text, path="b.yaml", model=Brief, error=BriefError)
    return {fault.where: (fault.line, fault.message) for fault in raised.value.faults}


def test_a_good_document_becomes_the_model() -> None:
    brief = parse_document(GOOD, path="b.yaml", model=Brief, error=BriefError)

    assert brief.markets == ("US", "NO")
    assert brief.deadline == date(2027, 3, 31)


def test_all_faults_are_told_at_once_in_order_of_line() -> None:
    text = GOOD.replace("title:", "titel:").replace("tone: warm", "tone: bald").replace("2027-03-31", "soon")

    found = faults(text)

    assert found["titel"] == (2, "is not a known key; did you mean title?")
    assert found["tone"] == (11, "“bald” is not one of plain, warm, playful, bold; did you mean bold?")
    assert found["deadline"] == (14, "“soon” is not a date; write year-month-day, such as 2027-03-31")
    assert "title" in found


def test_a_missing_collaboration_says_the_three_options_and_what_they_mean() -> None:
    line, message = faults(GOOD.replace("collaboration: producer\n", ""))["collaboration"]

    assert line == 1
    for words in ("is missing", "advisor: a person writes", "producer: AI drafts", "agent: AI acts", "no default"):
        assert words in message


def test_an_unknown_channel_lists_the_channels() -> None:
    assert faults(GOOD.replace("channel: email", "channel: fax"))["channel"] == (
        12,
        "“fax” is not one of email, sms, push, social, search, blog",
    )


def test_a_field_missing_in_a_list_has_the_line_of_its_item() -> None:
    line, message = faults(GOOD.replace("    evidence: Lab report\n", ""))["claims[0].evidence"]

    assert line == 7
    assert message.startswith("is missing; Where the proof is")


def test_a_key_that_stands_twice_is_refused_with_both_lines() -> None:
    assert faults(GOOD + "offer: 30% off\n")["offer"] == (20, "stands here a second time, first in line 5; keep one")


def test_a_number_where_text_belongs_says_to_quote_it() -> None:
    assert faults(GOOD.replace("persona: hikers", "persona: 1900"))["persona"] == (
        10,
        'is read as a number; write it in quotes: "1900"',
    )


def test_norway_is_a_market_and_not_false() -> None:
    text = "%YAML 1.1\n---\n" + GOOD

    assert parse_document(text, path="b.yaml", model=Brief, error=BriefError).markets == ("US", "NO")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("# only a comment\n", "is empty"),
        ("just words", "is not a mapping"),
        ("- a\n- b\n", "is not a mapping"),
        ("a: [1,", "is not valid YAML"),
        ("a:\n\t- b", "is not valid YAML"),
        ("a: \x00", "is not valid YAML"),
        ("\ud800", "is not valid YAML"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("a: &x 1\n", "sets an anchor"),
        ("a: 1\nb: *a\n", "uses an alias"),
        ("a: !!python/object/apply:os.system [ls]\n", "carries a tag"),
        ("<<: {a: 1}\n", "is not a known key"),
        ("? [a, b]\n: c\n", "as a key"),
        ("[" * 4000, "nests deeper"),
        ("a: " * 30, "is not valid YAML"),
        ("x" * (MAX_BYTES + 1), "bytes long"),
    ],
)
def test_broken_yaml_is_told_plainly(text: str, said: str) -> None:
    with pytest.raises(PolicyError) as raised:
        parse_document(text, path="p.yaml", model=Brief, error=PolicyError)

    assert said in str(raised.value)
    assert all(fault.path == "p.yaml" for fault in raised.value.faults)


def test_a_bomb_of_aliases_is_never_expanded() -> None:
    def bomb(levels: int) -> str:
        return "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, levels))

    def read(text: str) -> None:
        with pytest.raises(BriefError):
            parse_document(text, path="b.yaml", model=Brief, error=BriefError)

    # Whoever expands one of forty levels never ends.
    assert grows_in_proportion(read, bomb, 40)


def test_hostile_values_are_shown_short_and_without_control_characters() -> None:
    message = faults(GOOD.replace("tone: warm", 'tone: "\\e[2J' + "x" * 500 + '"'))["tone"][1]

    assert "\x1b" not in message
    assert len(message) < 200


class Anything(Frozen):
    """A model that takes any mapping of a few keys, so that valid and invalid documents both occur."""

    id: str = ""
    count: int = 0
    when: date | None = None
    names: tuple[str, ...] = ()
    inner: dict[str, int] | None = None


YAMLISH = st.text(alphabet="abid: \n-[]{},&*!|>'\"#%?\t0123.é\u2028\ufeff", max_size=80)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=60), YAMLISH, YAMLISH.map(lambda t: "names:\n  - " + t)))
def test_any_text_is_read_or_refused_with_faults(text: str) -> None:
    refused: InputError | None = None
    try:
        parse_document(text, path="x.yaml", model=Anything, error=BriefError)
    except InputError as raised:
        refused = raised

    assert refused is None or (refused.faults and str(refused))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(st.characters(codec="ascii"), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc_", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(PLAIN)
def test_what_a_yaml_writer_writes_is_read_back(value: Any) -> None:
    import io

    written = io.StringIO()
    YAML(typ="safe", pure=True).dump({"top": value}, written)

    document = read_document(written.getvalue(), path="x.yaml")

    # The writer tags values that YAML 1.2's core schema has no plain form for; we refuse tags.
    if not document.faults:
        assert document.value == {"top": value}


def test_the_schema_names_every_field_and_forbids_others() -> None:
    schema = schema_of(Brief)

    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) >= {"collaboration", "offer", "markets", "deadline"}
    assert "advisor" in schema["properties"]["collaboration"]["description"]
