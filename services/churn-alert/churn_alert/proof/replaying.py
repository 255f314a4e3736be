"""One partition of the log lived again by the service's own rules: which alerts it would have raised, and on some days
what it would have said of everybody, each by nothing but what had been handled by then.

As if nobody had acted: what people did about an alert, and who refused care, is not in the bank's log.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from dataclasses import replace as changed
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from churn_alert.proof.domain.verdict import Alarm
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.clearing import clear
from churn_alert.risk.domain.crossing import Crossing, Rules, anchor_of, catch_up, decide
from churn_alert.risk.domain.readiness import is_known
from churn_alert.risk.facts import counts_from, effective_at, fold
from rapport.ahead.queue import Queue
from rapport.behaviour.active_days import ActiveDays
from rapport.clock import utc_now
from rapport.events.bank import AccountChanged, InteractionRecorded, TransactionRecorded
from rapport.events.base import AnyReceived
from rapport.messaging.history import History
from rapport.messaging.service import Service

_TOLD = UUID(int=0)
"""What a crossing has here instead of the id of its fact: it can be cleared once it was told."""
_FOLDED = (TransactionRecorded, InteractionRecorded, AccountChanged)


class Said(NamedTuple):
    """What was known of a customer at the beginning of a day: the probability, and days without own activity."""

    customer_id: str
    day: date
    probability: float
    silent_days: int


@dataclass(slots=True)
class Part:
    """What one partition comes to. `days`: on which days each customer was active, by all that was read in the end;
    `first`: the day of the first event; `until`: the moment up to which it was lived. Both None where nothing happened.
    """

    alarms: list[Alarm] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    days: dict[str, ActiveDays] = field(default_factory=dict)
    first: date | None = None
    until: datetime | None = None


def behaving(service: Service) -> Service:
    """The service as if it heard the bank's facts that risks are made of, and no others."""
    return changed(service, hears={kind: one for kind, one in service.hears.items() if one in _FOLDED})


async def replayed(
    history: History,
    rules: Rules,
    until: datetime | None,
    left_out: Collection[str],
    *,
    read: Callable[[int], None] = lambda _: None,
) -> Part:
    """Everything published in a partition by `until`. Everybody is looked at on the first of each month; of `left_out`
    nothing is said. `read` hears how many records. Raises HistoryMissing.

    Looked is before the first event of that moment or later, so nothing of the days after is in what is said then.
    """
    risks: dict[str, Risk] = {}
    part, look_at, ahead = Part(), datetime.max.replace(tzinfo=UTC), Queue(counts_from)
    async for events in history.events(until):
        if part.first is None and events:
            part.first = events[0].at.astimezone(rules.bank.zone).date()
            look_at = _month_after(events[0].at, rules)
        look_at = _heard(part, risks, rules, look_at, _without(ahead.in_time(events), left_out))
        read(history.passed.read)
        await asyncio.sleep(0)
    end = history.passed.position if history.is_stream_time else until or utc_now()
    if end is not None:
        come = sorted(ahead.come_of_all(end), key=lambda event: event.at)
        look_at = _heard(part, risks, rules, look_at, _without(come, left_out))
        _looked_until(part, risks, rules, look_at, end)
        for risk in risks.values():
            _note(part, rules, catch_up(risk, rules, end))
    part.until = end
    part.days = {key: risk.active_days for key, risk in risks.items() if risk.active_days is not None}
    return part


def _without(events: Iterable[AnyReceived], left_out: Collection[str]) -> Iterator[AnyReceived]:
    return (event for event in events if event.data.customer_id not in left_out)


def _heard(
    part: Part, risks: dict[str, Risk], rules: Rules, look_at: datetime, events: Iterable[AnyReceived]
) -> datetime:
    """Live through these events, and look at everybody between them where a month begins; returns when to look next."""
    for event in events:
        look_at = _looked_until(part, risks, rules, look_at, event.at)
        _live(part, risks, rules, event)
    return look_at


def _looked_until(part: Part, risks: dict[str, Risk], rules: Rules, look_at: datetime, until: datetime) -> datetime:
    """Look at everybody on each first of a month up to this moment; returns when to look next."""
    while look_at <= until:
        _look(part, risks, rules, look_at)
        look_at = _month_after(look_at, rules)
    return look_at


def _month_after(at: datetime, rules: Rules) -> datetime:
    """Midnight of the first of the next month, by the bank's calendar."""
    day = at.astimezone(rules.bank.zone).date().replace(day=1) + timedelta(days=32)
    return datetime.combine(day.replace(day=1), time.min, rules.bank.zone)


def _live(part: Part, risks: dict[str, Risk], rules: Rules, event: AnyReceived) -> None:
    """As `on_behaviour` does: what silence brought before the event, the event, and what it makes of the risk."""
    customer_id = event.data.customer_id
    risk = risks.get(customer_id)
    if risk is None:
        risk = risks[customer_id] = Risk(customer_id)
    _note(part, rules, catch_up(risk, rules, event.at))
    fold(risk, event.data, rules.bank)
    if risk.crossed is not None and effective_at(event.data) < risk.crossed.at:
        risk.crossed.crossing_id = _TOLD
        fold(risk.crossed.state, event.data, rules.bank)
        _note(part, rules, clear(risk, rules, event.at))
    _note(part, rules, decide(risk, rules, event.at))


def _note(part: Part, rules: Rules, crossing: Crossing | None) -> None:
    """A crossing upwards opens an alert: nobody takes one up here, so the last has closed with the crossing down."""
    if crossing is not None and crossing.direction == "up":
        of = {
            "month": f"{crossing.at.astimezone(rules.bank.zone):%Y-%m}",
            "cause": crossing.cause,
            "model": str(crossing.model.version),
        }
        day = crossing.at.astimezone(rules.bank.zone).date()
        part.alarms.append(Alarm(crossing.customer_id, day, crossing.probability, of))


def _look(part: Part, risks: dict[str, Risk], rules: Rules, at: datetime) -> None:
    """Reads and settles nothing: a life that is looked at goes on like one that is not."""
    day, rules = at.astimezone(rules.bank.zone).date(), rules.at(at)
    for risk in risks.values():
        anchor = anchor_of(risk, rules)
        if anchor is None or risk.active_days is None or not is_known(risk, rules.model, at):
            continue
        probability = rules.model.probability(anchor, anchor.silence(at))
        silent = max((day - risk.active_days.last).days - 1, 0)
        part.said.append(Said(risk.customer_id, day, probability, silent))
