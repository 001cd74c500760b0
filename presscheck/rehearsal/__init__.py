"""A rehearsal: a campaign of yours runs offline, on a ledger of its own, and your test plays the people.

    # tests/conftest.py
    from presscheck.rehearsal.fixtures import rehearsal

    # tests/test_spring_launch.py
    def test_what_the_brand_lead_signs_is_delivered(rehearsal):
        run = rehearsal.start(spring_launch)
        run.answer("brand_lead", "approve", picks=["V01", "V02"])
        assert run.ended == "Delivered"

Real are the flow, the policies, the ledger, the desk, the press and its outbox. Prefect's own test
server stands in for Prefect; nothing reaches the network but loopback, and nothing of the project is
written to. The offline copywriter writes, whatever the project's settings name.
"""

from presscheck.errors import AnswerRefused
from presscheck.rehearsal.rehearsal import Rehearsal
from presscheck.rehearsal.run import RehearsedRun

__all__ = ["AnswerRefused", "Rehearsal", "RehearsedRun"]
