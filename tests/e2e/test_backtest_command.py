"""`python -m churn_alert backtest` as a person runs it: the issued alerts, the log lived again, and what it refuses."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pytest

from churn_alert.proof.handlers import judge_alerts
from deploy.local.stack import Stack
from rapport.archive_command import CLOCKS_APART
from rapport.events import catalogue
from simulator.bank import Bank, Plan
from simulator.publisher import publish
from simulator.truth import write_truth
from simulator.wire import Wire
from tests.e2e.system import PARTITIONS, System
from tests.support.stack import Databases, FreshDatabase, Topics, finish

PLAN = Plan(seed=12, customers=25, months=8, decliners=0.5)
TOPICS = {*(event.name for event in catalogue.topics()), "churn-alert.dead-letter"}
HEARD = ("transaction-recorded", "interaction-recorded", "account-changed", "holding-changed")
Run = Callable[..., subprocess.CompletedProcess[str]]


class Lived(NamedTuple):
    """A bank whose whole history a worker has handled."""

    prefix: str
    database: FreshDatabase


@pytest.fixture(scope="module")
def lived(stack: Stack, databases: Databases) -> Iterator[Lived]:
    database, topics = databases.fresh("churn_alert"), Topics(stack)

    async def live() -> str:
        system = System(stack, await topics.make(TOPICS, partitions=PARTITIONS))
        await system.add("churn_alert", database, max_poll_records=2000)
        bank = Bank(PLAN, Wire(prefix=system.prefix, partitions=PARTITIONS))
        wanted = {system.prefix + name for name in HEARD}
        await publish([one for one in bank.records() if one.topic in wanted], system.bootstrap_servers)
        async with system.working(workers=1):
            await system.settle()
        runtime = system.services[0].runtime
        await judge_alerts(runtime.transactions, measure=runtime.composition.state["measure"])
        await system.close()
        return system.prefix

    prefix = finish(live())
    time.sleep(CLOCKS_APART.total_seconds())
    yield Lived(prefix, database)
    finish(topics.remove())
    databases.drop(database)


@pytest.fixture
def run(stack: Stack, lived: Lived, tmp_path: Path) -> Run:
    environment = dict(os.environ) | stack.environment("churn_alert", database=lived.database.name)
    environment |= {
        "CHURN_ALERT_KAFKA__TOPIC_PREFIX": lived.prefix,
        "CHURN_ALERT_KAFKA__PARTITIONS": str(PARTITIONS),
        "COLUMNS": "200",
    }

    def act(command: str, *options: str, mode: str = "stream") -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-m", "churn_alert", command, *options]
        lives = environment | {"CHURN_ALERT_TIME__MODE": mode}
        return subprocess.run(line, env=lives, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)

    return act


class _Pictures(HTMLParser):
    """What a page shows, and what it would load."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.loaded: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "svg":
            self.names.append(names["aria-label"] or "")
        if {"src", "href"} & names.keys() or tag in {"script", "link"}:
            self.loaded.append(tag)


def test_issued_alerts_and_the_log_lived_again_are_judged_beside_the_truth(run: Run, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    write_truth(truth, Bank(PLAN).decliners())
    issued = run("backtest", "--truth", str(truth))
    assert issued.returncode == 0, issued.stderr
    assert "The alerts that were issued" in issued.stdout
    assert "recency, " in issued.stdout
    page = _Pictures((tmp_path / "backtest.html").read_text())
    assert "Lead times" in page.names
    assert page.loaded == []

    archived = run("archive", "--out", "archive")
    assert archived.returncode == 0, archived.stderr
    again = run("backtest", "--archive", "archive", "--truth", str(truth), "--page", "again.html", "--processes", "2")
    assert again.returncode == 0, again.stderr
    assert "AUC" in again.stdout
    drawn = _Pictures((tmp_path / "again.html").read_text()).names
    assert drawn == ["Reliability curve", "Lift curve", "Lead times", "Survival by arm"]
    counts = [_alerts(done.stdout) for done in (issued, again)]
    assert counts[0] == counts[1], "nobody acted, so life and the log lived again have the same alerts"
    assert (tmp_path / "again.html").stat().st_mode & 0o077 == 0

    (damaged, *_) = sorted((tmp_path / "archive").glob("*/*.parquet"))
    damaged.write_bytes(b"none")
    refused = run("backtest", "--archive", "archive", "--processes", "1")
    assert refused.returncode == 2, "one partition that fails ends it, whatever the others wait for"
    assert damaged.name in refused.stderr


def _alerts(said: str) -> list[str]:
    """The figures of the line of the alerts but the median, which the day of knowing can move."""
    (line,) = (line for line in said.splitlines() if line.strip().startswith("the alerts"))
    return line.split()[2:5]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--truth", "nowhere.csv"), "nowhere.csv: cannot be read"),
        (("--archive", "nowhere"), "archive again|was never finished"),
        (("--from", "soon"), "soon is no day"),
        (("--replay", "--archive", "x"), "not allowed with"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(run: Run, options: tuple[str, ...], said: str) -> None:
    done = run("backtest", *options)
    assert done.returncode == 2
    assert any(part in done.stderr for part in said.split("|")), done.stderr
    assert "Traceback" not in done.stderr


def test_a_history_that_was_published_at_one_go_is_not_judged_by_the_days_of_its_publication(run: Run) -> None:
    done = run("backtest", "--replay", "--processes", "1", mode="wall")
    assert done.returncode == 2, done.stdout
    assert "CHURN_ALERT_TIME__MODE=stream" in done.stderr
    assert "Traceback" not in done.stderr
