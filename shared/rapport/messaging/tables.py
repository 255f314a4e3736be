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
)

stream_clocks = Table(
    "stream_clocks",
    metadata,
    Column("partition", SmallInteger, primary_key=True),
    Column("position", _at, nullable=False),
)

customers = Table(
    "customers",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("partition", SmallInteger, nullable=False),
)

retellings = Table(
    "retellings",
    metadata,
    Column("concept", Text, primary_key=True),
    Column("round", Text, nullable=False),
    Column("told_up_to", Text, nullable=True),
)

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("arrived_at", _at, nullable=False, server_default=func.now()),
    Index("inbox_by_arrival", "arrived_at", postgresql_using="brin"),
    postgresql_partition_by="RANGE (event_id)",
)

outbox = Table(
    "outbox",
    metadata,
    Column("outbox_id", BigInteger, Identity(always=True), primary_key=True),
    Column("partition", SmallInteger, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("value", LargeBinary, nullable=True),
    Column("headers", JSONB, nullable=False),
    Column("caused_at", _at, nullable=True),
    Index("outbox_by_partition", "partition", "outbox_id"),
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
    Column("record", LargeBinary, nullable=False),
    Column("is_encrypted", Boolean, nullable=False),
    Column("died_at", _at, nullable=False),
    Column("replay_requested_at", _at, nullable=True),
    Index("dead_letters_by_position", "topic", "partition", "offset", unique=True),
    Index("dead_letters_to_replay", "replay_requested_at", postgresql_where=text("replay_requested_at IS NOT NULL")),
)

parked = Table(
    "parked",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("waiting_for", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("is_encrypted", Boolean, nullable=False),
    Column("parked_at", _at, nullable=False),
    Index("parked_by_cause", "waiting_for"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("operation", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("created_at", _at, nullable=False, server_default=func.now()),
    Index("idempotency_keys_by_age", "created_at"),
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("kek_version", SmallInteger, nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", _at, nullable=False, server_default=func.now()),
)
