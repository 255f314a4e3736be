"""Months counted by the service, and a plain recount of them from changes of stage, customer by customer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from random import Random
from typing import Any

from churn_alert.casebook.counting import count_months
from churn_alert.casebook.domain.retention import Counts, Month, months
from churn_alert.lifecycle.domain.deciding import Transition, live_until
from churn_alert.proof.handlers import Measuring
from tests.churn_alert.casebook.conftest import NOTHING
from tests.churn_alert.lifecycle.living import RULES, told
from tests.churn_alert.lifecycle.test_api import lives, strangers
from tests.churn_alert.lifecycle.test_handlers import LATER, hear, pass_until
from tests.churn_alert.lives import BANK
from tests.support.delivering import Delivering

ZONE = BANK.zone
IN = ("new", "mature")
_LATEST = (
    "SELECT DISTINCT ON (month, division, name) month, division, name, began, kept, lost, won_back, joined "
    "FROM retention_months ORDER BY month, division, name, revision DESC"
)


async def count(service: Delivering, **given: Any) -> None:
    state = service.runtime.composition.state
    given = {"measure": state["measure"], "limits": state["silence_limits"], "settled": NOTHING} | given
    await count_months(given.pop("transactions", service.runtime.transactions), **given)


def measure_of(service: Delivering) -> Measuring:
    measure: Measuring = service.runtime.composition.state["measure"]
    return measure


async def latest(service: Delivering, *divisions: str) -> dict[tuple[date, str, str], Counts]:
    rows = await service.rows(_LATEST)
    return {tuple(row[:3]): Counts(*row[3:]) for row in rows if row.division in (divisions or ("all", "stage"))}


def recount(moved: Iterable[Transition], until: datetime) -> dict[tuple[date, str, str], Counts]:
    """Each customer's stage as a month begins and ends, one by one."""
    by_customer: dict[str, list[Transition]] = {}
    for one in moved:
        by_customer.setdefault(one.customer_id, []).append(one)
    first = Month.of(min(one.at for those in by_customer.values() for one in those if one.stage in IN), ZONE)
    found: dict[tuple[date, str, str], list[int]] = {}
    for month in months(first, Month.of(until, ZONE)):
        found[month.first, "all", ""] = [0] * 5
        for those in by_customer.values():
            at = [
                max((one for one in those if one.at < moment), key=lambda one: one.revision, default=None)
                for moment in (month.begins(ZONE), month.ends(ZONE))
            ]
            before, after = (one.stage if one else None for one in at)
            was, is_now = before in IN, after in IN
            if was or is_now:
                counts = (was, was and is_now, was and not is_now, before == "lost" and is_now)
                joined = is_now and before in (None, "potential")
                for key in ((month.first, "all", ""), (month.first, "stage", before or "unknown")):
                    found[key] = [a + b for a, b in zip(found.get(key, [0] * 5), (*counts, joined), strict=True)]
    return {key: Counts(*counts) for key, counts in found.items()}


async def recounted(service: Delivering, *, of: str | None = None) -> dict[tuple[date, str, str], Counts]:
    """The same of the changes of stage that the service keeps now; `of`: of one file alone."""
    columns = "customer_id, revision, previous, stage, rule, cause, happened_at, rules_version, previous_since"
    rows = await service.rows(f"SELECT {columns} FROM lifecycle_transitions")
    return recount([Transition(*row) for row in rows if of in {None, row.customer_id}], LATER)


async def whole_lives(service: Delivering, seed: int = 3, customers: int = 10) -> list[Transition]:
    """Customers live for 600 days; what every change of stage should be, decided without a database."""
    random = Random(seed)
    moved: list[Transition] = []
    names = strangers(customers)
    for customer_id in names:
        heard = lives(random, customer_id)
        life, changes = told(heard)
        moved += [replace(one, customer_id=customer_id) for one in changes + live_until(life, RULES, LATER)]
        await hear(service, *(one.event for one in heard))
    await pass_until(service, LATER, *names)
    return moved
