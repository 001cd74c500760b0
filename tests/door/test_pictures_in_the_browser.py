"""A picture in Chromium: it loads in the proof and in the preview, under the door's own policy, from nowhere else.

With PRESSCHECK_SHOTS=FOLDER it leaves its screenshot there; docs/images/proof-image.png comes from such a run.
"""

import io
import os
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import expect, sync_playwright

from presscheck.assets.pictures.files import keep_picture, pictures_folder
from presscheck.assets.pictures.intake import prepare
from presscheck.ledger.assets import put_asset
from presscheck.models import Asset, Author
from tests.assets.pictures.pictured import PicturedScene


def hills() -> bytes:
    """A landscape, drawn here: ridges under an evening sky."""
    picture = Image.new("RGB", (1100, 520))
    draw = ImageDraw.Draw(picture)
    for row in range(520):
        draw.line([(0, row), (1100, row)], fill=(250 - row // 4, 190 - row // 6, 140 + row // 5))
    draw.ellipse([760, 110, 880, 230], fill=(255, 236, 190))
    for base, height, colour in ((380, 170, (118, 128, 150)), (430, 150, (74, 96, 104)), (480, 120, (38, 62, 58))):
        ridge = [(at, base - height * abs(((at * 7 + base * 3) % 500) - 250) / 250) for at in range(0, 1101, 10)]
        draw.polygon([(0, 520), *ridge, (1100, 520)], fill=colour)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_the_picture_loads_where_the_door_shows_it(open_house: Any, sqlite_ledgers: Any, chromium: str) -> None:
    declared = {
        "name": "spring-hills",
        "alt": "Fir trees on three ridges under an evening sky",
        "caption": "AI-generated image",
        "labels": ["ai-generated"],
        "source_type": "trainedAlgorithmicMedia",
        "creator": "Brand studio",
    }
    prepared = prepare(hills(), declared, path="hills.png")
    keep_picture(pictures_folder(sqlite_ledgers.home), prepared.data, prepared.picture.media_type)
    asset = Asset(kind="image", content=prepared.picture.model_dump(mode="json"), author=Author.by("P-ben"))
    with sqlite_ledgers.door.write() as tx:
        put_asset(tx, asset, run="")
    house = open_house(scene=PicturedScene(sqlite_ledgers, asset))
    edit = {"pick": "V01", "field": "subject", "text": "A warm jacket for wet hills"}
    house.scene.approve(picks=["V01"], edits=[edit])
    asked: list[str] = []

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1280, "height": 1500})
        cookie = {"name": "presscheck", "value": house.visitor("ana").token, "url": house.url, "sameSite": "Strict"}
        context.add_cookies([cookie])  # pyright: ignore[reportArgumentType]
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{house.url}/proof/{house.scene.review.id}")
        shown = page.locator("#V01 figure img")
        shown.scroll_into_view_if_needed()
        expect(shown).to_have_js_property("naturalWidth", 1100)
        inside = page.frame_locator("#V01 iframe").locator("figure img")
        inside.wait_for()
        assert inside.evaluate("one => one.complete && one.naturalWidth") == 1100
        assert shown.get_attribute("alt") == declared["alt"]
        assert page.locator("#V01 table.versions del").count() == 1
        if folder := os.environ.get("PRESSCHECK_SHOTS"):
            page.locator("#V01").screenshot(path=Path(folder) / "proof-image.png")
        browser.close()

    assert [url for url in asked if not url.startswith((house.url, "data:", "about:"))] == []
