"""What is in scope, who may approve, and that no answer means no."""

from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from policies import ApprovalPolicy, PolicySet, load_policies
from presscheck.models import Refused

Write = Callable[[str, str], Path]


def second_approval(folder: Path, channels: str, markets: str = "all") -> str:
    text = (folder / "approvals/campaign-copy.yaml").read_text()
    text = text.replace("id: approvals.campaign-copy", "id: approvals.second")
    text = text.replace("  channels: all\n  markets: all", f"  channels: {channels}\n  markets: {markets}")
    return text.partition("cases:")[0] + (
        "cases:\n  - {when: {gate: copy, channel: sms, markets: [DE]}, applies: true}\n"
        "  - {when: {gate: copy, channel: push, markets: [DE]}, applies: false}\n"
    )


def test_one_policy_says_who_decides(shipped: PolicySet) -> None:
    policy = shipped.approval_for(gate="copy", channel="email", markets=("US",), tier="medium")

    assert isinstance(policy, ApprovalPolicy)
    assert policy.roles == ("brand_lead",)
    assert policy.longest.days == 7


def test_no_matching_policy_is_a_refusal_that_names_what_to_write(shipped: PolicySet) -> None:
    refused = shipped.approval_for(gate="budget", channel="email", markets=("US",), tier="medium")

    assert isinstance(refused, Refused)
    assert refused.code == "no-policy"
    assert "gates: [budget]" in refused.reason


def test_two_matching_policies_are_a_refusal(folder: Path, write: Write) -> None:
    write("approvals/second.yaml", second_approval(folder, "[sms]"))
    policies = load_policies(folder)

    refused = policies.approval_for(gate="copy", channel="sms", markets=("US",))

    assert isinstance(refused, Refused)
    assert refused.code == "ambiguous-policy"
    assert "approvals.campaign-copy, approvals.second" in refused.reason
    assert isinstance(
        policies.approval_for(gate="copy", channel="email", markets=("US",), tier="medium"), ApprovalPolicy
    )


def test_an_approval_policy_must_cover_every_market(folder: Path, write: Write) -> None:
    write("approvals/second.yaml", second_approval(folder, "[sms]", "[DE, AT]"))
    (folder / "approvals/campaign-copy.yaml").unlink()
    policies = load_policies(folder)

    assert isinstance(policies.approval_for(gate="copy", channel="sms", markets=("DE",)), ApprovalPolicy)
    assert isinstance(policies.approval_for(gate="copy", channel="sms", markets=("DE", "FR")), Refused)
    assert "approvals.second" not in policies.in_scope(channel="sms", markets=("DE", "FR"), gate="copy")


def test_no_market_at_all_is_covered_by_nothing(shipped: PolicySet) -> None:
    assert isinstance(shipped.approval_for(gate="copy", channel="email", markets=()), Refused)
    assert shipped.in_scope(channel="email", markets=(), gate="copy") == {}


def test_what_somebody_does_to_an_answer_changes_no_later_one(shipped: PolicySet) -> None:
    first = shipped.in_scope(channel="email", markets=("US",), gate="copy")
    ids = sorted(first)

    first.clear()

    assert sorted(shipped.in_scope(channel="email", markets=["US"], gate="copy")) == ids
    assert sorted(shipped.in_scope(channel="sms", markets=["US"], gate="copy")) != ids


def test_in_scope_lists_every_policy_with_its_version(shipped: PolicySet) -> None:
    scope = shipped.in_scope(channel="email", markets=("US", "DE"), gate="copy")

    assert list(scope) == sorted(scope)
    assert "format.email-length" in scope
    assert "format.sms-length" not in scope
    assert scope["approvals.campaign-copy"] == shipped.versions["approvals.campaign-copy"]
    assert all(len(version) == 64 for version in scope.values())


def test_a_version_follows_the_content_and_not_the_layout(folder: Path) -> None:
    path = folder / "guardrails/no-shouting.yaml"
    before = load_policies(folder)
    path.write_text("# A remark.\n\n" + path.read_text())

    remarked = load_policies(folder)
    path.write_text(path.read_text().replace("level: block", "level: review"))
    softened = load_policies(folder)

    assert remarked == before
    assert hash(remarked) == hash(before)
    assert softened != before
    assert softened.versions["brand.no-shouting"] != before.versions["brand.no-shouting"]


@given(
    st.sampled_from(["email", "sms", "push", "social"]),
    st.lists(st.sampled_from(["US", "DE", "FR", "JP"]), unique=True),
    st.sampled_from(["copy", "budget", "image"]),
)
def test_whoever_may_decide_is_in_scope(channel: str, markets: list[str], gate: str) -> None:
    policies = load_policies_once()

    found = policies.approval_for(gate=gate, channel=channel, markets=markets)  # pyright: ignore[reportArgumentType]
    scope = policies.in_scope(channel=channel, markets=markets, gate=gate)  # pyright: ignore[reportArgumentType]

    assert isinstance(found, Refused) or found.id in scope


_LOADED: list[PolicySet] = []


def load_policies_once() -> PolicySet:
    if not _LOADED:
        _LOADED.append(load_policies())
    return _LOADED[0]
