"""Which kinds of events there are, and which process's signature makes each count.

An event counts only under the key of a process that may write its kind. A worker that inserts
`decision:approved` has inserted a row that nobody believes.
"""

from enum import StrEnum

from presscheck.models import Process

__all__ = ["WRITERS", "EventKind"]


class EventKind(StrEnum):
    """Past tense: each is something that happened."""

    CAMPAIGN_OPENED = "campaign:opened"
    CAMPAIGN_ENDED = "campaign:ended"
    ASSET_DRAFTED = "asset:drafted"
    ASSET_EDITED = "asset:edited"
    ASSET_WRITTEN = "asset:written"
    ASSET_REVERTED = "asset:reverted"
    ASSETS_CHECKED = "assets:checked"
    STEP_RECORDED = "step:recorded"
    AUDIENCE_FROZEN = "audience:frozen"
    REVIEW_OPENED = "review:opened"
    RUN_WOKEN_UNANSWERED = "run:woken-unanswered"
    ANSWER_READ = "answer:read"
    DELIVERY_REQUESTED = "delivery:requested"
    MODEL_ASKED = "model:asked"
    MODEL_CHARGED = "model:charged"
    REVIEW_REMINDED = "review:reminded"
    REVIEW_ESCALATED = "review:escalated"
    NOTICE_SENT = "notice:sent"
    NOTICE_FAILED = "notice:failed"

    RUN_REQUESTED = "run:requested"
    RUN_STARTED = "run:started"
    RUN_NOT_STARTED = "run:not-started"
    RUN_FOUND = "run:found"
    RUN_RETRIED = "run:retried"
    RUN_CANCELLED = "run:cancelled"
    DEPLOYMENT_REQUESTED = "deployment:requested"
    DEPLOYMENT_SET = "deployment:set"
    REQUEST_FORBIDDEN = "request:forbidden"
    PERSON_INVITED = "person:invited"
    PERSON_PROPOSED = "person:proposed"
    PERSON_CONFIRMED = "person:confirmed"
    PERSON_DECLINED = "person:declined"
    PERSON_ENROLLED = "person:enrolled"
    PERSON_CHANGED = "person:changed"
    PERSON_REVOKED = "person:revoked"
    CREDENTIAL_SET = "credential:set"
    PASSKEY_ADDED = "passkey:added"
    PASSKEY_USED = "passkey:used"
    PASSKEY_REMOVED = "passkey:removed"
    IDENTITY_BOUND = "identity:bound"
    CODE_SPENT = "code:spent"
    SESSION_OPENED = "session:opened"
    SESSION_CLOSED = "session:closed"
    SIGN_IN_REFUSED = "sign-in:refused"
    SIGN_IN_LOCKED = "sign-in:locked"
    REVIEW_SEEN = "review:seen"
    WORK_STATED = "work:stated"
    BASELINE_IMPORTED = "baseline:imported"
    BASELINE_REMOVED = "baseline:removed"
    APPLICATION_REFUSED = "application:refused"
    DECISION_APPROVED = "decision:approved"
    DECISION_WRITTEN = "decision:written"
    DECISION_REJECTED = "decision:rejected"
    DECISION_CHANGES = "decision:changes-requested"
    DECISION_EXPIRED = "decision:expired"
    DECISION_WITHDRAWN = "decision:withdrawn"
    POLICIES_ADOPTED = "policies:adopted"
    POLICIES_CHANGED = "policies:changed"
    POLICIES_SIGNED = "policies:signed"
    APPROVAL_GIVEN = "approval:given"
    DECISION_REOPENED = "decision:reopened"
    RULE_SIGNED = "rule:signed"
    RULE_REVOKED = "rule:revoked"
    SPOT_DRAWN = "spot:drawn"
    PERSON_DELEGATED = "person:delegated"
    DELEGATION_ENDED = "person:delegation-ended"
    PERSON_ABSENT = "person:absent"
    PERSON_PRESENT = "person:present"
    SESSION_REFRESHED = "session:refreshed"
    CAMPAIGN_PAUSED = "campaign:paused"
    CAMPAIGN_UNPAUSED = "campaign:unpaused"
    RECALL_DECIDED = "recall:decided"
    RETRY_DECIDED = "retry:decided"
    GLASS_REQUESTED = "glass:requested"
    GLASS_CONFIRMED = "glass:confirmed"
    GLASS_DECLINED = "glass:declined"
    GLASS_REVIEWED = "glass:reviewed"

    PERMIT_ISSUED = "permit:issued"
    PERMIT_REFUSED = "permit:refused"
    PERMIT_SPENT = "permit:spent"
    BATCH_BEGUN = "batch:begun"
    BATCH_SENT = "batch:sent"
    RETRY_BEGUN = "retry:begun"
    RETRY_ENDED = "retry:ended"
    DELIVERY_HELD = "delivery:held"
    DELIVERY_COMPLETED = "delivery:completed"
    DELIVERY_SETTLED = "delivery:settled"
    DELIVERY_PAUSED = "delivery:paused"
    DELIVERY_WAITING = "delivery:waiting"
    DELIVERY_RESUMED = "delivery:resumed"
    DELIVERY_REOPENED = "delivery:reopened"
    RECALL_DONE = "recall:done"

    MESSAGE_BOUNCED = "message:bounced"
    MESSAGE_COMPLAINED = "message:complained"

    ADDRESS_SUPPRESSED = "address:suppressed"
    LIFT_PROPOSED = "lift:proposed"
    ADDRESS_LIFTED = "address:lifted"

    LEDGER_RESTORED = "ledger:restored"
    LEDGER_GAP_PROPOSED = "ledger:gap-proposed"
    LEDGER_GAP_SIGNED = "ledger:gap-signed"


_WORKER: frozenset[Process] = frozenset({"worker"})
_DOOR: frozenset[Process] = frozenset({"door"})
_PRESS: frozenset[Process] = frozenset({"press"})

WRITERS: dict[EventKind, frozenset[Process]] = {
    EventKind.CAMPAIGN_OPENED: _WORKER,
    EventKind.CAMPAIGN_ENDED: _WORKER,
    EventKind.ASSET_DRAFTED: _WORKER,
    EventKind.ASSET_EDITED: _DOOR,
    EventKind.ASSET_WRITTEN: _DOOR,
    EventKind.ASSET_REVERTED: _DOOR,
    EventKind.ASSETS_CHECKED: _WORKER,
    EventKind.STEP_RECORDED: _WORKER,
    EventKind.AUDIENCE_FROZEN: _WORKER,
    EventKind.REVIEW_OPENED: _WORKER,
    EventKind.RUN_WOKEN_UNANSWERED: _WORKER,
    EventKind.ANSWER_READ: _WORKER,
    EventKind.DELIVERY_REQUESTED: _WORKER,
    EventKind.MODEL_ASKED: _WORKER,
    EventKind.MODEL_CHARGED: _WORKER,
    EventKind.REVIEW_REMINDED: _WORKER,
    EventKind.REVIEW_ESCALATED: _WORKER,
    EventKind.NOTICE_SENT: _WORKER,
    EventKind.NOTICE_FAILED: _WORKER,
    EventKind.RUN_REQUESTED: _DOOR,
    EventKind.RUN_STARTED: _DOOR,
    EventKind.RUN_NOT_STARTED: _DOOR,
    EventKind.RUN_FOUND: _DOOR,
    EventKind.RUN_RETRIED: _DOOR,
    EventKind.RUN_CANCELLED: _DOOR,
    EventKind.DEPLOYMENT_REQUESTED: _DOOR,
    EventKind.DEPLOYMENT_SET: _DOOR,
    EventKind.REQUEST_FORBIDDEN: _DOOR,
    EventKind.PERSON_INVITED: _DOOR,
    EventKind.PERSON_PROPOSED: _DOOR,
    EventKind.PERSON_CONFIRMED: _DOOR,
    EventKind.PERSON_DECLINED: _DOOR,
    EventKind.PERSON_ENROLLED: _DOOR,
    EventKind.PERSON_CHANGED: _DOOR,
    EventKind.PERSON_REVOKED: _DOOR,
    EventKind.CREDENTIAL_SET: _DOOR,
    EventKind.PASSKEY_ADDED: _DOOR,
    EventKind.PASSKEY_USED: _DOOR,
    EventKind.PASSKEY_REMOVED: _DOOR,
    EventKind.IDENTITY_BOUND: _DOOR,
    EventKind.CODE_SPENT: _DOOR,
    EventKind.SESSION_OPENED: _DOOR,
    EventKind.SESSION_CLOSED: _DOOR,
    EventKind.SIGN_IN_REFUSED: _DOOR,
    EventKind.SIGN_IN_LOCKED: _DOOR,
    EventKind.REVIEW_SEEN: _DOOR,
    EventKind.WORK_STATED: _DOOR,
    EventKind.BASELINE_IMPORTED: _DOOR,
    EventKind.BASELINE_REMOVED: _DOOR,
    EventKind.APPLICATION_REFUSED: _DOOR,
    EventKind.DECISION_APPROVED: _DOOR,
    EventKind.DECISION_WRITTEN: _DOOR,
    EventKind.DECISION_REJECTED: _DOOR,
    EventKind.DECISION_CHANGES: _DOOR,
    EventKind.DECISION_EXPIRED: _DOOR,
    EventKind.DECISION_WITHDRAWN: _DOOR,
    EventKind.POLICIES_ADOPTED: _DOOR,
    # The press reads the same files, and a rule that was weak for one batch only the press may have seen.
    EventKind.POLICIES_CHANGED: frozenset({"door", "press"}),
    EventKind.POLICIES_SIGNED: _DOOR,
    EventKind.APPROVAL_GIVEN: _DOOR,
    EventKind.DECISION_REOPENED: _DOOR,
    EventKind.RULE_SIGNED: _DOOR,
    EventKind.RULE_REVOKED: _DOOR,
    EventKind.SPOT_DRAWN: _DOOR,
    EventKind.PERSON_DELEGATED: _DOOR,
    EventKind.DELEGATION_ENDED: _DOOR,
    EventKind.PERSON_ABSENT: _DOOR,
    EventKind.PERSON_PRESENT: _DOOR,
    EventKind.SESSION_REFRESHED: _DOOR,
    EventKind.CAMPAIGN_PAUSED: _DOOR,
    EventKind.CAMPAIGN_UNPAUSED: _DOOR,
    EventKind.RECALL_DECIDED: _DOOR,
    EventKind.RETRY_DECIDED: _DOOR,
    EventKind.GLASS_REQUESTED: _DOOR,
    EventKind.GLASS_CONFIRMED: _DOOR,
    EventKind.GLASS_DECLINED: _DOOR,
    EventKind.GLASS_REVIEWED: _DOOR,
    EventKind.PERMIT_ISSUED: _PRESS,
    EventKind.PERMIT_REFUSED: _PRESS,
    EventKind.PERMIT_SPENT: _PRESS,
    EventKind.BATCH_BEGUN: _PRESS,
    EventKind.BATCH_SENT: _PRESS,
    EventKind.RETRY_BEGUN: _PRESS,
    EventKind.RETRY_ENDED: _PRESS,
    EventKind.DELIVERY_HELD: _PRESS,
    EventKind.DELIVERY_COMPLETED: _PRESS,
    EventKind.DELIVERY_SETTLED: _PRESS,
    EventKind.DELIVERY_PAUSED: _PRESS,
    EventKind.DELIVERY_WAITING: _PRESS,
    EventKind.DELIVERY_RESUMED: _PRESS,
    EventKind.DELIVERY_REOPENED: _PRESS,
    EventKind.RECALL_DONE: _PRESS,
    EventKind.MESSAGE_BOUNCED: _PRESS,
    EventKind.MESSAGE_COMPLAINED: _PRESS,
    # Suppression can only take people out, so any process of ours may add one.
    EventKind.ADDRESS_SUPPRESSED: frozenset({"door", "worker", "press"}),
    # Letting somebody in again takes two people, and people are the door's.
    EventKind.LIFT_PROPOSED: _DOOR,
    EventKind.ADDRESS_LIFTED: _DOOR,
    # Whoever puts a copy back has the keys of one of these: it stops everything until two people have signed the gap.
    EventKind.LEDGER_RESTORED: frozenset({"door", "press"}),
    EventKind.LEDGER_GAP_PROPOSED: _DOOR,
    EventKind.LEDGER_GAP_SIGNED: _DOOR,
}
