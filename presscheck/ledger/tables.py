"""The ledger's tables. `events` is the truth; the others hold content by digest, or can be rebuilt.

Times are ISO 8601 text in UTC with microseconds, so that both databases sort and sign the same
characters. Personal data lives in `people`, `applications`, `held_answers` and `outbox` and can be erased there;
events carry digests and pseudonyms only.
"""

from sqlalchemy import Column, Index, Integer, MetaData, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("process", String(10), nullable=False),
    Column("run", String(64), nullable=False, server_default=""),
    Column("subject", String(200), nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("signature", String(128), nullable=False),
    Index("ix_events_kind_subject", "kind", "subject"),
    Index("ix_events_subject", "subject"),
    Index("ix_events_run", "run", "seq"),
)

campaigns = Table(
    "campaigns",
    metadata,
    Column("run", String(64), primary_key=True),
    Column("campaign", String(120), nullable=False),
    Column("brief", String(64), nullable=False),
    Column("opened_at", String(27), nullable=False),
    Column("ended_at", String(27)),
    Column("ending", String(40)),
)

assets = Table(
    "assets",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("content", Text, nullable=False),
    Column("parent", String(64)),
    Column("author", Text, nullable=False),
    Column("cost_microdollars", Integer, nullable=False, server_default="0"),
    Column("run", String(64), nullable=False),
    Column("at", String(27), nullable=False),
    Index("ix_assets_run", "run"),
)

steps = Table(
    "steps",
    metadata,
    Column("run", String(64), nullable=False),
    Column("step", String(80), nullable=False),
    Column("round", Integer, nullable=False),
    Column("partition", String(80), nullable=False),
    Column("inputs", String(64), nullable=False),
    Column("shape", String(80), nullable=False),
    Column("payload", Text, nullable=False),
    Column("payload_digest", String(64), nullable=False),
    Column("at", String(27), nullable=False),
    PrimaryKeyConstraint("run", "step", "round", "partition", "inputs"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("asset", String(64), nullable=False),
    Column("run", String(64), nullable=False),
    Column("finding", Text, nullable=False),
    Column("at", String(27), nullable=False),
    Index("ix_findings_asset_run", "asset", "run"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("run", String(64), nullable=False),
    Column("gate", String(80), nullable=False),
    Column("round", Integer, nullable=False),
    Column("question", Text, nullable=False),
    Column("opened_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
    Index("ix_reviews_run", "run"),
)

applications = Table(
    "applications",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("review", String(20), nullable=False),
    Column("person", String(40), nullable=False),
    Column("submission", Text, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("at", String(27), nullable=False),
    Index("ix_applications_review", "review"),
)

decisions = Table(
    "decisions",
    metadata,
    # One review has one decision: the database refuses a second even where code would not.
    Column("review", String(20), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("event", Integer, nullable=False),
    Column("at", String(27), nullable=False),
)

wakes = Table(
    "wakes",
    metadata,
    # Read and written by nobody any more: the bell rings from events (`reviews.Wakes`). It stays for those who go
    # back to an earlier version, until a migration takes it away.
    Column("run", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("at", String(27), nullable=False),
    Column("read_at", String(27)),
    PrimaryKeyConstraint("run", "subject"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("run", String(64), nullable=False),
    Column("review", String(20), nullable=False),
    Column("manifest", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("sent", Integer, nullable=False, server_default="0"),
    Column("suppressed", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("unknown", Integer, nullable=False, server_default="0"),
    Column("requested_at", String(27), nullable=False),
    Column("finished_at", String(27)),
    UniqueConstraint("run", "review"),
    Index("ix_deliveries_state", "state"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("delivery", String(20), nullable=False),
    Column("position", Integer, nullable=False),
    Column("key", String(64), nullable=False),
    Column("recipient", String(500), nullable=False),
    Column("asset", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("at", String(27), nullable=False),
    PrimaryKeyConstraint("delivery", "position"),
    UniqueConstraint("delivery", "key"),
    Index("ix_outbox_delivery_state", "delivery", "state"),
)

held_answers = Table(
    "held_answers",
    metadata,
    Column("review", String(20), nullable=False),
    Column("person", String(40), nullable=False),
    # It counts only while its digest is that of the door's last `answer:held` about this review and person.
    Column("answer", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("due_at", String(27), nullable=False),
    PrimaryKeyConstraint("review", "person"),
)

people = Table(
    "people",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("at", String(27), nullable=False),
)

credentials = Table(
    "credentials",
    metadata,
    # A credential counts only if its digest stands in a door-signed `credential:set` event.
    Column("person", String(40), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("totp_sealed", Text, nullable=False),
    Column("at", String(27), nullable=False),
)

passkeys = Table(
    "passkeys",
    metadata,
    # A passkey counts only if its digest stands in a door-signed `passkey:added` event.
    Column("id", String(64), primary_key=True),
    Column("person", String(40), nullable=False),
    Column("name", String(80), nullable=False),
    Column("credential", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("at", String(27), nullable=False),
    Index("ix_passkeys_person", "person"),
)

policy_texts = Table(
    "policy_texts",
    metadata,
    # Policy files as they stood, each text once: an event names the list of a set's texts by its digest.
    Column("digest", String(64), primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", String(27), nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person", String(40), nullable=False),
    Column("opened_at", String(27), nullable=False),
    Column("expires_at", String(27), nullable=False),
    Column("last_seen_at", String(27), nullable=False),
    Column("closed_at", String(27)),
    Index("ix_sessions_person", "person"),
)

suppressions = Table(
    "suppressions",
    metadata,
    # Once for each event that added it: who bounced and then left stays out by the second when the first is lifted.
    Column("address_hash", String(64), nullable=False),
    Column("reason", String(40), nullable=False),
    Column("at", String(27), nullable=False),
    # Which event added it: an address taken out shows, because the event holds the digest of all it added.
    Column("event", Integer, nullable=False),
    PrimaryKeyConstraint("address_hash", "event"),
    Index("ix_suppressions_event", "event"),
)

feedback = Table(
    "feedback",
    metadata,
    # What came back of a message, once for each message and kind; the events count, these rows only tell repeats.
    Column("delivery", String(20), nullable=False),
    Column("address_hash", String(64), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("event", Integer, nullable=False),
    PrimaryKeyConstraint("delivery", "address_hash", "kind"),
    Index("ix_feedback_event", "event"),
    # What came back of one address over all deliveries.
    Index("ix_feedback_address_hash", "address_hash"),
)

quarantine = Table(
    "quarantine",
    metadata,
    # Rows of catalogues that are held, by the digest that their event names. Erased here, a row is held all the same.
    Column("digest", String(64), primary_key=True),
    Column("cells", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("at", String(27), nullable=False),
)

begun = Table(
    "begun",
    metadata,
    # What somebody has typed beside a question and not sent. Nobody's answer: nothing is ever decided by a row of it.
    Column("person", String(40), nullable=False),
    Column("review", String(20), nullable=False),
    Column("tab", String(40), nullable=False),
    Column("mark", String(20), nullable=False),
    Column("fields", Text, nullable=False),
    Column("at", String(27), nullable=False),
    PrimaryKeyConstraint("person", "review"),
)

comments = Table(
    "comments",
    metadata,
    # Words of comments, each with a salt: once they are erased, the digest in the chain tells nobody of them.
    Column("id", String(20), primary_key=True),
    Column("content", Text, nullable=False),
    Column("at", String(27), nullable=False),
)
