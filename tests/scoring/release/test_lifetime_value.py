"""A draft that asks for the lifetime value is dry-run with it, though what decides does not ask."""

from datetime import UTC, datetime
from typing import Any

from scoring.comparing import NEVER
from tests.scoring.facts import DAY, deliver, transaction
from tests.scoring.lifetime_value.keeping import keep_model_of
from tests.scoring.release.people import FIRST, People
from tests.support.delivering import Delivering

VALUE = {
    "name": "lifetime_value",
    "dimension": "value",
    "unit": "money",
    "words": "value of a year",
    "edges": [0.01],
    "points": [0, 50],
    "points_if_unknown": 20,
    "typical_points": 30,
}
ASKING = FIRST | {"reason": "What is to come counts", "features": [*FIRST["features"], VALUE]}


async def test_a_dry_run_reckons_the_value_that_only_the_draft_asks_for(bank: Delivering, people: Any) -> None:
    now = datetime.now(UTC)
    await deliver(bank, *[transaction(now, f"c-{number}") for number in range(3)])
    office: People = await people(bank)
    version = await office.draft(ASKING)
    assert (await office.dry_run(version))["points"] == [
        {"start": 0, "present": 3, "draft": 0},
        {"start": 20, "present": 0, "draft": 3},
    ]
    await keep_model_of(bank.runtime.engine, made_at=now - DAY)
    office.rules.models.compared_at = NEVER
    assert (await office.dry_run(version))["points"] == [
        {"start": 0, "present": 3, "draft": 0},
        {"start": 50, "present": 0, "draft": 3},
    ]
