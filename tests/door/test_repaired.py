"""A choice that was repaired says so, by whom and for which rules: on the proof, in the API, on the command line."""

from typing import Any

from presscheck.ledger import EventKind
from tests.door.house import House

BODY = {"from": "d" * 64, "how": "copywriter", "rules": ["brand.no-gadget", "brand.no-hype"], "round": 2}
SAID = "by the copywriter, round 2, for brand.no-gadget and brand.no-hype"


def repaired(house: House, ledger: Any, **changes: Any) -> None:
    with ledger.write() as tx:
        digest = house.scene.assets[0].digest
        tx.append(EventKind.ASSET_REPAIRED, digest, {**BODY, **changes}, run=house.scene.run)


def told(house: House) -> list[str]:
    answer = house.visitor().get(f"/-/api/reviews/{house.scene.review.id}").json()
    return [one["repaired"] for one in answer["proposals"]]


def test_the_proof_and_the_api_say_by_whom_and_for_which_rules(house: House) -> None:
    repaired(house, house.scene.ledgers.worker)

    assert told(house) == [SAID, "", "", ""]
    page = house.visitor().get(f"/proof/{house.scene.review.id}").text
    assert page.count(f"Repaired {SAID}.") == 1


def test_a_repair_by_the_rules_own_words_has_no_round(house: House) -> None:
    repaired(house, house.scene.ledgers.worker, how="replacement", round=0, rules=["style.doubled-words"])

    assert told(house)[0] == "by what the rules say to write instead, for style.doubled-words"


def test_what_another_process_says_of_it_is_not_believed(house: House) -> None:
    repaired(house, house.scene.ledgers.press)

    assert told(house) == ["", "", "", ""]


def test_what_a_newer_version_signed_is_no_error(house: House) -> None:
    repaired(house, house.scene.ledgers.worker, how="a prayer", rules=None, round="many")

    assert told(house)[0] == "in another way"
