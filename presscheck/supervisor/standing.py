"""The standing duty that comes with every project: it reads the ledger and tells people what waits for them."""

from typing import Any

DUTY = "escalate-reviews"
STANDING: dict[str, Any] = {
    "name": DUTY,
    "entrypoint": "flows.escalate_reviews.escalate_reviews",
    "description": "Tells whoever is asked, reminds them, and tells the next in line and the owner in time.",
    "tags": ["standing"],
    "parameters": {},
    "schedules": [{"slug": "every-five-minutes", "cron": "*/5 * * * *", "timezone": "UTC"}],
    # One look at a time; a second one would find what the first is telling already.
    "concurrency_limit": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
    # A campaign that stays suspended for a quarter of an hour is looked at by itself at once, so that people hear of it
    # where the schedule is switched off, too.
    "triggers": [
        {
            "name": "A campaign stays suspended",
            "description": "Runs escalate-reviews for a campaign run that has been suspended for 15 minutes.",
            "posture": "Proactive",
            "match": {"prefect.resource.id": "prefect.flow-run.*"},
            "match_related": {
                "prefect.resource.role": "tag",
                "prefect.resource.id": "prefect.tag.campaign",
            },
            "after": ["prefect.flow-run.Suspended"],
            "expect": ["prefect.flow-run.*"],
            "for_each": ["prefect.resource.id"],
            "threshold": 1,
            "within": 900,
            "parameters": {"flow_run_id": {"__prefect_kind": "jinja", "template": "{{ flow_run.id }}"}},
        }
    ],
    "pull": [],
    "work_pool": {"name": "presscheck"},
}
"""What a `deployments/prefect.yaml` would say of it; one that does, by its name, wins."""
