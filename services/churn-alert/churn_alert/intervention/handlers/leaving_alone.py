"""Customers for whom nothing is done: who refuses what it rests on, is restricted or over, or is known by another file.

What is being done for them ends, with the reason; of who is erased every row goes, and nothing of this is needed.
"""

from collections.abc import Mapping
from datetime import datetime

from churn_alert.intervention.domain.course import Change
from churn_alert.intervention.domain.doing import assign, cancel
from churn_alert.intervention.handlers.keeping import keep, lived
from churn_alert.intervention.store import courses
from churn_alert.playbook.domain.playbooks import Node
from churn_alert.risk.objections import Objections
from churn_alert.tables import customer_managers
from rapport.messaging.transaction import Transaction
from rapport.sight.store import managers_of


async def cancel_left_alone(tx: Transaction, moments: Mapping[str, datetime]) -> None:
    """End what is being done for those of these customers, who are held, who are to be left alone, as of a moment each.

    What silence brought before it comes first.
    """
    found = await courses.open_of(tx.connection, moments)
    if not found:
        return
    objections = await Objections.load(tx, {one.customer_id for one in found}, {one.purpose for one in found})
    changes: list[Change] = []
    for one in found:
        reason = objections.of(one.customer_id, one.purpose)
        if reason is not None:
            at = moments[one.customer_id]
            then, before = lived(one, at)
            changes += before + cancel(then, at, reason)
    await keep(tx, changes)


async def end_of_node(tx: Transaction, moments: Mapping[str, datetime], node: Node, reason: str) -> None:
    """End what was begun so for these customers, who are held, as of a moment each."""
    changes: list[Change] = []
    for one in await courses.open_of(tx.connection, moments):
        if one.node == node:
            then, before = lived(one, moments[one.customer_id])
            changes += before + cancel(then, moments[one.customer_id], reason)
    await keep(tx, changes)


async def follow_managers(tx: Transaction, moments: Mapping[str, datetime], *, before: Mapping[str, str]) -> None:
    """What was given to the manager of before is the one's who manages the customer now.

    What an alert began follows the owner of the alert.
    """
    after = await managers_of(tx.connection, customer_managers, moments)
    handed = {one: manager for one, manager in after.items() if before.get(one) != manager}
    changes: list[Change] = []
    for one in await courses.open_of(tx.connection, handed):
        at = moments[one.customer_id]
        then, before_it = lived(one, at)
        if one.alert_id is None and not then.is_over:
            changes += before_it + assign(then, at, to=handed[one.customer_id], by=None)
    await keep(tx, changes)
