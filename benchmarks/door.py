"""What the look for authentication data costs a worker of scoring, in its processor's time; rounds in turn."""

import asyncio

from benchmarks.ground import CONSOLE, Ground, middle, table
from benchmarks.load import fill

ROUNDS = 5
COUNT = 60_000
CUSTOMERS = 5_000


def run(ground: Ground) -> None:
    """Fill one topic, let the worker read it whole with and without the door, print the ratios."""
    prefix = ground.topics_of("scoring")
    asyncio.run(fill(ground.stack.bootstrap_servers, prefix, COUNT, CUSTOMERS))
    spent: dict[str, list[float]] = {"open": [], "closed": []}
    for turn in range(ROUNDS):
        CONSOLE.print(f"door: round {turn + 1} of {ROUNDS}", highlight=False)
        spent["open"].append(ground.run("unguarded", str(COUNT), environment=ground.scoring(prefix)))
        spent["closed"].append(ground.run("ours", "scoring", str(COUNT), "cpu", environment=ground.scoring(prefix)))
    shown = table("processor time of a worker of scoring, µs an event", "door", "median", "rounds")
    for name, rounds in spent.items():
        each = [seconds / COUNT * 1e6 for seconds in rounds]
        shown.add_row(name, f"{middle(each):,.0f}", " ".join(f"{one:,.0f}" for one in each))
    pairs = [closed / opened for closed, opened in zip(spent["closed"], spent["open"], strict=True)]
    shown.add_row("closed / open", f"{middle(pairs):.3f}", " ".join(f"{pair:.3f}" for pair in pairs))
    CONSOLE.print(shown)
