"""The campaign: the real delivery under every fault, then each broken variant under the faults that expose it; and
merges under load, of which nothing is killed.
"""

import argparse
import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from random import Random, SystemRandom
from time import monotonic

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.local.lock_file import LockFile
from deploy.local.stack import HOME, Stack, instance
from rapport.messaging.observer import STEPS
from tests.faults.broken import VARIANTS
from tests.faults.ground import ground
from tests.faults.merging import MERGING, run_merging
from tests.faults.outcome import Outcome
from tests.faults.plan import Faults, Say, exposing, length_of, whole_campaign
from tests.faults.recount.book import Kind
from tests.faults.report import shown
from tests.faults.subjects import SUBJECTS
from tests.faults.verdict import Violation
from tests.support.stack import Databases

WHOLE = "scoring"
"""The service that goes through the whole campaign; another goes through one round of it."""
BROKEN = ("scoring", "customer_profile")
"""Whose delivery is broken on purpose: one folds what it hears, the other mostly keeps the latest word."""
PROOF: dict[str, frozenset[Kind]] = {
    "offset-first": frozenset({"lost"}),
    "relay-cursor": frozenset({"untold"}),
    "inbox-off": frozenset({"double"}),
    "no-seek": frozenset({"lost"}),
}
"""The violation that a variant must be caught by; any other would only say that something else went wrong."""


async def run_real(
    service: str, stack: Stack, databases: Databases, folder: Path, asked: argparse.Namespace, say: Say
) -> Outcome:
    """A service as it is: nothing may be wrong afterwards."""
    began = monotonic()
    rounds = asked.rounds if service == WHOLE else 1
    rate = asked.rate or SUBJECTS[service].rate
    async with ground(stack, databases, folder, service=service) as run:
        await run.begin(workers=asked.workers, rate=rate, seed=asked.seed)
        faults = Faults(run, Random(f"faults {asked.seed}"), say, total=length_of(rounds))
        await whole_campaign(faults, stack, rounds=rounds)
        say("draining and recounting")
        verdict = await run.judge(patience=120)
        marks = run.crew.marks
        counts = {what: marks.count(what) for what in ("crashed", "fenced", "rolled-back", "failed", "stopped")}
        done = {**faults.done, "killed anywhere": run.crew.kills}
        verdict.figures |= {"events a second": round(run.pace()), "events a second, asked for": round(rate)}
        outcome = Outcome(service, verdict, done, counts, run.longest, faults.calm_after)
    stuck = [what for what, seconds in faults.calm_after.items() if seconds is None]
    verdict.violations += [Violation("stalled", f"a partition did not move again after: {what}") for what in stuck]
    outcome.problems += [f"{violation.kind}: {violation.text}" for violation in verdict.violations]
    outcome.problems += _too_little(outcome, rate=rate)
    outcome.seconds = monotonic() - began
    return outcome


def _too_little(outcome: Outcome, *, rate: float) -> list[str]:
    """A run in which too little happened proves nothing."""
    at_steps = {step: outcome.done.get(f"killed at {step}", 0) for step in STEPS}
    demanded = {
        "kills": (sum(at_steps.values()) + outcome.done["killed anywhere"], 30 if outcome.name == WHOLE else 12),
        "batches fenced": (outcome.marks["fenced"], 5),
        "events a second": (outcome.verdict.figures["events a second"], round(0.95 * rate)),
        **{f"kills at {step}": (kills, 1) for step, kills in at_steps.items()},
    }
    short = [f"only {done} {what}, {least} are needed" for what, (done, least) in demanded.items() if done < least]
    return [*short, *(["a consumer stopped for good"] if outcome.marks["stopped"] else [])]


async def run_variant(
    variant: str, service: str, stack: Stack, databases: Databases, folder: Path, asked: argparse.Namespace, say: Say
) -> Outcome:
    """A service with a broken delivery: it must be caught, by the violation that its mistake leads to."""
    began = monotonic()
    async with ground(stack, databases, folder, service=service, variant=variant) as run:
        await run.begin(workers=2, rate=asked.rate or SUBJECTS[service].rate, seed=asked.seed)
        faults = Faults(run, Random(f"{variant} {asked.seed}"), say, patience=5)
        await exposing(variant, faults)
        say("draining and recounting")
        verdict = await run.judge(patience=20)
        name = f"{service}, {variant}"
        outcome = Outcome(name, verdict, dict(faults.done), {}, run.longest, {}, monotonic() - began, is_broken=True)
    if not PROOF[variant] & {violation.kind for violation in verdict.violations}:
        outcome.problems.append("this broken variant was not caught: this campaign would miss it")
    return outcome


async def campaign(asked: argparse.Namespace, console: Console) -> int:
    """All runs on one stack; 0 when the product kept every promise and every variant was caught."""
    _clear_away()
    folder = instance(f"faults-{os.getpid()}")
    stack = Stack(folder / "stack", durable=True, topics=False)
    outcomes: list[Outcome] = []
    try:
        with progress(console) as say:
            say("starting PostgreSQL and Kafka, with fsync")
            await asyncio.to_thread(stack.start)
            databases = Databases(stack)
            services = [name for name in SUBJECTS if name in asked.only]
            outcomes += [await run_real(name, stack, databases, folder / name, asked, say) for name in services]
            for variant, name in product([one for one in VARIANTS if one in asked.only], BROKEN):
                outcomes.append(
                    await run_variant(variant, name, stack, databases, folder / f"{name}-{variant}", asked, say)
                )
            for name in [one for one in MERGING if one in asked.only]:
                outcomes.append(await run_merging(name, stack, databases, folder / name, asked, say))
    finally:
        await asyncio.to_thread(stack.stop)
    console.print(*shown(outcomes, asked.seed), sep="\n")
    failed = any(outcome.problems for outcome in outcomes)
    if failed or asked.keep:
        console.print(f"logs, marks and books, until the next campaign: {folder}")
    else:
        _remove(folder)
    return 1 if failed else 0


def _clear_away() -> None:
    """What earlier campaigns have left, unless one is still running."""
    for folder in HOME.glob("faults-*"):
        if not LockFile(folder / "stack" / "lock").is_held():
            _remove(folder)


def _remove(folder: Path) -> None:
    Stack(folder / "stack").wipe()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def progress(console: Console) -> Iterator[Say]:
    """A moving line on a terminal, plain lines elsewhere."""
    began = monotonic()
    if not console.is_terminal:
        yield lambda text: console.print(f"{monotonic() - began:6.0f} s  {text}", highlight=False, soft_wrap=True)
        return
    with Progress(SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"), console=console) as bar:
        task = bar.add_task("")
        yield lambda text: bar.update(task, description=text)


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6), help="a failing one tells which")
    parser.add_argument("--rate", type=float, help="events a second (default: what the subject can keep up with)")
    parser.add_argument("--workers", type=int, default=2, help="(default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help=f"of every fault, for {WHOLE} (default %(default)s)")
    parser.add_argument("--keep", action="store_true", help="leave logs, marks and books")
    parser.add_argument("--steps", type=int, default=10_000, help="of `merging` (default %(default)s)")
    runs = (*SUBJECTS, *VARIANTS, *MERGING)
    parser.add_argument("--only", nargs="+", choices=runs, default=runs, help="which runs (default all)")
    return parser.parse_args(given)
