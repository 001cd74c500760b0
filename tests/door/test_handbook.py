"""The handbook at the door: for people who are signed in, without scripts, of the policies as they are."""

import pytest

from tests.door.house import House


def test_somebody_signed_in_reads_who_reviews_what(house: House) -> None:
    front = house.visitor().get("/handbook/index.html")

    assert front.status_code == 200
    assert "Who reviews what" in front.text
    assert house.scene.desk.policies().digest in front.text
    assert "script-src" not in front.headers["content-security-policy"]
    assert "default-src 'none'" in front.headers["content-security-policy"]


def test_nobody_else_does(house: House) -> None:
    answer = house.visitor(None).get("/handbook/reviews.html")

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/handbook/reviews.html")


@pytest.mark.parametrize("name", ["base.html", "macros.html", "handbook.css", "flow-product-launch.html"])
def test_what_is_no_page_is_not_found(house: House, name: str) -> None:
    answer = house.visitor().get(f"/handbook/{name}")

    assert answer.status_code == 404


def test_a_page_of_the_handbook_leads_back(still_house: House) -> None:
    page = still_house.visitor("ana").get("/handbook/reviews.html").text

    assert '<a href="/inbox">← Inbox</a>' in page
