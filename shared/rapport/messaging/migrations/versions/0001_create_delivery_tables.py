"""The tables every service needs so that each event has its effect exactly once."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "delivery_0001"
down_revision = None
branch_labels = ("delivery",)
depends_on = None

_at = sa.DateTime(timezone=True)
_now = sa.func.now()


def _counts() -> list[sa.Column[int]]:
    names = ("received", "applied", "duplicate", "skipped", "dead_lettered")
    return [sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in names]


def upgrade() -> None:
    _create_positions()
    _create_inbox()
    _create_outbox()
    _create_kept_records()
    _create_keys()


def _create_positions() -> None:
    op.create_table(
        "consumer_offsets",
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, primary_key=True),
        sa.Column("next_offset", sa.BigInteger, nullable=False),
        sa.Column("log_end_offset", sa.BigInteger, nullable=False, server_default="0"),
        *_counts(),
        sa.Column("advanced_at", _at, nullable=False, server_default=_now),
        # Every poll writes these few rows: room on the page keeps the updates from touching the index.
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "stream_clocks",
        sa.Column("partition", sa.SmallInteger, primary_key=True),
        sa.Column("position", _at, nullable=False),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "customers",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("partition", sa.SmallInteger, nullable=False),
    )
    op.create_table(
        "retellings",
        sa.Column("concept", sa.Text, primary_key=True),
        sa.Column("round", sa.Text, nullable=False),
        sa.Column("told_up_to", sa.Text, nullable=True),
    )


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("arrived_at", _at, nullable=False, server_default=_now),
        postgresql_partition_by="RANGE (event_id)",
    )
    op.execute("CREATE TABLE inbox_default PARTITION OF inbox DEFAULT")
    op.execute("CREATE INDEX inbox_by_arrival ON inbox USING brin (arrived_at)")
    op.execute(_MAKE_PARTITIONS)
    op.execute(_DROP_PARTITIONS)
    op.execute("SELECT inbox_make_partitions(7)")


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("outbox_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=True),
        sa.Column("headers", JSONB, nullable=False),
        sa.Column("caused_at", _at, nullable=True),
    )
    op.create_index("outbox_by_partition", "outbox", ["partition", "outbox_id"])


def _record() -> list[sa.Column[Any]]:
    return [
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("partition", sa.SmallInteger, nullable=False),
        sa.Column("offset", sa.BigInteger, nullable=False),
        sa.Column("record", sa.LargeBinary, nullable=False),
        sa.Column("is_encrypted", sa.Boolean, nullable=False),
    ]


def _create_kept_records() -> None:
    op.create_table(
        "dead_letters",
        sa.Column("dead_letter_id", sa.Uuid, primary_key=True),
        *_record(),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("handler", sa.Text, nullable=False),
        sa.Column("died_at", _at, nullable=False),
        sa.Column("replay_requested_at", _at, nullable=True),
    )
    op.create_index("dead_letters_by_position", "dead_letters", ["topic", "partition", "offset"], unique=True)
    asked = sa.text("replay_requested_at IS NOT NULL")
    op.create_index("dead_letters_to_replay", "dead_letters", ["replay_requested_at"], postgresql_where=asked)
    op.create_table(
        "parked",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        *_record(),
        sa.Column("waiting_for", sa.Text, nullable=False),
        sa.Column("parked_at", _at, nullable=False),
    )
    op.create_index("parked_by_cause", "parked", ["waiting_for"])


def _create_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("operation", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _at, nullable=False, server_default=_now),
    )
    op.create_index("idempotency_keys_by_age", "idempotency_keys", ["created_at"])
    op.create_table(
        "data_keys",
        sa.Column("customer_id", sa.Text, primary_key=True),
        sa.Column("kek_version", sa.SmallInteger, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _at, nullable=False, server_default=_now),
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION inbox_drop_partitions(int)")
    op.execute("DROP FUNCTION inbox_make_partitions(int)")
    for table in ("data_keys", "idempotency_keys", "parked", "dead_letters", "outbox", "inbox"):
        op.drop_table(table)
    for table in ("retellings", "customers", "stream_clocks", "consumer_offsets"):
        op.drop_table(table)


# With the owner's rights: the application role may not alter tables.
_MAKE_PARTITIONS = """
CREATE FUNCTION inbox_make_partitions(days_ahead int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET lock_timeout = '500ms' SET timezone = 'UTC' AS $$
DECLARE
  made int := 0;
  day date;
  name text;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('inbox partitions')) THEN RETURN 0; END IF;
  FOR ahead IN 0..days_ahead LOOP
    day := current_date + ahead;
    name := 'inbox_' || to_char(day, 'YYYYMMDD');
    CONTINUE WHEN to_regclass(name) IS NOT NULL;
    BEGIN
      EXECUTE format('CREATE TABLE %I PARTITION OF inbox FOR VALUES FROM (%L) TO (%L)', name,
        rpad(lpad(to_hex((extract(epoch FROM day) * 1000)::bigint), 12, '0'), 32, '0')::uuid,
        rpad(lpad(to_hex((extract(epoch FROM day + 1) * 1000)::bigint), 12, '0'), 32, '0')::uuid);
      made := made + 1;
    EXCEPTION
      -- The default partition holds ids of that day already, or a poll is at work: they stay where they are.
      WHEN check_violation OR lock_not_available THEN NULL;
    END;
  END LOOP;
  RETURN made;
END $$
"""

_DROP_PARTITIONS = """
CREATE FUNCTION inbox_drop_partitions(keep_days int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET lock_timeout = '500ms' SET timezone = 'UTC' AS $$
DECLARE
  dropped int := 0;
  name text;
  is_needed boolean;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtext('inbox partitions')) THEN RETURN 0; END IF;
  FOR name IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'inbox'::regclass AND c.relname ~ '^inbox_[0-9]{8}$'
      AND to_date(right(c.relname, 8), 'YYYYMMDD') < current_date - keep_days
  LOOP
    -- A late event has an id of its own day and may have arrived only now.
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE arrived_at >= $1)', name)
      INTO is_needed USING now() - make_interval(days => keep_days);
    CONTINUE WHEN is_needed;
    BEGIN
      EXECUTE format('DROP TABLE %I', name);
      dropped := dropped + 1;
    EXCEPTION WHEN lock_not_available THEN NULL;
    END;
  END LOOP;
  DELETE FROM inbox_default WHERE arrived_at < now() - make_interval(days => keep_days);
  RETURN dropped;
END $$
"""
