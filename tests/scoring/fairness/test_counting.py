"""Groups are counted as customer-profile last told them, and falls as a reckoning over all decisions finds them."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from rapport.clock import utc_now
from rapport.events.customer_profile import CustomerProfiled
from rapport.serving import api_of
from scoring.drift.handlers import take_snapshot_now
from scoring.fairness import store
from scoring.fairness.domain import LEAST, NOT_KNOWN
from scoring.fairness.handlers import count_groups, latest_selection_rates
from scoring.scorecard.files import PUBLISHED
from tests.scoring.facts import DAY, MONDAY, deliver, holdings, life
from tests.scoring.replaying import replay
from tests.support.delivering import Delivering
from tests.support.serving import Start
from tests.support.tokens import TestIssuer

NERVOUS = {"middle": 120, "high": 150, "band": 1, "dwell_days": 2, "review_days": 3}
GENDERS = ("female", "male", "unknown")
UNTIL = MONDAY + 500 * DAY


def profile(customer_id: str, revision: int = 1, **fields: Any) -> CustomerProfiled:
    """What customer-profile tells of a customer of 30 to 44 years in the north."""
    given = {"type": "personal", "customer_class": "ordinary", "unit": "u-1", "status": "active", "as_of": MONDAY}
    given |= {"region": "north", "age_band": "30-44", "gender": "female"}
    return CustomerProfiled.model_validate(given | {"customer_id": customer_id, "revision": revision} | fields)


async def counted(service: Delivering) -> tuple[store.Counting, dict[tuple[str, str], Any]]:
    """A snapshot now, and what is counted for it."""
    rules = service.runtime.composition.state["rules"]
    await take_snapshot_now(service.runtime.transactions, rules=rules)
    assert await count_groups(service.runtime.transactions, rules=rules)
    assert not await count_groups(service.runtime.transactions, rules=rules), "once for a snapshot"
    async with service.runtime.engine.connect() as connection:
        found = await store.latest(connection)
    assert found is not None
    return found[0], {(group.attribute, group.name): group for group in found[1]}


async def test_the_highest_revision_counts_in_whatever_order_it_came(service: Delivering) -> None:
    await deliver(service, *[holdings(1, "5000.00", customer_id=f"c-{n}") for n in range(6)])
    told = [
        *(profile("c-0", 2, age_band="45-59"), profile("c-0", 1)),
        *(profile("c-1", 1, gender="male"), profile("c-1", 3, region=None)),
        *(profile("c-2", status="closed"), profile("c-3", status="deceased"), profile("c-4"), profile("c-9")),
    ]
    await deliver(service, *told[:5])
    await deliver(service, *told[5:], profile("c-1", 2, gender="male"))
    _, groups = await counted(service)
    sizes = {place: group.customers for place, group in groups.items()}
    assert sizes == {
        ("age_band", "30-44"): 2, ("age_band", "45-59"): 1, ("age_band", "unknown"): 1,
        ("gender", "female"): 3, ("gender", "unknown"): 1,
        ("region", "north"): 2, ("region", "unknown"): 2,
    }  # fmt: skip


@pytest.fixture
def nervous(tmp_path: Path) -> Path:
    """A folder of a scorecard by which customers fall and rise often."""
    folder = tmp_path / "cards"
    folder.mkdir()
    document = json.loads((PUBLISHED / "retail-cny-1.json").read_text()) | {"thresholds": NERVOUS}
    (folder / "1.json").write_text(json.dumps(document))
    return folder


async def lived(service: Delivering, size: int, *, sweeps: bool) -> tuple[store.Counting, dict[tuple[str, str], Any]]:
    """Thirty customers of three groups through nine months of events and eight of silence, and what is counted then."""
    await deliver(service, *[profile(f"c-{n}", gender=GENDERS[n % 3], age_band="18-29") for n in range(30)])
    await replay(service, life(seed=11, customers=30, days=270), until=UNTIL, size=size, sweeps=sweeps)
    return await counted(service)


async def test_the_same_log_gives_the_same_counts_in_batches_of_any_size(running: Start, nervous: Path) -> None:
    large = await lived(await running("stream", scorecards=nervous), 5_000, sweeps=False)
    assert await lived(await running("stream", scorecards=nervous), 61, sweeps=True) == large


async def test_falls_and_those_taken_back_are_what_a_reckoning_over_all_decisions_finds(
    running: Start, nervous: Path
) -> None:
    service = await running("stream", scorecards=nervous)
    counting, groups = await lived(service, 1_000, sweeps=False)
    assert counting.top_tier == "high"

    courses: dict[str, list[Any]] = defaultdict(list)
    for row in await service.rows("SELECT customer_id, rank, decided_at FROM decisions ORDER BY revision"):
        courses[row.customer_id].append(row)
    falls: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for customer_id, course in courses.items():
        gender = GENDERS[int(customer_id.removeprefix("c-")) % 3]
        for place in range(1, len(course)):
            before, fall = course[place - 1], course[place]
            if fall.rank > before.rank and UNTIL - 455 * DAY < fall.decided_at <= UNTIL - 90 * DAY:
                falls[gender] += 1
                later = [one for one in course[place + 1 :] if one.decided_at - fall.decided_at <= timedelta(days=90)]
                false[gender] += any(one.rank <= before.rank for one in later)
    assert falls.total() > false.total() > 0
    assert falls.total() > 30
    by_gender = {name: group for (attribute, name), group in groups.items() if attribute == "gender"}
    assert {name: group.falls for name, group in by_gender.items()} == dict(falls)
    assert {name: group.false_falls for name, group in by_gender.items()} == dict(false)
    assert groups["age_band", "18-29"].falls == falls.total()
    tiers = Counter(row.tier for row in await service.rows("SELECT tier FROM standings"))
    assert groups["age_band", "18-29"].tiers == dict(tiers)


async def test_a_return_in_another_ladder_takes_no_fall_back_and_a_move_between_ladders_is_no_fall(
    service: Delivering,
) -> None:
    await deliver(service, *[holdings(1, "5000.00", customer_id=f"c-{n}") for n in range(3)])
    await service.rows_written("DELETE FROM decisions")
    courses = {
        "c-0": [(1, 3, 200), (2, 3, 150), (1, 3, 140)],  # falls and is back in time, in the same ladder
        "c-1": [(1, 3, 200), (2, 3, 150), (1, 4, 140)],  # falls, and is the first of another ladder in time
        "c-2": [(1, 3, 200), (2, 4, 150), (1, 4, 140)],  # is placed in another ladder, which is no fall
    }
    told = "SELECT now() - interval '{} days', now(), '{}', {}, 'x', 0, '{{}}', '[]', '[]', 'x', 1, 'event', {}, {}"
    columns = (
        "decided_at, known_at, customer_id, revision, tier, points, points_by_dimension, evidence, reasons, "
        "explanation, scorecard_version, cause, rank, ladder"
    )
    for customer_id, course in courses.items():
        for revision, (rank, ladder, days) in enumerate(course, start=1):
            values = told.format(days, customer_id, revision, rank, ladder)
            await service.rows_written(f"INSERT INTO decisions ({columns}) {values}")
    async with service.runtime.engine.begin() as connection:
        groups = await store.count(connection, utc_now())
    (everybody,) = [group for group in groups if group.attribute == "gender"]
    assert (everybody.falls, everybody.false_falls) == (2, 1)


@pytest.fixture
def ask(issuer: TestIssuer) -> Callable[[Delivering], Any]:
    """`await ask(service)`: the report as the data protection officer reads it."""

    async def answered(service: Delivering) -> Any:
        transport = httpx.ASGITransport(api_of(service.runtime))
        headers = issuer.bearer("dpo")
        async with httpx.AsyncClient(transport=transport, base_url="http://scoring", headers=headers) as client:
            answer = await client.get("/fairness")
        assert answer.status_code == 200, answer.text
        return answer.json()

    return answered


async def test_the_report_tells_rates_of_large_groups_and_what_it_does_not_know(
    service: Delivering, ask: Callable[[Delivering], Any]
) -> None:
    empty = await ask(service)
    assert (empty["due_at"], empty["groups"], empty["not_known"]) == (None, [], list(NOT_KNOWN))
    await deliver(service, *[holdings(1, "5000.00", customer_id=f"c-{n}") for n in range(2 * LEAST + 1)])
    told = [profile(f"c-{n}", gender="female" if n < LEAST else "male") for n in range(2 * LEAST)]
    await deliver(service, *told)
    chosen = "UPDATE standings SET tier = 'high' WHERE customer_id IN (SELECT 'c-' || n FROM generate_series({}, {}) n)"
    await service.rows_written(chosen.format(0, 39), chosen.format(LEAST, LEAST + 9))
    counting, _ = await counted(service)
    report = await ask(service)
    assert (report["version"], report["top_tier"]) == (counting.version, "high")
    said = {(one["attribute"], one["name"]): one for one in report["groups"]}
    women, men, unknown = (said["gender", name] for name in ("female", "male", "unknown"))
    assert (women["selection"]["value"], men["selection"]["value"], unknown["selection"]) == (0.4, 0.1, None)
    assert (women["ratio"], men["ratio"]) == (1.0, 0.25)
    assert (women["verdict"], men["verdict"], unknown["verdict"]) == ("met", "missed", "too few to say")
    assert (unknown["customers"], unknown["tiers"], unknown["false_alarms"]) == (1, None, None)
    async with service.runtime.engine.connect() as connection:
        rates = await latest_selection_rates(connection)
    assert rates["gender", "male"] == 0.1
    assert ("gender", "unknown") not in rates
