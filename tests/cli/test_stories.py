"""The whole story of one asset, and bringing an older version back, from the command line."""

from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from presscheck.digests import fingerprint
from presscheck.ledger import EventKind, verify
from presscheck.ledger.assets import record_findings
from presscheck.ledger.campaigns import open_campaign
from presscheck.ledger.reviews import mark_read
from presscheck.ledger.splits import Cell, Split, record_split
from presscheck.ledger.timers import set_timer, timer_id
from presscheck.models import Finding
from tests.assets.pictures.pictured import PicturedScene, add_picture, file_of, png
from tests.cli.conftest import CommandLine
from tests.ledger.filled import RUN, approval, copy_asset, fill


@pytest.fixture
def review(sqlite_ledgers: Any) -> Any:
    return fill(sqlite_ledgers.worker, sqlite_ledgers.door)


def test_a_texts_whole_story_is_told_from_its_making_to_its_delivery(
    cli: CommandLine, review: Any, sqlite_ledgers: Any
) -> None:
    digest = review.question.proposals[0].asset

    story = cli.json("history", digest[:8])["story"]

    assert (story["kind"], story["what"], story["digest"]) == ("asset", "copy", digest)
    assert [one["kind"] for one in story["happenings"]] == [
        "asset:drafted", "asset:drafted", "review:opened", "asset:edited", "decision:approved", "delivery:requested",
    ]  # fmt: skip
    told = {one["kind"]: one for one in story["happenings"]}
    assert "shown as V01 of 1 choice" in told["review:opened"]["more"]
    assert "picked, one of 1" in told["decision:approved"]["more"]
    assert "approved by P-1 (brand lead), under approvals.campaign-copy" in told["decision:approved"]["told"]
    assert [one["how"] for one in story["versions"]] == ["made", "made", "edited"]
    assert "it cost $0.000017" in cli("history", digest).stdout


@pytest.mark.parametrize("thing", ["audience", "manifest", "policy"])
def test_what_is_no_asset_has_a_story_too(cli: CommandLine, review: Any, thing: str) -> None:
    question = review.question
    manifest = approval(review).manifest
    assert manifest is not None
    digest = {"audience": question.audience, "manifest": manifest.digest, "policy": question.policies["brand.plain"]}

    story = cli.json("history", digest[thing][:12])["story"]

    assert story["kind"] == thing
    assert {"review:opened", "decision:approved", "delivery:requested"} <= {one["kind"] for one in story["happenings"]}


WHOLE, OUT, REST = "d" * 64, "e" * 64, "f" * 64


def split(ledgers: Any, source: str, hold_out: str | None = None, **cells: tuple[str | None, int]) -> None:
    named = {name: Cell(audience=audience, rows=rows) for name, (audience, rows) in cells.items()}
    with ledgers.worker.write() as tx:
        record_split(tx, RUN, Split(source=source, cells=named, hold_out=hold_out))


def test_a_cell_says_of_what_it_is_and_leads_to_its_split_and_its_screening(
    cli: CommandLine, review: Any, sqlite_ledgers: Any
) -> None:
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.AUDIENCE_FROZEN, WHOLE, {"rows": 22}, run=RUN)
    split(sqlite_ledgers, WHOLE, "out", pilot=(review.question.audience, 12), rest=(REST, 9), out=(OUT, 1))

    story = cli.json("history", review.question.audience[:12])["story"]
    held, whole = (cli.json("history", digest[:12])["story"] for digest in (OUT, WHOLE))

    assert story["what"] == f"cell pilot of audience {WHOLE[:12]}"
    assert story["facts"]["cell"] == f"pilot of audience {WHOLE[:12]}, 12 of 22"
    assert story["facts"]["recipients"] == "12"
    assert {"audience:frozen", "audience:split", "review:opened"} <= {one["kind"] for one in story["happenings"]}
    assert held["facts"]["cell"] == f"out of audience {WHOLE[:12]}, 1 of 22, held out"
    assert whole["facts"]["split into"] == "out (1 recipient), pilot (12 recipients), rest (9 recipients)"
    assert {one["kind"] for one in whole["happenings"]} == {"audience:frozen", "audience:split"}


def test_a_cell_of_a_cell_leads_up_to_what_was_screened_and_a_circle_ends(
    cli: CommandLine, review: Any, sqlite_ledgers: Any
) -> None:
    split(sqlite_ledgers, WHOLE, early=(REST, 3), late=(OUT, 4))
    split(sqlite_ledgers, REST, first=(review.question.audience, 3))
    split(sqlite_ledgers, review.question.audience, back=(WHOLE, 7))

    story = cli.json("history", review.question.audience[:12])["story"]

    assert [one["kind"] for one in story["happenings"]].count("audience:split") == 3


def test_a_split_that_nobody_can_read_keeps_no_story_from_being_told(
    cli: CommandLine, review: Any, sqlite_ledgers: Any
) -> None:
    with sqlite_ledgers.worker.write() as tx:
        tx.append(EventKind.AUDIENCE_SPLIT, WHOLE, {"cells": {"pilot": {"audience": 7, "rows": "x"}}}, run=RUN)

    assert cli.json("history", review.question.audience[:12])["story"]["kind"] == "audience"
    assert "told in a way that this version does not know" in cli("history").stdout


def test_a_second_brief_a_split_and_a_timer_are_told_in_sentences(
    cli: CommandLine, review: Any, sqlite_ledgers: Any
) -> None:
    split(sqlite_ledgers, WHOLE, "kept", pilot=(REST, 2), rest=(None, 0), kept=(OUT, 1))
    with sqlite_ledgers.worker.write() as tx:
        asked = {"brief": "briefs/a.yaml", "channel": "search", "language": "de"}
        open_campaign(tx, RUN, campaign="product-launch", brief="9" * 64, asked=asked)
        set_timer(tx, RUN, "24h", lasts=timedelta(hours=24), place=4)
        mark_read(tx, RUN, timer_id(RUN, "24h"))

    told = cli("history").stdout

    assert f"run {RUN} goes by brief 9999-9999-9999 as well, for search, de" in told
    assert (
        "audience dddd-dddd-dddd was split into kept (eeee-eeee-eeee, 1 recipient, held out), "
        "pilot (ffff-ffff-ffff, 2 recipients) and rest (nobody)"
    ) in told
    assert f"run {RUN} sleeps until 2026-03-03T09:00:00Z, by wait 24h" in told
    assert f"wait 24h of run {RUN} is over, and its flow went on" in told


def test_findings_are_told_with_the_check_that_found_them(cli: CommandLine, review: Any, sqlite_ledgers: Any) -> None:
    digest = review.question.proposals[0].asset
    finding = Finding(rule="brand.no-shouting", version="a" * 64, level="review", text="LOUD<b>", message="m")
    with sqlite_ledgers.worker.write() as tx:
        record_findings(tx, [(digest, [finding])], run=RUN)
        tx.append(EventKind.ASSETS_CHECKED, f"{RUN}/1", {"assets": 1}, run=RUN)

    checked = [one for one in cli.json("history", digest)["story"]["happenings"] if one["kind"] == "assets:checked"]

    assert checked[0]["more"] == ["review brand.no-shouting “LOUD<b>”"]


def test_the_page_holds_the_story_and_nothing_that_runs(
    cli: CommandLine, review: Any, sqlite_ledgers: Any, tmp_path: Path
) -> None:
    with sqlite_ledgers.worker.write() as tx:
        from presscheck.ledger.assets import put_asset

        digest = put_asset(tx, copy_asset("<script>alert(1)</script><img src=x onerror=alert(1)>"), run=RUN)
    page = tmp_path / "story.html"

    assert cli("history", digest, "--html", str(page)).exit_code == 0

    found: set[str] = set()

    class Collect(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            found.add(tag)

    Collect().feed(page.read_text("utf-8"))
    assert "time" in found
    assert not found & {"script", "img", "iframe", "a"}


def test_a_page_of_nothing_in_particular_is_wrong_usage(cli: CommandLine, review: Any, tmp_path: Path) -> None:
    result = cli("history", "--html", str(tmp_path / "x.html"))

    assert result.exit_code == 2
    assert "is not one thing with a story" in result.stderr


def test_an_ambiguous_beginning_lists_what_it_can_be(cli: CommandLine, sqlite_ledgers: Any) -> None:
    # Two policies with almost one version: nobody finds two digests with eight digits alike in a test.
    from datetime import timedelta

    from presscheck.ledger.reviews import open_review
    from tests.ledger.filled import question

    asked = question("c" * 64).model_copy(update={"policies": {"a.a": "d" * 64, "a.b": "d" * 63 + "e"}})
    with sqlite_ledgers.worker.write() as tx:
        open_review(tx, asked, expires_at=tx.now + timedelta(days=1))

    result = cli("history", "d" * 8)

    assert result.exit_code == 2
    assert "is the beginning of 2 digests" in result.stdout
    assert "policy: a.b" in result.stdout


# ---------------------------------------------------------------- pictures and versions


@pytest.mark.slow
def test_a_person_adds_a_picture_and_its_next_version_and_brings_the_first_one_back(
    as_person: Any, tmp_path: Path
) -> None:
    ben = as_person("ben")
    file = tmp_path / "Spring Hero.png"
    file.write_bytes(png("red"))
    said = ["--alt", "A rain jacket on a hook", "--source-type", "digitalCapture"]
    first = ben.json("image", "add", str(file), *said)
    file.write_bytes(png("blue"))
    second = ben.json("image", "add", str(file), *said, "--label", "contains-people")

    assert first["picture"]["name"] == "spring-hero"
    assert second["replaces"] == first["asset"]
    assert [one["how"] for one in ben.json("versions", "spring-hero")["versions"]] == ["made", "edited"]

    done = ben.json("revert", "spring-hero", "1", "--reason", "factual")

    assert (done["version"]["number"], done["version"]["of"], done["version"]["digest"]) == (3, 1, first["asset"])
    told = ben("versions", fingerprint(second["asset"])).stdout
    assert "version 1 brought back, factual" in told
    assert "ben" in told
    assert [one["asset"] for one in ben.json("image", "list")["pictures"] if one["current"]] == [first["asset"]]
    story = ben.json("history", first["asset"])["story"]
    assert [one["kind"] for one in story["happenings"]] == ["asset:written", "asset:edited", "asset:reverted"]
    # Undoing is bringing the other one back; what is current already is not brought back again.
    assert ben.json("revert", "spring-hero", "1", "--reason", "other")["code"] == "no-change"
    assert ben.json("revert", second["asset"][:8], "2", "--reason", "other")["version"]["number"] == 4


def test_every_fault_of_a_picture_is_told_at_once(as_person: Any, tmp_path: Path) -> None:
    file = tmp_path / "hero.svg"
    file.write_text("<svg/>")

    result = as_person("ben")("image", "add", str(file), "--label", "happy")

    assert result.exit_code == 2
    for part in ("hero.svg: alt: say what the picture shows", "labels.0", "SVG and other formats are not taken"):
        assert part in result.stderr


def test_a_file_that_is_not_there_is_told_in_one_line(as_person: Any, tmp_path: Path) -> None:
    result = as_person("ben")("image", "add", str(tmp_path / "none.png"), "--alt", "A jacket on a hook")

    assert result.exit_code == 2
    assert result.stderr.strip().endswith("none.png: cannot be read: No such file or directory")


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["image", "add"], ["revert", "hero", "1", "--reason", "other"]])
def test_who_approves_does_not_keep_the_library(as_person: Any, tmp_path: Path, arguments: list[str]) -> None:
    as_person("ben")
    file = tmp_path / "hero.png"
    file.write_bytes(png())
    more = [str(file), "--alt", "A jacket on a hook"] if arguments[0] == "image" else []

    result = as_person("ana")(*arguments, *more)

    assert result.exit_code in (1, 2)
    assert "author or an engineer" in result.stderr or "There is no asset" in result.stderr


def test_the_doctor_names_a_picture_that_is_not_what_was_added(cli: CommandLine, sqlite_ledgers: Any) -> None:
    picture = add_picture(sqlite_ledgers)

    def look() -> dict[str, Any]:
        return next(one for one in cli.json("doctor")["checks"] if one["what"] == "pictures")

    assert look()["state"] == "ok"
    file_of(sqlite_ledgers, picture).write_bytes(png("blue"))
    assert look()["state"] == "missing"


def test_a_ledger_is_sound_after_a_revert(cli: CommandLine, sqlite_ledgers: Any) -> None:
    scene = PicturedScene(sqlite_ledgers, add_picture(sqlite_ledgers))
    edit = {"pick": "V01", "field": "subject", "text": "A warm jacket for wet hills"}
    decision = scene.approve(picks=["V01"], edits=[edit])
    assert decision.manifest is not None
    scene.desk.revert(decision.manifest.assets[0], 1, person="P-ben", reason="voice")

    assert verify(sqlite_ledgers.door).fault is None


def test_versions_of_nothing_are_said(cli: CommandLine, review: Any) -> None:
    result = cli("versions", "ffffffff")

    assert result.exit_code == 1
    assert "There is no asset ffffffff" in result.stdout


def test_the_review_on_the_command_line_tells_of_the_picture(
    sqlite_ledgers: Any, open_house: Any, environment: dict[str, str], as_person_at: Any
) -> None:
    house = open_house(scene=PicturedScene(sqlite_ledgers, add_picture(sqlite_ledgers)))

    told = as_person_at(house, "ana")("review", house.scene.review.id).stdout

    assert "[picture hero: A woman in a rain jacket on a hill · Photographed on the fells]" in told


@pytest.fixture
def as_person_at(environment: dict[str, str]) -> Any:
    from presscheck.cli.signed_in import Session, save_session

    def signed_in(house: Any, name: str) -> CommandLine:
        environment["PRESSCHECK_DOOR_URL"] = house.url
        visitor = house.visitor(name)
        save_session(
            Session(
                door=house.url, person=f"P-{name}", name=name, csrf=visitor.csrf,
                expires_at="2026-03-02T21:00:00.000000Z", cookies={"presscheck": visitor.token},
            )
        )  # fmt: skip
        return CommandLine(environment)

    return signed_in
