"""What silence does: clocks that ran out, told though nothing else ever happens."""

from collections import defaultdict
from collections.abc import Sequence

from feedback.case.domain.clocks import Clock
from feedback.case.handlers.outcome import Outcome
from feedback.case.store import changes
from rapport.messaging.transaction import Transaction


async def fire_due_clocks(tx: Transaction, customer_ids: Sequence[str]) -> None:
    """Breach every clock of these customers that ran out by the customer's own time, as of its deadline, once a run."""
    if not customer_ids:
        return
    latest = max(tx.clock_of(customer_id) for customer_id in customer_ids)
    due: dict[str, list[Clock]] = defaultdict(list)
    for clock in await changes.due_clocks(tx.connection, customer_ids, latest):
        due[clock.customer_id].append(clock)
    outcome = Outcome(tx)
    for customer_id, clocks in sorted(due.items()):
        outcome.fire(clocks, tx.clock_of(customer_id))
    await outcome.save()
