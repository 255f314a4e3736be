"""Draws up the audit of a period from the trails, and what was in force."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.audit.domain import UNSEEN_DAYS, Caller, Report, unusual
from customer_profile.audit.store import Period
from rapport.privacy.catalogue.document import published


async def draw_up(
    connection: AsyncConnection, first: date, last: date, *, zone: ZoneInfo, state: Mapping[str, Any]
) -> Report:
    """The audit of these days, both included. `state`: the service's own objects, among them its documents of rules."""
    begins, ends = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    period = Period(connection, begins, ends, zone.key)
    unmasked = await period.unmasked()
    beyond = unusual({who: acts for who, _, acts in unmasked})
    overdue, late = await period.corrections()
    return Report(
        first=first,
        last=last,
        counted=await period.counted(),
        daily=await period.daily(),
        callers=[Caller(who, role, acts, beyond.get(who)) for who, role, acts in unmasked],
        unseen=await period.unseen(ends - timedelta(days=UNSEEN_DAYS)),
        refused=await period.refused(),
        corrections_overdue=overdue,
        corrections_answered_late=late,
        retention_waiting=await period.waiting(),
        policies=policies_in(state),
    )


def policies_in(state: Mapping[str, Any]) -> dict[str, str]:
    """The documents of rules in force, each with its version."""
    catalogue, rules = published(), state["contact_rules"]
    return {
        "data catalogue": f"version {catalogue.version}, in force from {catalogue.effective}",
        "purposes of processing": f"version {state['purposes'].version}",
        "contact policy": f"version {rules.policy.version}",
        "who merges": {"ours": "two people here", "bank": "the bank's ECIF"}[state["merge_master"]],
    }
