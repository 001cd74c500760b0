"""Spring launch: a segment, then its texts, a pilot, a day's wait, and the rest if somebody says so.

`python campaign.py` serves it; people answer in Prefect's UI, with Resume on the run's page.
"""

from datetime import UTC, datetime, timedelta

import shop
from prefect import flow, serve, task
from prefect.deployments import run_deployment
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.runtime import flow_run

WAIT = timedelta(hours=24)


class Answer(RunInput):
    approved: bool
    by: str


@task(persist_result=True)
def segment(folder: str) -> list[str]:
    return shop.customers_with_consent(folder)


@task(persist_result=True)
def products(folder: str) -> list[dict[str, str]]:
    return shop.well_rated_products(folder)


@task(persist_result=True)
def write(folder: str, rows: list[dict[str, str]]) -> dict[str, str]:
    title = shop.brief(folder)["title"]
    shoes = ", ".join(f"{row['name']} {row['price']} dollars" for row in rows)
    lowest = min(int(row["price"]) for row in rows)
    return {"email": f"{title}. {shoes}.", "search_ad": f"{title}: from {lowest} dollars"}


@task(persist_result=True)
def send(folder: str, people: list[str], text: str) -> int:
    return shop.send_email(folder, people, text)


@task(persist_result=True)
def publish(folder: str, text: str) -> None:
    shop.publish_ad(folder, text)


def approved(folder: str, gate: str, role: str, question: str) -> bool:
    answer = suspend_flow_run(wait_for_input=Answer.with_initial_data(description=question), key=gate, timeout=None)
    return answer.approved and shop.may(folder, answer.by, role)


@flow(name="spring-launch")
def spring_launch(folder: str) -> str:
    people = segment(folder)
    if not approved(folder, "segment", "strategist", f"{len(people)} customers with consent. Write to them?"):
        return "rejected"

    texts = write(folder, products(folder))
    if not approved(folder, "copy", "brand_lead", f"E-mail: {texts['email']}\n\nAd: {texts['search_ad']}"):
        return "rejected"

    cells = shop.split(people)
    send(folder, cells["pilot"], texts["email"])
    publish(folder, texts["search_ad"])
    run_deployment(
        "rollout/shop",
        parameters={"folder": folder, "people": cells["rest"], "text": texts["email"]},
        scheduled_time=datetime.now(UTC) + WAIT,
        timeout=0,
        as_subflow=False,  # Prefect suspends no subflow.
        idempotency_key=f"rollout-{flow_run.id}",
    )
    return "pilot sent"


@flow(name="rollout")
def rollout(folder: str, people: list[str], text: str) -> str:
    if not approved(folder, "rollout", "brand_lead", f"The pilot is out. The same to {len(people)} more?\n\n{text}"):
        return "rejected"
    send(folder, people, text)
    return "sent"


if __name__ == "__main__":
    serve(spring_launch.to_deployment("shop"), rollout.to_deployment("shop"))
