from datetime import date

import pytest

from policies import check_copy, load_policies, load_prompt
from presscheck.demo import make_demo
from presscheck.providers import open_copywriter
from presscheck.screening.catalogue import load_product
from tasks.briefs import load_brief

DAY = date(2026, 11, 21)


@pytest.fixture(name="policies", scope="module")
def _policies():
    return load_policies()


@pytest.mark.parametrize("channel", ["email", "sms", "push", "social", "search", "blog"])
@pytest.mark.parametrize("tone", ["plain", "warm", "playful", "bold"])
def test_what_the_offline_copywriter_writes_for_the_demo_has_nothing_that_a_person_must_see(
    tmp_path, policies, channel, tone
):
    demo = make_demo(tmp_path, as_of=DAY)
    brief = load_brief(demo.brief, as_of=DAY).model_copy(update={"channel": channel, "tone": tone})
    product = load_product(demo.catalogue, demo.product)
    prompt = load_prompt(f"prompts.{channel}-variants")

    variants = open_copywriter("offline").write(brief, product, prompt=prompt, count=25, seed=7)

    findings = [
        finding
        for variant in variants
        for finding in check_copy(variant.copy_, brief=brief, product=product, policies=policies, as_of=DAY)
    ]
    # Notes are matters of taste, and the copywriter is a stand-in.
    assert [finding for finding in findings if finding.level != "note"] == []
    assert {variant.author.prompt_id for variant in variants} == {f"prompts.{channel}-variants"}


@pytest.mark.slow
@pytest.mark.parametrize("channel", ["social", "search", "blog"])
def test_the_demos_brief_for_everybody_can_be_drafted_from_as_it_is(tmp_path, policies, channel):
    demo = make_demo(tmp_path, as_of=DAY)
    brief = load_brief(demo.brief.with_name(f"spring_{channel}.yaml"), as_of=DAY)
    product = load_product(demo.catalogue, demo.product)

    prompt = load_prompt(f"prompts.{channel}-variants")
    variants = open_copywriter("offline").write(brief, product, prompt=prompt, count=50, seed=7)

    judged = [check_copy(v.copy_, brief=brief, product=product, policies=policies, as_of=DAY) for v in variants]
    graver = [found for findings in judged for found in findings if found.level != "note"]
    assert (brief.channel, graver) == (channel, [])
    assert len({variant.copy_.body for variant in variants}) == 50
    assert len({variant.copy_.subject.casefold() for variant in variants}) == (1 if channel == "social" else 50)
