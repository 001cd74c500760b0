"""The shop that every campaign here is written for: its rows, its people, and a way out that keeps no count.

    python shop.py FOLDER

makes an invented one. A file in FOLDER/outbox is a message that the mail server took, or an ad that went live; like a
mail server, it takes the same message again.
"""

import csv
import hashlib
import json
import os
import sys
import time
import uuid
from pathlib import Path
from typing import Any

ROLES = {"sam": "strategist", "ana": "brand_lead", "bea": "brand_lead", "ida": "brand_lead", "zoe": "intern"}
BRIEF = {"title": "Dry feet all day", "author": "ida", "offer_ends": "2099-12-31"}


def make_shop(folder: Path) -> None:
    """240 customers, 200 of them with consent; four products, one of them rated badly."""
    (folder / "outbox").mkdir(parents=True)
    (folder / "people.json").write_text(json.dumps(ROLES))
    (folder / "brief.json").write_text(json.dumps(BRIEF))
    customers = [(f"customer{at:03}@example.com", "no" if at % 6 == 0 else "yes") for at in range(240)]
    write_rows(folder / "customers.csv", ("address", "consent"), customers)
    products = [("trail", 129, 4.7), ("road", 99, 4.4), ("track", 149, 4.1), ("slipper", 19, 2.3)]
    write_rows(folder / "catalogue.csv", ("name", "price", "rating"), products)


def write_rows(path: Path, head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *rows])


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def customers_with_consent(folder: str) -> list[str]:
    return [row["address"] for row in read_rows(Path(folder) / "customers.csv") if row["consent"] == "yes"]


def well_rated_products(folder: str) -> list[dict[str, str]]:
    return [row for row in read_rows(Path(folder) / "catalogue.csv") if float(row["rating"]) >= 4]


def brief(folder: str) -> dict[str, str]:
    return json.loads((Path(folder) / "brief.json").read_text())


def may(folder: str, who: str, role: str) -> bool:
    return json.loads((Path(folder) / "people.json").read_text()).get(who) == role


def split(people: list[str]) -> dict[str, list[str]]:
    """A tenth is the pilot, a twentieth is held out, the rest is the rest: always the same for the same people."""
    mixed = sorted(people, key=lambda address: hashlib.sha256(address.encode()).digest())
    pilot, held_out = len(people) // 10, len(people) // 20
    return {
        "pilot": mixed[:pilot],
        "held_out": mixed[pilot : pilot + held_out],
        "rest": mixed[pilot + held_out :],
    }


def send_email(folder: str, people: list[str], text: str) -> int:
    for address in people:
        _out(folder, {"channel": "email", "to": address, "text": text})
    return len(people)


def publish_ad(folder: str, text: str) -> None:
    _out(folder, {"channel": "search_ad", "to": "everybody", "text": text})


def _out(folder: str, message: dict[str, str]) -> None:
    # A mail server takes some milliseconds for each message, so that a process can be killed between two of them.
    time.sleep(0.005)
    name = f"{time.time_ns()}-{uuid.uuid4().hex}.json"
    (Path(folder) / "outbox" / name).write_text(json.dumps({**message, "process": os.getpid()}))


if __name__ == "__main__":
    make_shop(Path(sys.argv[1]))
