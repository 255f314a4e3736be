"""What scoring does when files are merged or separated, and when an event came on a file that was merged."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rapport.events.base import AnyReceived
from rapport.messaging.transaction import Transaction
from rapport.person.asking import take_asked
from rapport.person.handlers import Grouped, regroup
from scoring.standing.domain.persons import Persons, decide_among
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.handlers import Made, keep, load_heeding, tell
from scoring.standing.store import due_times
from scoring.standing.store.file_acts import keep_acts
from scoring.standing.store.persons import persons_among
from scoring.tables import merged_files


async def on_customers_grouped(tx: Transaction, events: Sequence[Grouped], *, rules: Rules) -> None:
    """Decide at once whoever is of other files than before; a file that was merged waits for nothing any more.

    All files of the acts are held, so what was decided of each before is seen, and what comes on it later knows
    whose it is. No row of a file takes in another's: separating them needs nothing to be undone.
    """
    groups = await regroup(tx, events, table=merged_files)
    await keep_acts(tx.connection, [event.data for event in events], tx.now)
    await decide_regrouped(tx, groups, max(events, key=lambda event: event.data.revision), rules=rules)


async def decide_regrouped(
    tx: Transaction, groups: Mapping[str, Sequence[str]], act: AnyReceived, *, rules: Rules
) -> None:
    """Decide at once the persons who are of other files than before: survivor → files, all of them held."""
    standings = await load_heeding(tx, {file for files in groups.values() for file in files}, rules)
    persons = Persons.of(groups, standings)
    changes: list[Made] = []
    changed: list[Standing] = []
    for survivor, files in groups.items():
        known = [standings[file] for file in files if standings[file].decided_at is not None]
        if known:
            moment = _moment(tx, standings[survivor], known, act)
            changes += tell(tx, decide_among(standings[survivor], persons, rules, moment), act)
            changed += {one.customer_id: one for one in [standings[survivor], *known]}.values()
    merged = [one for one in changed if one.customer_id in persons.merged_into]
    for one in merged:
        one.due_at = None
    await keep(tx, changed, changes, rules.bank)
    await due_times.forget(tx.connection, [one.customer_id for one in merged])


def _moment(tx: Transaction, survivor: Standing, known: Sequence[Standing], act: AnyReceived) -> datetime:
    """No later than it is where the survivor is, and no earlier than what is decided already."""
    decided = [one.decided_at for one in known if one.decided_at is not None]
    now = min(act.at, tx.clock_of(survivor.customer_id))
    return max(now, survivor.tier_since or now, *decided)


async def fire_asked_persons(tx: Transaction, customer_ids: Sequence[str], *, rules: Rules) -> None:
    """Decide persons for events that came on files merged into theirs, as of the latest of them.

    Who is of one file again, or is merged into another itself, was decided when that came about.
    """
    asked = await take_asked(tx.connection, {one: tx.clock_of(one) for one in customer_ids})
    standings = await load_heeding(tx, asked, rules)
    persons = await persons_among(tx.connection, standings)
    changes: list[Made] = []
    changed = [one for one in standings.values() if one.customer_id in persons.others]
    for standing in changed:
        at, event_id = asked[standing.customer_id]
        made = decide_among(standing, persons, rules, max(at, standing.decided_at or at))
        changes += [(change, event_id if change.cause == "event" else None) for change, _ in tell(tx, made, None)]
    await keep(tx, changed, changes, rules.bank)
