"""Words that would slip past the guardrails, or switch them off: neither works, and what lets a rule pass is told."""

import unicodedata
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from policies import PolicySet, allowances, check_copy, check_texts, load_policies
from presscheck.assets.copy.letters import preview_html
from presscheck.cleaning import clean_text
from presscheck.models import Allowance, Brief, CallToAction, Claim, Copy, Finding, Product
from tests.desk.scene import BRIEF, draft, shipped_policies

TODAY = date(2026, 3, 2)
GOOD = draft(0)


@pytest.fixture(scope="session")
def shipped() -> PolicySet:
    return load_policies()


def found(copy: Copy, brief: Brief = BRIEF, product: Product | None = None) -> list[Finding]:
    """What the shipped guardrails say of a copy."""
    return list(check_copy(copy, brief=brief, product=product, policies=shipped_policies(), as_of=TODAY))


def let_pass(copy: Copy, brief: Brief = BRIEF, product: Product | None = None) -> list[Allowance]:
    """What the shipped guardrails let pass in a copy."""
    return list(allowances(copy, brief=brief, product=product, policies=shipped_policies(), as_of=TODAY))


def saying(words: str) -> Copy:
    """A good copy that says something more."""
    return GOOD.model_copy(update={"body": f"{GOOD.body}\n\nSo. {words}"})


def briefed(**changes: Any) -> Brief:
    return Brief.model_validate(BRIEF.model_dump(mode="json") | changes)


def blocking(copy: Copy, brief: Brief = BRIEF, product: Product | None = None) -> set[str]:
    return {finding.rule for finding in found(copy, brief, product) if finding.level == "block"}


# ---------------------------------------------------------------- links


LOOK_ALIKES = [
    "https://br\u0430nd.example/fell",  # Cyrillic a
    "br\u0430nd.example/fell",
    "https://brand.ex\u0430mple/fell",
    "https://bran\u0501.example/fell",  # Cyrillic komi de
    "https://brɑnd.example/fell",  # Latin alpha
    "https://ƅrand.example/fell",
    "https://bränd.example/fell",
    "https://bra\u0301nd.example/fell",
    "https://xn--brnd-63d.example/fell",
    "https://xbr\u200dand.example/fell",
    "https://b\u200drand.example/fell",
    "https://brand.example@evil.net/fell",
    "https://brand.example:x@evil.net/fell",
    "https://brand.example%2ffell@evil.net",
    "https://brand.example\uff20evil.net/fell",
    "https://brand.example.evil.net/fell",
    "brand.example.evil.net/fell",
    "brand.example。evil.net/fell",
    "brand.example．evil.net",
    "brand.example｡evil.net",
    "brand.example-evil.net/fell",
    "x_brand.example/fell",
    "evil-brand.example/fell",
    "https://evil.net/https://brand.example/fell",
    "https://evil.net/?https://brand.example/fell",
    "https://evil.net\\@brand.example/fell",
    "https://evil.net#@brand.example/fell",
    "https://brand.example:8443/fell",
    "https://brand.example/fell/../../evil",
    "https://brand.example/%66ell2",
    "https://brand.example/fell?to=evil",
    "https://brand.example/FELL",
    "ftp://brand.example/fell",
    "javascript://brand.example/fell",
    "https:/\\evil.net/fell",
    "https:\\\\evil.net",
    "//evil.net/fell",
    "http://2130706433/fell",
    "http://0x7f.1/fell",
    "https://ev\u00adil.net",
    "evil.net²",
    "evil\u200b.net",
    "evil.net™",
    "Wait…evil.net",
    "Wait...evil.net",
    "(evil.net)",
    "@evil.net",
    "i❤fell.ws",
    "今すぐevil.netへ",
    "пример.рф",
    "evil.中国",
    "evil.сом",
    "fell.zip",
    "fell.mov/x",
    "fell.New",
    "evil.net.",
    "EVIL.NET",
    "www.evil",
    "_evil.com_",
    "evil.한국",
    "evil.ไทย",
    "evil.xn--3e0b707e",
]


@pytest.mark.parametrize("link", LOOK_ALIKES)
def test_a_link_that_only_looks_like_the_briefed_one_is_blocked(link: str) -> None:
    assert "safety.links-as-briefed" in blocking(saying(f"See {link} now."))


@pytest.mark.parametrize(
    "link",
    [
        "https://brand.example/fell",
        "brand.example/fell",
        "www.brand.example/fell/",
        "HTTPS://Brand.Example:443/fell",
        "https://brand.example./fell",
        "brand.example/x/../fell",
        "https://brand.example/%66ell",
        "https://brand.example\\fell",
        "(brand.example/fell), “brand.example/fell”; «brand.example/fell»…",
    ],
)
def test_the_briefed_link_passes_however_it_is_written(link: str) -> None:
    assert "safety.links-as-briefed" not in blocking(saying(f"See {link} now."))


@pytest.mark.parametrize(
    "words",
    ["At 8 p.m., e.g. here, i.e. there.", "Node.js, No.1, v2.0, 3.5 kg, U.S.A.", "Stop.Then go.", "a.k.a. Fell"],
)
def test_a_full_stop_in_a_word_makes_no_link(words: str) -> None:
    assert "safety.links-as-briefed" not in blocking(saying(words))


def test_a_bare_domain_in_a_feeds_name_is_a_link() -> None:
    product = Product(id="P1", name="Fell Jacket from cheap-fells.club", price="49.00")

    assert "safety.links-as-briefed" in blocking(saying(f"Meet the {product.name}."), product=product)


def test_a_look_alike_is_told_with_the_host_that_it_leads_to() -> None:
    told = [f.message for f in found(saying("See br\u0430nd.example/fell.")) if f.rule == "safety.links-as-briefed"]

    assert told[0].endswith("It leads to xn--brnd-63d.example.")


def test_a_contact_that_only_looks_like_the_brands_own_is_blocked() -> None:
    assert blocking(saying("Write to news@brand.example.")) == set()
    for other in ("news@br\u0430nd.example", "n\u0435ws@brand.example", "news@brand.example.evil.net"):
        assert "pii.email" in blocking(saying(f"Write to {other}."))


@pytest.mark.parametrize(
    "url", ["https://evil.net/fell", "https://br\u0430nd.example/fell", "https://brand.example:444/fell"]
)
def test_a_button_of_its_own_that_leads_elsewhere_is_blocked(url: str) -> None:
    copy = GOOD.model_copy(update={"call_to_action": CallToAction(label="See the jacket", url=url)})

    assert blocking(copy) == {"safety.links-as-briefed"}


@pytest.mark.parametrize("url", ["https://brand.example@evil.net/", "https:///evil.net", "https://a:b@evil.net"])
def test_no_brief_and_no_button_names_another_host_before_an_at_or_none(url: str) -> None:
    with pytest.raises(ValidationError):
        CallToAction(label="See the jacket", url=url)


UNCLEAR_HOSTS = [
    "https://brand.example\uff20evil.net",  # a wide @, which would have gone out as one
    "https://brand.example\uff0fx.evil.net/",
    "https://brand.example\uff1ax.evil.net/",
    "https://brand.example\uff03x.evil.net/",
    "https://brand.example%2eevil.net/",
    "https://brand.example%40evil.net/",
    "https://br%61nd.example/",
    "https://brand.example;evil.net/",
    "https://brand.example,evil.net/",
    "https://brand.example&evil.net/",
    "https://brand.example:99999/",
    "https://brand.example:x/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001",
    "https://127.1/",
    "https://0177.0.0.1/",
    "https://[0:0::1]/",
    "https://[evil/",
    "https://./",
    "https://brand..example/",
    "https://-brand.example/",
]


@pytest.mark.parametrize("url", UNCLEAR_HOSTS)
def test_no_brief_and_no_button_names_a_host_that_two_programs_read_in_two_ways(url: str) -> None:
    with pytest.raises(ValidationError):
        CallToAction(label="See the jacket", url=url)


@pytest.mark.parametrize(
    "url",
    [
        "https://brand.example:8443/fell?a=%2e#x", "https://brand.example./", "https://bücher.example/ä",
        "https://xn--bcher-kva.example", "https://192.0.2.7/x", "https://[2001:db8::1]/x", "https://i❤.ws/",
        "https://my_shop.brand.example", "https://3d.example/", "https://localhost:8080/x",
    ],
)  # fmt: skip
def test_hosts_that_everybody_reads_alike_are_taken(url: str) -> None:
    assert CallToAction(label="See the jacket", url=url).as_sent.url.isascii()


def test_the_words_of_the_briefs_button_are_judged_because_they_are_sent() -> None:
    brief = briefed(call_to_action={"label": "Last chance", "url": "https://brand.example/fell"})

    assert blocking(GOOD.model_copy(update={"call_to_action": None}), brief) == {"pressure.urgency"}


def test_what_is_shown_and_sent_is_the_host_in_ascii() -> None:
    brief = briefed(call_to_action={"label": "See it", "url": "https://br\u0430nd.example/fell"})

    html = preview_html(GOOD.model_copy(update={"call_to_action": None}), brief)

    assert 'href="https://xn--brnd-63d.example/fell"' in html
    assert "br\u0430nd" not in html


# ---------------------------------------------------------------- what lets a rule be silent

UNLOCKING = [
    ("Last chance to see it.", "pressure.urgency", "last chance"),
    ("Enjoy free shipping.", "claims.free-offers", "free shipping"),
    ("It is 100% wool.", "claims.figures", "100% wool"),
    ("Now $10 off.", "claims.figures", "$10 off"),
    ("Write to eve@evil.net.", "pii.email", "eve@evil.net"),
    ("See evil.net/x.", "safety.links-as-briefed", "https://evil.net/x"),
    ("The lightest jacket.", "claims.superlatives", "lightest"),
    ("The best jacket.", "claims.superlatives", "The best jacket"),
]


@pytest.mark.parametrize(("words", "rule", "key"), UNLOCKING)
@pytest.mark.parametrize("where", ["keywords", "label", "title", "persona", "sender", "brand", "category", "nothing"])
def test_no_keyword_label_brand_or_category_lets_a_rule_be_silent(words: str, rule: str, key: str, where: str) -> None:
    changes: dict[str, Any] = {
        "keywords": {"keywords": [key]},
        "label": {"call_to_action": {"label": key, "url": "https://brand.example/fell"}},
        "title": {"title": key},
        "persona": {"persona": key},
        "sender": {"sender": BRIEF.sender.model_dump() | {"name": key, "postal_address": key}},
    }.get(where, {})
    product = Product(id="P1", name="Fell", price="49.00", **({where: key} if where in ("brand", "category") else {}))

    assert rule in blocking(saying(words), briefed(**changes), product)


@pytest.mark.parametrize(("words", "rule", "key"), [one for one in UNLOCKING if "superlatives" not in one[1]])
@pytest.mark.parametrize("where", ["offer", "key point", "claim"])
def test_the_offer_a_key_point_and_a_live_claim_do_and_it_is_told(words: str, rule: str, key: str, where: str) -> None:
    facts = [fact.model_dump() for fact in BRIEF.key_points]
    brief = {
        "offer": briefed(offer=f"Here: {key} for all."),
        "key point": briefed(key_points=[*facts, {"text": f"Here: {key} for all."}]),
        "claim": briefed(claims=[{"text": f"Here: {key} for all.", "evidence": "x", "expires": "2026-03-02"}]),
    }[where]

    (told,) = [one for one in let_pass(saying(words), brief) if one.rule == rule and one.field == "body"]

    assert rule not in blocking(saying(words), brief)
    assert told.by == {"offer": "offer", "key point": "key point 2", "claim": "claim 1"}[where]
    assert told.words == f"Here: {key} for all."
    assert saying(words).body[slice(*(told.span or ()))] == told.text


@pytest.mark.parametrize(
    ("words", "rule", "facts"),
    [
        ("Enjoy free shipping.", "claims.free-offers", ("Free.",)),
        ("Enjoy free shipping.", "claims.free-offers", ("It is free", "Shipping is fast")),
        ("Enjoy free shipping.", "claims.free-offers", ("Shipping free", "Care-free shipping")),
        ("Enjoy free shipping.", "claims.free-offers", ("It is free. Shipping costs 5 dollars",)),
        (
            "Enjoy free shipping.",
            "claims.free-offers",
            ("Free (shipping costs extra)", "Free, shipping extra"),
        ),
        ("Enjoy free shipping.", "claims.free-offers", ("Carefree shippings",)),
        ("Take the free trial.", "claims.free-offers", ("A lead-free trial kit",)),
        ("Take the free trial.", "claims.free-offers", ("Free trial-size soap",)),
        ("Last chance now.", "pressure.urgency", ("At last", "A chance")),
        ("Only 20% left.", "claims.figures", ("120% of it", "20 grams")),
        ("Now $20.", "claims.figures", ("20%", "€20")),
    ],
)
def test_parts_of_words_and_phrases_put_together_let_nothing_pass(
    words: str, rule: str, facts: tuple[str, ...]
) -> None:
    brief = briefed(key_points=[{"text": text} for text in facts])

    assert rule in blocking(saying(words), brief)


def test_a_claim_that_has_expired_lets_nothing_pass() -> None:
    claim = Claim(text="The lightest jacket with free shipping at $10", evidence="x", expires=date(2026, 3, 1))
    brief = BRIEF.model_copy(update={"claims": (claim,)})

    assert {"claims.superlatives", "claims.free-offers", "claims.figures"} <= blocking(
        saying("The lightest jacket with free shipping at $10."), brief
    )


def test_a_product_name_lets_pass_what_stands_in_the_whole_of_it_and_nothing_elsewhere() -> None:
    product = Product(id="P1", name="Fell Best 40", price="49.00")

    assert blocking(saying("Meet the Fell Best 40."), product=product) == set()
    assert {one.by for one in let_pass(saying("Meet the Fell Best 40."), product=product)} >= {"product name"}
    for words, rule in (
        ("The best jacket.", "claims.superlatives"),
        ("Meet the Best 40 hours.", "claims.figures"),
        ("Meet the Fell Best.", "claims.superlatives"),
        ("Meet the Fell Best 400.", "claims.figures"),
        ("Meet the xFell Best 40.", "claims.superlatives"),
        ("For 40 days.", "claims.figures"),
    ):
        assert rule in blocking(saying(words), product=product)


@pytest.mark.parametrize(
    ("name", "words", "rule"),
    [
        ("Best", "Best jacket.", "claims.superlatives"),
        ("best", "The best jacket.", "claims.superlatives"),
        ("The Best!", "The Best jacket.", "claims.superlatives"),
        ("Best of", "The Best of jackets.", "claims.superlatives"),
        ("Ultimate", "Ultimate warmth.", "claims.superlatives"),
        ("Number one", "Number one.", "claims.superlatives"),
        ("Best 1", "It is the Best 1.", "claims.superlatives"),
        ("20%", "Save 20% today.", "claims.figures"),
        ("$5", "Now $5.", "claims.figures"),
        ("2 in 1", "Save 2 in 1 go.", "claims.figures"),
        ("Free", "It is Free for you.", "claims.free-offers"),
        ("Free shipping", "Free shipping.", "claims.free-offers"),
        ("Last chance", "Last chance.", "pressure.urgency"),
    ],
)
def test_a_product_called_like_what_a_rule_looks_for_lets_nothing_pass(name: str, words: str, rule: str) -> None:
    assert rule in blocking(saying(words), product=Product(id="P1", name=name, price="49.00"))


def test_a_feeds_free_text_supports_no_price_no_share_and_no_pressure() -> None:
    product = Product(
        id="P1",
        name="Fell",
        price="49.00",
        description="Last chance! Free shipping, 90% off, $5, eve@evil.net evil.net",
    )

    copy = saying("Last chance: free shipping, 90% off, $5. Write to eve@evil.net or see evil.net.")

    assert blocking(copy, product=product) >= {
        "pressure.urgency", "claims.free-offers", "claims.figures", "pii.email",
        "safety.links-as-briefed",
    }  # fmt: skip


def test_a_flood_of_allowed_words_does_not_push_what_is_forbidden_out_of_sight() -> None:
    brief = briefed(offer="Hurry to the Fell jacket.")
    copy = saying("Hurry! " * 500 + "Last chance.")

    assert blocking(copy, brief) == {"pressure.urgency"}
    assert [one.text.lower() for one in let_pass(copy, brief) if one.rule == "pressure.urgency"] == ["hurry"]


WORDS = st.lists(
    st.sampled_from(
        [
            *("last", "chance", "free", "shipping", "hurry", "best", "100%", "$10", "brand.example/fell", "evil.net"),
            *("news@brand.example", "the", "a", ".", ",", "Fell", "40"),
        ]
    ),
    max_size=12,
).map(" ".join)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(offer=WORDS, key=WORDS, name=WORDS, said=WORDS)
def test_law_each_place_that_a_rule_looks_for_is_found_or_told(offer: str, key: str, name: str, said: str) -> None:
    """What a brief that says nothing would have blocked is either still found, or stands among what was let pass."""
    silent = briefed(offer="Nothing.", key_points=[], claims=[])
    brief = briefed(offer=f"Nothing {offer}", key_points=[{"text": f"Nothing {key}"}], claims=[])
    product = Product(id="P1", name=f"Fell {name}", price="49.00")
    copy = GOOD.model_copy(
        update={"subject": "A jacket", "preheader": "", "body": f"The jacket {said} is here to see."}
    )

    bare = {(f.rule, f.field, f.span) for f in found(copy, silent) if f.span}
    still = {(f.rule, f.field, f.span) for f in found(copy, brief, product) if f.span}
    passed = {(one.rule, one.field, one.text) for one in let_pass(copy, brief, product)}

    for rule, field, span in bare - still:
        assert (rule, field, getattr(copy, field)[slice(*span)].strip()) in passed


# ---------------------------------------------------------------- the text that is read is the text that is sent

UNSEEN = [
    "\ue000", "\uf8ff", "\U000f0000", "\U0010fffd", "\ufdd0", "\ufffe", "\U0001ffff", "\x01", "\x1f", "\x7f",
    "\x80", "\x9f",
    "\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u180e", "\u200b", "\u200c", "\u200d", "\u200e",
    "\u2060",
    "\u2064", "\u206f", "\u2800", "\u3164", "\ufe0f", "\ufeff", "\uffa0", "\ufff9", "\U000e0041", "\U000e0100",
    "\U0001d173",
    "\u0301", "\u0336", "\u20dd",
]  # fmt: skip


@pytest.mark.parametrize("mark", UNSEEN, ids=lambda mark: f"U+{ord(mark):04X}")
@pytest.mark.parametrize("words", ["hur{}ry", "last{} chance", "last{}chance", "{}hurry{}", "h{0}u{0}r{0}r{0}y"])
def test_no_mark_that_nobody_sees_hides_a_word(mark: str, words: str, shipped: PolicySet) -> None:
    (judged,) = check_texts([f"So {words.format(mark, mark)} now"], policies=shipped)

    visible = unicodedata.category(mark) in ("Mn", "Me") and words == "last{}chance"
    assert visible or "pressure.urgency" in {finding.rule for finding in judged}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Hurry² now", "pressure.urgency"),
        ("Free shipping¹ today", "claims.free-offers"),
        ("Free shipping™ today", "claims.free-offers"),
        ("Free shipping① today", "claims.free-offers"),
        ("Free shippingª today", "claims.free-offers"),
        ("Free shipping🇺🇸 today", "claims.free-offers"),
        ("①Free shipping today", "claims.free-offers"),
        ("The best¹ jacket", "claims.superlatives"),
        ("The best™ jacket", "claims.superlatives"),
        ("Write to bob@example.net²", "pii.email"),
        ("Ⓛⓐⓢⓣ ⓒⓗⓐⓝⓒⓔ", "pressure.urgency"),
        ("ʜᴜʀʀʏ now", "pressure.urgency"),
        ("հurry now", "pressure.urgency"),
    ],
)
def test_a_sign_that_stands_at_a_word_does_not_hide_it(text: str, rule: str, shipped: PolicySet) -> None:
    (judged,) = check_texts([text], policies=shipped)

    assert rule in {finding.rule for finding in judged}


@pytest.mark.parametrize("link", ["-", "_", "/", ".", "*", "•", "…", "🎁", "–", "—", "\u2011", "→", "~", "|"])
@pytest.mark.parametrize("words", ["Free{}shipping", "last{}chance", "for ever: last{0}chance, now"])
def test_a_sign_in_the_place_of_a_space_hides_no_phrase(words: str, link: str, shipped: PolicySet) -> None:
    (judged,) = check_texts([f"So {words.format(link)} now"], policies=shipped)

    assert {"claims.free-offers", "pressure.urgency"} & {finding.rule for finding in judged}


@pytest.mark.parametrize(
    "text", ["A lead-free-trial kit", "At last, chance", "The at-last-chance box", "PFC-free. Shipping is slow."]
)
def test_a_part_of_a_longer_linked_word_is_no_phrase(text: str, shipped: PolicySet) -> None:
    (judged,) = check_texts([text], policies=shipped)

    assert not {"claims.free-offers", "pressure.urgency"} & {finding.rule for finding in judged}


@pytest.mark.parametrize("text", ["freee shipping", "FREEEEE SHIPPING", "Hurrrry!", "laaast chance"])
def test_a_stretched_letter_hides_no_word_whether_it_stands_once_or_twice_in_it(text: str, shipped: PolicySet) -> None:
    (judged,) = check_texts([text], policies=shipped)

    assert {"claims.free-offers", "pressure.urgency"} & {finding.rule for finding in judged}


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from([*"hurry ", "hurry", "last chance", *UNSEEN]), st.characters()), max_size=12
    ).map("".join)
)
def test_law_cleaning_brings_no_word_to_light_that_was_not_judged(text: str) -> None:
    """Whatever the cleaned text says, the text before said to the guardrails."""
    before, after = check_texts([text, clean_text(text)], policies=shipped_policies())

    assert {f.rule for f in after if f.rule.startswith("legal.")} <= {f.rule for f in before}


# ---------------------------------------------------------------- merge tags of other tools

FIELDS = [
    "FIRSTNAME", "first_name", "FirstName", "First Name", "FNAME", "Vorname", "NACHNAME", "Prénom", "prenom",
    "Apellido",
    "Cognome", "Voornaam", "Achternaam", "Primeiro_Nome", "Sobrenome", "last_name",
]  # fmt: skip
MARKS = [
    "%{}%", "%%{}%%", "[{}]", "[[{}]]", "[%{}%]", "{{{{{}}}}}", "{{{{ {} }}}}", "{{{}}}", "{{% {} %}}",
    "<% {} %>", "<%= {} %>",
    "${{{}}}", "#{{{}}}", "@{{{}}}", "{{${}}}", "{{!{}}}", "(({}))", "*|{}|*", "*|{}:there|*", "|{}|", "##{}##",
    "#{}#", "@{}@",
    "__{}__", "-{}-", "&{}&", "~{}~", "!!{}!!", "!{}!", "^{}^", "<<{}>>", "<{}>", "«{}»", "‹{}›", "$" + "{}",
    "%" + "{}", "@{}",
    "{}|there", "[{},fallback=there]", "[{} | default: there]", "[contact.{}]", "%recipient.{}%", "[Your {}]",
    "*{}*", "={}=",
    ":{}:", "%%={}=%%", "＜{}＞", "｛{}｝", "［{}］", "％{}％",
]  # fmt: skip


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("field", FIELDS)
def test_a_merge_tag_of_another_tool_is_blocked_in_every_spelling(field: str, mark: str, shipped: PolicySet) -> None:
    (judged,) = check_texts([f"So hello {mark.format(field)}, the jacket is here."], policies=shipped)

    assert "safety.no-markup-or-templates" in {finding.rule for finding in judged if finding.level == "block"}


@pytest.mark.parametrize(
    "text",
    [
        "Hi ,", "Dear null,", "Hello undefined!", "Hallo  ,", "Bonjour None,", "Hola nan!", "Ciao , vieni",
        "Hi , ,", "Hi,,",
        "Dear ______,", "Hi First Name,", "Hallo Vorname!", "Hi %s,", "Hi %1$s!", "Hi {0},", "[Name des Kunden]",
        "[nome do cliente]", "[Your name here]", "[INSERT NAME]", "Hello [object Object]", "Lorem ipsum dolor",
        "Hi %NAME%",
        "Hi $name,", "Hi [Nom],", "Hi |NAME|", "Hi «Name»", "Hi @name@", "Hi #name#", "Hi [E-Mail]", "Hi {{", "x %}",
        "Hi @{name}", "Hi %%cust.x%%", "Hi [user_id]", "$user_name", "{price}", "<?=$name?>", "Buy [product_title]",
    ],
)  # fmt: skip
def test_a_greeting_without_its_name_and_other_placeholders_are_blocked(text: str, shipped: PolicySet) -> None:
    (judged,) = check_texts([text], policies=shipped)

    assert "safety.no-markup-or-templates" in {finding.rule for finding in judged if finding.level == "block"}


@pytest.mark.parametrize(
    "text",
    [
        "Hi ⟨Vorname⟩,", "Hi 【Name】", "Hi 「Vorname」,", "Hi §VORNAME§", "Hi ¦NAME¦", "Hi ++vorname++",
        "Hi “Vorname”,", "Hola #NOMBRE,", "Liebe(r) Vorname,", "Cher/e Prénom,", "Hi CUSTOMER_NAME,", "Hi XXX,",
        "Dear ...,", "Hi -,", "Hi {}", "Hi [],", "Hi <>", "Hi %%", "Hi null null,", "Hi %(name)s,", "Hi {:name}",
        "Hi [customfield:name]", "Now $undefined", "Price: NaN", "See [website]", "[CTA]", "[ENDIF]",
        "Kære [Navn],", "Hej [Namn]", "Привет, [Имя]!", "Привет, %ИМЯ%", "Здравствуйте, {имя}", "你好 [姓名]",
        "こんにちは、[お名前]様", "%名前%様", "안녕하세요 [이름]님", "%이름%님", "مرحبا [الاسم]", "नमस्ते [नाम]",
    ],
)  # fmt: skip
def test_merge_tags_in_more_brackets_and_scripts_are_blocked(text: str, shipped: PolicySet) -> None:
    (judged,) = check_texts([text], policies=shipped)

    assert "safety.no-markup-or-templates" in {finding.rule for finding in judged if finding.level == "block"}


@pytest.mark.parametrize("text", ["=1+1", "+A1!B2", "@SUM(1)", "-2+3+cmd|' /C calc'!A0", '+HYPERLINK("x")'])
def test_a_formula_is_blocked_by_what_it_calls(text: str, shipped: PolicySet) -> None:
    (judged,) = check_texts([text], policies=shipped, channel="email", field="subject")

    assert "safety.no-markup-or-templates" in {finding.rule for finding in judged if finding.level == "block"}


@pytest.mark.parametrize(
    "text",
    [
        "-20% auf alles!", "–20 % auf alles", "@brand has news", "+++ Neu: R&D +++", "-> see more", "- wool",
        "Get 20% discount & more", "Brand & product & price", "#city #travel", "#Stadt #Land #name #date",
        "Save 10% price & 5% date % off", "24/7, #1 tip, C#, A&B, (new)", "„Fell“ und ‚Fell‘", "« Le nom »",
        "【新品】「新しい」", "Hello … it is me", "Hallo Null Uhr", "Hi! 9:30–17:00", "Москва — «город»",
    ],
)  # fmt: skip
def test_lists_percentages_names_and_hashtags_are_neither_formula_nor_merge_tag(text: str, shipped: PolicySet) -> None:
    (judged,) = check_texts([text], policies=shipped)

    assert "safety.no-markup-or-templates" not in {finding.rule for finding in judged}


@pytest.mark.parametrize(
    "text",
    [
        "100% organic, 50% wool", "50 % off % more", "[sic]", "$50, $5-$10 (US$)", "R&D and Q&A at AT&T", "(new) in",
        "[Update] We are open", "[DE] Jetzt neu", "#summer_sale with @some_user", "ADIDAS ORIGINALS NMD_R1 (NMD_R1)",
        ">> Jetzt kaufen <<", "I <3 you", "Il dit «Bonjour» à tous.", "« Bonjour », dit-il.",
        "[-20%] today, [50%] tomorrow",
        "A$AP Rocky, $AAPL", "100%ig gut", "Hello, there", "Dear customer,", "Liebe, die bleibt.", "Bonjour !",
        "Hello !",
        "Name, e-mail and city.", "What's in a *name*?", "Name | Date | Price",
        "https://x.com/?utm_source=a&utm_medium=b",
        "x.de/m%C3%BCller/%C3%A4b", "Foto: [dpa]", "[Link in bio]", "no-name-brands", "#name your price",
        "50%*, 60%**",
        "The last name in comfort.", "Hallo Null-Emissionen!", "!! New !!", "C++ and C#", "~50%~",
        "(see below) - (see above)",
        "Family: 👩‍👩‍👧 and 1️⃣ 🏳️‍🌈", "می‌خواهم", "5 * 3 | 2", "½ price; 3 × 4",
    ],
)  # fmt: skip
def test_honest_copy_is_no_merge_tag(text: str, shipped: PolicySet) -> None:
    (judged,) = check_texts([text], policies=shipped)

    assert "safety.no-markup-or-templates" not in {finding.rule for finding in judged}
