"""Pictures at the door: shown to whoever sees the proof, as what they are, and added only by whom that is given."""

import base64
from typing import Any

import pytest

from presscheck.door.guard import LARGER
from tests.assets.pictures.pictured import DECLARED, PicturedScene, add_picture, file_of, png
from tests.door.house import House


@pytest.fixture
def house(open_house: Any, sqlite_ledgers: Any) -> House:
    return open_house(scene=PicturedScene(sqlite_ledgers))


def address(house: House) -> str:
    scene: Any = house.scene
    return f"/proof/{scene.review.id}/picture/{scene.picture.digest}"


def body(**more: Any) -> dict[str, Any]:
    return {**DECLARED, "path": "hero.png", "file": base64.b64encode(png("green")).decode(), **more}


def test_the_proof_shows_the_picture_with_its_words_and_what_was_declared(house: House) -> None:
    page = house.visitor("ana").get(f"/proof/{house.scene.review.id}")

    assert f'<img src="{address(house)}" alt="A woman in a rain jacket on a hill"' in page.text
    for words in ("contains-people", "digitalCapture", "Photographed on the fells", "Ana"):
        assert words in page.text
    assert "img-src 'self' data:" in page.headers["content-security-policy"]


def test_a_picture_is_served_as_what_it_is_and_can_do_nothing(house: House, sqlite_ledgers: Any) -> None:
    scene: Any = house.scene
    answer = house.visitor("ana").get(address(house))

    assert answer.content == file_of(sqlite_ledgers, scene.picture).read_bytes()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; sandbox")
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_nobody_sees_a_picture_without_signing_in(house: House) -> None:
    answer = house.visitor(None).get(address(house))

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_only_the_pictures_of_a_reviews_own_brief_are_shown_with_it(house: House, sqlite_ledgers: Any) -> None:
    other = add_picture(sqlite_ledgers, colour="blue", name="other")
    start = f"/proof/{house.scene.review.id}/picture/"

    answers = [house.visitor("ana").get(start + named).status_code for named in (other.digest, "x", "0" * 64)]

    assert answers == [404, 404, 404]


def test_the_preview_carries_the_bytes_and_loads_nothing(house: House) -> None:
    answer = house.visitor("ana").get(f"/proof/{house.scene.review.id}/V01")

    assert '<img src="data:image/png;base64,' in answer.text
    assert "img-src data:" in answer.headers["content-security-policy"]


def test_a_view_without_pictures_lets_none_in_and_keeps_its_words(house: House) -> None:
    ana, start = house.visitor("ana"), f"/proof/{house.scene.review.id}/V01"

    answer = ana.get(f"{start}?view=no-images")

    policy = answer.headers["content-security-policy"]
    assert "img-src 'none'" in policy
    assert "img-src data:" not in policy
    assert 'alt="A woman in a rain jacket on a hill"' in answer.text
    assert f"{start}?view=no-images" in ana.get(f"{start}/preview").text
    assert "[A woman in a rain jacket on a hill]" in ana.get(f"{start}?view=text").text


def test_a_message_whose_picture_was_swapped_is_shown_as_none(house: House, sqlite_ledgers: Any) -> None:
    scene: Any = house.scene
    file_of(sqlite_ledgers, scene.picture).write_bytes(png("blue"))

    told = house.visitor("ana").get(f"/proof/{scene.review.id}/V01?view=text").text

    assert "It would not go out" in told


def test_a_swapped_picture_is_told_and_not_shown(house: House, sqlite_ledgers: Any) -> None:
    scene: Any = house.scene
    file_of(sqlite_ledgers, scene.picture).write_bytes(png("blue"))
    ana = house.visitor("ana")

    proof, image, preview = (
        ana.get(path).text for path in (f"/proof/{scene.review.id}", address(house), f"/proof/{scene.review.id}/V01")
    )

    assert "is not the file that was added" in proof
    assert f'<img src="{address(house)}"' not in proof
    assert "not the one that was added" in image
    assert "data:image" not in preview
    assert "is not shown" in preview


def test_the_form_says_which_picture_a_choice_shows(house: House) -> None:
    told = house.visitor("ana").get(f"/-/api/reviews/{house.scene.review.id}").json()

    assert told["form"]["choices"]["V01"].endswith("· picture: A woman in a rain jacket on a hill")
    assert f"]({address(house)})" in told["form"]["description"]
    assert told["proposals"][0]["picture"]["name"] == "hero"


def test_two_versions_stand_side_by_side_in_the_proof(house: House) -> None:
    edit = {"pick": "V01", "field": "subject", "text": "A warm jacket for wet hills"}
    house.scene.approve(picks=["V01"], edits=[edit])
    ana = house.visitor("ana")

    page = ana.get(f"/proof/{house.scene.review.id}").text
    told = ana.get(f"/-/api/reviews/{house.scene.review.id}").json()["proposals"][0]

    assert '<th scope="col">As proposed</th><th scope="col">As approved</th>' in page
    assert "<del>" in page
    assert "A <ins>warm </ins>jacket for wet <ins>hills</ins>" in page
    assert told["edits"]["subject"] == "A {+warm +}jacket for wet [-hills, draft a-]{+hills+}"


@pytest.mark.parametrize(
    ("person", "more", "status", "said"),
    [
        ("ana", {}, 403, "only an author or an engineer may add a picture"),
        ("ben", {}, 201, None),
        ("eva", {}, 201, None),
        ("ben", {"file": "not base64!"}, 422, "file is no base64"),
        ("ben", {"file": ""}, 422, "is empty"),
        ("ben", {"alt": ""}, 422, "say what the picture shows"),
        ("ben", {"labels": [{"a": 1}]}, 422, "labels"),
        ("ben", {"labels": "people"}, 422, "labels"),
        ("ben", {"source_type": {"a": 1}}, 422, "source_type"),
        ("ben", {"name": "../../etc/passwd"}, 422, "name"),
        ("ben", {"alt": "two\nlines of it"}, 422, "must be one line"),
    ],
)
def test_who_may_add_what(house: House, person: str, more: dict[str, Any], status: int, said: str | None) -> None:
    answer = house.visitor(person).post("/-/api/images", body(**{"name": "fresh", **more}))

    assert answer.status_code == status, answer.text
    if said:
        assert said in answer.text


def test_a_body_beyond_the_limit_is_turned_away_and_other_ways_keep_theirs(house: House) -> None:
    ben = house.visitor("ben")
    headers = {"content-type": "application/json"}

    large = ben.ask("POST", "/-/api/images", content=b"x" * (LARGER["/-/api/images"] + 1), headers=headers)
    other = ben.ask("POST", "/-/api/people", content=b"x" * (1024 * 1024 + 1), headers=headers)

    assert (large.status_code, other.status_code) == (413, 413)


def test_a_picture_is_not_added_from_another_site(house: House) -> None:
    answer = house.visitor("ben").ask("POST", "/-/api/images", json=body(), headers={"origin": "https://evil.example"})

    assert answer.status_code == 403


@pytest.mark.slow
def test_adding_older_content_again_says_how_to_bring_it_back(house: House) -> None:
    ben = house.visitor("ben")
    for colour in ("green", "blue"):
        added = ben.post("/-/api/images", body(name="fresh", file=base64.b64encode(png(colour)).decode()))
        assert added.status_code == 201

    again = ben.post("/-/api/images", body(name="fresh"))

    assert again.status_code == 409
    assert "This is version 1 of fresh already; `presscheck revert" in again.json()["error"]


@pytest.mark.parametrize(
    ("person", "asked", "status"),
    [
        ("ana", {"version": 1, "reason": "other"}, 403),
        ("ben", {"version": 1, "reason": "other"}, 200),
        ("ben", {"version": 9, "reason": "other"}, 404),
        ("ben", {"version": True, "reason": "other"}, 422),
        ("ben", {"version": "1", "reason": "other"}, 422),
        ("ben", {"version": 1, "reason": "because"}, 409),
        ("ben", {"version": 2, "reason": "other"}, 409),
        ("ben", {"version": 1}, 409),
    ],
)
def test_who_may_bring_what_back(house: House, person: str, asked: dict[str, Any], status: int) -> None:
    scene: Any = house.scene
    add_picture(scene.ledgers, colour="blue", parent=scene.picture.digest)

    answer = house.visitor(person).post(f"/-/api/assets/{scene.picture.digest}/revert", asked)

    assert answer.status_code == status, answer.text


def test_a_brief_or_a_stranger_is_not_brought_back(house: House) -> None:
    ben = house.visitor("ben")
    asked = {"version": 1, "reason": "other"}

    brief = ben.post(f"/-/api/assets/{house.scene.brief_asset.digest}/revert", asked)
    nobody = ben.post(f"/-/api/assets/{'0' * 64}/revert", asked)

    assert (brief.status_code, nobody.status_code) == (409, 404)
    assert "cannot be brought back" in brief.json()["error"]
