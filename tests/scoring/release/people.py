"""What people do to a version over REST, and what a worker does of itself meanwhile."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from scoring.release.handlers.jobs import bring_forward, score_book
from tests.support.delivering import Delivering

RULES = {"band": 5, "dwell_days": 0, "review_days": 30}
FIRST: dict[str, Any] = {
    "name": "test",
    "currency": "CNY",
    "author": "Retail analytics",
    "reason": "To begin with",
    "pdo": 20,
    "features": [
        {
            "name": "investments",
            "dimension": "value",
            "unit": "money",
            "words": "what is held",
            "edges": [1000, 150000],
            "points": [0, 60, 90],
            "points_if_unknown": 0,
            "typical_points": 50,
        }
    ],
    "thresholds": RULES | {"tiers": [{"tier": "low"}, {"tier": "middle", "from": 40}, {"tier": "high", "from": 80}]},
}
"""Who holds 5,000 has 60 points and is in the tier middle."""
STRICTER = FIRST | {
    "reason": "Sixty points are not enough",
    "thresholds": RULES | {"tiers": [{"tier": "low"}, {"tier": "middle", "from": 70}, {"tier": "high", "from": 85}]},
}
"""Who holds 5,000 is in the tier low."""


def soon(minutes: float = 2) -> datetime:
    """A moment that an approval may name."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class People:
    """An analyst, an approver and somebody who may only read, and the service they work with."""

    service: Delivering
    analyst: httpx.AsyncClient
    approver: httpx.AsyncClient
    reader: httpx.AsyncClient

    async def draft(self, content: dict[str, Any] = STRICTER) -> int:
        """A draft of the analyst's; its version."""
        answer = await self.analyst.post("/scorecards", json=content)
        assert answer.status_code == 201, answer.text
        version: int = answer.json()["version"]
        return version

    async def dry_run(self, version: int) -> dict[str, Any]:
        """A dry-run that a worker works off; what it found."""
        answer = await self.analyst.post(f"/scorecards/{version}/dry-run")
        assert answer.status_code == 201, answer.text
        while await score_book(self.service.runtime.transactions, rules=self.rules):
            pass
        found: dict[str, Any] = (await self.reader.get(f"/scorecards/{version}/dry-run")).json()
        return found

    async def approve(
        self, version: int, effective_from: datetime, *, forced: bool = True, by: httpx.AsyncClient | None = None
    ) -> httpx.Response:
        """The approver's answer, or somebody else's."""
        said = {"effective_from": effective_from.isoformat(), "reason": "Seen and approved", "forced": forced}
        return await (by or self.approver).post(f"/scorecards/{version}/approve", json=said)

    async def release(self, content: dict[str, Any], effective_from: datetime) -> int:
        """Drafted, dry-run, approved, and known to all workers."""
        version = await self.draft(content)
        await self.dry_run(version)
        answer = await self.approve(version, effective_from)
        assert answer.status_code == 201, answer.text
        await self.take_up()
        return version

    async def take_up(self) -> None:
        """What a worker does once the version is known everywhere; nobody waits for it here."""
        await self.service.rows_written(
            "UPDATE scorecards SET reschedule_from = now() WHERE reschedule_from IS NOT NULL"
        )
        while await bring_forward(self.service.runtime.transactions, rules=self.rules):
            pass

    async def status(self) -> dict[int, str]:
        """Of every version, as the list shows it."""
        listed = (await self.reader.get("/scorecards")).json()["items"]
        return {item["version"]: item["status"] for item in listed}

    @property
    def rules(self) -> Any:
        """What the service decides by."""
        return self.service.runtime.composition.state["rules"]
