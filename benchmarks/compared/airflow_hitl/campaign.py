"""Spring launch: a segment, then its texts, a pilot, a day's wait, and the rest if somebody says so.

Lies in the dags folder; people answer in Airflow's UI, under Required Actions.
"""

from datetime import timedelta

import shop
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.providers.standard.sensors.time_delta import WaitSensor
from airflow.sdk import Param, chain, dag, task

WAIT = timedelta(hours=24)
STRATEGISTS = [{"id": who, "name": who} for who in ("sam",)]
BRAND_LEADS = [{"id": who, "name": who} for who in ("ana", "bea", "ida")]


@task
def segment(params: dict) -> list[str]:
    return shop.customers_with_consent(params["folder"])


@task
def products(params: dict) -> list[dict[str, str]]:
    return shop.well_rated_products(params["folder"])


@task
def write(rows: list[dict[str, str]], params: dict) -> dict[str, str]:
    title = shop.brief(params["folder"])["title"]
    shoes = ", ".join(f"{row['name']} {row['price']} dollars" for row in rows)
    lowest = min(int(row["price"]) for row in rows)
    return {"email": f"{title}. {shoes}.", "search_ad": f"{title}: from {lowest} dollars"}


@task
def split(people: list[str]) -> dict[str, list[str]]:
    return shop.split(people)


@task
def send(people: list[str], text: str, params: dict) -> int:
    return shop.send_email(params["folder"], people, text)


@task
def publish(text: str, params: dict) -> None:
    shop.publish_ad(params["folder"], text)


@dag(schedule=None, params={"folder": Param(type="string")})
def spring_launch():
    people = segment()
    segment_approved = ApprovalOperator(
        task_id="approve_segment",
        subject="Write to these customers?",
        body="{{ ti.xcom_pull(task_ids='segment') | length }} customers with consent.",
        assigned_users=STRATEGISTS,
    )
    rows = products()
    texts = write(rows)
    copy_approved = ApprovalOperator(
        task_id="approve_copy",
        subject="Do these texts go out?",
        body="E-mail: {{ ti.xcom_pull(task_ids='write')['email'] }}\n\n"
        "Ad: {{ ti.xcom_pull(task_ids='write')['search_ad'] }}",
        assigned_users=BRAND_LEADS,
    )
    cells = split(people)
    pilot = send.override(task_id="send_pilot")(cells["pilot"], texts["email"])
    ad = publish(texts["search_ad"])
    wait = WaitSensor(task_id="wait", time_to_wait=WAIT, deferrable=True)
    rollout_approved = ApprovalOperator(
        task_id="approve_rollout",
        subject="The pilot is out. The same to the rest?",
        body="To {{ ti.xcom_pull(task_ids='split')['rest'] | length }} more.\n\n"
        "{{ ti.xcom_pull(task_ids='write')['email'] }}",
        assigned_users=BRAND_LEADS,
    )
    rest = send.override(task_id="send_rest")(cells["rest"], texts["email"])

    chain(people, segment_approved, rows)
    chain(texts, copy_approved, cells)
    chain(copy_approved, ad)
    chain([pilot, ad], wait, rollout_approved, rest)


spring_launch()
