"""What becomes of risks when files are merged or separated, and for an event that came on a file that was merged."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import Rules, ToldCrossing
from churn_alert.risk.domain.persons import Persons
from churn_alert.risk.handlers import Follow, keep
from churn_alert.risk.store.persons import persons_among
from churn_alert.risk.store.risks import load
from churn_alert.risk.telling import decided, lived
from rapport.events.base import AnyReceived
from rapport.messaging.transaction import Transaction
from rapport.person.asking import Asked, take_asked


async def decide_regrouped(
    tx: Transaction,
    groups: Mapping[str, Sequence[str]],
    act: AnyReceived,
    *,
    rearmed: Collection[str],
    rules: Rules,
    follow: Follow,
) -> None:
    """Decide at once the persons who are of other files than before. `rearmed`: files whose alert the merge closed;
    once separated they are warned of anew if their risk is still as high.

    All files are held. No row of a file takes in another's: separating them needs nothing to be undone.
    """
    risks = await load(tx.connection, {file for files in groups.values() for file in files})
    persons = Persons.of(groups, risks)
    told: list[ToldCrossing] = []
    changed: list[Risk] = []
    for survivor, files in groups.items():
        known = [risks[file] for file in files if risks[file].first_event_at is not None]
        if known:
            at = _moment(tx, survivor, known, act)
            told += lived(tx, risks[survivor], persons, rules, at)
            told += decided(tx, risks[survivor], persons, rules, at, cause=act)
            changed += {one.customer_id: one for one in (risks[survivor], *known)}.values()
    for one in changed:
        if one.customer_id in rearmed:
            one.is_raised, one.level_since = False, None
    await keep(tx, changed, told, persons=persons, rules=rules, follow=follow)


def _moment(tx: Transaction, survivor: str, known: Sequence[Risk], act: AnyReceived) -> datetime:
    """No later than it is where the survivor is, and no earlier than what is decided already."""
    decided_at = [one.decided_at for one in known if one.decided_at is not None]
    return max(min(act.at, tx.clock_of(survivor)), *decided_at) if decided_at else min(act.at, tx.clock_of(survivor))


async def fire_asked_risks(
    tx: Transaction, customer_ids: Sequence[str], *, rules: Rules, follow: Follow
) -> dict[str, Asked]:
    """Decide persons for events that came on files merged into theirs, as of the latest of them; returns who was asked.

    Who is of one file again, or is merged into another itself, was decided when that came about.
    """
    asked = await take_asked(tx.connection, {one: tx.clock_of(one) for one in customer_ids})
    risks = await load(tx.connection, asked)
    persons = await persons_among(tx.connection, risks)
    told: list[ToldCrossing] = []
    changed = [one for one in risks.values() if one.customer_id in persons.others]
    for risk in changed:
        at, event_id = asked[risk.customer_id]
        at = max(at, risk.decided_at or at)
        told += lived(tx, risk, persons, rules, at)
        told += decided(tx, risk, persons, rules, at, cause=str(event_id))
    await keep(tx, changed, told, persons=persons, rules=rules, follow=follow)
    return asked
