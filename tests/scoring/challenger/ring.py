"""A challenger over a real service: entered by people, begun at once, worked off as a worker would."""

from typing import Any

from scoring.challenger.domain.contest import Ring
from scoring.challenger.handlers.jobs import begin_shadows, compare
from scoring.comparing import NEVER
from scoring.scorecard.documents import ScorecardContent
from scoring.scorecard.domain import Scorecards
from scoring.standing.domain.rules import Rules
from tests.scoring.release.people import FIRST, People
from tests.support.delivering import Delivering

WHY = {"reason": "To see how it fares"}
CHAMPION: dict[str, Any] = FIRST | {
    "features": [
        {
            "name": "average_balance",
            "dimension": "value",
            "unit": "money",
            "words": "average balance",
            "edges": [30000, 120000],
            "points": [0, 60, 90],
            "points_if_unknown": 0,
            "typical_points": 50,
        }
    ],
    "thresholds": FIRST["thresholds"] | {"dwell_days": 3, "review_days": 7},
}
CHALLENGER: dict[str, Any] = CHAMPION | {
    "reason": "What is held counts too",
    "features": [
        CHAMPION["features"][0] | {"edges": [20000, 150000]},
        FIRST["features"][0] | {"points": [0, 10, 20], "typical_points": 9},
    ],
    "thresholds": FIRST["thresholds"] | {"dwell_days": 2, "review_days": 3, "band": 3},
}
"""Another order of customers, a dwell and reviews of its own."""


def ring_of(service: Delivering) -> Ring:
    """What a process of the service knows of the challenger."""
    found: Ring = service.runtime.composition.jobs["shadows"].keywords["ring"]  # type: ignore[attr-defined]
    return found


def rules_of(service: Delivering) -> Rules:
    """What it decides by."""
    found: Rules = service.runtime.composition.state["rules"]
    return found


def alone(service: Delivering, content: dict[str, Any], version: int = 2) -> Rules:
    """The bank by one scorecard, as if it had been in force from the beginning."""
    return Rules(rules_of(service).bank, Scorecards([ScorecardContent.stored(content).card(version, NEVER)]))


async def enter(office: People, content: dict[str, Any] = CHALLENGER) -> int:
    """Drafted by the analyst, entered by the analyst, begun at once: nobody waits for half a minute here."""
    version = await office.draft(content)
    answer = await office.analyst.post(f"/scorecards/{version}/shadow", json=WHY)
    assert answer.status_code == 201, answer.text
    await begin(office.service)
    return version


async def begin(service: Delivering) -> None:
    """Half a minute later."""
    await service.rows_written("UPDATE challengers SET begins_at = now()")
    ring_of(service).compared_at = NEVER


async def bring(service: Delivering) -> int:
    """Bring the challenger to everybody; how many batches that took."""
    batches = 0
    while await begin_shadows(service.runtime.transactions, ring=ring_of(service), rules=rules_of(service)):
        batches += 1
    return batches


async def count(service: Delivering) -> None:
    """A minute later."""
    await service.rows_written("UPDATE challengers SET counted_at = NULL, begins_at = begins_at - interval '1 hour'")
    while await compare(service.runtime.transactions, ring=ring_of(service), rules=rules_of(service)):
        pass


async def shadows(service: Delivering) -> list[dict[str, Any]]:
    """Every shadow, in order of the customer."""
    rows = await service.rows("SELECT * FROM shadows ORDER BY customer_id")
    return [dict(row._mapping) for row in rows]
