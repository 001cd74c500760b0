"""docs/compared.md says what is in the files and what was seen, and what is tried still fits the campaigns."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.compared import page, rig, shop
from benchmarks.compared.attacks import ATTACKS
from benchmarks.compared.run import CONTENDERS

ROOT = Path(__file__).parents[1]
SEEN = json.loads(page.RESULTS.read_text())
each_contender = pytest.mark.parametrize("kind", CONTENDERS.values(), ids=CONTENDERS)


def test_the_pages_code_and_tables_are_made_from_the_files_and_from_what_was_seen() -> None:
    text = page.PAGE.read_text()

    assert page.made_anew(text) == text
    assert [name for name in page.TITLES if f"<!-- file: benchmarks/compared/{name}/campaign.py -->" not in text] == []


@each_contender
def test_every_attack_was_run_on_every_contender(kind: type[rig.Contender]) -> None:
    wanted = {attack.name for attack in ATTACKS if kind.closes_edited_words or not attack.needs_a_remedy}

    assert set(SEEN[kind.name]["attacks"]) == wanted
    assert set(SEEN[kind.name]["versions"]) == set(kind.packages)


@each_contender
def test_the_campaign_did_what_it_should_before_it_was_attacked(kind: type[rig.Contender]) -> None:
    attacks = SEEN[kind.name]["attacks"]

    assert attacks["goes_as_it_should"]["got_through"] is True
    assert attacks["rejected"]["got_through"] is False


@each_contender
def test_what_an_attack_changes_stands_in_the_campaign_once_and_leaves_python(
    kind: type[rig.Contender], tmp_path: Path
) -> None:
    contender = kind(Path("python"), tmp_path)
    changes = [kind.everybody, kind.held_out_too, kind.ad_not_shown, kind.other_sending, kind.other_words]

    written = set()
    for change in changes:
        contender.write_campaign(change)
        written.add((contender.project / "campaign.py").read_text())
    contender.write_campaign(*kind.closes_edited_words, kind.other_words)

    assert len(written) == len(changes)
    for text in (*written, (contender.project / "campaign.py").read_text()):
        compile(text, "campaign.py", "exec")


def test_a_change_that_the_campaign_does_not_hold_is_refused(tmp_path: Path) -> None:
    contender = CONTENDERS["langgraph"](Path("python"), tmp_path)

    with pytest.raises(ValueError, match=r"langgraph/campaign\.py: 'no such line' stands there 0 times, not once"):
        contender.write_campaign(("no such line", ""))


def test_every_test_that_presscheck_s_column_names_exists() -> None:
    written = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)\(", path.read_text())
    }

    assert [name for attack in ATTACKS for name in attack.shown_by if name not in written] == []
    assert [attack.name for attack in ATTACKS if attack.is_attack and not attack.ours] == []


def test_the_shop_splits_the_same_people_the_same_way_and_loses_nobody(tmp_path: Path) -> None:
    shop.make_shop(tmp_path)
    people = shop.customers_with_consent(str(tmp_path))

    cells = shop.split(people)

    assert {name: len(cell) for name, cell in cells.items()} == {"pilot": 20, "held_out": 10, "rest": 170}
    assert sorted(address for cell in cells.values() for address in cell) == people
    assert shop.split(people[::-1]) == cells


def test_the_shops_mail_server_takes_the_same_message_twice_and_the_outbox_shows_it(tmp_path: Path) -> None:
    shop.make_shop(tmp_path)

    shop.send_email(str(tmp_path), ["a@example.com", "b@example.com"], "Dry feet")
    shop.send_email(str(tmp_path), ["a@example.com"], "Dry feet")
    shop.publish_ad(str(tmp_path), "Dry feet")

    sent = rig.read_outbox(tmp_path)
    assert sent.written_to_twice == {"a@example.com"}
    assert sent.people == {"a@example.com", "b@example.com"}
    assert [ad["text"] for ad in sent.ads] == ["Dry feet"]


def test_a_person_may_what_their_role_may_and_nobody_else_anything(tmp_path: Path) -> None:
    shop.make_shop(tmp_path)

    assert shop.may(str(tmp_path), "ana", "brand_lead")
    assert not shop.may(str(tmp_path), "zoe", "brand_lead")
    assert not shop.may(str(tmp_path), "nobody", "brand_lead")
