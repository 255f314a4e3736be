"""The tables delivery needs in every service's own database. Made by the migrations beside this file."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from rapport.privacy.catalogue.columns import Sealed, entry
from rapport.privacy.catalogue.ending import kept_until

metadata = MetaData()

_at = DateTime(timezone=True)

consumer_offsets = Table(
    "consumer_offsets",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", SmallInteger, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("log_end_offset", BigInteger, nullable=False, server_default="0"),
    Column("received", BigInteger, nullable=False, server_default="0"),
    Column("applied", BigInteger, nullable=False, server_default="0"),
    Column("duplicate", BigInteger, nullable=False, server_default="0"),
    Column("skipped", BigInteger, nullable=False, server_default="0"),
    Column("dead_lettered", BigInteger, nullable=False, server_default="0"),
    Column("advanced_at", _at, nullable=False, server_default=func.now()),
    info=entry("delivery-bookkeeping"),
)

stream_clocks = Table(
    "stream_clocks",
    metadata,
    Column("partition", SmallInteger, primary_key=True),
    Column("position", _at, nullable=False),
    info=entry("delivery-bookkeeping"),
)

customers = Table(
    "customers",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    # Set once the file has ended: who locks a customer knows it without a statement more.
    Column("erased_scope", Text, info=entry("file-life")),
    Column("erased_rule", Text, info=entry("file-life")),
    Column("erased_at", _at, info=entry("file-life")),
    info=entry("delivery-bookkeeping") | kept_until("for ever"),
)

retellings = Table(
    "retellings",
    metadata,
    Column("concept", Text, primary_key=True),
    Column("round", Text, nullable=False),
    Column("told_up_to", Text, nullable=True),
    info=entry("delivery-bookkeeping"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("arrived_at", _at, nullable=False, server_default=func.now()),
    Index("inbox_by_arrival", "arrived_at", postgresql_using="brin"),
    postgresql_partition_by="RANGE (event_id)",
    info=entry("delivery-bookkeeping"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("outbox_id", BigInteger, Identity(always=True), primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", LargeBinary, nullable=False, info=entry("kept-record")),
    Column("value", LargeBinary, nullable=True, info=entry("kept-record")),
    Column("headers", JSONB, nullable=False, info=entry("kept-record")),
    Column("caused_at", _at, nullable=True),
    Index("outbox_by_partition", "partition", "outbox_id"),
    info=entry("delivery-bookkeeping"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("dead_letter_id", Uuid, primary_key=True),
    Column("topic", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("handler", Text, nullable=False),
    Column("record", LargeBinary, nullable=False, info=entry("kept-record")),
    Column("is_encrypted", Boolean, nullable=False),
    Column("died_at", _at, nullable=False),
    Column("replay_requested_at", _at, nullable=True),
    Index("dead_letters_by_position", "topic", "partition", "offset", unique=True),
    Index("dead_letters_to_replay", "replay_requested_at", postgresql_where=text("replay_requested_at IS NOT NULL")),
    info=entry("delivery-bookkeeping"),
)

parked = Table(
    "parked",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("waiting_for", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False, info=entry("kept-record")),
    Column("is_encrypted", Boolean, nullable=False),
    Column("parked_at", _at, nullable=False),
    Index("parked_by_cause", "waiting_for"),
    info=entry("delivery-bookkeeping"),
)

refused_fields = Table(
    "refused_fields",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", SmallInteger, primary_key=True),
    Column("field", Text, primary_key=True),
    Column("kind", Text, primary_key=True, server_default="unknown-field"),
    Column("records", BigInteger, nullable=False),
    Column("first_at", _at, nullable=False),
    Column("last_at", _at, nullable=False),
    info=entry("delivery-bookkeeping"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("subject", Text, primary_key=True, info=entry("staff-token")),
    Column("operation", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("answer", Sealed, nullable=False, info=entry("kept-answer")),
    Column("created_at", _at, nullable=False, server_default=func.now()),
    Index("idempotency_keys_by_age", "created_at"),
    info=entry("delivery-bookkeeping"),
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("generation", SmallInteger, primary_key=True, server_default="1"),
    Column("kek_version", SmallInteger, nullable=False),
    Column("wrapped", Sealed, nullable=False, info=entry("wrapped-key")),
    Column("created_at", _at, nullable=False, server_default=func.now()),
    info=entry("delivery-bookkeeping") | kept_until("destroyed"),
)

key_checks = Table(
    "key_checks",
    metadata,
    Column("name", Text, primary_key=True, info=entry("delivery-bookkeeping")),
    Column("version", SmallInteger, primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("first_at", _at, nullable=False, server_default=func.now()),
    info=entry("delivery-bookkeeping"),
)
