"""Which kinds of events there are, and which processes' signatures make each count: a row each.

An event counts only under the key of a process that may write its kind. A worker that inserts
`decision:approved` has inserted a row that nobody believes.
"""

from enum import StrEnum
from typing import Any, Self

from presscheck.models import Process


def _row(name: str, *writers: Process) -> Any:
    # As the values of an enum, pyright takes bare tuples for what a kind equals; it equals its name.
    return name, *writers


class EventKind(StrEnum):
    """Past tense: each is something that happened; after its name, who may write it."""

    _value_: str
    writers: frozenset[Process]

    def __new__(cls, name: str, *writers: Process) -> Self:
        kind = str.__new__(cls, name)
        kind._value_ = name
        kind.writers = frozenset(writers)
        return kind

    CAMPAIGN_OPENED = _row("campaign:opened", "worker")
    CAMPAIGN_ENDED = _row("campaign:ended", "worker")
    BRIEF_ADDED = _row("brief:added", "worker")
    ASSET_DRAFTED = _row("asset:drafted", "worker")
    ASSET_EDITED = _row("asset:edited", "door")
    ASSET_WRITTEN = _row("asset:written", "door")
    ASSET_REVERTED = _row("asset:reverted", "door")
    ASSETS_CHECKED = _row("assets:checked", "worker")
    ASSET_REPAIRED = _row("asset:repaired", "worker")
    ASSET_USED = _row("asset:used", "worker")
    ROW_QUARANTINED = _row("row:quarantined", "worker")
    STEP_RECORDED = _row("step:recorded", "worker")
    AUDIENCE_FROZEN = _row("audience:frozen", "worker")
    AUDIENCE_SPLIT = _row("audience:split", "worker")
    TIMER_SET = _row("timer:set", "worker")
    REVIEW_OPENED = _row("review:opened", "worker")
    RUN_WOKEN_UNANSWERED = _row("run:woken-unanswered", "worker")
    ANSWER_READ = _row("answer:read", "worker")
    DELIVERY_REQUESTED = _row("delivery:requested", "worker")
    MODEL_ASKED = _row("model:asked", "worker")
    MODEL_CHARGED = _row("model:charged", "worker")
    MODEL_REFUSED = _row("model:refused", "worker")
    TOOL_USED = _row("tool:used", "worker")
    TOOL_REFUSED = _row("tool:refused", "worker")
    REVIEW_REMINDED = _row("review:reminded", "worker")
    REVIEW_ESCALATED = _row("review:escalated", "worker")
    NOTICE_SENT = _row("notice:sent", "worker")
    NOTICE_FAILED = _row("notice:failed", "worker")
    WEBHOOK_BEGUN = _row("webhook:begun", "worker")
    WEBHOOK_SENT = _row("webhook:sent", "worker")
    WEBHOOK_FAILED = _row("webhook:failed", "worker")
    WEBHOOK_GIVEN_UP = _row("webhook:given-up", "worker")

    RUN_REQUESTED = _row("run:requested", "door")
    RUN_STARTED = _row("run:started", "door")
    RUN_NOT_STARTED = _row("run:not-started", "door")
    RUN_FOUND = _row("run:found", "door")
    RUN_RETRIED = _row("run:retried", "door")
    RUN_CANCELLED = _row("run:cancelled", "door")
    DEPLOYMENT_REQUESTED = _row("deployment:requested", "door")
    DEPLOYMENT_SET = _row("deployment:set", "door")
    REQUEST_FORBIDDEN = _row("request:forbidden", "door")
    PERSON_INVITED = _row("person:invited", "door")
    PERSON_PROPOSED = _row("person:proposed", "door")
    PERSON_CONFIRMED = _row("person:confirmed", "door")
    PERSON_DECLINED = _row("person:declined", "door")
    PERSON_ENROLLED = _row("person:enrolled", "door")
    PERSON_CHANGED = _row("person:changed", "door")
    PERSON_REVOKED = _row("person:revoked", "door")
    CREDENTIAL_SET = _row("credential:set", "door")
    PASSKEY_ADDED = _row("passkey:added", "door")
    PASSKEY_USED = _row("passkey:used", "door")
    PASSKEY_REMOVED = _row("passkey:removed", "door")
    IDENTITY_BOUND = _row("identity:bound", "door")
    CODE_SPENT = _row("code:spent", "door")
    SESSION_OPENED = _row("session:opened", "door")
    SESSION_CLOSED = _row("session:closed", "door")
    SIGN_IN_REFUSED = _row("sign-in:refused", "door")
    SIGN_IN_LOCKED = _row("sign-in:locked", "door")
    REVIEW_SEEN = _row("review:seen", "door")
    COMMENT_MADE = _row("comment:made", "door")
    COMMENT_RESOLVED = _row("comment:resolved", "door")
    COMMENT_REOPENED = _row("comment:reopened", "door")
    COMMENT_ERASED = _row("comment:erased", "door")
    WORK_STATED = _row("work:stated", "door")
    BASELINE_IMPORTED = _row("baseline:imported", "door")
    BASELINE_REMOVED = _row("baseline:removed", "door")
    APPLICATION_REFUSED = _row("application:refused", "door")
    ANSWER_HELD = _row("answer:held", "door")
    ANSWER_TAKEN_BACK = _row("answer:taken-back", "door")
    ANSWER_SUBMITTED = _row("answer:submitted", "door")
    DECISION_APPROVED = _row("decision:approved", "door")
    DECISION_WRITTEN = _row("decision:written", "door")
    DECISION_REJECTED = _row("decision:rejected", "door")
    DECISION_CHANGES = _row("decision:changes-requested", "door")
    DECISION_EXPIRED = _row("decision:expired", "door")
    DECISION_WITHDRAWN = _row("decision:withdrawn", "door")
    POLICIES_ADOPTED = _row("policies:adopted", "door")
    # The press reads the same files, and a rule that was weak for one batch only the press may have seen.
    POLICIES_CHANGED = _row("policies:changed", "door", "press")
    POLICIES_SIGNED = _row("policies:signed", "door")
    APPROVAL_GIVEN = _row("approval:given", "door")
    DECISION_REOPENED = _row("decision:reopened", "door")
    ROW_RELEASED = _row("row:released", "door")
    ROW_TAKEN_BACK = _row("row:taken-back", "door")
    RULE_SIGNED = _row("rule:signed", "door")
    RULE_REVOKED = _row("rule:revoked", "door")
    SPOT_DRAWN = _row("spot:drawn", "door")
    PERSON_DELEGATED = _row("person:delegated", "door")
    DELEGATION_ENDED = _row("person:delegation-ended", "door")
    PERSON_ABSENT = _row("person:absent", "door")
    PERSON_PRESENT = _row("person:present", "door")
    NOTICES_CHOSEN = _row("notices:chosen", "door")
    SESSION_REFRESHED = _row("session:refreshed", "door")
    CAMPAIGN_PAUSED = _row("campaign:paused", "door")
    CAMPAIGN_UNPAUSED = _row("campaign:unpaused", "door")
    RECALL_DECIDED = _row("recall:decided", "door")
    RETRY_DECIDED = _row("retry:decided", "door")
    CALENDAR_ADDRESS_MADE = _row("calendar:address-made", "door")
    CALENDAR_ADDRESS_ENDED = _row("calendar:address-ended", "door")
    GLASS_REQUESTED = _row("glass:requested", "door")
    GLASS_CONFIRMED = _row("glass:confirmed", "door")
    GLASS_DECLINED = _row("glass:declined", "door")
    GLASS_REVIEWED = _row("glass:reviewed", "door")
    TEST_REQUESTED = _row("test:requested", "door")

    PERMIT_ISSUED = _row("permit:issued", "press")
    PERMIT_REFUSED = _row("permit:refused", "press")
    PERMIT_SPENT = _row("permit:spent", "press")
    BATCH_BEGUN = _row("batch:begun", "press")
    BATCH_SENT = _row("batch:sent", "press")
    RETRY_BEGUN = _row("retry:begun", "press")
    RETRY_ENDED = _row("retry:ended", "press")
    DELIVERY_HELD = _row("delivery:held", "press")
    DELIVERY_COMPLETED = _row("delivery:completed", "press")
    DELIVERY_SETTLED = _row("delivery:settled", "press")
    DELIVERY_PAUSED = _row("delivery:paused", "press")
    DELIVERY_WAITING = _row("delivery:waiting", "press")
    DELIVERY_RESUMED = _row("delivery:resumed", "press")
    DELIVERY_REOPENED = _row("delivery:reopened", "press")
    RECALL_DONE = _row("recall:done", "press")
    TEST_BEGUN = _row("test:begun", "press")
    TEST_SENT = _row("test:sent", "press")
    TEST_REFUSED = _row("test:refused", "press")

    MESSAGE_BOUNCED = _row("message:bounced", "press")
    MESSAGE_COMPLAINED = _row("message:complained", "press")

    # Suppression can only take people out, so any process of ours may add one.
    ADDRESS_SUPPRESSED = _row("address:suppressed", "door", "worker", "press")
    # Letting somebody in again takes two people, and people are the door's.
    LIFT_PROPOSED = _row("lift:proposed", "door")
    ADDRESS_LIFTED = _row("address:lifted", "door")

    # Whoever puts a copy back has the keys of one of these: it stops everything until two people have signed the gap.
    LEDGER_RESTORED = _row("ledger:restored", "door", "press")
    LEDGER_GAP_PROPOSED = _row("ledger:gap-proposed", "door")
    LEDGER_GAP_SIGNED = _row("ledger:gap-signed", "door")
