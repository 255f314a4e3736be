"""What a challenger costs a worker of scoring: processor time for the same backlog, without and with one, in turn."""

import asyncio
import json

from benchmarks.ground import CONSOLE, Ground, middle, table
from benchmarks.load import fill
from scoring.scorecard.files import read_documents

ROUNDS = 5
COUNT = 60_000
CUSTOMERS = 5_000


def run(ground: Ground) -> None:
    """Print microseconds an event, and the ratio pair by pair."""
    prefix = ground.topics_of("scoring")
    asyncio.run(fill(ground.stack.bootstrap_servers, prefix, COUNT, CUSTOMERS))
    alone, beside = [], []
    for turn in range(ROUNDS):
        CONSOLE.print(f"shadow: round {turn + 1} of {ROUNDS}", highlight=False)
        alone.append(_seconds(ground, prefix, with_challenger=False))
        beside.append(_seconds(ground, prefix, with_challenger=True))
    shown = table("processor time of a worker, µs an event", "", "median", "rounds")
    for name, rounds in (("the champion alone", alone), ("beside a challenger", beside)):
        each = [seconds / COUNT * 1e6 for seconds in rounds]
        shown.add_row(name, f"{middle(each):,.1f}", " ".join(f"{one:,.1f}" for one in each))
    ratios = [two / one for one, two in zip(alone, beside, strict=True)]
    shown.add_row("ratio", f"{middle(ratios):.2f}", " ".join(f"{one:.2f}" for one in ratios))
    CONSOLE.print(shown)


def _seconds(ground: Ground, prefix: str, *, with_challenger: bool) -> float:
    environment = ground.scoring(prefix)
    database = environment["SCORING_DATABASE__URL"].rpartition("/")[2]
    if with_challenger:
        document = json.dumps(read_documents("CNY")[0].model_dump(mode="json")).replace("'", "''")
        ground.stack.run_sql(
            f"INSERT INTO scorecards (version, document, drafted_by) VALUES (2, '{document}', 'bench');"
            "INSERT INTO challengers (version, entered_at, begins_at, customers_total, customers_done) "
            "VALUES (2, now(), now(), 0, 0);",
            database=database,
        )
    seconds = ground.run("ours", "scoring", str(COUNT), "cpu", environment=environment)
    scored = ground.stack.run_sql("SELECT 'scored=' || coalesce(sum(events), 0) FROM shadows;", database=database)
    if f"scored={COUNT if with_challenger else 0}" not in scored:
        raise SystemExit(f"the challenger should have scored every event: {scored.strip()}")
    return seconds
