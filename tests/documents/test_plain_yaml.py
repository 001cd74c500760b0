"""A document reads the same by libyaml, which is quick, and by ruamel.yaml, which explains."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.engine.texts import SHIPPED
from presscheck.documents import plain_yaml
from presscheck.documents.plain_yaml import Read, read_yaml


def slowly(text: str) -> Read:
    """By ruamel.yaml alone."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(plain_yaml, "_libyaml", lambda: None)
        return read_yaml(text, "a.yaml")


@pytest.mark.parametrize("path", sorted(SHIPPED.rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_file_reads_the_same_both_ways(path: Path) -> None:
    text = path.read_text("utf-8")

    assert read_yaml(text, "a.yaml") == slowly(text)


# What YAML is made of, put together in any way: most of it is no YAML, and all of it has to read the same.
PIECES = st.sampled_from(
    [
        *("a", "b: ", "- ", ": ", "? ", "\n", "\n  ", "\n    ", " ", "{", "}", "[", "]", ", ", ",", ":", "#", " # "),
        *("'", '"', "''", "\\", '\\"', "\\n", "\\x41", "\\u00e9", "\\/", "|", ">", "|-", ">+", "|2"),
        *(
            "&a ",
            "*a",
            "!",
            "!!str ",
            "%",
            "---",
            "...",
            "null",
            "true",
            "1",
            "1.5",
            "0x1F",
            "2026-01-01",
            "é",
            "😀",
            "\u00a0",
        ),
        *("=", "<<", "@", "`", "-", "~"),
        *("key: value", "http://x.example/a?b=c", "it's", "a: b", "{a: b}", "[a, b]", "\n- a: b\n  c: d"),
    ]
)


@pytest.mark.slow
@given(st.lists(PIECES, max_size=25).map("".join))
@settings(max_examples=800, deadline=None)
def test_whatever_both_take_reads_the_same(text: str) -> None:
    quick, slow = read_yaml(text, "a.yaml"), slowly(text)

    # Where an empty value stands the two disagree by a line.
    assert (quick.value, quick.faults) == (slow.value, slow.faults)


def values(read: Read) -> Any:
    return read.value


def test_what_the_two_versions_of_yaml_read_differently_is_read_by_the_newer_one() -> None:
    assert values(read_yaml("a: one\u2028two", "a.yaml")) == values(slowly("a: one\u2028two"))
    assert values(read_yaml("a: one\x85two", "a.yaml")) == values(slowly("a: one\x85two"))
