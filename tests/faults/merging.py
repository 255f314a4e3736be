"""Four services through 10,000 random steps: events on 200 files, while eight pairs of people merge and separate these
over customer-profile's API. At every pause all that was counted, decided and shown is compared with the book; then two
services broken on purpose, each of which must be caught.
"""

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic

from deploy.local.connections import Connections
from rapport.telemetry.logs import configure_logs
from tests.e2e.comparing import rows_of
from tests.e2e.merging import People, people_at
from tests.e2e.system import PARTITIONS, SERVICES, System
from tests.e2e.under_load import Walk, events_on, four_services
from tests.faults.crew import Crew
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
LEAST_RISKS = FILES // 20
"""Compared in a whole run. Most wait to be decided, for the load is of days ago, so the bank is not heard; of 200 files
28 were compared in 2,000 steps, and none where everybody waits.
"""
MERGING: Mapping[str, str] = {
    "merging": "",
    "merging-moves-counters": "scoring",
    "merging-loses-an-undoing": "churn_alert",
}
"""Runs, and the service whose workers are broken in it."""
Rows = Mapping[str, Mapping[str, tuple[int, ...]]]


async def run_merging(
    name: str, stack: Connections, databases: Databases, folder: Path, asked: argparse.Namespace, say: Say
) -> Outcome:
    """One of MERGING: as it is nothing may differ, broken something must."""
    began, topics, issuer = monotonic(), Topics(stack), TestIssuer()
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - once
    configure_logs(service="customer-profile", role="api", level="CRITICAL")
    is_broken = bool(MERGING[name])
    made = {service: databases.fresh(service) for service in SERVICES}
    try:
        async with four_services(stack, topics, made.__getitem__, issuer, folder) as system:
            api = people_at(system.services[0].runtime, issuer)
            with working(name, stack, system, made, folder, workers=asked.workers) as crews:
                async with api as people:
                    verdict = await walked(system, people, asked, say, is_broken=is_broken)
                gone = sum(not crew.runs(worker) for crew in crews for worker in crew.wanted)
                verdict.demand("stalled", gone, "workers ended by themselves")
    finally:
        await topics.remove()
        for one in made.values():
            databases.drop(one)
    outcome = Outcome(name, verdict, seconds=monotonic() - began, is_broken=is_broken)
    if not is_broken:
        outcome.problems += [f"{violation.kind}: {violation.text}" for violation in verdict.violations]
    elif "different" not in {violation.kind for violation in verdict.violations}:
        outcome.problems.append("this broken variant was not caught: this campaign would miss it")
    return outcome


@contextmanager
def working(
    name: str, stack: Connections, system: System, databases: Mapping[str, FreshDatabase], folder: Path, *, workers: int
) -> Iterator[list[Crew]]:
    """So many workers of each service, each a process of its own."""
    crews = []
    for service, database in databases.items():
        settings = {"KAFKA__TOPIC_PREFIX": system.prefix, "KAFKA__PARTITIONS": str(PARTITIONS), "TIME__MODE": "wall"}
        environment = stack.environment(service, database=database.name)
        environment |= {f"{service.upper()}_{setting}": value for setting, value in settings.items()}
        own = folder / service
        own.mkdir(exist_ok=True)
        crew = Crew(own, service, environment, variant=name if MERGING[name] == service else None)
        crew.wanted += [f"{service}-{number}" for number in range(workers)]
        crews.append(crew)
    try:
        for crew in crews:
            for worker in crew.wanted:
                crew.start(worker)
        yield crews
    finally:
        for crew in crews:
            crew.end_at_once()


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
        verdict.figures |= {"postings told late": load.late, "postings taken back": load.taken_back}
        verdict.figures["separations among the acts"] = sum(pair.separations for pair in walk.pairs)
        if not is_broken:
            counted = await rows_of(system)
            verdict.figures["words of acts told again"] = await walk.undo()
            await pause(walk, verdict, say)
            verdict.demand("different", changed(counted, await rows_of(system)), "rows of files changed by acts alone")
            verdict.figures["risks compared"] = walk.risks_compared
            verdict.demand("stalled", max(0, LEAST_RISKS - walk.risks_compared), "risks too few compared: all waited")
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
