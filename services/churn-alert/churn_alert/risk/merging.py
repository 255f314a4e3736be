"""What becomes of risks when files are merged or separated, and for what came on a file that was merged."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import Rules, ToldCrossing
from churn_alert.risk.domain.peace import forget
from churn_alert.risk.domain.persons import Persons
from churn_alert.risk.handlers import Follow, keep
from churn_alert.risk.store.asked import AskedPerson, forget_objections
from churn_alert.risk.store.persons import persons_among
from churn_alert.risk.store.risks import load
from churn_alert.risk.telling import decided, lived
from rapport.events.base import AnyReceived
from rapport.messaging.transaction import Transaction


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
    files_of_all = {file for files in groups.values() for file in files}
    await forget_objections(tx.connection, files_of_all)
    risks = await load(tx.connection, files_of_all)
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
        one.before = None
        if one.customer_id in rearmed:
            one.is_raised, one.level_since = False, None
    await keep(tx, changed, told, persons=persons, rules=rules, follow=follow)


def _moment(tx: Transaction, survivor: str, known: Sequence[Risk], act: AnyReceived) -> datetime:
    """No later than it is where the survivor is, and no earlier than what is decided already."""
    decided_at = [one.decided_at for one in known if one.decided_at is not None]
    return max(min(act.at, tx.clock_of(survivor)), *decided_at) if decided_at else min(act.at, tx.clock_of(survivor))


async def object_asked(
    tx: Transaction, moments: Mapping[str, datetime], *, rules: Rules, follow: Follow
) -> Collection[str]:
    """Leave persons alone from a moment each, for a word that came on a file merged into theirs; what silence brought
    before it is first. Whether that still holds is decided next (`decide_asked`). Returns who is of several files.
    """
    risks = await load(tx.connection, moments)
    persons = await persons_among(tx.connection, risks)
    told: list[ToldCrossing] = []
    changed = [one for one in risks.values() if one.customer_id in persons.others]
    for risk in changed:
        at = moments[risk.customer_id]
        told += lived(tx, risk, persons, rules, max(at, risk.decided_at or at))
        forget(risk)
    await keep(tx, changed, told, persons=persons, rules=rules, follow=follow)
    return persons.others.keys()


async def decide_asked(tx: Transaction, asked: Mapping[str, AskedPerson], *, rules: Rules, follow: Follow) -> None:
    """Decide persons for events that came on files merged into theirs, as of the latest of them.

    Who is of one file again, or is merged into another itself, was decided when that came about.
    """
    risks = await load(tx.connection, asked)
    persons = await persons_among(tx.connection, risks)
    told: list[ToldCrossing] = []
    changed = [one for one in risks.values() if one.customer_id in persons.others]
    for risk in changed:
        one = asked[risk.customer_id]
        at = max(one.at, risk.decided_at or one.at)
        if one.objected is None:
            told += lived(tx, risk, persons, rules, at)
        told += decided(tx, risk, persons, rules, at, cause=str(one.event_id))
    await keep(tx, changed, told, persons=persons, rules=rules, follow=follow)
