"""A worker that has decided nobody decides in shadow by the models and rates that are stored."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from scoring.challenger.domain.contest import Ring
from scoring.challenger.handlers.jobs import begin_shadows, fire_due_shadows
from scoring.exchange_rate.domain import Rates
from scoring.lifetime_value.domain.model import LifetimeModels
from scoring.standing.domain.rules import Rules
from tests.scoring.challenger.ring import enter, rules_of, shadows
from tests.scoring.exchange_rate.rates import rate, record
from tests.scoring.facts import DAY, MONDAY, deliver, transaction
from tests.scoring.lifetime_value.keeping import keep_model_of
from tests.scoring.release.people import People
from tests.scoring.release.test_lifetime_value import ASKING
from tests.scoring.replaying import reach
from tests.support.delivering import Delivering


def elsewhere(bank: Delivering) -> Rules:
    """The rules of a process that has looked at nothing yet."""
    return replace(rules_of(bank), models=LifetimeModels(), rates=Rates(is_stream_time=True))


async def prepared(bank: Delivering, people: Any) -> None:
    """A customer who stands, a model, a rate, and a challenger that asks for the lifetime value."""
    await deliver(bank, transaction(MONDAY))
    await bank.deliver(record(bank, rate(date(2025, 3, 3))))
    await reach(bank, MONDAY + DAY)
    await keep_model_of(bank.runtime.engine, made_at=MONDAY)
    office: People = await people(bank)
    await enter(office, ASKING)


async def test_the_silent_are_brought_in_by_what_is_stored(bank: Delivering, people: Any) -> None:
    await prepared(bank, people)
    rules, ring = elsewhere(bank), Ring()
    assert await begin_shadows(bank.runtime.transactions, ring=ring, rules=rules)
    assert [one["points"] for one in await shadows(bank)] == [50]
    assert ring.rules is not None
    assert (ring.rules.models, ring.rules.rates) == (rules.models, rules.rates), "one object each, for both"
    assert rules.rates.at("USD", date(2025, 3, 3), datetime(2100, 1, 1, tzinfo=UTC)) is not None


async def test_whoever_falls_due_is_decided_by_what_is_stored(bank: Delivering, people: Any) -> None:
    await prepared(bank, people)
    await begin_shadows(bank.runtime.transactions, ring=Ring(), rules=elsewhere(bank))
    await bank.rows_written("UPDATE shadows SET points = 0, due_at = '2025-03-03 12:00Z'")
    async with bank.runtime.transactions.begin(customers=["c-1"]) as tx:
        await fire_due_shadows(tx, ["c-1"], ring=Ring(), rules=elsewhere(bank))
    assert [one["points"] for one in await shadows(bank)] == [50]
