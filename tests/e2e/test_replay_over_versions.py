"""A bank changes its documents in the midst of its history: told again at any speed, each moment is decided by the
version that was in force at it."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from churn_alert.alert import documents as alert
from churn_alert.lifecycle import documents as lifecycle
from churn_alert.risk import documents as risk
from deploy.local.stack import Stack
from simulator.bank import Bank, Plan
from simulator.publisher import publish
from simulator.wire import Record, Wire
from tests.e2e.system import PARTITIONS, System
from tests.e2e.test_replay_equals_life import BANK_TOPICS, TOPICS
from tests.support.stack import FreshDatabase, Topics

PLAN = Plan(seed=7, customers=30, months=8, decliners=0.4)
SINCE, CHANGED = "2025-01-01", "2025-10-01"
_STAGES = """SELECT to_jsonb(t) - '{known_at,consent_version}'::text[]
    FROM lifecycle_transitions t ORDER BY customer_id, revision"""
_BY = """SELECT model_version, crossed_at >= CAST('2025-10-01 00:00+08' AS timestamptz) FROM risk_crossings"""


def versions(folder: Path, published: Path, first: int, **changes: Any) -> Path:
    """A folder with the published document, and its next version from CHANGED on: `changes` by part."""
    document = json.loads(published.read_bytes()) | {"version": first, "effective_from": SINCE}
    later = json.loads(json.dumps(document)) | {"version": first + 1, "effective_from": CHANGED}
    for part, said in changes.items():
        later[part] = later[part] | said if isinstance(said, dict) else said
    folder.mkdir()
    for one in (document, later):
        (folder / f"{one['version']}.json").write_text(json.dumps(one))
    return folder


def documents(folder: Path) -> dict[str, Any]:
    """From CHANGED on more are warned of, more is severe, and who is new matures sooner."""
    rules = json.loads(lifecycle.PUBLISHED.read_bytes())["rules"]
    for rule in rules:
        if rule["when"].get("tenure_days"):
            rule["when"]["tenure_days"] = 30
    severity = {"medium_from": 0.6, "high_from": 0.9}
    thresholds = {"upper": 0.5, "lower": 0.2}
    return {
        "risk_model": versions(folder / "models", risk.PUBLISHED, 2, thresholds=thresholds),
        "alert_policy": versions(folder / "policies", alert.PUBLISHED, 1, severity=severity),
        "stages": versions(folder / "stages", lifecycle.PUBLISHED, 1, rules=rules),
    }


async def outcome(system: System) -> dict[str, Any]:
    (served,) = system.services
    tables = await served.decided()
    told = {name: await system.told(name) for name in ("risk-threshold-crossed", "lifecycle-changed")}
    return {"tables": tables, "stages": await served.rows(_STAGES), **told}


async def test_a_history_over_two_versions_of_its_documents_has_one_outcome_at_any_speed(
    stack: Stack, topics: Topics, fresh_database: Callable[..., FreshDatabase], tmp_path: Path
) -> None:
    bank = documents(tmp_path)

    async def told_to(max_poll_records: int) -> tuple[System, list[Record]]:
        prefix = await topics.make(TOPICS, partitions=PARTITIONS)
        system = System(stack, prefix)
        await system.add("churn_alert", fresh_database("churn_alert"), max_poll_records=max_poll_records, bank=bank)
        heard = {prefix + name for name in BANK_TOPICS}
        history = Bank(PLAN, Wire(prefix=prefix, partitions=PARTITIONS)).records()
        return system, [record for record in history if record.topic in heard]

    fast, history = await told_to(5000)
    try:
        await publish(history, stack.bootstrap_servers)
        async with fast.working(workers=1):
            await fast.settle()
        at_once = await outcome(fast)
        by = {tuple(row) for row in await fast.services[0].cells(_BY)}
        assert by == {(2, False), (3, True)}, "each crossing by the model in force at it, however late it was heard"
    finally:
        await fast.close()

    slow, history = await told_to(53)
    try:
        async with slow.working(workers=2):
            for day in range(10):
                cut = [len(history) * one // 10 for one in (day, day + 1)]
                await publish(history[slice(*cut)], stack.bootstrap_servers)
                await asyncio.sleep(0.5)
            await slow.settle()
        lived = await outcome(slow)
    finally:
        await slow.close()
    for name, said in at_once.items():
        assert said, f"nothing of {name}"
        assert said == lived[name], f"{name} is otherwise"
