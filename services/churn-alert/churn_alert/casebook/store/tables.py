"""Months that were counted: append-only. What is corrected later is a row of a higher revision beside the old one."""

from typing import get_args

from sqlalchemy import Boolean, CheckConstraint, Column, Date, DateTime, Integer, SmallInteger, Table, Text, false

from churn_alert.casebook.domain.retention import Counts, Division, Warned
from churn_alert.tables import metadata
from rapport.privacy.catalogue.columns import entry
from rapport.privacy.catalogue.ending import kept_until

_at = DateTime(timezone=True)
_DIVISION = f"division IN {get_args(Division)}"

retention_months = Table(
    "retention_months",
    metadata,
    Column("month", Date, primary_key=True),
    Column("division", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    *(Column(name, Integer, nullable=False) for name in Counts._fields),
    Column("known_until", _at, nullable=False),
    Column("counted_at", _at, nullable=False),
    CheckConstraint(_DIVISION, name="retention_months_division"),
    CheckConstraint("began = kept + lost", name="retention_months_balance"),
    Column("knows_merged", Boolean, nullable=False, server_default=false()),
    CheckConstraint(f"least({', '.join(Counts._fields)}) >= 0", name="retention_months_counts"),
    # Counts of many: they stay when one of them is erased.
    info=entry("lifecycle-stage") | kept_until("for ever"),
)

retention_alerts = Table(
    "retention_alerts",
    metadata,
    Column("month", Date, primary_key=True),
    Column("division", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    *(Column(name, Integer, nullable=False) for name in Warned._fields),
    Column("counted_at", _at, nullable=False),
    CheckConstraint(_DIVISION, name="retention_alerts_division"),
    info=entry("churn-alert") | kept_until("for ever"),
)

retention_looks = Table(
    "retention_looks",
    metadata,
    Column("key", SmallInteger, primary_key=True, autoincrement=False),
    Column("known_until", _at, nullable=False),
    Column("correcting_since", _at),
    Column("correcting_month", Date),
    Column("correcting_before", Date),
    Column("held_since", _at),
    Column("held_before", _at),
    CheckConstraint("key = 1", name="retention_looks_one"),
    info=entry("lifecycle-stage") | kept_until("for ever"),
)
"""Up to when what became known is in every month that is counted; also held by whoever counts."""

retention_left_out = Table(
    "retention_left_out",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("month", Date, primary_key=True),
    info=entry("one-customer"),
)
"""Files that were merged into another when a month was counted: what becomes known of them later was not in it."""
