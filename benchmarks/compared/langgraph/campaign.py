"""Spring launch: a segment, then its texts, a pilot, a day's wait, and the rest if somebody says so.

`python campaign.py start THREAD FOLDER` runs it until somebody is asked; `answer THREAD WHO yes` (or `no`) answers;
`wake`, from cron, goes on where a wait is over; `resume THREAD` goes on after a crash.
"""

import json
import sqlite3
import sys
from datetime import UTC, datetime, timedelta

import shop
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.func import entrypoint, task
from langgraph.types import Command, interrupt

WAIT = timedelta(hours=24)
CHECKPOINTS = SqliteSaver(sqlite3.connect("checkpoints.sqlite", check_same_thread=False))


@task
def segment(folder: str) -> list[str]:
    return shop.customers_with_consent(folder)


@task
def products(folder: str) -> list[dict[str, str]]:
    return shop.well_rated_products(folder)


@task
def write(folder: str, rows: list[dict[str, str]]) -> dict[str, str]:
    title = shop.brief(folder)["title"]
    shoes = ", ".join(f"{row['name']} {row['price']} dollars" for row in rows)
    lowest = min(int(row["price"]) for row in rows)
    return {"email": f"{title}. {shoes}.", "search_ad": f"{title}: from {lowest} dollars"}


@task
def send(folder: str, people: list[str], text: str) -> int:
    return shop.send_email(folder, people, text)


@task
def publish(folder: str, text: str) -> None:
    shop.publish_ad(folder, text)


@task
def due() -> str:
    return (datetime.now(UTC) + WAIT).isoformat()


def approved(folder: str, gate: str, role: str, question: str) -> bool:
    answer = interrupt({"gate": gate, "question": question})
    return answer["approved"] and shop.may(folder, answer["by"], role)


@entrypoint(checkpointer=CHECKPOINTS)
def spring_launch(folder: str) -> str:
    people = segment(folder).result()
    if not approved(folder, "segment", "strategist", f"{len(people)} customers with consent. Write to them?"):
        return "rejected"

    texts = write(folder, products(folder).result()).result()
    if not approved(folder, "copy", "brand_lead", f"E-mail: {texts['email']}\n\nAd: {texts['search_ad']}"):
        return "rejected"

    cells = shop.split(people)
    send(folder, cells["pilot"], texts["email"]).result()
    publish(folder, texts["search_ad"]).result()
    interrupt({"gate": "wait", "until": due().result()})

    question = f"The pilot is out. The same to {len(cells['rest'])} more?\n\n{texts['email']}"
    if not approved(folder, "rollout", "brand_lead", question):
        return "rejected"
    send(folder, cells["rest"], texts["email"]).result()
    return "sent"


def go_on(thread: str, command: Command | str | None) -> None:
    config = {"configurable": {"thread_id": thread}}
    for step in spring_launch.stream(command, config, stream_mode="updates", durability="sync"):
        print(json.dumps(step, default=lambda asked: asked.value), flush=True)


def wake() -> None:
    for thread in {found.config["configurable"]["thread_id"] for found in CHECKPOINTS.list(None)}:
        for asked in spring_launch.get_state({"configurable": {"thread_id": thread}}).interrupts:
            if asked.value["gate"] == "wait" and asked.value["until"] <= datetime.now(UTC).isoformat():
                go_on(thread, Command(resume=True))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["start", thread, folder]:
            go_on(thread, folder)
        case ["answer", thread, who, word]:
            go_on(thread, Command(resume={"approved": word == "yes", "by": who}))
        case ["wake"]:
            wake()
        case ["resume", thread]:
            go_on(thread, None)
        case _:
            sys.exit(__doc__)
