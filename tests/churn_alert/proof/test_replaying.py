"""A log lived again gives the alerts that life gave, and says of each day nothing but what was known by then."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

import pytest

from churn_alert.proof.backtest import compare, departures_of
from churn_alert.proof.documents import read_departure
from churn_alert.proof.domain.departure import Departure
from churn_alert.proof.replaying import Part, Said, behaving, replayed
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import Rules, anchor_of
from churn_alert.risk.domain.readiness import is_known
from churn_alert.risk.facts import fold
from rapport.messaging.history import History
from rapport.messaging.records import TopicPartition
from rapport.messaging.service import Service
from simulator.bank import Bank, Plan
from simulator.wire import Wire
from tests.churn_alert.proof.logs import Remembered
from tests.support.delivering import Delivering

TOPICS = ("transaction-recorded", "interaction-recorded", "account-changed")
SMALL = Plan(seed=6, customers=20, months=8, decliners=0.4)
PLAN = Plan(seed=5, customers=60, months=9, decliners=0.3)


@pytest.fixture
def rules(service: Delivering) -> Rules:
    found: Rules = service.runtime.composition.state["rules"]
    return found


async def lived_again(log: Remembered, service: Service, rules: Rules, until: datetime | None = None) -> Part:
    whole = Part()
    for partition in range(service.partitions):
        part = await replayed(History(log, behaving(service), partition), rules, until, ())
        whole.alarms += part.alarms
        whole.said += part.said
        whole.days |= part.days
        firsts = [day for day in (whole.first, part.first) if day is not None]
        whole.first = min(firsts, default=None)
    return whole


async def test_a_log_lived_again_raises_the_alerts_that_life_raised(service: Delivering, rules: Rules) -> None:
    log = Remembered.of_bank(Bank(SMALL, Wire(partitions=service.service.partitions)))
    heard = {TopicPartition(topic, number) for topic in TOPICS for number in range(service.service.partitions)}
    records = sorted((raw for one in heard for raw in log.records[one]), key=lambda raw: raw.timestamp)
    await service.deliver(*records)
    customers = [row.customer_id for row in await service.rows("SELECT customer_id FROM risks")]
    (risks,) = (one for one in service.runtime.composition.sweeps if one.name == "risks")
    async with service.runtime.transactions.begin(customers=customers) as tx:
        await risks.fire(tx, customers)
    issued = await service.rows("SELECT customer_id, opened_at, probability FROM alerts")
    again = await lived_again(log, service.service, rules)
    assert sorted((one.customer_id, one.day, one.probability) for one in again.alarms) == [
        (customer_id, opened_at.astimezone(rules.bank.zone).date(), pytest.approx(probability, rel=1e-6))
        for customer_id, opened_at, probability in sorted(issued)
    ]
    assert len(issued) > 3


async def test_what_is_published_later_changes_nothing_that_was_said_before(service: Delivering, rules: Rules) -> None:
    log = Remembered.of_bank(Bank(PLAN, Wire(partitions=service.service.partitions)))
    middle = datetime.combine(PLAN.start + timedelta(days=160), time(0), UTC)
    whole, early = (
        await lived_again(log, service.service, rules),
        await lived_again(log, service.service, rules, middle),
    )
    latest = max(one.day for one in early.said)
    assert len({one.day for one in early.said}) >= 2
    assert [one for one in sorted(whole.said) if one.day <= latest] == sorted(early.said)
    assert {(one.customer_id, one.day) for one in whole.alarms if one.day < middle.date()} == {
        (one.customer_id, one.day) for one in early.alarms if one.day < middle.date()
    }
    peeking = _said_from_the_end(log, service.service, rules, early.said)
    assert [one async for one in peeking] != sorted(early.said), "who looks ahead says something else of those days"


async def _said_from_the_end(
    log: Remembered, service: Service, rules: Rules, wanted: list[Said]
) -> AsyncIterator[Said]:
    """The broken variant: what is said of a day, from all that was ever heard."""
    risks: dict[str, Risk] = {}
    for partition in range(service.partitions):
        async for events in History(log, behaving(service), partition).events():
            for event in events:
                fold(risks.setdefault(event.data.customer_id, Risk(event.data.customer_id)), event.data, rules.bank)
    for one in sorted(wanted):
        anchor = anchor_of(risks[one.customer_id], rules)
        assert anchor is not None
        at = datetime.combine(one.day, time.min, rules.bank.zone)
        yield one._replace(probability=rules.model.probability(anchor, anchor.silence(at)))


async def test_what_is_said_is_what_folding_by_hand_says(service: Delivering, rules: Rules) -> None:
    log = Remembered.of_bank(Bank(PLAN, Wire(partitions=service.service.partitions)))
    whole = await lived_again(log, service.service, rules)
    day = sorted({one.day for one in whole.said})[1]
    at = datetime.combine(day, time.min, rules.bank.zone)
    by_hand: dict[str, float] = {}
    for partition in range(service.service.partitions):
        risks: dict[str, Risk] = {}
        async for events in History(log, behaving(service.service), partition).events():
            for event in (one for one in events if one.at < at):
                fold(risks.setdefault(event.data.customer_id, Risk(event.data.customer_id)), event.data, rules.bank)
        for customer_id, risk in risks.items():
            anchor = anchor_of(risk, rules)
            if anchor is not None and is_known(risk, rules.model, at):
                by_hand[customer_id] = rules.model.probability(anchor, anchor.silence(at))
    assert {one.customer_id: one.probability for one in whole.said if one.day == day} == pytest.approx(by_hand)


async def test_the_simulated_bank_is_judged_beside_what_was_planted(service: Delivering, rules: Rules) -> None:
    bank = Bank(PLAN, Wire(partitions=service.service.partitions))
    whole = await lived_again(Remembered.of_bank(bank), service.service, rules)
    assert whole.first is not None
    since, until = whole.first + rules.model.least_history, PLAN.start + timedelta(days=PLAN.length)
    document = read_departure()
    planted = {
        one.customer_id: [Departure(one.declines_from, one.gone_on)]
        for one in bank.decliners()
        if one.customer_id in whole.days
    }
    found = compare(whole.alarms, whole.said, whole.days, planted, document.definition_of_told(), since, until)
    assert found.ours.precision is not None
    assert found.recency.precision is not None
    assert found.ours.precision.value > found.recency.precision.value
    assert found.reliability is not None
    assert found.by_silence is not None
    assert found.reliability.auc > found.by_silence.auc
    by_silence = departures_of(whole.days, document.definition(), until)
    assert set(by_silence) & set(planted), "some of the planted fall silent altogether"


def test_who_is_gone_already_is_no_customer_to_be_found() -> None:
    """Counted, the many who left long ago would make any score look good, recency most of all."""
    definition, first = read_departure().definition_of_told(), date(2025, 1, 1)
    gone = {f"g-{n}": [Departure(first, first + timedelta(days=20))] for n in range(50)}
    leaving = {f"l-{n}": [Departure(first + timedelta(days=100), None)] for n in range(5)}
    said = [Said(key, first + timedelta(days=101), 0.9, 100) for key in gone]
    said += [Said(key, first + timedelta(days=101), 0.8, 1) for key in leaving]
    said += [Said(f"s-{n}", first + timedelta(days=101), 0.1, 3) for n in range(95)]
    found = compare([], said, {}, gone | leaving, definition, first, first + timedelta(days=300))
    assert found.reliability is not None
    assert found.by_silence is not None
    assert (found.reliability.samples, found.reliability.auc) == (100, 1.0)
    assert found.by_silence.auc == 0.0
