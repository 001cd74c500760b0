"""The form as people see it, made from the ledger: what is shown is what will be signed.

Prefect keeps the schema and the description that the gate gave it, where a worker could swap them
for others. So Prefect's page gets them from here, in the shape in which Prefect would have stored
them, as long as the run has a question open.
"""

import json
from typing import Any, Literal

from presscheck.cleaning import without_links
from presscheck.door.doorway import Doorway
from presscheck.ledger.reviews import open_reviews
from presscheck.people.sessions import Session

Part = Literal["schema", "description"]


def form_part(door: Doorway, session: Session, run: str, part: Part) -> str | None:
    """The JSON text of one part of the open question's form, for who looks; None where the run asks nothing now."""
    with door.ledger.read() as tx:
        waiting = open_reviews(tx, run=run)
        if not waiting:
            return None
        form = door.desk.form(tx, waiting[-1], proved_at=session.proved_at)
    if part == "description":
        return json.dumps(without_links(form.description))
    schema: dict[str, Any] = form.model.model_json_schema(ref_template="#/definitions/{model}")
    # Prefect's page looks for shared parts under both names.
    schema["definitions"] = schema.get("$defs", {})
    schema["additionalProperties"] = False
    for name, value in form.initial.items():
        schema["properties"][name]["default"] = value
        schema["required"] = [required for required in schema["required"] if required != name]
    return json.dumps(schema)
