"""Overlays of the shipped policies from texts alone, for every room in which a weaker rule is to be seen."""

from collections.abc import Mapping
from functools import cache

from policies import PolicySet, PolicyTexts, policies_of
from policies.engine.texts import SHIPPED, Layer, read_layer

HURRY = """\
extends: pressure.urgency
why: Our brand says hurry in its own slogan.
owner: brand
remove: {phrases: [hurry]}
cases: [{text: "Hurry, said the snail.", fires: false}]
"""
WITHOUT_PRIVACY = """\
extends: privacy
why: We print hotline numbers.
owner: press
on: false
"""
WEAKER = {"guardrails/urgency.yaml": HURRY, "packs/privacy/pack.yaml": WITHOUT_PRIVACY}


@cache
def shipped_texts() -> Layer:
    return read_layer(SHIPPED)


def overlaid(files: Mapping[str, str]) -> PolicySet:
    """The shipped policies with these files of a project's on top."""
    return policies_of(PolicyTexts(shipped_texts(), Layer("mine", files)))
