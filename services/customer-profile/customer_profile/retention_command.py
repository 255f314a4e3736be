"""`python -m customer_profile retention`: what is due to end, as a table; proposed to people; carried out once agreed.

Without an option nothing is written.
"""

import argparse
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from rich.progress import Progress
from rich.table import Table

from customer_profile.retention.domain.agreeing import BatchNotApproved, Outcome
from customer_profile.retention.domain.due import GROUPS, Due, not_in_force
from customer_profile.retention.handlers import carry_out, propose
from customer_profile.retention.planning import Plan, count, persons
from customer_profile.retention.store import batches
from customer_profile.retention.store.known import count_ending
from customer_profile.settings import Settings
from rapport.clock import utc_now
from rapport.composition import Composition, Runtime
from rapport.key_commands import with_bar
from rapport.privacy.catalogue.document import published
from rapport.service import Command, Refused

MOST = 10_000
"""Files in one batch: as many as two people can be asked about at once."""
_PAGE = 100
"""Files a transaction, and so locked together: who wants one of them waits for the page."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="say what is due and write nothing (the default)")
    what.add_argument("--propose", type=int, metavar="N", help="put the files that are due, at most N, before people")
    what.add_argument("--destroy", type=UUID, metavar="BATCH-ID", help="carry out a batch that two people approved")
    parser.add_argument("--on", type=date.fromisoformat, metavar="DAY", help="what is due on a later day: for a table")
    parser.add_argument(
        "--unconfirmed", action="store_true", help="to try --destroy out by periods that are proposals or not in force"
    )


def _act(composition: Composition, settings: Settings, asked: argparse.Namespace) -> None:
    if asked.on is not None and (asked.propose is not None or asked.destroy is not None):
        raise Refused("--on is for a table alone: files end when they are due, and not before")
    if asked.unconfirmed and asked.destroy is None:
        raise Refused("--unconfirmed says something of --destroy alone")
    if asked.propose is not None and not 1 <= asked.propose <= MOST:
        raise Refused(f"--propose is a number from 1 to {MOST:,}")

    async def work(runtime: Runtime, progress: Progress) -> None:
        today = utc_now().astimezone(settings.bank.zone).date()
        if asked.destroy is not None:
            done = await destroy(runtime, progress, asked.destroy, on=today, unconfirmed=asked.unconfirmed)
            progress.console.print(f"files: {_told(done) or 'none were left'}")
            return
        plan, batch_id = await look(runtime, progress, on=asked.on or today, limit=asked.propose or 0)
        progress.console.print(plan_table(plan))
        progress.console.print(said(plan, on=asked.on or today))
        if batch_id is not None:
            progress.console.print(f"proposed: batch {batch_id}; two people approve it, then --destroy {batch_id}")

    with_bar(composition, settings, work, role="retention")


async def look(runtime: Runtime, progress: Progress, *, on: date, limit: int) -> tuple[Plan, UUID | None]:
    """What is due on this day; with a limit so many of these files are proposed, those with the lowest tokens."""
    zone, plan, found = runtime.composition.state["calendar"].zone, Plan(), list[Due]()
    async with runtime.engine.connect() as connection:
        total = await count_ending(connection)
        bar = progress.add_task("looking through files", total=total)
    async for page in persons(runtime.engine, on=on, zone=zone):
        now_due = [one for person in page if (one := count(plan, person, on=on))]
        if len(found) < limit:
            async with runtime.engine.connect() as connection:
                waiting = await batches.waiting(connection, [one.customer_id for one in now_due])
            found += [one for one in now_due if one.customer_id not in waiting]
        progress.advance(bar, len(page))
    if not found:
        return plan, None
    async with runtime.transactions.begin() as tx:
        batch = await propose(tx, found[:limit], on=on)
    return plan, batch.batch_id if batch else None


async def destroy(
    runtime: Runtime, progress: Progress, batch_id: UUID, *, on: date, unconfirmed: bool = False
) -> Counter[Outcome]:
    """Each page is a transaction of its own; run again it goes on with what is left. Raises Refused, also where the
    periods that the batch rests on are proposals or not in force yet and nobody says `unconfirmed`.
    """
    async with runtime.engine.connect() as connection:
        batch = await batches.find(connection, batch_id)
        if batch is None:
            raise Refused(f"there is no batch {batch_id}: GET /retention/batches lists them")
        left = await batches.left(connection, batch_id)
    faults = not_in_force(published(), [one.action for one in left], on=on)
    if left and faults and not unconfirmed:
        raise Refused(f"{'; '.join(faults)}. To try it out all the same, say --unconfirmed")
    bar, done = progress.add_task("ending files", total=len(left)), Counter[Outcome]()
    while True:
        try:
            async with runtime.transactions.begin() as tx:
                zone = runtime.composition.state["calendar"].zone
                outcomes = await carry_out(tx, batch, on=on, zone=zone, limit=_PAGE)
        except BatchNotApproved as refusal:
            raise Refused(str(refusal)) from None
        if not outcomes:
            return done
        done.update(outcomes.values())
        progress.advance(bar, len(outcomes))


def plan_table(plan: Plan) -> Table:
    """How many files' periods end, by class and group, in each year."""
    years = sorted({year for _, _, year in plan.ending})
    table = Table("class", "group", *map(str, years), title="files whose period ends, by year")
    for customer_class in ("core", "ordinary", "potential"):
        for group in GROUPS:
            cells = [plan.ending[customer_class, group, year] for year in years]
            if any(cells):
                table.add_row(customer_class, group, *(f"{cell:,}" if cell else "" for cell in cells))
    return table


def said(plan: Plan, *, on: date) -> str:
    """What is due now and what is postponed, and why none of it would be carried out on this day if so."""
    due = ", ".join(f"{action} {n:,} {of}" for (of, action), n in sorted(plan.due.items()))
    since = f", the earliest since {plan.earliest}" if plan.earliest else ""
    faults = not_in_force(published(), ["destroy"], on=on)
    refused = f"\n--destroy is refused: {'; '.join(faults)}" if faults else ""
    return f"due now: {due or 'nothing'}{since}; postponed: {_told(plan.postponed) or 'nothing'}{refused}"


def _told(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{n:,} {what}" for what, n in sorted(counts.items()))


RETENTION = Command(
    "retention",
    "show what is due to be archived or destroyed, propose it, and carry out what two people approved",
    _add_options,
    _act,
)
