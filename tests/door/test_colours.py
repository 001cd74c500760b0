"""Every colour of text on every colour behind it can be read, in both colour schemes: WCAG 2.2, SC 1.4.3 (2023-10-05).

The ratios are worked out from the style sheets themselves, so a colour that somebody changes is looked at again.
"""

import re
from pathlib import Path

import pytest

import presscheck

HOUSE = Path(presscheck.__file__).parent
SHEETS = {
    "door": HOUSE / "door/static/door.css",
    "unsubscribe": HOUSE / "door/templates/leaving.css",
    "handbook": HOUSE / "handbook/templates/handbook.css",
    "audience": HOUSE / "screening/report.html.j2",
    "figures": HOUSE / "figures/figures.html.j2",
}
ENOUGH = 4.5
# Behind a picture, a frame or the bars of a chart stands no text of ours.
WORDLESS = {".qr", "iframe", ".legend span"}
# Marks within a text, which stands there in its own colour.
WITHIN = {"mark", "ins", "del"}
Rules = dict[str, dict[str, str]]
Colour = tuple[float, float, float]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sheet", SHEETS)
def test_every_text_can_be_read_on_whatever_may_stand_behind_it(sheet: str, scheme: str) -> None:
    pairs = pairs_of(SHEETS[sheet].read_text("utf-8"), scheme)

    assert len(pairs) >= 2
    assert {where: round(ratio(*pair), 2) for where, pair in pairs.items() if ratio(*pair) < ENOUGH} == {}


@pytest.mark.parametrize(
    ("text", "behind", "expected"),
    [("#000", "#fff", 21.0), ("#777", "#ffffff", 4.48), ("#96690a", "#f4f5f7", 4.45), ("#757575", "#15171b", 3.9)],
)
def test_the_ratio_is_that_of_the_standard(text: str, behind: str, expected: float) -> None:
    assert ratio(read(text), read(behind)) == pytest.approx(expected, abs=0.01)


def test_what_a_browser_takes_for_a_placeholder_is_not_left_to_it() -> None:
    rules, _ = cascade(SHEETS["door"].read_text("utf-8"), "light")

    assert rules["::placeholder"] == {"color": "var(--soft)", "opacity": "1"}


def test_a_pale_text_is_found_in_the_scheme_in_which_it_is_pale() -> None:
    css = """
    :root { --ink: #222; --pale: #ddd; --paper: #fff; }
    @media (prefers-color-scheme: dark) { :root { --ink: #eee; --paper: #111; } }
    body { background: var(--paper); color: var(--ink); } .soft { color: var(--pale); }
    """

    def faults(scheme: str) -> list[str]:
        return [where for where, pair in pairs_of(css, scheme).items() if ratio(*pair) < ENOUGH]

    assert (faults("light"), faults("dark")) == ([".soft on body"], [])


def pairs_of(css: str, scheme: str) -> dict[str, tuple[Colour, Colour]]:
    """Text and what is behind it, by where they stand: a rule's own background, or else every surface there is."""
    rules, names = cascade(css, scheme)
    grounds = {
        place: read(found)
        for place, declared in rules.items()
        if place not in WORDLESS and (found := colour_of(declared.get("background", ""), names))
    }
    ink = colour_of(rules["body"]["color"], names)
    surfaces = {
        place: ground
        for place, ground in grounds.items()
        if place == "body" or ("color" not in rules[place] and place not in WITHIN)
    }
    pairs: dict[str, tuple[Colour, Colour]] = {}
    for place, declared in rules.items():
        text = colour_of(declared.get("color", ""), names) or (ink if place in grounds else "")
        if not text:
            continue
        own = grounds.get(place)
        for behind, ground in {place: own}.items() if own else surfaces.items():
            pairs[f"{place} on {behind}"] = (read(text), ground)
    return pairs


def cascade(css: str, scheme: str) -> tuple[Rules, dict[str, str]]:
    """The rules as they hold in a scheme, and the colours by name."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    if "<style>" in css:
        css = css.split("<style>")[1].split("</style>")[0]
    dark = [block(css, found.end()) for found in re.finditer(r"@media \(prefers-color-scheme: dark\) \{", css)]
    for inner in dark:
        css = css.replace(inner, "")
    parts = [re.sub(r"@media [^{]*\{\s*\}", "", css), *(dark if scheme == "dark" else [])]
    rules: Rules = {}
    for part in parts:
        for places, declared in re.findall(r"([^{}@;]+)\{([^{}]*)\}", part):
            found = dict(re.findall(r"([\w-]+):\s*([^;]+)", declared))
            for place in places.split(","):
                rules.setdefault(place.strip(), {}).update({key: value.strip() for key, value in found.items()})
    for place in [one for one in rules if one.endswith(":hover")]:
        rules[place] = {**rules.get(place.removesuffix(":hover"), {}), **rules[place]}
    return rules, {key[2:]: value for key, value in rules.get(":root", {}).items() if key.startswith("--")}


def block(css: str, start: int) -> str:
    """What stands between a brace that was opened just before `start` and the one that closes it."""
    depth, at = 1, start
    while depth:
        depth += {"{": 1, "}": -1}.get(css[at], 0)
        at += 1
    return css[start : at - 1]


def colour_of(value: str, names: dict[str, str]) -> str:
    """The colour that a declaration names, tints mixed with the page; nothing where it names none."""
    if named := re.search(r"var\(--([\w-]+)\)", value):
        return colour_of(names[named[1]], names)
    if tint := re.search(r"rgba\((\d+), (\d+), (\d+), ([\d.]+)\)", value):
        paper, share = read(names["paper"]), float(tint[4])
        mixed = (round(share * int(tint[at + 1]) + (1 - share) * 255 * paper[at]) for at in range(3))
        return "#" + "".join(f"{one:02x}" for one in mixed)
    plain = re.search(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b", value)
    return plain[0] if plain else ""


def read(colour: str) -> Colour:
    """Red, green and blue from 0 to 1."""
    digits = colour[1:]
    digits = "".join(one * 2 for one in digits) if len(digits) == 3 else digits
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def ratio(one: Colour, other: Colour) -> float:
    """The contrast ratio: WCAG 2.2, definition of contrast ratio and of relative luminance."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: Colour) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
