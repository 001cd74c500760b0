"""Overlays of policies from texts alone, for every room in which a weaker rule is to be seen.

`overlaid(SOFTER)` lays them over what ships; `overlaid(files, base=house())` over a small set with two packs of the
tests' own, whose words no release changes.
"""

from collections.abc import Mapping
from functools import cache

from policies import PolicySet, PolicyTexts, policies_of
from policies.engine.texts import SHIPPED, Layer, read_layer

QUIETLY = """\
extends: brand.no-shouting
why: Our brand shouts now and then.
owner: brand
set: {level: review}
cases: [{text: "A quiet snail.", fires: false}]
"""
WITHOUT_PRIVACY = """\
extends: privacy
why: We print hotline numbers.
owner: press
on: false
"""
SOFTER = {"guardrails/quietly.yaml": QUIETLY, "packs/privacy/pack.yaml": WITHOUT_PRIVACY}
"""Over what ships: one rule is weaker and a pack is off."""

PACK = """\
pack: {name}
version: "1.0"
title: Rules of the house
why: Somebody wanted them.
source: {{name: Our house rules, date: 2026-01-15}}
owner: brand
"""
SLOW = """\
id: house.slow
formerly: house.no-rush
kind: guardrail
title: No rush
why: Nobody likes to be rushed.
source: {name: Our house rules, date: 2026-01-15}
owner: brand
scope: {channels: all, markets: all, kinds: [copy]}
level: block
match:
  - kind: phrases
    phrases: [hurry, act now, last chance, '${more}']
  - kind: patterns
    patterns: ['\\b\\d+ left\\b']
message: It rushes people.
suggestion: Say until when.
cases:
  - {text: Hurry up., fires: true}
  - {text: Last chance to save., fires: true}
  - {text: Take your time., fires: false}
"""
LETTERS = """\
id: care.letters
kind: guardrail
title: No addresses
why: They are somebody's.
source: {name: Our house rules, date: 2026-01-15}
owner: privacy
scope: {channels: all, markets: all, kinds: [copy]}
level: block
match: {kind: personal, personal: [email]}
message: It names an address.
suggestion: Leave it out.
cases:
  - {text: Write to jo.smith@example.org., fires: true}
  - {text: Write to us., fires: false}
"""
PARAMETERS = """\
parameters:
  more: {default: [now or never], what: Further words that rush people.}
  most: {default: 3, what: How many.}
"""


@cache
def shipped_texts() -> Layer:
    return read_layer(SHIPPED)


def house(**files: str) -> Layer:
    """A base with the packs `house` and `care`, and what is shipped of everything but guardrails."""
    rest = {place: text for place, text in shipped_texts().texts.items() if not place.startswith("packs/")}
    own = {
        "packs/house/pack.yaml": PACK.format(name="house") + PARAMETERS,
        "packs/house/slow.yaml": SLOW,
        "packs/care/pack.yaml": PACK.format(name="care"),
        "packs/care/letters.yaml": LETTERS,
    }
    return Layer("base", {**rest, **own, **files})


def overlaid(files: Mapping[str, str], base: Layer | None = None) -> PolicySet:
    """What ships, or another base, with these files of a project's on top."""
    return policies_of(PolicyTexts(base or shipped_texts(), Layer("mine", files)))
