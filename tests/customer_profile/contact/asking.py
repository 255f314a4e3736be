"""Requests as other services make them, and what the service does about them, a step at a time."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from rapport.clock import utc_now
from rapport.events.contact import ContactRequested
from rapport.messaging.observer import Observer
from rapport.messaging.sweeper import Sweeper
from tests.customer_profile.consent.ledgers import DIGEST
from tests.support.delivering import Delivering

Changes = Callable[[dict[str, Any]], None]
CARE: dict[str, Any] = {
    "purpose": "churn-care",
    "act": "granted",
    "channel": "mobile",
    "notice_version": 1,
    "is_separate": True,
    "evidence_digest": DIGEST,
    "occurred_at": "2026-02-01T08:00:00Z",
}
WITHDRAWN = {"purpose": "churn-care", "act": "withdrawn", "channel": "mobile"}
_OFFER = [
    {"name": "product", "code": "WM-30D"},
    {"name": "rate", "number": "2.35"},
    {"name": "until", "day": "2026-03-31"},
]


def care(request_id: str = "care-1", customer_id: str = "c-1", **fields: Any) -> ContactRequested:
    """An offer to a customer who drifts away, which needs consent."""
    asked = {
        "purpose": "churn-care",
        "kind": "marketing",
        "template": "care-offer",
        "template_version": 1,
        "parameters": _OFFER,
        "channels": ["sms"],
        "expires_at": utc_now() + timedelta(days=30),
    }
    return ContactRequested.model_validate({"customer_id": customer_id, "request_id": request_id} | asked | fields)


def answer(request_id: str = "case-1", customer_id: str = "c-1", **fields: Any) -> ContactRequested:
    """A complaint was answered, which the law has the bank tell."""
    owed = {
        "purpose": "complaint-handling",
        "kind": "obligation",
        "template": "complaint-answered",
        "parameters": [{"name": "case", "code": request_id}],
    }
    return care(request_id, customer_id, **owed | fields)


async def ask(service: Delivering, *asked: ContactRequested) -> None:
    """Hear these requests, decide what is due."""
    await service.deliver(*[service.feed.record(one, time=utc_now()) for one in asked])
    await decide(service)


async def decide(service: Delivering) -> None:
    """One round of the sweep."""
    sweeper = Sweeper(service.runtime.transactions, service.runtime.composition.sweeps, Observer())
    await sweeper.sweep(range(service.service.partitions))


async def hand_over(service: Delivering) -> None:
    """One round of the worker's loop."""
    await service.runtime.composition.jobs["contacts"](service.runtime.transactions)


async def make_due(service: Delivering) -> None:
    """Time passes: whatever is not answered falls due."""
    await service.rows_written("UPDATE contacts SET due_at = now() - interval '1 second' WHERE due_at IS NOT NULL")
    await decide(service)


async def told(service: Delivering) -> dict[str, str]:
    """The answers by request; fails where one was answered twice."""
    rows = await service.rows("SELECT topic, value FROM outbox WHERE topic LIKE 'contact-%' ORDER BY outbox_id")
    facts = [(row.topic, json.loads(row.value)) for row in rows]
    answers = {fact["request_id"]: fact.get("reason", topic) for topic, fact in facts}
    assert len(answers) == len(facts), "a request is answered once"
    return answers


async def states(service: Delivering) -> dict[str, str]:
    """How far each request is."""
    return {row.request_id: row.state for row in await service.rows("SELECT request_id, state FROM contacts")}


def sunk(folder: Path) -> list[dict[str, Any]]:
    """What came into the file, in order."""
    file = folder / "contacts.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
