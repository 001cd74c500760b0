"""Where shipped rules lie, so that a test that edits one does not know its pack."""

from policies.engine.texts import SHIPPED


def place_of(rule: str) -> str:
    """The place of a shipped guardrail below the policies' folder, by the last part of its id."""
    (path,) = SHIPPED.glob(f"packs/*/{rule}.yaml")
    return path.relative_to(SHIPPED).as_posix()
