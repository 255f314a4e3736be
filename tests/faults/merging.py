"""Four services through 10,000 random steps: events on 200 files, while eight pairs of people merge and separate these
over customer-profile's API. At every pause all that was counted, decided and shown is compared with the book; then two
services broken on purpose, each of which must be caught.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from deploy.local.connections import Connections
from rapport.composition import Composition
from rapport.database import execute
from rapport.events.base import Received
from rapport.events.customer_profile import CustomersMerged, CustomersUnmerged
from rapport.messaging.transaction import Transaction
from rapport.telemetry.logs import configure_logs
from tests.e2e.comparing import rows_of
from tests.e2e.merging import People, people_at
from tests.e2e.system import Breaking, System
from tests.e2e.under_load import Walk, events_on, four_services
from tests.faults.outcome import Outcome
from tests.faults.plan import Say
from tests.faults.verdict import Verdict
from tests.support.stack import Databases, FreshDatabase, Topics
from tests.support.tokens import TestIssuer

FILES, PAIRS = 200, 8
ACTS_AMONG = 0.15
"""Of the steps; the others are events."""
STRETCH, STRETCH_OF_BROKEN = 2_000, 200
"""Steps between two pauses."""
STEPS_OF_BROKEN = 1_000
_MOVE = """
UPDATE standings SET transactions = CASE WHEN customer_id = $1
    THEN (SELECT sum(transactions) FROM standings WHERE customer_id = ANY($2::text[])) ELSE 0 END
WHERE customer_id = ANY($2::text[])
"""

Rows = Mapping[str, Mapping[str, tuple[int, ...]]]
Acts = Sequence[Received[CustomersMerged | CustomersUnmerged]]


def moving(composition: Composition) -> Composition:
    """Broken: the survivor's row takes over what the other files have counted."""
    on_grouped = composition.subscriptions[CustomersMerged]

    async def on_acts(tx: Transaction, events: Acts) -> None:
        await on_grouped(tx, events)
        for person in (person for event in events for person in event.data.persons):
            await execute(tx.connection, _MOVE, person.survivor, list(person.files))

    return _hearing(composition, {CustomersMerged: on_acts, CustomersUnmerged: on_acts})


def losing(composition: Composition) -> Composition:
    """Broken: one undoing in four is never heard of."""
    on_grouped = composition.subscriptions[CustomersUnmerged]

    async def on_acts(tx: Transaction, events: Acts) -> None:
        heard = [one for one in events if isinstance(one.data, CustomersMerged) or one.data.revision % 4]
        if heard:
            await on_grouped(tx, heard)

    return _hearing(composition, {CustomersMerged: on_acts, CustomersUnmerged: on_acts})


def _hearing(composition: Composition, handlers: Mapping[Any, Any]) -> Composition:
    # In its place: the order of subscriptions is that in which a poll is handled.
    heard = {event: handlers.get(event, handler) for event, handler in composition.subscriptions.items()}
    return replace(composition, subscriptions=heard)


MERGING: Mapping[str, Mapping[str, Breaking]] = {
    "merging": {},
    "merging-moves-counters": {"scoring": moving},
    "merging-loses-an-undoing": {"churn_alert": losing},
}
"""Runs, and what is broken in each, by service."""


async def run_merging(
    name: str, stack: Connections, databases: Databases, folder: Path, asked: argparse.Namespace, say: Say
) -> Outcome:
    """One of MERGING: as it is nothing may differ, broken something must."""
    began, made, topics = monotonic(), list[FreshDatabase](), Topics(stack)
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once
    configure_logs(service="all", role="merging", level="CRITICAL")

    def database(service: str) -> FreshDatabase:
        made.append(databases.fresh(service))
        return made[-1]

    breaking, issuer = MERGING[name], TestIssuer()
    try:
        async with four_services(stack, topics, database, issuer, folder, breaking=breaking) as system:
            profile = system.services[0].runtime
            async with system.working(workers=asked.workers), people_at(profile, issuer) as people:
                verdict = await walked(system, people, asked, say, is_broken=bool(breaking))
    finally:
        await topics.remove()
        for one in made:
            databases.drop(one)
    outcome = Outcome(name, verdict, seconds=monotonic() - began, is_broken=bool(breaking))
    texts = [f"{violation.kind}: {violation.text}" for violation in verdict.violations]
    if not breaking:
        outcome.problems += texts
    elif not texts:
        outcome.problems.append("this broken variant was not caught: this campaign would miss it")
    return outcome


async def walked(system: System, people: People, asked: argparse.Namespace, say: Say, *, is_broken: bool) -> Verdict:
    """All steps and the undoing of every merge; of a broken service until it is caught."""
    steps = min(asked.steps, STEPS_OF_BROKEN) if is_broken else asked.steps
    files = [f"c-{number}" for number in range(FILES)]
    verdict = Verdict()
    async with events_on(system, files, steps) as load:
        walk = Walk(system, people, load, ACTS_AMONG, [Random(f"{number} {asked.seed}") for number in range(PAIRS)])
        say(f"recording {FILES} files")
        await load.record_files()
        while walk.steps < steps and not (is_broken and verdict.violations):
            await walk.go_on(min(STRETCH_OF_BROKEN if is_broken else STRETCH, steps - walk.steps))
            await pause(walk, verdict, say)
        verdict.figures |= {"steps": walk.steps, "acts": walk.acts, "events": load.made}
        verdict.figures["separations among the acts"] = sum(pair.separations for pair in walk.pairs)
        if not is_broken:
            counted = await rows_of(system)
            verdict.figures["words of acts told again"] = await walk.undo()
            await pause(walk, verdict, say)
            verdict.demand("different", changed(counted, await rows_of(system)), "rows of files changed by acts alone")
    return verdict


async def pause(walk: Walk, verdict: Verdict, say: Say) -> None:
    """Until all is heard, and then everything is compared."""
    found, figures = await walk.compare(), verdict.figures
    figures["pauses"] = figures.get("pauses", 0) + 1
    figures["compared"] = figures.get("compared", 0) + found.compared
    verdict.demand("different", len(found.differences), f"differ after {walk.steps:,} steps")
    for difference in found.differences[:10]:
        say(difference)
    say(
        f"{walk.steps:,} steps: {walk.acts:,} acts, {walk.load.made:,} events, {len(walk.persons)} persons of {FILES} "
        f"files; of {figures['compared']:,} compared {figures['different']:,} differ"
    )


def changed(before: Rows, now: Rows) -> int:
    """How many rows of files are otherwise, or there at one of the two only."""
    both = ((rows, now[name]) for name, rows in before.items())
    return sum(one.get(file) != other.get(file) for one, other in both for file in one.keys() | other.keys())
